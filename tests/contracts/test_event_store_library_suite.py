"""The event sourcing library's own recorder tests, on our recorders, as the store's own settings make them.

One class for each of the library's test cases and each store. The library prints throughput; pytest keeps it.
"""

import sys
from typing import Any, ClassVar

import eventsourcing.cryptography
import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresProcessRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteProcessRecorder, SQLiteTrackingRecorder
from eventsourcing.utils import Environment

from domain.store import open_event_store, postgresql_recorder, sqlite_recorder

pytestmark = pytest.mark.slow

# The library's tests import its cipher on pycryptodome, which is not installed here; its other cipher, on
# cryptography, is the same class to them.
sys.modules.setdefault("eventsourcing.cipher", eventsourcing.cryptography)
from eventsourcing.tests import persistence as library  # noqa: E402 - after the line above


class OnStore:
    """Gives each test an empty store of its own; the parts that we replaced and those that we did not."""

    scheme: ClassVar[str]
    env: Environment
    made: InfrastructureFactory[Any]

    @pytest.fixture(autouse=True)
    def _store(self, request: pytest.FixtureRequest, tmp_path: Any) -> Any:
        url = (
            f"sqlite:///{tmp_path}/events.db"
            if self.scheme == "sqlite"
            else request.getfixturevalue("postgresql_url")
        )
        # The snapshot and tracking tables of these tests are not ours: the factory makes them.
        self.env = Environment(env={**open_event_store(url).environment(), "CREATE_TABLE": "y"})
        self.made = InfrastructureFactory.construct(self.env)
        yield
        self.made.close()


class OnSqlite(OnStore):
    scheme = "sqlite"


class OnPostgresql(OnStore):
    scheme = "postgresql"


class Aggregates(OnStore):
    def create_recorder(self) -> AggregateRecorder:
        return self.made.aggregate_recorder(purpose="snapshots")


class Applications(OnStore):
    def create_recorder(self) -> ApplicationRecorder:
        return self.made.application_recorder()


class Trackings(OnStore):
    def create_recorder(self) -> TrackingRecorder:
        recorder: TrackingRecorder = self.made.tracking_recorder()
        return recorder


class Processes(OnStore):
    def create_recorder(self) -> ProcessRecorder:
        return self.made.process_recorder()


class TestAggregateRecorderOnSqlite(OnSqlite, Aggregates, library.AggregateRecorderTestCase): ...


class TestAggregateRecorderOnPostgresql(OnPostgresql, Aggregates, library.AggregateRecorderTestCase): ...


class TestApplicationRecorderOnSqlite(OnSqlite, Applications, library.ApplicationRecorderTestCase): ...


class TestApplicationRecorderOnPostgresql(OnPostgresql, Applications, library.ApplicationRecorderTestCase):
    # A conflict uses up a number of the sequence.
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    def test_subscription(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingOnSqlite(OnSqlite, Applications, library.NonInterleavingNotificationIDsBaseCase): ...


class TestNonInterleavingOnPostgresql(
    OnPostgresql, Applications, library.NonInterleavingNotificationIDsBaseCase
): ...


class TestTrackingRecorderOnSqlite(OnSqlite, Trackings, library.TrackingRecorderTestCase): ...


class TestTrackingRecorderOnPostgresql(OnPostgresql, Trackings, library.TrackingRecorderTestCase): ...


class TestProcessRecorderOnSqlite(OnSqlite, Processes, library.ProcessRecorderTestCase): ...


class TestProcessRecorderOnPostgresql(OnPostgresql, Processes, library.ProcessRecorderTestCase): ...


class SqliteTrackingSubclass(SQLiteTrackingRecorder): ...


class PostgresqlTrackingSubclass(PostgresTrackingRecorder): ...


class TestFactoryOnSqlite(OnSqlite, library.InfrastructureFactoryTestCase[Any]):
    def expected_factory_class(self) -> type[Any]:
        return sqlite_recorder.Factory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return SQLiteAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return sqlite_recorder.Recorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return SQLiteTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return SqliteTrackingSubclass

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return SQLiteProcessRecorder


class TestFactoryOnPostgresql(OnPostgresql, library.InfrastructureFactoryTestCase[Any]):
    def expected_factory_class(self) -> type[Any]:
        return postgresql_recorder.Factory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return PostgresAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return postgresql_recorder.Recorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return PostgresTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return PostgresqlTrackingSubclass

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return PostgresProcessRecorder
