"""One paid call: send, read, check, price.

The five AI stages differ in what they ask and what they check; everything else about a call is here, so that
each one records what was sent, what came back, what it cost, and, when it failed, all of that and why.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from actors.gemini.catalogue import answering, find
from actors.gemini.gateway import Capability, Gateway, WireAnswer
from actors.gemini.interactions import InteractionRequest
from actors.gemini.reader import Provenance, read_json
from actors.gemini.redact import redacted_json, redacted_raw, redacted_request
from actors.gemini.requests import GeminiRequest, text_json_request
from actors.gemini.sdk_limits import requestable_thinking
from actors.gemini.thinking import with_room
from actors.work.accepted_call import AcceptedCall, Check, Present
from actors.work.asking import Asking
from actors.work.stage import Made, MakeFailedError, Plan, Task, unforeseen
from domain.failures import AttemptFailedError, Failure
from domain.pricing import PriceBook, Usage
from domain.script import Document, response_schema, without_bounds

OVERHEAD_TOKENS = 1000
"""What a request holds besides its prompt, at most: the schema, the settings."""
PICTURE_TOKENS = 2240
"""What a picture that goes along takes at the highest resolution; half of it by default."""
IMAGE_TOKENS = {"512": 1290, "1K": 1290, "2K": 2000, "4K": 2600}
"""The most tokens that one picture of a size is charged as, of the models there have been; a call asks for
one picture. Beside it an answer holds thoughts and a few words, which are text."""
SHOT_WORDS = 4_000
"""Thoughts and words beside a shot, at most: a thousand or two have been seen."""
TEXT_TIMEOUT_S = 240.0
"""Long answers stream for minutes on the provider's side before the first byte."""


def most_tokens(text: str) -> int:
    """What a text can take at the most: no token is shorter than a byte.

    English takes a quarter of it, Chinese a third; but digits, symbols and rare characters take all.
    """
    return len(text.encode())


def worst_usd(
    prices: PriceBook,
    model: str,
    prompt_tokens: int,
    max_output_tokens: int,
    at: datetime,
    *,
    media_tokens: int | None = None,
) -> float | None:
    """The most that a call can cost; None when that is not known.

    A retired model's call is charged as that of the model which answers it, and none knows to the hour from
    when on: so the dearer of both, at today's prices or tomorrow's.
    """
    costs = [
        prices.reservation_usd(
            name,
            prompt_tokens=prompt_tokens,
            max_output_tokens=max_output_tokens,
            at=day,
            media_tokens=media_tokens,
        )
        for day in (at, at + timedelta(days=1))
        for name in (model, answering(model, day.date()))
    ]
    known = [cost for cost in costs if cost is not None]
    return float(max(known)) if len(known) == len(costs) else None


def worst_shot_usd(
    prices: PriceBook, model: str, prompt_tokens: int, seconds: float, resolution: str, at: datetime
) -> float | None:
    """The most that a shot of so many seconds can cost; None when that is not known."""
    known = find(model)
    film = known.video_tokens(resolution, seconds) if known is not None else None
    if film is None:
        return None
    return worst_usd(prices, model, prompt_tokens, film + SHOT_WORDS, at, media_tokens=film)


class Answer(Protocol):
    @property
    def provenance(self) -> Provenance: ...


A = TypeVar("A", bound=Answer)
D = TypeVar("D", bound=Document)


