"""What every event store promises about who is alive."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.store import EventStore, open_event_store

pytestmark = pytest.mark.slow

Start = Callable[..., Any]
NAME = "worker:0b6c2f/ä"


def test_two_objects_of_one_process_exclude_each_other(store: EventStore) -> None:
    """Fails with fcntl.lockf, whose locks belong to the process."""
    one, other = store.presence("director"), store.presence("director")
    assert one.acquire()
    assert one.held
    assert not other.acquire()
    assert not other.held
    one.release()
    assert not one.held
    assert other.acquire()


def test_acquiring_what_is_held_already_changes_nothing(store: EventStore) -> None:
    presence = store.presence("director")
    assert presence.acquire()
    assert presence.acquire()
    presence.release()
    presence.release()
    assert not presence.held
    assert not store.is_present("director")


def test_names_do_not_exclude_each_other(store: EventStore) -> None:
    assert store.presence("director").acquire()
    assert store.presence("projector").acquire()
    assert not store.is_present("worker:1")


def test_a_name_may_hold_any_characters(store: EventStore) -> None:
    presence = store.presence(NAME)
    assert presence.name == NAME
    assert presence.acquire()
    assert store.is_present(NAME)


def test_what_another_process_holds_is_seen_and_cannot_be_had(store: EventStore, helper: Start) -> None:
    assert not store.is_present(NAME)
    holder = helper("hold", NAME)
    assert holder.hear() == "ready True"
    assert store.is_present(NAME)
    assert not store.presence(NAME).acquire()


@pytest.mark.crash
def test_a_killed_process_frees_its_presence(store: EventStore, helper: Start) -> None:
    holder = helper("hold", NAME)
    assert holder.hear() == "ready True"
    presence = store.presence(NAME)
    assert not presence.acquire()
    holder.kill()
    assert presence.acquire(timeout_s=30)


@pytest.mark.crash
def test_whoever_opens_the_store_sweeps_what_a_killed_process_has_left(
    store: EventStore, store_url: str, helper: Start
) -> None:
    """Fails on files without the sweep: the lock file of every killed worker stays for ever."""
    holder = helper("hold", NAME)
    assert holder.hear() == "ready True"
    holder.kill()
    open_event_store(store_url).close()
    assert not store.is_present(NAME)
    assert store.sweep_presence() == []


def test_acquire_waits_for_a_release(store: EventStore) -> None:
    holder, heir = store.presence("director"), store.presence("director")
    assert holder.acquire()
    threading.Timer(0.1, holder.release).start()
    assert heir.acquire(timeout_s=30)


def test_a_live_process_never_loses_its_presence(store: EventStore, helper: Start) -> None:
    """Whatever others do: try to take it, ask for it, sweep."""
    holder = helper("hold", NAME)
    assert holder.hear() == "ready True"
    for _ in range(30):
        assert not store.presence(NAME).acquire()
        assert store.is_present(NAME)
        assert NAME not in store.sweep_presence()
    holder.tell()
    assert holder.hear() == "True"


def test_asking_never_makes_a_rightful_acquire_fail(store: EventStore, helper: Start) -> None:
    """Fails on files without the door: the question takes the lock for an instant."""
    askers = [helper("ask", NAME) for _ in range(2)]
    assert [asker.hear() for asker in askers] == ["ready"] * 2
    presence = store.presence(NAME)
    for _ in range(100):
        assert presence.acquire()
        assert presence.held
        presence.release()
    assert [asker.process.poll() for asker in askers] == [None] * 2


@pytest.fixture
def orphan() -> Iterator[list[int]]:
    """Process ids that the test adds; ended with it."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.crash
@pytest.mark.parametrize("how", ["spawned", "forked", "executed"])
def test_a_child_that_outlives_its_parent_does_not_keep_the_parents_presence(
    store: EventStore, helper: Start, orphan: list[int], how: str
) -> None:
    """Fails for a spawned child without O_CLOEXEC, for a forked one without the hook after fork."""
    parent = helper("hold-with-child", NAME, how)
    orphan.append(int(parent.hear().split()[1]))
    assert store.is_present(NAME)
    parent.kill()
    assert store.presence(NAME).acquire(timeout_s=30)
    os.kill(orphan[0], 0)


def test_the_parent_keeps_its_presence_when_its_forked_child_ends(store: EventStore, helper: Start) -> None:
    parent = helper("hold-with-child", NAME, "forked")
    child = int(parent.hear().split()[1])
    os.kill(child, signal.SIGKILL)
    assert not store.presence(NAME).acquire(timeout_s=0.2)
    assert store.is_present(NAME)


def test_closing_the_store_releases_what_it_held(store: EventStore, store_url: str) -> None:
    other = open_event_store(store_url)
    assert other.presence("director").acquire()
    assert store.is_present("director")
    other.close()
    assert store.presence("director").acquire()
