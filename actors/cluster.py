"""Ray: the only module that knows it. Puts the Director and the crew into actors, and keeps them running.

Settings and their reasons were measured: token authentication stays on (Ray listens on all interfaces), task
events off (GCS memory grows with each call otherwise), Ray's own retries off (a retried call is paid twice;
retries belong to the event log), no dashboard. ``ray.init`` runs in a thread: on the main thread it would
take over SIGTERM from the web server. That thread must outlive Ray: its processes ask Linux for SIGKILL when
their parent ends, and to Linux the parent is the thread that started them.
"""

import asyncio
import contextlib
import functools
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from actors.attempt import Attempts, Workshop
from actors.blobs import open_blobs
from actors.crash import Crash, arm
from actors.crew import CREW, Seat, lane_of, places, seat_of, stage_actors
from actors.desk import Desk
from actors.director import Director
from actors.gemini.gateway import GatewaySettings, open_gateway
from actors.media.credentials import Signing
from actors.presence import StandingPresence
from actors.provider_call import Provider
from actors.stage import Order
from actors.throttle import Limit, Throttle
from domain.event_store import EventStore, open_event_store
from domain.failures import RetryPolicy
from domain.ports import ActiveJobs
from domain.pricing import PriceBook
from domain.studio import Studio

_RAY_SETTINGS = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_task_events_report_interval_ms": "0",
    "RAY_DISABLE_FAILURE_SIGNAL_HANDLER": "1",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_CLUSTER_SETTINGS = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}
for _name, _value in _RAY_SETTINGS.items():
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402 - reads the settings above when it is imported

log = logging.getLogger("reelog.cluster")

LOCAL = "local"
NAMESPACE = "reelog"
OBJECT_STORE_BYTES = 200 * 1024 * 1024
"""Bytes never travel through Ray; this is near the least that it accepts."""
STATUS_TIMEOUT_S = 2.0
"""Whoever asks how the crew is waits no longer; a worker that is loading answers late."""
WORKER_STATUS_TIMEOUT_S = 1.0
STOP_TIMEOUT_S = 10.0
RESTART_PAUSE_S = 1.0
STAFFING_PAUSE_S = 0.2
REJOIN_PAUSE_S = 5.0
MANY = 1000


@dataclass(frozen=True)
class CrewSettings:
    """All that an actor needs to build its own clients in its own process. Picklable, keys masked in print.

    ``active_jobs`` is a picklable factory: the board belongs to the projections, which actors do not know.
    ``only`` restricts the Director to these jobs (``reelog make`` runs its own and no other).
    ``limit`` holds for each model that has none of its own in ``limits``.
    """

    store_url: str
    blobs_url: str
    gateway: GatewaySettings
    provider: str
    prices: PriceBook
    active_jobs: Callable[[], ActiveJobs]
    max_active_jobs: int = 4
    only: frozenset[UUID] | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limit: Limit = field(default_factory=Limit)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    grace_s: float = 10.0
    """How long attempts under way may take to end when the crew is stopped."""
    crash: Crash | None = None
    signing: Signing | None = None
    """What films are signed with, where they are."""


def _clock() -> datetime:
    return datetime.now(UTC)


def _provider(settings: CrewSettings) -> Provider:
    return Provider(lambda: open_gateway(settings.gateway), settings.prices, _clock)


def _actor_class(cls: type, num_cpus: float) -> Any:
    """An async Ray actor that comes back after a crash, and whose calls Ray never repeats."""
    remote = cast("Any", ray.remote)  # Ray's types do not know the options of actors
    return remote(
        num_cpus=num_cpus,
        max_restarts=-1,
        max_task_retries=0,
        max_concurrency=MANY,
        concurrency_groups={"control": 4},
    )(cls)


class WorkerActor:
    """A worker process of the crew: it makes the attempts that it is ordered to make."""

    def __init__(self, settings: CrewSettings, seat: str) -> None:
        arm(settings.crash)
        self._store: EventStore = open_event_store(settings.store_url)
        self._boot_id = f"worker:{seat}:{uuid4().hex}"
        # Held before the first attempt and until the process ends: whoever obtains it knows we are gone.
        self._presence = StandingPresence(self._store.presence(self._boot_id))
        self._presence.keep()
        studio = Studio(self._store)
        self._attempts = Attempts(
            Workshop(
                studio=studio,
                blobs=open_blobs(settings.blobs_url),
                worker=self._boot_id,
                stages=stage_actors(_provider(settings), studio, _clock, settings.signing),
                present=self._presence.ensure,
                policy=settings.policy,
            )
        )

    async def perform(self, order: Order) -> str:
        return await self._attempts.perform(order)

    @ray.method(concurrency_group="control")
    async def cancel(self, job_id: UUID) -> int:
        return self._attempts.cancel(job_id)

    @ray.method(concurrency_group="control")
    async def status(self) -> dict[str, Any]:
        return {"worker": self._boot_id, "pid": os.getpid(), "attempts": self._attempts.running}


