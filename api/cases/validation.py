"""Checking what was sent, whichever way it came; each fault named where it is.

Everything that is wrong is said at once, so that a form or a program need not be corrected fault by fault.
"""

import difflib
import json
from collections.abc import Iterator, Sized
from itertools import islice
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from api.cases.errors import MOST_ERRORS, Faults, FieldError
from domain import plain
from domain.plain import LONGEST_NAME, escaped, shortened
from domain.submission import Submission

M = TypeVar("M", bound=BaseModel)

MOST_NAMES = 4096
"""Of one object: more than metadata has room for, and few enough to judge at once."""
MOST_COUNTED = 100_000


def _thinned(value: Any) -> tuple[Any, int]:
    """The value without what goes beyond the first few thousand names of an object, and how many these are.

    Nothing that is asked for has so many. Each unknown name is a fault of its own, and to judge the tens of
    thousands that a body has room for would take a while.
    """
    if not isinstance(value, dict):
        return value, 0
    left_out = max(0, len(value) - MOST_NAMES)
    kept = {}
    for name, item in islice(value.items(), MOST_NAMES):
        kept[name], more = _thinned(item)
        left_out += more
    return kept, left_out


def unkeepable(value: Any) -> Iterator[FieldError]:
    """What JSON's grammar allows and nobody can keep: half characters, NUL, endless numbers."""
    return (FieldError(pointer, fault) for pointer, fault in plain.faults(value))


def counted(faults: Iterator[FieldError]) -> tuple[list[FieldError], int]:
    """The first of them, and how many more there are."""
    return list(islice(faults, MOST_ERRORS)), sum(1 for _ in islice(faults, MOST_COUNTED))


def _too_many_names(left_out: int) -> Faults:
    message = f"an object in it has more than {MOST_NAMES:,} names ({left_out:,} too many); leave some out"
    return Faults.of_one("invalid_submission", "", message)


def read_submission(value: Any) -> tuple[Submission | None, list[FieldError], int]:
    """Check a submission; gives it, or what is wrong with it, and how many more faults were only counted."""
    # Also what comes from the command line, or from a job of long ago that is forked.
    faults, unnamed = counted(unkeepable(value))
    if faults:
        return None, faults, unnamed
    value, left_out = _thinned(value)
    try:
        submission = Submission.model_validate(value)
    except ValidationError as error:
        faults, unnamed = _field_errors(error, Submission)
        return None, faults, unnamed + left_out
    if left_out:
        raise _too_many_names(left_out)
    return submission, [], 0


def validated(value: Any, model: type[M]) -> M:
    """What was sent as ``model``; Faults names all that is wrong with it."""
    faults, unnamed = counted(unkeepable(value))
    if faults:
        raise Faults("invalid_submission", faults, unnamed)
    value, left_out = _thinned(value)
    try:
        valid = model.model_validate(value)
    except ValidationError as error:
        faults, unnamed = _field_errors(error, model)
        raise Faults("invalid_submission", faults, unnamed + left_out) from None
    if left_out:
        raise _too_many_names(left_out)
    return valid


def _field_errors(error: ValidationError, root: type[BaseModel]) -> tuple[list[FieldError], int]:
    """The first faults, each with its place, the value that is there, and what would do; how many more."""
    found = error.errors(include_url=False)[:MOST_ERRORS]
    faults = [FieldError(*fault_of(fault, root)) for fault in found]
    return faults, error.error_count() - len(faults)


def fault_of(fault: Any, root: type[BaseModel]) -> tuple[str, str]:
    """The place in ``root`` of an error that pydantic found, and what is wrong there, in words for people."""
    if _is_of_a_name(fault):
        *place, name, _ = fault["loc"]
        whose = ".".join(shortened(str(part)) for part in place)
        told = f"{whose} has the name {_shown(name)}; it should be {_wanted(fault)}"
        return pointer_of((*place, name)), told
    return pointer_of(fault["loc"]), _message(fault, root)


def _is_of_a_name(fault: Any) -> bool:
    """Whether the name of something in an object is wrong: the library adds a part to its place."""
    named: bool = fault["loc"][-2:] == (str(fault["input"]), "[key]")
    return named and fault["type"] != "extra_forbidden"


def pointer_of(loc: tuple[int | str, ...]) -> str:
    """The JSON pointer to a place."""
    return "".join(f"/{escaped(str(part))}" for part in loc)


_WANTED = {
    "dict_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "an object",
    "string_type": "a text",
    "string_unicode": "text without half characters (lone surrogates)",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "uuid_type": "an id, which is a text",
    "uuid_parsing": "an id, such as 3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
"""Where the library speaks of its own types, the words of JSON."""

_TOLD = {
    "missing": "{name} is missing and must be given",
    "string_too_long": "{name} has {length:,} characters; {max_length:,} are allowed",
    "string_too_short": "{name} is empty; write something{else_}",
    "too_long": "{name} has {length:,} items; {max_length:,} are allowed",
    "too_short": "{name} has {length:,} items; give at least {min_length:,}",
}


def _message(fault: Any, root: type[BaseModel]) -> str:
    name, value = ".".join(shortened(str(part)) for part in fault["loc"]), fault["input"]
    if fault["type"] == "extra_forbidden":
        return f"{name} is not known here; {_known_fields(fault['loc'], root)}"
    if fault["type"] in _TOLD:
        length = len(value) if isinstance(value, Sized) else None
        else_ = " or leave it out" if _may_be_left_out(fault["loc"], root) else ""
        return _TOLD[fault["type"]].format(name=name, length=length, else_=else_, **fault.get("ctx", {}))
    said, shown = _wanted(fault), _shown(value)
    if fault["type"] == "value_error":
        return f"{name} is {shown}: {said}" if name else said
    else_ = ", or be left out" if value is None and _may_be_left_out(fault["loc"], root) else ""
    return f"{name or 'the body'} is {shown}; it should be {said}{else_}"


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return f"{shown[:LONGEST_NAME]}…" if len(shown) > LONGEST_NAME else shown


def _may_be_left_out(loc: tuple[int | str, ...], root: type[BaseModel]) -> bool:
    field = _model_at(loc[:-1], root).model_fields.get(str(loc[-1])) if loc else None
    return field is not None and not field.is_required()


def _wanted(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":
        return f"text of the form {fault['ctx']['pattern']}" if fault["input"].strip() else "more than blanks"
    told = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return _WANTED.get(fault["type"]) or told


def _known_fields(loc: tuple[int | str, ...], root: type[BaseModel]) -> str:
    known = sorted(_model_at(loc[:-1], root).model_fields)
    close = difflib.get_close_matches(str(loc[-1])[:LONGEST_NAME], known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}known are {', '.join(known) or 'none'}"


def _model_at(loc: tuple[int | str, ...], root: type[BaseModel]) -> type[BaseModel]:
    """The model at a place in ``root``, as far as that is one of models, or of lists of them."""
    model = root
    for part in loc:
        field = model.model_fields.get(str(part))
        inner = next(_models_in(field.annotation), None) if field is not None else None
        if inner is not None:
            model = inner
        elif not isinstance(part, int):
            return model
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a field may hold, itself or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
