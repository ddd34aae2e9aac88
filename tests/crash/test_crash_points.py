"""Kill a process, for real, at each named point of a job's life, start another: nothing is lost or redone.

What every story must keep is in ``conftest.Story.check``. Seen to fail with its mechanism taken out:

- ``Desk.lose_dead`` that finds nobody dead: an attempt stays open and the job never ends;
- ``Desk.take_over`` that loads no job: nobody goes on with it;
- ``LocalBlobs._store`` that writes in its place: damaged bytes under a digest;
- ``on_lost_call`` left out of the workflow: a call that must not be repeated is;
- no marker in ``crash.arm``: whoever resumes dies at the same point.

On PostgreSQL there are all points at which it matters which store it is: before and after the append of every
kind of event, within commits (``test_group_commit.py``), beside projections, and while a lease is taken over.
Between two steps of an actor a killed process has no transaction open, and what it left is in the log: there
one of each kind (an order handed on, a call, a rendering) stands for the others, which SQLite has.
"""

from collections.abc import Callable
from typing import Any

import pytest

from domain.asset import Asset
from domain.job import Job

pytestmark = [pytest.mark.crash, pytest.mark.slow]

Begin = Callable[..., Any]
SPOKEN = {"quality": "low", "fps": 24, "max_scenes": 1, "music": False}
"""Its words are planned and spoken beside its picture, so that more than one asset is in the making."""
SILENT = {**SPOKEN, "include_audio": False}

EVENTS = (
    "job.submitted",
    "job.stage_started",
    "job.stage_completed",
    "job.completed",
    "asset.requested",
    "asset.attempt_started",
    "asset.generated",
)
IN_FLIGHT = ("after:asset.attempt_started", "before:making", "after:making", "before:asset.generated")
"""Between these and the next event the call may have been made and nobody knows its answer."""
on_both_stores = pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])


def lost(events: list[Any]) -> list[Any]:
    return [r.event.originator_id for r in events if isinstance(r.event, Asset.AttemptLost)]


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("topic", EVENTS)
def test_killed_beside_the_first_event_of_each_kind(story: Begin, when: str, topic: str) -> None:
    one = story()
    one.killed(f"{when}:{topic}", options=SILENT)
    left = [type(r.event) for r in one.history()]
    assert one.live() == 0
    events = one.finished()
    if f"{when}:{topic}" in IN_FLIGHT:
        assert lost(events) == [one.asset_id("analysis")]
    # Only a job that was under way is resumed, and that is on the record.
    was_under_way = Job.StageStarted in left and Job.Completed not in left
    assert [type(r.event) for r in events].count(Job.Resumed) == (1 if was_under_way else 0)


AROUND = (
    "before:asset.requested",
    "after:asset.requested",
    "before:asset.attempt_started",
    "after:asset.attempt_started",
    "before:asset.generated",
    "after:asset.generated",
    "before:dispatch",
    "after:dispatch",
    "before:making",
    "after:making",
)
REPRESENTATIVE = (
    ("after:dispatch", "image:1"),
    ("after:making", "image:1"),
    ("before:asset.generated", "image:1"),
    ("before:making", "clip:1"),
)
"""Of these on PostgreSQL: before and after each append is killed above."""


@pytest.mark.parametrize(
    ("store_kind", "point", "name"),
    [
        *(("sqlite", point, name) for name in ("image:1", "clip:1") for point in AROUND),
        *(("postgresql", *each) for each in REPRESENTATIVE),
    ],
)
def test_killed_around_a_paid_call_and_around_a_rendering(story: Begin, point: str, name: str) -> None:
    one = story()
    about = one.asset_id(name) if ":asset." in point else name
    one.killed(f"{point}@{about}", options=SPOKEN)
    assert one.live() == 0
    assert (one.asset_id(name) in lost(one.finished())) == (point in IN_FLIGHT)


@pytest.mark.parametrize("nth", [1, 2], ids=["a-prompt", "an-answer"])
@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_killed_while_bytes_are_written(story: Begin, when: str, nth: int) -> None:
    """The first blob is the analysis's prompt, by the Director; the second its answer, by the worker."""
    one = story()
    one.killed(f"{when}:blob_write#{nth}", options=SILENT)
    one.blobs_are_whole()
    assert one.live() == 0
    assert len(lost(one.finished())) == nth - 1


@pytest.mark.parametrize("point", ["after:making@video", "during:blob_write#2"])
def test_what_a_killed_process_had_begun_to_write_is_gone_once_another_has_started(
    story: Begin, point: str
) -> None:
    one = story()
    one.killed(point, options=SILENT)
    begun = list(one.unfinished())
    assert [path.suffix for path in begun] == ([".mp4"] if "video" in point else [""])
    assert one.live() == 0
    assert list(one.unfinished()) == []
    one.finished()


