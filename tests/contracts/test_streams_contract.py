"""What every event store promises to those who read several aggregates at once."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.store import EventStore
from tests.contracts.store_process import recorder_of, stored

pytestmark = pytest.mark.slow


@pytest.fixture
def recorder(store: EventStore) -> Iterator[Any]:
    recorder = recorder_of(store)
    yield recorder
    recorder.datastore.close()


def test_the_streams_of_several_aggregates_are_read_at_once_each_in_its_order(recorder: Any) -> None:
    one, other, third = uuid4(), uuid4(), uuid4()
    for aggregate, version in ((one, 1), (other, 1), (third, 1), (one, 2), (other, 2), (one, 3)):
        recorder.insert_events([stored(aggregate, version)])

    found = recorder.select_streams([one, other, uuid4()])

    versions: dict[UUID, list[int]] = {}
    for event in found:
        versions.setdefault(event.originator_id, []).append(event.originator_version)
    assert versions == {one: [1, 2, 3], other: [1, 2]}
    assert [e for e in found if e.originator_id == one] == list(recorder.select_events(one))


def test_no_streams_are_no_events(recorder: Any) -> None:
    assert recorder.select_streams([]) == []
    assert recorder.select_streams([uuid4()]) == []
