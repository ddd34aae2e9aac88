"""The emulator that servers and killed processes of the tests call: one for a whole run.

A film that must be met at a certain call has its picture ``held``, or a delay in its script: ``[[fault: delay
image_generation seconds=3]]``. That ``reelog emulate`` serves as a process of its own, and that commands
start one with ``--emulate``, is tested in ``journeys``.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from actors.emulator import answers
from actors.emulator.interactions import outcome
from actors.emulator.server import EmulatorThread
from domain.default_models import DEFAULT_MODELS

HELD_S = 300
ASKED_S = 120
_CLIENT = httpx.Client(trust_env=False)


class Emulator:
    """As a test sees it: with no calls but the test's own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._requests = f"{url}/emulator/requests"
        _CLIENT.delete(self._requests).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """The ``generateContent`` calls that it was sent."""
        asked = _CLIENT.get(self._requests).json()["data"]
        return [call for call in asked if call["path"].endswith(":generateContent")]

    def pictures(self) -> int:
        """How many pictures it was asked for."""
        return sum(call["model"] == DEFAULT_MODELS["image"] for call in self.calls())

    def until_it_draws(self, besides: int = 0) -> None:
        """Wait until it was asked for another picture: whoever begins one may load much before it asks.

        Nobody signals that.
        """
        deadline = time.monotonic() + ASKED_S
        while self.pictures() <= besides:
            assert time.monotonic() < deadline, f"it was asked for no picture within {ASKED_S} s"
            time.sleep(0.05)


class Pictures:
    """What draws for the emulator. The same words give the same picture: each is drawn once for all films."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = functools.cache(draw)
        self._free = threading.Event()
        self._free.set()

    def __call__(self, *words: Any, **how: Any) -> Any:
        assert self._free.wait(HELD_S), f"nobody let a picture go for {HELD_S} s"
        return self._draw(*words, **how)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whatever is asked for meanwhile is in flight until the block ends."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    return Pictures(answers.draw)


@pytest.fixture(scope="session")
def emulator_url(pictures: Pictures) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched, EmulatorThread() as thread:
        patched.setattr(answers, "draw", pictures)
        # As with pictures, most of its time.
        patched.setattr(outcome, "make_shot", functools.lru_cache(64)(outcome.make_shot))
        yield thread.url


@pytest.fixture
def emulator(emulator_url: str) -> Emulator:
    return Emulator(emulator_url)
