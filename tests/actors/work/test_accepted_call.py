"""A call that is accepted first and answered later: one request, one receipt, one bill, whatever happens."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.gemini.gateway import Json, WireAnswer
from actors.gemini.interactions import InteractionRequest, shot_request
from actors.gemini.requests import Reference
from actors.work.asking import Asking
from actors.work.provider_call import Provider
from actors.work.stage import Made, MakeFailedError, Plan, Task
from domain import checkpoints
from domain.asset_parts import Receipt
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.staging import Staging

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
MODEL = "gemini-omni-1.2-flash"
FILM = b"\x00\x00\x00\x18ftypisom" + b"film" * 100
ID = "v1_abc"
USAGE = {
    "total_input_tokens": 1000,
    "total_output_tokens": 11_000,
    "output_tokens_by_modality": [{"modality": "video", "tokens": 10_000}],
    "total_thought_tokens": 500,
    "total_tokens": 12_500,
}
VIDEO = {
    "type": "video",
    "mime_type": "video/mp4",
    "uri": "https://x.example/v1beta/files/f1:download?alt=media",
}
BROKEN_FILE = {
    "name": "files/f1",
    "state": "FAILED",
    "error": {"code": 13, "message": "It could not be read."},
}
BUSY = {"error": {"code": "too_many_requests", "message": "Please retry in 0.01s."}}
LOST = AttemptFailedError(Failure.of(Code.CONNECTION_LOST, "gone"))
NO_NETWORK = AttemptFailedError(Failure.of(Code.CONNECTION_FAILED, "nothing there"))

Said = Json | tuple[int, Any] | AttemptFailedError
"""A body, a status with one, or no answer."""


def standing(status: str, **more: Any) -> Json:
    return {"id": ID, "object": "interaction", "status": status, "model": MODEL, **more}


def done(*contents: Json, **more: Any) -> Json:
    steps = [
        {"type": "thought", "signature": "s" * 1000},
        {"type": "model_output", "content": list(contents)},
    ]
    return standing("completed", steps=steps, **{"usage": USAGE, **more})


READY: list[Said] = [{"name": "files/f1", "state": "ACTIVE"}]


class Api:
    """A provider that says what it was told to, in order; the last of each for ever."""

    capabilities: frozenset[str] = frozenset()

    def __init__(
        self,
        created: Said = standing("in_progress"),  # noqa: B008 - never changed
        polls: list[Said] | None = None,
        files: list[Said] | None = None,
        downloads: list[Said] | None = None,
    ) -> None:
        self.said: dict[str, list[Said]] = {
            "create": [created],
            "poll": polls or [done(VIDEO)],
            "file": files or READY,
            "download": downloads or [{}],
            "cancel": [standing("cancelled")],
        }
        self.calls: list[str] = []
        self.cancelled: list[str] = []
        self.on_call: Callable[[str], Any] = lambda _: None

    async def _answer(self, what: str) -> WireAnswer:
        self.calls.append(what)
        await asyncio.sleep(0)
        self.on_call(what)
        turns = self.said[what]
        said = turns.pop(0) if len(turns) > 1 else turns[0]
        if isinstance(said, AttemptFailedError):
            raise said
        status, body = said if isinstance(said, tuple) else (200, said)
        return WireAnswer(status, {}, json.dumps(body).encode(), 0.1)

    async def interact(self, body: Json, timeout_s: float) -> WireAnswer:
        assert timeout_s > 0
        assert body["background"]
        return await self._answer("create")

    async def interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        assert (call_id, timeout_s > 0) == (ID, True)
        return await self._answer("poll")

    async def cancel_interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        assert timeout_s <= 5
        self.cancelled.append(call_id)
        return await self._answer("cancel")

    async def file(self, name: str, timeout_s: float) -> WireAnswer:
        assert ("files/f1" in name, timeout_s > 0) == (True, True)
        return await self._answer("file")

    async def download(self, name: str, target: Path, timeout_s: float) -> WireAnswer:
        assert ("files/f1" in name, timeout_s > 0) == (True, True)
        answer = await self._answer("download")
        if answer.status == 200:
            await asyncio.to_thread(target.write_bytes, FILM)
        return answer

    async def close(self) -> None:
        pass


class Worker:
    """One worker with a task for a shot, and a record of its receipts."""

    def __init__(
        self, staging: Staging, api: Api, *, receipt: Receipt | None = None, now: datetime = NOW
    ) -> None:
        self.now = now
        self.receipts: list[Receipt] = []
        self.api = api
        asking = Asking(poll_s=0.001)
        self.provider = Provider(lambda: api, PRICES, lambda: self.now, asking)  # type: ignore[arg-type,return-value]
        plan = Plan(model=MODEL, prompt="The tram leaves.", reservation_usd=1.25)
        task = staging.task("image:1", plan, staging.brief())
        self.task: Task = replace(task, receipt=receipt, accept=self.accept)

    async def accept(self, receipt: Receipt) -> None:
        self.api.calls.append("accept")
        self.receipts.append(receipt)

    async def make(self, *, check: Any = lambda _: None, most_s: float = 60) -> Made:
        return await self.provider.accepted(
            self.task,
            request(),
            most_s=most_s,
            check=check,
            present=lambda path: (path, "video/mp4", {"duration_s": 5.0}),
        )

    async def failed(self, **how: Any) -> MakeFailedError:
        with pytest.raises(MakeFailedError) as raised:
            await self.make(**how)
        return raised.value


def request() -> InteractionRequest:
    picture = Reference(b"picture" * 100, "image/png")
    return shot_request(
        MODEL, "It leaves.", first_frame=picture, aspect_ratio="16:9", resolution="360p", seconds=5
    )


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path)


def receipt(age: timedelta = timedelta(minutes=1)) -> Receipt:
    accepted_at = NOW - age
    return Receipt(ID, accepted_at, accepted_at + timedelta(hours=24))


# One call -------------------------------------------------------------------------------------------------


async def test_a_call_is_made_once_its_receipt_kept_before_it_is_asked_for_and_its_file_fetched(
    staging: Staging,
) -> None:
    api = Api(polls=[standing("queued"), standing("in_progress"), done(VIDEO)])
    worker = Worker(staging, api)
    made = await worker.make()
    assert api.calls == ["create", "accept", "poll", "poll", "poll", "file", "download"]
    assert worker.receipts == [Receipt(ID, NOW, NOW + timedelta(hours=24))]
    assert isinstance(made.data, Path)
    assert made.data.read_bytes() == FILM
    assert (made.media_type, made.facts) == ("video/mp4", {"duration_s": 5.0})
    assert made.provenance == {
        "model": MODEL,
        "model_version": MODEL,
        "response_id": ID,
        "call_id": ID,
        "finish_reason": "completed",
        "call_s": 0.0,
    }
    assert made.usage is not None
    assert made.usage["by_modality"] == {"VIDEO": 10_000}
    assert made.cost_usd == pytest.approx((1000 * 1.5 + 10_000 * 12 + 1500 * 9) / 1e6)
    assert base64.b64encode(b"picture") not in (made.request or b"")
    assert json.loads(made.request or b"")["response_format"]["duration"] == "5s"
    assert json.loads(made.raw or b"")["steps"][0] == {"type": "thought"}


async def test_who_has_a_receipt_asks_at_once_and_never_calls(staging: Staging) -> None:
    worker = Worker(staging, Api(), receipt=receipt(timedelta(minutes=2)))
    made = await worker.make()
    assert worker.api.calls == ["poll", "file", "download"]
    assert made.provenance["call_s"] == 120.0, "from the acceptance on, whoever asks"


async def test_a_video_that_comes_along_needs_no_file(staging: Staging) -> None:
    inline = {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(FILM).decode()}
    api = Api(polls=[done(inline)])
    made = await Worker(staging, api).make()
    assert isinstance(made.data, Path)
    assert made.data.read_bytes() == FILM
    assert "file" not in api.calls


async def test_an_answer_without_usage_costs_what_was_reserved(staging: Staging) -> None:
    made = await Worker(staging, Api(polls=[done(VIDEO, usage=None)])).make()
    assert (made.usage, made.cost_usd) == (None, 1.25)


# What is no failed attempt --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        (429, BUSY),
        (200, BUSY),
        (500, {"error": {"code": "internal", "message": "Oh."}}),
        (503, {"error": {"code": 503, "message": "Busy.", "status": "UNAVAILABLE"}}),
        (200, "no object"),
        (404, {"error": {"code": "not_found", "message": "Not yet."}}),
        LOST,
        NO_NETWORK,
        AttemptFailedError(Failure.of(Code.TIMEOUT, "late")),
    ],
)
async def test_a_poll_that_fails_is_made_again(trouble: Said, staging: Staging) -> None:
    api = Api(polls=[trouble, standing("in_progress"), trouble, done(VIDEO)])
    made = await Worker(staging, api).make()
    assert api.calls.count("create") == 1
    assert api.calls.count("poll") == 4
    assert isinstance(made.data, Path)


@pytest.mark.parametrize("trouble", [(429, BUSY), (503, {"error": {"code": 503, "message": "Busy"}}), LOST])
async def test_so_is_the_question_for_a_file_and_its_download(trouble: Said, staging: Staging) -> None:
    processing: Said = {"name": "files/f1", "state": "PROCESSING"}
    api = Api(files=[processing, trouble, *READY], downloads=[trouble, {}])
    made = await Worker(staging, api).make()
    assert api.calls == [
        *("create", "accept", "poll"),
        *("file", "file", "file"),
        *("download", "download"),
    ]
    assert isinstance(made.data, Path)
    assert made.data.read_bytes() == FILM


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was waited between looks, which takes no time."""
    noted: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        if seconds:
            noted.append(seconds)
        await sleep(0)

    monkeypatch.setattr("actors.work.accepted_call.asyncio.sleep", note)
    return noted


