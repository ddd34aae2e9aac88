"""The emulators that servers, commands and killed processes of the tests call: two for a whole run.

They are threads of the test run. That ``reelog emulate`` serves the same as a process is tested by
``journeys/test_emulate.py``, and that commands start one of their own with ``--emulate`` by those that do.
"""

import functools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from actors.emulator import making
from actors.emulator.server import EmulatorSettings, EmulatorThread


class Emulator:
    """One of the two, as a test sees it: with no calls but the test's own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._requests = f"{url}/emulator/requests"
        httpx.delete(self._requests, trust_env=False).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """The ``generateContent`` calls that it was sent."""
        asked = httpx.get(self._requests, trust_env=False).json()["data"]
        return [call for call in asked if call["path"].endswith(":generateContent")]


def _running(settings: EmulatorSettings) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched, EmulatorThread(settings) as thread:
        # The same words give the same picture: it is drawn once for all films, which is most of its time.
        patched.setattr(making, "draw", functools.cache(making.draw))
        yield thread.url


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    yield from _running(EmulatorSettings())


@pytest.fixture(scope="session")
def slow_emulator_url() -> Iterator[str]:
    yield from _running(EmulatorSettings(latency=(1.0, 2.0)))


@pytest.fixture
def emulator(emulator_url: str) -> Emulator:
    return Emulator(emulator_url)


@pytest.fixture
def slow_emulator(slow_emulator_url: str) -> Emulator:
    """Answers after a second or two, so that calls are in flight when something dies."""
    return Emulator(slow_emulator_url)
