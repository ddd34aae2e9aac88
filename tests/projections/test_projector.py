"""The projector: one at a time, in transactions, loud when it cannot go on; a rebuild equals what is live.

Seen to fail without the lease, with a rebuild that does not switch, a comparison that counts no difference,
a version of the folds that nobody looks at, and a past that is not cut at its position.
"""

import json
import threading

import pytest

from domain.store import EventStore
from projections import tables
from projections.database import Database, ReadModelsUnavailableError
from projections.projection import Projection
from projections.projector import Projector, ProjectorStatus
from projections.readers import ReadModels
from projections.rebuild import create_generation, rebuild, verify
from projections.wire import encode
from tests.projections.filming import Filming, outage, refusal
from tests.projections.projecting import running

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


def until(projector: Projector, state: str) -> ProjectorStatus:
    turn = threading.Event()
    for _ in range(1000):
        if projector.status.state == state:
            return projector.status
        turn.wait(0.01)
    raise AssertionError(f"the projector is {projector.status}, not {state}")


def two_jobs(filming: Filming) -> None:
    filming.faults = {"image:1": [outage()], "image:2": [refusal()]}
    failed = filming.submit()
    assert filming.finish(failed) == "failed"
    filming.beats = 2
    assert filming.finish(filming.submit()) == "completed"
    filming.beats = 1
    filming.studio.change_job(failed, lambda job: job.reopen("retry", now=filming.tick(9)))
    assert filming.finish(failed) == "completed"


def test_what_is_recorded_is_soon_projected(
    filming: Filming, projector: Projector, readers: ReadModels
) -> None:
    job_id = filming.submit()
    assert readers.wait_for(filming.head(), 10)
    assert projector.status.state == "projecting"
    body = readers.job(job_id)
    assert body is not None
    assert json.loads(body)["status"] == "queued"


def test_waiting_for_a_position_ends_when_it_is_projected_by_whomever(
    store: EventStore, filming: Filming, database: Database, readers: ReadModels
) -> None:
    filming.submit()
    assert not readers.wait_for(1, 0.05)
    found: list[bool] = []
    waiting = threading.Thread(target=lambda: found.append(readers.wait_for(1, 30)))
    waiting.start()
    with running(store, filming, database):
        waiting.join(30)
    assert found == [True]


def test_a_projector_goes_on_where_the_last_one_ended(
    store: EventStore, filming: Filming, database: Database, readers: ReadModels
) -> None:
    job_id = filming.submit()
    with running(store, filming, database):
        filming.until_made(job_id, "image:1")
        assert readers.wait_for(filming.head(), 10)
    assert filming.finish(job_id) == "completed"
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
    assert verify(database, filming.store, filming.log).equal
    entries, _ = readers.entries(after=0, limit=10_000)
    assert [e.position for e in entries] == [r.position for r in filming.log.read(0, 10_000)]


def test_only_the_holder_of_the_lease_projects_and_another_takes_over(
    store: EventStore, filming: Filming, database: Database, readers: ReadModels
) -> None:
    with running(store, filming, database) as first:
        until(first, "projecting")
        with running(store, filming, database) as second:
            until(second, "waiting")
            first.close()
            until(second, "projecting")
            filming.submit()
            assert readers.wait_for(filming.head(), 10)


def test_a_rebuild_from_zero_equals_the_live_tables(
    filming: Filming, projector: Projector, database: Database, readers: ReadModels
) -> None:
    two_jobs(filming)
    assert readers.wait_for(filming.head(), 10)
    verified = verify(database, filming.store, filming.log)
    assert verified.equal
    assert verified.events == len(filming.log.read(0, 10_000))
    assert projector.status.reason is None


