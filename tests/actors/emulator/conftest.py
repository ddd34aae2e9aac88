"""A running emulator for each test."""

from collections.abc import Iterator

import httpx
import pytest

from actors.emulator.server import EmulatorSettings, EmulatorThread
from tests.actors.emulator.calling import Caller


@pytest.fixture
def emulator() -> Iterator[Caller]:
    with EmulatorThread(EmulatorSettings()) as running, httpx.Client(timeout=60, trust_env=False) as http:
        yield Caller(running.url, http)
