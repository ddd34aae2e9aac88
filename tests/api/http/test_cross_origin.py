"""Pages of other sites: those that are named may use the API, each with its own key; no other may."""

from collections.abc import Callable
from typing import Any

import pytest

from api.http.app import ENDPOINTS
from api.http.authentication import COOKIE
from api.http.cross_origin import SHARED
from tests.api.conftest import Site

HERE = "https://app.example"
ELSEWHERE = "https://evil.example"
KEY = "the-administrators-key"
BEARER = {"Authorization": f"Bearer {KEY}"}
SCRIPT = {"script": "A boat sets out at dawn."}

Open = Callable[..., Site]


@pytest.fixture
def site(open_site: Open) -> Site:
    return open_site(CORS_ORIGINS=f"http://localhost:3000, {HERE}", API_KEY=KEY)


def preflight(site: Site, path: str, method: str, headers: str = "authorization", origin: str = HERE) -> Any:
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return site.client.options(path, headers=asks)


def readable(answer: Any) -> set[str]:
    """What scripts of a page may read of this answer's headers."""
    return {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}


def shared_with(answer: Any) -> str | None:
    origin: str | None = answer.headers.get("access-control-allow-origin")
    assert "access-control-allow-credentials" not in answer.headers
    return origin


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/v1/jobs", "POST", "authorization, content-type, idempotency-key, prefer"),
        ("/v1/jobs/x/events", "GET", "authorization,last-event-id,cache-control"),
        ("/v1/jobs/x/scenes", "PATCH", "authorization,content-type"),
        ("/v1/assets/x/content", "GET", "authorization,range,if-none-match,if-range"),
        ("/v1/keys/x", "DELETE", "authorization, traceparent"),
        ("/v1/presets/x", "PUT", "x-request-id"),
    ],
)
def test_browsers_may_ask_for_a_named_site(site: Site, path: str, method: str, headers: str) -> None:
    answer = preflight(site, path, method, headers)
    assert answer.status_code == 200
    assert shared_with(answer) == HERE
    assert method in answer.headers["access-control-allow-methods"]
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["x-request-id"]


SHARED_ENDPOINTS = [endpoint for endpoint in ENDPOINTS if endpoint.path.startswith(SHARED)]
READ_BY_ANY_SCRIPT = {"cache-control", "content-language", "content-type", "expires", "last-modified"}
"""What browsers show without being told (the CORS-safelisted response headers)."""


def test_each_header_that_is_read_may_be_sent(site: Site) -> None:
    read = {p.name for e in SHARED_ENDPOINTS for p in e.operation.parameters if p.where == "header"}
    assert {"Idempotency-Key", "Prefer", "If-None-Match"} <= read
    assert preflight(site, "/v1/jobs", "POST", ", ".join(sorted(read))).status_code == 200


