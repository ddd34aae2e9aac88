"""What every answer has, and who is let in."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.api.conftest import Site

SECURITY = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Written out, so that none of it is weakened by a change of one place."""


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/v1/jobs", "/nothing/here", "/v1/jobs/x", "/static/app.js"]
)
def test_every_answer_has_an_id_and_the_security_headers(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    assert headers["x-request-id"]
    assert {name: headers[name] for name in SECURITY} == SECURITY


def test_a_sane_request_id_is_kept_and_another_replaced(site: Site) -> None:
    assert site.client.get("/healthz", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    for wrong in ("x" * 65, "a b", "<script>"):
        assert site.client.get("/healthz", headers={"X-Request-Id": wrong}).headers["x-request-id"] != wrong


def test_unknown_addresses_and_methods_are_problems(site: Site) -> None:
    lost = site.client.get("/v1/nothing")
    assert (lost.status_code, lost.json()["code"]) == (404, "not_found")
    for path in ("/v1/jobs/", "/docs/", "/v1/jobs//events"):
        assert site.client.get(path, follow_redirects=False).json()["code"] == "not_found"
    assert "slash" in site.client.post("/v1/jobs/", json={"script": "Mine."}).json()["detail"]
    wrong = site.client.put("/v1/jobs")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, HEAD, POST"
    assert site.client.get(f"/v1/jobs/{uuid4()}/cancel").headers["allow"] == "POST"


def test_what_nobody_foresaw_is_a_problem_that_tells_no_secrets(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the secret is out")

    monkeypatch.setattr(site.system.readers, "jobs", broken)
    answer = site.client.get("/v1/jobs")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["request_id"] in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_server_on_this_machine_answers_for_no_other_name(site: Site, host: str) -> None:
    answer = site.client.get("/healthz", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "host_not_allowed")


def test_a_key_does_not_let_other_names_reach_a_server_on_this_machine(
    open_site: Callable[..., Site],
) -> None:
    site = open_site(API_KEY="a-long-secret")
    answer = site.client.get("/healthz", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "host_not_allowed")
    public = open_site(API_KEY="a-long-secret-of-32-characters..", HOST="0.0.0.0")  # noqa: S104 - the case
    assert public.client.get("/healthz", headers={"Host": "films.example"}).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:99", "LOCALHOST:1"])
def test_it_answers_for_its_own_names(site: Site, host: str) -> None:
    assert site.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_named_host_is_answered(open_site: Callable[..., Site]) -> None:
    site = open_site(ALLOWED_HOSTS="films.example")
    assert site.client.get("/healthz", headers={"Host": "films.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_may_not_submit(site: Site, headers: dict[str, str]) -> None:
    answer = site.client.post("/v1/jobs", json={"script": "Mine."}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert site.client.post("/v1/jobs", json={"script": "Mine."}, headers=own).status_code == 201


NEARLY = [
    {"Authorization": f"Bearer {key}"}
    for key in ("a-long-secret2", "a-long-secre", "a-long-secret a-long-secret", "A-LONG-SECRET", "")
]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "Send the header"),
        ({"Authorization": "a-long-secret"}, "Send the header"),
        ({"Authorization": "Bearer "}, "Send the header"),
        ({"Authorization": "Bearer wrong"}, "That is no key of this server"),
    ],
)
def test_who_sends_a_wrong_key_is_told_so_and_not_to_send_one(
    open_site: Callable[..., Site], headers: dict[str, str], said: str
) -> None:
    answer = open_site(API_KEY="a-long-secret").client.get("/v1/jobs", headers=headers)
    assert answer.json()["detail"].startswith(said)


def test_with_a_key_set_nothing_under_v1_is_had_without_it(open_site: Callable[..., Site]) -> None:
    site = open_site(API_KEY="a-long-secret")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a-long-secret"}, *NEARLY):
        answer = site.client.get("/v1/jobs", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    allowed = {"Authorization": "Bearer a-long-secret"}
    assert site.client.get("/v1/jobs", headers=allowed).status_code == 200
    assert site.client.get("/healthz").status_code == 200
    assert site.client.get("/readyz").status_code == 200
