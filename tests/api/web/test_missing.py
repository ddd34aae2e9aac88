"""What is not there: a page for people, a problem for programs."""

import pytest

from api.http.headers import SECURITY_HEADERS
from tests.api.conftest import Site

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
NOBODYS = "5b1f7a52-3c0e-4c55-9c43-6f3d1f0a7f10"
TRAP = "/<script>alert(1)<%2Fscript>"


@pytest.mark.parametrize("path", ["/nope", "/jobs/none", f"/jobs/{NOBODYS}", "/docs/nope", TRAP, "/jobs/"])
def test_a_person_is_shown_a_page(site: Site, path: str) -> None:
    answer = site.client.get(path, headers={"Accept": BROWSER})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in answer.text
    assert '<a href="/jobs">' in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/nope", "*/*"),
        ("/nope", "application/json"),
        ("/nope", ""),
        ("/nope", "application/json, text/html;q=0.5"),
        ("/nope", "application/problem+json, text/html;q=0.9"),
        ("/nope", "text/html;q=0, */*"),
        ("/v1/nope", BROWSER),
        (f"/v1/jobs/{NOBODYS}", BROWSER),
        ("/static/nope.js", BROWSER),
    ],
)
def test_a_program_is_told_a_problem(site: Site, path: str, accept: str) -> None:
    answer = site.client.get(path, headers={"Accept": accept})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_taken_is_a_problem_for_everybody(site: Site) -> None:
    answer = site.client.post("/jobs", headers={"Accept": BROWSER})

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
