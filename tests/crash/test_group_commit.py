"""Kill a process within a transaction that several appends share: all of it is recorded, or nothing."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from actors.work.crash import Crash, arm
from domain.store import open_event_store
from tests.contracts.store_process import recorder_of, stored
from tests.contracts.test_group_commit_contract import Together
from tests.crash.test_crash_points import SPOKEN, on_both_stores

pytestmark = [pytest.mark.crash, pytest.mark.slow]

Begin = Callable[..., Any]
SHARED = 5
"""How many appends share the second transaction."""


def _append_together(url: str, folder: Path, point: str | None) -> None:
    """One append, and meanwhile five, which the next transaction takes; what is there already is left."""
    if point is not None:
        arm(Crash.parse(point, folder))
    store = open_event_store(url)
    together = Together(recorder_of(store))
    together.append("alone", stored(uuid4(), 1))
    for n in range(SHARED):
        together.append(str(n), stored(UUID(int=n + 1), 1), stored(UUID(int=n + 1), 2))
    together.close()
    unforeseen = [o for o in together.outcomes.values() if not isinstance(o, list | IntegrityError)]
    assert not unforeseen
    store.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_within_a_shared_transaction_all_of_it_is_recorded_or_nothing(
    store_url: str, processes: Any, tmp_path: Path, when: str
) -> None:
    store = open_event_store(store_url)
    recorder = recorder_of(store)
    left = []
    for point in (f"{when}:commit@{SHARED}", None):
        process = processes.Process(target=_append_together, args=(store_url, tmp_path, point))
        process.start()
        process.join(120)
        found = recorder.select_notifications(None, 100)
        left.append((process.exitcode, len(found)))
    recorder.datastore.close()  # type: ignore[attr-defined]
    store.close()
    shared = 2 * SHARED
    assert left == [(-signal.SIGKILL, 1 if when == "before" else 1 + shared), (0, 2 + shared)]


@on_both_stores
@pytest.mark.parametrize("nth", [2, 5, 9])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_within_the_transactions_of_a_film(story: Begin, when: str, nth: int) -> None:
    one = story()
    one.killed(f"{when}:commit#{nth}", options=SPOKEN)
    assert one.live() == 0
    one.finished()
