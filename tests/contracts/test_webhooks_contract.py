"""Deliveries of webhooks, on both stores: none is lost, repeated or out of order, none holds up another."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.settings import load_settings
from api.webhooks.deliveries import Deliveries, DueDelivery, OvertakenError
from api.webhooks.opening import Webhooks
from api.webhooks.schedule import MOST_TRIES, PAUSES_S, SPREAD
from api.webhooks.sender import OF_A_LANE
from api.webhooks.tables import TABLES
from domain.store import EventLog, EventStore, Studio, open_event_store
from domain.webhook import Delivery, Endpoint
from projections.database import Database, open_database
from projections.projector import Projector
from projections.readers import ReadModels
from projections.rebuild import rebuild
from tests.projections.filming import Filming
from tests.receiver import Receiver, receiving

NO_FILE = Path("/nonexistent.env")
BOTH = ("job.submitted", "job.completed")


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(days=1)

    def __call__(self) -> datetime:
        return self.now


class Process:
    """What one server holds; ``clock`` is the machine's."""

    def __init__(self, store_url: str, folder: Path, clock: Clock) -> None:
        environ = {"REELOG_WEBHOOK_NETWORKS": "127.0.0.1", "REELOG_WEBHOOK_KEY": "k" * 32}
        settings = load_settings(environ, NO_FILE, DATA_DIR=folder, STORE=store_url)
        self.store: EventStore = open_event_store(store_url)
        self.studio = Studio(self.store)
        self.log = EventLog(self.studio)
        self.database: Database = open_database(self.store.url)
        self.projector = Projector(self.store, self.log, self.database)
        readers = ReadModels(self.store, self.log, self.database)
        self.owner: str | None = None
        """Whose every job is; nobody's, as of old logs: the administrator's."""
        self.webhooks = Webhooks(
            settings, self.store, self.studio, self.log, readers, clock, lambda _job_id: self.owner
        )
        self.filming = Filming(self.store)
        self.clock = clock
        self.projector.start()
        self.webhooks.start()
        self._follower = self.store.follower(0)

    def endpoint(self, url: str, events: tuple[str, ...] = ("job.completed",), caller: str = "local") -> UUID:
        key = self.webhooks.key().fingerprint
        one = Endpoint.create(uuid4(), caller, url, events, now=self.clock(), key=key)
        self.webhooks.endpoints.add(one)
        return one.id

    def film(self) -> UUID:
        job_id = self.filming.submit()
        assert self.filming.finish(job_id) == "completed"
        return job_id

    def rows(self, endpoint: UUID) -> list[Any]:
        return self.webhooks.deliveries.page(endpoint, status=None, job=None, before=None, limit=100)[0]

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for events, and look at the rows now and then, which are none."""
        while not is_so():
            self._follower.next_batch(0.02)

    def tried(self, endpoint: UUID, times: int) -> None:
        self.until(lambda: [one.tries for one in self.rows(endpoint)] == [times])

    def have(self, endpoint: UUID, *statuses: str) -> None:
        self.until(lambda: [one.status for one in self.rows(endpoint)] == list(statuses))

    def pass_time(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)
        assert self.webhooks.sender is not None
        self.webhooks.sender.wake()

    def state(self) -> str:
        assert self.webhooks.sender is not None
        return self.webhooks.sender.status.state

    def due(self) -> list[DueDelivery]:
        return self.webhooks.deliveries.due(self.clock(), 100, 100)

    def ends(self) -> list[Delivery.Ended]:
        return [one.event for one in self.log.read(0, 100_000) if isinstance(one.event, Delivery.Ended)]

    def close(self) -> None:
        self._follower.close()
        self.webhooks.close()
        self.projector.close()
        self.studio.close()
        self.database.close()
        self.store.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def start(store_url: str, tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """Starts servers on one store, whose clock is one."""
    clock, started = Clock(), list[Process]()

    def one() -> Process:
        started.append(Process(store_url, tmp_path / "data", clock))
        return started[-1]

    yield one
    for process in started:
        process.close()


def test_what_fails_is_tried_again_for_a_day_and_over_restarts(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    receiver.answer = lambda _: 500
    process = start()
    endpoint = process.endpoint(receiver.url)
    process.film()
    ids = {receiver.next().headers["webhook-id"]}
    process.tried(endpoint, 1)
    for tries, pause in enumerate(PAUSES_S, 1):
        if tries == 3:
            process.close()
            process = start()
            process.until(lambda process=process: process.state() == "sending")  # type: ignore[misc]
        process.pass_time(pause / 2)
        assert process.due() == []
        process.pass_time(pause / 2 + pause * SPREAD)
        ids.add(receiver.next().headers["webhook-id"])
        process.tried(endpoint, tries + 1)
    process.have(endpoint, "failed")
    [row] = process.rows(endpoint)
    assert ids == {row.id}
    [end] = process.ends()
    assert (end.outcome, end.tries, end.status, end.error) == (
        *("failed", MOST_TRIES, 500),
        "it answered 500",
    )
    assert [(one[1], one[3]) for one in process.webhooks.deliveries.tries(row.id)] == [
        (number, 500) for number in range(1, MOST_TRIES + 1)
    ]
    assert receiver.received.empty()


def test_of_a_job_nothing_is_sent_before_what_came_earlier(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process, told = start(), list[str]()

    def answer(got: Any) -> int:
        told.append(got.message["type"])
        return 500 if len(told) == 1 else 204

    receiver.answer = answer
    endpoint = process.endpoint(receiver.url, BOTH)
    process.film()
    process.until(lambda: [one.tries for one in process.rows(endpoint)] == [0, 1])
    assert process.due() == []  # the second waits for the first
    process.pass_time(10)
    process.have(endpoint, "delivered", "delivered")
    assert told == ["job.submitted", "job.submitted", "job.completed"]


@pytest.mark.slow
def test_an_endpoint_that_hangs_holds_up_nobody_else(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process, let_go, held = start(), threading.Event(), list[str]()

    def hang(got: Any) -> int:
        held.append(got.message["data"]["id"])
        let_go.wait(20)
        return 204

    with receiving() as hanging:
        hanging.answer = hang
        slow, quick = process.endpoint(hanging.url), process.endpoint(receiver.url)
        jobs = [process.film() for _ in range(OF_A_LANE + 2)]
        assert {receiver.next().message["data"]["id"] for _ in jobs} == {str(job) for job in jobs}
        process.have(quick, *["delivered"] * len(jobs))
        process.until(lambda: len(held) == OF_A_LANE)
        assert {one.status for one in process.rows(slow)} == {"pending"}
        let_go.set()
        process.have(slow, *["delivered"] * len(jobs))


def test_one_process_sends_and_another_when_it_is_gone(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    first = start()
    first.until(lambda: first.state() == "sending")
    second = start()
    second.until(lambda: second.state() == "waiting")
    endpoint = second.endpoint(receiver.url)
    second.film()
    second.have(endpoint, "delivered")
    first.webhooks.close()
    second.until(lambda: second.state() == "sending")
    second.film()
    second.have(endpoint, "delivered", "delivered")
    assert len({receiver.next().headers["webhook-id"] for _ in range(2)}) == 2
    assert receiver.received.empty()


def test_neither_a_rebuild_nor_the_loss_of_all_rows_repeats_or_loses_a_delivery(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process = start()
    endpoint = process.endpoint(receiver.url)
    process.film()
    process.have(endpoint, "delivered")
    receiver.next()
    receiver.answer = lambda _: 500
    waiting = process.film()
    receiver.next()
    process.until(lambda: [one.tries for one in process.rows(endpoint)] == [1, 1])
    rebuild(process.database, process.store, process.log, lambda _p, _h: None, lambda: False, processes=1)
    assert [one.status for one in process.rows(endpoint)] == ["pending", "delivered"]
    process.close()
    clear(process.store.url)
    receiver.answer = lambda _: 204
    process = start()
    process.have(endpoint, "delivered", "delivered")
    assert receiver.next().message["data"]["id"] == str(waiting)
    assert receiver.received.empty()
    counted = {"delivered": 2, "failed": 0, "pending": 0}
    process.until(lambda: process.webhooks.deliveries.counts() == counted)


def clear(store_url: str) -> None:
    """As if the tables had been lost."""
    database = open_database(store_url, TABLES)
    with database.write() as transaction:
        for table in TABLES.names:
            if not table.startswith(("webhook_deliveries_", "webhook_tries_")):  # indexes
                transaction.run(f"DELETE FROM {table}")  # noqa: S608 - our own
    database.close()


def test_rows_of_another_log_are_begun_anew(start: Callable[[], Process], receiver: Receiver) -> None:
    process = start()
    endpoint = process.endpoint(receiver.url)
    process.film()
    process.have(endpoint, "delivered")
    head = process.log.head()
    process.webhooks.close()
    database = open_database(process.store.url, TABLES)
    deliveries = Deliveries(database, lambda _: "local")
    assert deliveries.begin(process.store.id, head, lambda: 7) > 7
    assert deliveries.begin(uuid4(), head, lambda: 7) == 7
    assert deliveries.page(endpoint, status=None, job=None, before=None, limit=9) == ([], False)
    assert deliveries.begin(process.store.id, head, lambda: 7) == 7
    assert deliveries.begin(process.store.id, 6, lambda: 2) == 2  # the log ends before
    database.close()


def test_what_happened_before_the_first_endpoint_is_told_to_nobody(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process = start()
    process.film()
    endpoint = process.endpoint(receiver.url)
    job_id = process.film()
    process.have(endpoint, "delivered")
    assert receiver.next().message["data"]["id"] == str(job_id)
    assert receiver.received.empty()


def test_nobody_is_told_of_anothers_jobs(start: Callable[[], Process], receiver: Receiver) -> None:
    process = start()
    other = process.endpoint(f"{receiver.url}/other", caller="ada")
    mine = process.endpoint(receiver.url)
    process.film()
    process.have(mine, "delivered")
    assert receiver.next().path == "/hook"
    assert process.rows(other) == []


def test_the_administrator_is_told_of_everybodys_jobs(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process = start()
    process.owner = "ada"
    endpoints = [
        process.endpoint(f"{receiver.url}/{caller}", caller=caller) for caller in ("ada", "local", "bob")
    ]
    process.film()
    for told in endpoints[:2]:
        process.have(told, "delivered")
    assert process.rows(endpoints[2]) == []


def test_an_overtaken_sender_writes_nothing(start: Callable[[], Process]) -> None:
    process = start()
    process.until(lambda: process.state() == "sending")
    with pytest.raises(OvertakenError):
        process.webhooks.deliveries.advance(10**6, 10**6 + 1, [])


def test_another_key_of_the_server_sends_nothing_and_says_so(
    start: Callable[[], Process], receiver: Receiver
) -> None:
    process = start()
    one = Endpoint.create(uuid4(), "local", receiver.url, BOTH[1:], now=process.clock(), key="another")
    process.webhooks.endpoints.add(one)
    process.film()
    process.tried(one.id, 1)
    [row] = process.rows(one.id)
    [(_, _, _, status, error, _)] = process.webhooks.deliveries.tries(row.id)
    assert status is None
    assert "REELOG_WEBHOOK_KEY" in str(error)
    assert receiver.received.empty()
