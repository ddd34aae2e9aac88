"""What the PostgreSQL store stands on: its server goes away, comes back, or loses a connection."""

import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, OperationalError, StoredEvent
from eventsourcing.utils import Environment

from domain.store import (
    AppendFailedError,
    EventStore,
    StoreUnavailableError,
    open_event_store,
)
from domain.store.postgresql_presence import SERVER_SIDE
from domain.store.postgresql_recorder import Recorder
from domain.store.postgresql_server import CLIENT_SIDE, lock_key
from domain.store.postgresql_signals import Listener
from projections.database import Database, open_database
from projections.database.postgresql import MOST_CONNECTIONS
from tests.domain.store.pg_proxies import Mute, Refusing, TransactionPooler, standing, through

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
    assert not store.is_present("director")
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
    assert caught.value.hint == "see that the server runs, and listens on the host and port in the URL"


def refused(url: str) -> StoreUnavailableError:
    with pytest.raises(StoreUnavailableError) as caught:
        open_event_store(url)
    assert "secret" not in str(caught.value)
    return caught.value


def test_a_database_that_does_not_exist_is_a_clear_error(postgres_server: Any) -> None:
    error = refused(postgres_server.get_uri(database="nowhere"))
    assert 'database "nowhere" does not exist' in error.reason
    assert error.hint == "create it with `createdb NAME`, or name another database in the URL"


def test_a_user_that_does_not_exist_is_a_clear_error(postgresql_url: str) -> None:
    error = refused(f"{postgresql_url}&user=nobody_here")
    assert 'role "nobody_here" does not exist' in error.reason
    assert "createuser" in error.hint


@pytest.mark.parametrize(
    ("sentence", "hint"),
    [
        ('password authentication failed for user "u"', "see the password and the user in the URL"),
        (
            'no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", no encryption',
            "write ?sslmode=require at the end of the URL",
        ),
        (
            'no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", SSL encryption',
            "have the server's pg_hba.conf let this user and machine in",
        ),
        ("sorry, too many clients already", "raise max_connections at the server"),
        ("the database system is starting up", "wait a moment"),
        ('permission denied for database "d"', "grant this user"),
        ('role "u" is not permitted to log in', "name another user in the URL"),
    ],
)
def test_why_a_server_turns_us_away_has_a_hint_of_its_own(sentence: str, hint: str) -> None:
    with standing(Refusing(sentence)) as server:
        error = refused(f"postgresql://u:secret@127.0.0.1:{server.port}/d")
    assert sentence in error.reason
    assert hint in error.hint


def test_a_server_without_tls_is_told_apart_from_one_that_is_away() -> None:
    with standing(Refusing("unused")) as server:
        error = refused(f"postgresql://u:secret@127.0.0.1:{server.port}/d?sslmode=require")
    assert "turn on TLS at the server" in error.hint


def test_a_host_that_has_no_address_is_a_clear_error() -> None:
    error = refused("postgresql://u:secret@no-such-host.invalid/d")
    assert error.hint == "see the name of the host in the URL"


@pytest.mark.crash
def test_a_wrong_and_a_missing_password_are_a_clear_error(restartable_postgresql: Any) -> None:
    """Of a real server, whose words they are."""
    with psycopg.connect(restartable_postgresql.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        rules = restartable_postgresql.pgdata / "pg_hba.conf"
        rules.write_text(f"local all locked scram-sha-256\n{rules.read_text()}")
        admin.execute("SELECT pg_reload_conf()")
    url = f"{restartable_postgresql.get_uri()}&user=locked"
    for wrong in (f"{url}&password=secret", url):
        assert "see the password and the user in the URL" in refused(wrong).hint


@pytest.fixture
def clerk(postgresql_url: str) -> Iterator[str]:
    """The URL of a user who may read the database and nothing else."""
    user = f"clerk_{uuid4().hex[:8]}"
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {user} LOGIN")
    yield f"{postgresql_url}&user={user}"
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(f"DROP OWNED BY {user}")
        admin.execute(f"DROP ROLE {user}")


def test_a_user_who_may_not_make_tables_is_told_so(clerk: str) -> None:
    error = refused(clerk)
    assert "permission denied" in error.reason
    assert "CREATE on the schema public" in error.hint


def test_a_user_without_rights_to_the_events_is_told_so_at_the_first_read_and_append(
    store: EventStore, clerk: str
) -> None:
    """Fails when errors of the program's kind come out raw: nobody waits and tries again after those."""
    assert "grant this user SELECT" in refused(clerk).hint  # not even which store it is may be read
    with psycopg.connect(store.url, autocommit=True) as admin:
        admin.execute(f"GRANT SELECT ON store_identity TO {clerk.rpartition('=')[2]}")
    other = open_event_store(clerk)
    theirs = recorder_of(other)
    try:
        with pytest.raises(AppendFailedError, match="permission denied") as append:
            theirs.insert_events([stored()])
        with pytest.raises(StoreUnavailableError, match="permission denied") as read:
            theirs.max_notification_id()
        with pytest.raises(StoreUnavailableError, match="permission denied"):
            theirs.select_notifications_at([1])
        for error in (append.value, read.value):
            assert "grant this user SELECT, INSERT and UPDATE" in error.hint
        with psycopg.connect(store.url, autocommit=True) as admin:
            user = clerk.rpartition("=")[2]
            admin.execute(f"GRANT SELECT, INSERT, UPDATE ON stored_events TO {user}")
            admin.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user}")
        assert theirs.insert_events([stored()])
    finally:
        theirs.datastore.close()
        other.close()


