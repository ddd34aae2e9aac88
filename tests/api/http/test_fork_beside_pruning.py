"""A job is pruned while it is forked, at each moment of the fork: one of the two sees the other.

Either the fork is refused as if it had come later, or everything that it names is there and stays. Seen to
fail without ``_keep`` (the new job names bytes that are gone), without the second look at the source (a text
is in a new job after ``job.prune_started``), and with a ``remove`` that looks at no time.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cases.queue import Queue
from domain import checkpoints
from domain.asset import Asset
from domain.job import Job
from domain.store import Pruning, Retention
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming

pytestmark = pytest.mark.slow


LONG_AGO = datetime.now(UTC) - timedelta(days=100)
QUARTER = timedelta(days=90)

Moment = Callable[["House", pytest.MonkeyPatch], None]


class House:
    """A server's data with one film of long ago, and somebody who prunes it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.system = site.system
        filming = PlannedFilming(self.system)
        filming.now = LONG_AGO
        self.source = filming.submit()
        assert filming.finish(self.source) == "completed"
        site.settle()
        for path in self.files():
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))

    def files(self) -> list[Path]:
        folder = self.system.settings.data_dir / "blobs"
        return [path for path in folder.rglob("*") if path.is_file()]

    def prune(self, later: timedelta = timedelta()) -> list[Pruning]:
        system = self.system
        retention = Retention(
            system.studio,
            system.log,
            system.files,
            system.readers,
            system.blobs,
            lambda: datetime.now(UTC) + later,
        )
        return list(retention.prune(QUARTER))

    def fork(self) -> Any:
        return self.site.client.post(f"/v1/jobs/{self.source}/fork", json={})

    def jobs(self) -> list[UUID]:
        events = [recorded.event for recorded in self.system.log.read(0, 10_000)]
        return [event.job_id for event in events if isinstance(event, Job.Submitted)]

    def named_by(self, job_id: UUID) -> set[str]:
        events = [r.event for r in self.system.log.read(0, 10_000) if r.event.job_id == job_id]
        reused = [event for event in events if isinstance(event, Asset.Reused)]
        assert reused
        return {digest for event in reused for digest in (event.digest, event.prompt_digest) if digest}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, open_site: Callable[..., Site]) -> House:
    store = {} if request.param == "sqlite" else {"STORE": request.getfixturevalue("postgresql_url")}
    return House(open_site(**store))


def when_it_is_planned(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    enter = Queue.enter

    def prune_first(queue: Queue) -> None:
        house.prune()
        enter(queue)

    monkeypatch.setattr(Queue, "enter", prune_first)


def when_the_first_bytes_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, kept = house.system.blobs.keep, []

    def prune_after_the_first(digest: str) -> bool:
        kept.append(keep(digest))
        if len(kept) == 1:
            house.prune()
        return kept[-1]

    monkeypatch.setattr(house.system.blobs, "keep", prune_after_the_first)


def when_all_bytes_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    job, looks = house.system.studio.job, []

    def prune_before_the_last_look(job_id: UUID) -> Job:
        looks.append(job_id)
        if looks.count(house.source) == 2:
            house.prune()
        return job(job_id)

    monkeypatch.setattr(house.system.studio, "job", prune_before_the_last_look)


@pytest.mark.parametrize(
    "moment", [when_it_is_planned, when_the_first_bytes_are_kept, when_all_bytes_are_kept]
)
def test_a_fork_that_pruning_overtakes_is_refused_and_leaves_nothing(
    house: House, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        moment(house, patched)
        answer = house.fork()

    assert house.system.studio.job(house.source).content != "whole", "it was pruned meanwhile"
    assert (answer.status_code, answer.json()["code"]) == (409, "job_pruned"), answer.text
    assert house.jobs() == [house.source]
    # What was kept for the fork is not needed any more, an hour later.
    house.prune(timedelta(hours=2))
    assert house.files() == []


def test_a_fork_that_is_recorded_beside_pruning_keeps_its_bytes(house: House) -> None:
    stop = checkpoints.watch(lambda point, _: point == "before:job.submitted" and house.prune())
    try:
        answer = house.fork()
    finally:
        stop()

    assert house.system.studio.job(house.source).content != "whole", "it was pruned meanwhile"
    assert answer.status_code == 201, answer.text
    new = UUID(answer.json()["id"])
    house.site.settle()
    named = house.named_by(new)
    assert all(house.system.blobs.exists(digest) for digest in named)
    # Nor does a later run take them: now an event names them.
    [done] = house.prune(timedelta(hours=2))
    assert done.finished
    assert named <= set(done.kept)
    assert all(house.system.blobs.exists(digest) for digest in named)
