"""The whole product but HTTP and Ray in one process that can be killed: stores, projector, Director, workers.

Ray is left out so that a process starts in milliseconds: the same Director, attempts and stage actors run on
one event loop, against the emulator in a process of its own. Everything that can be lost, done twice or left
half done happens here as it does on Ray; what Ray itself adds is killed in ``test_kill_processes.py``.

Its films are a quarter as wide and high as any film that can be asked for: their frames are drawn and encoded
as ever, and that was most of the time of a hundred stories in which nobody looks at them.
"""

import asyncio
import contextlib
import functools
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import actors.gemini.genai_adapter  # noqa: F401 - loaded before the fork, as it takes a second
from actors.blobs.opening import open_blobs
from actors.director.desk import Desk
from actors.director.director import Director
from actors.director.throttle import Limit, Throttle
from actors.gemini.catalogue import Catalogue
from actors.gemini.connect import open_gateway
from actors.media.formats import Format, film_format
from actors.stages.composition import film_frames
from actors.work.attempt import Attempts
from actors.work.crew import capacity, lane_of, stage_actors
from actors.work.presence import StandingPresence
from actors.work.provider_call import Provider
from actors.work.stage import Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from actors.work.workshop import Workshop
from api.cli.main import main
from api.composition import Provider as ProviderName
from api.composition import System, gateway_settings, open_active_jobs, open_system
from api.model_directory import ModelDirectory
from api.settings import Settings, load_settings
from domain.asset import Asset
from domain.failures import RetryPolicy
from domain.job import Job
from domain.pricing import PriceBook
from domain.script import Stage
from domain.store import JobNotFoundError, Recorded, Studio, open_event_store
from domain.submission import Models, Options
from tests.accepted_calls import LaterPictures, LaterProvider

DEADLINE_S = 180
TERMINAL = (Job.Completed, Job.Failed, Job.Cancelled)
QUICK = RetryPolicy(patience_s=0.2, base_s=0.01, cap_s=0.02)

LOADED = "tests.crash.loaded_crew"
"""What a life is forked from has loaded."""
HURRY = 4
"""How much faster the Director's second look for death comes, where whoever is gone was killed."""


def now() -> datetime:
    return datetime.now(UTC)


