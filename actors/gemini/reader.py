"""The one reader of Gemini's answers: bytes in, a typed result or an `AttemptFailedError` out.

Nothing else in the product looks into an answer, so that a stage never takes half an answer for a whole one:
a text beside a missing image, a thought for the text, JSON that stops in the middle, an image that does not
decode. Whether a complete answer does justice to the script is judged in ``actors/stages/checks/answers.py``.

Rejected: the SDKs' parsers (see ``gateway.py``), and repairing broken JSON: half of a script's scenes would
pass for all of them. Only a code fence around whole JSON is taken off.

Reading decodes media; for images of several megabytes call it in a thread.
"""

import io
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from actors.gemini.finish_reasons import failure_of_block, failure_of_finish
from actors.gemini.gateway import Json, WireAnswer
from actors.gemini.http_failures import failure_of_http
from actors.gemini.scrub import scrub, scrub_json
from actors.gemini.wire import (
    block_reason,
    decode_base64,
    finish_reason,
    objects_in,
    parse_body,
    parts_of,
    tokens_by_modality,
    whole_number,
)
from domain import plain
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import Usage

Document = TypeVar("Document", bound=BaseModel)

_EXCERPT = 300
_UNTOLD = frozenset({"", "application/octet-stream"})
_STARTS = (
    (rb"\x89PNG", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"OggS", "audio/ogg"),
    (rb"ID3|\xff[\xfb\xfa\xf3\xf2]", "audio/mpeg"),
    (rb"fLaC", "audio/flac"),
)
_SILENCE = 33
"""The largest 16-bit sample that still counts as silence: 60 dB below full scale."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where an answer comes from, as the provider tells it."""

    model_version: str | None
    """The model that really answered; requests to retired models are rerouted silently."""
    response_id: str | None
    finish_reason: str | None
    usage: Usage
    elapsed_s: float


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    text: str
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class JsonAnswer(Generic[Document]):
    document: Document
    text: str
    """The JSON as it came."""
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class ImageAnswer:
    data: bytes
    """The file as it came."""
    media_type: str
    """What the bytes are, whatever the provider called them."""
    width: int
    height: int
    text: str
    """What the model said beside the image; often empty."""
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class SpeechAnswer:
    wav: bytes
    """WAV, PCM 16 bit, mono, at ``sample_rate``."""
    sample_rate: int
    duration_s: float
    peak: float
    """The loudest sample, as a share of full scale."""
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class SongAnswer:
    data: bytes
    """The file as it came, with whatever the provider signed into it."""
    media_type: str
    """What the bytes are, whatever the provider called them."""
    text: str
    """What the model says of the song's structure; often empty."""
    parts: int
    """How many pieces of sound the answer held; the longest is the song."""
    provenance: Provenance


def read_text(answer: WireAnswer, model: str) -> TextAnswer:
    """Read a text answer; raises `AttemptFailedError`."""
    opened = _Opened(answer, model)
    return TextAnswer(text=opened.text(), provenance=opened.provenance)


def read_json(answer: WireAnswer, model: str, document: type[Document]) -> JsonAnswer[Document]:
    """Read a JSON answer into ``document``; raises `AttemptFailedError`."""
    opened = _Opened(answer, model)
    text = opened.text()
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", text, re.DOTALL | re.IGNORECASE)
    try:
        value = plain.read(fenced.group(1) if fenced else text)
    except ValueError as broken:
        raise opened.failed(
            Code.MALFORMED_ANSWER, f"{broken}; it ends in: {text[-_EXCERPT:]!r}", characters=len(text)
        ) from None
    try:
        read = document.model_validate(value)
    except ValidationError as mismatch:
        problems = [
            {"at": "/" + "/".join(map(str, error["loc"])), "problem": error["msg"]}
            for error in mismatch.errors(include_url=False, include_input=False, include_context=False)
        ]
        shown = "; ".join(f"{p['at']}: {p['problem']}" for p in problems[:5])
        raise opened.failed(Code.SCHEMA_MISMATCH, shown, problems=problems[:50]) from None
    return JsonAnswer(document=read, text=text, provenance=opened.provenance)


