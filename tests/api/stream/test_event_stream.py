"""Streams over a real server in a process of its own: resumed anywhere, nothing missing, nothing twice."""

import asyncio
import contextlib
import json
import signal
import socket
import threading
import time
from typing import Any

import httpx
import psutil
import pytest
from eventsourcing.persistence import StoredEvent
from httpx_sse import ServerSentEvent, connect_sse

from api.http.server import GRACE_S
from tests.api.stream.conftest import Running, events_url, made_meanwhile, page, positions, read, serve
from tests.projections.filming import Filming, refusal

pytestmark = pytest.mark.slow

DEAF = 100
SEND_TIMEOUT_S = 5.0


def test_a_watched_job_is_told_as_it_happens_and_then_ends(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit()
    with made_meanwhile(filming, job_id):
        told = read(http, events_url(server, job_id))
    assert told[0].event == "job.submitted"
    assert [event.event for event in told[-2:]] == ["job.completed", "end"]
    assert json.loads(told[-1].data)
    assert [json.loads(event.data) for event in told[:-1]] == page(http, events_url(server, job_id))


def test_the_stream_is_for_reading_now_and_not_for_keeping(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    url = events_url(server, filming.submit())
    with http.stream("GET", url, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store, no-transform"
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        assert next(lines) == ""
        assert next(lines) == "event: log"
        assert json.loads(next(lines).removeprefix("data: ")) == {"store": str(filming.store.id), "head": 1}
        assert next(lines) == ""
        assert [next(lines) for _ in range(2)] == ["id: 1", "event: job.submitted"]
        assert json.loads(next(lines).removeprefix("data: "))["position"] == 1


def test_an_ended_job_tells_all_from_the_start_and_nothing_to_whoever_knows_it(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    url = events_url(server, job_id)
    told = read(http, url)
    assert positions(told) == list(range(1, filming.head() + 1))
    middle = read(http, url, last=str(filming.head() - 2))
    assert positions(middle) == [filming.head() - 1, filming.head()]
    answer = http.get(url, headers={"Accept": "text/event-stream", "Last-Event-ID": str(filming.head())})
    assert (answer.status_code, answer.content) == (204, b"")
    assert http.get(f"{url}?stream=1&after={filming.head()}").status_code == 204


def test_the_last_event_id_outdoes_the_address_it_came_to(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    told = read(http, f"{events_url(server, job_id)}?after=3", last="10")
    assert positions(told)[0] == 11


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "9" * 30])
def test_a_last_event_id_that_is_none_is_refused(
    server: Running, filming: Filming, http: httpx.Client, wrong: str
) -> None:
    url = events_url(server, filming.submit())
    answer = http.get(url, headers={"Accept": "text/event-stream", "Last-Event-ID": wrong})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_parameter"


def test_a_reopened_job_streams_on(server: Running, filming: Filming, http: httpx.Client) -> None:
    filming.faults["image:1"] = [refusal()]
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    url = events_url(server, job_id)
    before = read(http, url)
    assert [event.event for event in before[-2:]] == ["job.failed", "end"]
    assert http.post(f"{server.url}/v1/jobs/{job_id}/retry").status_code == 202
    with made_meanwhile(filming, job_id):
        after = read(http, url, last=before[-2].id)
    assert after[0].event == "job.reopened"
    assert [event.event for event in after[-2:]] == ["job.completed", "end"]
    whole = read(http, url)
    assert positions(whole) == positions(before) + positions(after)
    assert [event.event for event in whole].count("end") == 1


def test_a_job_that_is_renamed_after_its_end_has_ended_all_the_same(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    end = filming.head()
    url = events_url(server, job_id)
    for title in ("The boat at night", "The boat at noon"):
        filming.rename(job_id, title)
    now = http.get(f"{server.url}/v1/jobs/{job_id}", params={"at": filming.head()}).json()
    assert (now["title"], now["status"]) == ("The boat at noon", "completed")
    whole = read(http, url)
    assert [event.event for event in whole[-4:]] == ["job.completed", "job.renamed", "job.renamed", "end"]
    rest = read(http, url, last=str(end))
    assert [event.event for event in rest] == ["job.renamed", "job.renamed", "end"]
    assert [event.event for event in read(http, url, last=str(end + 1))] == ["job.renamed", "end"]
    known = http.get(url, headers={"Accept": "text/event-stream", "Last-Event-ID": str(end + 2)})
    assert (known.status_code, known.content) == (204, b"")


def test_all_jobs_are_told_in_one_stream(server: Running, filming: Filming, http: httpx.Client) -> None:
    jobs = [filming.submit() for _ in range(3)]
    told = read(http, f"{server.url}/v1/events?stream=1", most=3)
    assert [json.loads(event.data)["job_id"] for event in told] == [str(job) for job in jobs]
    events_url(server, jobs[-1])
    picked = read(http, f"{server.url}/v1/events?stream=1&jobs={jobs[1]}", most=1)
    assert positions(picked) == [2]


def test_a_reader_may_come_back_to_another_server_on_the_same_store(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    other = serve(server.folder)
    try:
        job_id = filming.submit()
        urls = [events_url(one, job_id) for one in (server, other)]
        told: list[ServerSentEvent] = []
        with made_meanwhile(filming, job_id):
            while not told or told[-1].event != "end":
                told += read(http, urls[len(told) % 2], most=7, last=told[-1].id if told else None)
        assert positions(told) == list(range(1, filming.head() + 1))
    finally:
        other.stop()


def test_pages_and_streams_say_the_same(server: Running, filming: Filming, http: httpx.Client) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    url = events_url(server, job_id)
    streamed = [json.loads(event.data) for event in read(http, url)[:-1]]
    paged: list[dict[str, Any]] = []
    after: int | None = 0
    while True:
        answer = http.get(f"{url}?after={after}&limit=7").json()
        paged += answer["data"]
        after = answer["next"]
        if not answer["has_more"]:
            break
    assert streamed == paged


@pytest.mark.slow
def test_at_the_end_of_the_server_hundreds_of_streams_get_a_farewell_and_hold_nothing_up(
    server: Running, filming: Filming
) -> None:
    url = f"{events_url(server, filming.submit())}?stream=1"
    ended: list[str] = []

    async def watch(client: httpx.AsyncClient, ready: asyncio.Semaphore) -> None:
        async with client.stream("GET", url) as answer:
            text = ""
            async for chunk in answer.aiter_text():
                if not text:
                    ready.release()
                text += chunk
            ended.append(text)

    async def main() -> float:
        ready = asyncio.Semaphore(0)
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:
            watching = [asyncio.create_task(watch(client, ready)) for _ in range(500)]
            for _ in watching:
                await ready.acquire()
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            await asyncio.gather(*watching)
            await asyncio.to_thread(server.process.wait, 20)
            return time.monotonic() - begun

    took = asyncio.run(main())
    assert len(ended) == 500
    assert all(text.endswith("retry: 1000\n\n") for text in ended)
    # Alone on two cores it takes well under two seconds; a wait for the streams takes the whole grace.
    assert took < GRACE_S
    assert server.process.stdout is not None
    assert server.process.stdout.read() == ""


@pytest.mark.slow
@pytest.mark.parametrize("server", [SEND_TIMEOUT_S], indirect=True)
def test_readers_that_stop_reading_cost_no_memory_and_are_cut_off_without_a_traceback(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    # Far more than the kernel's buffers swallow is waiting for each.
    jobs = [filming.submit(script="words " * 8000) for _ in range(500)]
    events_url(server, jobs[-1])
    host, port = server.url.removeprefix("http://").split(":")
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    with contextlib.ExitStack() as stack:
        deaf = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(DEAF)]
        for one in deaf:
            one.sendall(f"GET /v1/events?stream=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        most = 0
        until = time.monotonic() + SEND_TIMEOUT_S + 2
        while time.monotonic() < until:
            # Others are served meanwhile.
            assert http.get(f"{server.url}/v1/jobs/{jobs[0]}").status_code == 200
            most = max(most, process.memory_info().rss - before)
            threading.Event().wait(0.5)
        # Each would have had 24 MB to read.
        assert most / DEAF < 2_000_000
        for one in deaf:
            # What is left in the buffers ends in a closed connection.
            one.settimeout(20)
            received = 0
            with contextlib.suppress(ConnectionResetError):
                while chunk := one.recv(65536):
                    received += len(chunk)
            assert received < 500 * 48_000
    told = server.stop()
    assert "Traceback" not in told


def test_a_reader_from_the_start_of_a_reopened_job_is_not_told_that_it_has_ended(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    filming.faults["image:1"] = [refusal()]
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    url = events_url(server, job_id)
    assert http.post(f"{server.url}/v1/jobs/{job_id}/retry").status_code == 202
    told: list[str] = []
    with connect_sse(http, "GET", url, headers={"Accept": "text/event-stream"}) as source:
        events = source.iter_sse()
        while not told or told[-1] != "job.reopened":
            told.append(next(events).event)
        # Only now, as the reader has been told everything, does anything more happen.
        with made_meanwhile(filming, job_id):
            told += [event.event for event in events]
    assert told.count("end") == 1
    assert told[-2:] == ["job.completed", "end"]


def test_several_jobs_are_told_until_the_last_of_them_has_ended(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    first, second = filming.submit(), filming.submit()
    filming.finish(first)
    known = filming.head()
    filming.finish(second)
    events_url(server, second)
    url = f"{server.url}/v1/events?stream=1&jobs={first},{second}"
    rest = read(http, url, last=str(known))
    assert positions(rest) == list(range(known + 1, filming.head() + 1))
    assert rest[-1].event == "end"
    answer = http.get(f"{url}&after={filming.head()}")
    assert answer.status_code == 204


def test_a_watched_job_that_is_set_aside_ends_its_stream(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit()
    url = events_url(server, job_id)
    with connect_sse(http, "GET", url, headers={"Accept": "text/event-stream"}) as source:
        events = source.iter_sse()
        while next(events).event != "job.submitted":
            pass
        filming.studio.recorder.insert_events([StoredEvent(job_id, 2, "job.from_the_future", b"{}")])
        [end] = list(events)
    assert (end.event, end.id) == ("end", "1")
    assert json.loads(end.data) == {"ended": False, "set_aside": True}


def test_a_stream_stays_open_while_its_job_waits_for_review(
    server: Running, filming: Filming, http: httpx.Client
) -> None:
    job_id = filming.submit(options={"review": ["script"]})
    assert filming.finish(job_id) == "awaiting_review"
    url = events_url(server, job_id)
    with http.stream("GET", url, headers={"Accept": "text/event-stream"}) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line == "event: job.review_requested")
        assert http.post(f"{server.url}/v1/jobs/{job_id}/approve").status_code == 202
        assert filming.finish(job_id) == "completed"
        told = [line for line in lines if line.startswith("event: ")]
    assert (told[0], told[-2:]) == ("event: job.approved", ["event: job.completed", "event: end"])
