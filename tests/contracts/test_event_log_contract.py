"""What every event store promises to those who write the log and those who follow it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification

from domain.store import EventLog, EventStore, Follower, PositionNotFoundError
from domain.store import log as event_log
from tests.contracts.store_process import recorder_of, stored

pytestmark = pytest.mark.slow

Start = Callable[..., Any]


class Clapper(Aggregate):
    class Made(Aggregate.Created):
        pass

    class Clapped(Aggregate.Event):
        take: int

    @event(Made)
    def __init__(self) -> None:
        self.takes: list[int] = []

    @event(Clapped)
    def clap(self, take: int) -> None:
        self.takes.append(take)


class Studio(Application[UUID]):
    name = "anything"


@pytest.fixture
def recorder(store: EventStore) -> Iterator[ApplicationRecorder]:
    recorder = recorder_of(store)
    yield recorder
    recorder.datastore.close()  # type: ignore[attr-defined]


@pytest.fixture
def studio(store: EventStore) -> Iterator[Studio]:
    studio = Studio(env=store.environment())
    yield studio
    studio.close()


def follow(follower: Follower, count: int) -> list[Notification]:
    """The next events, so many unless some are missing for a minute."""
    seen: list[Notification] = []
    deadline = time.monotonic() + 60
    while len(seen) < count and time.monotonic() < deadline:
        seen += follower.next_batch(1)
    return seen


def test_a_follower_sees_every_event_of_several_writing_processes_once_and_in_order(
    store: EventStore, recorder: ApplicationRecorder, helper: Start
) -> None:
    appends, events_each = 100, 3
    follower = store.follower()
    writers = [helper("write", str(appends), str(events_each)) for _ in range(4)]
    assert [writer.hear() for writer in writers] == ["ready"] * 4
    for writer in writers:
        writer.tell()

    seen = follow(follower, 4 * appends * events_each)

    assert [writer.hear() for writer in writers] == ["first"] * 4
    streams = {UUID(writer.hear().split()[1]) for writer in writers}
    positions = [notification.id for notification in seen]
    assert positions == sorted(set(positions))
    assert seen == list(recorder.select_notifications(None, len(seen) + 1))
    for stream in streams:
        versions = [n.originator_version for n in seen if n.originator_id == stream]
        assert versions == list(range(1, appends * events_each + 1))
    assert follower.next_batch(0) == []


def test_a_follower_begins_beyond_its_position(store: EventStore, recorder: ApplicationRecorder) -> None:
    stream = uuid4()
    positions = recorder.insert_events([stored(stream, version) for version in (1, 2, 3)])
    assert positions
    follower = store.follower(after=positions[1])
    assert [notification.id for notification in follow(follower, 1)] == [positions[2]]
    assert follower.position == positions[2]


def test_a_follower_takes_more_events_than_fit_one_batch(
    store: EventStore, recorder: ApplicationRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "BATCH_LIMIT", 2)
    stream = uuid4()
    recorder.insert_events([stored(stream, version) for version in range(1, 6)])
    follower = store.follower()
    assert [len(follower.next_batch(0)) for _ in range(4)] == [2, 2, 1, 0]


def test_wake_and_close_end_a_followers_wait(store: EventStore) -> None:
    """Fails without the bell: the wait below is far longer than the test may take."""
    follower = store.follower()
    for end in (follower.wake, follower.close):
        batches: list[list[Notification]] = []
        waiting = threading.Thread(target=lambda into=batches: into.append(follower.next_batch(600)))
        waiting.start()
        end()
        waiting.join(30)
        assert batches == [[]]
    assert follower.next_batch(600) == []


@pytest.mark.timeout(120)
def test_an_append_wakes_a_follower_in_another_process_without_its_safety_poll(
    store: EventStore, helper: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the ping file or NOTIFY: the follower then sleeps for ten minutes."""
    monkeypatch.setattr(event_log, "SAFETY_POLL_S", 600)
    follower = store.follower()
    writer = helper("write", "1", "1")
    assert writer.hear() == "ready"
    batches: list[list[Notification]] = []
    waiting = threading.Thread(target=lambda: batches.append(follower.next_batch(600)), daemon=True)
    waiting.start()
    writer.tell()
    assert writer.hear() == "first"
    waiting.join(30)
    assert [len(batch) for batch in batches] == [1]


