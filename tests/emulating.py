"""The emulator that servers and killed processes of the tests call: one for a whole run.

A film that must be met at a certain call has a delay in its script: ``[[fault: delay image_generation
seconds=3]]``. That ``reelog emulate`` serves as a process of its own, and that commands start one with
``--emulate``, is tested in ``journeys``.
"""

import functools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from actors.emulator import answers
from actors.emulator.interactions import outcome
from actors.emulator.server import EmulatorThread


class Emulator:
    """As a test sees it: with no calls but the test's own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._requests = f"{url}/emulator/requests"
        httpx.delete(self._requests, trust_env=False).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """The ``generateContent`` calls that it was sent."""
        asked = httpx.get(self._requests, trust_env=False).json()["data"]
        return [call for call in asked if call["path"].endswith(":generateContent")]


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched, EmulatorThread() as thread:
        # The same words give the same picture and shot: each is made once for all films, most of its time.
        patched.setattr(answers, "draw", functools.cache(answers.draw))
        patched.setattr(outcome, "make_shot", functools.lru_cache(64)(outcome.make_shot))
        yield thread.url


@pytest.fixture
def emulator(emulator_url: str) -> Emulator:
    return Emulator(emulator_url)
