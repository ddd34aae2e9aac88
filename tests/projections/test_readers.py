"""What the read models answer."""

import json
from uuid import UUID, uuid4

import pytest

from projections import tables
from projections.database import Database
from projections.job_filter import JobFilter
from projections.projector import Projector
from projections.readers import BehindError, ReadModels
from tests.projections.filming import Filming

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


@pytest.fixture
def jobs(filming: Filming, projector: Projector, readers: ReadModels) -> list[UUID]:
    """Five jobs, oldest first; the second is completed."""
    assert projector.status.reason is None
    made = [filming.submit() for _ in range(5)]
    filming.finish(made[1])
    assert readers.wait_for(filming.head(), 10)
    return made


def ids(items: list[bytes]) -> list[UUID]:
    return [UUID(json.loads(item)["id"]) for item in items]


def test_before_anything_is_projected_there_is_nothing(readers: ReadModels) -> None:
    assert readers.position() == 0
    assert readers.jobs().items == []
    assert readers.job(uuid4()) is None
    assert readers.entries(after=0, limit=10) == ([], 0)
    assert readers.unfinished().job_ids == ()


def test_jobs_are_listed_newest_first_page_by_page(readers: ReadModels, jobs: list[UUID]) -> None:
    first = readers.jobs(limit=2)
    second = readers.jobs(limit=2, before=first.next)
    third = readers.jobs(limit=2, before=second.next)
    assert ids(first.items + second.items + third.items) == jobs[::-1]
    assert third.next is None


def test_a_page_that_is_just_full_has_no_next(readers: ReadModels, jobs: list[UUID]) -> None:
    assert readers.jobs(limit=len(jobs)).next is None


def test_jobs_are_filtered_by_status(readers: ReadModels, jobs: list[UUID]) -> None:
    assert ids(readers.jobs(JobFilter(status="completed")).items) == [jobs[1]]
    assert len(readers.jobs(JobFilter(status="queued")).items) == 4
    assert readers.jobs(JobFilter(status="failed")).items == []
    assert readers.job_counts() == {"queued": 4, "completed": 1}


def test_unfinished_jobs_come_with_the_position_they_are_true_at(
    readers: ReadModels, jobs: list[UUID], filming: Filming
) -> None:
    unfinished = readers.unfinished()
    assert list(unfinished.job_ids) == [jobs[0], *jobs[2:]]
    assert unfinished.position == filming.head()
    assert unfinished.latest == {each: readers.positions_of(each)[-1] for each in unfinished.job_ids}


def test_the_timeline_is_read_by_job_and_by_position(readers: ReadModels, jobs: list[UUID]) -> None:
    every, seen = readers.entries(after=0, limit=10_000)
    assert seen == readers.position()
    assert [e.position for e in every] == sorted(e.position for e in every)
    some, _ = readers.entries(after=0, limit=10_000, job_ids=[jobs[0], jobs[2]])
    assert [e.job_id for e in some] == [str(jobs[0]), str(jobs[2])]


def test_pages_of_the_timeline_miss_nothing_and_repeat_nothing(readers: ReadModels, jobs: list[UUID]) -> None:
    for picked in (None, [jobs[1]], [jobs[1], jobs[3]]):
        whole, _ = readers.entries(after=0, limit=10_000, job_ids=picked)
        after, found = 0, []
        while after < readers.position():
            page, after = readers.entries(after=after, limit=7, job_ids=picked)
            found += page
        assert found == whole


def test_assets_are_listed_as_a_film_comes_about(readers: ReadModels, jobs: list[UUID]) -> None:
    names = [json.loads(body)["name"] for body in readers.assets(jobs[1])]
    scenes = ["image:1", "image:2", "audio_plan", "narration:1", "narration:2", "music", "clip:1", "clip:2"]
    last = ["transition:1", "soundtrack", "captions", "video", "poster", "manifest"]
    assert names == ["analysis", "storyboard", *scenes, *last]
    assert readers.assets(jobs[0]) == []


