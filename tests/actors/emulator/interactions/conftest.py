"""A running emulator that is asked for interactions."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from actors.emulator.interactions import outcome
from actors.emulator.shots.shot import make_shot
from tests.actors.emulator.calling import Caller
from tests.actors.emulator.interactions.asking import Asking


@pytest.fixture(scope="session")
def shots() -> Callable[..., Any]:
    """What makes shots: each that is asked for once, as they are most of the time of a test."""
    return functools.lru_cache(64)(make_shot)


@pytest.fixture
def asking(emulator: Caller, shots: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(outcome, "make_shot", shots)
    return Asking(emulator)
