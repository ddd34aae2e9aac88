import socket
from typing import Any
from uuid import uuid4

import pytest

from api.cli.client import Client
from api.cli.errors import CliError, InputError, NotAllowedError, UnreachableError
from tests.api.cli.conftest import END, Run, Scripted, event, frame

pytestmark = pytest.mark.slow  # each takes a while, or there are many


@pytest.fixture(autouse=True)
def _patient_for_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.client.RECONNECT_PAUSE_S", 0.0)


def positions(client: Client, after: int = 0) -> list[int]:
    return [told["position"] for told in client.stream("/events", after)]


def test_a_stream_is_read_to_its_end(scripted: Scripted) -> None:
    scripted.stream("/events", "retry: 2000\n\n", frame(event(1)), ": still here\n\n", frame(event(2)), END)

    assert positions(Client(scripted.url)) == [1, 2]


def test_a_stream_that_breaks_is_resumed_after_the_last_event_without_gap_or_repeat(
    scripted: Scripted,
) -> None:
    scripted.stream("/events", frame(event(3)), frame(event(5)), "id: 6\nevent: job.com")
    scripted.stream("/events", frame(event(6)), END)

    assert positions(Client(scripted.url), after=2) == [3, 5, 6]
    asked = [(path, headers.get("Last-Event-ID")) for _, path, headers, _ in scripted.asked]
    assert asked == [("/events?after=2", None), ("/events?after=2", "5")]


def test_nothing_left_to_tell_ends_the_stream(scripted: Scripted) -> None:
    scripted.stream("/events", frame(event(1)))
    scripted.answer("/events", b"", 204)

    assert positions(Client(scripted.url)) == [1]


def test_a_server_that_is_gone_for_a_while_is_waited_for(scripted: Scripted) -> None:
    scripted.stream("/events", frame(event(1)))
    scripted.answer("/events", {"title": "Not available now", "detail": "The server is ending."}, 503)
    scripted.stream("/events", frame(event(2)), END)

    assert positions(Client(scripted.url)) == [1, 2]


def test_a_server_that_stays_away_is_given_up(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "reconnect_for_s", 0.0)
    scripted.stream("/events", frame(event(1)))
    scripted.answer("/events", {"title": "Not available now"}, 503)

    with pytest.raises(UnreachableError, match="was lost"):
        positions(Client(scripted.url))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_an_answer_is_lost_only_what_may_have_been_done_is_looked_for(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(Client, "reconnect_for_s", 0.0)
    scripted.answer("/v1/jobs/x", {}, truncated=True)
    client = Client(scripted.url)
    ask = client.get if method == "GET" else client.post

    with pytest.raises(UnreachableError) as lost:
        ask("/v1/jobs/x")

    assert ("may have been done" in lost.value.hint) is (method == "POST")


def test_a_server_that_was_never_there_is_told_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        with pytest.raises(UnreachableError, match="nothing answers at") as gone:
            positions(Client(url))

    assert "reelog serve" in gone.value.hint


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (401, {"detail": "A key is needed."}, NotAllowedError, "does not let you in: A key is needed."),
        (403, b"<html>", NotAllowedError, "does not let you in: Forbidden"),
        (404, {"detail": "There is no job x."}, InputError, "There is no job x."),
        (409, {"detail": "The job is running."}, InputError, "The job is running."),
        (404, b"<html>nginx</html>", UnreachableError, "answers HTTP 404, but not as Reelog does"),
        (200, b"<html>hello</html>", UnreachableError, "answers, but not as Reelog does"),
        (500, {"detail": "In the log.", "request_id": "r-1"}, UnreachableError, "In the log. (request r-1)"),
        (503, {"title": "Not available now"}, UnreachableError, "cannot do it now: Not available now"),
    ],
)
def test_each_way_of_being_refused_is_one_error(
    scripted: Scripted, status: int, body: Any, kind: type[CliError], said: str
) -> None:
    scripted.answer("/v1/jobs/x", body, status)

    with pytest.raises(CliError) as refused:
        Client(scripted.url).get("/v1/jobs/x")

    assert type(refused.value) is kind
    assert said in refused.value.message


def test_refused_fields_are_told_by_the_names_of_their_flags(scripted: Scripted) -> None:
    errors = [
        {"pointer": "/models/text", "message": "gpt-9 is unknown"},
        {"pointer": "/max_cost_usd", "message": "gpt-9 has no price"},
    ]
    scripted.answer("/v1/jobs", {"detail": "2 things are wrong with it.", "errors": errors}, 422)

    with pytest.raises(InputError) as refused:
        Client(scripted.url).post("/v1/jobs", {})

    assert refused.value.message == "--text-model: gpt-9 is unknown\n  --max-cost: gpt-9 has no price"


def test_the_key_goes_along_and_is_never_shown(
    scripted: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_API_KEY", "canary-5512")
    scripted.answer("/v1/jobs/x", {"detail": "No."}, 403)

    refused = run("show", str(uuid4()), "--url", scripted.url)

    assert scripted.asked[0][2]["Authorization"] == "Bearer canary-5512"
    assert "canary-5512" not in refused.output


def test_lists_are_read_page_by_page(scripted: Scripted) -> None:
    scripted.answer("/v1/jobs", {"data": [{"id": 1}, {"id": 2}], "has_more": True, "next": 7})
    scripted.answer("/v1/jobs", {"data": [{"id": 3}], "has_more": False, "next": None})

    found = [item["id"] for item in Client(scripted.url).pages("/v1/jobs", status="failed")]

    assert found == [1, 2, 3]
    assert [path for _, path, _, _ in scripted.asked] == [
        "/v1/jobs?limit=1000&status=failed",
        "/v1/jobs?limit=1000&status=failed&after=7",
    ]


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host", "http://"])
def test_an_address_must_be_one(url: str) -> None:
    with pytest.raises(InputError, match="is no address of a server"):
        Client(url)


def test_the_key_does_not_follow_to_where_the_server_points(scripted: Scripted) -> None:
    scripted.answer("/content", status=307, location=f"{scripted.url}/bucket/signed")
    scripted.answer("/bucket/signed", b"a film")

    assert Client(scripted.url, "a-key-of-the-server").data("/content") == b"a film"
    sent = [headers.get("Authorization") for _, _, headers, _ in scripted.asked]
    assert sent == ["Bearer a-key-of-the-server", None]
