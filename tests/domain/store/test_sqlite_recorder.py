"""Appending to and reading from SQLite, and what happens when the file gives way."""

import contextlib
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, StoredEvent
from eventsourcing.utils import Environment

from domain.checkpoints import watch
from domain.store import (
    AppendFailedError,
    EventStore,
    StoreUnavailableError,
    sqlite_connections,
)
from domain.store.presence import locked_file
from domain.store.sqlite_recorder import Factory, Recorder
from tests.domain.store.on_sqlite import (
    GARBAGE,
    connections_of,
    in_a_namespace,
    on_the_pooled_connection,
    reads,
    stored,
)

# ---- appending ---------------------------------------------------------------------------------------------


def test_an_append_waits_for_its_turn(path: Path, recorder: Recorder) -> None:
    """Fails without the file lock around appends, which keeps one busy process from starving the others."""
    appending = threading.Thread(target=recorder.insert_events, args=([stored()],))
    with locked_file(Path(f"{path}-lock")):
        appending.start()
        appending.join(0.3)
        assert appending.is_alive()
        assert recorder.max_notification_id() is None
    appending.join(30)
    assert recorder.max_notification_id() == 1


def test_a_conflict_gives_the_turn_back(recorder: Recorder) -> None:
    stream = uuid4()
    recorder.insert_events([stored(stream)])
    for _ in range(20):
        with pytest.raises(IntegrityError):
            recorder.insert_events([stored(stream)])
    assert recorder.insert_events([stored()]) == [2]


def test_a_database_without_room_refuses_the_append_and_takes_it_later(recorder: Recorder) -> None:
    on_the_pooled_connection(recorder, "PRAGMA max_page_count = 1")
    big = StoredEvent(uuid4(), 1, "topic", b"x" * 100_000)
    for _ in range(3):
        with pytest.raises(AppendFailedError, match="the disk is full") as caught:
            recorder.insert_events([big])
    assert "make room" in caught.value.hint
    assert recorder.max_notification_id() is None
    on_the_pooled_connection(recorder, "PRAGMA max_page_count = 100000")
    assert recorder.insert_events([big]) == [1]


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), KeyboardInterrupt()])
def test_a_transaction_that_fails_leaves_nothing_behind(recorder: Recorder, error: BaseException) -> None:
    """Fails where what was written is left to whoever is lent the connection next."""

    def fail(point: str, _about: str) -> None:
        if point == "before:commit":
            raise error

    end = watch(fail)
    with contextlib.suppress(AppendFailedError, KeyboardInterrupt):
        recorder.insert_events([stored()])
    end()
    [connection] = connections_of(recorder)._idle
    assert not connection.in_transaction
    assert recorder.max_notification_id() is None
    assert recorder.insert_events([stored()]) == [1]


def test_a_full_disk_loses_nothing_that_was_acknowledged_and_work_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    """On a real disk without room, where it is the COMMIT that fails and not the INSERT."""
    program = str(Path(__file__).with_name("full_disk.py"))
    done = in_a_namespace(tmp_path, "size=400k", sys.executable, program, str(tmp_path))
    assert done.stdout.splitlines() == ["the disk is full", "recovered"], done.stderr


def test_a_read_only_database_refuses_the_append_and_takes_it_later(recorder: Recorder) -> None:
    on_the_pooled_connection(recorder, "PRAGMA query_only = ON")
    with pytest.raises(AppendFailedError, match="read-only"):
        recorder.insert_events([stored()])
    on_the_pooled_connection(recorder, "PRAGMA query_only = OFF")
    assert recorder.insert_events([stored()]) == [1]


@pytest.fixture
def foreign(path: Path, store: EventStore) -> Iterator[sqlite3.Connection]:
    """Another program that has begun to write and does not end."""
    assert store.url
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


