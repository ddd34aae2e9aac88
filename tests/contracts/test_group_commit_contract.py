"""What the threads of one process append at one time shares a transaction, and nothing else is shared."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from domain import checkpoints
from domain.store import EventStore, StoreClosedError
from tests.contracts.store_process import recorder_of, stored

pytestmark = pytest.mark.slow


class Together:
    """A first append that waits within its transaction, and others that come meanwhile, from threads."""

    def __init__(self, recorder: Any) -> None:
        self.recorder = recorder
        self.sizes: list[int] = []
        """How many appends each transaction recorded, in order."""
        self.outcomes: dict[str, Any] = {}
        self._held, self._go_on = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._end = checkpoints.watch(self._watch)

    def _watch(self, point: str, about: str) -> None:
        if point == "before:commit" and self._threads and not self._held.is_set():
            self._held.set()
            assert self._go_on.wait(60)
        if point == "after:commit":
            self.sizes.append(int(about))

    def append(self, name: str, *events: StoredEvent) -> None:
        def run() -> None:
            try:
                self.outcomes[name] = list(self.recorder.insert_events(events))
            except Exception as error:  # noqa: BLE001 - looked at by the test
                self.outcomes[name] = error

        self._threads.append(threading.Thread(target=run, name=name))
        self._threads[-1].start()
        if len(self._threads) == 1:
            assert self._held.wait(60)
            return
        queue = self.recorder._appends
        waiting = len(self._threads) - 1
        with queue._changed:
            while len(queue._waiting) < waiting:  # in the order in which they came
                queue._changed.wait(0.01)

    def go_on(self) -> None:
        self._go_on.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def close(self) -> None:
        self.go_on()
        self._end()


@pytest.fixture
def recorder(store: EventStore) -> Iterator[Any]:
    recorder = recorder_of(store)
    yield recorder
    recorder.datastore.close()  # type: ignore[attr-defined]


@pytest.fixture
def together(recorder: Any) -> Iterator[Together]:
    together = Together(recorder)
    yield together
    together.close()


def test_appends_that_wait_share_one_transaction_in_the_order_in_which_they_came(
    recorder: Any, together: Together
) -> None:
    streams = [uuid4() for _ in range(6)]
    for n, stream in enumerate(streams):
        together.append(str(n), stored(stream, 1), stored(stream, 2))
    assert together.outcomes == {}, "an append returns when it is durable, and not before"
    together.go_on()
    assert together.sizes == [1, 5]
    found = recorder.select_notifications(None, 100)
    assert [n.originator_id for n in found] == [stream for stream in streams for _ in range(2)]
    assert [n.id for n in found] == [p for n in range(6) for p in together.outcomes[str(n)]]


def test_a_conflict_undoes_its_own_append_alone(recorder: Any, together: Together) -> None:
    taken, beside = uuid4(), uuid4()
    recorder.insert_events([stored(taken, 1)])
    together.append("first", stored(uuid4(), 1))
    together.append("before", stored(uuid4(), 1))
    together.append("late", stored(beside, 1), stored(taken, 1, b"mine"))
    together.append("after", stored(uuid4(), 1))
    together.go_on()
    assert isinstance(together.outcomes["late"], IntegrityError)
    assert recorder.select_events(beside) == []
    assert [event.state for event in recorder.select_events(taken)] == [b"{}"]
    found = {n.id: n.originator_id for n in recorder.select_notifications(None, 100)}
    assert len(found) == 4
    assert all(together.outcomes[name][0] in found for name in ("first", "before", "after"))


def test_of_two_that_want_the_same_place_at_one_time_the_first_has_it(
    recorder: Any, together: Together
) -> None:
    stream = uuid4()
    together.append("other", stored(uuid4(), 1))
    together.append("first", stored(stream, 1, b"first"))
    together.append("second", stored(stream, 1, b"second"))
    together.append("next", stored(stream, 2, b"next"))
    together.go_on()
    assert isinstance(together.outcomes["second"], IntegrityError)
    assert [event.state for event in recorder.select_events(stream)] == [b"first", b"next"]


def test_several_appends_of_one_caller_share_a_transaction_and_fail_apart(
    recorder: Any, together: Together
) -> None:
    taken, free = uuid4(), uuid4()
    recorder.insert_events([stored(taken, 1)])
    together.go_on()
    late, made, nothing = recorder.insert_each([[stored(taken, 1)], [stored(free, 1), stored(free, 2)], []])
    assert isinstance(late, IntegrityError)
    assert [n.id for n in recorder.select_notifications(None, 100)][1:] == list(made)
    assert list(nothing) == []


def test_a_failed_transaction_fails_every_append_in_it_by_name(
    recorder: Any, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    together.append("first", stored(uuid4(), 1))
    for n in range(3):
        together.append(str(n), stored(uuid4(), 1))

    def refuse(take: Callable[[], Any]) -> None:
        take()
        raise OSError("the ground does not hold")

    monkeypatch.setattr(recorder._appends, "_commit", refuse)
    together.go_on()
    assert isinstance(together.outcomes["first"], list)
    assert [str(together.outcomes[str(n)]) for n in range(3)] == ["the ground does not hold"] * 3
    assert len(recorder.select_notifications(None, 100)) == 1


def test_closing_lets_what_waits_be_recorded_and_takes_no_more(recorder: Any, together: Together) -> None:
    for name in ("first", "second"):
        together.append(name, stored(uuid4(), 1))
    closing = threading.Thread(target=recorder._appends.close, args=(60,))
    closing.start()
    with recorder._appends._changed:
        while not recorder._appends._closed:
            recorder._appends._changed.wait(0.01)
    with pytest.raises(StoreClosedError):
        recorder.insert_events([stored(uuid4(), 1)])
    together.go_on()
    closing.join(60)
    assert not closing.is_alive()
    assert [type(outcome) for outcome in together.outcomes.values()] == [list, list]
    assert len(recorder.select_notifications(None, 100)) == 2


def test_more_than_fits_a_transaction_takes_another(
    recorder: Any, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.store.append_queue.MOST_EVENTS", 3)
    together.append("first", stored(uuid4(), 1))
    for n in range(5):
        stream = uuid4()
        together.append(str(n), stored(stream, 1), *([stored(stream, 2)] if n == 0 else []))
    large = uuid4()
    together.append("large", *(stored(large, version) for version in range(1, 9)))
    together.go_on()
    assert together.sizes == [1, 2, 3, 1]
    assert len(recorder.select_notifications(None, 100)) == 15


def test_an_append_without_events_costs_nothing(recorder: Any, together: Together) -> None:
    together.go_on()
    assert list(recorder.insert_events([])) == []
    assert together.sizes == []
