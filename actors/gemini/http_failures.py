"""Tell the cause of a refused request: any HTTP error of the API, or what a proxy says in its place.

Real answers are irregular: details may be missing, a quota's period is known from its id alone, and one
status (400 ``INVALID_ARGUMENT``, 429 ``RESOURCE_EXHAUSTED``) covers what may pass in a second and what never
will.
So: structured details first, then the status, then Google's wording; what is still unknown is kept as it came
and not retried.
"""

import re
from http import HTTPStatus
from typing import Any

from actors.gemini.catalogue import find
from actors.gemini.gateway import Json, WireAnswer
from actors.gemini.scrub import scrub, scrub_json
from actors.gemini.wire import objects_in, parse_body, whole_number
from domain.failures import Code, Failure

_EXCERPT = 500
_LONGEST_S = 1e9
_BY_REASON = {
    "API_KEY_INVALID": Code.INVALID_API_KEY,
    "API_KEY_EXPIRED": Code.INVALID_API_KEY,
    "CONSUMER_SUSPENDED": Code.ACCOUNT_SUSPENDED,
    "SERVICE_DISABLED": Code.API_NOT_ENABLED,
    "API_KEY_SERVICE_BLOCKED": Code.API_NOT_ENABLED,
    "BILLING_DISABLED": Code.BILLING_REQUIRED,
}
_SPENT = (
    r"((?<!su)spend|spending|cost|billing|monthly|contract)\w*[\s\w-]{0,24}?(cap(?!ac|ab)|limit|threshold|budget)|"
    r"(cap|limit|budget) on (\w+ ){0,2}spend"
)
"""A limit on money, which holds for the rest of its period. Seen since 2026: "Your project has exceeded its
monthly spending cap"; the wording varies."""
_NO_MONEY = re.compile(
    _SPENT + r"|prepay|(credits?|funds|balance) (are|is|has|have) (been )?(depleted|exhausted|used up)|"
    r"(out of|insufficient|not enough) (credits?|funds|balance)|budget|payment|per[\s-]?(month|year|contract)"
)
_IN_A_PERIOD = re.compile(_SPENT + r"|budget|per[\s-]?(month|year|contract)")
_SPENT_HINT = (
    "The project's limit on spending, or its quota of a month or contract, is reached. Raise it where "
    "billing is managed (https://aistudio.google.com), or wait for its next period; then retry the job."
)
_TTS_ONLY = re.compile(r"should only be used for tts|tried to generate text")
_TELLING = ("reason", "quotaId", "quotaMetric", "quota_limit", "quota_metric", "subject", "description")
_SAYS_NOTHING = "request contains an invalid argument."
"""All that a speech model says of some texts, which it speaks when it is asked again."""
# Wording is the same whatever the status; 429, which speaks of billing in every case, is told apart first.
_BY_WORDING = {
    Code.REGION_NOT_SUPPORTED: r"location is not supported|not available in your (country|region)",
    Code.API_KEY_LEAKED: r"reported as leaked|key was leaked",
    Code.INVALID_API_KEY: r"api key (not valid|expired|not found)|invalid api key",
    Code.ACCOUNT_SUSPENDED: r"has been suspended",
    Code.API_NOT_ENABLED: r"has not been used in project|api .*is disabled",
    Code.BILLING_REQUIRED: r"enable billing|billing (account|to be enabled)|requires? billing|" + _SPENT,
    Code.SCHEMA_REFUSED: r"too many states for serving|schema.{0,40} too (complex|deep|large)",
    Code.PROMPT_TOO_LONG: r"token count.*exceeds|maximum number of tokens|payload size exceeds",
    Code.UNSUPPORTED_MODALITY: r"modalit(y|ies)|(audio|image) output",
    Code.PROMPT_BLOCKED: r"responsible ai practices|prompt could not be submitted|prompt was blocked",
}
_BY_STATUS = {
    HTTPStatus.BAD_REQUEST: Code.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED: Code.INVALID_API_KEY,
    HTTPStatus.PAYMENT_REQUIRED: Code.BILLING_REQUIRED,
    HTTPStatus.FORBIDDEN: Code.ACCESS_DENIED,
    HTTPStatus.NOT_FOUND: Code.MODEL_NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Code.PROVIDER_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Code.PROMPT_TOO_LONG,
    499: Code.PROVIDER_ERROR,  # Google's code for a call that was cancelled on its side
    HTTPStatus.SERVICE_UNAVAILABLE: Code.OVERLOADED,
    HTTPStatus.GATEWAY_TIMEOUT: Code.PROVIDER_TIMEOUT,
}
_PLAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
"""Refusals that mean the same whoever sends them: Google's front end does so in HTML."""
_BEYOND_HTTP = 600
_RPC = (  # name, number, HTTP status: google.rpc.Code
    ("CANCELLED", 1, 499),
    ("INVALID_ARGUMENT", 3, 400),
    ("DEADLINE_EXCEEDED", 4, 504),
    ("NOT_FOUND", 5, 404),
    ("PERMISSION_DENIED", 7, 403),
    ("RESOURCE_EXHAUSTED", 8, 429),
    ("FAILED_PRECONDITION", 9, 400),
    ("INTERNAL", 13, 500),
    ("UNAVAILABLE", 14, 503),
    ("UNAUTHENTICATED", 16, 401),
)
_STATUS_OF_NAME = {name: status for name, _, status in _RPC}
_STATUS_OF_NUMBER = {number: status for _, number, status in _RPC}
_STATUS_OF_WORD = {name.lower(): status for name, _, status in _RPC} | {
    # Errors of interactions have a word for a code, and words vary.
    "bad_request": 400,
    "invalid_request": 400,
    "invalid_request_error": 400,
    "authentication": 401,
    "authentication_error": 401,
    "unauthorized": 401,
    "forbidden": 403,
    "request_timeout": 408,
    "too_many_requests": 429,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "quota_exceeded": 429,
    "client_closed_request": 499,
    "internal_error": 500,
    "internal_server_error": 500,
    "api_error": 500,
    "unknown": 500,
    "bad_gateway": 502,
    "service_unavailable": 503,
    "overloaded": 503,
    "overloaded_error": 503,
    "model_overloaded": 503,
    "gateway_timeout": 504,
    "timeout": 504,
}
_REFUSALS = {
    code.value: code
    for code in (
        Code.SAFETY,
        Code.RECITATION,
        Code.PROHIBITED_CONTENT,
        Code.BLOCKLIST,
        Code.SPII,
        Code.LANGUAGE,
        Code.MODEL_ARMOR,
    )
} | {"content_policy_violation": Code.PROMPT_BLOCKED, "prompt_blocked": Code.PROMPT_BLOCKED}
"""Words for a refusal of what is asked for, as causes name it too."""