async def test_pauses_are_a_share_of_the_time_waited_and_never_shorter_than_asked_for(
    staging: Staging, pauses: list[float]
) -> None:
    """Fails where pauses grow by themselves: the end of a shot of 40 s was seen up to 12 s late."""
    wait = {"error": {"code": "too_many_requests", "message": "Please retry in 23.397s."}}
    polls: list[Said] = [*[standing("in_progress") for _ in range(79)], (429, wait), done(VIDEO)]
    worker = Worker(staging, Api(polls=polls))
    worker.provider.asking = Asking(poll_s=2.0)
    await worker.make(most_s=900)
    assert len(pauses) == 81
    waited = 0.0
    for pause in pauses[:-1]:
        least = min(max(2.0, waited / 25), 10.0)
        assert least <= pause <= 1.2 * least
        waited += pause
    assert waited > 250, "the longest pause is reached"
    assert 23.397 <= pauses[-1] <= 1.2 * 23.397


async def test_who_takes_a_call_over_waits_as_long_as_whoever_waited_before(
    staging: Staging, pauses: list[float]
) -> None:
    worker = Worker(
        staging, Api(polls=[standing("in_progress"), done(VIDEO)]), receipt=receipt(timedelta(minutes=2))
    )
    worker.provider.asking = Asking(poll_s=2.0)
    await worker.make(most_s=600)
    [pause] = pauses
    assert 4.8 <= pause <= 1.2 * 4.9


