"""The databases of the read models; what they share with the events is in ``test_connections_contract``."""

import contextlib

import pytest

from projections.database import Database, RefusedValueError
from projections.database.postgresql import MOST_CONNECTIONS

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


def test_many_readers_are_served_at_once(database: Database) -> None:
    with contextlib.ExitStack() as stack:
        at_once = [stack.enter_context(database.read()) for _ in range(MOST_CONNECTIONS)]
        assert [transaction.one("SELECT 1") for transaction in at_once] == [(1,)] * MOST_CONNECTIONS


def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    """Fails with READ COMMITTED, where each statement sees what was committed meanwhile."""
    with database.write() as transaction:
        transaction.run("CREATE TABLE films (n INTEGER)")
    with database.read() as reader:
        assert reader.one("SELECT count(*) FROM films") == (0,)
        with database.write() as transaction:
            transaction.run("INSERT INTO films VALUES (1)")
        assert reader.one("SELECT count(*) FROM films") == (0,)
    with database.read() as reader:
        assert reader.one("SELECT count(*) FROM films") == (1,)


def test_an_error_of_the_users_own_comes_out_as_it_is_and_undoes_the_transaction(database: Database) -> None:
    """Fails when whatever is raised within a transaction passes for one of the database."""

    def write_and_fail() -> None:
        with database.write() as transaction:
            transaction.run("INSERT INTO read_models_aside VALUES (1, 'job', 1, 'type', 'reason')")
            raise OSError("elsewhere")

    with pytest.raises(OSError, match="elsewhere"):
        write_and_fail()
    with database.read() as reader:
        assert reader.all("SELECT job_id FROM read_models_aside") == []


def test_a_value_that_is_not_taken_is_told_from_a_database_that_cannot_be_used(database: Database) -> None:
    insert = "INSERT INTO read_models_aside VALUES (1, ?, ?, 'type', 'reason')"
    with pytest.raises(RefusedValueError), database.write() as transaction:
        transaction.run(insert, "\ud800", 1)
    with database.write() as transaction:
        transaction.run(insert, "job", 1)