@pytest.mark.slow
def test_an_append_outlasts_a_foreign_lock_longer_than_the_busy_timeout(
    recorder: Recorder, foreign: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without our own retry: the busy timeout here is one second."""
    gave_up = threading.Event()
    classify = sqlite_connections.result_code

    def told(error: BaseException) -> int:
        gave_up.set()
        return classify(error)

    monkeypatch.setattr(sqlite_connections, "result_code", told)
    appending = threading.Thread(target=recorder.insert_events, args=([stored()],))
    appending.start()
    assert gave_up.wait(30)
    foreign.execute("ROLLBACK")
    appending.join(30)
    assert recorder.max_notification_id() == 1


@pytest.mark.slow
def test_a_lock_that_never_ends_is_a_clear_error_and_the_next_append_works(
    recorder: Recorder, foreign: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_connections, "LOCKED_DEADLINE_S", 0)
    with pytest.raises(AppendFailedError, match="the database is locked"):
        recorder.insert_events([stored()])
    assert recorder.max_notification_id() is None
    foreign.execute("ROLLBACK")
    assert recorder.insert_events([stored()]) == [1]


def replaced_by_garbage(path: Path) -> None:
    path.write_bytes(GARBAGE)


def replaced_by_an_empty_file(path: Path) -> None:
    path.touch()


def replaced_by_nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("replace", [replaced_by_garbage, replaced_by_an_empty_file, replaced_by_nothing])
def test_a_database_taken_away_under_a_running_store_refuses_appends_until_it_is_back(
    path: Path, recorder: Recorder, replace: Callable[[Path], None]
) -> None:
    """Fails without the look at the file: the append is acknowledged, into a file that has no name.

    With the library's writer lock the last append fails too: the lock is lost with the connection that could
    not be opened.
    """
    stream = uuid4()
    recorder.insert_events([stored(stream, 1)])
    kept = path.with_name("kept.db")
    path.rename(kept)
    replace(path)
    for _ in range(2):
        with pytest.raises(AppendFailedError, match=r"not a SQLite database|cannot be opened"):
            recorder.insert_events([stored(stream, 2)])
    assert path.exists() == (replace is not replaced_by_nothing)

    kept.replace(path)
    recorder.insert_events([stored(stream, 2)])
    assert [event.originator_version for event in recorder.select_events(stream)] == [1, 2]


# ---- reading -----------------------------------------------------------------------------------------------


def test_a_file_of_garbage_is_a_clear_error_to_every_reader(path: Path, recorder: Recorder) -> None:
    recorder.insert_events([stored()])
    path.rename(path.with_name("kept.db"))
    path.write_bytes(GARBAGE)
    for read in reads(recorder):
        with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
            read()


def test_another_database_in_the_files_place_is_a_clear_error(path: Path, recorder: Recorder) -> None:
    """Fails when what SQLite says of a missing table comes out raw."""
    recorder.insert_events([stored()])
    for file in path.parent.glob("events.db*"):
        if file.is_file():
            file.unlink()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    for use in [*reads(recorder), lambda: recorder.insert_events([stored()])]:
        with pytest.raises(StoreUnavailableError, match="holds no events of Reelog") as caught:
            use()
        assert "put back the right file" in caught.value.hint


@pytest.mark.slow
def test_a_database_that_a_foreign_program_keeps_for_itself_is_a_clear_error_to_a_reader(
    path: Path, recorder: Recorder
) -> None:
    recorder.insert_events([stored()])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as keeper:
        # A connection that is open already would keep the other from having it all.
        connections_of(recorder)._idle.pop().close()
        keeper.execute("PRAGMA locking_mode = EXCLUSIVE")
        keeper.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailableError, match="the database is locked"):
            recorder.max_notification_id()


@pytest.mark.parametrize("content", [GARBAGE, b""], ids=["garbage", "empty"])
def test_a_file_that_is_no_database_met_by_a_new_connection_costs_nothing_of_the_wal_file(
    path: Path, store: EventStore, recorder: Recorder, content: bytes
) -> None:
    """Fails without the look before each connection: SQLite deletes the -wal file and what it holds."""
    recorder.insert_events([stored()])
    wal = Path(f"{path}-wal")
    held = wal.read_bytes()
    assert held
    kept = path.with_name("kept.db")
    path.rename(kept)
    path.write_bytes(content)
    late: InfrastructureFactory[Any] = Factory(Environment(env=store.environment()))
    with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
        late.application_recorder()
    with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
        store.settle()
    late.close()
    assert wal.read_bytes() == held
    kept.replace(path)
    assert recorder.max_notification_id() == 1
