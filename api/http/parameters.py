"""Every parameter and request header that is read, each defined once: its name, its schema, how it is parsed.

The table of operations names them; the router reads and checks all of an operation's before its handler is
called, so one problem names all that is wrong; the API's description is made from the same objects. A handler
that reads a parameter which its operation does not name fails at the first call, in any test.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast
from uuid import UUID

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from api.cases.errors import MOST_ERRORS, FieldError
from api.cases.positions import MAX_POSITION
from api.http.problems import SHOWN, Problem
from domain.statuses import JobStatus
from domain.traces import read_traceparent

T = TypeVar("T")

MAX_LIMIT = 1000
LONGEST_KEY = 255
LONGEST_WAIT_S = 60
MOST_REVISIONS = 1_000_000
STATUSES = tuple(status.value for status in JobStatus)
_READ = "reelog.parameters"
_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """``parse`` turns the text into a value, or raises ValueError with what would do."""

    name: str
    where: Literal["query", "header"]
    schema: Mapping[str, Any]
    description: str
    parse: Callable[[str], T]
    default: T

    @property
    def style(self) -> str | None:
        """How OpenAPI calls the way in which it is written, where that is not the usual one."""
        return None

    @property
    def written(self) -> str:
        """How whoever looks for it is told its name."""
        return self.name

    def takes(self, name: str) -> bool:
        """Whether what is sent under this name is the parameter, or of it."""
        return name == self.name

    @property
    def pointer(self) -> str:
        return f"?{self.name}" if self.where == "query" else self.name

    def of(self, request: Request) -> T:
        """The value in this request, as the router has read it."""
        return cast("T", request.scope[_READ][self.name])

    def read(self, request: Request) -> T:
        if self.where == "header":
            # Several lines of one header are one list (RFC 9110).
            texts = [", ".join(given)] if (given := request.headers.getlist(self.name)) else []
        else:
            texts = request.query_params.getlist(self.name)
        if len(texts) > 1:
            raise ValueError(f"{self.name} is given {len(texts)} times; give it once")
        return self.parse(texts[0]) if texts else self.default


def read_all(parameters: Sequence[Parameter[Any]], scope: Scope) -> None:
    """Read an operation's parameters into the scope; a problem names every one that is wrong."""
    request = Request(scope)
    values: dict[str, Any] = {}
    queried = [parameter for parameter in parameters if parameter.where == "query"]
    known = [parameter.written for parameter in queried]
    given = dict.fromkeys(request.query_params)
    strange = [name for name in given if not any(parameter.takes(name) for parameter in queried)]
    unknown = strange if is_strict(scope["path"]) else []
    faults = [FieldError(f"?{shown(name)}", _unknown(shown(name), known)) for name in unknown[:MOST_ERRORS]]
    for parameter in parameters:
        try:
            values[parameter.name] = parameter.read(request)
        except ValueError as error:
            faults.append(FieldError(parameter.pointer, str(error)))
    if faults:
        raise Problem.of_faults("invalid_parameter", faults, max(0, len(unknown) - MOST_ERRORS))
    scope[_READ] = values


def is_strict(path: str) -> bool:
    """Whether a misspelt parameter is refused: passed over, it would give a wrong answer."""
    return path.startswith("/v1/")