# What ends it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "code", "billed"),
    [
        ((400, {"error": {"code": "invalid_request", "message": "Unknown parameter"}}), "bad_request", False),
        ((429, BUSY), "rate_limited", False),
        ((503, {"error": {"code": "unavailable", "message": "Busy"}}), "overloaded", False),
        ((500, {"error": {"code": "internal", "message": "Oh."}}), "provider_error", True),
        ((200, {"status": "in_progress"}), "malformed_body", True),
        (LOST, "connection_lost", True),
        (NO_NETWORK, "connection_failed", False),
    ],
)
async def test_what_is_not_accepted_has_no_receipt_and_is_not_asked_for(
    created: Said, code: str, *, billed: bool, staging: Staging
) -> None:
    worker = Worker(staging, Api(created))
    error = await worker.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == (code, billed)
    assert error.failure.model == MODEL
    assert error.request
    assert worker.api.calls == ["create"]


async def test_a_call_that_the_provider_gives_up_may_be_billed_and_costs_what_it_counted(
    staging: Staging,
) -> None:
    refusal = standing("failed", errors=[{"code": "internal", "message": "Broke."}], usage=USAGE)
    error = await Worker(staging, Api(polls=[refusal])).failed()
    assert (error.failure.code, error.failure.message) == ("provider_error", "Broke.")
    assert error.failure.may_have_been_billed
    assert error.failure.response_id == ID
    assert error.cost_usd == pytest.approx((1000 * 1.5 + 10_000 * 12 + 1500 * 9) / 1e6)
    assert json.loads(error.raw or b"")["status"] == "failed"


async def test_one_that_is_complete_and_empty_costs_what_it_counted(staging: Staging) -> None:
    empty = done(usage={"total_input_tokens": 1000, "total_output_tokens": 0, "total_tokens": 1000})
    error = await Worker(staging, Api(polls=[empty])).failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("no_shot", True)
    assert (error.failure.http_status, error.failure.finish_reason) == (200, "completed")
    assert error.cost_usd == pytest.approx(1000 * 1.5 / 1e6)


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": 0}, {"total_tokens": 1000}])
async def test_one_that_tells_no_count_is_left_to_its_reservation(
    usage: Json | None, staging: Staging
) -> None:
    error = await Worker(staging, Api(polls=[standing("failed", usage=usage)])).failed()
    assert (error.usage, error.failure.may_have_been_billed) == (None, True)


