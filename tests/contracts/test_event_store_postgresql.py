"""The ground under the PostgreSQL store: its server goes away, comes back, or loses a connection."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, OperationalError, StoredEvent
from eventsourcing.utils import Environment

from domain.event_store import AppendFailedError, EventStore, StoreUnavailableError, open_event_store
from domain.event_store_postgresql import Recorder
from domain.event_store_postgresql_session import lock_key

pytestmark = pytest.mark.slow

SOON_S = 25
"""Less than the library's ten attempts of five seconds, more than ours takes."""


@pytest.fixture
def store(postgresql_url: str) -> Iterator[EventStore]:
    store = open_event_store(postgresql_url)
    yield store
    store.close()


def recorder_of(store: EventStore) -> Recorder:
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(
        Environment(env=store.environment())
    )
    recorder = factory.application_recorder()
    assert isinstance(recorder, Recorder)
    return recorder


@pytest.fixture
def recorder(store: EventStore) -> Iterator[Recorder]:
    recorder = recorder_of(store)
    yield recorder
    recorder.datastore.close()


def stored(stream: UUID | None = None, version: int = 1, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(stream or uuid4(), version, "topic", state)


@pytest.mark.slow
@pytest.mark.crash
def test_a_restart_of_the_server_is_survived_and_costs_only_presence(
    postgres_server: Any, store: EventStore, recorder: Recorder
) -> None:
    """What asks meanwhile is told soon: the library's own reads go on trying for most of a minute."""
    stream = uuid4()
    recorder.insert_events([stored(stream, 1)])
    follower = store.follower()
    assert len(follower.next_batch(60)) == 1
    presence = store.presence("director")
    assert presence.acquire()
    signal = store.signal("projected")
    waiter = signal.waiter()
    signal.raise_()
    assert waiter.wait(60)

    postgres_server._stop()
    try:
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            recorder.max_notification_id()
        assert time.monotonic() - began < SOON_S
    finally:
        postgres_server.ensure_postgres_running()

    assert not presence.held
    recorder.insert_events([stored(stream, 2)])
    assert [notification.originator_version for notification in follower.next_batch(60)] == [2]
    assert presence.acquire()
    assert presence.held
    while waiter.wait(0.5):  # The loss itself wakes, and so does listening again.
        pass
    signal.raise_()
    assert waiter.wait(60)
    waiter.close()


def test_a_follower_asleep_when_its_session_ends_goes_on(
    postgresql_url: str, store: EventStore, recorder: Recorder
) -> None:
    follower = store.follower()
    batches: list[Any] = []
    waiting = threading.Thread(target=lambda: batches.append(follower.next_batch(60)))
    waiting.start()
    end_all_sessions(postgresql_url)
    recorder.insert_events([stored()])
    waiting.join(60)
    assert [len(batch) for batch in batches] == [1]


def end_all_sessions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        # With a timeout, in milliseconds, the call waits for each to be gone.
        admin.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_presence_whose_session_was_ended_is_no_longer_held(postgresql_url: str, store: EventStore) -> None:
    """Fails when only the connection object is asked: it learns of its end by being used."""
    presence = store.presence("director")
    assert presence.acquire()
    assert presence.held
    end_all_sessions(postgresql_url)
    assert not presence.held
    assert not store.presence_held_elsewhere("director")
    assert presence.acquire()


def end_session(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))


@pytest.fixture
def lost_before_commit(postgresql_url: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The session of the first attempt ends before the append is sent; gives the sessions that ended."""
    ended: list[int] = []
    insert = recorder._insert_stored_events

    def insert_stored_events(cursor: psycopg.Cursor[Any], *args: Any, **kwargs: Any) -> None:
        if not ended:
            ended.append(cursor.connection.info.backend_pid)
            end_session(postgresql_url, ended[0])
        insert(cursor, *args, **kwargs)

    monkeypatch.setattr(recorder, "_insert_stored_events", insert_stored_events)
    return ended


@pytest.fixture
def lost_after_commit(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first attempt is committed, and its caller hears that the connection was lost."""
    lost: list[int] = []
    connect = recorder.datastore.get_connection

    @contextlib.contextmanager
    def get_connection() -> Iterator[Any]:
        with connect() as connection:
            yield connection
        if not lost:
            lost.append(connection.info.backend_pid)
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(recorder.datastore, "get_connection", get_connection)
    return lost


def test_an_append_whose_acknowledgement_was_lost_succeeds_once(
    recorder: Recorder, lost_after_commit: list[int]
) -> None:
    """Fails without the comparison: the library repeats the append and meets its own events."""
    stream = uuid4()
    positions = recorder.insert_events([stored(stream, 1), stored(stream, 2)])
    assert len(lost_after_commit) == 1
    found = recorder.select_notifications(None, 10)
    assert [(n.id, n.originator_version) for n in found] == list(zip(positions or (), (1, 2), strict=True))


def test_an_append_that_was_lost_before_its_commit_is_made_again(
    recorder: Recorder, lost_before_commit: list[int]
) -> None:
    positions = recorder.insert_events([stored()])
    assert len(lost_before_commit) == 1
    assert [n.id for n in recorder.select_notifications(None, 10)] == positions


def test_another_writers_event_met_after_a_lost_connection_is_a_conflict(
    store: EventStore, recorder: Recorder, lost_before_commit: list[int]
) -> None:
    """Fails when every conflict after a repeat counts as one's own."""
    stream = uuid4()
    recorder_of(store).insert_events([stored(stream, 1, b"theirs")])
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(stream, 1, b"mine")])
    assert len(lost_before_commit) == 1


