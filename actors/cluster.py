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
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from actors.blobs.folder import open_blobs
from actors.director.desk import Desk
from actors.director.director import Director
from actors.director.throttle import Limit, Throttle
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
from actors.media.credentials import Signing
from actors.work.attempt import Attempts, Workshop
from actors.work.crash import Crash, arm
from actors.work.crew import CREW, Seat, lane_of, places, seat_of, stage_actors
from actors.work.presence import StandingPresence
from actors.work.provider_call import Provider
from actors.work.relay import Line, Relay
from actors.work.seats import TRIES, Seats, pause_s
from actors.work.stage import Order
from actors.work.surroundings import Surroundings
from domain.failures import RetryPolicy
from domain.ports import ActiveJobs
from domain.pricing import PriceBook
from domain.store import EventStore, Studio, open_event_store

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
STAFFING_PAUSE_S = 0.2
START_LIMIT_S = 180.0
"""A start that neither fails nor ends has failed by then."""
KNOCK_S = 10.0
STEADY_S = 60.0
"""A Director that has run for so long is not one whose start fails."""
LONGEST_REASON = 600
MANY = 1000

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PLAIN = (ConnectionError, OSError, RuntimeError)
"""Errors whose own words say it all; others are told with their names."""


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
    start_s: float = 90.0
    """How long a worker may take to start."""
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
        self._relay = Relay()
        logging.getLogger().addHandler(self._relay)
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
        return self._state()

    @ray.method(concurrency_group="control")
    async def look(self) -> dict[str, Any]:
        """The status, and what was logged here since the last look."""
        return {**self._state(), "log": self._relay.take()}

    def _state(self) -> dict[str, Any]:
        return {"worker": self._boot_id, "pid": os.getpid(), "attempts": self._attempts.running}