def shown(text: str) -> str:
    """What was sent, as far as it says anything: an address may have 60,000 characters."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{name!r} is no parameter here; {meant}known are {', '.join(known) or 'none'}"


# ---- kinds of parameters --------------------------------------------------------------------------------


def integer(name: str, description: str, *, least: int, most: int, default: Any = None) -> Parameter[Any]:
    def parse(text: str) -> int:
        digits = text.isascii() and text.isdecimal()
        if not digits or len(text) > len(str(most)) or not least <= int(text) <= most:
            raise ValueError(f"{name} is {shown(text)!r}; write a whole number from {least} to {most}")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    if default is not None:
        schema["default"] = default
    return Parameter(name, "query", schema, description, parse, default)


def choice(name: str, description: str, allowed: tuple[str, ...], default: Any = None) -> Parameter[Any]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{name} is {shown(text)!r}; write one of {', '.join(allowed)}")
        return text

    schema: dict[str, Any] = {"type": "string", "enum": list(allowed)}
    if default is not None:
        schema["default"] = default
    return Parameter(name, "query", schema, description, parse, default)


def _job_ids(text: str) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(part.strip()) for part in text.split(",")))
    except ValueError:
        raise ValueError(f"jobs is {shown(text)!r}; write ids of jobs with commas between them") from None


def job_of(name: str, description: str) -> Parameter[UUID | None]:
    def parse(text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            raise ValueError(f"{name} is {shown(text)!r}; write an id of a job") from None

    schema = {"type": "string", "pattern": f"^{_UUID}$"}
    return Parameter(name, "query", schema, description, parse, None)


def _idempotency_key(text: str) -> str:
    key = text.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise ValueError(
            f"Idempotency-Key is {shown(text)!r}; write 1 to {LONGEST_KEY} printable characters of your own"
        )
    return key


def _preferred_wait(text: str) -> int | None:
    for preference in text.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        digits = value.strip().strip('"')
        if name.strip().lower() == "wait" and digits.isascii() and digits.isdecimal():
            return (
                LONGEST_WAIT_S if len(digits) > len(str(LONGEST_WAIT_S)) else min(LONGEST_WAIT_S, int(digits))
            )
    return None  # what is not understood is ignored (RFC 7240)


def _last_event_id(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None  # what a browser sends before it has seen any id
    digits = text.isascii() and text.isdecimal()
    if not digits or len(text) > len(str(MAX_POSITION)) or int(text) > MAX_POSITION:
        raise ValueError(f"Last-Event-ID is {shown(text)!r}; send the id of the last event as it came")
    return int(text)


def _header(name: str, description: str, schema: Mapping[str, Any] | None = None) -> Parameter[str | None]:
    """A header that is acted upon elsewhere and cannot be wrong."""
    return Parameter(name, "header", schema or {"type": "string"}, description, str, None)


def _signed(name: str, description: str) -> Parameter[str]:
    """A part of a link, as it came: whatever was changed in it, the signature does not hold for it."""
    return Parameter(name, "query", {"type": "string"}, description, str, "")


# ---- the parameters -------------------------------------------------------------------------------------

LIMIT = integer("limit", "The most that one page holds", least=1, most=MAX_LIMIT, default=100)
PAGE_AFTER = integer("after", "`next` of the page before", least=0, most=MAX_POSITION)
EVENTS_AFTER = integer(
    "after", "Only events beyond this position; `next` of the page before", least=0, most=MAX_POSITION
)
AT = integer("at", "Show the job as it was when this position had happened", least=0, most=MAX_POSITION)
STREAM = choice("stream", "`1` asks for a stream where no Accept header can be set", ("0", "1"))
REVISIONS = choice("revisions", "`all` adds every revision", ("latest", "all"), "latest")
REVISION = integer("revision", "The bytes of this revision; they never change", least=1, most=MOST_REVISIONS)
FORM = choice("as", "`midi` gives the notes of a piece of music instead of its sound", ("midi",))
DOWNLOAD = choice("download", "`1` gives it to be kept, as a file named after the film", ("0", "1"))
LINK_REVISION = _signed("revision", "Which revision; without it, the latest")
LINK_DOWNLOAD = _signed("download", "`1`: as a file, to be kept")
LINK_EXPIRES = _signed("expires", "Until when it is good, in seconds since 1970")
LINK_SIGNATURE = _signed("signature", "Holds for the asset and for all of the others")
EXPORT_FORM = choice("as", "An edit, or all files and the edit in one archive", ("otio", "zip"), "zip")
JOBS: Parameter[list[UUID] | None] = Parameter(
    "jobs",
    "query",
    {"type": "string", "pattern": f"^{_UUID}(,{_UUID})*$"},
    "Only these jobs: ids with commas between them",
    _job_ids,
    None,
)
IDEMPOTENCY_KEY: Parameter[str | None] = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "A key of your own for this submission, bare or quoted. Sent again with the same body it gives the same "
    "job, for as long as the job is kept",
    _idempotency_key,
    None,
)
RUN_KEY: Parameter[str | None] = Parameter(
    IDEMPOTENCY_KEY.name,
    "header",
    IDEMPOTENCY_KEY.schema,
    "A key of your own for this request, bare or quoted. Sent again with the same body it begins nothing "
    "more and gives the job as it is by then, for as long as the job is kept",
    _idempotency_key,
    None,
)
BATCH_KEY: Parameter[str | None] = Parameter(
    IDEMPOTENCY_KEY.name,
    "header",
    IDEMPOTENCY_KEY.schema,
    "A key of your own for this batch, bare or quoted. Sent again with the same body it gives the same batch",
    _idempotency_key,
    None,
)
PREFER: Parameter[int | None] = Parameter(
    "Prefer",
    "header",
    {"type": "string"},
    f"`wait=N` holds the answer until the job has ended, at most N (and {LONGEST_WAIT_S}) seconds",
    _preferred_wait,
    None,
)
TRACEPARENT: Parameter[str | None] = Parameter(
    "traceparent",
    "header",
    {"type": "string"},
    "The span of yours that the job is part of (W3C Trace Context); one that is not valid is passed over",
    read_traceparent,
    None,
)
RUN_TRACEPARENT: Parameter[str | None] = Parameter(
    TRACEPARENT.name,
    "header",
    TRACEPARENT.schema,
    "The span of yours that the run is part of which begins so, or that one is linked to which goes on so "
    "(W3C Trace Context); one that is not valid is passed over",
    read_traceparent,
    None,
)
LAST_EVENT_ID: Parameter[int | None] = Parameter(
    "Last-Event-ID",
    "header",
    {"type": "string", "pattern": "^[0-9]{0,16}$"},
    "Go on behind this event; outdoes `after`, as a browser sends it with the address it began with",
    _last_event_id,
    None,
)
POSITIONS = (PAGE_AFTER, EVENTS_AFTER, AT, LAST_EVENT_ID)
"""Those that name a position of the log, which must have happened."""
IF_NONE_MATCH = _header("If-None-Match", "ETags that you have; `304` when one of them is current")
RANGE = _header("Range", "`bytes=FIRST-LAST`: only a part")
IF_RANGE = _header("If-Range", "The part only if the ETag is still this one, else the whole")


# ---- the id in a path ------------------------------------------------------------------------------------


def path_id(request: HTTPConnection, code: str) -> UUID:
    """The id in the path; one that is no UUID is not found, as no id of ours looks like that."""
    text = request.path_params["id"]
    try:
        return UUID(text)
    except ValueError:
        raise Problem(code, f"There is no {code.partition('_')[0]} {text!r}.") from None
