"""What one interaction asks for: its input in all three forms, and what the model takes of it.

Refusals are in Google's words where a report has them (durations, pictures, unknown parameters). What
``video_config`` does not know is ignored and paid for, as there.
"""

import base64
import binascii
import difflib
import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import Image, UnidentifiedImageError

from actors.emulator.errors import Refused
from actors.emulator.interactions import errors
from actors.emulator.models import MODELS, Model
from actors.emulator.vocabulary.word_patterns import words
from actors.emulator.writing.prompt_parser import DIRECTION, without_directions

PARAMETERS = words(
    """
    model agent agent_config background cached_content continuation_token environment generation_config
    input labels previous_interaction_id response_format response_mime_type response_modalities
    safety_settings service_tier store stream system_instruction tools webhook_config
    """
)
NOT_FOR_MEDIA = ("temperature", "top_p", "top_k", "stop_sequences", "max_output_tokens")
TASKS = ("text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale")
DEFAULT_SECONDS = 10.0
LONGEST_BETWEEN_FRAMES = 10.0
_TAGGED = re.compile(r"<(FIRST_FRAME|LAST_FRAME|IMAGE_REF_\d+|VIDEO_REF_\d+)>(?:\s*@Image(\d+))?")
_PREFIX = re.compile(r"\[#\s*(?:Sources|References)[^\]]*\]")

Json = dict[str, Any]


@dataclass(frozen=True)
class InteractionRequest:
    """One request for a model that is served."""

    model: Model
    body: Json

    @cached_property
    def contents(self) -> list[Json]:
        """The contents of all user's steps, whichever form the input has."""
        return _contents(self.body.get("input"))

    @cached_property
    def raw_text(self) -> str:
        return "\n".join(str(each.get("text", "")) for each in self.contents if each.get("type") == "text")

    @cached_property
    def text(self) -> str:
        """The words of the prompt, without directions for the emulator and tags that bind pictures."""
        return _TAGGED.sub("", _PREFIX.sub("", without_directions(self.raw_text))).strip()

    @cached_property
    def directions(self) -> list[str]:
        return [found[1] for found in DIRECTION.finditer(self.raw_text)]

    @cached_property
    def pictures(self) -> list[bytes]:
        return [_decoded(each) for each in self.contents if each.get("type") == "image"]

    @cached_property
    def format(self) -> Json:
        """The response format of the model's own kind."""
        given = self.body.get("response_format") or {}
        wanted = "video" if self.model.kind == "video" else "audio"
        formats = given if isinstance(given, list) else [given]
        found: Json = next((each for each in formats if each.get("type", wanted) == wanted), {})
        return found

    @cached_property
    def config(self) -> Json:
        return self.body.get("generation_config") or {}

    @cached_property
    def task(self) -> str | None:
        task: str | None = (self.config.get("video_config") or {}).get("task")
        return task

    @cached_property
    def seconds(self) -> float:
        given = self.format.get("duration")
        return DEFAULT_SECONDS if given is None else float(str(given)[:-1])

    @cached_property
    def resolution(self) -> str:
        return str(self.format.get("resolution") or "720p")

    @cached_property
    def ratio(self) -> str:
        return str(self.format.get("aspect_ratio") or "16:9")

    @cached_property
    def inline(self) -> bool:
        return bool(self.format.get("delivery", "inline") == "inline")

    @cached_property
    def background(self) -> bool:
        return bool(self.body.get("background"))

    @cached_property
    def seed(self) -> int:
        return int(self.config.get("seed") or 0)

    @cached_property
    def frames(self) -> tuple[bytes | None, bytes | None]:
        """First and last frame: pictures are bound by tags in the prompt, not by where they stand."""
        return self._tagged("FIRST_FRAME"), self._tagged("LAST_FRAME")

    def _tagged(self, tag: str) -> bytes | None:
        numbers: dict[str, int] = {}
        for found in _TAGGED.finditer(self.raw_text):
            numbers.setdefault(found[1], int(found[2]) - 1 if found[2] else len(numbers))
        if tag == "FIRST_FRAME" and self.task == "image_to_video" and not numbers and self.pictures:
            return self.pictures[0]
        at = numbers.get(tag)
        return self.pictures[at] if at is not None and at < len(self.pictures) else None


