"""What a list of jobs is asked for by: the filters, and which fields of each job."""

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from starlette.requests import Request

from api.cases.moments import EXAMPLES, moment
from api.http.parameters import IDEMPOTENCY_KEY, STATUSES, Parameter, choice, shown
from api.http.schema.base import Provider
from api.http.schema.jobs import JobDocument
from domain.job_names import beginning_of
from domain.plain import plain
from projections.job_filter import JobFilter

MOST_PAIRS = 10
LONGEST_TEXT = 200
FIELD_NAMES = tuple(JobDocument.model_fields)
_NUMBER = re.compile(r"-?(?P<digits>[0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""As JSON and a browser's field for numbers write one: Python reads as one what nobody else does."""
_PAIR = re.compile(r"metadata(?:\[(?P<object>.+)\]|\.(?P<dotted>.+))", re.DOTALL)


@dataclass(frozen=True)
class Pairs(Parameter[tuple[tuple[str, str], ...]]):
    """An object in the query, as OpenAPI's ``deepObject`` writes it: ``metadata[project]=autumn``.

    ``metadata.project=autumn`` is the same.
    """

    @property
    def style(self) -> str | None:
        return "deepObject"

    @property
    def written(self) -> str:
        return f"{self.name}[KEY]"

    def takes(self, name: str) -> bool:
        return _PAIR.fullmatch(name) is not None

    def read(self, request: Request) -> tuple[tuple[str, str], ...]:
        found = []
        for name, value in request.query_params.multi_items():
            if match := _PAIR.fullmatch(name):
                key = match["object"] or match["dotted"]
                found.append((_kept("metadata", key), _kept("metadata", value)))
        if len(found) > MOST_PAIRS:
            raise ValueError(f"metadata is asked for {len(found)} times; write at most {MOST_PAIRS} of them")
        return tuple(found)


def _kept(name: str, text: str) -> str:
    if plain(text) != text:
        raise ValueError(
            f"{name} is {shown(text)!r}; write it without characters that are not text "
            "(NUL or lone surrogates)"
        )
    return text


def _text(name: str, description: str) -> Parameter[str | None]:
    def parse(text: str) -> str:
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise ValueError(
                f"{name} is {shown(text)!r}; write 1 to {LONGEST_TEXT} characters, not blanks alone"
            )
        return _kept(name, text)

    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}
    return Parameter(name, "query", schema, description, parse, None)


def _moment(name: str, description: str) -> Parameter[datetime | None]:
    def parse(text: str) -> datetime:
        try:
            return moment(text)
        except ValueError:
            raise ValueError(
                f"{name} is {shown(text)!r}; write a day or a time, such as {EXAMPLES} "
                "(a + in an address is %2B)"
            ) from None

    return Parameter(name, "query", {"type": "string"}, description, parse, None)


def _usd(name: str, description: str) -> Parameter[float | None]:
    def parse(text: str) -> float:
        number = _NUMBER.fullmatch(text)
        value = float(text) if number else math.nan
        # What is too small to be held would become nothing at all, which is another amount.
        vanished = value == 0 and number is not None and number["digits"].strip("0.") != ""
        if vanished or not 0 <= value < math.inf:
            raise ValueError(f"{name} is {shown(text)!r}; write US dollars, such as 0.25")
        return value

    return Parameter(name, "query", {"type": "number", "minimum": 0}, description, parse, None)


def _fields(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in names if name not in FIELD_NAMES]
    if unknown:
        told = ", ".join(repr(shown(name)) for name in unknown[:5])
        raise ValueError(f"fields has {told}; write some of {', '.join(FIELD_NAMES)}, with commas between")
    return names


def _beginning(text: str) -> str:
    try:
        return beginning_of(text)
    except ValueError:
        raise ValueError(f"id is {shown(text)!r}; write an id of a job, or how it begins") from None


STATUS = choice("status", "Only jobs with this status", STATUSES)
BEGINNING: Parameter[str | None] = Parameter(
    "id",
    "query",
    {"type": "string", "pattern": "^[0-9a-fA-F](-?[0-9a-fA-F]){0,31}-?$"},
    "Only jobs whose id begins so",
    _beginning,
    None,
)
METADATA = Pairs(
    "metadata",
    "query",
    {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": MOST_PAIRS},
    "Only jobs whose metadata have these values, as `metadata[project]=autumn` (or "
    "`metadata.project=autumn`); of a list, one of its values",
    str,  # type: ignore[arg-type]  # it reads by itself
    (),
)
CALLER = _text("caller", "Only jobs that this key submitted; `local` is the administrator's")
MODEL = _text("model", "Only jobs that were submitted with this model, for whatever stage")
PROVIDER = choice("provider", "Only jobs of this provider", get_args(Provider))
CREATED_FROM = _moment(
    "created_from", "Only jobs submitted at this time (ISO 8601, UTC if it names no zone) or later"
)
CREATED_TO = _moment("created_to", "Only jobs submitted before this time")
COST_MIN = _usd("cost_min", "Only jobs that have cost at least so many US dollars")
COST_MAX = _usd("cost_max", "Only jobs that have cost at most so many US dollars")
SEARCH = _text(
    "q", "Only jobs with all of these words, or words that begin so, in title, first words or metadata"
)
FIELDS: Parameter[tuple[str, ...] | None] = Parameter(
    "fields",
    "query",
    {"type": "string", "pattern": f"^({'|'.join(FIELD_NAMES)})(,({'|'.join(FIELD_NAMES)}))*$"},
    "Only these fields of a job, with commas between them; all if it is left out",
    _fields,
    None,
)
BULK_KEY: Parameter[str | None] = replace(
    IDEMPOTENCY_KEY,
    description="A key of your own for this request, bare or quoted. Sent again with the same body it begins "
    "no job a second time",
)
FILTER: tuple[Parameter[Any], ...] = (
    *(STATUS, BEGINNING, METADATA, CALLER, MODEL, PROVIDER),
    *(CREATED_FROM, CREATED_TO, COST_MIN, COST_MAX, SEARCH),
)


def filter_of(request: Request) -> JobFilter:
    return JobFilter(
        status=STATUS.of(request),
        beginning=BEGINNING.of(request),
        metadata=METADATA.of(request),
        caller=CALLER.of(request),
        model=MODEL.of(request),
        provider=PROVIDER.of(request),
        created_from=CREATED_FROM.of(request),
        created_to=CREATED_TO.of(request),
        cost_min=COST_MIN.of(request),
        cost_max=COST_MAX.of(request),
        search=SEARCH.of(request),
    )