# ---- proxies ----------------------------------------------------------------------------------------------


@pytest.fixture
def server_socket(postgres_server: Any) -> Path:
    return Path(postgres_server.get_postmaster_info().socket_dir) / ".s.PGSQL.5432"


def test_a_proxy_that_shares_sessions_is_refused(postgresql_url: str, server_socket: Path) -> None:
    """Presence would be held by a session that serves others, and pass for alive or for dead."""
    with standing(TransactionPooler(server_socket)) as pooler:
        error = refused(through(pooler, postgresql_url))
    assert "proxy in transaction mode" in error.reason
    assert "pool_mode = session" in error.hint


def test_a_proxy_that_keeps_sessions_apart_is_taken(postgresql_url: str, server_socket: Path) -> None:
    with standing(Mute(server_socket)) as proxy:
        store = open_event_store(through(proxy, postgresql_url))
        assert store.presence("director").acquire()
        store.close()


def test_a_presence_is_over_with_the_servers_farewell_before_the_connection_is(
    postgresql_url: str, server_socket: Path
) -> None:
    """The server lets go of the lock before it hangs up; fails when only the end of the stream is heard."""
    with standing(Mute(server_socket)) as proxy:
        store = open_event_store(through(proxy, postgresql_url))
        presence = store.presence("director")
        assert presence.acquire()
        assert presence.held
        end_all_sessions(postgresql_url)
        deadline = time.monotonic() + SOON_S
        while presence.held:
            assert time.monotonic() < deadline, "the farewell was not heard"
        assert presence._session is not None
        assert not presence._session.closed
        store.close()


# ---- sessions ---------------------------------------------------------------------------------------------


def test_the_server_watches_over_the_connection_of_whoever_holds_a_presence(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holder whose network is cut must be let go: fails without the settings of the server's side.

    On a local socket the server takes no keepalives, so what can be seen there stands for the others.
    """
    monkeypatch.setitem(SERVER_SIDE, "idle_session_timeout", "12345")
    asked: list[tuple[Any, ...]] = []
    execute = psycopg.Connection.execute

    def listen(self: Any, query: Any, params: Any = None, **kwargs: Any) -> Any:
        asked.append((query, params))
        return execute(self, query, params, **kwargs)

    store = open_event_store(postgresql_url)
    presence = store.presence("director")
    monkeypatch.setattr(psycopg.Connection, "execute", listen)
    assert presence.acquire()
    monkeypatch.undo()
    assert presence._session is not None
    assert presence._session.execute("SHOW idle_session_timeout").fetchone() == ("12345ms",)
    [settings] = [params for query, params in asked if "set_config" in str(query)]
    wanted = dict(zip(*settings[:2], strict=True))
    assert int(wanted["tcp_keepalives_idle"]) <= 5
    assert int(wanted["tcp_keepalives_interval"]) * int(wanted["tcp_keepalives_count"]) <= 9
    store.close()


def test_a_holder_notices_a_cut_network_before_the_server_gives_its_lock_away() -> None:
    mine, theirs = CLIENT_SIDE, {name: int(value) for name, value in SERVER_SIDE.items()}
    client_s = int(mine["keepalives_idle"]) + int(mine["keepalives_interval"]) * int(mine["keepalives_count"])
    server_s = (
        theirs["tcp_keepalives_idle"] + theirs["tcp_keepalives_interval"] * theirs["tcp_keepalives_count"]
    )
    assert client_s < server_s
    assert int(mine["tcp_user_timeout"]) <= client_s * 1000
    # Counted from what was last heard, which may be as long before the cut as nothing is sent.
    assert client_s < theirs["tcp_user_timeout"] / 1000 - theirs["tcp_keepalives_idle"]


def test_who_listens_again_is_told_to_look(
    postgresql_url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was raised while nobody listened is lost; fails when listening again says nothing."""
    waiter = store.signal("projected").waiter()
    listen, again = Listener._listen, threading.Event()

    def listen_when_told(listener: Listener) -> Any:
        assert again.wait(60)
        return listen(listener)

    monkeypatch.setattr(Listener, "_listen", listen_when_told)
    end_all_sessions(postgresql_url)
    assert waiter.wait(60), "the loss itself is told"
    store.signal("projected").raise_()  # which nobody hears
    again.set()
    assert waiter.wait(60)
    waiter.close()


def test_what_is_looked_at_and_dropped_is_not_kept(store: EventStore) -> None:
    live = store.presence("worker:live")
    assert live.acquire()
    for _ in range(5):
        assert not store.presence("worker:live").acquire()
        store.signal("projected").waiter().close()
        store.follower().close()
    gc.collect()
    assert len(store._opened) <= 2  # the two signals
    assert list(store._presences) == [live]


# ---- appends and upkeep -----------------------------------------------------------------------------------


def test_an_append_does_not_wait_for_a_vacuum(postgresql_url: str, recorder: Recorder) -> None:
    """Fails when appends lock the table in a mode that excludes the one a VACUUM holds all along."""
    with psycopg.connect(postgresql_url) as vacuum:
        vacuum.execute("LOCK TABLE public.stored_events IN SHARE UPDATE EXCLUSIVE MODE")
        appending = threading.Thread(target=recorder.insert_events, args=([stored()],), daemon=True)
        appending.start()
        appending.join(30)
        assert not appending.is_alive()
    assert recorder.max_notification_id() is not None


def test_an_append_and_one_that_locks_the_table_exclude_each_other(
    postgresql_url: str, recorder: Recorder
) -> None:
    """Earlier versions lock the table: positions stay in order while both write."""
    with psycopg.connect(postgresql_url) as earlier:
        earlier.execute("LOCK TABLE public.stored_events IN EXCLUSIVE MODE")
        appending = threading.Thread(target=recorder.insert_events, args=([stored()],))
        appending.start()
        appending.join(0.5)
        assert appending.is_alive()
    appending.join(60)
    assert recorder.max_notification_id() is not None


def test_texts_are_removed_in_turn(postgresql_url: str, recorder: Recorder) -> None:
    """Fails when rows are locked before the turn has come: two that wait for each other end in a deadlock."""
    stream = uuid4()
    recorder.insert_events([stored(stream, 1, b"words")])
    blank = [stored(stream, 1, b"")]
    with psycopg.connect(postgresql_url) as first:
        first.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key("append"),))
        pruning = threading.Thread(
            target=lambda: recorder.insert_events([stored(stream, 2)], tombstones=blank)
        )
        pruning.start()
        with psycopg.connect(postgresql_url, autocommit=True) as admin:
            deadline = time.monotonic() + SOON_S
            while admin.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            ).fetchone() != (1,):
                assert time.monotonic() < deadline
        assert first.execute(
            "SELECT state FROM public.stored_events WHERE originator_id = %s FOR UPDATE NOWAIT", (stream,)
        ).fetchone() == (b"words",)
    pruning.join(60)
    assert [bytes(e.state) for e in recorder.select_events(stream)] == [b"", b"{}"]