class DirectorActor:
    """The Director's process. It asks for each seat of the crew when the first order for it is given.

    The crew's actors belong to the process that started Ray: they would die with a Director that owned them,
    and their calls in flight with them.
    """

    def __init__(self, settings: CrewSettings) -> None:
        arm(settings.crash)
        self._workers: dict[str, Any] = {}
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._seated = asyncio.Event()
        store = open_event_store(settings.store_url)
        studio = Studio(store)
        provider = _provider(settings)
        desk = Desk(
            studio=studio,
            blobs=open_blobs(settings.blobs_url),
            stages=stage_actors(provider, studio, _clock),
            provider=settings.provider,
            boot_id=f"director:{uuid4().hex}",
            clock=_clock,
            presence=store.presence,
            only=settings.only,
            reserve=provider.reservation_usd,
        )
        throttle = Throttle(settings.limit, settings.limits)
        self._director = Director(
            desk,
            store,
            settings.active_jobs(),
            perform=self._perform,
            cancel=self._cancel,
            lane_of=lane_of,
            places=functools.partial(places, throttle=throttle),
            max_active_jobs=settings.max_active_jobs,
            throttle=throttle,
        )

    async def run(self) -> None:
        await self._director.run()

    @ray.method(concurrency_group="control")
    async def stop(self, grace_s: float) -> None:
        self._director.stop(grace_s)

    @ray.method(concurrency_group="control")
    async def status(self) -> dict[str, Any]:
        """Who sits where: the Director's state, and each worker that has been started."""
        told = await asyncio.gather(*(self._status_of(seat) for seat in CREW))
        crew = {
            seat.name: {"stages": [stage.value for stage in seat.stages], **state}
            for seat, state in zip(CREW, told, strict=True)
        }
        return {"director": {**self._director.status(), "pid": os.getpid()}, "crew": crew}

    async def _status_of(self, seat: Seat) -> dict[str, Any]:
        worker = self._workers.get(seat.name)
        if worker is None:
            return {"state": "not needed yet"}
        try:
            told: dict[str, Any] = await asyncio.wait_for(worker.status.remote(), WORKER_STATUS_TIMEOUT_S)
        except (TimeoutError, ray.exceptions.RayError) as error:
            return {"state": f"no answer: {type(error).__name__}"}
        return told

    async def wanted(self) -> str:
        """The name of the next seat that somebody is needed for."""
        return await self._asked.get()

    async def seat(self, name: str, worker: Any) -> None:
        self._workers[name] = worker
        self._seated.set()

    async def _worker(self, seat: Seat) -> Any:
        if seat.name not in self._workers:
            self._asked.put_nowait(seat.name)
        while seat.name not in self._workers:
            self._seated.clear()
            await self._seated.wait()
        return self._workers[seat.name]

    async def _perform(self, order: Order) -> str:
        worker = await self._worker(seat_of(order.key.stage))
        outcome: str = await worker.perform.remote(order)
        return outcome

    async def _cancel(self, job_id: UUID) -> None:
        calls = [worker.cancel.remote(job_id) for worker in self._workers.values()]
        await asyncio.gather(*calls, return_exceptions=True)


def _has_nodes() -> bool:
    """Whether there is still a Ray to work on."""
    nodes = cast("Any", ray.nodes)
    try:
        return any(node["Alive"] for node in nodes())
    except (ConnectionError, RuntimeError, ray.exceptions.RayError):
        return False