class DirectorActor:
    """The Director's process. It asks for each seat of the crew when the first order for it is given.

    The crew's actors belong to the process that started Ray: they would die with a Director that owned them,
    and their calls in flight with them.
    """

    def __init__(self, settings: CrewSettings) -> None:
        arm(settings.crash)
        self._relay = Relay()
        logging.getLogger().addHandler(self._relay)
        self._seats = Seats(seat.name for seat in CREW)
        self._start_s = settings.start_s
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
            at_work=self._at_work,
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
        worker = self._seats.at(seat.name)
        state = self._seats.state(seat.name)
        if worker is None:
            return state
        try:
            told: dict[str, Any] = await asyncio.wait_for(worker.status.remote(), WORKER_STATUS_TIMEOUT_S)
        except (TimeoutError, ray.exceptions.RayError) as error:
            if isinstance(error, ray.exceptions.ActorDiedError):
                self._seats.failed(seat.name, worker, reason_of(error), gone=True)
                state = self._seats.state(seat.name)
            return state if "error" in state else {"state": f"no answer: {type(error).__name__}"}
        return told

    async def wanted(self) -> tuple[str, bool]:
        """The name of the next seat that somebody is needed for, and whether its last worker is gone."""
        return await self._seats.wanted()

    async def said(self) -> list[Line]:
        """What was logged here since the last call."""
        return await self._relay.lines()

    async def seat(self, name: str, worker: Any) -> None:
        self._seats.take(name, worker)

    async def _perform(self, order: Order) -> str:
        name = seat_of(order.key.stage).name
        await self._seats.pause(name)
        worker = await self._seats.worker(name)
        try:
            if not self._seats.proven(name):
                # A process that ends at every start is started again by Ray for ever, and nobody is told.
                await asyncio.wait_for(worker.status.remote(), self._start_s)
                self._seats.answered(name, worker)
            outcome: str = await worker.perform.remote(order)
        except ray.exceptions.RayTaskError:
            raise  # the worker lives, and says so
        except TimeoutError:
            self._seats.failed(name, worker, f"it did not start within {self._start_s:g} s", gone=True)
            raise
        except ray.exceptions.RayError as error:
            gone = isinstance(error, ray.exceptions.ActorDiedError)
            self._seats.failed(name, worker, reason_of(error), gone=gone)
            raise
        return outcome

    async def _cancel(self, job_id: UUID) -> None:
        calls = [worker.cancel.remote(job_id) for worker in self._seats.workers()]
        await asyncio.gather(*calls, return_exceptions=True)

    async def _at_work(self) -> dict[str, list[str]]:
        """What each worker that answers is making, by its boot id; what they have logged is logged here."""
        calls = [
            asyncio.wait_for(worker.look.remote(), WORKER_STATUS_TIMEOUT_S)
            for worker in self._seats.workers()
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        told = [one for one in answers if isinstance(one, dict)]
        for one in told:
            for level, name, text in one["log"]:
                logging.getLogger(name).log(level, "%s: %s", one["worker"], text)
        return {one["worker"]: one["attempts"] for one in told}


def reason_of(error: BaseException) -> str:
    """What was raised, on one line: of an error that came through Ray, the last line of its traceback."""
    text = _COLOUR.sub("", str(error)).strip()
    if isinstance(error, ray.exceptions.RayError) and "Traceback" not in text and "creation task" not in text:
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    elif isinstance(error, ray.exceptions.RayError):
        text = text.splitlines()[-1]
    elif not text or not (isinstance(error, _PLAIN) or type(error) is Exception):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    told = " ".join(text.split())
    return told if len(told) <= LONGEST_REASON else f"{told[: LONGEST_REASON - 1]}…"


def _knock(address: str) -> None:
    """ConnectionError at once where nobody listens; Ray itself finds out after minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK_S):
            pass
    except (OSError, OverflowError) as error:
        raise ConnectionError(f"nothing answers there: {getattr(error, 'strerror', None) or error}") from None


def _has_nodes() -> bool:
    """Whether there is still a Ray to work on."""
    nodes = cast("Any", ray.nodes)
    try:
        return any(node["Alive"] for node in nodes())
    except Exception:  # noqa: BLE001 - whatever it raises, there is no Ray that could be asked
        return False


class Cluster:
    """Ray and the Director, started and kept running from a thread of this process.

    ``address`` is ``local`` for a Ray of our own on this machine, else an existing cluster's (``auto`` finds
    one). Whatever Ray raises is told by ``status``: a Ray of our own that cannot be started has failed for
    good, and a cluster that cannot be joined is tried again.
    """

    def __init__(self, settings: CrewSettings, address: str = LOCAL) -> None:
        self._settings = settings
        self._address = address
        self._surroundings = Surroundings(os.environ)
        self._stopping = threading.Event()
        self._stop = threading.Lock()
        self._stopped = False
        self._ready = threading.Event()
        self._at_rest = threading.Event()
        self._ray_has_ended = threading.Event()
        self._director: Any = None
        self._workers: dict[str, Any] = {}
        self._error: str | None = None
        self._failed = False
        self._failures = 0
        self._connected = False
        self._run_began = 0.0
        self._silent_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._asking = threading.Lock()
        self._staffing: list[threading.Thread] = []

    def start(self) -> None:
        self._silent_since = time.monotonic()
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        return self._ready.wait(timeout_s)

    def status(self) -> dict[str, Any]:
        """``{"state": starting | ready | failed | stopped, …}``; asks the actors, so call it in a thread.

        ``error`` says what went wrong last. What has failed may be tried further, and be ready later.
        """
        if self._failed:
            return {"state": "failed", "error": self._error}
        if self._stopping.is_set():
            return {"state": "stopped"}
        told, unanswered = self._ask()
        silent_s = time.monotonic() - (self._silent_since or time.monotonic())
        if told is None and silent_s > START_LIMIT_S:
            why = self._error or unanswered or "Ray gives no reason"
            return {"state": "failed", "error": f"no answer for {silent_s:.0f} s: {why}"}
        if told is None or (self._failures and time.monotonic() - self._run_began < STEADY_S):
            state = "failed" if self._failures >= TRIES else "starting"
            error = {"error": self._error} if self._error else {}
            no_answer = {"no_answer": unanswered} if unanswered else {}
            return {"state": state, **error, **no_answer, **(told or {})}
        return self._crew_state(told)

    @staticmethod
    def _crew_state(told: dict[str, Any]) -> dict[str, Any]:
        """What the Director tells, and whether there is a seat that cannot be filled."""
        empty = [
            f"the {name} cannot be started: {seat['error']}"
            for name, seat in told.get("crew", {}).items()
            if seat.get("state") == "cannot be started"
        ]
        if empty:
            return {"state": "failed", "error": "; ".join(empty), **told}
        return {"state": "ready", **told}

    def _ask(self) -> tuple[dict[str, Any] | None, str | None]:
        """What the Director tells, or why it does not."""
        told, why = None, None
        # Never waits long: whoever holds the lock is starting Ray anew, which may take for ever.
        if self._director is not None and self._asking.acquire(timeout=STATUS_TIMEOUT_S):
            try:
                if self._director is not None:
                    told = ray.get(self._director.status.remote(), timeout=STATUS_TIMEOUT_S)
            except Exception as error:  # noqa: BLE001 - whatever Ray raises, the asker is told
                why = type(error).__name__
            finally:
                self._asking.release()
        if told is not None:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        return told, why

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
        grace_s = self._settings.grace_s
        if self._director is not None:
            try:
                ray.get(self._director.stop.remote(grace_s), timeout=STOP_TIMEOUT_S)
            except ray.exceptions.RayError as error:
                log.warning("the Director did not answer at the end: %s", type(error).__name__)
        if self._thread.is_alive():
            self._at_rest.wait((grace_s if self._director is not None else 0.0) + STOP_TIMEOUT_S)
        # Ray ends the process in which one thread calls it while another shuts it down.
        if self._director is not None:
            with contextlib.suppress(ray.exceptions.RayError):
                ray.kill(self._director)
        for thread in self._staffing:
            thread.join(STOP_TIMEOUT_S)
        # A start that never ends holds the lock for ever: then Ray's processes end with this one.
        if self._at_rest.is_set() and self._asking.acquire(timeout=STOP_TIMEOUT_S):
            try:
                if ray.is_initialized():
                    ray.shutdown()
            finally:
                self._asking.release()
        self._ray_has_ended.set()
        self._surroundings.close()

    def _run(self) -> None:
        try:
            self._keep_running()
        except BaseException as error:  # noqa: BLE001 - a thread that dies in silence leaves all waiting for ever
            self._fail(error)
        finally:
            self._at_rest.set()
        if self._connected:
            self._ray_has_ended.wait()

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._has_ray():
                    if self._address == LOCAL and not self._connected:
                        return  # what was half started ends with this thread
                    self._stopping.wait(pause_s(self._failures))
                    continue
                if self._director is None:
                    self._appoint()
                self._run_began = time.monotonic()
                run = self._director.run.remote()
                self._ready.set()
                ray.get(run)
            except BaseException as error:  # noqa: BLE001 - whatever ended it, it is told and begun anew
                if self._stopping.is_set():
                    return
                self._note(error)
                self._stopping.wait(pause_s(self._failures))
                if not isinstance(error, ray.exceptions.RayError) or isinstance(
                    error, ray.exceptions.ActorDiedError
                ):
                    # Ray will not start it again: its restarts have no limit, so Ray has died, or a start.
                    self._dismiss()

    def _has_ray(self) -> bool:
        """Whether there is a Ray to work on; it is started or joined where there is none."""
        if self._director is not None:
            return True
        with self._asking:  # nobody may call Ray while it is shut down
            try:
                if ray.is_initialized():
                    if _has_nodes():
                        return True
                    log.warning("Ray is gone; starting or joining it again")
                    self._workers.clear()
                    ray.shutdown()
                self._connect()
            except BaseException as error:  # noqa: BLE001 - Ray raises what it likes, SystemExit even
                self._failures += 1
                self._fail(error)
                return False
        self._error, self._failed, self._failures, self._connected = None, False, 0, True
        return True

    def _fail(self, error: BaseException) -> None:
        self._error = f"Ray could not be started or joined at {self._address}: {reason_of(error)}"
        self._failed = True
        log.error("%s", self._error)

    def _note(self, error: BaseException) -> None:
        """The Director's process died: Ray starts it again, or we do, and it goes on from the events."""
        if time.monotonic() - self._run_began >= STEADY_S:
            self._failures = 0
        self._failures += 1
        self._error = f"the Director ended: {reason_of(error)}"
        log.warning("%s (%d in a row)", self._error, self._failures)

    def _appoint(self) -> None:
        self._director = _actor_class(DirectorActor, 0).remote(self._settings)
        self._staffing = [
            threading.Thread(target=work, args=(self._director,), name=name, daemon=True)
            for name, work in (("staffing", self._keep_staffed), ("log", self._listen))
        ]
        for thread in self._staffing:
            thread.start()

    def _dismiss(self) -> None:
        director, self._director = self._director, None
        with contextlib.suppress(Exception):
            ray.kill(director)  # who asks it for the next seat must be told that it is gone
        for thread in self._staffing:
            thread.join()

    def _listen(self, director: Any) -> None:
        """Log here what the Director logs: its own process has no log that anybody reads."""
        while director is self._director and not self._stopping.is_set():
            try:
                for level, name, text in ray.get(director.said.remote()):
                    logging.getLogger(name).log(level, "%s", text)
            except Exception:  # noqa: BLE001 - it is being started again, and what it was is told elsewhere
                self._stopping.wait(STAFFING_PAUSE_S)

    def _keep_staffed(self, director: Any) -> None:
        """Start a worker for each seat that the Director asks for; after its restart, tell it of all."""
        while director is self._director and not self._stopping.is_set():
            try:
                for name, worker in self._workers.items():
                    ray.get(director.seat.remote(name, worker))
                while True:
                    name, anew = ray.get(director.wanted.remote())
                    if anew and name in self._workers:
                        # What still starts is not to go on beside the next one.
                        with contextlib.suppress(Exception):
                            ray.kill(self._workers.pop(name))
                    if name not in self._workers:
                        [seat] = [seat for seat in CREW if seat.name == name]
                        actor = _actor_class(WorkerActor, seat.num_cpus)
                        self._workers[name] = actor.remote(self._settings, name)
                    ray.get(director.seat.remote(name, self._workers[name]))
            except Exception as error:  # noqa: BLE001 - it is being started again; who asked will ask again
                if not isinstance(error, ray.exceptions.RayError):
                    log.warning("a seat could not be filled: %s", reason_of(error))
                self._stopping.wait(STAFFING_PAUSE_S)

    def _connect(self) -> None:
        with self._surroundings.entered():
            self._init()

    def _init(self) -> None:
        if self._address == LOCAL:
            if not {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys():
                # Ray would write one into the home folder, which may not be there or not be ours to write.
                os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
            ray.init(
                address=LOCAL,
                namespace=NAMESPACE,
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
                object_store_memory=OBJECT_STORE_BYTES,
                num_cpus=max(2, os.cpu_count() or 2),
                _temp_dir=str(self._surroundings.folder),
            )
            return
        _knock(self._address)
        os.environ.update({k: os.environ.get(k, v) for k, v in _CLUSTER_SETTINGS.items()})
        ray.init(
            address=self._address,
            namespace=NAMESPACE,
            log_to_driver=False,
            # The code and nothing else: keys, films and events stay where they are.
            runtime_env={"working_dir": str(self._surroundings.code())},
        )