def test_each_header_that_is_described_may_be_read(site: Site) -> None:
    answers = [answer for e in SHARED_ENDPOINTS for answer in e.operation.responses.values()]
    described = {name.lower() for answer in answers for name in answer.headers}
    assert {"location", "etag"} <= described
    shown = site.client.get("/v1/jobs", headers={**BEARER, "Origin": HERE})
    assert described <= readable(shown) | READ_BY_ANY_SCRIPT


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        ({"origin": ELSEWHERE}, "origin"),
        ({"origin": "null"}, "origin"),
        ({"origin": f"{HERE}.evil.example"}, "origin"),
        ({"method": "TRACE"}, "method"),
        ({"headers": "cookie"}, "headers"),
    ],
)
def test_browsers_are_told_why_they_may_not(site: Site, asked: dict[str, str], of: str) -> None:
    answer = preflight(site, "/v1/jobs", **{"method": "POST"} | asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    assert of in answer.json()["detail"]
    assert "REELOG_CORS_ORIGINS" in answer.json()["detail"]


def test_a_named_site_may_read_all_that_it_needs(site: Site) -> None:
    made = site.client.post("/v1/jobs", json=SCRIPT, headers=BEARER | {"Origin": HERE})
    assert made.status_code == 201
    assert shared_with(made) == HERE
    assert {"location", "etag", "retry-after", "content-disposition", "content-range"} <= readable(made)
    assert made.headers["cross-origin-resource-policy"] == "cross-origin"
    shown = site.client.get(made.headers["location"], headers=BEARER | {"Origin": "http://localhost:3000"})
    assert (shown.status_code, shared_with(shown)) == (200, "http://localhost:3000")
    assert {"Origin", "Sec-Fetch-Site"} <= set(shown.headers["vary"].split(", "))


def test_errors_are_shared_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the secret is out")

    from_there = {"Origin": HERE}
    monkeypatch.setattr(site.system.readers, "jobs", broken)
    wrong = [
        (401, site.client.get("/v1/jobs", headers=from_there)),
        (404, site.client.get("/v1/nothing", headers=from_there | BEARER)),
        (405, site.client.delete("/v1/jobs", headers=from_there | BEARER)),
        (415, site.client.post("/v1/jobs", content="x", headers=from_there | BEARER)),
        (422, site.client.post("/v1/jobs", json={}, headers=from_there | BEARER)),
        (500, site.client.get("/v1/jobs", headers=from_there | BEARER)),
    ]
    for status, answer in wrong:
        assert (answer.status_code, shared_with(answer)) == (status, HERE)
        assert "secret" not in answer.text
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_too_many_requests_are_said_to_a_named_site(open_site: Open) -> None:
    site = open_site(CORS_ORIGINS=HERE, API_KEY=KEY, RATE_LIMIT=1)
    site.client.get("/v1/jobs", headers=BEARER)
    answer = site.client.get("/v1/jobs", headers=BEARER | {"Origin": HERE})
    assert (answer.status_code, shared_with(answer)) == (429, HERE)
    assert "retry-after" in readable(answer)
    assert preflight(site, "/v1/jobs", "GET").status_code == 200


def test_streams_are_shared(site: Site) -> None:
    made = site.client.post("/v1/jobs", json=SCRIPT, headers=BEARER).json()
    site.client.post(made["links"]["cancel"], headers=BEARER)
    site.settle()
    asked = BEARER | {"Origin": HERE, "Accept": "text/event-stream"}
    with site.client.stream("GET", made["links"]["events"], headers=asked) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert shared_with(answer) == HERE


def test_other_sites_may_neither_read_nor_change(site: Site) -> None:
    asked = BEARER | {"Origin": ELSEWHERE}
    read = site.client.get("/v1/jobs", headers=asked)
    assert shared_with(read) is None
    assert "access-control-expose-headers" not in read.headers
    assert read.headers["cross-origin-resource-policy"] == "same-origin"
    written = site.client.post("/v1/jobs", json=SCRIPT, headers=asked)
    assert (written.status_code, written.json()["code"]) == (403, "cross_origin")
    assert shared_with(written) is None


def test_nobody_is_let_in_by_what_a_person_has_who_is_signed_in_here(site: Site) -> None:
    login = site.client.post("/login", data={"key": KEY}, follow_redirects=False)
    cookie = {"Cookie": f"{COOKIE}={login.cookies[COOKIE]}"}
    assert site.client.get("/v1/jobs", headers=cookie).status_code == 200
    assert site.client.post("/v1/jobs", json=SCRIPT, headers=cookie).status_code == 201
    site.client.cookies.clear()
    for more in ({"Origin": HERE}, {"Sec-Fetch-Mode": "no-cors", "Referer": f"{HERE}/films"}):
        assert site.client.get("/v1/jobs", headers=cookie | more).status_code == 401
    assert site.client.post("/v1/jobs", json=SCRIPT, headers=cookie | {"Origin": HERE}).status_code == 401
    # A person may still be led from a named site to a page of this server.
    assert site.client.get("/jobs", headers=cookie | {"Referer": HERE}).status_code == 200


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_pages_for_people_are_nobody_elses(site: Site, path: str) -> None:
    answer = site.client.post(path, data={"key": KEY}, headers={"Origin": HERE})
    assert (answer.status_code, shared_with(answer)) == (403, None)
    assert preflight(site, path, "POST").status_code == 405


@pytest.mark.parametrize(
    ("headers", "policy"),
    [
        ({"Sec-Fetch-Mode": "no-cors", "Referer": f"{HERE}/films/1"}, "cross-origin"),
        ({"Sec-Fetch-Mode": "no-cors", "Referer": ELSEWHERE}, "same-origin"),
        ({"Sec-Fetch-Mode": "no-cors", "Referer": f"{ELSEWHERE}/{HERE}"}, "same-origin"),
        ({"Sec-Fetch-Mode": "no-cors", "Referer": "http://[bad"}, "same-origin"),
        ({"Sec-Fetch-Mode": "no-cors"}, "same-origin"),
        ({"Sec-Fetch-Mode": "navigate", "Referer": HERE}, "same-origin"),
    ],
)
def test_what_a_page_only_shows_is_given_to_named_sites(
    open_site: Open, headers: dict[str, str], policy: str
) -> None:
    answer = open_site(CORS_ORIGINS=HERE).client.get("/v1/jobs", headers=headers)
    assert answer.headers["cross-origin-resource-policy"] == policy
    assert "Sec-Fetch-Site" in answer.headers["vary"]


def test_without_the_setting_nothing_is_shared(open_site: Open) -> None:
    site = open_site()
    assert preflight(site, "/v1/jobs", "POST").status_code == 405
    answer = site.client.get("/v1/jobs", headers={"Origin": HERE})
    assert shared_with(answer) is None
    assert "origin" not in answer.headers.get("vary", "").lower()
    assert site.client.post("/v1/jobs", json=SCRIPT, headers={"Origin": HERE}).status_code == 403


def test_a_server_that_names_itself_keeps_its_page(open_site: Open) -> None:
    site = open_site(CORS_ORIGINS="http://127.0.0.1", API_KEY=KEY)
    login = site.client.post("/login", data={"key": KEY}, follow_redirects=False)
    assert login.status_code == 303
    own = {"Cookie": f"{COOKIE}={login.cookies[COOKIE]}", "Origin": "http://127.0.0.1"}
    assert site.client.post("/v1/jobs", json=SCRIPT, headers=own).status_code == 201