class Cluster:
    """Ray and the Director, started and kept running from a thread of this process.

    ``address`` is ``local`` for a Ray of our own on this machine, else an existing cluster's (``auto`` finds
    one).
    """

    def __init__(self, settings: CrewSettings, address: str = LOCAL) -> None:
        self._settings = settings
        self._address = address
        self._stopping = threading.Event()
        self._stop = threading.Lock()
        self._stopped = False
        self._ready = threading.Event()
        self._at_rest = threading.Event()
        self._ray_has_ended = threading.Event()
        self._director: Any = None
        self._workers: dict[str, Any] = {}
        self._error: str | None = None
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._asking = threading.Lock()
        self._staffing: threading.Thread | None = None

    def start(self) -> None:
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        return self._ready.wait(timeout_s)

    def status(self) -> dict[str, Any]:
        """``{"state": starting | ready | failed | stopped, …}``; asks the actors, so call it in a thread."""
        if self._error is not None:
            return {"state": "failed", "error": self._error}
        if self._stopping.is_set():
            return {"state": "stopped"}
        try:
            with self._asking:
                if self._director is None:
                    return {"state": "starting"}
                told = ray.get(self._director.status.remote(), timeout=STATUS_TIMEOUT_S)
        except ray.exceptions.RayError as error:
            return {"state": "starting", "error": type(error).__name__}
        return {"state": "ready", **told}

    def stop(self) -> None:
        """Let what is in flight end for a while, then end the Director and Ray; blocks until then.

        What has not ended is told as lost by the next Director. May be called again, and from any thread.
        """
        with self._stop:
            if not self._stopped:
                self._end()
                self._stopped = True

    def _end(self) -> None:
        self._stopping.set()
        if self._director is not None:
            try:
                ray.get(self._director.stop.remote(self._settings.grace_s), timeout=STOP_TIMEOUT_S)
            except ray.exceptions.RayError as error:
                log.warning("the Director did not answer at the end: %s", type(error).__name__)
        if self._thread.is_alive():
            self._at_rest.wait(self._settings.grace_s + STOP_TIMEOUT_S)
        # Ray ends the process in which one thread calls it while another shuts it down.
        if self._director is not None:
            with contextlib.suppress(ray.exceptions.RayError):
                ray.kill(self._director)
        if self._staffing is not None:
            self._staffing.join(STOP_TIMEOUT_S)
        with self._asking:
            if ray.is_initialized():
                ray.shutdown()
        self._ray_has_ended.set()

    def _run(self) -> None:
        try:
            self._keep_running()
        finally:
            self._at_rest.set()
        self._ray_has_ended.wait()

    def _keep_running(self) -> None:
        try:
            self._connect()
        except (ConnectionError, RuntimeError, OSError, ray.exceptions.RayError) as error:
            self._error = f"Ray could not be started or joined at {self._address}: {error}"
            log.error("%s", self._error)  # noqa: TRY400 - the message says it all; Ray's traceback does not help
            return
        self._appoint()
        while not self._stopping.is_set():
            try:
                run = self._director.run.remote()
                self._ready.set()
                ray.get(run)
            except ray.exceptions.RayError as error:
                if not self._stopping.is_set():
                    # The process died; Ray starts it again, and it goes on from the events.
                    log.warning("the Director ended: %s", type(error).__name__)
                    time.sleep(RESTART_PAUSE_S)
                    if isinstance(error, ray.exceptions.ActorDiedError):
                        self._begin_anew()

    def _appoint(self) -> None:
        self._workers.clear()
        self._director = _actor_class(DirectorActor, 0).remote(self._settings)
        self._staffing = threading.Thread(
            target=self._keep_staffed, args=(self._director,), name="staffing", daemon=True
        )
        self._staffing.start()

    def _begin_anew(self) -> None:
        """Start what Ray will not start again: its restarts have no limit, so Ray has died, or a start."""
        self._director = None
        # As at the end: nobody may call Ray while it is shut down.
        if self._staffing is not None:
            self._staffing.join()
        with self._asking:
            while not _has_nodes() and not self._stopping.is_set():
                log.warning("Ray is gone; starting or joining it again")
                ray.shutdown()
                try:
                    self._connect()
                except (ConnectionError, RuntimeError, OSError, ray.exceptions.RayError) as error:
                    log.warning("Ray could not be started or joined at %s: %s", self._address, error)
                    self._stopping.wait(REJOIN_PAUSE_S)
        if not self._stopping.is_set():
            self._appoint()

    def _keep_staffed(self, director: Any) -> None:
        """Start a worker for each seat that the Director asks for; after its restart, tell it of all."""
        while director is self._director and not self._stopping.is_set():
            try:
                for name, worker in self._workers.items():
                    ray.get(director.seat.remote(name, worker))
                while True:
                    name = ray.get(director.wanted.remote())
                    if name not in self._workers:
                        [seat] = [seat for seat in CREW if seat.name == name]
                        actor = _actor_class(WorkerActor, seat.num_cpus)
                        self._workers[name] = actor.remote(self._settings, name)
                    ray.get(director.seat.remote(name, self._workers[name]))
            except ray.exceptions.RayError:
                self._stopping.wait(STAFFING_PAUSE_S)  # it is being started again

    def _connect(self) -> None:
        if self._address == LOCAL:
            ray.init(
                address=LOCAL,
                namespace=NAMESPACE,
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
                object_store_memory=OBJECT_STORE_BYTES,
                num_cpus=max(2, os.cpu_count() or 2),
            )
            return
        os.environ.update({k: os.environ.get(k, v) for k, v in _CLUSTER_SETTINGS.items()})
        ray.init(
            address=self._address,
            namespace=NAMESPACE,
            log_to_driver=False,
            runtime_env={
                "working_dir": str(Path(__file__).parent.parent),
                "excludes": [".venv", ".git", "reelog-data", "reelog-demo", "tests", "docs"],
            },
        )
