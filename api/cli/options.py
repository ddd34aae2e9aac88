"""The options of a job as flags, made from the classes that check a submission.

Nothing about a job is written here twice: choices, defaults and help come from ``domain/submission.py``, and
so do all checks but those of choices, which click makes itself. A test holds that every field has its flag.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from api.cli.errors import InputError
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

    def option(self) -> Callable[[F], F]:
        told = (_HELP.get(self.field) if self.part != "models" else None) or self.info.description or ""
        if self.switch:
            return click.option(self.name, self.parameter, is_flag=True, default=None, help=told)
        default = self.info.default
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


def job_options(command: F, *, without: Collection[str] = ()) -> F:
    """Add every option of a job to a command, but for some fields; its ``**job`` goes to `submission`."""
    metadata = click.option(
        "--metadata", "job_metadata", multiple=True, metavar="KEY=VALUE",
        help="Yours; given back as it was. A value that is JSON is kept as such. May be repeated",
    )  # fmt: skip
    command = metadata(command)
    for flag in reversed(FLAGS):
        if flag.field not in without:
            command = flag.option()(command)
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
    pointer = "/" + "/".join(str(step) for step in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    value = fault["input"]
    if pointer == "/script":
        length = f"it holds {len(value):,} characters; " if "at most" in message else ""
        return field_message(pointer, length + message.replace("String should have", "it should have"))
    if message.startswith("Input should be "):
        return f"{_name(pointer)} is {value!r}; it should be {message.removeprefix('Input should be ')}"
    return field_message(pointer, message if isinstance(value, dict) else f"{value!r}: {message}")


def field_message(pointer: str, message: str) -> str:
    """A refusal of a field, by the name that it has on the command line."""
    name = _name(pointer)
    if pointer.startswith("?") and message.startswith(f"{pointer[1:]} is "):
        return name + message.removeprefix(pointer[1:])
    return f"{name}: {message}" if name else message


def _name(pointer: str) -> str:
    if pointer.startswith("?"):
        return f"--{pointer[1:]}"  # a parameter of a request has its name here as well
    flag = next((flag.name for flag in FLAGS if flag.pointer == pointer), None)
    return flag or {
        "/script": "SCRIPT",
        "/scenes": "--scenes",
        "/metadata": "--metadata",
        "/topic": "--topic",
        "/topic/about": "--topic",
        "/topic/audience": "--audience",
        "/topic/tone": "--tone",
        "/files/logo": "--logo-file",
        "/files/music": "--music-file",
        "/webhook/url": "--webhook",
        "/files/outro": "--outro-file",
    }.get(pointer, pointer)
