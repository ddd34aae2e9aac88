"""One attempt from start to record: whatever happens to it, it ends in an event that tells all of it."""

import asyncio
import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import InterfaceError, OperationalError

from actors.blobs.errors import BlobMissingError, BlobStoreUnavailableError
from actors.work.attempt import Attempts
from actors.work.stage import Made, MakeFailedError, Order, Task
from domain.asset import Asset
from domain.causes import CAUSES, Code
from domain.failures import AttemptFailedError, Failure
from domain.store import ConflictError
from tests.actors.conftest import Crew


def first_order(crew: Crew, **changes: Any) -> Order:
    """The order for a new job's analysis."""
    job = crew.submit(**changes)
    desk = crew.desk()
    desk.fold(crew.log.read(0, 1000))
    [order] = desk.step(job.id, {}).orders
    return order


def failing(crew: Crew, failure: Failure) -> None:
    async def fail(_: Task) -> None:
        raise AttemptFailedError(failure)

    crew.stage.before = fail


async def test_nothing_is_made_before_the_attempt_is_on_record(crew: Crew) -> None:
    seen: list[int] = []

    async def look(_: Task) -> None:
        seen.append(len(crew.events(Asset.AttemptStarted)))

    crew.stage.before = look
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"
    assert seen == [1]


async def test_bytes_are_stored_before_the_event_names_them(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[bool] = []
    generate = Asset.generate

    def looking(asset: Asset, *arguments: Any, **facts: Any) -> bool:
        stored.append(crew.blobs.exists(facts["digest"]))
        return generate(asset, *arguments, **facts)

    monkeypatch.setattr(Asset, "generate", looking)
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"
    assert stored == [True]


async def test_a_failure_is_placed_where_it_happened(crew: Crew) -> None:
    failing(crew, Failure.of(Code.OVERLOADED, "busy"))
    order = first_order(crew)

    assert await Attempts(crew.workshop()).perform(order) == "failed"

    [event] = crew.events(Asset.AttemptFailed)
    failure = Failure.from_dict(event.failure)
    assert (failure.stage, failure.asset, failure.attempt) == ("script_analysis", "analysis", 1)
    assert failure.model == "text-model"
    assert failure.prompt_digest == order.recipe.prompt_digest
    assert failure.elapsed_s is not None
    assert event.retry_at > event.timestamp


LOST = [Code.TIMEOUT, Code.CONNECTION_LOST]


@pytest.mark.parametrize("code", LOST)
async def test_a_call_that_was_never_answered_is_repeated_unless_the_job_asks_to_stop(
    crew: Crew, code: Code
) -> None:
    failing(crew, Failure.of(code, "nothing came"))
    attempts = Attempts(crew.workshop())

    await attempts.perform(first_order(crew))
    await attempts.perform(first_order(crew, options={"on_lost_call": "stop"}))

    repeated, stopped = crew.events(Asset.AttemptFailed)
    assert repeated.retry_at is not None
    assert stopped.retry_at is None
    assert stopped.failure["code"] == code
    assert stopped.failure["hint"] == CAUSES[Code.LOST_CALL_NOT_REPEATED].hint


@pytest.mark.parametrize("code", [Code.RATE_LIMITED, Code.CONNECTION_FAILED, Code.WRONG_ASPECT])
async def test_stopping_at_lost_calls_leaves_other_retries_alone(crew: Crew, code: Code) -> None:
    failing(crew, Failure.of(code, "told"))
    await Attempts(crew.workshop()).perform(first_order(crew, options={"on_lost_call": "stop"}))
    [event] = crew.events(Asset.AttemptFailed)
    assert event.retry_at is not None
    assert event.failure["hint"] == CAUSES[code].hint


async def test_a_job_that_stops_at_lost_calls_ends_with_the_call_that_was_lost(crew: Crew) -> None:
    failing(crew, Failure.of(Code.TIMEOUT, "nothing came"))
    async with crew.directing():
        job = crew.submit(options={"on_lost_call": "stop"})
        await crew.until_ended(job)
    ended = crew.studio.job(job.id)
    assert ended.failure is not None
    assert (ended.status, ended.failure.code) == ("failed", "timeout")
    assert crew.stage.calls == ["analysis"]


async def test_what_a_call_that_got_no_answer_may_have_cost_is_what_was_reserved(crew: Crew) -> None:
    failing(crew, Failure.of(Code.TIMEOUT, "nothing came"))
    await Attempts(crew.workshop()).perform(first_order(crew))
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.cost_usd, event.usage) == (0.01, None)


