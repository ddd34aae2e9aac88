"""Watching: no event twice and none left out, whatever happens to the connection. Both kinds of client."""

import httpx
import pytest
from reelog_client.errors import AnswerLostError, NotFoundError, StoreChangedError

from tests.api.client.conftest import END, OTHER, Kind, Scripted, answer, frame, job, log, problem, stream

PATH = f"/v1/jobs/{job()['id']}/events"


def positions(kind: Kind) -> list[int]:
    flow = kind.client.operations.watch(job()["id"])
    return [event["position"] for event in kind.listed(kind.client.iterate(flow))]


def test_it_is_read_to_its_end(kind: Kind, server: Scripted) -> None:
    server.answers = [stream(log(), frame(1), b": still here\n\n", frame(2), END)]

    assert positions(kind) == [1, 2]
    (request,) = server.came
    assert (request.url.path, request.headers["Accept"]) == (PATH, "text/event-stream")
    assert request.headers["Authorization"] == "Bearer a-key"


@pytest.mark.parametrize("kept", range(1, len(frame(6)) - 1, 7))
def test_a_cut_in_the_midst_of_an_event_is_gone_on_behind_the_last_whole_one(
    kind: Kind, server: Scripted, kept: int
) -> None:
    server.answers = [stream(log(), frame(5), frame(6)[:kept], cut=True), stream(log(), frame(6), END)]

    assert positions(kind) == [5, 6]
    assert [request.headers.get("Last-Event-ID") for request in server.came] == [None, "5"]
    assert kind.paused == [2.0]  # as long as the server asks


def test_an_end_that_is_not_said_is_a_cut(kind: Kind, server: Scripted) -> None:
    server.answers = [stream(log(), frame(1)), stream(log(), frame(2)), lambda _: httpx.Response(204)]

    assert positions(kind) == [1, 2]


def test_a_restart_is_waited_for(kind: Kind, server: Scripted) -> None:
    gone = [httpx.ConnectError("refused"), answer(problem(503, "draining"), 503, **{"Retry-After": "5"})]
    server.answers = [stream(log(), frame(1), cut=True), *gone, stream(log(), frame(2), END)]

    assert positions(kind) == [1, 2]
    assert kind.paused == [2.0, 2.0, 5.0]


def test_another_log_is_an_error_and_no_gap(kind: Kind, server: Scripted) -> None:
    server.answers = [stream(log(), frame(1), cut=True), stream(log(OTHER), frame(2), END)]

    with pytest.raises(StoreChangedError, match=OTHER):
        positions(kind)


def test_a_log_that_has_not_come_so_far_is_another_log(kind: Kind, server: Scripted) -> None:
    server.answers = [stream(log(), frame(7), cut=True), answer(problem(422, "position_unknown"), 422)]

    with pytest.raises(StoreChangedError, match="no position 7"):
        positions(kind)


def test_what_is_refused_for_good_is_not_asked_again(kind: Kind, server: Scripted) -> None:
    server.answers = [answer(problem(404, "job_not_found"), 404)]

    with pytest.raises(NotFoundError):
        positions(kind)
    assert len(server.came) == 1


def test_a_server_that_stays_away_is_given_up(
    kind: Kind, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("reelog_client.retries.time.monotonic", lambda: now.append(now[-1] + 5) or now[-1])
    server.answers = [stream(log(), frame(3), cut=True), httpx.ConnectError("refused")]

    with pytest.raises(AnswerLostError, match="lost at position 3"):
        positions(kind)


def test_who_stops_reading_closes_the_connection(server: Scripted) -> None:
    from reelog_client import Client

    closed: list[bool] = []

    class Open(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield log() + frame(1)
            yield frame(2)

        def close(self) -> None:
            closed.append(True)

    kind = {"Content-Type": "text/event-stream"}
    server.answers = [lambda _: httpx.Response(200, headers=kind, stream=Open())]
    with Client("http://reelog.test", transport=httpx.MockTransport(server)) as client:
        events = client.iterate(client.operations.watch("x"))
        assert next(events)["position"] == 1
        events.close()  # type: ignore[attr-defined]
        assert closed