def failure_of_http(answer: WireAnswer, model: str | None = None) -> Failure:
    """Return the failure that an HTTP answer other than a usable 200 stands for."""
    body = parse_body(answer.body)
    said = body.get("error") if body is not None else None
    context: dict[str, Any] = {"model": model, "elapsed_s": answer.elapsed_s, "http_status": answer.status}
    if not isinstance(said, dict):
        return _not_the_api(answer, context)
    return failure_of_error(said, answer, model)


def failure_of_error(said: Json, answer: WireAnswer, model: str | None = None) -> Failure:
    """Return the failure that an error object stands for, wherever in an answer it was found."""
    context: dict[str, Any] = {"model": model, "elapsed_s": answer.elapsed_s}
    said = _innermost(said)
    status = _http_status(said, answer.status)
    message = str(said.get("message") or "")
    details = objects_in(said.get("details"))
    code = (
        _quota(message, details)
        if status == HTTPStatus.TOO_MANY_REQUESTS
        else _cause(status, message, details)
    )
    code = _REFUSALS.get(_word(said), code)
    if code is Code.BAD_REQUEST and _speaks_at_other_times(message, details, model):
        code = Code.SPEECH_REFUSED
    if code is Code.BILLING_REQUIRED and _IN_A_PERIOD.search(_words(message, details)):
        context["hint"] = _SPENT_HINT
    return Failure.of(
        code,
        scrub(message) or f"HTTP {status} without a message",
        provider_status=said["status"] if isinstance(said.get("status"), str) else _word(said) or None,
        retry_after_s=_retry_after(answer, message, details),
        details={"provider": scrub_json(details)} if details else {},
        **context | {"http_status": status},
    )


def _innermost(said: Json) -> Json:
    """Return the error that a relay has put, as text, into the message of its own."""
    message = said.get("message")
    nested = parse_body(message.encode("utf-8", "replace")) if isinstance(message, str) else None
    inner = nested.get("error") if nested is not None else None
    return _innermost(inner) if isinstance(inner, dict) else said


def _http_status(said: Json, answered: int) -> int:
    """Return the HTTP status of an error; some tell it by Google's name, or its number, alone."""
    code = said.get("code")
    if isinstance(code, int) and HTTPStatus.CONTINUE <= code < _BEYOND_HTTP:
        return code
    if answered >= HTTPStatus.BAD_REQUEST:
        return answered
    by_name = _STATUS_OF_NAME.get(str(said.get("status"))) or _STATUS_OF_WORD.get(_word(said))
    return by_name or (_STATUS_OF_NUMBER.get(code) if isinstance(code, int) else None) or answered