async def test_what_was_sent_and_what_came_back_is_kept_of_a_failed_call(crew: Crew) -> None:
    async def fail(_: Task) -> None:
        raise MakeFailedError(
            Failure.of(Code.SAFETY, "no"),
            usage={"total_tokens": 7},
            cost_usd=0.002,
            request=b"the request",
            raw=b"the answer",
        )

    crew.stage.before = fail
    await Attempts(crew.workshop()).perform(first_order(crew))
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.usage, event.cost_usd) == ({"total_tokens": 7}, 0.002)
    assert crew.blobs.get(event.failure["raw_digest"]) == b"the answer"
    assert crew.blobs.get(event.failure["details"]["request_digest"]) == b"the request"


# ---- stores that fail -------------------------------------------------------------------------------


def unwritable(number: int) -> BlobStoreUnavailableError:
    error = BlobStoreUnavailableError("the disk does not take it", "make room")
    error.__cause__ = OSError(number, "told by the system")
    return error


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "blob_store_full"),
        (errno.EDQUOT, "blob_store_full"),
        (errno.EROFS, "blob_store_unavailable"),
    ],
)
async def test_a_paid_answer_that_cannot_be_stored_is_told_with_its_cost_and_not_paid_for_again(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order = first_order(crew)
    tries: list[bytes] = []

    def refuse(data: bytes) -> str:
        tries.append(data)
        raise unwritable(number)

    monkeypatch.setattr(crew.blobs, "put", refuse)
    assert await Attempts(crew.workshop()).perform(order) == "failed"

    [event] = crew.events(Asset.AttemptFailed)
    assert len(tries) == 3, "the answer is offered again; the provider is not asked again"
    assert (event.failure["code"], event.retry_at) == (code, None)
    assert (event.cost_usd, event.usage) == (0.01, {"total_tokens": 10})
    assert event.failure["hint"] == "make room"


async def test_a_store_that_recovers_takes_the_answer_that_waited(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order, put = first_order(crew), crew.blobs.put
    refusals = iter([True])

    def hesitate(data: bytes) -> str:
        if next(refusals, False):
            raise unwritable(errno.ENOSPC)
        return put(data)

    monkeypatch.setattr(crew.blobs, "put", hesitate)
    assert await Attempts(crew.workshop()).perform(order) == "generated"
    assert crew.stage.calls == ["analysis"]


async def test_an_input_that_is_gone_is_named(crew: Crew) -> None:
    order = first_order(crew)
    assert order.recipe.prompt_digest is not None
    await asyncio.to_thread(crew.blobs.path(order.recipe.prompt_digest).unlink)

    assert await Attempts(crew.workshop()).perform(order) == "failed"

    [event] = crew.events(Asset.AttemptFailed)
    assert event.failure["code"] == "blob_missing"
    assert order.recipe.prompt_digest in event.failure["message"]
    assert event.cost_usd == 0
    assert crew.stage.calls == [], "nobody was asked"


async def test_a_failure_whose_papers_cannot_be_stored_is_recorded_all_the_same(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = first_order(crew)

    async def fail(_: Task) -> None:
        raise MakeFailedError(Failure.of(Code.SAFETY, "no"), request=b"sent", raw=b"came")

    def refuse(_: bytes) -> str:
        raise BlobMissingError("sha256:0")

    crew.stage.before = fail
    monkeypatch.setattr(crew.blobs, "put", refuse)
    await Attempts(crew.workshop()).perform(order)
    [event] = crew.events(Asset.AttemptFailed)
    assert event.failure["code"] == "safety"
    assert "sha256:0" in event.failure["details"]["request_and_answer_not_kept"]


async def test_an_outcome_waits_until_the_event_store_takes_it(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order, change = first_order(crew), crew.studio.change_assets
    troubles = iter([None, OperationalError("locked"), InterfaceError("connection closed")])

    def hesitate(*arguments: Any) -> Any:
        if (trouble := next(troubles, None)) is not None:
            raise trouble
        return change(*arguments)

    monkeypatch.setattr(crew.studio, "change_assets", hesitate)
    assert await Attempts(crew.workshop()).perform(order) == "generated"
    assert len(crew.events(Asset.Generated)) == 1
    assert crew.stage.calls == ["analysis"]


# ---- cancelling -------------------------------------------------------------------------------------


async def test_cancelling_a_job_ends_its_attempts_and_no_others(crew: Crew) -> None:
    begun = [asyncio.Event(), asyncio.Event()]
    waiting = iter(begun)
    go_on = asyncio.Event()

    async def wait(_: Task) -> None:
        next(waiting).set()
        await go_on.wait()

    crew.stage.before = wait
    attempts = Attempts(crew.workshop())
    mine, other = first_order(crew), first_order(crew)
    both = asyncio.gather(attempts.perform(mine), attempts.perform(other))
    await asyncio.gather(*(event.wait() for event in begun))

    assert attempts.cancel(mine.brief.job_id) == 1
    go_on.set()

    assert list(await both) == ["cancelled", "generated"]
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.failure["code"], event.retry_at, event.cost_usd) == ("cancelled", None, 0.01)
    assert attempts.running == []


async def test_the_time_that_a_call_waited_for_its_model_is_on_record(crew: Crew) -> None:
    order = replace(first_order(crew), throttled_s=2.5)
    await Attempts(crew.workshop()).perform(order)
    [event] = crew.events(Asset.Generated)
    assert event.provenance["throttled_s"] == 2.5


async def test_what_was_made_by_hand_is_stored_from_its_file(
    crew: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "film.mp4"
    file.write_bytes(b"a film")

    async def make(_: Task) -> Made:
        return Made(file, "video/mp4", {"scenes": []})

    monkeypatch.setattr(crew.stage, "make", make)
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"
    [event] = crew.events(Asset.Generated)
    assert crew.blobs.get(event.digest) == b"a film"
    assert (event.bytes, event.media_type) == (6, "video/mp4")


# ---- whatever an attempt raises ---------------------------------------------------------------------


class Panic(BaseException):
    """As the extensions written in Rust raise it: no Exception."""


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a defect"),
        AssertionError(),
        OSError(errno.EMFILE, "too many open files"),
        asyncio.CancelledError(),
        Panic("in an extension"),
    ],
    ids=repr,
)
async def test_an_unforeseen_error_of_a_paid_call_ends_in_an_event_and_counts_as_charged(
    crew: Crew, error: BaseException
) -> None:
    async def fail(_: Task) -> None:
        raise error

    crew.stage.before = fail
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "failed"
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.failure["code"], event.failure["may_have_been_billed"]) == ("internal_error", True)
    assert event.cost_usd == 0.01, "what was reserved for it"
    assert type(error).__name__ in event.failure["message"]


async def test_what_fails_before_anybody_is_asked_costs_nothing(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = first_order(crew)

    def broken(_: str) -> bytes:
        raise ValueError("a defect")

    monkeypatch.setattr(crew.blobs, "get", broken)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.failure["may_have_been_billed"], event.cost_usd) == (False, 0.0)


async def test_the_end_of_the_worker_itself_is_left_to_the_director(crew: Crew) -> None:
    begun = asyncio.Event()

    async def wait(_: Task) -> None:
        begun.set()
        await asyncio.Event().wait()

    crew.stage.before = wait
    performing = asyncio.create_task(Attempts(crew.workshop()).perform(first_order(crew)))
    await begun.wait()
    performing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await performing
    assert crew.events(Asset.AttemptFailed) == []


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EMFILE, errno.ENOMEM, errno.ETIMEDOUT, errno.ENOSPC])
async def test_a_system_error_after_a_good_answer_keeps_what_it_cost(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order = first_order(crew)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "told by the system")

    monkeypatch.setattr("actors.work.temporary_files.create", refuse)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    [event] = crew.events(Asset.AttemptFailed)
    assert event.failure["code"].startswith("blob_store_")
    assert (event.cost_usd, event.usage, event.retry_at) == (0.01, {"total_tokens": 10}, None)
    assert crew.asset(crew.studio.job(order.brief.job_id), "analysis").spent_usd == 0.01


