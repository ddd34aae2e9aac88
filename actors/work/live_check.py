"""Whether a provider answers as the emulator does: each call is made at both, and the shapes are compared.

The emulator is asked first, so that nothing is paid for when it is it that cannot answer. What costs nothing
is asked of the provider first, and after a refusal that holds for every call nothing more is asked.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from actors.gemini.answer_shape import Difference, Shape, differences, shape_of, shape_of_json
from actors.gemini.catalogue import Catalogue
from actors.gemini.gateway import Capability, Gateway, Json, WireAnswer
from actors.gemini.http_failures import failure_of_http
from actors.gemini.requests import GeminiRequest
from actors.gemini.wire import parse_body, whole_number
from actors.work.live_calls import SIZE, LiveCall, Name, Used
from actors.work.provider_call import IMAGE_TOKENS
from actors.work.stage import unforeseen
from domain.default_models import ALWAYS_ASKED, DEFAULT_MODELS
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import Usage

TIMEOUT_S = 240.0
LET_IN_BY_NOBODY = frozenset(
    {
        *(Code.INVALID_API_KEY, Code.API_KEY_LEAKED, Code.ACCESS_DENIED, Code.API_NOT_ENABLED),
        *(Code.ACCOUNT_SUSPENDED, Code.BILLING_REQUIRED, Code.REGION_NOT_SUPPORTED, Code.CONNECTION_FAILED),
    }
)
"""What every further call would meet as well."""
_ABOUT = {
    "picture.width": (0.9, 1.1),
    "picture.height": (0.9, 1.1),
    "sound.sample_rate": (1.0, 1.0),
    "sound.seconds": (0.4, 2.5),
    "sound.tokens_a_second": (0.8, 1.25),
    "usageMetadata.promptTokenCount": (0.25, 4.0),
}
"""How far from the emulator's a measure may be: as a share of it, least and most. Costs and caps are reckoned
with these; beyond, they would be wrong."""
_HEADER = "header content-type"
_STATUS = "HTTP status"


class EmulatorFailedError(Exception):
    """The emulator itself could not answer; the message says why."""


@dataclass(frozen=True)
class Reference:
    """What the emulator answered to the same calls."""

    listed: Sequence[Json]
    answers: Mapping[Name, WireAnswer]
    used: Mapping[Name, Used]


@dataclass(frozen=True)
class Outcome:
    """One call at the provider. ``failure``: what a film would have failed of."""

    name: Name
    request: GeminiRequest | None = None
    answer: WireAnswer | None = None
    used: Used | None = None
    failure: Failure | None = None
    differences: tuple[Difference, ...] = ()
    shape: Shape = field(default_factory=dict)
    listed: int = 0
    """How many models were listed."""

    @property
    def usage(self) -> Usage | None:
        """What was charged for, of a good answer as of one that cannot be used."""
        if self.used is not None:
            return self.used.provenance.usage
        told = self.failure.details.get("usage") if self.failure else None
        return Usage.from_dict(told) if told else None

    @property
    def nobody_lets_in(self) -> bool:
        return self.failure is not None and self.failure.code in LET_IN_BY_NOBODY


async def ask_emulator(gateway: Gateway, calls: Sequence[LiveCall]) -> Reference:
    """Make all calls at the emulator. Raises EmulatorFailedError."""
    answers: dict[Name, WireAnswer] = {}
    used: dict[Name, Used] = {}
    try:
        listed = await gateway.list_models()
        for call in calls:
            answers[call.name] = await _asked(gateway, call)
            if call.use is not None:
                used[call.name] = call.use(answers[call.name])
    except AttemptFailedError as error:
        raise EmulatorFailedError(error.failure.message) from error
    return Reference(listed, answers, used)


async def ask_provider(
    gateway: Gateway, calls: Sequence[LiveCall], reference: Reference, today: date
) -> AsyncGenerator[Outcome]:
    """The outcome of each call, the list of models first; ends early where all others would be refused."""
    outcome = await _list(gateway, reference, today)
    yield outcome
    for call in calls:
        if outcome.nobody_lets_in:
            return
        outcome = await _call(gateway, call, reference)
        yield outcome


def as_sent(gateway: Gateway, call: LiveCall) -> GeminiRequest:
    """The request with which a film's calls ask the provider not to keep them, where an SDK can say so."""
    if Capability.STORE not in gateway.capabilities:
        return call.request
    return replace(call.request, config={"store": False, **call.request.config})


