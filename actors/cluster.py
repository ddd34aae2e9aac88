"""Ray: puts the Director and the crew into actors, and keeps them running.

Settings and their reasons were measured: token authentication stays on (Ray listens on all interfaces), task
events off (GCS memory grows with each call otherwise), Ray's own retries off (a retried call is paid twice;
retries belong to the event log), no dashboard. ``ray.init`` runs in a thread: on the main thread it would
take over SIGTERM from the web server. That thread must outlive Ray: its processes ask Linux for SIGKILL when
their parent ends, and to Linux the parent is the thread that started them.

Longer than other files, as nothing that touches Ray may stand elsewhere.
"""

import contextlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from actors.director.process import DirectorProcess
from actors.work.address import knock
from actors.work.crew import CREW
from actors.work.crew_settings import CrewSettings
from actors.work.crew_status import crew_state, reason_on_one_line
from actors.work.pools import ray_nodes
from actors.work.pools.crew import Loss
from actors.work.pools.place import Start
from actors.work.pools.staff import Staff
from actors.work.pools.starts import TRIES, pause_s
from actors.work.process_environment import (
    CLUSTER_SETTINGS,
    RAY_SETTINGS,
    ProcessEnvironment,
    local_options,
)
from actors.work.worker import Worker

for _name, _value in RAY_SETTINGS.items():
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402 - reads the settings above when it is imported
from ray import _raylet  # noqa: E402 - as no public part of Ray says whether a head is the one that was joined
from ray._private import state as ray_state  # noqa: E402 - nor does one tell of one actor or node
from ray.core.generated import gcs_pb2  # noqa: E402 - as above

log = logging.getLogger("reelog.cluster")

LOCAL = "local"
NAMESPACE = "reelog"
STATUS_TIMEOUT_S = 2.0
"""Whoever asks how the crew is waits no longer; a worker that is loading answers late."""
STOP_TIMEOUT_S = 10.0
STAFFING_PAUSE_S = 0.2
START_LIMIT_S = 180.0
"""A start that neither fails nor ends has failed by then."""
STEADY_S = 60.0
"""A Director that has run for so long is not one whose start fails."""
F = TypeVar("F", bound=Callable[..., Any])


def _control(method: F) -> F:
    """Run it beside the attempts and the Director's run, and never behind them."""
    return cast("F", ray.method(concurrency_group="control")(method))


def _actor_class(cls: type, cpus: float = 0, memory: int = 0) -> Any:
    """An async Ray actor that comes back after a crash, and whose calls Ray never repeats."""
    return cast("Any", ray.remote)(  # Ray's types do not know the options of actors
        num_cpus=cpus,
        memory=memory or None,
        max_restarts=-1,
        max_task_retries=0,
        max_concurrency=1000,
        concurrency_groups={"control": 4},
    )(cls)


class WorkerActor(Worker):
    """A worker in a process of Ray's; what it is asked beside its attempts never waits for them."""

    cancel = _control(Worker.cancel)
    status = _control(Worker.status)
    look = _control(Worker.look)


class DirectorActor(DirectorProcess):
    """The Director's process; the crew's actors belong to the process that started Ray."""

    def __init__(self, settings: CrewSettings) -> None:
        super().__init__(settings, call_worker, loss_of, ray_nodes.RaySurroundings(ray, ray_state))

    stop = _control(DirectorProcess.stop)
    status = _control(DirectorProcess.status)


def is_joined() -> bool:
    """Whether the Ray that this process joined is still there."""
    return ray_nodes.is_joined(ray, _raylet, gcs_pb2.GcsNodeInfo.ALIVE)  # type: ignore[attr-defined] # made by a program


async def call_worker(worker: Any, method: str, *arguments: Any) -> Any:
    return await getattr(worker, method).remote(*arguments)


def loss_of(error: BaseException) -> Loss | None:
    """What an error of a worker's call means; None where the worker lives, and says so by raising it."""
    if not isinstance(error, ray.exceptions.RayError) or isinstance(error, ray.exceptions.RayTaskError):
        return None
    return Loss(reason_of(error), gone=isinstance(error, ray.exceptions.ActorDiedError))


def reason_of(error: BaseException) -> str:
    return reason_on_one_line(error, of_an_actor=isinstance(error, ray.exceptions.RayError))


