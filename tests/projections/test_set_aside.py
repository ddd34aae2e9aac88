"""An event that cannot be folded sets its own job aside, and nothing else.

Seen to fail with a projector that stops, with one that passes the event over without a word, and with folds
that are kept in memory after their transaction was undone.
"""

import json
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.asset import Asset
from projections import rows as storing
from projections.database import Database, RefusedValueError
from projections.job_fold import JobFold
from projections.projector import Projector
from projections.readers import ReadModels
from projections.rebuild import create_generation, rebuild, verify
from projections.wire import encode
from tests.projections.filming import Filming

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


def page(readers: ReadModels, job_id: UUID) -> dict[str, object]:
    body = readers.job(job_id)
    assert body is not None
    told: dict[str, object] = json.loads(body)
    return told


def record(filming: Filming, job_id: UUID, topic: str, state: bytes) -> int:
    """An event that nobody here would write; gives its position."""
    version = filming.studio.job(job_id).version + 1
    positions = filming.studio.recorder.insert_events([StoredEvent(job_id, version, topic, state)])
    assert positions
    return int(positions[0])


BAD = {
    "a newer version's": ("job.from_the_future", b'{"job_id":1}'),
    "damaged": ("job.completed", b'{"job_id'),
    "no text": ("job.completed", b"\xff\xfe"),
    "another's note": ("job.completed", b'{"x":{"_type_":"?","_data_":1}}'),
    "without its fields": ("job.stage_started", b"{}"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_came_before_is_shown_and_all_other_jobs_go_on(
    filming: Filming, database: Database, readers: ReadModels, kind: str
) -> None:
    before, other = filming.submit(), filming.submit()
    filming.until_made(before, "image:1")
    sound = filming.head()
    topic, state = BAD[kind]
    bad = record(filming, before, topic, state)
    filming.finish(other)
    later = filming.submit()
    live = create_generation(database, filming.log, live=True)
    live.project(filming.log.read(0, 10_000))
    assert readers.position() == filming.head()
    [aside] = readers.set_aside()
    assert (aside.job_id, aside.position, aside.type) == (str(before), bad, topic)
    assert aside.reason
    told = page(readers, before)
    assert told["set_aside"] == {"position": bad, "type": topic, "reason": aside.reason}
    events, _ = readers.entries(after=0, limit=1000, job_ids=[before])
    assert told["position"] == events[-1].position <= sound
    assert page(readers, other)["status"] == "completed"
    assert page(readers, later)["set_aside"] is None
    # The Director is not given it, and nothing of it is pruned.
    assert readers.unfinished().job_ids == (later,)
    assert readers.job_at(before, bad - 1).aside is None  # type: ignore[union-attr]
    assert encode(readers.job_at(before, bad).page()) == readers.job(before)  # type: ignore[union-attr]
    [status] = readers.job_status(before)
    assert status.aside
    assert verify(database, filming.store, filming.log).equal


def test_the_first_event_of_a_job_may_be_the_bad_one(
    filming: Filming, database: Database, readers: ReadModels
) -> None:
    stream = uuid4()
    filming.studio.recorder.insert_events([StoredEvent(stream, 1, "job.from_the_future", b"{}")])
    good = filming.submit()
    create_generation(database, filming.log, live=True).project(filming.log.read(0, 100))
    assert [aside.job_id for aside in readers.set_aside()] == [str(stream)]
    assert readers.job(stream) is None
    assert readers.job(good) is not None


def test_an_assets_bad_event_sets_its_job_aside(
    filming: Filming, database: Database, readers: ReadModels
) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "analysis")
    [asset] = [r.event for r in filming.log.read(0, 100) if isinstance(r.event, Asset.Generated)]
    filming.studio.recorder.insert_events(
        [StoredEvent(asset.originator_id, asset.originator_version + 1, "asset.from_the_future", b"{}")]
    )
    live = create_generation(database, filming.log, live=True)
    for recorded in filming.log.read(0, 100):
        live.project([recorded])
    assert [aside.job_id for aside in readers.set_aside()] == [str(job_id)]


def test_what_the_tables_do_not_take_is_the_jobs_fault_and_not_the_databases(
    filming: Filming, database: Database, readers: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = filming.submit(), filming.submit()
    whole = storing.asset_row

    def row(asset_id: str, job_id: str, *page: Any) -> tuple[Any, ...]:
        made = whole(asset_id, job_id, *page)
        return (*made[:2], 2**70, *made[3:]) if job_id == str(bad) else made

    monkeypatch.setattr(storing, "asset_row", row)
    filming.until_made(bad, "analysis")
    filming.until_made(good, "analysis")
    create_generation(database, filming.log, live=True).project(filming.log.read(0, 1000))
    [aside] = readers.set_aside()
    assert aside.job_id == str(bad)
    assert aside.reason.startswith(RefusedValueError.__name__)
    assert len(readers.assets(good)) == 1
    assert readers.position() == filming.head()


def test_a_rebuild_with_mended_folds_releases_the_job(
    filming: Filming,
    projector: Projector,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = filming.submit()
    apply = JobFold.apply

    def broken(fold: JobFold, recorded: object) -> object:
        if isinstance(recorded.event, Asset.Generated):  # type: ignore[attr-defined]
            raise ZeroDivisionError("a defect")
        return apply(fold, recorded)  # type: ignore[arg-type]

    with monkeypatch.context() as defect:
        defect.setattr(JobFold, "apply", broken)
        filming.finish(job_id)
        assert readers.wait_for(filming.head(), 20)
        assert [aside.reason for aside in readers.set_aside()] == ["ZeroDivisionError: a defect"]
    rebuild(database, filming.store, filming.log)
    assert readers.set_aside() == []
    assert page(readers, job_id)["status"] == "completed"
    assert projector.status.state == "projecting"


def test_a_database_that_is_away_sets_nothing_aside(
    filming: Filming, database: Database, readers: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    filming.submit()
    live = create_generation(database, filming.log, live=True)

    def gone(*_: object) -> None:
        raise OSError("no such disk")

    with monkeypatch.context() as away:
        away.setattr(JobFold, "apply", gone)
        with pytest.raises(OSError, match="no such disk"):
            live.project(filming.log.read(0, 10))
    assert readers.set_aside() == []
    assert readers.position() == 0
    live.project(filming.log.read(0, 10))
    assert readers.position() == filming.head()


def test_texts_of_a_job_that_is_set_aside_go_with_its_pruning(
    filming: Filming, database: Database, readers: ReadModels
) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    live = create_generation(database, filming.log, live=True)
    live.project(filming.log.read(0, 1000))
    before = filming.head()
    record(filming, job_id, "job.prune_started", b'{"damaged')
    live.project(filming.log.read(before, 1000))
    assert readers.job(job_id) is None
    assert readers.entries(after=0, limit=1000, job_ids=[job_id])[0] == []
    assert [aside.job_id for aside in readers.set_aside()] == [str(job_id)]


def test_readers_are_woken_when_a_job_is_set_aside(
    filming: Filming, projector: Projector, readers: ReadModels
) -> None:
    job_id = filming.submit()
    assert readers.wait_for(filming.head(), 10)
    found, coming = threading.Event(), filming.head() + 1

    def wait() -> None:
        if readers.wait_for(coming, 20):
            found.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    record(filming, job_id, "job.from_the_future", b"{}")
    waiting.join(20)
    assert found.is_set()
    assert readers.set_aside()
    assert projector.status.state == "projecting"
