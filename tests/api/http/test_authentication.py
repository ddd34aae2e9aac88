"""The key: asked for where it must be, typed by people, sent by programs, and never given away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.composition import Provider, gateway_settings
from api.http import authentication
from api.http.authentication import COOKIE, VALID_S, AdministratorKey, EndedSessions
from api.settings import load_settings
from tests.api.conftest import Site

KEY = "a-long-secret"
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
    restarted.client.post("/logout", headers=elsewhere)
    assert jobs_with(locked, elsewhere) == 401, "a server beside it knows as well"


def test_only_a_good_cookie_can_be_ended_and_what_has_expired_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "ended"
    ended = EndedSessions(file, 0)
    key = AdministratorKey(SecretStr(KEY), ended)
    for wrong in ("", "99999999999.abc.def", AdministratorKey(SecretStr("another")).cookie(10_000_000_000)):
        key.end({"cookie": f"{COOKIE}={wrong}"})
    assert not file.exists()
    cookie = {"cookie": f"{COOKIE}={key.cookie(10_000_000_000)}"}
    assert key.session(cookie) == "local"
    key.end(cookie)
    assert key.session(cookie) is None
    assert AdministratorKey(SecretStr(KEY), EndedSessions(file, 10_000_000_000)).session(cookie) is None
    EndedSessions(file, 10_000_000_000 + VALID_S + 1)
    assert file.read_text() == ""


def test_signing_out_works_though_the_folder_cannot_be_written(tmp_path: Path) -> None:
    key = AdministratorKey(SecretStr(KEY), EndedSessions(tmp_path / "gone" / "ended", 0))
    cookie = {"cookie": f"{COOKIE}={key.cookie(10_000_000_000)}"}
    key.end(cookie)
    assert key.session(cookie) is None


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