def test_an_append_waits_for_the_commit_of_the_one_before(
    store: EventStore, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails with POSTGRES_ENABLE_DB_FUNCTIONS=y, which leaves out the table lock.

    The later append would be seen first, and a follower that has seen it never looks back for the earlier.
    """
    inserted, may_commit = threading.Event(), threading.Event()
    fetch = recorder._fetch_ids_after_insert_events

    def fetch_then_wait(*args: Any, **kwargs: Any) -> Any:
        inserted.set()
        assert may_commit.wait(60)
        return fetch(*args, **kwargs)

    monkeypatch.setattr(recorder, "_fetch_ids_after_insert_events", fetch_then_wait)
    follower = store.follower()
    first = threading.Thread(target=recorder.insert_events, args=([stored(state=b"first")],))
    second = threading.Thread(target=recorder_of(store).insert_events, args=([stored(state=b"second")],))
    first.start()
    try:
        assert inserted.wait(30)
        second.start()
        second.join(0.3)
        assert second.is_alive()
        assert follower.next_batch(0) == []
    finally:
        may_commit.set()
    first.join(60)
    second.join(60)
    seen: list[bytes] = []
    while len(seen) < 2:
        seen += [notification.state for notification in follower.next_batch(60)]
    assert seen == [b"first", b"second"]


def test_opening_waits_for_another_process_that_makes_the_tables(postgresql_url: str) -> None:
    """Fails without the migration lock; the server would say 'tuple concurrently updated' now and then."""
    opening = threading.Thread(target=open_event_store, args=(postgresql_url,))
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (lock_key("migration"),))
        opening.start()
        opening.join(0.5)
        assert opening.is_alive()
        assert other.execute("SELECT to_regclass('public.stored_events')").fetchone() == (None,)
    opening.join(60)
    with psycopg.connect(postgresql_url) as other:
        assert other.execute("SELECT count(*) FROM stored_events").fetchone() == (0,)


def test_a_server_that_is_not_there_is_a_clear_error_without_the_password() -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        open_event_store("postgresql://someone:secret@127.0.0.1:1/reelog")
    assert "secret" not in str(caught.value)
    assert caught.value.url == "postgresql://someone@127.0.0.1:1/reelog"
    assert "refused" in caught.value.reason
    assert "server runs" in caught.value.hint


def test_a_database_that_does_not_exist_is_a_clear_error(postgres_server: Any) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        open_event_store(postgres_server.get_uri(database="nowhere"))
    assert "nowhere" in caught.value.reason
    assert "database" in caught.value.hint


@pytest.mark.parametrize("url", ["postgresql://[half/db", "postgresql://host/db?nonsense=1"])
def test_a_url_that_psycopg_cannot_read_is_a_clear_error(url: str) -> None:
    with pytest.raises(StoreUnavailableError, match="postgresql://USER@HOST/DATABASE"):
        open_event_store(url)


def test_a_read_only_database_refuses_the_append_and_takes_it_later(
    postgresql_url: str, store: EventStore, recorder: Recorder
) -> None:
    def set_read_only(value: str) -> None:
        with psycopg.connect(postgresql_url, autocommit=True) as admin:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f"ALTER DATABASE {admin.info.dbname} SET default_transaction_read_only = {value}")
        end_all_sessions(postgresql_url)

    assert store.url == postgresql_url
    set_read_only("on")
    with pytest.raises(AppendFailedError, match="the database is read-only"):
        recorder.insert_events([stored()])
    assert recorder.max_notification_id() is None
    set_read_only("off")
    assert recorder.insert_events([stored()])


def test_every_session_tells_its_owner_and_keeps_the_urls_own_parameters(postgresql_url: str) -> None:
    """Fails when the library's five settings are all that reaches the server."""
    store = open_event_store(f"{postgresql_url}&options=-c%20work_mem%3D7MB")
    recorder = recorder_of(store)
    try:
        with recorder.datastore.get_connection() as connection:
            assert connection.execute("SHOW work_mem").fetchone() == {"work_mem": "7MB"}
            assert connection.execute("SHOW application_name").fetchone() == {"application_name": "reelog"}
    finally:
        recorder.datastore.close()
        store.close()
