"""The options of a job as flags, made from the classes that check a submission.

Nothing about a job is written here twice: choices, defaults and help come from ``domain/submission.py``, and
so do all checks but those of choices, which click makes itself. A test holds that every field has its flag.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from api.cases.validation import fault_of
from api.cli.errors import InputError
from api.settings import PREFIX, Fault
from domain.request import DIGEST
from domain.submission import Models, Options, Submission

F = TypeVar("F", bound=Callable[..., Any])

# Names that read better as flags than as fields of JSON; all others are the field with dashes.
_FLAGS = {
    "include_audio": "audio",
    "target_duration_s": "target-duration",
    "max_cost_usd": "max-cost",
    "patience_s": "patience",
    "pace": "reading-pace",  # the emulator has a pace of its own
}
_HELP = {
    "aspect_ratio": "Shape of the picture",
    "fps": "Frames a second",
    "target_duration_s": "How long the film is to be, in seconds",
    "max_scenes": "The most scenes that the script is divided into",
    "max_images": "The most pictures that are drawn, by default about one for 7 s of film",
    "motion": "What moves: the camera over stills, or the pictures themselves, in shots of a video model, "
    "which cost ten times all else (`reelog estimate` tells)",
    "captions": "In the picture, only beside it, or neither (the caption files are always written)",
    "review": "Where the job waits for approval: script, storyboard, narration, images, with commas between; "
    "a film on a TOPIC waits at its script, unless it is none",
    "voice": "A voice of the speech model; without it the audio plan picks one",
    "voices": "Who speaks: one narrator, or the cast its own lines, where the script names or quotes them",
    "caption_speakers": "Captions name who speaks, where the script does",
    "patience_s": "For how many seconds what costs nothing (an overloaded model, no network) is tried again; "
    "without it REELOG_PATIENCE decides (half an hour)",
    "language": "Language of the script, as a tag such as en or pt-BR; without it the analysis finds out",
    "priority": "Whose turn it is when jobs wait",
    "include_audio": "A silent film: neither narration nor music",
    "narration": "Nobody speaks; a scene lasts as long as reading it would",
    "music": "No music",
}
_HELP_OF_FORK = {
    "max_images": "The most pictures that are drawn",
    "voice": "A voice of the speech model, in place of the one that speaks",
    "patience_s": "For how many seconds what costs nothing (an overloaded model, no network) is tried again",
    "language": "Have the film translated into this language, a tag such as de or pt-BR: its words are "
    "written and spoken anew, which costs money",
}
_ALONE = {"motion": "generated"}
"""What a flag means that is given without a value."""
_NOT_FLAGS = {
    *("script", "topic", "scenes", "cast", "models", "options", "files", "metadata", "webhook"),
    "allow_fallback",
}
"""The script is an argument, metadata and the webhook have forms of their own, files are sent before they are
named, and a fallback cannot be asked for."""


@dataclass(frozen=True)
class Flag:
    """A field of a submission and its flag; ``part`` is models, options or None."""

    part: str | None
    field: str
    info: FieldInfo

    @property
    def name(self) -> str:
        name = _FLAGS.get(self.field, self.field.replace("_", "-"))
        if self.part == "models":
            name = f"{self.field}-model"
        return f"--no-{name}" if self.negated else f"--{name}"

    @property
    def parameter(self) -> str:
        return f"job_{self.field}_model" if self.part == "models" else f"job_{self.field}"

    @property
    def pointer(self) -> str:
        """Where the field is in the JSON of a submission."""
        return f"/{self.part}/{self.field}" if self.part else f"/{self.field}"

    @property
    def negated(self) -> bool:
        return self.info.annotation is bool and self.info.default is True

    @property
    def switch(self) -> bool:
        return self.info.annotation is bool

    @property
    def choices(self) -> dict[str, Any]:
        """The values that would do, by how they are typed; empty when any may be given."""
        if get_origin(self.info.annotation) is not Literal:
            return {}
        return {str(value): value for value in get_args(self.info.annotation)}

    def option(self, *, of_fork: bool = False) -> Callable[[F], F]:
        words = _HELP | _HELP_OF_FORK if of_fork else _HELP
        told = (words.get(self.field) if self.part != "models" else None) or self.info.description or ""
        if self.switch:
            return click.option(self.name, self.parameter, is_flag=True, default=None, help=told)
        default = "as it was" if of_fork else self.info.default
        shown = f" [default: {default}]" if default is not None else ""
        kind: click.ParamType[Any] = click.Choice(list(self.choices)) if self.choices else _kind(self.info)
        alone: dict[str, Any] = {}
        if self.field in _ALONE:
            alone = {"is_flag": False, "flag_value": _ALONE[self.field]}
            shown += f" [alone: {_ALONE[self.field]}]"
        return click.option(self.name, self.parameter, type=kind, default=None, help=told + shown, **alone)

    def value(self, typed: Any) -> Any:
        """The typed value as the submission wants it."""
        if self.negated:
            return not typed
        if self.field == "review":
            return (
                [] if typed.strip() == "none" else [name.strip() for name in typed.split(",") if name.strip()]
            )
        return self.choices.get(typed, typed)


def _flags_of(model: type[BaseModel], part: str | None) -> list[Flag]:
    return [Flag(part, name, info) for name, info in model.model_fields.items() if name not in _NOT_FLAGS]


FLAGS = [*_flags_of(Options, "options"), *_flags_of(Submission, None), *_flags_of(Models, "models")]


def _kind(info: FieldInfo) -> click.ParamType[Any]:
    kinds = set(get_args(info.annotation)) or {info.annotation}
    if float in _plain(kinds):
        return click.FLOAT
    return click.INT if int in _plain(kinds) else click.STRING


def _plain(kinds: set[Any]) -> set[Any]:
    """Without what ``Annotated`` adds."""
    return {getattr(kind, "__origin__", kind) for kind in kinds}


def job_options(command: F, *, without: Collection[str] = (), of_fork: bool = False) -> F:
    """Add every option of a job to a command, but for some fields; its ``**job`` goes to `submission`.

    What a fork leaves out is as in its source (``of_fork``), so that no default is told.
    """
    metadata = click.option(
        "--metadata", "job_metadata", multiple=True, metavar="KEY=VALUE",
        help="Yours; given back as it was. A value that is JSON is kept as such. May be repeated",
    )  # fmt: skip
    command = metadata(command)
    for flag in reversed(FLAGS):
        if flag.field not in without:
            command = flag.option(of_fork=of_fork)(command)
    return command


def body(script: str | None, job: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON of a submission, holding only what was asked for; what is left out has its default.

    ``own`` is what is no flag: scenes, cast and files.
    """
    asked: dict[str, Any] = {**({} if script is None else {"script": script}), **(own or {})}
    for flag in FLAGS:
        typed = job.get(flag.parameter)
        if typed is not None:
            place = asked.setdefault(flag.part, {}) if flag.part else asked
            place[flag.field] = flag.value(typed)
    if job["job_metadata"]:
        asked["metadata"] = dict(_pair(pair) for pair in job["job_metadata"])
    return asked


