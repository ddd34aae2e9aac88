"""Kill everything in mid-job, start again: nothing finished is made again, nothing in flight is forgotten."""

from collections import Counter
from typing import Any

import pytest

from tests.emulating import Emulator
from tests.journeys.sharing import House
from tests.processes import SHORT, UNTIL_KILLED

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(400)]

SCRIPT = f"{UNTIL_KILLED} {SHORT}"


def test_a_killed_process_tree_resumes_with_nothing_made_twice_and_lost_calls_told(
    house: House, emulator: Emulator
) -> None:
    first = house.server()
    job = first.submit(script=SCRIPT)

    # Kill while a picture is being drawn: the analysis and the storyboard are finished, this call is not.
    def a_picture_is_begun(event: dict[str, Any]) -> bool:
        return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")

    first.follow(job["id"], stop=a_picture_is_begun)
    emulator.until_it_draws()
    first.process.kill_tree()
    calls_before = len(emulator.calls())

    second = house.server()
    history = second.follow(job["id"])
    done = second.job(job["id"])
    assert done["status"] == "completed", done["failure"]

    made = Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated")
    assert set(made.values()) == {1}, "every asset was made exactly once"
    lost = [e for e in history if e["type"] == "asset.attempt_lost"]
    paid = {"analysis", "storyboard", "audio_plan", "image", "narration"}
    assert [e for e in lost if e["asset"]["kind"] in paid], "calls were in flight when it was killed"
    assert all(e["data"]["may_have_been_billed"] == (e["asset"]["kind"] in paid) for e in lost)
    assert any(e["type"] == "job.resumed" for e in history)
    # One call for each paid attempt and no more, and no finished asset was asked for again.
    begun = [e for e in history if e["type"] == "asset.attempt_started" and e["asset"]["kind"] in paid]
    assert calls_before < len(emulator.calls()) <= len(begun)
    resumed_at = next(e["position"] for e in history if e["type"] == "job.resumed")
    finished = {
        e["asset"]["id"] for e in history if e["type"] == "asset.generated" and e["position"] < resumed_at
    }
    assert finished
    assert not finished & {e["asset"]["id"] for e in begun if e["position"] > resumed_at}
    assert done["cost"]["lost_calls"] == len([e for e in lost if e["asset"]["kind"] in paid])