def test_a_follower_without_any_signal_still_sees_everything(
    store: EventStore, recorder: ApplicationRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the safety poll."""
    follower = store.follower()
    monkeypatch.setattr(follower._waiter, "wait", lambda timeout_s: threading.Event().wait(timeout_s))
    batches: list[list[Notification]] = []
    waiting = threading.Thread(target=lambda: batches.append(follower.next_batch(90)), daemon=True)
    waiting.start()
    recorder.insert_events([stored(uuid4(), 1)])
    waiting.join(30)
    assert [len(batch) for batch in batches] == [1]


def test_of_two_racing_processes_exactly_one_writes_each_version(helper: Start) -> None:
    streams = [str(uuid4()) for _ in range(50)]
    racers = [helper("race", *streams) for _ in range(2)]
    assert [racer.hear() for racer in racers] == ["ready"] * 2
    for racer in racers:
        racer.tell()
    outcomes = [sorted((racers[0].hear(), racers[1].hear())) for _ in streams]
    assert outcomes == [["lost", "won"]] * len(streams)


def test_an_append_with_one_conflicting_event_records_none(recorder: ApplicationRecorder) -> None:
    taken, other = uuid4(), uuid4()
    recorder.insert_events([stored(taken, 1)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(other, 1), stored(taken, 1, b"mine")])
    assert recorder.select_events(other) == []
    assert [event.state for event in recorder.select_events(taken)] == [b"{}"]


def test_the_same_append_given_twice_is_a_conflict(recorder: ApplicationRecorder) -> None:
    """The comparison after a lost connection must not make every repeated append a success."""
    event = stored(uuid4(), 1)
    recorder.insert_events([event])
    with pytest.raises(IntegrityError):
        recorder.insert_events([event])


@pytest.mark.crash
def test_a_writer_killed_in_mid_run_leaves_no_lock_and_no_half_append(
    store: EventStore, recorder: ApplicationRecorder, helper: Start
) -> None:
    for _ in range(3):
        writer = helper("write", "0", "3")
        assert writer.hear() == "ready"
        writer.tell()
        assert writer.hear() == "first"
        follow(store.follower(after=recorder.max_notification_id() or 0), 30)
        writer.kill()
        stream = uuid4()
        recorder.insert_events([stored(stream, version) for version in (1, 2, 3)])
    counts: dict[Any, int] = {}
    for notification in recorder.select_notifications(None, 1_000_000):
        counts[notification.originator_id] = counts.get(notification.originator_id, 0) + 1
    assert len(counts) == 6
    assert {count % 3 for count in counts.values()} == {0}


def test_several_processes_open_a_new_store_at_once(store_url: str, helper: Start) -> None:
    assert store_url
    openers = [helper("open") for _ in range(4)]
    assert [opener.hear() for opener in openers] == ["ready None"] * 4


def test_the_log_reads_domain_events_by_position(studio: Studio) -> None:
    log = EventLog(studio)
    assert log.head() == 0
    assert log.read(0, 10) == []
    clapper = Clapper()
    clapper.clap(1)
    clapper.clap(2)
    positions = [recording.notification.id for recording in studio.save(clapper)]
    assert log.head() == positions[-1]
    assert [(r.position, type(r.event).__name__) for r in log.read(0, 2)] == [
        (positions[0], "Made"),
        (positions[1], "Clapped"),
    ]
    assert [r.event.take for r in log.read(positions[1], 10)] == [2]
    assert [r.position for r in log.at([positions[2], positions[0]])] == [positions[0], positions[2]]
    assert [r.event.take for r in log.at([positions[2]])] == [2]
    assert log.at([]) == []


def test_a_position_that_is_not_in_the_log_is_an_error(studio: Studio) -> None:
    log = EventLog(studio)
    studio.save(Clapper())
    with pytest.raises(PositionNotFoundError, match="7, 9"):
        log.at([9, log.head(), 7])


def test_a_followers_batch_decodes_to_what_the_log_reads(store: EventStore, studio: Studio) -> None:
    follower, log = store.follower(), EventLog(studio)
    clapper = Clapper()
    clapper.clap(7)
    studio.save(clapper)
    assert log.decode(follow(follower, 2)) == log.read(0, 10)


def test_an_application_finds_its_aggregates_again_through_another_store_object(
    store: EventStore, studio: Studio
) -> None:
    clapper = Clapper()
    clapper.clap(3)
    studio.save(clapper)
    other = Studio(env=store.environment())
    try:
        found: Clapper = other.repository.get(clapper.id)
        assert found.takes == [3]
    finally:
        other.close()


def test_settings_of_the_process_do_not_leak_into_the_store(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the emptied names in ``environment()``: the library reads CIPHER_KEY from everywhere."""
    monkeypatch.setenv("CIPHER_KEY", "of something else")
    monkeypatch.setenv("SQLITE_DBNAME", "/nowhere/else.db")
    monkeypatch.setenv("POSTGRES_HOST", "nowhere.invalid")
    monkeypatch.setenv("CREATE_TABLE", "y")
    studio = Studio(env=store.environment())
    try:
        clapper = Clapper()
        studio.save(clapper)
        assert EventLog(studio).head() > 0
    finally:
        studio.close()
