"""A Director and a job that waits for a person: nothing is ordered, whoever directs; then it goes on."""

from typing import Any

from domain.asset import Asset
from domain.job import Job
from tests.actors.conftest import now


async def test_a_job_that_waits_is_left_alone_over_a_restart_and_goes_on_when_approved(crew: Any) -> None:
    async with crew.directing():
        job: Job = crew.submit(options={"review": ["script"]})
        await crew.until(lambda r: isinstance(r.event, Job.ReviewRequested))
    assert [event.kind for event in crew.events(Asset.Requested)] == ["analysis"]

    async with crew.directing():
        other = crew.submit()
        await crew.until(lambda r: isinstance(r.event, Job.Completed) and r.event.job_id == other.id)
        waiting = crew.studio.job(job.id)
        assert (waiting.status, waiting.review) == ("awaiting_review", "script")
        assert [event.kind for event in crew.events(Asset.Requested) if event.job_id == job.id] == [
            "analysis"
        ]

        crew.studio.change_job(job.id, lambda one: one.approve(now=now()))
        await crew.until_ended(job)
    assert crew.studio.job(job.id).status == "completed"
    assert len(crew.events(Job.ReviewRequested)) == 1
