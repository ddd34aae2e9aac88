"""What a long life costs: the same questions to a store of a million events and to one of a thousand.

Two servers answer in turn, so that whatever else the machine does falls on both. The Director's side is
measured in this process: what it takes to begin, and one step of a job that has just been submitted.
``REELOG_BENCH_EVENTS`` says how many events the old store is to hold.
"""

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import httpx

from actors.blobs.opening import open_blobs
from actors.director.desk import Desk
from domain.job import Job
from domain.script import Stage
from domain.store import EventLog, EventStore, Studio, open_event_store
from domain.submission import Models, Options
from projections.database import open_database
from projections.projector import Projector
from projections.readers import ReadModels
from tests.actors.conftest import TextStage, now
from tests.bench.archive import build, settings_of
from tests.bench.report import Bench, Row, spread

YOUNG = 1_000
OLD = int(os.environ.get("REELOG_BENCH_EVENTS", "1000000"))
QUICK = 20_000
ROUNDS = 100
SCRIPT = "A lighthouse keeper finds a letter. She reads it at night.\n\nIn the morning she rows out to sea."


@dataclass
class Side:
    """One store: its server, and a desk on it."""

    folder: Path
    jobs: Sequence[UUID]
    url: str = ""
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - any job will do

    def __post_init__(self) -> None:
        settings = settings_of(self.folder)
        self.store: EventStore = open_event_store(settings.store)
        self.studio = Studio(self.store)
        self.log = EventLog(self.studio)
        self.database = open_database(self.store.url)
        self.readers = ReadModels(self.store, self.log, self.database)
        self.blobs = open_blobs(settings.blobs)
        self.http = httpx.Client(timeout=60)
        self.took: float | None = None

    def close(self) -> None:
        self.http.close()
        self.database.close()
        self.studio.close()
        self.store.close()

    def any_job(self) -> UUID:
        return self.chance.choice(self.jobs)

    # ---- what is measured ---------------------------------------------------------------------------

    def submit(self) -> None:
        self._done(self.http.post(f"{self.url}/v1/jobs", json={"script": SCRIPT}))

    def show(self) -> None:
        self._done(self.http.get(f"{self.url}/v1/jobs/{self.any_job()}"))

    def list_page(self) -> None:
        self._done(self.http.get(f"{self.url}/v1/jobs", params={"limit": 10, "status": "completed"}))

    def metrics(self) -> None:
        self._done(self.http.get(f"{self.url}/metrics"))

    def past(self) -> None:
        job_id = self.any_job()
        at = self.chance.choice(self.readers.positions_of(job_id))
        began = time.perf_counter()
        self._done(self.http.get(f"{self.url}/v1/jobs/{job_id}", params={"at": at}))
        self.took = time.perf_counter() - began

    def resume(self) -> None:
        """Until the first event has come; what was told before the cut is looked up first."""
        job_id = self.any_job()
        after = self.readers.positions_of(job_id)[-10]
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        began = time.perf_counter()
        with self.http.stream("GET", f"{self.url}/v1/jobs/{job_id}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.status_code
            next(line for line in answer.iter_lines() if line.startswith("id:"))
            self.took = time.perf_counter() - began

    def desk(self) -> Desk:
        stages: dict[Stage, Any] = dict.fromkeys(Stage, TextStage())
        return Desk(self.studio, self.blobs, stages, "emulator", "director:bench", now, self.store.presence)

    def take_over(self) -> None:
        """A Director's beginning: the board is asked, the log is followed from there."""
        unfinished = self.readers.unfinished()
        follower = self.store.follower(unfinished.position)
        follower.next_batch(0)
        follower.close()

    def step(self) -> None:
        """A job that was just submitted is taken note of, and its first asset asked for."""
        _, saved = self.studio.submit(_job())
        assert saved.position is not None
        recorded = self.log.at([saved.position])
        desk = self.desk()
        began = time.perf_counter()
        desk.fold(recorded)
        step = desk.step(recorded[0].event.job_id, {})
        self.took = time.perf_counter() - began
        assert step.orders

    def project(self) -> None:
        """A projector's beginning, until it holds all that is recorded; no server has the lease yet."""
        projector = Projector(self.store, self.log, self.database)
        began = time.perf_counter()
        projector.start()
        assert self.readers.wait_for(self.log.head(), 60)
        self.took = time.perf_counter() - began
        projector.close()

    @staticmethod
    def _done(answer: httpx.Response) -> None:
        assert answer.is_success, f"{answer.status_code} {answer.text}"


def _job() -> Job:
    return Job.submit(
        uuid4(),
        now=now(),
        script=SCRIPT,
        models=Models().model_dump(exclude_none=True),
        options=Options().model_dump(mode="json"),
        provider="emulator",
        weights={"seconds": {}, "scenes": 2, "measured": False},
    )


def _timed(side: Side, what: Callable[[Side], None]) -> float:
    """Milliseconds; a measure that has something to look up first leaves its own time in ``took``."""
    side.took = None
    began = time.perf_counter()
    what(side)
    took = time.perf_counter() - began
    return 1000 * (took if side.took is None else side.took)


def _row(name: str, what: Callable[[Side], None], old: Side, young: Side, rounds: int) -> Row:
    for _ in range(3):
        what(old)
        what(young)
    pairs = [(_timed(old, what), _timed(young, what)) for _ in range(rounds)]
    olds, youngs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    note = f"median of {rounds}, {spread(olds)} and {spread(youngs)}"
    return Row(name, median(olds), median(youngs), "ms", note)


@contextlib.contextmanager
def _serving(side: Side) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.serving", str(side.folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        side.url = process.stdout.readline().strip()
        assert side.url, "the server has not started"
        yield
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def measure(quick: bool) -> Sequence[Row]:
    rounds = 10 if quick else ROUNDS
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        young = Side(Path(folder, "young"), build(Path(folder, "young"), YOUNG))
        old = Side(Path(folder, "old"), build(Path(folder, "old"), QUICK if quick else OLD))
        try:
            rows = [
                _row("Director begins", Side.take_over, old, young, rounds),
                _row("projector begins", Side.project, old, young, min(rounds, 20)),
            ]
            with _serving(old), _serving(young):
                rows += [
                    _row("submit", Side.submit, old, young, rounds),
                    _row("show", Side.show, old, young, rounds),
                    _row("show ?at=", Side.past, old, young, rounds),
                    _row("list a page", Side.list_page, old, young, rounds),
                    _row("metrics", Side.metrics, old, young, rounds),
                    _row("resume a stream", Side.resume, old, young, rounds),
                    _row("one step of the Director", Side.step, old, young, rounds),
                ]
            return rows
        finally:
            old.close()
            young.close()


BENCH = Bench(
    "long_life",
    f"the same questions to a store of {OLD:,} events (--quick: {QUICK:,}) beside one of {YOUNG:,}",
    ("old", "young"),
    measure,
)
