"""Scripted faults: which requests go wrong, and how.

A faults file is a JSON list; every entry names a ``fault`` and may say which requests it strikes::

    [
      {"fault": "429", "kind": "image", "scene": 2, "times": 1, "seconds": 3},
      {"fault": "503", "stage": "narration", "times": 2},
      {"fault": "finish", "reason": "IMAGE_PROHIBITED_CONTENT", "contains": "skyline", "times": "always"},
      {"fault": "hang", "model": "gemini-3.8-flash", "nth": 2, "seconds": 30}
    ]

``kind``      text, image, speech, video or music
``stage``     script_writing, script_analysis, prompt_generation, audio_planning, image_generation, narration,
              video_generation or music
``model``     the model's name
``document``  the title of the JSON schema asked for, such as Storyboard
``scene``     the scene's number, known for what this emulator itself wrote before
``contains``  words in the request, in any case
``nth``       from the nth request on that all the above hold for (default 1)
``times``     how often, a number or "always" (default 1)
``seconds``   of hang and delay (default 60 and 5); of 429: the RetryInfo (default 2); of what goes by the
              clock: how long a spell of 503 or a "minute" lasts (default 120 and 60)
``limit``     of 429_per_minute: requests that each model takes in its minute (default 10)
``reason``    of finish and blocked
``polls``     of poll_… and file_processing: how many looks at the interaction or its file (default 1)
``rpc``       true: an error of the Interactions API in google.rpc's form instead of its own

The same can be asked for in a script, by a person who wants to see an error in the page; the direction is
never spoken, drawn or kept: ``[[fault: 429 image_generation scene=2 times=1]]``. After the name, a bare
word is a stage or kind. A fault of music strikes only from a faults file, or in the song's own prompt: what
asks for a song says nothing of the film that it is for.

Faults by name: HTTP errors ``400 400_unknown_field 400_unknown_field_list 400_api_key_invalid
400_api_key_expired 400_api_key_not_found 400_location 400_too_long 400_modalities 400_model_turn
400_tts_wrote 403 403_leaked 403_disabled 403_suspended 404 409 429 429_per_day 429_limit_0 429_credits
429_spending_cap 429_help_only 429_bare 429_list 500 503 503_overloaded 503_list 504``; answers with status
200 ``blocked finish no_candidates empty_candidates empty_body not_json text_only thoughts_only
truncated_json fenced_json bad_base64 wrong_aspect small_image silent_audio short_audio rambling_audio
swallowed_audio swallowed_sentence schema_mismatch missing_sentence wrong_scene_count wrong_language
unknown_voice max_tokens_on_thoughts``; what a real model does although the schema is obeyed
``missing_optional dropped_name misspelt_name one_too_few one_too_many other_chords`` and in pictures
``lettering border copied_reference``; by the clock, from the first request on ``503_spell 429_per_minute``
(``nth`` and ``times`` mean nothing there); the connection ``disconnect disconnect_after_headers hang
delay``.

What else an interaction (a shot, or a song that is asked for so) meets is chosen when it is created and
shows later (``interactions/README.md`` says what each does). When it is looked at: ``poll_429 poll_500
poll_503 poll_404 poll_slow poll_garbage poll_empty poll_cut``; in how it ends: ``accepted_lost
accepted_without_id stays_in_progress id_expires interaction_failed interaction_incomplete
interaction_cancelled budget_exceeded no_content mega_thought inline_video``; in its file: ``file_processing
file_failed file_missing download_503 download_cut``; in the shot: ``wrong_length wrong_shape black_shot
frozen_shot broken_mp4 several_cuts other_first_frame``. Of songs: ``blocked text_only silent_audio
short_audio other_audio_type``.
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from actors.emulator.models import ModelKind
from actors.emulator.vocabulary.word_patterns import words

HTTP_FAULTS = words(
    """
    400 400_unknown_field 400_unknown_field_list 400_api_key_invalid 400_api_key_expired
    400_api_key_not_found 400_location 400_too_long 400_modalities 400_model_turn 400_tts_wrote
    403 403_leaked
    403_disabled 403_suspended 404 409 429 429_per_day 429_limit_0 429_credits 429_spending_cap
    429_help_only 429_bare 429_list 500 503 503_overloaded 503_list 504
    """
)
ANSWER_FAULTS = words(
    """
    blocked finish no_candidates empty_candidates empty_body not_json text_only thoughts_only
    truncated_json fenced_json bad_base64 wrong_aspect small_image silent_audio short_audio
    rambling_audio swallowed_audio swallowed_sentence max_tokens_on_thoughts
    missing_optional dropped_name misspelt_name one_too_few one_too_many other_chords
    lettering border copied_reference other_audio_type
    schema_mismatch missing_sentence wrong_scene_count wrong_language unknown_voice
    """
)
INTERACTION_FAULTS = words(
    """
    poll_429 poll_500 poll_503 poll_404 poll_slow poll_garbage poll_empty poll_cut
    accepted_lost accepted_without_id stays_in_progress id_expires interaction_failed
    interaction_incomplete interaction_cancelled budget_exceeded no_content mega_thought inline_video
    file_processing file_failed file_missing download_503 download_cut
    """
)
SHOT_FAULTS = words(
    """
    wrong_length wrong_shape black_shot frozen_shot broken_mp4 several_cuts other_first_frame
    """
)
CONNECTION_FAULTS = ["disconnect", "disconnect_after_headers", "hang", "delay"]
CLOCK_FAULTS = ["503_spell", "429_per_minute"]
NAMES = (
    *HTTP_FAULTS,
    *ANSWER_FAULTS,
    *CLOCK_FAULTS,
    *CONNECTION_FAULTS,
    *INTERACTION_FAULTS,
    *SHOT_FAULTS,
)
FINISH_REASONS = words(
    """
    MAX_TOKENS SAFETY RECITATION LANGUAGE OTHER BLOCKLIST PROHIBITED_CONTENT SPII
    MALFORMED_FUNCTION_CALL IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_OTHER NO_IMAGE IMAGE_RECITATION
    UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MISSING_THOUGHT_SIGNATURE MALFORMED_RESPONSE ESCALATION
    PUP_LIMITED_DISABLED CONTINUATION MODEL_ARMOR
    """
)
BLOCK_REASONS = words("SAFETY OTHER BLOCKLIST PROHIBITED_CONTENT IMAGE_SAFETY MODEL_ARMOR JAILBREAK")
STAGES: dict[str, dict[str, str]] = {
    "script_writing": {"kind": "text", "document": "WrittenScript"},
    "script_analysis": {"kind": "text", "document": "ScriptAnalysis"},
    "prompt_generation": {"kind": "text", "document": "Storyboard"},
    "audio_planning": {"kind": "text", "document": "AudioPlan"},
    "image_generation": {"kind": "image"},
    "narration": {"kind": "speech"},
    "video_generation": {"kind": "video"},
    "music": {"kind": "music"},
}
KINDS = get_args(ModelKind)
DEFAULT_SECONDS = {"hang": 60.0, "delay": 5.0, "503_spell": 120.0, "429_per_minute": 60.0, "poll_slow": 5.0}
DEFAULT_LIMIT = 10


class BadFault(ValueError):  # noqa: N818 - it is the fault that is bad
    """A fault that cannot be understood; the message names where, the field, the value and what would do."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One scripted fault. ``times`` None means always."""

    fault: str
    reason: str | None = None
    kind: str | None = None
    document: str | None = None
    model: str | None = None
    scene: int | None = None
    contains: str | None = None
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None
    limit: int | None = None
    polls: int | None = None
    rpc: bool | None = None

    def lasts(self) -> float:
        """Seconds of hang, delay or RetryInfo."""
        return self.seconds if self.seconds is not None else DEFAULT_SECONDS.get(self.fault, 2.0)

    def public(self) -> dict[str, Any]:
        """As in a faults file."""
        entry = {name: value for name, value in asdict(self).items() if value is not None}
        return entry | {"times": self.times if self.times is not None else "always"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a fault is matched against."""

    kind: str
    model: str
    text: str
    document: str | None = None
    scene: int | None = None


def load(path: str | Path) -> tuple[Fault, ...]:
    """The faults of a file; raises BadFault (an unreadable file, bad JSON, an unknown field or value)."""
    try:
        entries = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadFault(f"{path}: cannot be read: {problem.strerror}") from problem
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise BadFault(f"{path}: is not JSON: {problem}") from problem
    return parse(entries, str(path))


def parse(entries: Any, where: str = "faults") -> tuple[Fault, ...]:
    """The faults of a JSON list; raises BadFault naming entry and field."""
    if not isinstance(entries, list):
        raise BadFault(f"{where}: must be a list of faults, not {type(entries).__name__}")
    return tuple(_fault(entry, f"{where}[{n}]") for n, entry in enumerate(entries))


def from_direction(words: str) -> Fault:
    """The fault of ``[[fault: words]]``; raises BadFault."""
    entry: dict[str, Any] = {}
    for n, word in enumerate(words.split()):
        name, sign, value = word.partition("=")
        if n == 0:
            entry["fault"] = word
        elif sign:
            entry[name] = json.loads(value) if re.fullmatch(r"\d+(\.\d+)?", value) else value
        else:
            entry["stage" if word in STAGES else "kind"] = word
    return _fault(entry, f"[[fault: {words}]]")


def _fault(entry: Any, where: str) -> Fault:
    if not isinstance(entry, dict):
        raise BadFault(f"{where}: must be an object, not {type(entry).__name__}")
    known = [field.name for field in fields(Fault)] + ["stage"]
    for name in entry:
        if name not in known:
            raise BadFault(f"{where}.{name}: unknown field; known are {', '.join(known)}")
    values = {name: value for name, value in entry.items() if value is not None}
    values["fault"] = str(values.get("fault", ""))
    _one_of(where, "fault", values["fault"], NAMES)
    if "stage" in values:
        stage = values.pop("stage")
        _one_of(where, "stage", stage, STAGES)
        values |= STAGES[stage]
    if "kind" in values:
        _one_of(where, "kind", values["kind"], KINDS)
    _reason(where, values)
    _plain_values(where, values)
    if "limit" in values and values["fault"] != "429_per_minute":
        raise BadFault(f"{where}.limit: only 429_per_minute has a limit")
    return Fault(**values)


def _plain_values(where: str, values: dict[str, Any]) -> None:
    for name in ("document", "model", "contains"):
        if name in values and not isinstance(values[name], str):
            raise BadFault(f"{where}.{name}: {values[name]!r} must be text")
    if "rpc" in values:
        values["rpc"] = values["rpc"] in {True, "true"}
    for name in ("scene", "nth", "times", "limit", "polls"):
        if name in values and values[name] == "always" and name == "times":
            values[name] = None
        elif name in values and not (type(values[name]) is int and values[name] >= 1):
            raise BadFault(
                f"{where}.{name}: {values[name]!r} must be a whole number from 1"
                + (' or "always"' * (name == "times"))
            )
    if "seconds" in values and not (
        type(values["seconds"]) in {int, float} and 0 <= values["seconds"] <= 86_400
    ):
        raise BadFault(f"{where}.seconds: {values['seconds']!r} must be a number from 0 to 86400")


def _reason(where: str, values: dict[str, Any]) -> None:
    reasons = {"finish": FINISH_REASONS, "blocked": BLOCK_REASONS}.get(values["fault"])
    if reasons is None:
        if "reason" in values:
            raise BadFault(f"{where}.reason: only finish and blocked have a reason")
        return
    values["reason"] = str(values.get("reason", "SAFETY")).upper()
    _one_of(where, "reason", values["reason"], reasons)


def _one_of(where: str, name: str, value: Any, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise BadFault(f"{where}.{name}: {value!r} is none of {', '.join(allowed)}")


class FaultScript:
    """Faults with their counts: which of them strikes a request. Safe to use from several threads."""

    def __init__(self, faults: Iterable[Fault] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self.faults = tuple(faults)
        self._clock = clock
        self._begun: dict[int, float] = {}
        self._served: dict[tuple[int, str], deque[float]] = {}
        self._seen = [0] * len(self.faults)
        self._struck = [0] * len(self.faults)
        self._lock = threading.Lock()

    def strike(self, request: Request) -> Fault | None:
        """The first fault due for this request, counted; None when it goes well."""
        with self._lock:
            due = None
            for n, fault in enumerate(self.faults):
                if not _matches(fault, request):
                    continue
                if fault.fault in CLOCK_FAULTS:
                    due = due or self._by_the_clock(n, fault, request)
                    continue
                self._seen[n] += 1
                spent = fault.times is not None and self._struck[n] >= fault.times
                if due is None and not spent and self._seen[n] >= fault.nth:
                    self._struck[n] += 1
                    due = fault
            return due

    def _by_the_clock(self, n: int, fault: Fault, request: Request) -> Fault | None:
        now = self._clock()
        if fault.fault == "503_spell":
            return fault if now < self._begun.setdefault(n, now) + fault.lasts() else None
        served = self._served.setdefault((n, request.model), deque())
        while served and served[0] <= now - fault.lasts():
            served.popleft()
        limit = fault.limit or DEFAULT_LIMIT
        if len(served) < limit:
            served.append(now)
            return None
        return replace(fault, limit=limit, seconds=served[0] + fault.lasts() - now)


def _matches(fault: Fault, request: Request) -> bool:
    return (
        fault.kind in {None, request.kind}
        and fault.model in {None, request.model}
        and fault.document in {None, request.document}
        and fault.scene in {None, request.scene}
        and (fault.contains is None or fault.contains.lower() in request.text.lower())
    )
