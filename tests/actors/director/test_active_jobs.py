"""So many jobs are under way at a time, those that are retried, approved or changed among them."""

from collections.abc import Callable
from uuid import UUID

import pytest

from actors.director.desk import Desk
from actors.work.attempt import Attempts
from domain.failures import Code, Failure
from domain.job import Job
from tests.actors.conftest import Board, Crew, now


def ended(job: Job) -> None:
    job.fail(Failure.of(Code.SAFETY, "no"), now=now())


def waits_for_a_person(job: Job) -> None:
    job.request_review("script", now=now())


LET_GO_ON: dict[str, tuple[Callable[[Job], None], Callable[[Job], None]]] = {
    "retried": (ended, lambda job: job.reopen("retry", now=now())),
    "approved": (waits_for_a_person, lambda job: job.approve(now=now())),
    "changed": (waits_for_a_person, lambda job: job.begin_change("edit", now=now())),
}


def active(desk: Desk) -> list[UUID]:
    return list(desk.look([], {}).steps)


@pytest.mark.parametrize("how", LET_GO_ON)
def test_jobs_that_are_let_go_on_all_at_once_wait_their_turn(crew: Crew, how: str) -> None:
    rest, go_on = LET_GO_ON[how]
    desk = crew.desk()
    desk.turns.most_active = 20
    jobs = [crew.submit() for _ in range(20)]
    desk.look([], {})
    desk.turns.most_active = 4
    for job in jobs:
        crew.studio.change_job(job.id, rest)
    assert active(desk) == []

    for job in jobs:
        crew.studio.change_job(job.id, go_on)
    assert active(desk) == [job.id for job in jobs[:4]]
    assert active(desk) == []
    assert {crew.studio.job(job.id).status for job in jobs} == {"running"}

    # Who waits is cancelled at once, and whoever ends makes room for the next one.
    for job in (jobs[19], jobs[0]):
        crew.studio.change_job(job.id, lambda job: job.request_cancel(now=now()))
    assert set(active(desk)) == {jobs[0].id, jobs[4].id, jobs[19].id}
    assert [crew.studio.job(jobs[n].id).status for n in (0, 4, 19)] == ["cancelled", "running", "cancelled"]


def test_one_that_is_retried_comes_after_those_that_waited_before_it_and_before_those_that_came_later(
    crew: Crew,
) -> None:
    desk = crew.desk()
    desk.turns.most_active = 1
    retried = crew.submit()
    crew.studio.change_job(retried.id, ended)
    jobs = [crew.submit(), crew.submit()]
    assert active(desk) == [jobs[0].id]
    crew.studio.change_job(retried.id, lambda job: job.reopen("retry", now=now()))
    assert active(desk) == []
    jobs.append(crew.submit())
    turns = []
    for job in (jobs[0], jobs[1], retried):
        crew.studio.change_job(job.id, lambda job: job.request_cancel(now=now()))
        turns += [job_id for job_id in active(desk) if job_id != job.id]
    assert turns == [jobs[1].id, retried.id, jobs[2].id]


@pytest.mark.parametrize("how", LET_GO_ON)
async def test_a_new_director_lets_them_wait_too_but_for_what_is_under_way(crew: Crew, how: str) -> None:
    rest, go_on = LET_GO_ON[how]
    first = crew.desk()
    first.turns.most_active = 20
    jobs = [crew.submit() for _ in range(6)]
    orders = {job_id: step.orders[0] for job_id, step in first.look([], {}).steps.items()}
    for job in jobs[:5]:
        crew.studio.change_job(job.id, rest)
        crew.studio.change_job(job.id, go_on)
    assert await Attempts(crew.workshop())._start(orders[jobs[5].id]) is not None

    desk = crew.desk()
    desk.turns.most_active = 3
    desk.take_over(Board(*(job.id for job in jobs), position=crew.log.head()).unfinished())
    assert active(desk) == [jobs[0].id, jobs[1].id, jobs[5].id]
