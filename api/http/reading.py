"""Reading the body that a client sent; each fault named where it is.

Everything that is wrong is told at once, so that a form or a program need not be corrected fault by fault.
"""

import difflib
import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.cases.errors import MOST_ERRORS, FieldError
from api.http.problems import Problem
from api.http.threads import threads_of
from domain import plain
from domain.plain import LONGEST_NAME, MOST_DIGITS, escaped, shortened
from domain.submission import Submission

MOST_NAMES = 4096
"""Of one object: more than metadata has room for, and few enough to judge at once."""
MOST_COUNTED = 100_000

# ---- bodies -----------------------------------------------------------------------------------------


async def read_json(request: Request) -> Any:
    """The body as JSON; 415 when it is not said to be, 422 when it is not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(
            "unsupported_media_type",
            f"The body's Content-Type is {kind or 'missing'}; send application/json.",
            headers={"Accept-Post": "application/json"},
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(
            "unsupported_media_type",
            f"The body's Content-Encoding is {encoding}; send it as it is, without one.",
            headers={"Accept-Encoding": "identity"},
        )
    body = await request.body()
    return await threads_of(request).parse(_json, body)


def _json(body: bytes) -> Any:
    if not body.strip():
        raise _unreadable("the body is empty; send a JSON object")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(
            f"the body is not UTF-8: byte 0x{body[error.start]:02x} at offset {error.start}; "
            "save the text as UTF-8 and send it again"
        ) from None
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_integer, object_pairs_hook=_object
        )
    except RecursionError:
        raise _unreadable("the body is nested too deeply to be a submission") from None
    except ValueError as error:
        raise _unreadable(f"the body is not JSON: {error}") from None
    unkeepable = _unkeepable(value)
    faults = list(islice(unkeepable, MOST_ERRORS))
    if faults:
        raise Problem.of_faults(
            "invalid_submission", faults, sum(1 for _ in islice(unkeepable, MOST_COUNTED))
        )
    return value


def _unreadable(message: str) -> Problem:
    return Problem("invalid_submission", message, errors=[FieldError("", message)])


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _integer(digits: str) -> int | float:
    """As a number beyond all bounds where no program that reads it later could hold it."""
    return int(digits) if len(digits) <= MOST_DIGITS else math.inf


class _Repeated(dict[str, Any]):
    """An object that has a name more than once: which value counts would be this parser's own opinion."""

    names: list[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeated = _Repeated(value)
    repeated.names = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    return repeated


def _unkeepable(value: Any) -> Iterator[FieldError]:
    """What JSON's grammar allows and nobody can keep: half characters, NUL, endless numbers, names twice."""
    for pointer, fault in plain.faults(value):
        yield FieldError(pointer, fault)
    yield from _repeated(value)


def _repeated(value: Any) -> Iterator[FieldError]:
    """Names that an object has twice. What is passed has no more levels than can be kept."""
    left: list[tuple[Any, str]] = [(value, "")]
    while left:
        item, pointer = left.pop()
        if isinstance(item, dict):
            for name in item.names if isinstance(item, _Repeated) else ():
                yield FieldError(
                    f"{pointer}/{escaped(name)}", f"{shortened(name)} is there more than once; give it once"
                )
            left += [(item[name], f"{pointer}/{escaped(name)}") for name in reversed(item)]
        elif isinstance(item, list):
            left += [(one, f"{pointer}/{index}") for index, one in reversed([*enumerate(item)])]


def thinned(value: Any) -> tuple[Any, int]:
    """The value without what goes beyond the first few thousand names of an object, and how many these are.

    Nothing that is asked for has so many. Each unknown name is a fault of its own, and to judge the tens of
    thousands that a body has room for would take a while.
    """
    if not isinstance(value, dict):
        return value, 0
    left_out = max(0, len(value) - MOST_NAMES)
    kept = {}
    for name, item in islice(value.items(), MOST_NAMES):
        kept[name], more = thinned(item)
        left_out += more
    return kept, left_out


def too_many_names(left_out: int) -> Problem:
    message = f"an object in it has more than {MOST_NAMES:,} names ({left_out:,} too many); leave some out"
    return Problem("invalid_submission", message, errors=[FieldError("", message)])


def read_submission(value: Any) -> tuple[Submission | None, list[FieldError], int]:
    """Check a submission; gives it, or what is wrong with it, and how many more faults were only counted."""
    # Also what comes from the command line, or from a job of long ago that is forked.
    unkeepable = _unkeepable(value)
    if faults := list(islice(unkeepable, MOST_ERRORS)):
        return None, faults, sum(1 for _ in islice(unkeepable, MOST_COUNTED))
    value, left_out = thinned(value)
    try:
        submission = Submission.model_validate(value)
    except ValidationError as error:
        faults, unnamed = field_errors(error, Submission)
        return None, faults, unnamed + left_out
    if left_out:
        raise too_many_names(left_out)
    return submission, [], 0


def field_errors(error: ValidationError, root: type[BaseModel]) -> tuple[list[FieldError], int]:
    """The first faults, each with its place, the value that is there, and what would do; how many more."""
    found = error.errors(include_url=False)[:MOST_ERRORS]
    faults = [FieldError(_pointer(fault["loc"]), _message(fault, root)) for fault in found]
    return faults, error.error_count() - len(faults)


def _pointer(loc: tuple[int | str, ...]) -> str:
    return "".join(f"/{escaped(str(part))}" for part in loc)


_WANTED = {
    "dict_type": "an object",
    "model_type": "an object",
    "string_type": "a text",
    "string_unicode": "text without half characters (lone surrogates)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
}
"""Where the library speaks of its own types, the words of JSON."""


def _message(fault: Any, root: type[BaseModel]) -> str:
    name = ".".join(shortened(str(part)) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{name} is not known here; {_known_fields(fault['loc'], root)}"
    if fault["type"] == "missing":
        return f"{name} is missing and must be given"
    said = _WANTED.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ").removeprefix(
        "Input should be "
    )
    value = fault["input"]
    shown = json.dumps(value, ensure_ascii=False, default=str)
    if fault["type"] == "string_too_long":
        return f"{name} has {len(value):,} characters; {fault['ctx']['max_length']:,} are allowed"
    if fault["type"] == "string_too_short":
        return f"{name} is empty; write something or leave it out"
    if len(shown) > LONGEST_NAME:
        shown = f"{shown[:LONGEST_NAME]}…"
    if fault["type"] == "value_error":
        return f"{name} is {shown}: {said}" if name else said
    return f"{name or 'the body'} is {shown}; it should be {said}"


def _known_fields(loc: tuple[int | str, ...], root: type[BaseModel]) -> str:
    known = sorted(_model_at(loc[:-1], root).model_fields)
    close = difflib.get_close_matches(str(loc[-1])[:LONGEST_NAME], known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}known are {', '.join(known)}"


def _model_at(loc: tuple[int | str, ...], root: type[BaseModel]) -> type[BaseModel]:
    """The model that stands at a place in ``root``, as far as the place is one of models."""
    model = root
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is None or not (
            isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ):
            return model
        model = field.annotation
    return model


# ---- paths ------------------------------------------------------------------------------------------


def path_id(request: Request, code: str) -> UUID:
    """The id in the path; one that is no UUID is not found, as no id of ours looks like that."""
    text = request.path_params["id"]
    try:
        return UUID(text)
    except ValueError:
        raise Problem(code, f"There is no {code.partition('_')[0]} {text!r}.") from None
