"""Calls that are accepted first and answered later: what is asked of a video model, what its answers mean.

Like ``requests.py`` and ``reader.py`` are for ``generateContent``, in one module, because both sides share a
vocabulary of their own: snake_case throughout, images bound to their roles by tags in the prompt, steps in
place of candidates, a state in place of a finish reason.

An answer with an id is a call that was taken, and may be billed whatever comes of it. One without is a
refusal: free where the provider says so in its own words (a 4xx, or that it is overloaded), and else of
unknown price. States that nobody here knows are kept as they came and waited for: the call is paid for.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from actors.gemini.gateway import Json, WireAnswer, is_call_id
from actors.gemini.http_failures import failure_of_error, failure_of_http
from actors.gemini.requests import Reference
from actors.gemini.scrub import scrub
from actors.gemini.wire import decode_base64, objects_in, whole_number
from domain import plain
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import Usage

FIRST_FRAME = "<FIRST_FRAME>"
_EXCERPT = 300
_TAKEN = range(200, 300)


@dataclass(frozen=True)
class InteractionRequest:
    """The body of `Gateway.interact`."""

    model: str
    body: Json


def shot_request(
    model: str,
    prompt: str,
    *,
    first_frame: Reference,
    aspect_ratio: str,
    resolution: str,
    seconds: float,
    references: Sequence[Reference] = (),
    seed: int | None = None,
) -> InteractionRequest:
    """Ask for one shot of ``seconds`` that begins with a picture; ``references`` are what else looks alike.

    It is asked for in the background: the answer is an id, which is kept before anything is waited for.
    """
    settings: Json = {"video_config": {"task": "image_to_video"}}
    if seed is not None:
        settings["seed"] = seed
    pictures = [_picture(picture) for picture in (first_frame, *references)]
    text = {"type": "text", "text": tagged(prompt, len(references))}
    body: Json = {
        "model": model.removeprefix("models/"),
        "input": [{"type": "user_input", "content": [*pictures, text]}],
        "response_format": {
            "type": "video",
            "aspect_ratio": aspect_ratio,
            "resolution": resolution,
            "duration": f"{round(seconds, 3):g}s",
            "delivery": "uri",
        },
        "generation_config": settings,
        "background": True,
        "store": True,  # what is asked for later must be kept until then
        "stream": False,
    }
    return InteractionRequest(model, body)


def tagged(prompt: str, references: int) -> str:
    """The prompt with what each picture is for: a picture without a tag may be ignored.

    Tags that a prompt has already are left as they are.
    """
    if FIRST_FRAME in prompt:
        return prompt
    if not references:
        return f"{FIRST_FRAME} {prompt}"
    named = " ".join(f"<IMAGE_REF_{n}>@Image{n + 2}" for n in range(references))
    return f"[# Sources {FIRST_FRAME}@Image1] [# References {named}] {prompt}"


def _picture(picture: Reference) -> Json:
    data = base64.b64encode(picture.data).decode()
    return {"type": "image", "data": data, "mime_type": picture.media_type}


class Standing(StrEnum):
    """How a call stands, of all that a provider may call it."""

    PENDING = "pending"
    DONE = "done"
    ENDED = "ended"
    """It will not be answered by what was asked for."""


_STANDING = {
    "queued": Standing.PENDING,
    "in_progress": Standing.PENDING,
    "completed": Standing.DONE,
    "failed": Standing.ENDED,
    "cancelled": Standing.ENDED,
    "incomplete": Standing.ENDED,
    "requires_action": Standing.ENDED,
    "requires_continuation": Standing.ENDED,
    "budget_exceeded": Standing.ENDED,
}
_ENDS = {
    "failed": (Code.PROVIDER_ERROR, "The provider gave up the call, and says no more."),
    "cancelled": (Code.STOPPED_FOR_OTHER_REASON, "The call was cancelled at the provider."),
    "incomplete": (Code.STOPPED_FOR_OTHER_REASON, "The provider stopped before it was done."),
    "requires_action": (Code.UNUSABLE_TOOL_CALL, "The model waits for a tool; none is offered."),
    "requires_continuation": (
        Code.STOPPED_FOR_OTHER_REASON,
        "The provider would have gone on with another call, which nobody asked for.",
    ),
    "budget_exceeded": (Code.BILLING_REQUIRED, "The provider's own budget for the call is exceeded."),
}


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """One answer about a call, read."""

    id: str
    status: str
    """As it came."""
    standing: Standing
    model: str | None = None
    usage: Usage | None = None
    """None where the answer tells none."""
    file: str | None = None
    """The name or address of the file that was made."""
    data: str | None = field(default=None, repr=False)
    """The file itself, in base64, where it came along."""
    media_type: str = ""
    said: str = ""
    failure: Failure | None = None
    """Why nothing came of it, where that is so."""


def read_interaction(answer: WireAnswer, model: str, *, created: bool = False) -> Interaction:
    """Read an answer about a call; raises `AttemptFailedError` where it is none.

    ``created``: it answers the call itself, and not a question how it stands. Then its failure tells whether
    the call may be billed; one of a question never is.
    """
    body = _object(answer)
    call_id = body.get("id") if body is not None else None
    if body is None or answer.status not in _TAKEN or not is_call_id(call_id):
        failure = failure_of_http(answer, model)
        billed = created and not _refused(failure, body, answer)
        raise AttemptFailedError(failure.within(may_have_been_billed=billed))
    status = str(body.get("status") or "")
    if not status and (said := _error_in(body)) is not None:
        raise AttemptFailedError(failure_of_error(said, answer, model).within(may_have_been_billed=created))
    outputs = _outputs(body)
    videos = [each for each in outputs if _is_video(each)]
    video = videos[-1] if videos else {}
    usage = read_usage(body.get("usage"))
    if usage is not None and video and "VIDEO" not in usage.by_modality:
        # What is not broken down is film, which is the dearest.
        film = max(0, usage.output_tokens - sum(usage.by_modality.values()))
        usage = replace(usage, by_modality={**usage.by_modality, "VIDEO": film})
    interaction = Interaction(
        id=str(call_id),
        status=status,
        standing=_STANDING.get(status, Standing.PENDING),
        model=_text(body, "model"),
        usage=usage,
        file=_text(video, "uri"),
        data=_text(video, "data"),
        media_type=str(video.get("mime_type") or ""),
        said=" ".join(str(each["text"]) for each in outputs if isinstance(each.get("text"), str)).strip(),
    )
    because = _failure(interaction, body, answer, model)
    return interaction if because is None else _failed(interaction, because)


def read_usage(told: Any) -> Usage | None:
    """What a call used, by an interaction's names for it.

    Thoughts are counted beside the output, which can only be too much.
    """
    if not isinstance(told, dict):
        return None
    return Usage(
        prompt_tokens=whole_number(told.get("total_input_tokens")),
        output_tokens=whole_number(told.get("total_output_tokens")),
        thoughts_tokens=whole_number(told.get("total_thought_tokens")),
        cached_tokens=whole_number(told.get("total_cached_tokens")),
        tool_tokens=whole_number(told.get("total_tool_use_tokens")),
        total_tokens=whole_number(told.get("total_tokens")),
        by_modality=_by_modality(told.get("output_tokens_by_modality")),
        prompt_by_modality=_by_modality(told.get("input_tokens_by_modality")),
    )


def video_bytes(interaction: Interaction) -> bytes:
    """The video that came along with an answer; raises `AttemptFailedError`."""
    try:
        data = decode_base64(interaction.data)
    except ValueError as broken:
        told = f"{interaction.media_type or 'video'} that is not base64: {broken}"
        raise AttemptFailedError(Failure.of(Code.MALFORMED_BODY, told)) from broken
    return data


class FileState(StrEnum):
    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


def read_file_state(answer: WireAnswer, model: str) -> FileState:
    """How the file stands that a call has made; raises `AttemptFailedError`.

    A state that nobody here knows is waited for, and so is none.
    """
    body = _object(answer)
    if body is None or answer.status != HTTPStatus.OK or isinstance(body.get("error"), dict | str):
        failure = failure_of_http(answer, model)
        if body is not None and body.get("state") == FileState.FAILED:
            return FileState.FAILED
        raise AttemptFailedError(failure.within(may_have_been_billed=False))
    told = body.get("file") if isinstance(body.get("file"), dict) else body
    state = str(told.get("state") or "") if isinstance(told, dict) else ""
    return FileState(state) if state in set(FileState) else FileState.PROCESSING


def read_file_error(answer: WireAnswer) -> str:
    """What is said of a file that could not be made ready; empty where nothing is."""
    body = _object(answer) or {}
    told = body.get("file") if isinstance(body.get("file"), dict) else body
    error = told.get("error") if isinstance(told, dict) else None
    return scrub(_text(error, "message") or "") if isinstance(error, dict) else ""


def _failure(interaction: Interaction, body: Json, answer: WireAnswer, model: str) -> Failure | None:
    if interaction.standing is Standing.PENDING:
        return None
    done = interaction.standing is Standing.DONE
    if done and (interaction.file or interaction.data):
        return None
    said = _error_in(body)
    if said is not None:
        failure = failure_of_error(said, answer, model)
        if failure.code != Code.UNKNOWN_ERROR or interaction.status not in _ENDS:
            return failure
        return Failure.of(
            _ENDS[interaction.status][0], failure.message, provider_status=failure.provider_status
        )
    if done:
        told = f"; it says: {scrub(interaction.said)[:_EXCERPT]!r}" if interaction.said else ""
        return Failure.of(Code.NO_SHOT, f"The answer is complete and holds no video{told}")
    code, message = _ENDS[interaction.status]
    return Failure.of(code, message)


def _failed(interaction: Interaction, failure: Failure) -> Interaction:
    """A call that was taken may be billed, whatever the reason for which nothing came of it."""
    usage = interaction.usage
    told: dict[str, Any] = {"status": interaction.status, "model_version": interaction.model}
    if usage is not None:
        told["usage"] = usage.to_dict()
    because = failure.within(
        may_have_been_billed=True,
        finish_reason=interaction.status,
        response_id=interaction.id,
        details=failure.details | told,
    )
    return replace(interaction, failure=because)


def _refused(failure: Failure, body: Json | None, answer: WireAnswer) -> bool:
    """Whether the provider says, in a form of its own, that it did not take the call."""
    if body is None or not isinstance(body.get("error"), dict):
        return False
    status = failure.http_status or answer.status
    refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal or status == HTTPStatus.SERVICE_UNAVAILABLE


def _error_in(body: Json) -> Json | None:
    """The first error that is told anywhere in an answer about a call."""
    found = [*objects_in(body.get("errors")), body.get("error")]
    found += [step.get("error") for step in objects_in(body.get("steps"))]
    return next((error for error in found if isinstance(error, dict) and error), None)


def _outputs(body: Json) -> list[Json]:
    """What the model put out, in order; answers of before had no steps."""
    steps = objects_in(body.get("steps"))
    made = [step for step in steps if step.get("type") == "model_output"]
    contents = [content for step in made for content in objects_in(step.get("content"))]
    return contents or objects_in(body.get("outputs"))


def _is_video(content: Json) -> bool:
    kind = content.get("type") == "video" or str(content.get("mime_type") or "").startswith("video/")
    return kind and bool(_text(content, "uri") or _text(content, "data"))


def _by_modality(details: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in objects_in(details):
        modality = str(entry.get("modality") or "unspecified").upper()
        counts[modality] = counts.get(modality, 0) + whole_number(entry.get("tokens"))
    return counts


def _object(answer: WireAnswer) -> Json | None:
    try:
        value = plain.read(answer.body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _text(body: Json, key: str) -> str | None:
    value = body.get(key)
    return value if isinstance(value, str) and value else None