@on_both_stores
@pytest.mark.parametrize("nth", [1, 5])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_beside_a_projection(story: Begin, when: str, nth: int) -> None:
    one = story()
    one.killed(f"{when}:projection#{nth}", options=SPOKEN)
    assert one.live() == 0
    one.finished()


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_beside_a_failed_attempt_that_is_made_again(story: Begin, when: str) -> None:
    one = story()
    script = "[[fault: 503 image_generation times=1]] A lamp burns on the cliff."
    one.killed(f"{when}:asset.attempt_failed", options=SILENT, script=script)
    assert one.live() == 0
    events = one.finished()
    attempts = [r.event for r in events if isinstance(r.event, Asset.AttemptStarted)]
    drawn = [e for e in attempts if e.originator_id == one.asset_id("image:1")]
    assert [e.attempt for e in drawn] == [1, 2]
    assert (one.asset_id("image:1") in lost(events)) == (when == "before")


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("topic", ["job.review_requested", "job.approved"])
def test_killed_beside_a_review(story: Begin, topic: str, when: str) -> None:
    one = story()
    one.killed(f"{when}:{topic}", options=SILENT | {"review": ["images"]})
    assert one.live() == 0
    told = [type(r.event) for r in one.finished()]
    assert (told.count(Job.ReviewRequested), told.count(Job.Approved)) == (1, 1)
    assert told.index(Job.ReviewRequested) < told.index(Job.Approved) < told.index(Job.Completed)


@pytest.mark.parametrize(
    ("store_kind", "nth"),
    [("sqlite", 1), ("sqlite", 2), ("postgresql", 1)],
    ids=["sqlite-in-the-making", "sqlite-finished", "postgresql-in-the-making"],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_beside_a_renaming(story: Begin, when: str, nth: int) -> None:
    one = story()
    one.killed(f"{when}:job.renamed#{nth}", options=SILENT, rename=True)
    assert one.live() == 0
    events = [r.event for r in one.check()]
    assert [e.title for e in events if isinstance(e, Job.Renamed)] == ["In the making", "As it is finished"]
    [end] = [number for number, event in enumerate(events) if isinstance(event, Job.Completed)]
    assert [type(event) for event in events[end:]] == [Job.Completed, Job.Renamed]


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("topic", ["asset.failed", "job.failed", "job.reopened"])
def test_killed_beside_the_end_of_a_job_that_fails_and_is_retried(
    story: Begin, topic: str, when: str
) -> None:
    one = story()
    script = "[[fault: finish image_generation reason=IMAGE_SAFETY times=1]] A lamp burns on the cliff."
    one.killed(f"{when}:{topic}", options=SILENT, script=script, retry=True)
    assert one.live() == 0
    events = one.finished()
    assert len([r for r in events if isinstance(r.event, Job.Failed)]) == 1
    assert len([r for r in events if isinstance(r.event, Job.Reopened)]) == 1


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("topic", ["job.cancel_requested", "asset.attempt_failed", "job.cancelled"])
def test_killed_beside_the_events_of_a_cancellation(story: Begin, topic: str, when: str) -> None:
    one = story()
    script = "[[fault: delay image_generation seconds=60 times=always]] A lamp burns on the cliff."
    one.killed(f"{when}:{topic}", options=SILENT, script=script, cancel_at="image:1")
    assert one.live() == 0
    events = one.check()
    assert isinstance(events[-1].event, Job.Cancelled)
    clip = one.asset_id("clip:1")
    assert not any(r.event.originator_id == clip for r in events), "nothing was begun after the cancellation"


@on_both_stores
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("topic", ["job.resumed", "asset.attempt_lost"])
def test_killed_again_while_taking_over(story: Begin, topic: str, when: str) -> None:
    one = story()
    image = one.asset_id("image:1")
    one.killed(f"after:asset.attempt_started@{image}", options=SILENT)
    one.killed(f"{when}:{topic}")
    assert one.live() == 0
    assert lost(one.finished()).count(image) == 1


@pytest.mark.parametrize(
    ("store_kind", "point"),
    [
        ("sqlite", "after:making"),
        ("sqlite", "before:asset.generated"),
        ("postgresql", "before:asset.generated"),
    ],
)
def test_a_lost_call_is_not_repeated_where_the_job_says_stop(story: Begin, point: str) -> None:
    """Fails without ``on_lost_call`` in the workflow: the picture is asked for again."""
    one = story()
    about = "image:1" if point == "after:making" else one.asset_id("image:1")
    one.killed(f"{point}@{about}", options=SILENT | {"on_lost_call": "stop"})
    assert one.live() == 0
    events = one.check()
    assert isinstance(events[-1].event, Job.Failed)
    assert events[-1].event.failure["code"] == "lost_call_not_repeated"
    assert events[-1].event.failure["may_have_been_billed"]
    begun = [r.event for r in events if isinstance(r.event, Asset.AttemptStarted)]
    assert len([e for e in begun if e.originator_id == one.asset_id("image:1")]) == 1
    # A person decides: the retry makes what is missing and no more.
    assert one.live(retry=True) == 0
    one.finished()