def small_format(aspect_ratio: str, resolution: str, quality: str, fps: int) -> Format:
    asked = film_format(aspect_ratio, resolution, quality, fps)
    return replace(asked, width=asked.width // 4, height=asked.height // 4)


class CrewInThisProcess:
    """What ``composition.open_cluster`` gives, without Ray: Director and worker on one loop in a thread."""

    def __init__(
        self,
        settings: Settings,
        provider: ProviderName,
        prices: PriceBook,
        only: frozenset[UUID] | None,
        hurry: float = 1,
        worker_store: str | None = None,
        later: tuple[Path, int | None] | None = None,
    ) -> None:
        store = open_event_store(settings.store)
        studio = Studio(store)
        workers = open_event_store(worker_store or settings.store)
        workers_studio = Studio(workers)
        blobs = open_blobs(settings.blobs)
        gateway = gateway_settings(settings, provider)
        calls = Provider(lambda: open_gateway(gateway), prices, now)
        stages = stage_actors(calls, workers_studio, now)
        if later is not None:
            pictures = LaterPictures(LaterProvider(*later), stages[Stage.IMAGE_GENERATION])
            stages[Stage.IMAGE_GENERATION] = pictures
        worker = f"worker:{uuid4().hex}"
        self._presence = StandingPresence(workers.presence(worker))
        self._presence.keep()
        self._attempts = Attempts(
            Workshop(workers_studio, blobs, worker, stages, present=self._presence.ensure, policy=QUICK)
        )
        desk = Desk(
            studio=studio,
            blobs=blobs,
            stages=stage_actors(calls, studio, now),
            provider=provider,
            boot_id=f"director:{uuid4().hex}",
            clock=now,
            presence=store.presence,
            only=only,
            monotonic=lambda: hurry * time.monotonic(),
        )
        throttle = Throttle(Limit())
        self._director = Director(
            desk,
            store,
            open_active_jobs(settings.store),
            perform=self._perform,
            cancel=self._cancel,
            lane_of=lane_of,
            places=functools.partial(capacity, throttle=throttle, of_seat=lambda _: 1),
            max_active_jobs=settings.max_active_jobs,
            throttle=throttle,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crew")

    async def _perform(self, order: Order) -> str:
        # As on Ray: a Director that no longer waits for an answer does not end the attempt.
        return await asyncio.shield(self._attempts.perform(order))

    async def _cancel(self, job_id: UUID) -> None:
        self._attempts.cancel(job_id)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._begun.set()
            runner.run(self._director.run())

    def start(self) -> None:
        self._thread.start()
        assert self._begun.wait(DEADLINE_S)

    def stop(self) -> None:
        # From its own thread, or it would sleep until its next look.
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._director.stop)
        self._thread.join()
        self._presence.close()

    def status(self) -> dict[str, Any]:
        return {"state": "ready"}


@dataclass(frozen=True)
class Life:
    """What one process does before it ends or is killed. Everything here is picklable."""

    folder: Path
    store: str
    emulator_url: str
    job_id: UUID
    script: str
    options: dict[str, Any] = field(default_factory=dict)
    blobs: str | None = None
    log: Path | None = None
    """Where to write what a server would say on stderr."""
    crash_at: str | None = None
    max_active_jobs: int = 4
    cancel_at: str | None = None
    """Ask for the job to be cancelled when the attempt of this asset has started, or its call is accepted."""
    retry: bool = False
    """Reopen the job once it has ended, and go on to its next end."""
    rename: bool = False
    """Rename the film once something of it is begun, and again when it has ended."""
    hurry: float = HURRY
    """1 where a live worker may be without its lock for a moment: it would soon pass for dead otherwise."""
    worker_store: str | None = None
    """How the worker reaches the store, where that is another way than the Director's."""
    later: tuple[Path, int | None] | None = None
    """Where the provider of pictures keeps what it is asked, if it answers later, and at which asking."""
    busy_timeout_s: int | None = None
    """How long SQLite waits for a lock, where that is to be waited out."""

    def settings(self) -> Settings:
        return load_settings(
            {"REELOG_STORE": self.store, "REELOG_GEMINI_BASE_URL": self.emulator_url},
            Path("/nonexistent.env"),
            DATA_DIR=self.folder,
            PORT=0,
            BLOBS=self.blobs,
            CRASH_AT=self.crash_at,
            MAX_ACTIVE_JOBS=self.max_active_jobs,
        )

    def open(self, **changes: Any) -> System:
        return open_system(
            self.settings(),
            provider="emulator",
            models=ModelDirectory(functools.partial(Catalogue, None, date(2026, 11, 22))),
            **changes,
        )


def submit(system: System, life: Life) -> None:
    """As the API does: the same id again changes nothing."""
    options = Options.model_validate(life.options)
    system.studio.submit(
        Job.submit(
            life.job_id,
            now=now(),
            script=life.script,
            models=Models().named(options),
            options=options.model_dump(),
            provider="emulator",
            weights=system.readers.weights(life.script, Models().named(options), options, "emulator"),
        )
    )


def command(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """One of our commands in that folder; what it says is in ``stdout`` and ``stderr`` there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name in [name for name in os.environ if name.startswith(("REELOG_", "GEMINI_", "GOOGLE_"))]:
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(folder)
    with (
        Path("stdout").open("w", encoding="utf-8") as out,
        Path("stderr").open("w", encoding="utf-8") as errors,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(errors),
    ):
        main(list(arguments), prog_name="reelog")


def live(life: Life) -> None:
    """Submit the job unless it is there, work until it has ended, and end."""
    assert LOADED in sys.modules, "forked from a process that has loaded nothing"
    # What the test runner made of signals is not for this process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if life.log is not None:
        logging.basicConfig(filename=life.log, level=logging.INFO)
    film_frames.film_format = small_format
    if life.busy_timeout_s is not None:
        store = [module for name, module in sys.modules.items() if name.startswith("domain.store.sqlite")]
        timed = [module for module in store if hasattr(module, "BUSY_TIMEOUT_S")]
        assert timed
        for module in timed:
            vars(module)["BUSY_TIMEOUT_S"] = life.busy_timeout_s
    start_actors = functools.partial(
        CrewInThisProcess, hurry=life.hurry, worker_store=life.worker_store, later=life.later
    )
    system = life.open(with_actors=True, start_actors=start_actors)
    try:
        try:
            system.studio.job(life.job_id)
        except JobNotFoundError:
            submit(system, life)
        system.start()
        until(system, _ended(life, system))
        if life.retry and system.studio.job(life.job_id).run == 1:
            system.studio.change_job(life.job_id, lambda job: job.reopen("retry", now=now()))
            until(system, _ended(life, system))
        if life.rename:
            system.studio.change_job(life.job_id, lambda job: job.rename("As it is finished", now=now()))
        assert system.readers.wait_for(system.log.head(), DEADLINE_S)
    finally:
        system.close()


def _ended(life: Life, system: System) -> Callable[[Recorded], bool]:
    """Whether this event ends the job as it now stands; cancels, renames or approves it on the way."""

    def seen(recorded: Recorded) -> bool:
        event = recorded.event
        begun = Asset.AttemptStarted if life.later is None else Asset.CallAccepted
        if isinstance(event, begun) and life.cancel_at is not None:
            asset: Asset = system.studio.repository.get(event.originator_id)
            if asset.key.name == life.cancel_at:
                system.studio.change_job(life.job_id, lambda job: job.request_cancel(now=now()))
        if isinstance(event, begun) and life.rename and system.studio.job(life.job_id).title is None:
            system.studio.change_job(life.job_id, lambda job: job.rename("In the making", now=now()))
        if isinstance(event, Job.ReviewRequested):
            system.studio.change_job(life.job_id, lambda job: job.approve(now=now()))
        return isinstance(event, TERMINAL) and system.studio.job(life.job_id).ended

    return seen


def until(system: System, wanted: Callable[[Recorded], bool]) -> None:
    """Follow the log until an event is wanted, also while the store is away for a time."""
    follower = system.store.follower(0)
    deadline = time.monotonic() + DEADLINE_S
    unseen: list[Recorded] = []
    try:
        while time.monotonic() < deadline:
            try:
                unseen += system.log.decode(follower.next_batch(1))
                while unseen:
                    if wanted(unseen[0]):
                        return
                    unseen.pop(0)
            except TRANSIENT_ERRORS:
                time.sleep(0.1)
        raise TimeoutError("nothing more happens")
    finally:
        follower.close()
