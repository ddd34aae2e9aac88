"""What it costs to look who is alive on a PostgreSQL: a statement for all, on a session that is there.

Seen to fail with a session for each look, with a look for each name, and with looks that outlive no loss of
their session.
"""

from collections.abc import Iterator

import pytest

from domain.store import EventStore, open_event_store
from tests.domain.store.test_postgresql import end_all_sessions
from tests.statements import counted

pytestmark = pytest.mark.slow


@pytest.fixture
def store(postgresql_url: str) -> Iterator[EventStore]:
    store = open_event_store(postgresql_url)
    yield store
    store.close()


def test_a_look_at_any_number_of_workers_is_one_statement(store: EventStore) -> None:
    alive = [store.presence(f"worker:{n}") for n in range(4)]
    assert all(presence.acquire() for presence in alive)
    assert store.present(["worker:0"]) == {"worker:0"}  # which connects
    with counted() as statements:
        for _ in range(5):
            assert store.present(["worker:0", "worker:1", "worker:3", "worker:dead"]) == {
                "worker:0",
                "worker:1",
                "worker:3",
            }
    assert len(statements.all) == 5
    assert statements.sessions == 0


def test_nobody_to_look_at_costs_nothing(store: EventStore) -> None:
    with counted() as statements:
        assert store.present([]) == set()
    assert (statements.all, statements.sessions) == ([], 0)


def test_who_waits_for_anothers_lock_opens_no_session_for_it(store: EventStore) -> None:
    """As a second Director does, and a second projector, for as long as the first lives."""
    holder, heir = store.presence("director"), store.presence("director")
    assert holder.acquire()
    assert not heir.acquire(0)  # the look connects
    with counted() as statements:
        assert not heir.acquire(0)
        assert not heir.acquire(0)
    assert (len(statements.all), statements.sessions) == (2, 0)
    holder.release()
    assert heir.acquire(0)


def test_a_look_outlives_the_loss_of_its_session(postgresql_url: str, store: EventStore) -> None:
    assert store.present(["director"]) == set()
    end_all_sessions(postgresql_url)
    assert store.present(["director"]) == set()
    presence = store.presence("director")
    assert presence.acquire(1)
    assert store.present(["director"]) == {"director"}
