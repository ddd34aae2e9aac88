"""What a fork changes, and where in its body a fault is of the submission that its changes make.

Most of that submission is the source's, and the body holds none of it. What has a place in the body is told
there, also where it was left out: put there, it is mended. The rest a fork takes over as its author gave it,
so that a fault of it is one of the changes with which it does not go.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from api.cases.errors import FieldError, MissingFileError
from api.cases.regenerate import Prompt
from domain.given_scenes import MOST_CAST, CastMember
from domain.job import Job
from domain.submission import Request
from domain.topic import AnyTopic

_TAKEN_AWAY = ("language", "max_cost_usd")
"""What a film need not have: by null."""

_SHAPE = ("options/aspect_ratio", "options/resolution")
_SPOKEN = ("options/narration", "options/include_audio")
_GOES_WITH = {
    "scenes/": ("options/script_form",),
    "scenes/image": _SHAPE,
    "scenes/shot": _SHAPE,
    "scenes/motion": ("options/aspect_ratio",),
    "scenes/narration": (*_SPOKEN, "options/script_form"),
    "scenes/text": (*_SPOKEN, "options/script_form", "options/captions"),
    "cast/image": ("models/image",),
    "cast/voice": ("models/speech",),
    "files/style": ("models/image",),
    "files/outro": _SHAPE,
}
"""Of what an author gives, with what else of a submission it has to go; places without their numbers."""


class Changes(Request):
    """A submission in part: what is left out, or null, stays; null takes a language or a budget away."""

    script: str | None = None
    topic: AnyTopic | None = Field(
        default=None, description="What a script is to be written about, in place of the one that is there"
    )
    language: str | None = None
    cast: list[CastMember] = Field(
        default_factory=list,
        max_length=MOST_CAST,
        description="Those that are to be others, by name; what is left out of one stays as it is",
    )
    models: dict[str, str | None] = Field(
        default_factory=dict, description="Those that are to be others; music: null is the synthesiser"
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Those that are to be others")
    max_cost_usd: float | None = None
    priority: str | None = None
    metadata: dict[str, Any] | None = None
    prompts: dict[str, Prompt] = Field(
        default_factory=dict, description="Prompts of your own, by asset: image:2, storyboard, narration:1 …"
    )

    @property
    def given(self) -> set[str]:
        """What is to be another."""
        return {
            name for name in self.model_fields_set if name in _TAKEN_AWAY or getattr(self, name) is not None
        }


def in_the_body(fault: FieldError, source: Job, changes: Changes, cast: Sequence[str]) -> FieldError:
    """The fault as it is told to whoever sent ``changes``; ``cast``: the names of the submission's."""
    group, _, place = fault.pointer.removeprefix("/").partition("/")
    number, _, field = place.partition("/")
    if group == "cast" and place:
        name = cast[int(number)]
        own = [member.name.strip().casefold() for member in changes.cast]
        if name.strip().casefold() in own:
            place = f"cast/{own.index(name.strip().casefold())}/{field}"
            return type(fault)(f"/changes/{place}", f"{_dotted(place)}{_said(fault)}")
        told, way_out = f"{field} of {name}", "name another for this character in cast"
    elif group == "scenes":
        of = f"scene {int(number) + 1}" if place else "the scenes"
        told, way_out = f"{field} of {of}" if field else of, "submit the film anew with what fits"
    elif group == "files":
        field, told, way_out = place, f"files.{place}", "submit the film anew with what fits"
    else:
        return type(fault)(f"/changes{fault.pointer}", fault.message)
    partners = () if isinstance(fault, MissingFileError) else _GOES_WITH.get(f"{group}/{field}", ())
    changed = [one for one in partners if _is_changed(one, source, changes)]
    if changed:
        way_out = f"leave {' and '.join(map(_dotted, changed))} as in the source, or {way_out}"
    # Of several each may be the one: what holds them all is named then.
    pointer = changed[0] if len(changed) == 1 else "options" if changed else "cast" if group == "cast" else ""
    message = f"{told}{_said(fault).rstrip('.')}; the fork takes it over from its source: {way_out}"
    return type(fault)(f"/changes/{pointer}".rstrip("/"), message)


def unknown_members(cast: Sequence[CastMember], names: Sequence[str]) -> list[FieldError]:
    """Of a film whose characters have these ``names``: a change of anybody else would change nothing."""
    known = {name.strip().casefold() for name in names}
    there = f"those that there are: {', '.join(names)}" if names else "the film has none"
    return [
        FieldError(
            f"/changes/cast/{number}/name",
            f"cast.{number}.name is {member.name!r}, which is no character of the film; {there}",
        )
        for number, member in enumerate(cast)
        if member.name.strip().casefold() not in known
    ]


def _said(fault: FieldError) -> str:
    """The message, without the place where it begins with that."""
    place = _dotted(fault.pointer)
    return fault.message[len(place) :] if fault.message.startswith(f"{place} ") else f": {fault.message}"


def _dotted(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".")


def _is_changed(place: str, source: Job, changes: Changes) -> bool:
    group, name = place.split("/")
    given: dict[str, Any] = getattr(changes, group)
    before = source.options.model_dump(mode="json") if group == "options" else source.models
    return name in given and given[name] != before.get(name)
