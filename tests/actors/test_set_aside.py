"""A job that cannot be folded is not worked on, and the Director goes on with all others.

Seen to fail with a Director that decodes its batches as a whole: it then ended with the first such event.
"""

from typing import Any

from eventsourcing.persistence import StoredEvent

from actors import desk as module
from domain.asset import Asset
from domain.job import Job
from domain.ports import Unfinished
from tests.actors.conftest import Board


def spoil(crew: Any, job: Job) -> None:
    version = crew.studio.job(job.id).version + 1
    crew.studio.recorder.insert_events([StoredEvent(job.id, version, "job.from_the_future", b"{}")])


async def test_a_director_that_meets_such_an_event_finishes_the_other_films(crew: Any) -> None:
    bad, good = crew.submit(), crew.submit()
    spoil(crew, bad)
    async with crew.directing(Board()) as director:
        await crew.until_ended(good)
        assert director.state == "directing"
    assert all(
        r.event.job_id == good.id for r in crew.log.read(0, 10_000) if isinstance(r.event, Asset.Event)
    )


async def test_a_director_that_takes_over_leaves_it_alone(crew: Any) -> None:
    bad, good = crew.submit(), crew.submit()
    spoil(crew, bad)
    desk = crew.desk()
    assert desk.take_over(Unfinished((bad.id, good.id), crew.log.head())) == [good.id]


def test_a_defect_that_one_job_meets_when_it_is_stepped_is_its_own(crew: Any, monkeypatch: Any) -> None:
    bad, good = crew.submit(), crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 100))
    decide = module.workflow

    def broken(job: Job, *rest: Any) -> Any:
        if job.id == bad.id:
            raise ZeroDivisionError("a defect")
        return decide(job, *rest)

    monkeypatch.setattr(module, "workflow", broken)
    assert desk.step(bad.id, {}).ended
    assert len(desk.step(good.id, {}).orders) == 1
    assert list(desk.cases) == [good.id]
