"""The key: asked for where it must be, typed by people, sent by programs, and never given away."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.composition import Provider, gateway_settings, open_system
from api.http import authentication
from api.http.app import build_app
from api.http.authentication import COOKIE, VALID_S, AdministratorKey
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.store import StoreUnavailableError
from tests.api.conftest import SHIPPED, Site
from tests.api.contract import CheckedClient
from tests.projections.filming import Filming

KEY = "a-long-secret"
PATIENCE_S = 30
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def locked(open_site: Callable[..., Site]) -> Site:
    return open_site(API_KEY=KEY)


def test_a_person_is_shown_to_the_form_types_the_key_and_is_in(locked: Site) -> None:
    client = locked.client
    sent = client.get("/", headers=BROWSER, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login")
    form = client.get("/login", headers=BROWSER)
    assert form.headers["content-type"].startswith("text/html")
    assert "<script" not in form.text
    assert 'type="password"' in form.text
    let_in = client.post("/login", data={"key": KEY}, headers=BROWSER, follow_redirects=False)
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/")
    cookie = let_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert KEY not in cookie
    assert "app.js" in client.get("/", headers=BROWSER).text
    assert client.get("/v1/jobs").status_code == 200
    assert client.post("/v1/jobs", json={"script": "Mine."}).status_code == 201
    assert client.get("/login", follow_redirects=False).headers["location"] == "/"


def test_a_wrong_key_gets_the_form_again_and_no_cookie(locked: Site) -> None:
    answer = locked.client.post("/login", data={"key": "guessed"}, headers=BROWSER)
    assert answer.status_code == 401
    assert "no key of" in answer.text
    assert "set-cookie" not in answer.headers
    program = locked.client.post("/login", data={"key": "guessed"})
    assert (program.status_code, program.json()["code"]) == (401, "not_authenticated")
    assert locked.client.post("/login", json={"key": KEY}).status_code == 415


def test_the_way_out_takes_the_cookie_back(locked: Site) -> None:
    locked.client.post("/login", data={"key": KEY})
    assert locked.client.get("/v1/jobs").status_code == 200
    left = locked.client.post("/logout", follow_redirects=False)
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert locked.client.get("/v1/jobs").status_code == 401
    assert locked.client.post("/logout", follow_redirects=False).status_code == 303, "twice is once"


def cookie_of(site: Site) -> dict[str, str]:
    let_in = site.client.post("/login", data={"key": KEY}, follow_redirects=False)
    return {"Cookie": let_in.headers["set-cookie"].partition(";")[0]}


def jobs_with(site: Site, cookie: dict[str, str]) -> int:
    site.client.cookies.clear()
    return site.client.get("/v1/jobs", headers=cookie).status_code


def until_seen(site: Site, cookie: dict[str, str]) -> None:
    """Wait until this server has looked: it looks twice a second, and nobody tells when."""
    deadline = time.monotonic() + PATIENCE_S
    while jobs_with(site, cookie) != 401:
        assert time.monotonic() < deadline, "what was ended elsewhere is still let in"
        time.sleep(0.02)


def test_a_copy_of_the_cookie_is_out_too_also_after_a_restart_and_other_browsers_stay_in(
    locked: Site, open_site: Callable[..., Site]
) -> None:
    here, elsewhere = cookie_of(locked), cookie_of(locked)
    assert here != elsewhere
    locked.client.cookies.clear()
    locked.client.post("/logout", headers=here)
    assert (jobs_with(locked, here), jobs_with(locked, elsewhere)) == (401, 200)
    restarted = open_site(API_KEY=KEY)
    assert (jobs_with(restarted, here), jobs_with(restarted, elsewhere)) == (401, 200)


def test_who_signs_out_at_one_server_is_out_at_every_other_of_the_store(
    tmp_path: Path, store_url: str
) -> None:
    """Servers of one store need share nothing else: each has a data folder of its own."""
    with serving(tmp_path / "one", store_url) as one, serving(tmp_path / "other", store_url) as other:
        mine, others = cookie_of(one), cookie_of(other)
        assert {jobs_with(site, cookie) for site in (one, other) for cookie in (mine, others)} == {200}
        one.client.post("/logout", headers=mine)
        assert jobs_with(one, mine) == 401
        until_seen(other, mine)
        assert {jobs_with(site, others) for site in (one, other)} == {200}
        assert [path.name for path in (tmp_path / "one").glob("*session*")] == []
    with serving(tmp_path / "anew", store_url) as anew:
        assert (jobs_with(anew, mine), jobs_with(anew, others)) == (401, 200)


@contextmanager
def serving(folder: Path, store_url: str) -> Iterator[Site]:
    settings = load_settings(
        {"REELOG_STORE": store_url}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0, API_KEY=KEY
    )
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with CheckedClient(build_app(system), base_url="http://127.0.0.1") as client:
        yield Site(client, system, Filming(system.store, system.blobs))


def test_only_a_good_cookie_can_be_ended(site: Site) -> None:
    key = AdministratorKey(SecretStr(KEY), site.system.sessions)
    for wrong in ("", "99999999999.abc.def", AdministratorKey(SecretStr("another")).cookie(10_000_000_000)):
        key.end({"cookie": f"{COOKIE}={wrong}"})
    assert site.system.log.head() == 0
    cookie = {"cookie": f"{COOKIE}={key.cookie(time.time())}"}
    assert key.session(cookie) == "local"
    key.end(cookie)
    assert key.session(cookie) is None
    key.end(cookie)
    assert site.system.log.head() == 1


def test_who_cannot_be_signed_out_everywhere_is_told_so_and_may_try_again(
    locked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = cookie_of(locked)
    locked.client.cookies.clear()

    def away(*_: object) -> None:
        raise StoreUnavailableError("the store", "it is away", "bring it back")

    monkeypatch.setattr(locked.system.studio, "append", away)
    answer = locked.client.post("/logout", headers=cookie)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert "set-cookie" not in answer.headers
    monkeypatch.undo()
    assert locked.client.post("/logout", headers=cookie, follow_redirects=False).status_code == 303
    assert jobs_with(locked, cookie) == 401


def test_a_cookie_that_is_not_ours_or_has_expired_lets_nobody_in(
    locked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = AdministratorKey(SecretStr(KEY)).cookie(1_000_000_000)
    expires, _, signature = ours.partition(".")
    others = AdministratorKey(SecretStr("another")).cookie(10_000_000_000)
    for wrong in (ours, f"99999999999.{signature}", others, "", ".", f"{expires}.", "x.y", "٣.y"):
        header = f"{COOKIE}={wrong}".encode()
        assert locked.client.get("/v1/jobs", headers=[(b"Cookie", header)]).status_code == 401
    monkeypatch.setattr(authentication.time, "time", lambda: 1_000_000_000 + VALID_S - 1)
    assert locked.client.get("/v1/jobs", headers={"Cookie": f"{COOKIE}={ours}"}).status_code == 200


def test_a_wrong_bearer_is_not_made_good_by_a_cookie(locked: Site) -> None:
    locked.client.post("/login", data={"key": KEY})
    assert locked.client.get("/v1/jobs", headers={"Authorization": "Bearer guessed"}).status_code == 401


def test_a_form_that_is_none_is_refused_before_it_is_read(locked: Site) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"a&" * 400_000, b"", b"\xff=\xfe", b"key"):
        answer = locked.client.post("/login", content=content, headers=form)
        assert answer.status_code in (401, 422)
        assert answer.json()["code"] == ("not_authenticated" if content == b"key" else "invalid_submission")


def test_another_site_can_neither_log_a_browser_in_nor_out(locked: Site) -> None:
    evil = {"Origin": "http://evil.example"}
    for path in ("/login", "/logout"):
        answer = locked.client.post(path, data={"key": KEY}, headers=evil)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
        assert "set-cookie" not in answer.headers


def test_without_a_key_set_nobody_is_asked_for_one(site: Site) -> None:
    assert "app.js" in site.client.get("/", headers=BROWSER).text
    assert site.client.get("/login", follow_redirects=False).headers["location"] == "/"
    assert "set-cookie" not in site.client.post("/login", data={"key": "any"}, follow_redirects=False).headers


@pytest.mark.parametrize(("provider", "sent"), [("emulator", "emulator"), ("gemini", "a-real-key")])
def test_a_real_key_is_sent_to_google_and_never_to_the_emulator(
    tmp_path: Path, provider: Provider, sent: str
) -> None:
    env = {"GEMINI_API_KEY": "a-real-key", "REELOG_GEMINI_BASE_URL": "http://127.0.0.1:1"}
    gateway = gateway_settings(load_settings(env, tmp_path / "none.env"), provider)
    assert gateway.api_key.get_secret_value() == sent
