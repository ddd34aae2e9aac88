"""Killed while a shot is made by the real gateway over the wire: what was accepted is paid for once.

The steps themselves are told apart in ``test_kill_accepted_calls.py``, by a provider made for it; here
are the emulator, the poll loop and the file, and the emulator counts.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.asset import Asset
from tests.crash.conftest import SMALL

pytestmark = [pytest.mark.crash, pytest.mark.slow]

MOVING = {**SMALL, "include_audio": False, "motion": "generated"}
NAME = "shot:1"


def asked(one: Any, *, method: str, ending: str) -> int:
    calls = httpx.get(f"{one.emulator.url}/emulator/requests", trust_env=False).json()["data"]
    return sum(call["method"] == method and call["path"].endswith(ending) for call in calls)


def events_of(one: Any, *types: type) -> list[Any]:
    found = [r.event for r in one.history()]
    return [e for e in found if isinstance(e, types) and e.originator_id == one.asset_id(NAME)]


@pytest.mark.parametrize("point", ["before:polling", "after:polling", "after:downloading"])
def test_a_shot_that_was_accepted_is_collected_by_the_next_process(
    story: Callable[[], Any], point: str
) -> None:
    one = story()
    one.killed(f"{point}@{NAME}", options=MOVING)
    assert one.live() == 0
    one.finished()
    [receipt] = events_of(one, Asset.CallAccepted)
    [made] = events_of(one, Asset.Generated)
    assert made.provenance["call_id"] == receipt.call_id
    assert made.media_type == "video/mp4"
    assert len(events_of(one, Asset.AttemptResumed)) == 1
    assert events_of(one, Asset.AttemptLost, Asset.AttemptFailed) == []
    assert asked(one, method="POST", ending="/interactions") == 1


def test_one_of_which_nobody_knows_the_id_is_lost_and_may_have_been_billed(story: Callable[[], Any]) -> None:
    one = story()
    one.killed(f"after:asking@{NAME}", options=MOVING)
    assert one.live() == 0
    one.finished()
    [lost] = events_of(one, Asset.AttemptLost)
    assert lost.may_have_been_billed
    assert asked(one, method="POST", ending="/interactions") == 2
