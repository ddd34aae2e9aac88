"""Processes that are killed, and what must be true of everything that they leave behind."""

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.blobs.opening import open_blobs
from api.composition import System
from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import PROVIDER_KINDS
from domain.store import Recorded
from projections.rebuild import verify
from tests.crash import crew_process
from tests.crash.crew_process import Life
from tests.emulating import Emulator, emulator

__all__ = ["emulator"]

DEADLINE_S = 200
ROOT = Path(__file__).parents[2]
SCRIPT = "A lamp burns on the cliff."
SMALL = {"quality": "low", "fps": 24, "max_scenes": 1}


@pytest.fixture(scope="session")
def processes() -> Any:
    """Fork from a process that has loaded everything, so that each takes milliseconds to start.

    Python begins that process with the first fork, and has one: whoever forks in another way is first now and
    then, and all lives after it load everything themselves, for seconds.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([crew_process.LOADED])
    return context


class Story:
    """One job in one folder, told by as many processes as it takes."""

    def __init__(
        self, folder: Path, store: str, emulator: Emulator, processes: Any, job_id: UUID | None = None
    ) -> None:
        self.emulator = emulator
        self.life = Life(folder, store, emulator.url, job_id or uuid4(), SCRIPT, SMALL)
        self._calls_before = len(emulator.calls())
        self._processes = processes
        self._started: list[ForkServerProcess] = []

    def begin(self, crash_at: str | None = None, **changes: Any) -> ForkServerProcess:
        self.life = replace(self.life, **changes)
        process: ForkServerProcess = self._processes.Process(
            target=crew_process.live, args=(replace(self.life, crash_at=crash_at),)
        )
        process.start()
        self._started.append(process)
        return process

    def live(self, crash_at: str | None = None, **changes: Any) -> int:
        """One process, to its end; gives its exit code, -9 when it was killed."""
        process = self.begin(crash_at, **changes)
        process.join(DEADLINE_S)
        assert process.exitcode is not None, f"it did not end within {DEADLINE_S} s"
        return process.exitcode

    def killed(self, crash_at: str, **changes: Any) -> None:
        """One process that dies at this point, and not of anything else."""
        assert self.live(crash_at, **changes) == -signal.SIGKILL, f"{crash_at} was never reached"

    def asset_id(self, name: str) -> UUID:
        return AssetKey.parse(name).id_in(self.life.job_id)

    def calls(self) -> int:
        return len(self.emulator.calls()) - self._calls_before

    def close(self) -> None:
        for process in self._started:
            if process.is_alive():
                process.kill()
            process.join()
            process.close()

    # ---- what must be true --------------------------------------------------------------------------

    def open(self) -> System:
        return self.life.open()

    def history(self) -> list[Recorded]:
        system = self.open()
        try:
            events = system.log.read(0, 10_000)
        finally:
            system.close()
        return [recorded for recorded in events if recorded.event.job_id == self.life.job_id]

    def check(self) -> list[Recorded]:
        """The promises that hold however the story went; gives the job's events."""
        system = self.open()
        try:
            events = [r for r in system.log.read(0, 10_000) if r.event.job_id == self.life.job_id]
            self._nothing_is_made_twice(events)
            self._every_call_is_on_record(events)
            self._blobs_are_whole(system, events)
            system.projector.start()
            assert system.readers.wait_for(system.log.head(), DEADLINE_S)
            assert verify(system.database, system.store, system.log).equal, "log and read models disagree"
        finally:
            system.close()
        return events

    def _nothing_is_made_twice(self, events: list[Recorded]) -> None:
        made = Counter(
            (r.event.originator_id, r.event.revision) for r in events if isinstance(r.event, Asset.Generated)
        )
        assert set(made.values()) <= {1}, "a finished asset was made again"
        for number, recorded in enumerate(events):
            if isinstance(recorded.event, Asset.Generated):
                later = [r.event for r in events[number:] if isinstance(r.event, Asset.AttemptStarted)]
                ours = recorded.event.originator_id, recorded.event.revision
                assert ours not in [(e.originator_id, e.revision) for e in later], "work on a finished asset"

    def _every_call_is_on_record(self, events: list[Recorded]) -> None:
        """No call that no attempt stands for; every lost call of the provider may have been billed."""
        paid = {self._asset_of(key): key for key in self._keys(events) if key.kind in PROVIDER_KINDS}
        begun = [r.event for r in events if isinstance(r.event, Asset.AttemptStarted)]
        assert self.calls() <= len([e for e in begun if e.originator_id in paid])
        ended = {
            (r.event.originator_id, r.event.revision, r.event.attempt)
            for r in events
            if isinstance(r.event, Asset.Generated | Asset.AttemptFailed | Asset.AttemptLost)
        }
        assert {(e.originator_id, e.revision, e.attempt) for e in begun} == ended, "an attempt has no end"
        for recorded in events:
            if isinstance(recorded.event, Asset.AttemptLost):
                assert recorded.event.may_have_been_billed == (recorded.event.originator_id in paid)

    def _blobs_are_whole(self, system: System, events: list[Recorded]) -> None:
        """Everything that an event names can be had and is what it is called, as is all that lies there."""
        for recorded in events:
            if isinstance(recorded.event, Asset.Generated):
                assert len(system.blobs.get(recorded.event.digest)) == recorded.event.bytes
            if isinstance(recorded.event, Asset.Requested) and recorded.event.prompt_digest:
                system.blobs.get(recorded.event.prompt_digest)
        self.blobs_are_whole()

    def blobs_are_whole(self) -> None:
        """What has a name is what it is called: whoever asks is never given the half of it."""
        url = self.life.blobs or f"file://{self.life.folder}/blobs"
        blobs = open_blobs(url)
        for place in Path(url.removeprefix("file://")).glob("??/??/*"):
            blobs.get(f"sha256:{place.name}")

    def unfinished(self) -> Iterator[Path]:
        """What lies where blobs are written until they are whole."""
        url = self.life.blobs or f"file://{self.life.folder}/blobs"
        return (Path(url.removeprefix("file://")) / "unfinished").iterdir()

    def _keys(self, events: list[Recorded]) -> list[AssetKey]:
        asked = (Asset.Requested, Asset.Reused)
        return [AssetKey.parse(_name(r.event)) for r in events if isinstance(r.event, asked)]

    def _asset_of(self, key: AssetKey) -> UUID:
        return key.id_in(self.life.job_id)

    def finished(self) -> list[Recorded]:
        """The job is complete, and all promises were kept."""
        events = self.check()
        assert isinstance(events[-1].event, Job.Completed), events[-1].event
        return events


def _name(event: Any) -> str:
    return event.kind if event.scene is None else f"{event.kind}:{event.scene}"


@pytest.fixture
def store_kind() -> str:
    """What a test parametrizes to run on both stores."""
    return "sqlite"


@pytest.fixture
def story(
    tmp_path: Path, emulator: Emulator, processes: Any, store_kind: str, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Story]]:
    """``story()`` begins a story in an empty folder and an empty store."""
    stories: list[Story] = []

    def begin() -> Story:
        folder = tmp_path / f"data{len(stories)}"
        url = (
            f"sqlite:///{folder}/events.sqlite3"
            if store_kind == "sqlite"
            else str(request.getfixturevalue("postgresql_url"))
        )
        stories.append(Story(folder, url, emulator, processes))
        return stories[-1]

    yield begin
    for each in stories:
        each.close()
