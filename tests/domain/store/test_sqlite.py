"""The ground under the SQLite store: its URL, its files, and what happens when they give way."""

import contextlib
import gc
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, StoredEvent
from eventsourcing.utils import Environment

from domain.store import (
    AppendFailedError,
    EventStore,
    StoreClosedError,
    StoreUnavailableError,
    open_event_store,
    sqlite_connections,
    sqlite_wal,
)
from domain.store.presence import locked_file
from domain.store.signals import FileSignal, InotifyWaiter, PollingWaiter
from domain.store.sqlite_connections import Connections
from domain.store.sqlite_recorder import Datastore, Factory, Recorder

ROOT = Path(__file__).parents[3]
GARBAGE = b"this is no database\n" * 500


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "events.db"


@pytest.fixture
def store(path: Path) -> Iterator[EventStore]:
    store = open_event_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def recorder(store: EventStore) -> Iterator[Recorder]:
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(
        Environment(env={**store.environment(), "SQLITE_LOCK_TIMEOUT": "1"})
    )
    recorder = factory.application_recorder()
    assert isinstance(recorder, Recorder)
    yield recorder
    factory.close()


def stored(stream: UUID | None = None, version: int = 1) -> StoredEvent:
    return StoredEvent(stream or uuid4(), version, "topic", b"{}")


def connections_of(recorder: Recorder) -> Connections:
    assert isinstance(recorder.datastore, Datastore)
    return recorder.datastore.connections


def on_the_pooled_connection(recorder: Recorder, statement: str) -> None:
    with connections_of(recorder).lend() as connection:
        connection.execute(statement)
    # One connection in all: the next append gets it.
    assert len(connections_of(recorder)._idle) == 1


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True


# ---- the URL ----------------------------------------------------------------------------------------------


def test_three_slashes_name_a_file_in_the_current_folder_and_the_stores_url_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_event_store("sqlite:///some/events.db").url == f"sqlite:///{tmp_path}/some/events.db"
    assert (tmp_path / "some/events.db").is_file()


