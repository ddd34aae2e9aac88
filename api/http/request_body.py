"""Reading the body that a client sent as JSON.

A missing body is an empty one where every field has a default: ``curl -X POST …/retry`` does what it says.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from api.cases.errors import Faults, FieldError
from api.cases.validation import counted, unkeepable, validated
from api.http.problems import Problem
from api.http.threads import threads_of
from domain.plain import MOST_DIGITS, escaped, shortened

M = TypeVar("M", bound=BaseModel)


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


async def read_body(request: Request, model: type[M]) -> M:
    """The request's body as ``model``; Faults names all that is wrong with it."""
    value = await read_json(request) if await request.body() else {}
    return await threads_of(request).parse(validated, value, model)


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
    faults, unnamed = counted(chain(unkeepable(value), _repeated(value)))
    if faults:
        raise Faults("invalid_submission", faults, unnamed)
    return value


def _unreadable(message: str) -> Faults:
    return Faults.of_one("invalid_submission", "", message)


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
