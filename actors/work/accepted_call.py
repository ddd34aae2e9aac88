"""One paid call that is accepted first and answered later: ask, keep the receipt, poll, fetch what was made.

The money is spent when the call is accepted, minutes before there is anything to see. So the receipt is on
record before the first poll, and from then on nothing but the provider's own word ends the attempt: a poll
that fails (no network, a rate limit, an error inside) is made again, later. Who has a receipt already, as
the worker that asked is dead, begins by polling and never calls.

Polls come at growing intervals, a share of the time waited so far: what a call took is what its film waits,
and little more. Each is a little off, so that many calls do not poll in step, and as late as the provider
asks for. Rejected: the provider's webhooks, which would need an address that Google can reach; and deleting a
call at the provider once it is fetched: a crash before that is stored would lose what was paid.

Longer than other modules, as the ways in which one call ends are read side by side.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from actors.gemini.gateway import Gateway, WireAnswer
from actors.gemini.http_failures import failure_of_http
from actors.gemini.interactions import (
    FileState,
    Interaction,
    InteractionRequest,
    Standing,
    read_file_error,
    read_file_state,
    read_interaction,
    video_bytes,
)
from actors.gemini.redact import redacted_json, redacted_raw
from actors.work.attempt_failures import failure_of_exception
from actors.work.stage import Made, MakeFailedError, Task
from domain.asset_parts import Receipt
from domain.checkpoints import reached
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import Usage

KEPT = timedelta(hours=24)
"""How long a provider is trusted to know a call; it keeps those of a free key for a day."""
ASKING_TIMEOUT_S = 180.0
"""A request holds pictures, and is answered once it is queued."""
QUESTION_TIMEOUT_S = 60.0
DOWNLOAD_TIMEOUT_S = 600.0
CANCELLING_S = 5.0
SHARE = 1 / 25
"""Of the time waited so far, how long until the next look: so much later an answer is seen at most."""
LONGEST = 5
"""The longest interval, as a multiple of the first."""
UNKNOWN_TWICE = 2
"""How often in a row a call or file is unknown before that is believed: what is new may not be known at once.
"""

_FOR_GOOD = frozenset(
    {
        Code.INVALID_API_KEY,
        Code.API_KEY_LEAKED,
        Code.ACCOUNT_SUSPENDED,
        Code.API_NOT_ENABLED,
        Code.REGION_NOT_SUPPORTED,
        Code.BAD_REQUEST,
        Code.CAPABILITY_MISSING,
    }
)
"""Refusals of a question that another one would meet as well."""
_UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE)
"""How the API speaks of what it does not have: of files it says that they may not be seen."""

T = TypeVar("T")
Check = Callable[[Path], None]
Present = Callable[[Path], tuple[bytes | Path, str, dict[str, Any]]]
Cost = Callable[[str, str | None, Usage], float | None]
Charged = Callable[[Failure, str, str | None, Usage | None, bytes, bytes | None], MakeFailedError]
"""A failed call with what it cost: of a model, answered by another, with what was used, sent and received."""


@dataclass
class AcceptedCall:
    """One call, made or taken over by this worker."""

    gateway: Gateway
    task: Task
    request: InteractionRequest
    clock: Callable[[], datetime]
    cost: Cost
    charged: Charged
    poll_s: float
    most_s: float
    chance: Callable[[], float] = random.random
    _receipt: Receipt | None = None
    _call_id: str | None = None
    _sent: bytes = b""
    _raw: bytes = b""
    _answer: WireAnswer | None = field(default=None, repr=False)
    """The latest one to a question about the call or its file."""
    _done: Interaction | None = field(default=None, repr=False)
    _until: float = 0.0
    _waited_s: float = 0.0

    def __post_init__(self) -> None:
        self._receipt = self.task.receipt
        self._call_id = self._receipt.call_id if self._receipt else None
        self._waited_s = self._call_s or 0.0

    async def make(self, check: Check, present: Present) -> Made:
        """Make the call, or go on with it, to its end.

        Raises MakeFailedError with everything known of it. Where the job is cancelled meanwhile, or was when
        it was taken over, the provider is asked to cancel the call too, once.
        """
        self._until = asyncio.get_running_loop().time() + self.most_s
        try:
            self._sent = await asyncio.to_thread(redacted_json, self.request.body)
            if self.task.cancelled.is_set():
                raise asyncio.CancelledError  # noqa: TRY301 - as when it comes while the call is waited for
            if self._receipt is None:
                self._receipt = await self._asked()
            await self._waited_for()
            path = await self._fetched()
            await asyncio.to_thread(check, path)
            data, media_type, facts = await asyncio.to_thread(present, path)
        except asyncio.CancelledError:
            if self.task.cancelled.is_set():
                await self.cancel()
            raise
        except MakeFailedError:
            raise
        except AttemptFailedError as error:
            raise self._failed(error.failure.within(may_have_been_billed=True)) from error
        except Exception as error:
            # The call is paid for, or may be: whatever could not be done with it, its cost counts.
            raise self._failed(failure_of_exception(error, may_have_been_billed=True)) from error
        return self._made(data, media_type, facts)

    # ---- to ask -------------------------------------------------------------------------------------

    async def _asked(self) -> Receipt:
        """Make the call, once, and put its receipt on record."""
        reached("before:asking", self._name)
        answer = await self._posted()
        reached("after:asking", self._name)
        self._raw = await asyncio.to_thread(redacted_raw, answer.body)
        try:
            taken = await asyncio.to_thread(read_interaction, answer, self.request.model, created=True)
        except AttemptFailedError as error:
            raise self._failed(error.failure) from error
        self._call_id = taken.id
        now = self.clock()
        receipt = Receipt(taken.id, now, now + KEPT)
        try:
            await self.task.accept(receipt)
        except AttemptFailedError:  # nobody needs its answer any more
            await self.cancel()
            raise
        return receipt

    async def _posted(self) -> WireAnswer:
        post = asyncio.ensure_future(self.gateway.interact(self.request.body, ASKING_TIMEOUT_S))
        try:
            return await asyncio.shield(post)
        except asyncio.CancelledError:
            if self.task.cancelled.is_set():
                # It may be accepted in this moment: without its id nobody could cancel it.
                await self._learn_id(post)
            post.cancel()
            raise
        except AttemptFailedError as error:
            raise self._failed(error.failure) from error
        except Exception as error:
            raise self._failed(failure_of_exception(error, may_have_been_billed=True)) from error

    async def _learn_id(self, post: "asyncio.Future[WireAnswer]") -> None:
        with contextlib.suppress(AttemptFailedError, TimeoutError):
            answer = await asyncio.wait_for(asyncio.shield(post), CANCELLING_S)
            self._call_id = read_interaction(answer, self.request.model, created=True).id

    async def cancel(self) -> None:
        """Ask the provider to cancel the call: once, and for a moment. What it says changes nothing."""
        if self._call_id is None:
            return
        with contextlib.suppress(AttemptFailedError, TimeoutError):
            async with asyncio.timeout(CANCELLING_S):
                await self.gateway.cancel_interaction(self._call_id, CANCELLING_S)

    # ---- to wait ------------------------------------------------------------------------------------

    async def _waited_for(self) -> None:
        reached("before:polling", self._name)
        if self.task.receipt is None:  # it was accepted a moment ago
            await self._pause(self.poll_s)
        self._done = await self._answer_of(self._question)
        reached("after:polling", self._name)

    async def _question(self) -> Interaction | None:
        assert self._call_id is not None
        answer = self._answer = await self.gateway.interaction(self._call_id, QUESTION_TIMEOUT_S)
        # A thought's signature may be of megabytes, and a shot may come along.
        interaction = await asyncio.to_thread(read_interaction, answer, self.request.model)
        if interaction.standing is Standing.PENDING:
            return None
        self._raw = await asyncio.to_thread(redacted_raw, answer.body)
        if (failure := interaction.failure) is not None:
            told = failure.within(http_status=failure.http_status or answer.status)
            raise self._failed(told, interaction.usage)
        return interaction

    async def _answer_of(self, question: Callable[[], Awaitable[T | None]]) -> T:
        """Ask until there is an answer. A question that fails is asked again: nothing is lost by it."""
        unknown = 0
        while True:
            failure: Failure | None = None
            last = self.task.last_asking or self._expired
            try:
                answer = await question()
            except AttemptFailedError as error:
                failure = error.failure
                answer = None
            if answer is not None:
                return answer
            unknown = unknown + 1 if failure is not None and failure.http_status in _UNKNOWN else 0
            if failure is not None and failure.code in _FOR_GOOD:
                raise await self._refused(failure.within(may_have_been_billed=True))
            if unknown >= UNKNOWN_TWICE or (unknown and last):
                raise await self._given_up(
                    Code.CALL_LOST, "is lost: the provider does not know it any more", failure
                )
            if last:
                until = f"{self._expires_at:%Y-%m-%d %H:%M} UTC"
                raise await self._given_up(
                    Code.CALL_LOST, f"is lost: it was not answered until {until}", failure
                )
            left = self._until - asyncio.get_running_loop().time()
            if left <= 0:
                await self.cancel()
                raise await self._given_up(
                    Code.TIMEOUT, f"was not answered within {self.most_s:.0f} s", failure
                )
            asked_for = (failure.retry_after_s if failure is not None else None) or 0.0
            pause = min(max(self.poll_s, self._waited_s * SHARE), self.poll_s * LONGEST)
            await self._pause(min(max(pause, asked_for), max(left, self.poll_s)))

    async def _pause(self, seconds: float) -> None:
        """Up to a fifth longer, by chance."""
        pause = seconds * (1 + self.chance() / 5)
        self._waited_s += pause
        await asyncio.sleep(pause)

    # ---- to fetch -----------------------------------------------------------------------------------

    async def _fetched(self) -> Path:
        """The file of what was made."""
        assert self._done is not None
        path = self.task.new_file(".mp4")
        if self._done.data is not None:
            await asyncio.to_thread(lambda done: path.write_bytes(video_bytes(done)), self._done)
        else:
            await self._answer_of(self._file_is_ready)
            await self._answer_of(lambda: self._downloaded(path))
        reached("after:downloading", self._name)
        return path

    async def _file_is_ready(self) -> bool | None:
        """A call is complete before its file can be had."""
        assert self._done is not None
        answer = self._answer = await self.gateway.file(self._done.file or "", QUESTION_TIMEOUT_S)
        state = read_file_state(answer, self.request.model)
        if state is FileState.FAILED:
            said = read_file_error(answer)
            told = f"The shot is made, and its file {self._done.file} could not be made ready"
            told = f"{told}: {said}" if said else told
            raise await self._refused(Failure.of(Code.PROVIDER_ERROR, told, may_have_been_billed=True))
        return True if state is FileState.ACTIVE else None

    async def _downloaded(self, path: Path) -> bool | None:
        assert self._done is not None
        answer = self._answer = await self.gateway.download(self._done.file or "", path, DOWNLOAD_TIMEOUT_S)
        if answer.status != HTTPStatus.OK:
            failure = failure_of_http(answer, self.request.model)
            if answer.status < HTTPStatus.BAD_REQUEST:  # it points elsewhere, where nothing is fetched from
                raise await self._refused(failure.within(may_have_been_billed=True))
            raise AttemptFailedError(failure)
        return True

    # ---- what is known ------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return self.task.key.name

    @property
    def _expires_at(self) -> datetime:
        assert self._receipt is not None
        return self._receipt.expires_at

    @property
    def _expired(self) -> bool:
        return self.clock() >= self._expires_at

    async def _given_up(self, code: Code, why: str, failure: Failure | None) -> MakeFailedError:
        """With what the last question met. What is never answered is counted at what was reserved for it."""
        told = f"The accepted call {self._call_id} {why}"
        if failure is None:
            return await self._refused(Failure.of(code, told))
        status, word = failure.http_status, failure.provider_status
        return await self._refused(
            Failure.of(code, f"{told} ({failure})", http_status=status, provider_status=word)
        )

    async def _refused(self, failure: Failure) -> MakeFailedError:
        """With the answer that says so, in place of the one that accepted the call, or completed it."""
        if self._answer is not None:
            self._raw = await asyncio.to_thread(redacted_raw, self._answer.body)
        return self._failed(failure)

    def _failed(self, failure: Failure, usage: Usage | None = None) -> MakeFailedError:
        done = self._done
        used = usage or (done.usage if done is not None else None)
        told: dict[str, Any] = {"usage": used.to_dict()} if used is not None else {}
        if done is not None:  # and what was made was found wanting, or could not be had
            told["model_version"] = done.model
            failure = failure.within(
                http_status=failure.http_status or HTTPStatus.OK.value,
                finish_reason=failure.finish_reason or done.status,
            )
        failure = failure.within(
            model=self.request.model,
            response_id=self._call_id,
            elapsed_s=failure.elapsed_s if self._call_s is None else self._call_s,
            details={**failure.details, **told},
        )
        version = done.model if done is not None else failure.details.get("model_version")
        return self.charged(failure, self.request.model, version, used, self._sent, self._raw or None)

    def _made(self, data: bytes | Path, media_type: str, facts: dict[str, Any]) -> Made:
        done = self._done
        assert done is not None
        cost = self.cost(self.request.model, done.model, done.usage) if done.usage is not None else None
        if cost is None:
            # It is paid for: without a count, or a price of it, what was reserved is the best that is known.
            cost = self.task.order.recipe.reservation_usd
        return Made(
            data=data,
            media_type=media_type,
            facts=facts,
            provenance={
                "model": self.request.model,
                "model_version": done.model,
                "response_id": done.id,
                "call_id": done.id,
                "finish_reason": done.status,
                "call_s": self._call_s,
            },
            usage=done.usage.to_dict() if done.usage is not None else None,
            cost_usd=cost,
            request=self._sent,
            raw=self._raw,
        )

    @property
    def _call_s(self) -> float | None:
        """From the acceptance, whichever worker asked for it."""
        if self._receipt is None:
            return None
        return round((self.clock() - self._receipt.accepted_at).total_seconds(), 3)