@dataclass
class Provider:
    """How this process reaches the provider. The client is built at the first call: SDKs cost seconds."""

    connect: Callable[[], Gateway]
    prices: PriceBook
    clock: Callable[[], datetime]
    asking: Asking = field(default_factory=Asking)
    _gateway: Gateway | None = None
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def plan(self, model: str, text: str, prompt_version: str, parameters: dict[str, Any]) -> Plan:
        """One call of a model, with what is reserved for it."""
        return Plan(
            model=model,
            prompt=text,
            prompt_version=prompt_version,
            parameters=parameters,
            reservation_usd=self.reservation_usd(model, text, parameters),
        )

    def plan_document(
        self, model: str, text: str, prompt_version: str, answer_tokens: int, **parameters: Any
    ) -> Plan:
        """One call that is answered by a document of at most so many tokens, with room for its thoughts."""
        thinking = self.asking.thinking
        limits = {"max_output_tokens": with_room(model, answer_tokens, thinking), "thinking": thinking}
        return self.plan(model, text, prompt_version, limits | parameters)

    def reservation_usd(self, model: str, prompt: str, parameters: Mapping[str, Any]) -> float | None:
        """The worst case of one call with a recipe's parameters, None when the model has no known price.

        A shot's say its ``seconds``, its ``resolution`` and its ``references`` beside the first frame; a
        narration's the ``lines`` that it takes a call each for.
        """
        pictures = len(parameters.get("references", ()))
        calls = max(1, len(parameters.get("lines", ())))
        prompt_tokens = most_tokens(prompt) + OVERHEAD_TOKENS * calls + pictures * PICTURE_TOKENS
        if "seconds" in parameters:
            prompt_tokens += PICTURE_TOKENS  # the first frame
            seconds, resolution = parameters["seconds"], parameters["resolution"]
            return worst_shot_usd(self.prices, model, prompt_tokens, seconds, resolution, self.clock())
        if "max_output_tokens" not in parameters and not self.prices.sold_by_the_item(model, self.clock()):
            return None  # without a limit no worst case is known
        return worst_usd(
            self.prices,
            model,
            prompt_tokens,
            parameters.get("max_output_tokens", 0),
            self.clock(),
            media_tokens=IMAGE_TOKENS.get(parameters.get("image_size", "")),
        )

    async def capabilities(self) -> frozenset[str]:
        """What the SDK can say; raises AttemptFailedError when there is no key to open it with."""
        return (await self._connected()).capabilities

    async def _connected(self) -> Gateway:
        async with self._connecting:  # the first calls come together, and one client is enough for them
            if self._gateway is None:
                # Importing an SDK takes seconds; the loop has other calls in flight.
                self._gateway = await asyncio.to_thread(self.connect)
        return self._gateway

    async def call(
        self,
        request: GeminiRequest,
        *,
        timeout_s: float,
        read: Callable[[WireAnswer, str], A],
        check: Callable[[A], None],
        present: Callable[[A], tuple[bytes, str, dict[str, Any]]],
    ) -> Made:
        """Make one call.

        ``read`` turns the answer into a result, ``check`` judges it, ``present`` gives bytes, media type and
        facts.
        Raises MakeFailedError with everything known of a call that was answered, AttemptFailedError else.
        """
        sent = redacted_request(request)
        try:
            gateway = await self._connected()
        except AttemptFailedError as error:
            raise MakeFailedError(error.failure, request=sent) from error
        except Exception as error:
            # Nothing was sent: nothing can have been charged.
            raise MakeFailedError(unforeseen(error), request=sent) from error
        if Capability.STORE in gateway.capabilities:
            # The provider is asked not to keep the request, and the record says that it was.
            request = replace(request, config={"store": False, **request.config})
            sent = redacted_request(request)
        try:
            answer = await gateway.generate(request.model, request.contents, request.config, timeout_s)
        except AttemptFailedError as error:
            raise MakeFailedError(error.failure, request=sent) from error
        except Exception as error:
            # A defect of the SDK, which may have sent the request before it met it.
            raise MakeFailedError(unforeseen(error, may_have_been_billed=True), request=sent) from error
        provenance: Provenance | None = None
        raw = b""
        try:
            raw = await asyncio.to_thread(redacted_raw, answer.body)
            result = await asyncio.to_thread(read, answer, request.model)
            provenance = result.provenance
            await asyncio.to_thread(check, result)
            data, media_type, facts = present(result)
        except AttemptFailedError as error:
            raise self._failed(error.failure, request, provenance, sent, raw) from error
        except Exception as error:
            # The answer is paid for: whatever could not be done with it, it is kept and its cost counts.
            failure = unforeseen(error, may_have_been_billed=True)
            raise self._failed(failure, request, provenance, sent, raw) from error
        cost = self._cost(request.model, result.provenance.model_version, result.provenance.usage)
        return Made(
            data=data,
            media_type=media_type,
            facts=facts,
            provenance={
                "model": request.model,
                "model_version": result.provenance.model_version,
                "response_id": result.provenance.response_id,
                "finish_reason": result.provenance.finish_reason,
                "call_s": round(answer.elapsed_s, 3),
            },
            usage=result.provenance.usage.to_dict(),
            cost_usd=cost,
            request=sent,
            raw=raw,
        )

    async def accepted(
        self, task: Task, request: InteractionRequest, *, most_s: float, check: Check, present: Present
    ) -> Made:
        """Make one call that is accepted first and answered later, or go on with the one of ``task.receipt``.

        ``check`` judges the file that came of it, ``present`` gives bytes, media type and facts. For
        ``most_s`` it is asked for by this worker. Raises MakeFailedError with everything known of it.
        """
        connecting = asyncio.ensure_future(self._connected())
        try:
            gateway = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            if task.cancelled.is_set() and task.receipt is not None:
                gateway = await connecting
                await self._accepted_call(gateway, task, request, most_s).cancel()
            raise
        except AttemptFailedError as error:
            failure = error.failure.within(may_have_been_billed=task.receipt is not None)
            raise MakeFailedError(failure, request=redacted_json(request.body)) from error
        except Exception as error:
            failure = unforeseen(error, may_have_been_billed=task.receipt is not None)
            raise MakeFailedError(failure, request=redacted_json(request.body)) from error
        return await self._accepted_call(gateway, task, request, most_s).make(check, present)

    def _accepted_call(
        self, gateway: Gateway, task: Task, request: InteractionRequest, most_s: float
    ) -> AcceptedCall:
        poll_s = self.asking.poll_s
        return AcceptedCall(gateway, task, request, self.clock, self._cost, self._charged, poll_s, most_s)

    async def write_document(
        self,
        task: Task,
        document: type[D],
        check: Callable[[D], None],
        complete: Callable[[D], tuple[Document, dict[str, Any]]],
        *,
        schema: dict[str, Any] | None = None,
    ) -> Made:
        """Have the prompt answered as JSON of this class, which ``check`` judges.

        ``complete`` gives the document that is stored for what was answered, and what is learnt of it; the
        answer itself is kept as it came. ``schema`` says more of the answer than the class does.
        """
        model, prompt = task.order.recipe.model, task.prompt
        assert model is not None
        assert prompt is not None
        can = await self.capabilities()
        form = schema or response_schema(document)
        return await self.call(
            text_json_request(
                model,
                prompt,
                form if task.parameters.get("bounds", True) else without_bounds(form),
                max_output_tokens=task.parameters["max_output_tokens"],
                thinking=requestable_thinking(can, task.parameters.get("thinking")),
            ),
            timeout_s=TEXT_TIMEOUT_S,
            read=lambda answer, asked: read_json(answer, asked, document),
            check=lambda answer: check(answer.document),
            present=lambda answer: _presented(*complete(answer.document)),
        )

    async def close(self) -> None:
        if self._gateway is not None:
            await self._gateway.close()

    def _failed(
        self,
        failure: Failure,
        request: GeminiRequest,
        provenance: Provenance | None,
        sent: bytes,
        raw: bytes,
    ) -> MakeFailedError:
        if provenance is not None:  # the answer was whole, and was found wanting
            usage = provenance.usage.to_dict()
            failure = failure.within(
                model=request.model,
                http_status=200,
                finish_reason=provenance.finish_reason,
                response_id=provenance.response_id,
                elapsed_s=provenance.elapsed_s,
                may_have_been_billed=True,
                details={**failure.details, "usage": usage, "model_version": provenance.model_version},
            )
        told = failure.details.get("usage")
        used = Usage.from_dict(told) if told else None
        return self._charged(failure, request.model, failure.details.get("model_version"), used, sent, raw)

    def _charged(
        self,
        failure: Failure,
        model: str,
        version: str | None,
        used: Usage | None,
        sent: bytes,
        raw: bytes | None,
    ) -> MakeFailedError:
        """A failed call with what it cost.

        Where that was not counted it has no usage: what was reserved for it counts then, if it may be billed.
        """
        by_the_item = self.prices.sold_by_the_item(version or model, self.clock())
        if used is None or not (failure.may_have_been_billed if by_the_item else used.has_counts):
            return MakeFailedError(failure, request=sent, raw=raw)
        cost = self._cost(model, version, used)
        return MakeFailedError(failure, usage=used.to_dict(), cost_usd=cost, request=sent, raw=raw)

    def _cost(self, model: str, version: str | None, usage: Usage) -> float | None:
        cost = self.prices.cost_usd(version or model, usage, at=self.clock())
        return None if cost is None else float(cost)


def _presented(document: Document, facts: dict[str, Any]) -> tuple[bytes, str, dict[str, Any]]:
    """A document as it is stored: readable, stable, one digest for one content."""
    stored = json.dumps(document.model_dump(), ensure_ascii=False, indent=1, sort_keys=False)
    return stored.encode(), "application/json", facts