def read_image(answer: WireAnswer, model: str) -> ImageAnswer:
    """Read the first image of an answer and decode it whole; raises `AttemptFailedError`."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - the Director and the API read no pictures

    opened = _Opened(answer, model)
    media = opened.media("image/", Code.MALFORMED_IMAGE)
    if not media:
        raise opened.failed(Code.NO_IMAGE, opened.instead("image"))
    data, claimed = media[0]
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            width, height = image.size
            media_type = Image.MIME.get(image.format or "", claimed)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        # SyntaxError is Pillow's word for a broken PNG.
        raise opened.failed(Code.MALFORMED_IMAGE, f"{claimed}, {len(data)} bytes: {broken}") from broken
    return ImageAnswer(
        data=data,
        media_type=media_type,
        width=width,
        height=height,
        text=opened.said,
        provenance=opened.provenance,
    )


def read_speech(answer: WireAnswer, model: str) -> SpeechAnswer:
    """Read an answer's speech, its parts joined in order; raises `AttemptFailedError`."""
    import numpy as np  # noqa: PLC0415 - the Director and the API read no speech

    from actors.gemini import speech  # noqa: PLC0415 - as above

    opened = _Opened(answer, model)
    try:
        media = opened.media("audio/", Code.MALFORMED_SPEECH)
        sounds = [speech.decode(data, claimed) for data, claimed in speech.joined(media)]
    except ValueError as broken:
        raise opened.failed(Code.MALFORMED_SPEECH, str(broken)) from broken
    samples = np.concatenate([sound.samples for sound in sounds]) if sounds else np.zeros(0, np.int16)
    if not samples.size:
        raise opened.failed(Code.NO_SPEECH, opened.instead("speech"))
    rates = {sound.rate for sound in sounds}
    if len(rates) > 1:
        raise opened.failed(Code.MALFORMED_SPEECH, f"its parts have different rates: {sorted(rates)}")
    loudest = int(np.abs(samples.astype(np.int32)).max())
    if loudest <= _SILENCE:
        raise opened.failed(Code.SILENT_SPEECH, f"{samples.size / sounds[0].rate:.2f} s of silence")
    sound = speech.Sound(samples, sounds[0].rate)
    return SpeechAnswer(
        wav=speech.to_wav(sound),
        sample_rate=sound.rate,
        duration_s=samples.size / sound.rate,
        peak=loudest / 32768,
        provenance=opened.provenance,
    )


def read_song(answer: WireAnswer, model: str) -> SongAnswer:
    """Read an answer's song, a file of any of the known forms; raises `AttemptFailedError`.

    Of several pieces of sound the longest is taken: the others are no part of it, as each is a whole file.
    """
    opened = _Opened(answer, model)
    sounds = opened.media("audio/", Code.MALFORMED_MUSIC)
    if not sounds:
        raise opened.failed(Code.NO_MUSIC, opened.instead("music"))
    data, claimed = max(sounds, key=lambda sound: len(sound[0]))
    media_type = _by_its_start(data) or ""
    if not media_type.startswith("audio/"):
        raise opened.failed(Code.MALFORMED_MUSIC, f"{claimed}, {len(data)} bytes: no MP3, WAV, Ogg or FLAC")
    said, count = opened.said.strip(), len(sounds)
    return SongAnswer(data=data, media_type=media_type, text=said, parts=count, provenance=opened.provenance)