def test_four_slashes_name_an_absolute_path(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/events.db"
    assert url.startswith("sqlite:////")
    assert open_event_store(url).url == url


def test_two_ways_to_one_file_are_one_store(path: Path, store: EventStore) -> None:
    """Fails when locks stand beside the link and not beside the file."""
    link = path.parent.parent / "link"
    link.symlink_to(path.parent)
    other = open_event_store(f"sqlite:///{link}/events.db")
    assert other.url == store.url
    assert other.presence("director").acquire()
    assert store.is_present("director")
    other.close()


def test_two_stores_in_one_folder_do_not_share_presence(path: Path, store: EventStore) -> None:
    other = open_event_store(f"sqlite:///{path.parent}/other.db")
    assert other.presence("director").acquire()
    assert not store.is_present("director")
    other.close()


def test_a_path_may_hold_characters_that_mean_something_in_urls(tmp_path: Path) -> None:
    path = tmp_path / "a b?c#d%41é" / "événements.db"
    store = open_event_store(f"sqlite:///{path}")
    assert path.is_file()
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(
        Environment(env=store.environment())
    )
    assert factory.application_recorder().insert_events([stored()]) == [1]
    factory.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://host/db", "unknown scheme 'mysql'"),
        ("/var/reelog/events.db", "unknown scheme"),
        ("", "unknown scheme"),
        ("sqlite://events.db", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:////", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, reason: str) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        open_event_store(url)
    assert reason in caught.value.reason
    assert "sqlite:///FILE" in caught.value.hint
    assert caught.value.url == url


# ---- opening ----------------------------------------------------------------------------------------------


def test_a_file_of_garbage_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(GARBAGE)
    with pytest.raises(StoreUnavailableError, match="not a SQLite database") as caught:
        open_event_store(f"sqlite:///{path}")
    assert caught.value.url == f"sqlite:///{path}"
    assert caught.value.hint
    assert path.read_bytes() == GARBAGE


def test_garbage_beside_a_good_wal_file_is_refused(path: Path, recorder: Recorder) -> None:
    """Fails without looking at the header: SQLite finds its first page in the -wal file and goes on."""
    recorder.insert_events([stored()])
    copy = path.parent.parent / "copy.db"
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    copy.write_bytes(GARBAGE)
    with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
        open_event_store(f"sqlite:///{copy}")


def test_a_folder_in_the_files_place_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnavailableError, match="directory"):
        open_event_store(f"sqlite:///{path}")


def test_a_file_in_the_folders_place_is_refused(path: Path) -> None:
    path.parent.write_text("a file")
    with pytest.raises(StoreUnavailableError, match="writable"):
        open_event_store(f"sqlite:///{path}")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root may write")
def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(StoreUnavailableError, match="writable"):
        open_event_store("sqlite:////proc/reelog/events.db")


def in_a_namespace(folder: Path, options: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run with a tmpfs mounted on the folder, which ends with the command; skip where that is not allowed."""
    unshare = ["unshare", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs a mount namespace")
    mount = 'mount -t tmpfs -o "$2" none "$1" && shift 2 && exec "$@"'
    return subprocess.run(
        [*unshare, "sh", "-c", mount, "sh", str(folder), options, *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_read_only_disk_is_refused(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from domain.store import StoreUnavailableError, open_event_store\n"
        "try: open_event_store(f'sqlite:///{sys.argv[1]}/events.db')\n"
        "except StoreUnavailableError as error: print(error.reason, '|', error.hint)\n"
    )
    done = in_a_namespace(tmp_path, "ro", sys.executable, "-c", program, str(tmp_path))
    assert "Read-only file system" in done.stdout, done.stderr
    assert "writable" in done.stdout


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    open_event_store(f"sqlite:///{path}")
    assert path.stat().st_size > 0


def test_events_are_safe_from_a_power_cut_and_readers_do_not_block(recorder: Recorder) -> None:
    with recorder.datastore.get_connection(commit=False) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2  # FULL
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"


def test_the_settings_that_travel_to_other_processes_are_plain_text(store: EventStore) -> None:
    assert pickle.loads(pickle.dumps(store.environment())) == store.environment()  # noqa: S301 - our own
    assert open_event_store(store.url).environment() == store.environment()


# ---- appending --------------------------------------------------------------------------------------------


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


def replaced_by_nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("replace", [replaced_by_garbage, replaced_by_nothing])
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
    assert path.exists() == (replace is replaced_by_garbage)

    kept.replace(path)
    recorder.insert_events([stored(stream, 2)])
    assert [event.originator_version for event in recorder.select_events(stream)] == [1, 2]


# ---- reading ----------------------------------------------------------------------------------------------


def reads(recorder: Recorder) -> list[Callable[[], object]]:
    return [
        lambda: recorder.select_events(uuid4()),
        lambda: recorder.select_notifications(None, 10),
        lambda: recorder.select_notifications_at([1]),
        recorder.max_notification_id,
    ]


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


def test_a_garbage_file_met_by_a_new_connection_costs_nothing_of_the_wal_file(
    path: Path, store: EventStore, recorder: Recorder
) -> None:
    """Fails without the look before each connection: SQLite deletes the -wal file and what it holds."""
    recorder.insert_events([stored()])
    wal = Path(f"{path}-wal")
    held = wal.read_bytes()
    assert held
    kept = path.with_name("kept.db")
    path.rename(kept)
    path.write_bytes(GARBAGE)
    late: InfrastructureFactory[Any] = Factory(Environment(env=store.environment()))
    with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
        late.application_recorder()
    with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
        store.settle()
    late.close()
    assert wal.read_bytes() == held
    kept.replace(path)
    assert recorder.max_notification_id() == 1


# ---- upkeep -----------------------------------------------------------------------------------------------


def test_emptying_the_log_waits_for_no_reader_and_holds_up_no_append(
    path: Path, store: EventStore, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails with a checkpoint that waits: it keeps the writers' lock as long as the reader stays."""
    monkeypatch.setattr(sqlite_wal, "PATIENCE_S", 600)
    recorder.insert_events([stored()])
    pausing = threading.Event()
    appended = threading.Event()

    def sleep(_: float) -> None:
        pausing.set()
        assert appended.wait(60)

    monkeypatch.setattr(sqlite_wal.time, "sleep", sleep)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stored_events").fetchone()
        recorder.insert_events([stored()])
        settling = threading.Thread(target=store.settle)
        settling.start()
        assert pausing.wait(60)
        assert recorder.insert_events([stored()]) == [3]
        reader.execute("ROLLBACK")
    appended.set()
    settling.join(60)
    assert not settling.is_alive()
    assert Path(f"{path}-wal").stat().st_size == 0


def test_emptying_the_log_gives_up_when_a_reader_stays(
    path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_wal, "PATIENCE_S", 0)
    recorder.insert_events([stored()])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stored_events").fetchone()
        recorder.insert_events([stored()])
        assert not sqlite_wal.empty_wal(path)
    assert sqlite_wal.empty_wal(path)


# ---- closing ----------------------------------------------------------------------------------------------


def test_closing_waits_for_what_is_under_way(recorder: Recorder) -> None:
    """Fails with the library's pool, which closes the connection under its user."""
    closing = threading.Thread(target=recorder.datastore.close)
    with connections_of(recorder).lend() as connection:
        closing.start()
        closing.join(0.3)
        assert closing.is_alive()
        assert is_open(connection)
    closing.join(30)
    assert not closing.is_alive()
    assert not is_open(connection)


def test_what_stays_in_use_is_closed_by_who_gives_it_back(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_connections, "CLOSE_PATIENCE_S", 0)
    with connections_of(recorder).lend() as connection:
        recorder.datastore.close()
        assert is_open(connection)
    assert not is_open(connection)


def test_what_was_closed_says_so(recorder: Recorder) -> None:
    recorder.insert_events([stored()])
    recorder.datastore.close()
    for use in [*reads(recorder), lambda: recorder.insert_events([stored()])]:
        with pytest.raises(StoreClosedError, match="closed in this process"):
            use()


@pytest.mark.slow
@pytest.mark.crash
def test_a_studio_closed_while_other_threads_use_it_does_not_bring_the_process_down(tmp_path: Path) -> None:
    """Several processes, several stores each: what closes a connection under its user crashes one in many."""
    program = str(Path(__file__).with_name("closed_in_use.py"))
    running = [
        subprocess.Popen(
            [sys.executable, program, str(tmp_path / str(number))],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    ends = [(each.communicate(timeout=120)[0].split(), each.returncode) for each in running]
    assert ends == [(["StoreClosedError"], 0)] * 3


def test_looks_that_are_dropped_are_not_kept(store: EventStore) -> None:
    held = store.presence("worker:live")
    assert held.acquire()
    for _ in range(50):
        assert not store.presence("worker:live").acquire(0)
        store.follower().close()
    gc.collect()
    assert list(store._presences) == [held]
    assert store._opened == set()


# ---- signals and presence on files ------------------------------------------------------------------------


def test_a_signal_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """The append that it announces is committed: it must not look failed."""
    FileSignal("log", tmp_path / "missing" / "signal").raise_()


def test_where_inotify_is_missing_the_ping_file_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: object, __: Path) -> None:
        raise OSError(24, "too many inotify instances")

    monkeypatch.setattr(InotifyWaiter, "__init__", missing)
    signal = FileSignal("log", tmp_path / "signal")
    waiter = signal.waiter()
    assert isinstance(waiter, PollingWaiter)
    assert not waiter.wait(0)
    for _ in range(3):
        signal.raise_()
        assert waiter.wait(60)
        assert not waiter.wait(0)
    threading.Timer(0.05, signal.raise_).start()
    assert waiter.wait(60)
    waiter.wake()
    assert waiter.wait(600)
    waiter.close()


def test_a_ping_file_that_was_deleted_is_watched_again(tmp_path: Path) -> None:
    """Fails without watching anew: the kernel forgets a watch with its file."""
    signal = FileSignal("log", tmp_path / "signal")
    waiter = signal.waiter()
    (tmp_path / "signal").unlink()
    assert waiter.wait(60)
    while waiter.wait(0):
        pass
    signal.raise_()
    assert waiter.wait(60)
    waiter.close()


def test_a_waiter_works_in_a_process_with_many_open_files(tmp_path: Path) -> None:
    """Fails with select(), which ends at descriptor 1023."""
    import resource  # noqa: PLC0415 - for this test alone

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("the process may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1050)]
    try:
        signal = FileSignal("log", tmp_path / "signal")
        waiter = signal.waiter()
        signal.raise_()
        assert waiter.wait(60)
        waiter.close()
    finally:
        for fd in files:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_presence_whose_lock_file_was_deleted_is_no_longer_held(path: Path, store: EventStore) -> None:
    """Another process could take the name now; fails when only the descriptor is asked."""
    presence = store.presence("director")
    assert presence.acquire()
    shutil.rmtree(f"{path}-presence")
    assert not presence.held
    assert presence.acquire()
    assert presence.held


def test_released_and_dead_presences_leave_no_files(path: Path, store: EventStore) -> None:
    folder = Path(f"{path}-presence")
    presence, live = store.presence("worker:1"), store.presence("worker:live")
    assert presence.acquire()
    assert live.acquire()
    presence.release()
    (folder / "worker%3Adead.lock").touch()
    assert store.sweep_presence() == ["worker:dead"]
    (folder / "worker%3Akilled.lock").touch()
    open_event_store(store.url)  # whoever opens the store sweeps
    assert sorted(file.name for file in folder.iterdir()) == ["door", "worker%3Alive.lock"]
    assert live.held