def _contents(given: Any) -> list[Json]:
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    if isinstance(given, dict):
        given = [given]
    found: list[Json] = []
    for each in given if isinstance(given, list) else []:
        if not isinstance(each, dict):
            continue
        if each.get("type") == "user_input":
            found += _contents(each.get("content"))
        else:
            found.append(each)
    return found


def _decoded(content: Json) -> bytes:
    try:
        raw = base64.b64decode(str(content.get("data") or ""), validate=True)
        with Image.open(io.BytesIO(raw)) as image:
            image.load()
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError) as problem:
        raise errors.invalid("Unable to process input image") from problem
    return raw


def read(body: Json, version: str) -> InteractionRequest:
    """The request, checked; raises Refused for what the model would not do."""
    for name in body:
        if name not in PARAMETERS:
            raise errors.invalid(f"Unknown parameter '{name}'")
    ask = InteractionRequest(_model(body, version), body)
    if ask.body.get("stream"):
        raise errors.invalid("The emulator does not stream interactions; leave 'stream' out.")
    if ask.background and body.get("store") is False:
        raise errors.invalid("background=true requires store=true.")
    if not ask.contents or not (ask.text or ask.pictures):
        raise errors.invalid("Missing required parameter 'input'")
    if body.get("system_instruction"):
        raise errors.invalid(f"System instruction is not supported for model '{ask.model.name}'")
    for name in NOT_FOR_MEDIA:
        if ask.config.get(name) is not None:
            raise errors.invalid(f"'{name}' is not supported for model '{ask.model.name}'")
    _ = ask.pictures
    if ask.model.kind == "video":
        _check_video(ask)
    return ask


def _model(body: Json, version: str) -> Model:
    name = str(body.get("model") or "").removeprefix("models/")
    if not name:
        raise errors.invalid("Missing required parameter 'model'")
    model = MODELS.get(name)
    if model is None or version != "v1beta":
        near = difflib.get_close_matches(name, MODELS, 1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise Refused(errors.error(404, "not_found", f"Model '{name}' not found.{hint}"))
    if model.kind not in {"video", "music"}:
        raise errors.invalid(
            f"The emulator serves interactions of video and music alone; ask '{name}' by generateContent."
        )
    return model


def _check_video(ask: InteractionRequest) -> None:
    given = ask.body.get("response_format") or {}
    for each in given if isinstance(given, list) else [given]:
        if each.get("type", "video") != "video":
            raise errors.invalid(
                f"Model '{ask.model.name}' does not support response format '{each['type']}'"
            )
    _one_of("aspect_ratio", ask.ratio, ask.model.ratios)
    _one_of("resolution", ask.resolution, [name for name, _ in ask.model.resolutions])
    _one_of("delivery", ask.format.get("delivery", "inline"), ("inline", "uri"))
    if ask.task is not None:
        _one_of("task", ask.task, TASKS)
    if ask.task in {"edit", "extend", "upscale"}:
        raise errors.invalid(f"The emulator makes no '{ask.task}': it takes no video.")
    if ask.task == "image_to_video" and not ask.pictures:
        raise errors.invalid("Task 'image_to_video' requires an image input.")
    _check_duration(ask)


def _check_duration(ask: InteractionRequest) -> None:
    given = ask.format.get("duration")
    if given is not None and not re.fullmatch(r"\d+(\.\d+)?s", str(given)):
        raise errors.invalid(f"Invalid duration '{given}': a number of seconds such as '5s' is expected")
    least, most = ask.model.seconds
    if all(ask.frames):
        most = min(most, LONGEST_BETWEEN_FRAMES)
    asked = f"Requested video duration {_spelt(ask.seconds)}"
    if ask.seconds > most:
        raise errors.invalid(f"{asked} exceeds the maximum allowed {_spelt(most)}")
    if ask.seconds < least:
        raise errors.invalid(f"{asked} is less than the minimum allowed {_spelt(least)}")


def _spelt(seconds: float) -> str:
    """As Google writes it: ``5s 0ns``."""
    whole = int(seconds)
    return f"{whole}s {round((seconds - whole) * 1e9)}ns"


def _one_of(name: str, value: Any, allowed: Any) -> None:
    if value not in allowed:
        offered = ", ".join(f"'{each}'" for each in allowed)
        raise errors.invalid(f"Invalid value '{value}' for '{name}'. Supported values are: {offered}.")
