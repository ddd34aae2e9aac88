"""SIGTERM in mid-job: what is in flight ends and is recorded; nothing is lost, nothing is paid twice."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_server_that_is_stopped_lets_its_calls_end_and_the_next_one_goes_on(
    slow_emulator: Any, serve: Callable[..., Any]
) -> None:
    first = serve(slow_emulator)
    job = first.submit()

    def a_picture_is_begun(event: dict[str, Any]) -> bool:
        return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")

    first.follow(job["id"], stop=a_picture_is_begun)
    # Without a signal of its own: the first server ends by what it was sent.
    assert first.process.stop() in (0, -15), first.process.told()

    second = serve(slow_emulator)
    history = second.follow(job["id"])
    assert second.job(job["id"])["status"] == "completed"
    kinds = [event["type"] for event in history]
    assert "asset.attempt_lost" not in kinds
    assert "asset.attempt_failed" not in kinds
    paid = [e for e in history if e["type"] == "asset.attempt_started" and e["data"]["model"]]
    assert len(paid) == len(slow_emulator.calls())
