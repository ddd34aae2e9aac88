"""Who guesses at the key, who hides behind headers while doing so, and whom a proxy is believed to bring."""

from collections.abc import Callable
from itertools import count

import pytest
from starlette.testclient import TestClient

from api.http.limits import GUESSES, GUESSES_OF_ALL, Guesses, address_of
from tests.api.conftest import Site
from tests.api.contract import CheckedClient

KEY = "a-long-secret"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}

From = Callable[[str], TestClient]


@pytest.fixture
def locked(open_site: Callable[..., Site]) -> Site:
    return open_site(API_KEY=KEY)


def from_(site: Site, address: str, base_url: str = "http://127.0.0.1") -> TestClient:
    """A client at another address, of a site that runs already."""
    return CheckedClient(site.client.app, base_url, raise_server_exceptions=False, client=(address, 50_000))


def guess(client: TestClient, **headers: str) -> int:
    return client.get("/v1/jobs", headers={"Authorization": "Bearer guess", **headers}).status_code


def test_so_many_wrong_keys_are_judged_and_no_more(locked: Site) -> None:
    client = from_(locked, "192.0.2.1")
    assert [guess(client) for _ in range(GUESSES + 5)] == [401] * GUESSES + [429] * 5
    right = {"Authorization": f"Bearer {KEY}"}
    refused = client.get("/v1/jobs", headers=right)
    assert refused.status_code == 429, "whether it is right is not told"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.post("/login", data={"key": KEY}).status_code == 429
    page = client.post("/login", data={"key": KEY}, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "Try again in" in page.text
    assert set(client.get("/readyz", headers=right).json()) == {"status", "provider", "store"}
    assert client.get("/login", headers=right, follow_redirects=False).status_code == 200
    assert from_(locked, "192.0.2.2").get("/v1/jobs", headers=right).status_code == 200


@pytest.mark.parametrize("way", ["form", "bearer", "readyz", "login page"])
def test_every_way_to_try_a_key_counts(locked: Site, way: str) -> None:
    client = from_(locked, "192.0.2.1")
    wrong = {"Authorization": "Bearer guess"}
    for _ in range(GUESSES):
        match way:
            case "form":
                client.post("/login", data={"key": "guess"})
            case "bearer":
                guess(client)
            case "readyz":
                client.get("/readyz", headers=wrong)
            case _:
                client.get("/login", headers=wrong)
    assert guess(client) == 429


def test_what_is_no_guess_does_not_count(locked: Site) -> None:
    client = from_(locked, "192.0.2.1")
    for _ in range(3 * GUESSES):
        assert client.get("/v1/jobs").status_code == 401
        assert client.get("/v1/jobs", headers={"Cookie": "reelog_session=1.2.3"}).status_code == 401
        assert client.get("/v1/jobs", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "User-Agent", "X-Request-Id"])
def test_no_header_makes_another_caller_of_one(locked: Site, name: str) -> None:
    client = from_(locked, "127.0.0.1")
    values = (f"192.0.2.{number}" for number in count(1))
    told = [guess(client, **{name: next(values)}) for _ in range(GUESSES + 3)]
    assert told == [401] * GUESSES + [429] * 3


def test_requests_are_counted_by_address_and_by_nothing_that_is_sent(open_site: Callable[..., Site]) -> None:
    site = open_site(RATE_LIMIT=3)
    one, other = from_(site, "192.0.2.1"), from_(site, "192.0.2.2")
    agents = [{"User-Agent": str(n), "X-Forwarded-For": f"192.0.2.{n}"} for n in range(5)]
    assert [one.get("/v1/jobs", headers=a).status_code for a in agents] == [200] * 3 + [429] * 2
    assert other.get("/v1/jobs").status_code == 200


def test_many_addresses_do_not_guess_faster_and_keep_nobody_out() -> None:
    now = 0.0
    guesses = Guesses(clock=lambda: now)
    guesses.note("owner", right=True)
    tried = 0
    for number in range(2 * GUESSES_OF_ALL):
        if not guesses.wait_s(f"caller {number}"):
            guesses.note(f"caller {number}", right=False)
            tried += 1
    assert tried == GUESSES_OF_ALL
    assert guesses.wait_s("new") > 0
    assert guesses.wait_s("owner") == 0
    now = 60.0
    assert guesses.wait_s("new") == 0


def test_what_is_kept_of_callers_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.limits.MOST_CALLERS", 5)
    guesses = Guesses()
    for number in range(20):
        guesses.note(f"friend {number}", right=True)
        guesses.note(f"stranger {number}", right=False)
    assert len(guesses._known) == len(guesses._each._buckets) == 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_a_caller_is_an_address_or_a_network_of_ipv6(one: str, other: str, same: bool) -> None:
    assert (address_of({"client": (one, 1)}) == address_of({"client": (other, 2)})) is same


# ---- proxies ----------------------------------------------------------------------------------------


@pytest.fixture
def proxied(open_site: Callable[..., Site]) -> Site:
    return open_site(API_KEY=KEY, TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8", ALLOWED_HOSTS="films.example")


def test_a_named_proxy_is_believed_who_calls(proxied: Site) -> None:
    proxy = from_(proxied, "127.0.0.1")
    one, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    assert [guess(proxy, **one) for _ in range(GUESSES + 1)] == [401] * GUESSES + [429]
    assert guess(proxy, **other) == 401
    forged = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1, 10.1.1.1"}
    assert guess(proxy, **forged) == 429, "what the caller wrote before it is not believed"
    assert guess(from_(proxied, "::ffff:10.0.0.9"), **one) == 429
    assert guess(from_(proxied, "198.51.100.1"), **one) == 401, "nobody named it"


def test_a_named_proxy_is_believed_how_it_was_called(proxied: Site) -> None:
    https = {"X-Forwarded-Proto": "https"}
    cookies = {
        who: from_(proxied, who).post("/login", data={"key": KEY}, headers=https, follow_redirects=False)
        for who in ("127.0.0.1", "198.51.100.1")
    }
    assert "; secure" in cookies["127.0.0.1"].headers["set-cookie"].lower()
    assert "secure" not in cookies["198.51.100.1"].headers["set-cookie"].lower()


def test_a_cookie_had_over_tls_is_sent_over_nothing_else(locked: Site) -> None:
    client = from_(locked, "192.0.2.1", "https://127.0.0.1")
    let_in = client.post("/login", data={"key": KEY}, follow_redirects=False)
    assert "; secure" in let_in.headers["set-cookie"].lower()


def test_a_named_proxy_is_believed_by_which_name(proxied: Site) -> None:
    page = {"X-Forwarded-Host": "evil.example, films.example", "Origin": "https://films.example"}
    answers = {
        who: from_(proxied, who).post(
            "/v1/jobs",
            json={"script": "Mine."},
            headers=page | {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {KEY}"},
        )
        for who in ("127.0.0.1", "198.51.100.1")
    }
    assert answers["127.0.0.1"].status_code == 201
    assert answers["198.51.100.1"].json()["code"] == "cross_origin"
    other = from_(proxied, "127.0.0.1").get("/healthz", headers={"X-Forwarded-Host": "evil.example"})
    assert other.json()["code"] == "host_not_allowed"
