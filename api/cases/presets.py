"""Presets and casts: values of submissions that are kept by name, and used by name.

A name stands for what is stored under it when a job is submitted: the job records the values, and which
preset and which version of it they came from. What is stored under the name later changes no job.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from api.cases.callers import LOCAL
from api.cases.errors import Faults, FieldError, Refusal, refuse
from api.cases.validation import read_submission, validated
from api.composition import System
from domain.given_scenes import MOST_CAST, CastMember
from domain.preset import Preset, PresetKind
from domain.request import PRESET_NAME, Request
from projections.wire import encode, iso

MOST_KEPT = 200
"""Of each kind, of one caller."""
MOST_BYTES = 65_536
NAMES_SHOWN = 20
NOT_KEPT = ("script", "scenes", "topic", "preset")
"""What a film is about is said in each submission."""
_LAID_OVER = ("models", "options", "files", "metadata")
"""Of these a submission may name some, and the preset the others."""


class Cast(Request):
    cast: list[CastMember] = Field(min_length=1, max_length=MOST_CAST)


@dataclass(frozen=True)
class PresetRequest:
    kind: PresetKind
    name: str
    caller: str = LOCAL


@dataclass(frozen=True)
class StoredPreset:
    """``page`` is JSON; ``added`` is False where one of this name was there."""

    page: bytes
    added: bool


# ---- using them -----------------------------------------------------------------------------------------


def resolved(system: System, value: Any, caller: str = LOCAL) -> Any:
    """A submission as it came, with what is meant in the place of names. Faults where there is none. Blocks.

    Anything else that is wrong with it stays as it is: it is judged later, with all the rest.
    """
    if not isinstance(value, dict):
        return value
    used, name = {}, value.get("preset")
    if isinstance(name, str):
        preset = _named(system, PresetKind.PRESET, name, "/preset", caller)
        value = laid_over(preset.values, {k: v for k, v in value.items() if k != "preset"})
        used["preset"] = _reference(preset)
    if isinstance(name := value.get("cast"), str):
        cast = _named(system, PresetKind.CAST, name, "/cast", caller)
        value = value | {"cast": cast.values}
        used["cast"] = _reference(cast)
    metadata = value.get("metadata", {})
    if not used or not isinstance(metadata, dict):
        return value
    return value | {"metadata": used | metadata}


def _named(system: System, kind: PresetKind, name: str, pointer: str, caller: str) -> Preset:
    found = system.presets.find(caller, kind, name)
    if found is None:
        raise Faults.of_one("invalid_submission", pointer, _unknown(system, kind, name, caller))
    return found


def _unknown(system: System, kind: PresetKind, name: str, caller: str) -> str:
    names = [one.name for one in system.presets.all(caller, kind)]
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    known = f"there are {', '.join(names[:NAMES_SHOWN])}{more}" if names else f"no {kind} is kept yet"
    return f"there is no {kind} {name[:100]!r}; {known}"


def laid_over(kept: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The values of a submission, where what is given goes before what is kept."""
    value = kept | given
    for name in _LAID_OVER:
        if isinstance(kept.get(name), dict) and isinstance(given.get(name), dict):
            value[name] = kept[name] | given[name]
    return value


def _reference(preset: Preset) -> dict[str, Any]:
    return {"name": preset.name, "version": preset.edition}


# ---- keeping them ---------------------------------------------------------------------------------------


def list_presets(
    system: System, kind: PresetKind, limit: int, caller: str = LOCAL
) -> tuple[list[bytes], bool]:
    """Those of a caller by name, each as JSON; and whether there are more. Blocks."""
    kept = system.presets.all(caller, kind)
    return [encode(_page(one)) for one in kept[:limit]], len(kept) > limit


def get_preset(system: System, request: PresetRequest) -> bytes:
    """One as JSON. Refusals ``preset_not_found``, ``cast_not_found``. Blocks."""
    found = system.presets.find(request.caller, request.kind, request.name)
    if found is None:
        raise _not_found(system, request)
    return encode(_page(found))


def put_preset(system: System, request: PresetRequest, value: Any) -> StoredPreset:
    """Store values under a name; Faults name all that is wrong with them. Blocks."""
    kind, name, caller = request.kind, request.name, request.caller
    if not re.fullmatch(PRESET_NAME, name):
        message = (
            f"{name[:100]!r} is no name; write up to 64 small letters, digits, dots, dashes and underscores, "
            "a letter or digit first"
        )
        raise Faults.of_one("invalid_submission", "", message)
    values = _members(value) if kind is PresetKind.CAST else _values(system, value, caller)
    size = len(json.dumps(values, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        message = f"it takes {size:,} bytes; at most {MOST_BYTES:,} are kept"
        raise Faults.of_one("invalid_submission", "", message)
    there = system.presets.find(caller, kind, name) is not None
    if not there and len(system.presets.all(caller, kind)) >= MOST_KEPT:
        message = f"{MOST_KEPT} are kept already, and no more may be; delete one first"
        raise Faults.of_one("invalid_submission", "", message)
    preset, added = system.presets.put(caller, kind, name, values, system.clock())
    return StoredPreset(encode(_page(preset)), added)


def _members(value: Any) -> list[dict[str, Any]]:
    """The characters of a cast, checked; also as a submission has them, under ``cast``."""
    cast = validated(value if isinstance(value, dict) else {"cast": value}, Cast)
    known: set[str] = set()
    for number, member in enumerate(cast.cast):
        name = member.name.strip().casefold()
        if name in known:
            message = f"{member.name} is in the cast already; name each once"
            raise Faults.of_one("invalid_submission", f"/cast/{number}/name", message)
        known.add(name)
    return [member.model_dump(exclude_none=True) for member in cast.cast]


def _values(system: System, value: Any, caller: str) -> dict[str, Any]:
    """The values of a preset, as they came: what is left out is decided when it is used."""
    if not isinstance(value, dict):
        raise Faults.of_one("invalid_submission", "", "a preset is an object of values of a submission")
    strange = [name for name in NOT_KEPT if name in value]
    refuse(
        [FieldError(f"/{name}", f"a preset holds no {name}; give it in each submission") for name in strange]
    )
    if not value:
        raise Faults.of_one("invalid_submission", "", "a preset holds at least one value")
    _, faults, unnamed = read_submission(resolved(system, {"script": "Words.", **value}, caller))
    refuse(faults, unnamed)
    return value


def delete_preset(system: System, request: PresetRequest) -> None:
    """Remove one; jobs that used it stay as they are. Refusals as for `get_preset`. Blocks."""
    if not system.presets.remove(request.caller, request.kind, request.name, system.clock()):
        raise _not_found(system, request)


def _not_found(system: System, request: PresetRequest) -> Refusal:
    said = _unknown(system, request.kind, request.name, request.caller)
    return Refusal(f"{request.kind}_not_found", f"{said[0].upper()}{said[1:]}.")


def _page(preset: Preset) -> dict[str, Any]:
    field = "cast" if preset.kind is PresetKind.CAST else "values"
    return {
        "name": preset.name,
        "version": preset.edition,
        field: preset.values,
        "created_at": iso(preset.created_on),
        "updated_at": iso(preset.stored_at),
        "links": {"self": f"/v1/{preset.kind}s/{preset.name}"},
    }