def submission(
    script: str | None, job: Mapping[str, Any], own: Mapping[str, Any] | None = None
) -> Submission:
    """The checked submission. InputError names every flag that is wrong, its value, and what would do."""
    try:
        return Submission.model_validate(body(script, job, own))
    except ValidationError as error:
        raise InputError.of_all(_fault(fault) for fault in error.errors()) from None


def _pair(pair: str) -> tuple[str, Any]:
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise InputError(f"--metadata: {pair!r} is no pair; write it as key=value")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _fault(fault: Any) -> str:
    pointer, message = fault_of(fault, Submission)
    if pointer == "/script" and fault["type"] == "value_error":
        return field_message(pointer, fault["msg"].removeprefix("Value error, "))
    if fault["type"] == "string_pattern_mismatch" and fault["ctx"]["pattern"] == DIGEST:
        return field_message(pointer, _no_file(fault["input"]))
    return field_message(pointer, message)


def _no_file(typed: str) -> str:
    """What is wrong with what stands for a file."""
    if typed.startswith("sha256:"):
        return f"{typed!r} is no digest; write sha256: and 64 digits from 0 to f, or the path of a file"
    return f"{typed} is no file; paths in the JSON begin at its folder"


def field_message(pointer: str, message: str) -> str:
    """A refusal of a field, by the name that it has on the command line."""
    place = pointer.removeprefix("?").removeprefix("/").replace("/", ".")
    name = _name(pointer)
    for told in (place, place.removeprefix("changes.")):
        if told and message.startswith((f"{told} ", f"{told}: ")):
            return f"{name or told}{message.removeprefix(told)}"
    return f"{name}: {message}" if name else message


