"""The points themselves: wrong ones are refused, a process dies once, and every event has its two."""

import signal
from pathlib import Path
from typing import Any

import pytest

from actors.work.crash import Crash, arm
from domain import checkpoints
from domain.asset import Asset
from domain.job import Job
from tests.crash.test_crash_points import EVENTS

pytestmark = pytest.mark.slow

ELSEWHERE = {
    "asset.reused": "written together with the events of a fork, in one append",
    "asset.provided": "written together with the job's reopening, in one append",
    "job.cancel_requested": "a cancellation",
    "job.cancelled": "a cancellation",
    "job.failed": "a job that fails and is retried",
    "job.reopened": "a job that fails and is retried",
    "job.resumed": "killed again while taking over",
    "job.review_requested": "a review",
    "job.approved": "a review",
    "job.changed": "written together with what is requested, in one append",
    "job.renamed": "a renaming",
    "job.prune_started": "test_kill_pruning",
    "job.pruned": "test_kill_pruning",
    "asset.failed": "a job that fails and is retried",
    "asset.attempt_failed": "a failed attempt that is made again",
    "asset.call_accepted": "test_kill_accepted_calls",
    "asset.attempt_resumed": "test_kill_accepted_calls",
    "asset.attempt_lost": "killed again while taking over",
}
"""Events that a plain job does not have, and the test of ``test_crash_points`` that kills beside them."""


@pytest.mark.parametrize(
    "text", ["making", "before:lunch", "between:asset.generated", "after:making#0", "after:making#x", ""]
)
def test_a_point_that_nothing_reaches_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write"):
        Crash.parse(text, tmp_path)


def test_a_point_is_read_with_what_it_is_about_and_how_often(tmp_path: Path) -> None:
    crash = Crash.parse("after:making@image:1#2", tmp_path)
    assert (crash.point, crash.about, crash.nth) == ("after:making", "image:1", 2)


def _reach(folder: Path, text: str, moments: list[tuple[str, str]]) -> None:
    arm(Crash.parse(text, folder))
    for point, about in moments:
        checkpoints.reached(point, about)


@pytest.mark.crash
def test_a_process_dies_at_its_point_once_in_the_life_of_a_folder(processes: Any, tmp_path: Path) -> None:
    """Fails without the marker: whoever resumes would die there for ever."""
    moments = [("before:making", "image:1"), ("after:making", "image:2"), ("after:making", "image:1")]
    codes = []
    for _ in range(2):
        process = processes.Process(target=_reach, args=(tmp_path, "after:making@image:1", moments))
        process.start()
        process.join(60)
        codes.append(process.exitcode)
    assert codes == [-signal.SIGKILL, 0]


def test_unless_it_is_asked_for_nobody_watches() -> None:
    before = list(checkpoints._watchers)
    arm(None)
    assert checkpoints._watchers == before


def test_every_event_that_work_on_a_job_writes_has_a_test_that_kills_beside_it() -> None:
    topics = {
        vars(event)["TOPIC"]
        for aggregate in (Job, Asset)
        for event in vars(aggregate).values()
        if isinstance(event, type) and "TOPIC" in vars(event)
    }
    never_stored = {"job.created", "asset.created"}
    assert topics - never_stored == {*EVENTS, *ELSEWHERE}