def test_the_size_of_batches_changes_nothing(filming: Filming, database: Database) -> None:
    two_jobs(filming)
    events = filming.log.read(0, 10_000)
    live = create_generation(database, filming.log, live=True)
    for start in range(0, len(events), 3):
        # A fold that is not in memory is made again from the job's own events.
        Projection(
            database, filming.log, live.generation, events[start - 1].position if start else 0
        ).project(events[start : start + 3])
    assert verify(database, filming.store, filming.log).equal


def test_a_tampered_table_is_found(
    filming: Filming, projector: Projector, database: Database, readers: ReadModels
) -> None:
    filming.finish(filming.submit())
    assert readers.wait_for(filming.head(), 10)
    projector.close()
    with database.write() as transaction:
        transaction.run("UPDATE jobs_1 SET status = 'failed'")
        transaction.run("DELETE FROM timeline_1 WHERE position = 5")
    assert verify(database, filming.store, filming.log).differences == {"jobs": 2, "timeline": 1}


def test_a_rebuild_switches_and_the_projector_goes_on_with_the_new_tables(
    filming: Filming, projector: Projector, database: Database, readers: ReadModels
) -> None:
    two_jobs(filming)
    assert readers.wait_for(filming.head(), 10)
    before, position = readers.jobs().items, readers.position()
    rebuilt = rebuild(database, filming.store, filming.log)
    assert readers.projected().generation == rebuilt.generation == 2
    assert readers.position() == position
    assert readers.jobs().items == before
    filming.finish(filming.submit())
    assert readers.wait_for(filming.head(), 10)
    assert projector.status.state == "projecting"
    rebuild(database, filming.store, filming.log)
    assert verify(database, filming.store, filming.log).equal


def test_read_models_of_other_folds_are_built_anew(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = filming.submit()
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
    monkeypatch.setattr(tables, "FOLD", "next")
    with running(store, filming, database) as projector:
        assert readers.wait_for(filming.head(), 10, current=True)
        assert readers.projected().generation == 2
        until(projector, "projecting")
        assert readers.job(job_id) is not None


def test_a_transaction_that_fails_leaves_tables_and_position_together(
    filming: Filming, database: Database, readers: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    filming.finish(filming.submit())
    events = filming.log.read(0, 10_000)
    projection = create_generation(database, filming.log, live=True)
    projection.project(events[:10])
    with monkeypatch.context() as broken:
        broken.setattr(tables, "PUT_ASSET", "INSERT INTO nowhere_{g} VALUES (?, ?, ?, ?, ?)")
        with pytest.raises(ReadModelsUnavailableError):
            projection.project(events[10:])
    assert readers.position() == events[9].position
    assert len(readers.entries(after=0, limit=1000)[0]) == 10
    projection.project(events[10:])
    assert verify(database, filming.store, filming.log).equal


def test_what_keeps_it_from_projecting_is_said_once_until_it_has_projected(
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("projections.projector.RETRY_S", 0.0)
    with running(filming.store, filming, database):
        for said in (1, 2):
            tries = threading.Semaphore(0)

            def full(*_: object, tries: threading.Semaphore = tries) -> None:
                tries.release()
                raise ReadModelsUnavailableError("the disk is full")

            with monkeypatch.context() as broken:
                broken.setattr(Projection, "project", full)
                filming.submit()
                for _ in range(4):
                    assert tries.acquire(timeout=10)
            assert readers.wait_for(filming.head(), 10)
            assert caplog.text.count("the disk is full") == said


def test_the_past_is_the_fold_of_the_events_up_to_then(
    filming: Filming, projector: Projector, readers: ReadModels
) -> None:
    seen: dict[int, bytes] = {}
    job_id = filming.submit()
    while True:
        assert readers.wait_for(filming.head(), 10)
        body = readers.job(job_id)
        assert body is not None
        seen[filming.head()] = body
        if not filming.step(job_id):
            break
    assert len(seen) > 5
    for position, body in seen.items():
        past = readers.job_at(job_id, position)
        assert past is not None
        assert encode(past.page()) == body
    assert readers.job_at(job_id, 0) is None
    assert projector.status.state == "projecting"
