"""Signals between processes through ping files."""

import os
import threading
from pathlib import Path

import pytest

from domain.store.signals import FileSignal, InotifyWaiter, PollingWaiter


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