def test_an_asset_is_found_by_its_id(readers: ReadModels, jobs: list[UUID]) -> None:
    known = json.loads(readers.assets(jobs[1])[3])
    found = readers.asset(UUID(known["id"]))
    assert found is not None
    assert json.loads(found[0]) == known
    assert [revision["revision"] for revision in json.loads(found[1])] == [1]
    assert readers.asset(uuid4()) is None


def test_a_page_beyond_what_is_projected_goes_on_where_it_was_asked(
    readers: ReadModels, jobs: list[UUID]
) -> None:
    """Fails when the position that is given back lies below the one asked for: all would be told twice."""
    ahead = readers.position() + 7
    assert readers.entries(after=ahead, limit=10) == ([], ahead)
    assert readers.entries(after=ahead, limit=10, job_ids=[jobs[0]]) == ([], ahead)


def test_an_answer_is_of_one_state_whatever_is_projected_meanwhile(
    readers: ReadModels, jobs: list[UUID], filming: Filming, database: Database
) -> None:
    with database.read() as transaction:
        before = transaction.one(tables.LIVE)
        count = transaction.one(tables.TOTALS_OF.format(g=1), "jobs")
        filming.finish(jobs[0])
        assert readers.wait_for(filming.head(), 10)
        assert transaction.one(tables.LIVE) == before
        assert transaction.one(tables.TOTALS_OF.format(g=1), "jobs") == count
    assert readers.position() == filming.head()


def test_a_past_that_is_not_projected_yet_is_not_told_as_an_older_one(
    readers: ReadModels, jobs: list[UUID], filming: Filming, projector: Projector
) -> None:
    projector.close()
    filming.finish(jobs[0])
    for ask in (readers.job_at, readers.events_of):
        with pytest.raises(BehindError, match=str(filming.head())):
            ask(jobs[0], filming.head())
    assert readers.job_at(jobs[0], readers.position()) is not None


def test_the_version_of_a_job_is_its_position_and_that_of_the_folds(
    readers: ReadModels, jobs: list[UUID]
) -> None:
    found = readers.job_with_version(jobs[1])
    assert found is not None
    assert found[1] == f"{json.loads(found[0])['position']}-{tables.FOLD}"


def test_a_caller_is_told_of_its_own_jobs_alone(
    filming: Filming, readers: ReadModels, jobs: list[UUID]
) -> None:
    web = [filming.submit(caller="web") for _ in range(3)]
    filming.finish(web[0])
    assert readers.wait_for(filming.head(), 10)
    first = readers.jobs(JobFilter(caller="web"), limit=2)
    rest = readers.jobs(JobFilter(caller="web"), limit=2, before=first.next)
    assert ids(first.items + rest.items) == web[::-1]
    assert ids(readers.jobs(JobFilter(caller="web", status="completed")).items) == [web[0]]
    assert ids(readers.jobs(JobFilter(caller="web", beginning=str(web[1])[:20])).items) == [web[1]]
    assert readers.jobs(JobFilter(caller="web", beginning=str(jobs[0])[:20])).items == []
    assert readers.jobs(JobFilter(caller="nobody")).items == []
    entries, seen = readers.entries(after=0, limit=1000, caller="web")
    assert {entry.job_id for entry in entries} == set(map(str, web))
    assert seen == readers.position()
    some, seen = readers.entries(after=0, limit=2, caller="web")
    assert (some, seen) == (entries[:2], entries[1].position)


def test_what_callers_submitted_and_spent_is_counted(
    filming: Filming, readers: ReadModels, jobs: list[UUID]
) -> None:
    filming.finish(filming.submit(caller="web"))
    assert readers.wait_for(filming.head(), 10)
    totals = readers.totals()
    assert totals.caller_jobs == {"local": len(jobs), "web": 1}
    assert sum(totals.caller_cost_usd.values()) == pytest.approx(sum(totals.cost_usd.values()))
    assert totals.caller_cost_usd["web"] > 0