def test_another_search_path_changes_nothing(postgresql_url: str) -> None:
    """A schema of one's own before public, as roles and hosts often have it."""
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA film")
    store = open_event_store(f"{postgresql_url}&options=-c%20search_path%3Dfilm")
    recorder = recorder_of(store)
    stream = uuid4()
    try:
        [position] = recorder.insert_events([stored(stream, 1, b"words")]) or []
        recorder.insert_events([stored(stream, 2)], tombstones=[stored(stream, 1, b"")])
        [found] = recorder.select_notifications_at([position])
        assert found.state == b""
        assert recorder._recorded([stored(stream, 2)])
        store.settle()
        database = open_database(store.url)
        database.settle()
        with database.read() as transaction:
            assert transaction.one("SELECT current_schema()") == ("public",)
        database.close()
        # What one process makes, another with the usual path finds.
        usual = open_event_store(postgresql_url)
        other = recorder_of(usual)
        assert len(other.select_notifications(None, 10)) == 2
        other.datastore.close()
        usual.close()
    finally:
        recorder.datastore.close()
        store.close()


# ---- the read models --------------------------------------------------------------------------------------


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = open_database(postgresql_url)
    yield database
    database.close()


def test_no_read_fails_after_the_sessions_have_ended(postgresql_url: str, database: Database) -> None:
    """As after a restart. Fails with a pool that lends dead connections: one read for each of them."""
    with contextlib.ExitStack() as stack:
        at_once = [stack.enter_context(database.read()) for _ in range(MOST_CONNECTIONS)]
        assert [transaction.one("SELECT 1") for transaction in at_once] == [(1,)] * MOST_CONNECTIONS
    end_all_sessions(postgresql_url)
    for _ in range(2 * MOST_CONNECTIONS):
        with database.read() as transaction:
            assert transaction.one("SELECT 1") == (1,)


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


def test_all_who_wait_for_a_signal_share_one_session(postgresql_url: str, store: EventStore) -> None:
    """Fails where each listens by itself: a write that waits to be read would open a session each time."""
    listening = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    with psycopg.connect(postgresql_url) as connection:
        waiters = [store.signal("shared").waiter() for _ in range(5)]
        assert connection.execute(listening).fetchone() == (1,)
        for waiter in waiters[1:]:
            waiter.close()
        store.signal("shared").raise_()
        assert waiters[0].wait(10)
        assert not waiters[1].wait(0)
        waiters += [store.signal("shared").waiter()]
        assert connection.execute(listening).fetchone() == (1,)
