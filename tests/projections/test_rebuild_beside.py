"""Building anew holds nobody up, ends when it is told to, and leaves nothing behind when it is killed.

Seen to fail with a rebuild in the projector's own thread, with one that looks at no flag, without the
builder's lock, with one that forgets to catch up before it switches, with a comparison under the writers'
lock, and with connections that outlive their file.
"""

import json
import threading
from typing import Any
from uuid import UUID

import pytest

from domain.store import EventStore, open_event_store
from projections import bulk, tables
from projections import rebuild as building
from projections.bulk import Made
from projections.database import Database, open_database
from projections.projection import Projection, SupersededError
from projections.projector import Projector
from projections.readers import ReadModels
from projections.rebuild import create_generation, drop_abandoned, forget_retired, rebuild, verify
from projections.wire import encode
from tests.projections.filming import Filming
from tests.projections.projecting import running

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


class Gate:
    """Stops a fill at its first batch until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        store = Projection.store

        def at_the_gate(projection: Projection, end: int, made: Made) -> None:
            self.reached.set()
            assert self.open.wait(30)
            store(projection, end, made)

        monkeypatch.setattr(Projection, "store", at_the_gate)


def generations(database: Database) -> list[tuple[int, int]]:
    with database.read() as transaction:
        return [(row[0], row[1]) for row in transaction.all(tables.GENERATIONS)]


def shown(readers: ReadModels, job_id: UUID) -> Any:
    body = readers.job(job_id)
    assert body is not None
    return json.loads(body)


def as_version_5_left_it(database: Database, readers: ReadModels, job_id: UUID) -> Any:
    """It kept a job's scenes within the job's page, and had no table of them; gives the page."""
    page = shown(readers, job_id)
    assert len(page["scenes"]) == 2
    whole = {"scenes": page["scenes"]} | {name: page[name] for name in page if name != "scenes"}
    with database.write() as transaction:
        transaction.run("UPDATE jobs_1 SET body = ? WHERE job_id = ?", encode(whole), str(job_id))
        for table in ("scenes_1", "callers_1"):
            transaction.run(f"DROP TABLE {table}")
    return page


def test_after_an_update_of_the_folds_what_is_submitted_is_seen_while_they_are_built(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = filming.submit()
    filming.until_made(old, "image:1")
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
    page = as_version_5_left_it(database, readers, old)
    monkeypatch.setattr(tables, "FOLD", "next")
    gate = Gate(monkeypatch)
    with running(store, filming, database) as projector:
        assert gate.reached.wait(10)
        new = filming.submit()
        assert readers.wait_for(filming.head(), 10)
        assert readers.job(new) is not None
        assert shown(readers, old) == page
        filming.until_made(old, "image:2")
        assert readers.wait_for(filming.head(), 10)
        assert shown(readers, old)["scenes"][1]["image"]["status"] == "generated"
        assert projector.status.state == "projecting"
        assert readers.projected().generation == 1
        gate.open.set()
        assert readers.wait_for(filming.head(), 10, current=True)
        assert readers.projected().generation == 2
        assert readers.job(old) is not None
        filming.finish(new)
        assert readers.wait_for(filming.head(), 10)
    assert verify(database, store, filming.log).equal


def test_an_end_does_not_wait_for_a_rebuild_and_the_next_start_finishes_it(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filming.finish(filming.submit())
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
    monkeypatch.setattr(tables, "FOLD", "next")
    monkeypatch.setattr(bulk, "SPAN", 1)
    with monkeypatch.context() as slow:
        gate = Gate(slow)
        with running(store, filming, database) as projector:
            assert gate.reached.wait(10)
            closing = threading.Thread(target=projector.close)
            closing.start()
            gate.open.set()
            closing.join(10)
            assert not closing.is_alive()
    assert readers.projected().generation == 1
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10, current=True)
    # What the first one had built is gone; only what was live before is left to late readers.
    assert generations(database) == [(1, 0), (2, 1)]


def abandoned(database: Database, filming: Filming) -> Projection:
    """What a builder leaves that is killed."""
    projection = create_generation(database, filming.log)
    projection.project(filming.log.read(0, 1000), live=False)
    return projection


@pytest.mark.parametrize("who", ["prune", "start", "rebuild", "verify"])
def test_what_a_killed_builder_has_left_goes(
    store: EventStore, filming: Filming, database: Database, readers: ReadModels, who: str
) -> None:
    filming.finish(filming.submit())
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
    left = abandoned(database, filming).generation
    match who:
        case "prune":
            forget_retired(database, store)
        case "start":
            with running(store, filming, database):
                while (left, 0) in generations(database):
                    pass
        case "rebuild":
            rebuild(database, store, filming.log)
        case "verify":
            assert verify(database, store, filming.log).equal
    with database.read() as transaction:
        rows = transaction.all(tables.GENERATIONS)
    assert rows in ([(1, 1)], [(1, 0), (2, 1)])


def test_what_a_living_builder_works_at_stays(
    store: EventStore, filming: Filming, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filming.finish(filming.submit())
    create_generation(database, filming.log, live=True).project(filming.log.read(0, 1000))
    gate = Gate(monkeypatch)
    builder = threading.Thread(target=rebuild, args=(database, store, filming.log))
    builder.start()
    assert gate.reached.wait(10)
    other = open_event_store(store.url)
    drop_abandoned(database, other)
    forget_retired(database, other)
    assert generations(database) == [(1, 1), (2, 0)]
    gate.open.set()
    builder.join(30)
    assert generations(database)[-1] == (2, 1)
    other.close()


def test_a_rebuild_takes_in_what_came_before_it_switches(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filming.finish(filming.submit())
    live = create_generation(database, filming.log, live=True)
    live.project(filming.log.read(0, 1000))
    fill = building._fill

    def filled(*args: Any, **kwargs: Any) -> int:
        events = fill(*args, **kwargs)
        filming.submit()  # after the last look at the log, and projected at once
        live.project(filming.log.read(live.position, 1000))
        return events

    monkeypatch.setattr(building, "_fill", filled)
    before = readers.position()
    rebuild(database, store, filming.log)
    assert readers.position() == filming.head() > before


def test_nobody_waits_for_a_comparison(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filming.finish(filming.submit())
    live = create_generation(database, filming.log, live=True)
    live.project(filming.log.read(0, 1000))
    compared = building._differing
    found: list[int] = []

    def differing(*args: Any) -> int:
        if not found:
            # In the midst of the comparison: a job is submitted, and seen.
            filming.submit()
            live.project(filming.log.read(live.position, 1000))
            found.append(readers.position())
            again = open_database(store.url)
            again.close()
        return compared(*args)

    monkeypatch.setattr(building, "_differing", differing)
    verified = verify(database, store, filming.log)
    assert verified.equal
    assert found == [filming.head()]
    assert verified.position == filming.head() - 1


def test_a_writer_that_another_has_overtaken_writes_nothing(
    filming: Filming, database: Database, readers: ReadModels
) -> None:
    filming.submit()
    filming.submit()
    first = create_generation(database, filming.log, live=True)
    late = Projection(database, filming.log, first.generation, 0)
    events = filming.log.read(0, 10)
    first.project(events[:1])
    with pytest.raises(SupersededError):
        late.project(events)
    assert readers.position() == 1
    assert len(readers.jobs().items) == 1


def test_a_projector_that_has_lost_its_lease_projects_no_more(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = Projector(store, filming.log, database)
    project = Projection.project
    by: list[str] = []

    def noted(projection: Projection, events: Any, *, live: bool = True) -> Any:
        by.append(threading.current_thread().name)
        return project(projection, events, live=live)

    monkeypatch.setattr(Projection, "project", noted)
    first.start()
    try:
        filming.submit()
        assert readers.wait_for(filming.head(), 10)
        other = open_event_store(store.url).presence("projector")
        first._lease.release()
        assert other.acquire(10)
        by.clear()
        filming.submit()
        # It notices with the batch that comes, at the latest; from then on it waits.
        waited = threading.Event()
        for _ in range(1000):
            if first.status.state == "waiting":
                break
            waited.wait(0.01)
        assert first.status.state == "waiting"
        by.clear()
        filming.submit()
        assert not readers.wait_for(filming.head(), 1)
        assert by == []
        other.release()
        assert readers.wait_for(filming.head(), 10)
    finally:
        first.close()


def test_opening_waits_for_no_writer(store: EventStore, filming: Filming, database: Database) -> None:
    filming.submit()
    with database.write() as transaction:
        transaction.run("DELETE FROM read_models WHERE generation = ?", 0)
        other = open_database(store.url)
        with other.read() as reading:
            assert reading.one(tables.LIVE) is None
        other.close()
