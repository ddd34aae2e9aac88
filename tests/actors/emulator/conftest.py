"""A running emulator for each test."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import httpx
import pytest

from actors.emulator.server import EmulatorThread
from tests.actors.emulator.calling import Caller


@pytest.fixture(scope="module")
def aside() -> Iterator[Executor]:
    """Where emulators end, which takes each a while, beside the tests that follow."""
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def emulator(aside: Executor) -> Iterator[Caller]:
    running = EmulatorThread().start()
    try:
        with httpx.Client(timeout=60, trust_env=False) as http:
            yield Caller(running.url, http)
    finally:
        aside.submit(running.stop)
