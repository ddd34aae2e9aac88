"""Killed around each step of a call that is accepted first and answered later: one request, one bill.

The pictures of these stories are made by such calls, of a provider whose record outlives every process. Seen
to fail without receipts in ``Losses``: the call is told as lost and made again, and both are billed.

On PostgreSQL there are all that stand before or after an append, and a call and a download for what stands
between two of them, where no transaction is open.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.asset import Asset
from domain.job import Job
from tests import accepted_calls
from tests.accepted_calls import LaterProvider

pytestmark = [pytest.mark.crash, pytest.mark.slow]

Begin = Callable[..., Any]
SILENT = {"quality": "low", "fps": 24, "max_scenes": 1, "include_audio": False}
NAME = "image:1"
ON_RECORD = (
    "after:asset.call_accepted",
    "before:polling",
    "after:polling",
    "after:downloading",
    "after:making",
    "before:asset.generated",
    "after:asset.generated",
)
"""Nothing is lost by dying here, or later."""
UNKNOWN = ("before:asking", "after:asking", "before:asset.call_accepted")
"""The call may have been accepted, and nobody knows by which id: it is lost, and may have been billed."""
BETWEEN = ("before:asking", "before:polling", "after:polling", "after:making")
"""Not on PostgreSQL, where ``after:asking`` and ``after:downloading`` stand for them."""
on_both_stores = pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])


def at(points: tuple[str, ...]) -> pytest.MarkDecorator:
    """All on SQLite; on PostgreSQL those that are not left out."""
    kept = [("postgresql", point) for point in points if point not in BETWEEN]
    return pytest.mark.parametrize(("store_kind", "point"), [*(("sqlite", point) for point in points), *kept])


def about(one: Any, point: str) -> str:
    return f"{point}@{one.asset_id(NAME) if ':asset.' in point else NAME}"


def begin(story: Begin, tmp_path: Path, polls: int | None = 3) -> tuple[Any, LaterProvider]:
    folder = tmp_path / "provider"
    one = story()
    one.life = one.life.__class__(**{**vars(one.life), "later": (folder, polls), "options": SILENT})
    return one, LaterProvider(folder, polls)


def picture(one: Any, *types: type) -> list[Any]:
    events = [r.event for r in one.history()]
    return [e for e in events if isinstance(e, types) and e.originator_id == one.asset_id(NAME)]


def assert_paid_once(one: Any, provider: LaterProvider) -> None:
    assert isinstance(one.finished()[-1].event, Job.Completed)
    assert provider.count("request") == 1
    assert len(picture(one, Asset.AttemptStarted)) == 1
    [made] = picture(one, Asset.Generated)
    assert (made.attempt, made.provenance["response_id"]) == (1, "image-1-1")
    assert picture(one, Asset.AttemptLost, Asset.AttemptFailed) == []


@at(ON_RECORD)
def test_killed_once_the_receipt_is_on_record_the_call_is_gone_on_with(
    story: Begin, tmp_path: Path, point: str
) -> None:
    one, provider = begin(story, tmp_path)
    one.killed(about(one, point))
    assert one.live() == 0
    assert_paid_once(one, provider)
    assert len(picture(one, Asset.AttemptResumed)) == (0 if point == "after:asset.generated" else 1)


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_killed_while_what_came_of_it_is_stored(story: Begin, tmp_path: Path, when: str) -> None:
    one, provider = begin(story, tmp_path)
    one.killed(f"{when}:blob_write@sha256:{hashlib.sha256(accepted_calls.picture()).hexdigest()}")
    assert one.live() == 0
    assert_paid_once(one, provider)


@at(UNKNOWN)
def test_killed_before_that_the_call_is_lost_and_may_have_been_billed(
    story: Begin, tmp_path: Path, point: str
) -> None:
    one, provider = begin(story, tmp_path)
    one.killed(about(one, point))
    assert one.live() == 0
    one.finished()
    [lost] = picture(one, Asset.AttemptLost)
    assert (lost.attempt, lost.may_have_been_billed) == (1, True)
    assert provider.count("request") == (1 if point == "before:asking" else 2)
    assert [e.attempt for e in picture(one, Asset.Generated)] == [2]


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_again_while_another_goes_on_with_it(story: Begin, tmp_path: Path, when: str) -> None:
    one, provider = begin(story, tmp_path, polls=4)
    one.killed(about(one, "after:asset.call_accepted"))
    one.killed(about(one, f"{when}:asset.attempt_resumed"))
    assert one.live() == 0
    assert_paid_once(one, provider)
    assert len(picture(one, Asset.AttemptResumed)) == (2 if when == "after" else 1)


@on_both_stores
@pytest.mark.parametrize(
    "point", ["before:job.cancel_requested", "after:job.cancel_requested", "before:asset.attempt_failed"]
)
def test_killed_while_a_job_with_an_accepted_call_is_cancelled(
    story: Begin, tmp_path: Path, point: str
) -> None:
    """The next process has the provider cancel it, and the job ends with the call at its reservation."""
    one, provider = begin(story, tmp_path, polls=None)
    one.killed(point, cancel_at=NAME)
    assert one.live() == 0
    events = one.check()
    assert isinstance(events[-1].event, Job.Cancelled)
    assert provider.count("request") == 1
    assert provider.count("cancel") >= 1
    [failed] = picture(one, Asset.AttemptFailed)
    [started] = picture(one, Asset.AttemptStarted)
    assert failed.cost_usd == started.reserved_usd > 0
    assert failed.failure["may_have_been_billed"]
    assert picture(one, Asset.AttemptLost) == []
