"""Whose turn it is, of many jobs."""

from typing import Any

import pytest

from actors.director.cases import Case
from actors.director.turns import Turns
from domain.asset import AssetKey
from domain.film import Film
from domain.script import Kind
from domain.statuses import JobStatus


class Job:
    """As much of a job as its turn hangs on."""

    def __init__(self, number: int, priority: str = "normal") -> None:
        self.id: Any = number
        self.priority = priority
        self.run = 1
        self.status = JobStatus.QUEUED
        self.begun = False
        self.cancel_requested = False


def noted(turns: Turns, job: Job) -> Case:
    film: Any = Film()
    film._job = job
    case = Case(film, opened=job.id)
    turns.note(case)
    turns.look_at([job.id])
    return case


@pytest.fixture
def turns() -> Turns:
    return Turns(most_active=2)


def begin(turns: Turns, *cases: Case) -> None:
    for case in cases:
        case.job.status, case.job.begun = JobStatus.RUNNING, True  # type: ignore[misc]
        turns.note(case)


def let_go_on(turns: Turns, *cases: Case) -> None:
    """As when it is reopened, approved or changed."""
    for case in cases:
        case.job.status, case.job.begun = JobStatus.RUNNING, False  # type: ignore[misc]
        turns.note(case)
        turns.look_at([case.job.id])


def test_the_first_ones_are_due_up_to_the_limit_and_the_others_when_one_leaves(turns: Turns) -> None:
    cases = [noted(turns, Job(n)) for n in range(1, 5)]
    assert turns.take_due() == [1, 2]
    begin(turns, *cases[:2])
    assert turns.take_due() == []
    turns.forget(1)  # type: ignore[arg-type]
    assert turns.take_due() == [3]
    begin(turns, cases[2])
    turns.look_at([3, 2, 4])  # type: ignore[list-item]
    assert turns.take_due() == [2, 3]


def test_an_urgent_job_comes_before_those_that_wait_longer(turns: Turns) -> None:
    for job in (Job(1, "low"), Job(2), Job(3), Job(4, "high")):
        noted(turns, job)
    assert turns.take_due() == [4, 2]


def test_one_that_is_to_be_cancelled_waits_for_no_place(turns: Turns) -> None:
    cases = [noted(turns, Job(n)) for n in range(1, 5)]
    begin(turns, *cases[:2])
    turns.take_due()
    cases[3].job.cancel_requested = True  # type: ignore[misc]
    turns.note(cases[3])
    assert turns.take_due() == [4]


def test_one_that_is_set_aside_is_not_due_until_it_is_noted_again(turns: Turns) -> None:
    case = noted(turns, Job(1))
    turns.forget(1)  # type: ignore[arg-type]
    turns.look_at([1])  # type: ignore[list-item]
    assert turns.take_due() == []
    turns.note(case)
    assert turns.take_due() == [1]


def test_one_that_is_let_go_on_waits_its_turn_whatever_its_status(turns: Turns) -> None:
    cases = [noted(turns, Job(n)) for n in range(1, 4)]
    assert turns.take_due() == [1, 2]
    begin(turns, *cases[:2])
    cases[0].job.status = JobStatus.AWAITING_REVIEW  # type: ignore[misc]
    turns.note(cases[0])
    assert turns.take_due() == [3], "its place is free while it waits for a person"
    let_go_on(turns, cases[0])
    assert turns.take_due() == []
    turns.forget(2)  # type: ignore[arg-type]
    assert turns.take_due() == [1]


def test_whatever_is_under_way_has_a_place_from_the_beginning(turns: Turns) -> None:
    """As after a restart of the Director."""
    queued, calling, begun = Job(1), Job(2), Job(3)
    calling.status = begun.status = JobStatus.RUNNING
    begun.begun = True
    noted(turns, queued)
    noted(turns, begun)
    case = noted(turns, calling)
    case.film.open.add(AssetKey(Kind.IMAGE, 1))
    turns.note(case)
    assert turns.take_due() == [2, 3]
    turns.forget(3)  # type: ignore[arg-type]
    assert turns.take_due() == [1]


def test_one_that_waits_to_go_on_is_cancelled_at_once(turns: Turns) -> None:
    cases = [noted(turns, Job(n)) for n in range(1, 3)]
    turns.take_due()
    begin(turns, *cases)
    waiting = noted(turns, Job(3))
    let_go_on(turns, waiting)
    assert turns.take_due() == []
    waiting.job.cancel_requested = True  # type: ignore[misc]
    turns.note(waiting)
    assert turns.take_due() == [3]