class _Opened:
    """An answer that is known to be complete: a 200 of the API, not blocked, ended of its own accord."""

    def __init__(self, answer: WireAnswer, model: str) -> None:
        body = parse_body(answer.body) if answer.status == HTTPStatus.OK else None
        if body is None or body.get("error") is not None:
            raise AttemptFailedError(failure_of_http(answer, model))
        candidates = objects_in(body.get("candidates"))
        candidate = candidates[0] if candidates else {}
        usage = _usage(body)
        self.provenance = Provenance(
            model_version=_text(body, "modelVersion"),
            response_id=_text(body, "responseId"),
            finish_reason=finish_reason(candidate),
            usage=usage,
            elapsed_s=answer.elapsed_s,
        )
        self._model = model
        blocked = block_reason(body)
        feedback = body.get("promptFeedback")
        if isinstance(feedback, dict) and (blocked is not None or not candidates):
            # By the API's own description nothing but the prompt can be the cause of no candidate at all.
            raise self._because(failure_of_block(blocked, feedback))
        ended = failure_of_finish(candidate)
        if ended is not None:
            raise self._because(ended)
        if not candidates and not any(key in body for key in _OURS):
            raise self.failed(
                Code.MALFORMED_BODY, f"Not an answer of the Gemini API: it holds {list(body)[:10]}"
            )
        self._parts = parts_of(candidate)
        self.said = "".join(part["text"] for part in self._parts if isinstance(part.get("text"), str))

    def text(self) -> str:
        """Return all text but thoughts; raises when there is none."""
        if not self.said.strip():
            called = any("functionCall" in part for part in self._parts)
            code = Code.UNUSABLE_TOOL_CALL if called else Code.EMPTY_ANSWER
            raise self.failed(code, self.instead("text"))
        return self.said

    def media(self, kind: str, broken: Code) -> list[tuple[bytes, str]]:
        """Return the bytes and media types of all parts of a kind, such as ``image/``.

        ``broken`` is how it fails where one of them holds no bytes.
        """
        found = []
        for part in self._parts:
            blob = part.get("inlineData")
            if not isinstance(blob, dict):
                continue
            claimed = _claimed(blob)
            if claimed.lower() in _UNTOLD:
                claimed = _by_its_start(self._decoded(blob, broken)) or claimed
            if claimed.lower().startswith(kind):
                found.append((self._decoded(blob, broken), claimed))
        return found

    def instead(self, wanted: str) -> str:
        """Say what the answer holds in place of what was wanted."""
        kinds = sorted({key for part in self._parts for key in part} - {"thoughtSignature", "text"})
        said = f"; it says: {self.said.strip()[:_EXCERPT]!r}" if self.said.strip() else ""
        return f"The answer holds no {wanted}{f', but {kinds}' if kinds else ''}{said}"

    def failed(self, code: Code, message: str, **details: Any) -> AttemptFailedError:
        return self._because(Failure.of(code, scrub(message), details=details))

    def _because(self, failure: Failure) -> AttemptFailedError:
        """Return the error, with all that the answer tells about its origin and what it used."""
        used = self.provenance.usage
        told = {"usage": used.to_dict(), "model_version": self.provenance.model_version}
        return AttemptFailedError(
            failure.within(
                model=self._model,
                http_status=int(HTTPStatus.OK),
                finish_reason=failure.finish_reason or self.provenance.finish_reason,
                response_id=self.provenance.response_id,
                elapsed_s=self.provenance.elapsed_s,
                may_have_been_billed=failure.may_have_been_billed or used.has_counts or used.total_tokens > 0,
                details=scrub_json(failure.details | told),
            )
        )

    def _decoded(self, blob: Json, code: Code) -> bytes:
        claimed = _claimed(blob)
        try:
            data = decode_base64(blob.get("data", ""))
        except ValueError as broken:
            raise self.failed(code, f"{claimed} that is not base64: {broken}") from broken
        if not data:
            raise self.failed(code, f"{claimed} of no bytes")
        return data


def _claimed(blob: Json) -> str:
    """What the provider calls a blob."""
    return str(blob.get("mimeType") or "")


def _by_its_start(data: bytes) -> str | None:
    """Return the media type of bytes for which the provider told none."""
    return next((media_type for start, media_type in _STARTS if re.match(start, data, re.DOTALL)), None)


_OURS = ("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId")


def _usage(body: Json) -> Usage:
    told = body.get("usageMetadata")
    counts: Json = told if isinstance(told, dict) else {}
    return Usage(
        prompt_tokens=whole_number(counts.get("promptTokenCount")),
        output_tokens=whole_number(counts.get("candidatesTokenCount")),
        thoughts_tokens=whole_number(counts.get("thoughtsTokenCount")),
        cached_tokens=whole_number(counts.get("cachedContentTokenCount")),
        tool_tokens=whole_number(counts.get("toolUsePromptTokenCount")),
        total_tokens=whole_number(counts.get("totalTokenCount")),
        by_modality=tokens_by_modality(counts.get("candidatesTokensDetails")),
        prompt_by_modality=tokens_by_modality(counts.get("promptTokensDetails")),
    )


def _text(body: Json, key: str) -> str | None:
    value = body.get(key)
    return value if isinstance(value, str) and value else None
