"""The start and the end of a cluster, with a Ray made for the test, and what becomes of workers."""

import asyncio
import logging
import socket
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray._private.services import ConsolePopen

from actors import cluster as module
from actors.cluster import Cluster, call_worker, loss_of
from actors.work.crew_status import STANDING_BY, WITHOUT_LEASE, crew_state
from actors.work.pools.crew import PooledCrew
from actors.work.pools.machines import Machines, Node, Whereabouts
from actors.work.pools.place import End, Start
from actors.work.stage import Resume
from domain.script import Stage

pytestmark = pytest.mark.slow  # each takes a while, or there are many

DEADLINE_S = 60


# Ray ends its processes and does not wait for them, which Python would object to in whatever test drops them.
ConsolePopen.__del__ = lambda _: None


class Ray:
    """As much of Ray as a cluster needs to begin and to end; a reference is a function that gives a value."""

    exceptions = ray.exceptions

    def __init__(self) -> None:
        self.told: list[str] = []
        self.starter: threading.Thread | None = None
        self.killed = threading.Event()

    def init(self, **_: Any) -> None:
        self.starter = threading.current_thread()

    def is_initialized(self) -> bool:
        return self.starter is not None

    def get(self, reference: Any, timeout: float | None = None) -> Any:
        del timeout
        return reference()

    def kill(self, _: Any) -> None:
        self._tell("kill")
        self.killed.set()

    def shutdown(self) -> None:
        self._tell("shutdown")

    def _tell(self, what: str) -> None:
        # What Linux does: with the thread that started them Ray's processes are gone.
        assert self.starter is not None
        self.told.append(what if self.starter.is_alive() else f"{what} of what is dead")


class Director:
    def __init__(self, ray_: Ray) -> None:
        self._stopped = threading.Event()
        self.run = self._call(lambda: self._stopped.wait(DEADLINE_S))
        self.stop = self._call(self._stopped.set)
        self.wanted = self._call(lambda: self._wait_to_be_killed(ray_))

    @staticmethod
    def _call(function: Any) -> Any:
        return SimpleNamespace(remote=lambda *_: function)

    @staticmethod
    def _wait_to_be_killed(ray_: Ray) -> None:
        assert ray_.killed.wait(DEADLINE_S)
        raise ray.exceptions.ActorDiedError


def test_ray_is_ended_while_the_thread_that_started_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when that thread ends with the Director's run: Ray was dead before anybody could end it in order,
    nobody told the thread that waits for new seats, and what that asked of Ray ended the process with 1.
    """
    fake = Ray()
    director = Director(fake)
    monkeypatch.setattr(module, "ray", fake)
    monkeypatch.setattr(module, "_actor_class", lambda *_: SimpleNamespace(remote=lambda *_: director))
    cluster = Cluster(SimpleNamespace(grace_s=1.0))  # type: ignore[arg-type]
    cluster.start()
    assert cluster.wait_ready(DEADLINE_S)
    cluster.stop()
    assert fake.told == ["kill", "shutdown"]
    assert fake.starter is not None
    fake.starter.join(DEADLINE_S)
    assert not fake.starter.is_alive()


@pytest.mark.parametrize("work_waits", [True, False])
def test_who_begins_a_film_starts_beside_the_director_where_work_waits(
    monkeypatch: pytest.MonkeyPatch, work_waits: bool
) -> None:
    fake = Ray()
    director = Director(fake)
    started: list[tuple[str, ...]] = []

    def actor_class(cls: type, *_: float) -> Any:
        def remote(_settings: Any, *seat: str) -> Director:
            started.append((cls.__name__, *seat))
            return director

        return SimpleNamespace(remote=remote)

    director.seat = director._call(lambda: None)  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "ray", fake)
    monkeypatch.setattr(module, "_actor_class", actor_class)
    cluster = Cluster(SimpleNamespace(grace_s=1.0), waits=lambda: work_waits)  # type: ignore[arg-type]
    cluster.start()
    assert cluster.wait_ready(DEADLINE_S)
    cluster.stop()
    assert started == [("DirectorActor",), *([("WorkerActor", "artists")] if work_waits else [])]


# ---- a start that fails ------------------------------------------------------------------------------


class BrokenRay(Ray):
    """Raises at every start, as Ray does in many ways."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def init(self, **_: Any) -> None:
        raise self._error

    def is_initialized(self) -> bool:
        return False


