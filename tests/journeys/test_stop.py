"""SIGTERM in mid-job: what is in flight ends and is recorded; nothing is lost, nothing is paid twice."""

from typing import Any

import pytest

from tests.emulating import Emulator
from tests.journeys.sharing import House
from tests.processes import SHORT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCRIPT = f"[[fault: delay image_generation seconds=2]] {SHORT}"


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_server_that_is_stopped_lets_its_calls_end_and_the_next_one_goes_on(
    house: House, emulator: Emulator
) -> None:
    first = house.server()
    job = first.submit(script=SCRIPT)

    def a_picture_is_begun(event: dict[str, Any]) -> bool:
        return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")

    first.follow(job["id"], stop=a_picture_is_begun)
    # Without a signal of its own: the first server ends by what it was sent.
    assert first.process.stop() in (0, -15), first.process.told()

    second = house.server()
    history = second.follow(job["id"])
    assert second.job(job["id"])["status"] == "completed"
    kinds = [event["type"] for event in history]
    assert "asset.attempt_lost" not in kinds
    assert "asset.attempt_failed" not in kinds
    paid = [e for e in history if e["type"] == "asset.attempt_started" and e["data"]["model"]]
    assert len(paid) == len(emulator.calls())