def _word(said: Json) -> str:
    """The code of an error that has a word for one."""
    code = said.get("code")
    return code.strip().lower() if isinstance(code, str) else ""


def _cause(status: int, message: str, details: list[Json]) -> Code:
    for detail in details:
        reason = detail.get("reason")
        if isinstance(reason, str) and reason in _BY_REASON:
            return _BY_REASON[reason]
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        debug = " ".join(str(detail.get("detail", "")) for detail in details)
        words = f"{message} {debug}".lower()
        for code, wording in _BY_WORDING.items():
            if re.search(wording, words):
                return code
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return Code.PROVIDER_ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Code.UNKNOWN_ERROR


def _speaks_at_other_times(message: str, details: list[Json], model: str | None) -> bool:
    """Whether this is a refusal with which speech models answer now and then, to any text."""
    said = message.strip().lower()
    if _TTS_ONLY.search(said):
        return True
    explained = any(objects_in(detail.get("fieldViolations")) for detail in details)
    return said == _SAYS_NOTHING and not explained and model is not None and _speaks(model)


def _speaks(model: str) -> bool:
    known = find(model)
    return known.kind == "speech" if known is not None else "tts" in model


def _words(message: str, details: list[Json]) -> str:
    """All that is said of a refused request, in small letters and one spelling."""
    told = [message]
    for detail in details:
        about = detail.get("metadata")
        places = [detail, about if isinstance(about, dict) else {}, *objects_in(detail.get("violations"))]
        for place in places:
            told += [str(place[name]) for name in _TELLING if name in place]
    return " ".join(told).lower().replace("_", " ")


def _quota(message: str, details: list[Json]) -> Code:
    """Tell a minute's limit, which passes, from a day's, which does not today, and from having none."""
    violations = [v for detail in details for v in objects_in(detail.get("violations"))]
    if re.search(r"\blimit: 0(?![\d.])", message) or any(v.get("quotaValue") == "0" for v in violations):
        return Code.QUOTA_ZERO
    words = _words(message, details)
    if _NO_MONEY.search(words):
        return Code.BILLING_REQUIRED
    if re.search(r"per[\s-]?day|daily", words):
        return Code.QUOTA_EXHAUSTED_TODAY
    return Code.RATE_LIMITED


def _retry_after(answer: WireAnswer, message: str, details: list[Json]) -> float | None:
    """Return the wait in seconds that the provider asks for, wherever it says so."""
    for detail in details:
        delay = detail.get("retryDelay")
        if isinstance(delay, str) and re.fullmatch(r"\d+(\.\d+)?s", delay):
            return _seconds(delay[:-1])
        if isinstance(delay, dict):  # as a protobuf's own JSON, without the special form for durations
            return whole_number(delay.get("seconds")) + whole_number(delay.get("nanos")) / 1e9
    header = answer.headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return _seconds(header)
    worded = re.search(r"retry in (?:(\d+)h)?(?:(\d+)m)?(\d+(?:\.\d+)?)(ms|s)\b", message)
    if worded is None:
        return None
    hours, minutes, rest, unit = worded.groups()
    return (
        _seconds(hours or "0") * 3600
        + _seconds(minutes or "0") * 60
        + _seconds(rest) / (1000 if unit == "ms" else 1)
    )


def _seconds(digits: str) -> float:
    """A number without end stands for a wait beyond all patience."""
    return min(float(digits), _LONGEST_S)


def _not_the_api(answer: WireAnswer, context: dict[str, Any]) -> Failure:
    """Tell what a body without Google's error object means: a proxy, a wrong address, nothing at all."""
    status = answer.status
    text = " ".join(scrub(answer.body.decode("utf-8", errors="replace")).split())[:_EXCERPT]
    message = text or f"HTTP {status} with an empty body"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        after = _retry_after(answer, "", [])
        return Failure.of(Code.RATE_LIMITED, message, retry_after_s=after, **context)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PLAIN:
        return Failure.of(
            _cause(status, "", []), message, retry_after_s=_retry_after(answer, "", []), **context
        )
    if status < HTTPStatus.MULTIPLE_CHOICES and not text:
        return Failure.of(Code.EMPTY_ANSWER, message, **context)
    if status == HTTPStatus.OK:
        return Failure.of(Code.MALFORMED_BODY, f"Not an answer of the Gemini API: {message}", **context)
    moved = f" (it points to {answer.headers['location']})" if "location" in answer.headers else ""
    return Failure.of(
        Code.MALFORMED_BODY,
        f"HTTP {status}, not from the Gemini API{moved}: {message}",
        retryable=False,
        may_have_been_billed=False,
        **context,
    )
