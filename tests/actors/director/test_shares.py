"""Two Directors beside each other: a share of the jobs each, by id, under a lease named after the share."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.asset import Asset
from domain.job import Job
from domain.store import Recorded

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Share:
    """The jobs whose number leaves this remainder: ``0/2`` are the even ones."""

    part: int
    of: int

    @property
    def lease(self) -> str:
        return f"director:{self.part}/{self.of}"

    def __contains__(self, job_id: object) -> bool:
        return isinstance(job_id, UUID) and job_id.int % self.of == self.part


def test_every_job_is_in_one_share_and_shares_are_about_alike() -> None:
    shares = [Share(part, 4) for part in range(4)]
    jobs = [UUID(int=n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128) for n in range(1, 4001)]
    holders = Counter(share for job in jobs for share in shares if job in share)
    assert holders.total() == len(jobs)
    assert all(900 < held < 1100 for held in holders.values()), holders


async def test_two_directors_with_leases_of_their_own_each_take_their_jobs(crew: Any) -> None:
    shares = [Share(0, 2), Share(1, 2)]
    desks = [crew.desk(only=share, boot_id=share.lease) for share in shares]
    jobs = [crew.submit(job_id=UUID(int=uuid4().int // 2 * 2 + n % 2)) for n in range(6)]
    left = {job.id for job in jobs}

    def all_ended(recorded: Recorded) -> bool:
        if isinstance(recorded.event, Job.Completed):
            left.discard(recorded.event.job_id)
        return not left

    async with (
        crew.directing(desk=desks[0], lease=shares[0].lease) as even,
        crew.directing(desk=desks[1], lease=shares[1].lease) as odd,
    ):
        recorded = await crew.until(all_ended)
        assert {even.state, odd.state} == {"directing"}, "none waits for the other"
    resumed = [r.event for r in recorded if isinstance(r.event, Job.Resumed)]
    assert not resumed, "no job was met by two"
    assert len(crew.orders) == len({order.name for order in crew.orders}), "nothing was ordered twice"
    attempts = Counter(r.event.originator_id for r in recorded if isinstance(r.event, Asset.AttemptStarted))
    assert set(attempts.values()) == {1}


async def test_a_second_director_of_the_same_share_waits_for_the_first(crew: Any) -> None:
    share = Share(0, 2)
    first, second = (crew.desk(only=share) for _ in range(2))
    mine = crew.submit(job_id=UUID(int=uuid4().int // 2 * 2))
    async with (
        crew.directing(desk=first, lease=share.lease) as one,
        crew.directing(desk=second, lease=share.lease) as other,
    ):
        await crew.until_ended(mine)
        assert sorted([one.state, other.state]) == ["directing", "waiting for the lease"]


async def test_a_director_of_one_share_leaves_the_jobs_of_others_alone(crew: Any) -> None:
    share = Share(0, 2)
    other = crew.submit(job_id=UUID(int=uuid4().int | 1))
    mine = crew.submit(job_id=UUID(int=uuid4().int // 2 * 2))
    async with crew.directing(desk=crew.desk(only=share), lease=share.lease):
        await crew.until_ended(mine)
    assert {order.brief.job_id for order in crew.orders} == {mine.id}
    assert crew.studio.job(other.id).status == "queued"