@pytest.mark.parametrize("status", ["failed", "completed"])
async def test_what_is_counted_is_charged_though_no_total_is_told(status: str, staging: Staging) -> None:
    used = {"total_input_tokens": 1000, "total_thought_tokens": 200}
    empty = done(usage=used) if status == "completed" else standing(status, usage=used)
    error = await Worker(staging, Api(polls=[empty])).failed()
    assert error.failure.may_have_been_billed
    assert error.cost_usd == pytest.approx((1000 * 1.5 + 200 * 9) / 1e6)
    assert error.usage is not None


async def test_a_call_that_the_provider_does_not_know_any_more_is_lost(staging: Staging) -> None:
    gone = (404, {"error": {"code": "not_found", "message": "No such interaction."}})
    worker = Worker(staging, Api(polls=[gone]), receipt=receipt())
    error = await worker.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("call_lost", True)
    assert worker.api.calls == ["poll", "poll"]
    assert "No such interaction." in error.failure.message
    assert (error.failure.http_status, error.failure.provider_status) == (404, "not_found")
    assert json.loads(error.raw or b"") == gone[1], "what says so is kept"
    assert error.failure.elapsed_s == 60.0, "from the acceptance on"


@pytest.mark.parametrize("pending", [standing("in_progress"), (503, BUSY), LOST])
async def test_an_expired_receipt_is_asked_for_once_more_and_then_lost(
    pending: Said, staging: Staging
) -> None:
    worker = Worker(staging, Api(polls=[pending]), receipt=receipt(timedelta(hours=25)))
    worker.task = replace(worker.task, last_asking=True)
    error = await worker.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("call_lost", True)
    assert worker.api.calls == ["poll"]


async def test_one_that_was_answered_meanwhile_is_fetched(staging: Staging) -> None:
    worker = Worker(staging, Api(), receipt=receipt(timedelta(hours=25)))
    worker.task = replace(worker.task, last_asking=True)
    assert isinstance((await worker.make()).data, Path)


async def test_a_receipt_that_expires_while_it_is_asked_for_is_lost_too(staging: Staging) -> None:
    api = Api(polls=[standing("in_progress")])
    worker = Worker(staging, api, receipt=receipt(timedelta(hours=23)))

    def later(_: str) -> None:
        worker.now += timedelta(minutes=25)

    api.on_call = later
    error = await worker.failed()
    assert error.failure.code == "call_lost"
    assert api.calls == ["poll"] * 4


async def test_a_call_that_takes_too_long_is_cancelled_and_may_be_billed(staging: Staging) -> None:
    worker = Worker(staging, Api(polls=[standing("in_progress")]))
    error = await worker.failed(most_s=0.0)
    assert (error.failure.code, error.failure.may_have_been_billed) == ("timeout", True)
    assert worker.api.cancelled == [ID]


async def test_what_kept_it_from_being_answered_in_time_is_told(staging: Staging) -> None:
    error = await Worker(staging, Api(polls=[(503, BUSY)])).failed(most_s=0.0)
    assert (error.failure.code, error.failure.http_status) == ("timeout", 503)
    assert error.failure.provider_status == "too_many_requests"
    assert json.loads(error.raw or b"") == BUSY


async def test_a_key_that_is_refused_ends_it_and_it_may_be_billed(staging: Staging) -> None:
    refusal = (400, {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}})
    worker = Worker(staging, Api(polls=[refusal]))
    error = await worker.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("invalid_api_key", True)
    assert worker.api.calls.count("poll") == 1
    assert json.loads(error.raw or b"") == refusal[1]


@pytest.mark.parametrize(
    ("files", "downloads", "code", "status", "said"),
    [
        ([BROKEN_FILE], None, "provider_error", 200, "It could not be read."),
        (
            [(403, {"error": {"code": 403, "message": "It may not exist."}})],
            None,
            "call_lost",
            403,
            "may not",
        ),
        (None, [(302, {})], "malformed_body", 302, ""),
        (None, [(404, {"error": {"code": 404, "message": "Gone."}})], "call_lost", 404, "Gone."),
    ],
)
async def test_a_file_that_cannot_be_had_costs_what_was_counted_and_what_was_said_of_it_is_kept(
    files: list[Said] | None,
    downloads: list[Said] | None,
    code: str,
    status: int,
    said: str,
    staging: Staging,
) -> None:
    error = await Worker(staging, Api(files=files, downloads=downloads)).failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == (code, True)
    assert (error.failure.http_status, error.failure.finish_reason) == (status, "completed")
    assert said in error.failure.message
    assert said in (error.raw or b"").decode()
    assert error.cost_usd == pytest.approx((1000 * 1.5 + 10_000 * 12 + 1500 * 9) / 1e6)


