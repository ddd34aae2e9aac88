"""What a client would rather have is weighed, not searched for."""

import pytest
from starlette.datastructures import Headers

from api.http.accept import preferred
from tests.api.conftest import Site

JSON, STREAM = "application/json", "text/event-stream"


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*, text/*", JSON),
        ("text/event-stream", STREAM),
        ("TEXT/Event-Stream", STREAM),
        ("text/event-stream, */*", STREAM),
        ("*/*, text/event-stream;q=0.9", JSON),
        ("application/json, text/event-stream;q=0.1", JSON),
        ("text/event-stream;q=0.1, application/json", JSON),
        ("application/json;q=0.1, text/event-stream", STREAM),
        ("application/json;q=0.5, text/event-stream ; Q = 0.8", STREAM),
        ("application/json, text/event-stream", JSON),
        ("text/event-stream, application/json", STREAM),
        ("text/event-stream;q=0", JSON),
        ("text/event-stream;q=0.000, */*", JSON),
        ("application/json;q=0, */*;q=0.1", STREAM),
        ("text/*;q=0.9, application/json;q=0.3", STREAM),
        ("text/*, text/event-stream;q=0, application/json;q=0.1", JSON),
        ("image/png", JSON),
        ("text/event-stream;q=much", STREAM),
    ],
)
def test_the_heavier_goes_first_then_the_more_exact_then_the_earlier(accept: str | None, sent: str) -> None:
    headers = Headers({} if accept is None else {"accept": accept})
    assert preferred(headers, (JSON, STREAM)) == sent


def test_events_come_as_is_asked_in_one_line_or_several(site: Site) -> None:
    job_id = site.submit()
    site.client.post(f"/v1/jobs/{job_id}/cancel")
    page = site.client.get(f"/v1/jobs/{job_id}/events", headers={"Accept": f"{JSON}, {STREAM};q=0.1"})
    assert page.headers["content-type"] == JSON
    lines = [("Accept", f"{STREAM};q=0.1"), ("Accept", JSON)]
    assert site.client.get(f"/v1/jobs/{job_id}/events", headers=lines).headers["content-type"] == JSON


def test_a_program_that_would_take_a_page_too_gets_the_problem(site: Site) -> None:
    site.client.app.state.door.key._secret = b"a-long-secret"  # type: ignore[attr-defined]
    for accept in ("application/json, text/html;q=0.9", "*/*", "text/html;q=0, */*"):
        answer = site.client.get("/", headers={"Accept": accept}, follow_redirects=False)
        assert answer.status_code == 401, accept
    person = site.client.get("/", headers={"Accept": "text/html, */*;q=0.8"}, follow_redirects=False)
    assert person.status_code == 303
