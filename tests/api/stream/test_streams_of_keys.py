"""What a key is sent of the timeline: its own, and nothing once it was revoked, by whichever server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from eventsourcing.persistence import OperationalError
from httpx_sse import ServerSentEvent, connect_sse

from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from api.stream import tail as module
from api.stream.tail import Tail
from tests.api.conftest import SHIPPED, Site
from tests.api.serving import serving
from tests.api.stream.test_tail import with_tail

ADMIN = {"Authorization": "Bearer the-administrators-key"}
SUBMISSION = {"script": "A boat sets out at dawn."}
STREAM = {"Accept": "text/event-stream"}


@pytest.mark.slow
@pytest.mark.parametrize("kept_bytes", [module.KEPT_BYTES, 20_000])
def test_a_callers_stream_holds_its_own_jobs_from_memory_and_from_the_tables(
    site: Site, monkeypatch: pytest.MonkeyPatch, kept_bytes: int
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", kept_bytes)
    site.filming.finish(site.filming.submit(caller="web"))
    site.settle()

    async def told(tail: Tail, until: int, caller: str) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        async for frames in tail.frames(0, None, caller):
            found += [(frame.position, frame.job_id) for frame in frames]
            if not frames and tail.head >= until:
                return found
        return found

    async def body(tail: Tail) -> None:
        def film(caller: str) -> UUID:
            job_id = site.filming.submit(caller=caller)
            site.filming.finish(job_id)
            return job_id

        for caller in ("other", "local", "web"):
            await asyncio.to_thread(film, caller)
        head = site.filming.head()
        await asyncio.to_thread(site.settle)
        for caller in ("web", "other", "nobody"):
            entries, _ = site.system.readers.entries(after=0, limit=1000, caller=caller)
            expected = [(entry.position, entry.job_id) for entry in entries]
            assert await told(tail, head, caller) == expected
            assert bool(expected) == (caller != "nobody")
        assert set(tail._callers) == {frame.job_id for frame in tail._frames}

    with_tail(site, body)


@pytest.mark.slow
def test_a_store_that_cannot_be_read_for_a_moment_stops_no_reader(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner_of, failures = site.system.owners.of, [OperationalError("away")] * 3

    def broken(of: UUID) -> str | None:
        if failures:
            raise failures.pop()
        return owner_of(of)

    monkeypatch.setattr(site.system.owners, "of", broken)

    async def body(tail: Tail) -> None:
        job_id = await asyncio.to_thread(site.filming.submit, caller="web")
        async for frames in tail.frames(0, None, "web"):
            if frames:
                assert [frame.job_id for frame in frames] == [str(job_id)]
                return

    with_tail(site, body)
    assert not failures


def opened(folder: Path) -> System:
    settings = load_settings(
        {}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0, API_KEY="the-administrators-key"
    )
    return open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two servers on one store."""
    with serving(opened(tmp_path / "data")) as here, serving(opened(tmp_path / "data")) as there:
        yield here, there


@pytest.mark.slow
def test_an_open_stream_ends_when_another_server_revokes_its_key(two: tuple[str, str]) -> None:
    here, there = two
    with httpx.Client(timeout=30, trust_env=False) as http:
        key = http.post(f"{there}/v1/keys", json={"name": "web", "scope": "submit"}, headers=ADMIN).json()
        web = {"Authorization": f"Bearer {key['key']}"}
        others = http.post(f"{here}/v1/jobs", json=SUBMISSION, headers=ADMIN).json()["id"]
        mine = http.post(f"{here}/v1/jobs", json=SUBMISSION, headers=web).json()["id"]
        addresses = [f"{here}/v1/events", f"{here}/v1/jobs/{mine}/events"]
        found = [list[ServerSentEvent]() for _ in addresses]
        begun = [threading.Event() for _ in addresses]

        def read(number: int) -> None:
            with connect_sse(http, "GET", addresses[number], headers=web) as source:
                for event in source.iter_sse():
                    found[number].append(event)
                    if event.event == "job.submitted":
                        begun[number].set()

        readers = [threading.Thread(target=read, args=(number,)) for number in range(len(addresses))]
        for reader in readers:
            reader.start()
        assert all(event.wait(30) for event in begun)
        assert http.delete(f"{there}/v1/keys/web", headers=ADMIN).status_code == 200
        for reader in readers:
            reader.join(30)
            assert not reader.is_alive()
        assert http.get(addresses[0], headers=web | STREAM).status_code == 401
    told = [json.loads(one.data) for events in found for one in events if one.id]
    assert {event["job_id"] for event in told} == {mine} != {others}
    assert "end" not in {one.event for events in found for one in events}