async def test_an_unforeseen_error_while_a_paid_answer_is_stored_keeps_what_it_cost(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order = first_order(crew)

    def refuse(_: bytes) -> str:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(crew.blobs, "put", refuse)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.cost_usd, event.usage, event.retry_at) == (0.01, {"total_tokens": 10}, None)


@pytest.mark.parametrize("error", [OSError(errno.ESTALE, "stale"), RuntimeError("no thread")])
async def test_papers_that_cannot_be_stored_for_any_reason_hold_up_no_failure(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    order = first_order(crew)

    async def fail(_: Task) -> None:
        raise MakeFailedError(Failure.of(Code.SAFETY, "no"), cost_usd=0.002, usage={"n": 1}, raw=b"came")

    def refuse(_: bytes) -> str:
        raise error

    crew.stage.before = fail
    monkeypatch.setattr(crew.blobs, "put", refuse)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    [event] = crew.events(Asset.AttemptFailed)
    assert (event.failure["code"], event.cost_usd) == ("safety", 0.002)
    assert event.failure["details"]["request_and_answer_not_kept"]


async def test_an_outcome_that_cannot_be_recorded_gives_way_to_a_failure_that_keeps_the_cost(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)

    async def make(_: Task) -> Made:
        return Made(b"made", "text/plain", {}, usage={"total_tokens": 7}, cost_usd=0.004)

    def refuse(*_: object, **__: object) -> None:
        raise TypeError("this is no JSON")

    monkeypatch.setattr(crew.stage, "make", make)
    monkeypatch.setattr(Asset, "generate", refuse)
    await Attempts(crew.workshop()).perform(first_order(crew))
    [event] = crew.events(Asset.AttemptFailed)
    assert event.failure["code"] == "internal_error"
    assert "could not be recorded" in event.failure["message"]
    assert event.failure["prompt_digest"] == crew.blobs.put(b"make analysis")
    assert (event.cost_usd, event.usage, event.retry_at) == (0.004, {"total_tokens": 7}, None)


async def test_an_outcome_that_others_were_before_twenty_times_is_recorded_all_the_same(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order, change = first_order(crew), crew.studio.change_assets
    troubles = iter([None, *[ConflictError("twenty")] * 5])

    def hesitate(*arguments: Any) -> Any:
        if (trouble := next(troubles, None)) is not None:
            raise trouble
        return change(*arguments)

    monkeypatch.setattr(crew.studio, "change_assets", hesitate)
    assert await Attempts(crew.workshop()).perform(order) == "generated"


async def test_a_cancellation_that_comes_before_the_call_leaves_nobody_asked(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from another thread: between the look at the flag and the call there is no gap."""
    attempts = Attempts(crew.workshop())
    order = first_order(crew)

    def between(point: str, _: str) -> None:
        if point == "before:making":
            assert attempts.cancel(order.brief.job_id) == 1

    monkeypatch.setattr("actors.work.attempt.reached", between)
    assert await attempts.perform(order) == "cancelled"
    [event] = crew.events(Asset.AttemptFailed)
    assert (crew.stage.calls, event.cost_usd) == ([], 0.0)


# ---- orders that come twice -------------------------------------------------------------------------


async def test_the_same_order_given_twice_to_one_worker_is_one_call(crew: Crew) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Task) -> None:
        if not begun.is_set():
            begun.set()
            await go_on.wait()

    crew.stage.before = wait
    attempts, order = Attempts(crew.workshop()), first_order(crew)
    first = asyncio.create_task(attempts.perform(order))
    await begun.wait()
    second = await attempts.perform(order)
    go_on.set()
    assert (await first, second) == ("generated", "stale")
    assert crew.stage.calls == ["analysis"]


async def test_a_start_that_was_stored_and_not_acknowledged_is_gone_on_with(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store went away after it had taken the event: given up, the attempt would be open for ever."""
    monkeypatch.setattr("actors.work.workshop.APPEND_RETRY_S", 0.01)
    order, change = first_order(crew), crew.studio.change_assets
    troubles = iter([InterfaceError("the connection broke")])

    def unacknowledged(*arguments: Any) -> Any:
        told = change(*arguments)
        if (trouble := next(troubles, None)) is not None:
            raise trouble
        return told

    monkeypatch.setattr(crew.studio, "change_assets", unacknowledged)
    assert await Attempts(crew.workshop()).perform(order) == "generated"
    assert len(crew.events(Asset.AttemptStarted)) == 1
    assert crew.stage.calls == ["analysis"]
