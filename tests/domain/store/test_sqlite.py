"""The SQLite store: its URL, opening it, and its upkeep."""

import contextlib
import pickle
import shutil
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from domain.store import (
    EventStore,
    StoreUnavailableError,
    open_event_store,
    sqlite_wal,
)
from domain.store.sqlite_recorder import Recorder
from tests.domain.store.on_sqlite import (
    GARBAGE,
    in_a_namespace,
    stored,
)

# ---- the URL -----------------------------------------------------------------------------------------------


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


# ---- opening -----------------------------------------------------------------------------------------------


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


# ---- upkeep ------------------------------------------------------------------------------------------------


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
