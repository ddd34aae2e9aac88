"""The end of a cluster, with a Ray made for the test: in which order what ends."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from actors import cluster as module
from actors.cluster import Cluster

DEADLINE_S = 60


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