def settled(cluster: Cluster, wanted: str) -> dict[str, Any]:
    """What it tells as soon as it is in that state: a state is told, not signalled."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        told = cluster.status()
        if told["state"] == wanted:
            return told
        time.sleep(0.01)
    raise TimeoutError(cluster.status())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Exception("The current node timed out during startup."), "The current node timed out"),
        (ValueError("bad"), "ValueError: bad"),
        (UnicodeEncodeError("ascii", "ü", 0, 1, "no"), "UnicodeEncodeError"),
        (SystemExit(3), "SystemExit: 3"),
        (AssertionError(), "AssertionError"),
        (PermissionError(13, "Permission denied", "/.ray"), "Permission denied: '/.ray'"),
        (ConnectionError("nobody there"), "nobody there"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_ray_raises_at_its_start_is_told(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, told: str
) -> None:
    monkeypatch.setattr(module, "ray", BrokenRay(error))
    cluster = Cluster(SimpleNamespace(grace_s=0.0))  # type: ignore[arg-type]
    cluster.start()
    assert told in settled(cluster, "failed")["error"]
    cluster.stop()
    assert cluster.status()["state"] == "failed"


def test_a_start_that_never_ends_has_failed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = threading.Event()

    class Endless(Ray):
        def init(self, **_: Any) -> None:
            going_on.wait(DEADLINE_S)

        def is_initialized(self) -> bool:
            return False

    monkeypatch.setattr(module, "ray", Endless())
    monkeypatch.setattr(module, "START_LIMIT_S", 0.05)
    monkeypatch.setattr(module, "STOP_TIMEOUT_S", 0.05)
    monkeypatch.setattr(module, "_actor_class", _refuse)
    cluster = Cluster(SimpleNamespace(grace_s=0.0))  # type: ignore[arg-type]
    cluster.start()
    assert "no answer for" in settled(cluster, "failed")["error"]
    cluster.stop()
    going_on.set()


def _refuse(*_: Any) -> Any:
    raise RuntimeError("nobody is appointed after the end")


def test_a_cluster_that_cannot_be_joined_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pause_s", lambda _: 0.0)
    refusals = iter([ConnectionError("not yet"), ConnectionError("not yet")])
    fake = Ray()
    begin = fake.init

    def init(**options: Any) -> None:
        if (refusal := next(refusals, None)) is not None:
            raise refusal
        begin(**options)

    fake.init = init  # type: ignore[method-assign]
    director = Director(fake)
    monkeypatch.setattr(module, "ray", fake)
    monkeypatch.setattr(module, "_actor_class", lambda *_: SimpleNamespace(remote=lambda *_: director))
    cluster = Cluster(SimpleNamespace(grace_s=1.0), "auto")  # type: ignore[arg-type]
    cluster.start()
    assert cluster.wait_ready(DEADLINE_S)
    cluster.stop()
    assert fake.told == ["kill", "shutdown"]


def test_where_nobody_listens_ray_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would try for minutes."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listened at
        monkeypatch.setattr(module, "ray", BrokenRay(AssertionError("Ray was asked")))
        cluster = Cluster(SimpleNamespace(grace_s=0.0), f"127.0.0.1:{taken.getsockname()[1]}")  # type: ignore[arg-type]
        cluster.start()
        try:
            assert "nothing answers there: Connection refused" in settled(cluster, "failed")["error"]
        finally:
            cluster.stop()


def test_a_director_that_cannot_be_started_is_told_with_what_its_constructor_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "pause_s", lambda _: 0.0)
    monkeypatch.setattr(module, "is_joined", lambda: True)
    fake = Ray()
    said = (
        "The actor died because of an error raised in its creation task, \x1b[36mray::DirectorActor\x1b[39m\n"
        '  File "cluster.py", line 1, in __init__\nOSError: [Errno 28] No space left on device'
    )

    class Died(ray.exceptions.ActorDiedError):
        def __str__(self) -> str:
            return said

    def dead() -> None:
        raise Died

    call = SimpleNamespace(remote=lambda *_: dead)
    director = SimpleNamespace(run=call, stop=call, wanted=call, status=call, seat=call)
    monkeypatch.setattr(module, "ray", fake)
    monkeypatch.setattr(module, "_actor_class", lambda *_: SimpleNamespace(remote=lambda *_: director))
    cluster = Cluster(SimpleNamespace(grace_s=0.0))  # type: ignore[arg-type]
    cluster.start()
    try:
        told = settled(cluster, "failed")
    finally:
        cluster.stop()
    assert told["error"] == "the Director ended: OSError: [Errno 28] No space left on device"


def test_a_seat_that_cannot_be_filled_is_a_failure_of_the_crew() -> None:
    seat = {"state": "cannot be started", "failures": 5, "error": "OSError: no space"}
    told = crew_state({"director": {}, "crew": {"artists": seat, "renderers": {"places": []}}})
    assert told["state"] == "failed"
    assert told["error"] == "the artists cannot be started: OSError: no space"
    again = seat | {"state": "starting again"}
    assert crew_state({"director": {}, "crew": {"artists": again}})["state"] == "ready"


# ---- a worker that does not answer -------------------------------------------------------------------


class Around:
    """One node with two CPUs, on which all workers are."""

    def machines(self) -> Machines:
        return Machines({"a": Node("10.0.0.1", 2, 2)}, 2, 2)

    def where(self, worker: Any) -> Whereabouts:
        del worker
        return Whereabouts("a")


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> PooledCrew:
    monkeypatch.setattr("actors.work.pools.crew.LOOK_S", 0.001)
    return PooledCrew(call_worker, loss_of, Around(), start_s=0.01, limits={})


ARTIST = Start("artists:1", "artists", 0)
TOLD = {"worker": "worker:a", "pid": 1}


def answering(*answers: Any) -> Any:
    left = list(answers)

    async def call(*_: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, BaseException):
            raise answer
        return await answer if isinstance(answer, asyncio.Future) else answer

    return SimpleNamespace(remote=call)


BRIEF = SimpleNamespace(job_id=1, priority="normal", options=SimpleNamespace(resolution="720p"))
ORDER: Any = SimpleNamespace(
    resume=None,
    key=SimpleNamespace(stage=Stage.NARRATION, name="narration:1"),
    recipe=SimpleNamespace(model="gemini-3.8-flash-tts"),
    brief=BRIEF,
    sources=(),
    name="an order",
)


async def test_a_worker_that_never_answers_is_replaced(crew: PooledCrew) -> None:
    """One whose process ends at each start is started again by Ray for ever."""
    keeping = asyncio.create_task(crew.keep(lambda: False))
    await crew.seat(ARTIST, SimpleNamespace(status=answering(asyncio.get_running_loop().create_future())))
    assert await crew.wanted() == End("artists:1")
    assert "did not start within 0.01 s" in crew.status()["artists"]["error"]
    keeping.cancel()


DIED = ray.exceptions.ActorDiedError()
RESTARTING = ray.exceptions.ActorUnavailableError("restarting", None)


async def test_a_dead_worker_is_forgotten(crew: PooledCrew) -> None:
    await crew.seat(ARTIST, SimpleNamespace(status=answering(TOLD), perform=answering(DIED)))
    with pytest.raises(ray.exceptions.ActorDiedError):
        await crew.perform(ORDER)
    assert crew.status()["artists"]["places"] == []
    assert crew.status()["artists"]["failures"] == 1
    assert await crew.wanted() == End("artists:1")


async def test_one_that_is_restarted_gets_no_order_until_it_answers_again(crew: PooledCrew) -> None:
    anew = asyncio.get_running_loop().create_future()
    worker = SimpleNamespace(
        status=answering(TOLD, RESTARTING, anew), perform=answering(RESTARTING, "generated")
    )
    await crew.seat(ARTIST, worker)
    with pytest.raises(ray.exceptions.ActorUnavailableError):
        await crew.perform(ORDER)
    assert crew.status()["artists"]["failures"] == 1
    second = asyncio.create_task(crew.perform(ORDER))
    anew.set_result({"worker": "worker:b", "pid": 2})
    assert await second == "generated"
    [place] = crew.status()["artists"]["places"]
    assert place["worker"] == "worker:b"
    assert "failures" not in crew.status()["artists"]


async def test_what_a_living_worker_raises_is_no_failed_start(crew: PooledCrew) -> None:
    error = ray.exceptions.RayTaskError("perform", "a traceback", TimeoutError("of a call"))
    await crew.seat(
        ARTIST, SimpleNamespace(status=answering(TOLD), perform=answering(error.as_instanceof_cause()))
    )
    with pytest.raises(ray.exceptions.RayTaskError):
        await crew.perform(ORDER)
    assert len(crew.status()["artists"]["places"]) == 1
    assert "failures" not in crew.status()["artists"]


async def test_an_idle_place_is_asked_before_it_ends_as_it_may_work_for_the_director_before() -> None:
    """Fails where only the orders of this Director count: a call in flight would end with its process."""
    looks = {"a": ["x"], "b": []}

    async def call(worker: Any, method: str, *_: Any) -> Any:
        told = {"worker": f"worker:{worker}", "pid": 1}
        return told | {"log": [], "attempts": looks[worker]} if method == "look" else told

    crew = PooledCrew(call, lambda _: None, Around(), start_s=60, limits={})
    for name in looks:
        await crew.seat(Start(f"renderers:{name}", "renderers", 2), name)
    async with asyncio.timeout(10):
        await asyncio.gather(*crew._proving.values())
    await crew._look_after(spare=True)
    assert list(crew.pools["renderers"].places) == ["renderers:a"]
    assert crew_state({"director": {"state": WITHOUT_LEASE}})["state"] == STANDING_BY


async def test_an_order_that_waits_for_a_place_is_withdrawn_with_its_job(crew: PooledCrew) -> None:
    waiting = asyncio.create_task(crew.perform(ORDER))
    assert await crew.wanted() != End("artists:1")
    await crew.cancel(BRIEF.job_id)  # type: ignore[arg-type]
    assert await waiting == "withdrawn"


async def test_who_is_to_cancel_an_accepted_call_waits_on_when_its_job_is_cancelled(crew: PooledCrew) -> None:
    """Fails where it is sent away with the rest: its provider would never hear of the cancellation."""
    follows, cancels = (
        SimpleNamespace(**{**vars(ORDER), "resume": Resume(0, cancel=cancel)}) for cancel in (False, True)
    )
    await crew._survey()  # so that no thread is waited for below
    waiting = [asyncio.create_task(crew.perform(order)) for order in (follows, cancels)]
    await asyncio.sleep(0)  # both begin
    assert crew.status()["artists"]["waiting"] == len(waiting)
    await crew.cancel(BRIEF.job_id)  # type: ignore[arg-type]
    assert await waiting[0] == "withdrawn"
    assert not waiting[1].done()
    crew.withdraw(lambda _: True)
    assert await waiting[1] == "withdrawn"


async def test_who_works_on_what_is_told_of_those_who_answer_and_what_they_log_is_logged(
    crew: PooledCrew,
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = (logging.WARNING, "reelog.worker", "the outcome of image:1 waits: no space")
    told = {"worker": "worker:a", "attempts": ["x"], "log": [line]}
    made = answering("generated")
    await crew.seat(ARTIST, SimpleNamespace(status=answering(TOLD), look=answering(told), perform=made))
    assert await crew.perform(ORDER) == "generated"
    await crew.seat(
        Start("renderers:1", "renderers", 2),
        SimpleNamespace(status=answering(TOLD), look=answering(ray.exceptions.ActorDiedError())),
    )
    assert await crew.at_work() == {"worker:a": ["x"]}
    assert "worker:a: the outcome of image:1 waits: no space" in caplog.text