async def test_a_file_that_fails_its_check_is_a_failed_attempt_that_was_paid_for(staging: Staging) -> None:
    def check(path: Path) -> None:
        assert path.read_bytes() == FILM
        raise AttemptFailedError(Failure.of(Code.WRONG_ASPECT, "It is square."))

    error = await Worker(staging, Api()).failed(check=check)
    assert (error.failure.code, error.failure.may_have_been_billed) == ("wrong_aspect", True)
    assert error.failure.details["usage"]["by_modality"] == {"VIDEO": 10_000}
    assert (error.failure.http_status, error.failure.finish_reason) == (200, "completed")
    assert error.failure.details["model_version"] == MODEL
    assert error.cost_usd is not None
    assert error.cost_usd > 0


async def test_a_receipt_that_cannot_be_kept_may_have_been_billed(staging: Staging) -> None:
    worker = Worker(staging, Api())

    async def fail(_: Receipt) -> None:
        raise OSError("the log is gone")

    worker.task = replace(worker.task, accept=fail)
    error = await worker.failed()
    assert error.failure.may_have_been_billed
    assert worker.api.calls == ["create"]


@pytest.mark.parametrize("answer", [standing("cancelled"), LOST])
async def test_a_call_that_nobody_needs_once_it_is_accepted_is_cancelled_once(
    answer: Said, staging: Staging
) -> None:
    api = Api()
    api.said["cancel"] = [answer]
    worker = Worker(staging, api)

    async def refuse(_: Receipt) -> None:
        raise AttemptFailedError(Failure.of(Code.SUPERSEDED, "nobody needs it"))

    worker.task = replace(worker.task, accept=refuse)
    error = await worker.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("superseded", True)
    assert worker.api.calls == ["create", "cancel"]


# Cancelling -----------------------------------------------------------------------------------------------


async def cancelled_at(worker: Worker, call: str, *, job: bool = True) -> None:
    """Cancel the attempt while this is asked for."""
    making = asyncio.ensure_future(worker.make())

    def cancel(what: str) -> None:
        if what == call:
            if job:
                worker.task.cancelled.set()
            making.cancel()

    worker.api.on_call = cancel
    with pytest.raises(asyncio.CancelledError):
        await making


@pytest.mark.parametrize("moment", ["create", "poll", "file", "download"])
async def test_a_cancelled_job_cancels_the_call_at_the_provider_once(moment: str, staging: Staging) -> None:
    worker = Worker(staging, Api(polls=[standing("in_progress"), done(VIDEO)]))
    await cancelled_at(worker, moment)
    assert worker.api.cancelled == [ID]
    assert worker.api.calls.count("create") == 1


async def test_a_provider_that_refuses_to_cancel_changes_nothing(staging: Staging) -> None:
    api = Api(polls=[standing("in_progress")])
    api.said["cancel"] = [LOST]
    worker = Worker(staging, api)
    await cancelled_at(worker, "poll")
    assert api.cancelled == [ID]


async def test_a_worker_that_ends_leaves_the_call_to_the_next(staging: Staging) -> None:
    worker = Worker(staging, Api(polls=[standing("in_progress")]))
    await cancelled_at(worker, "poll", job=False)
    assert worker.api.cancelled == []


async def test_a_call_of_a_job_that_was_cancelled_meanwhile_is_only_cancelled(
    staging: Staging,
) -> None:
    worker = Worker(staging, Api(), receipt=receipt())
    worker.task.cancelled.set()
    making = asyncio.ensure_future(worker.make())
    await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert worker.api.cancelled == [ID]
    assert "create" not in worker.api.calls


# Moments at which a process may die -----------------------------------------------------------------------


@pytest.fixture
def moments() -> Iterator[list[tuple[str, str]]]:
    seen: list[tuple[str, str]] = []
    end = checkpoints.watch(lambda point, about: seen.append((point, about)))
    yield seen
    end()


async def test_every_step_is_a_moment_with_a_name(staging: Staging, moments: list[tuple[str, str]]) -> None:
    await Worker(staging, Api()).make()
    named = ["before:asking", "after:asking", "before:polling", "after:polling", "after:downloading"]
    assert [point for point in moments if point[0] in named] == [(point, "image:1") for point in named]
    assert set(named) <= set(checkpoints.SIDE_EFFECTS)