async def _asked(gateway: Gateway, call: LiveCall) -> WireAnswer:
    request = as_sent(gateway, call)
    return await gateway.generate(request.model, request.contents, request.config, TIMEOUT_S)


async def _list(gateway: Gateway, reference: Reference, today: date) -> Outcome:
    try:
        listed = await gateway.list_models()
    except AttemptFailedError as error:
        return Outcome("list", failure=error.failure)
    except Exception as error:  # noqa: BLE001 - what a library dies of is a finding
        return Outcome("list", failure=unforeseen(error))
    shape = shape_of_json({"models": listed})
    found = differences(shape_of_json({"models": list(reference.listed)}), shape)
    catalogue = Catalogue(listed, today)
    for kind in ALWAYS_ASKED:
        name = DEFAULT_MODELS[kind]
        if catalogue.why_unfit(name, kind) is not None:
            found.append(Difference(f"models[{name}]", "missing", f"a model that makes {kind}", ""))
    return Outcome("list", differences=tuple(found), shape=shape, listed=len(listed))


async def _call(gateway: Gateway, call: LiveCall, reference: Reference) -> Outcome:
    request = as_sent(gateway, call)
    try:
        answer = await _asked(gateway, call)
    except AttemptFailedError as error:
        return Outcome(call.name, request, failure=error.failure)
    except Exception as error:  # noqa: BLE001 - as above; the request may have been sent before
        return Outcome(call.name, request, failure=unforeseen(error, may_have_been_billed=True))
    used, failure = _used(call, answer)
    expected, shape = reference.answers[call.name], shape_of(answer.body)
    if answer.status == expected.status:
        found = differences(shape_of(expected.body), shape)
        if call.use is not None:
            found += _out_of_range(call, answer, used, reference.used[call.name])
    else:
        # An error is compared with an error. Which one it is, and how it is explained, is not its form.
        found = [Difference(_STATUS, "other", str(expected.status), str(answer.status))]
        refused = differences(shape_of(reference.answers["refusal"].body), shape)
        found += [one for one in refused if (one.path, one.kind) != ("error.status", "other")]
    found = [one for one in found if not one.path.startswith("error.details")]
    if _media_type(answer) != _media_type(expected):
        found.append(Difference(_HEADER, "other", _media_type(expected), "another type"))
    return Outcome(call.name, request, answer, used, failure, tuple(found), shape)


def _used(call: LiveCall, answer: WireAnswer) -> tuple[Used | None, Failure | None]:
    """What the answer was read as, or why a film could not use it."""
    if call.use is None:
        refused = failure_of_http(answer, call.model)
        return None, None if refused.code == Code.MODEL_NOT_FOUND else refused
    try:
        return call.use(answer), None
    except AttemptFailedError as error:
        return None, error.failure
    except Exception as error:  # noqa: BLE001 - what a film would fail of is what is looked for
        return None, unforeseen(error, may_have_been_billed=True)


def _media_type(answer: WireAnswer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _out_of_range(call: LiveCall, answer: WireAnswer, used: Used | None, reference: Used) -> list[Difference]:
    """Counts that do not add up or pass what was reserved, and measures far from the emulator's."""
    found = _counts(call, parse_body(answer.body) or {})
    for name, measured in (used.measures if used else {}).items():
        least, most = (share * reference.measures[name] for share in _ABOUT[name])
        if not least <= measured <= most:
            between = f"{least:.4g}" if least == most else f"{least:.4g} to {most:.4g}"
            found.append(Difference(name, "range", between, f"{measured:.4g}"))
    return found


def _counts(call: LiveCall, body: Json) -> list[Difference]:
    told = body.get("usageMetadata")
    usage: Json = told if isinstance(told, dict) else {}
    names = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount")
    prompt, answer, thoughts, tools = (whole_number(usage.get(name)) for name in names)
    total, whole = whole_number(usage.get("totalTokenCount")), prompt + answer + thoughts + tools
    found = []
    if total != whole:
        found.append(
            Difference("usageMetadata.totalTokenCount", "range", f"{whole}, the sum of its parts", str(total))
        )
    if answer + thoughts > call.max_output_tokens:
        most = f"at most {call.max_output_tokens}, as asked"
        found.append(Difference("usageMetadata.candidatesTokenCount", "range", most, str(answer + thoughts)))
    if call.name == "image" and answer > IMAGE_TOKENS[SIZE]:
        most = f"at most {IMAGE_TOKENS[SIZE]}, as reserved for a picture"
        found.append(Difference("usageMetadata.candidatesTokenCount", "range", most, str(answer)))
    return found
