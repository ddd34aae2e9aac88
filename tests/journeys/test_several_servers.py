"""Two API processes on one PostgreSQL: whatever was begun at one goes on at the other."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.emulating import Emulator
from tests.processes import SHORT, SMALL, START_S, Server

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(200)]

TAKEOVER_S = 5.0
WANTED = {"script": SHORT, "options": SMALL}


def stream(server: Server, after: int) -> Iterator[dict[str, Any]]:
    """All events from there on, until the server is gone."""
    asked = {"stream": "1", "after": str(after)}
    with server.http.stream("GET", "/v1/events", params=asked, timeout=START_S) as answer:
        assert answer.status_code == httpx.codes.OK
        for line in answer.iter_lines():
            if line.startswith("data:") and "position" in (event := json.loads(line.removeprefix("data:"))):
                yield event


def projects(server: Server) -> bool:
    told: str = server.http.get("/readyz").json()["projector"]["state"]
    return told == "projecting"


def two(emulator: Emulator, serve: Callable[..., Server], **environment: str) -> tuple[Server, Server]:
    """One that projects, and another that waits. Nobody signals who projects: it is asked."""
    one = serve(emulator, "--no-actors", **environment)
    deadline = time.monotonic() + START_S
    while not projects(one):
        assert time.monotonic() < deadline, one.process.told()
        time.sleep(0.1)
    other = serve(emulator, "--no-actors", **environment)
    assert not projects(other)
    return one, other


def what_was_written_at_one_is_read_at_the_other(one: Server, other: Server) -> None:
    """At once, whichever projects: an answer is never older than the position that was named before."""
    for writer, reader in [(one, other), (other, one)] * 5:
        job = writer.submit()
        cancelled = writer.http.post(f"/v1/jobs/{job['id']}/cancel").json()
        read = reader.job(job["id"])
        assert read["position"] >= cancelled["position"] > job["position"]
        seen = reader.http.get(f"/v1/jobs/{job['id']}/events", params={"limit": 1000}).json()["data"]
        assert seen[-1]["position"] >= cancelled["position"]


@pytest.mark.beside
def test_two_servers_on_one_folder_read_what_the_other_wrote(
    emulator: Emulator, serve: Callable[..., Server]
) -> None:
    one, other = two(emulator, serve)
    what_was_written_at_one_is_read_at_the_other(one, other)


@pytest.mark.alone
def test_what_was_begun_at_one_server_goes_on_at_the_other(
    emulator: Emulator, serve: Callable[..., Server], postgresql_url: str
) -> None:
    one, other = two(emulator, serve, REELOG_STORE=postgresql_url)

    # The same key at both at once: one job. Another body is refused at whichever it comes to.
    key = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(server.http.post, "/v1/jobs", json=WANTED, headers=key) for server in (one, other) * 4
        ]
        answers = [each.result() for each in asked]
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(other.http.get("/v1/jobs").json()["data"]) == 1
    refused = other.http.post("/v1/jobs", json=WANTED | {"script": "Another."}, headers=key)
    assert refused.json()["code"] == "idempotency_key_reused"

    what_was_written_at_one_is_read_at_the_other(one, other)

    # Killed in mid-stream: the other projects within seconds, and the stream goes on there.
    seen = []
    for event in stream(one, after=0):
        seen.append(event)
        if len(seen) == 5:
            one.process.kill_tree()
            killed_at = time.monotonic()
            break
    last = other.submit()
    for event in stream(other, after=seen[-1]["position"]):
        seen.append(event)
        if event["job_id"] == last["id"]:
            break
    assert time.monotonic() - killed_at <= TAKEOVER_S
    assert projects(other)
    told = other.http.get("/v1/events", params={"limit": 1000}).json()["data"]
    assert [event["position"] for event in seen] == [event["position"] for event in told]
    assert seen == told, "nothing is missing in the stream, and nothing came twice"
    assert other.process.stop() == 0, other.process.told()