# Fields by the beginnings of their places, with the names that they may have on the command line: the one
# counts that was typed, else the first one that the command has.
_NAMES: dict[str, tuple[str, ...]] = {
    "/script": ("SCRIPT", "--script"),
    "/scenes": ("--scenes", "--text", "--visual", "--voice"),
    "/order": ("--order",),
    "/cast": ("--cast", "--cast-voice"),
    "/prompts": ("--prompt",),
    "/prompt": ("--prompt", "--prompt-file"),
    "/metadata": ("--metadata",),
    "/topic/audience": ("--audience",),
    "/topic/tone": ("--tone",),
    "/topic": ("--topic",),
    "/files/logo": ("--logo-file",),
    "/files/music": ("--music-file",),
    "/files/outro": ("--outro-file",),
    "/files/style": ("--style-file",),
    "/webhook": ("--webhook",),
    "/url": ("ADDRESS", "--address"),
    "/events": ("--event",),
    "/name": ("NAME",),
    "/title": ("NAME",),
    "/scope": ("--scope",),
    "/rate": ("--rate",),
    "/usd_per_day": ("--usd-per-day",),
    "/at": ("--at",),
    "/expires_in_s": ("--expires-in",),
    "/revision": ("--revision",),
    "/file": ("FILE",),
    "/text": ("FILE",),
    "Idempotency-Key": ("--idempotency-key",),
} | {flag.pointer: (flag.name,) for flag in FLAGS}
_JSON_FILES = {"--scenes", "--cast"}
"""Their faults are told by their places in what the file holds."""
_KEYED = {"/scenes", "/prompts"}
"""Values that begin with the name of what they are for, which is told too."""


def _name(pointer: str) -> str:
    """How a field is named where it was typed; one that no flag of the command stands for by its place."""
    if pointer.startswith("?"):
        return f"--{pointer[1:].replace('_', '-')}"  # a parameter of a request has its name here as well
    steps = pointer.removeprefix("/changes").split("/")
    for length in range(len(steps), 0, -1):
        beginning = "/".join(steps[:length])
        name = option_typed(*_NAMES.get(beginning, ()))
        if name in _JSON_FILES and length < len(steps):
            return pointer
        if name is not None:
            keyed = beginning in _KEYED and length < len(steps)
            return f"{name} {steps[length]}" if keyed else name
    return "" if pointer == "/changes" else pointer


def option_typed(*names: str) -> str | None:
    """Which of these flags or arguments was typed, else the first one that the command has."""
    context = click.get_current_context(silent=True)
    if context is None:
        return names[0] if names else None
    had = {name: param for name in names for param in context.command.params if _is_called(param, name)}
    typed = (name for name, param in had.items() if context.params.get(param.name or ""))
    return next(typed, None) or next(iter(had), None)


def _is_called(param: click.Parameter, name: str) -> bool:
    return name in param.opts or name in re.findall("[A-Z]+", param.human_readable_name)


def setting_message(fault: Fault) -> str:
    """What is wrong with a setting, by the flag that gave it, where one did."""
    name = fault.name.removeprefix(PREFIX)
    flag = "--address" if name == "RAY_ADDRESS" else f"--{name.lower()}"
    context = click.get_current_context(silent=True)
    if context is None:
        return str(fault)
    for param in context.command.params:
        typed = context.params.get(param.name or "") if flag in param.opts else None
        if typed is not None and fault.value in {str(typed), str(Path(str(typed)).absolute())}:
            return f"{flag} is {str(typed)!r}: {fault.message}"
    return str(fault)