class Cluster:
    """Ray and the Director, started and kept running from a thread of this process.

    ``address`` is ``local`` for a Ray of our own on this machine, else an existing cluster's (``auto`` finds
    one). Whatever Ray raises is told by ``status``: a Ray of our own that cannot be started has failed for
    good, and a cluster that cannot be joined is tried again. Where work ``waits``, whoever begins a
    film starts beside the Director, and is there when it gives its first order.
    """

    def __init__(
        self, settings: CrewSettings, address: str = LOCAL, waits: Callable[[], bool] = bool
    ) -> None:
        self._settings = settings
        self._address = address
        self._work_waits = waits
        self._surroundings = ProcessEnvironment(os.environ)
        self._stopping = threading.Event()
        self._stop = threading.Lock()
        self._stopped = False
        self._ready = threading.Event()
        self._at_rest = threading.Event()
        self._ray_has_ended = threading.Event()
        self._director: Any = None
        self._staff = Staff(self._hire, ray.kill)
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
            awaited = "the Director" if self._connected else "Ray"
            return {"state": state, "awaited": awaited, **error, **no_answer, **(told or {})}
        return crew_state(told)

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
                died = isinstance(error, ray.exceptions.ActorDiedError)
                if died or not isinstance(error, ray.exceptions.RayError) or not is_joined():
                    # Ray will not start it again: its restarts have no limit, so Ray has died, or a start.
                    self._dismiss()

    def _has_ray(self) -> bool:
        """Whether there is a Ray to work on; it is started or joined where there is none."""
        if self._director is not None:
            return True
        with self._asking:  # nobody may call Ray while it is shut down
            try:
                if ray.is_initialized():
                    if is_joined():
                        return True
                    log.warning("Ray is gone; starting or joining it again")
                    self._staff.forget()
                    ray.shutdown()
                with self._surroundings.entered():
                    self._init()
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
        self._director = _actor_class(DirectorActor).remote(self._settings)
        if not self._staff.seated() and self._work_waits():
            # Told before it directs: whoever is expected is not asked for once more.
            self._director.seat.remote(*self._staff.begin(CREW[0]))
        self._staffing = [
            threading.Thread(target=work, args=(self._director,), name=name, daemon=True)
            for name, work in (("staffing", self._keep_staffed), ("log", self._listen))
        ]
        for thread in self._staffing:
            thread.start()

    def _dismiss(self) -> None:
        director, self._director = self._director, None
        if is_joined():
            with contextlib.suppress(Exception):
                ray.kill(director)  # who asks it for the next seat must be told that it is gone
        for thread in self._staffing:
            thread.join(STOP_TIMEOUT_S)

    def _listen(self, director: Any) -> None:
        """Log here what the Director logs: its own process has no log that anybody reads."""
        while director is self._director and not self._stopping.is_set():
            try:
                for level, name, text in ray.get(director.said.remote()):
                    logging.getLogger(name).log(level, "%s", text)
            except Exception:  # noqa: BLE001 - it is being started again, and what it was is told elsewhere
                self._stopping.wait(STAFFING_PAUSE_S)

    def _keep_staffed(self, director: Any) -> None:
        """Fill and end the places that the Director asks for; after its restart, tell it of all."""
        while director is self._director and not self._stopping.is_set():
            try:
                for place, worker in self._staff.seated():
                    ray.get(director.seat.remote(place, worker))
                while True:
                    filled = self._staff.fill(ray.get(director.wanted.remote()))
                    if filled is not None:
                        ray.get(director.seat.remote(*filled))
            except Exception as error:  # noqa: BLE001 - it is being started again; who asked will ask again
                if not isinstance(error, ray.exceptions.RayError):
                    log.warning("a place could not be filled: %s", reason_of(error))
                self._stopping.wait(STAFFING_PAUSE_S)

    def _hire(self, place: Start) -> Any:
        [seat] = [seat for seat in CREW if seat.name == place.seat]
        return _actor_class(WorkerActor, place.cpus, seat.memory_bytes).remote(self._settings, seat.name)

    def _init(self) -> None:
        if self._address == LOCAL:
            if not {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys():
                # Ray would write one into the home folder, which may not be there or not be ours to write.
                os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
            ray.init(address=LOCAL, namespace=NAMESPACE, **local_options(self._surroundings.folder))
            return
        knock(self._address)
        os.environ.update({k: os.environ.get(k, v) for k, v in CLUSTER_SETTINGS.items()})
        ray.init(
            address=self._address,
            namespace=NAMESPACE,
            log_to_driver=False,
            # The code and nothing else: keys, films and events stay where they are.
            runtime_env={"working_dir": str(self._surroundings.code())},
        )
