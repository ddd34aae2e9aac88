"""A log is copied whole and proved, or not at all; what comes later comes after it."""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import Notification

from domain.store import EventStore, Studio, open_event_store
from domain.store.copying import CopyRefusedError, copy_log, digest_of
from tests.postgresql import new_database


def stored(store: EventStore) -> list[Notification]:
    with contextlib.closing(Studio(store)) as studio:
        return list(studio.recorder.select_notifications(0, 10_000, inclusive_of_start=False))


def some_events(*positions: int) -> list[Notification]:
    job = uuid4()
    return [
        Notification(
            originator_id=job,
            originator_version=n,
            topic="domain.job:Job.Submitted",
            state=b'{"a":1}',
            id=position,
        )
        for n, position in enumerate(positions, 1)
    ]


def fill(store: EventStore, events: list[Notification]) -> None:
    with store.incoming() as incoming:
        incoming.write(events)
        incoming.finish(store.id)


@pytest.fixture
def open_store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    opened: list[EventStore] = []

    def open_(kind: str) -> EventStore:
        url = f"sqlite:///{tmp_path}/{len(opened)}/events.db"
        if kind == "postgresql":
            url = new_database(request.getfixturevalue("postgres_server"))
        opened.append(open_event_store(url))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


KINDS = list(itertools.product(("sqlite", "postgresql"), repeat=2))


@pytest.mark.parametrize(("kind", "other"), KINDS)
def test_every_event_keeps_its_position_and_the_copy_is_the_same_store(
    kind: str, other: str, open_store: Any
) -> None:
    source, target = open_store(kind), open_store(other)
    fill(source, some_events(1, 2, 5, 6, 9))
    chunks = list(copy_log(source, target, chunk=2))
    assert [(c.first, c.last, c.events) for c in chunks] == [(1, 2, 2), (5, 6, 2), (9, 9, 1)]
    assert stored(target) == stored(source)
    assert chunks[0].digest == digest_of(stored(target)[:2])
    reopened = open_event_store(target.url)
    assert reopened.id == source.id
    with contextlib.closing(Studio(reopened)) as studio:
        [event] = some_events(0)
        assert studio.recorder.insert_events([event]) == [10], "later appends come after what was copied"
    reopened.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_log_is_copied_too(kind: str, open_store: Any) -> None:
    source, target = open_store("sqlite"), open_store(kind)
    assert list(copy_log(source, target)) == []
    assert open_event_store(target.url).id == source.id


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_that_holds_events_is_left_alone(kind: str, open_store: Any) -> None:
    source, target = open_store("sqlite"), open_store(kind)
    fill(source, some_events(1, 2))
    there = some_events(1)
    fill(target, there)
    with pytest.raises(CopyRefusedError, match="holds a log already, up to position 1"):
        list(copy_log(source, target))
    assert stored(target) == there


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_copy_that_is_stopped_leaves_nothing(kind: str, open_store: Any) -> None:
    source, target = open_store("sqlite"), open_store(kind)
    fill(source, some_events(*range(1, 8)))
    before = target.id
    copying = copy_log(source, target, chunk=2)
    next(copying)
    copying.close()
    assert stored(target) == []
    assert open_event_store(target.url).id == before
    assert len(list(copy_log(source, target, chunk=2))) == 4, "and may be begun again"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_source_that_changes_meanwhile_is_noticed(kind: str, open_store: Any) -> None:
    source, target = open_store(kind), open_store("sqlite")
    fill(source, some_events(1, 2, 3))
    copying = copy_log(source, target, chunk=2)
    next(copying)
    with contextlib.closing(Studio(source)) as studio:
        studio.recorder.insert_events(some_events(0))
    with pytest.raises(CopyRefusedError, match="beyond position 2"):
        list(copying)
    assert stored(target) == []


def test_a_digest_is_of_all_that_is_kept() -> None:
    [event] = some_events(7)
    digest = digest_of([event])
    for change in (
        {"id": 8},
        {"originator_version": 2},
        {"topic": "x"},
        {"state": b"{}"},
        {"originator_id": uuid4()},
    ):
        fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
        assert digest_of([Notification(**(fields | change))]) != digest
