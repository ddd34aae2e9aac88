"""``reelog emulate`` alone: it says where it is, answers, and ends well when it is asked to."""

from collections.abc import Callable

import httpx
import pytest

from tests.processes import Process


@pytest.mark.slow
@pytest.mark.beside
def test_an_emulator_that_is_asked_to_end_ends_with_zero(start: Callable[..., Process]) -> None:
    emulator = start("emulate", "--port", "0", "--json")
    said = emulator.first_line()
    assert said["provider"] == "emulator"
    assert httpx.get(f"{said['url']}/emulator").json()["emulator"]
    assert "no AI model" in emulator.told()
    assert emulator.stop() == 0, emulator.told()
