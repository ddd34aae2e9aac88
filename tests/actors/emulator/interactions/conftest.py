"""A running emulator that is asked for interactions."""

import pytest

from tests.actors.emulator.calling import Caller
from tests.actors.emulator.interactions.asking import Asking


@pytest.fixture
def asking(emulator: Caller) -> Asking:
    return Asking(emulator)
