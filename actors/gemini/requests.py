"""What is asked of Gemini, in the wire's shape, by kind of answer and generation of model.

Generations differ in ways that are errors, not tastes: the 3.8 speech models read their text verbatim, take
the style beside it and reject sampling settings; older ones take the style as a first line. So no temperature
is sent to anyone (newer text models ignore it), no request ends with the model's turn, and the token limit is
always sent, because the cost of a call is reserved by it before the call is made.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actors.gemini.catalogue import find
from actors.gemini.gateway import Json
from actors.gemini.thinking import Level, thinking_config
from actors.gemini.voices import speech_language, voice_config

_SCHEMA_WORDS = (
    "$defs $ref $id $anchor type format title description enum items prefixItems minItems maxItems minimum "
    "maximum anyOf oneOf properties additionalProperties required propertyOrdering"
)
"""What ``responseJsonSchema`` takes; all else is checked by the reader alone."""


@dataclass(frozen=True)
class GeminiRequest:
    """The arguments of `Gateway.generate`."""

    model: str
    contents: list[Json]
    config: Json


@dataclass(frozen=True)
class Reference:
    """An image that goes along with a prompt, such as a character drawn before."""

    data: bytes
    media_type: str


def text_json_request(
    model: str, prompt: str, schema: Json, *, max_output_tokens: int, thinking: Level | None = None
) -> GeminiRequest:
    """Ask for a JSON document that obeys ``schema`` (JSON schema, as pydantic writes it).

    ``max_output_tokens`` holds the thoughts too; ``thinking`` says how much of them is asked for.
    """
    return _request(
        model,
        [{"text": prompt}],
        {
            "responseMimeType": "application/json",
            "responseJsonSchema": _known_words(schema),
            "maxOutputTokens": max_output_tokens,
            **thinking_config(model, thinking),
        },
    )


def image_request(
    model: str,
    prompt: str,
    *,
    aspect_ratio: str | None,
    image_size: str | None,
    max_output_tokens: int,
    references: Sequence[Reference] = (),
    seed: int | None = None,
) -> GeminiRequest:
    """Ask for one image.

    ``image_size`` is 1K, 2K or 4K; a model that offers no such size is asked for the nearest below that it
    does offer, and one that has no choice of sizes is not asked.
    """
    shape = {"aspectRatio": aspect_ratio, "imageSize": offered_size(model, image_size)}
    wanted = {key: value for key, value in shape.items() if value is not None}
    settings: Json = {"responseModalities": ["IMAGE"], "maxOutputTokens": max_output_tokens}
    if wanted:
        settings["imageConfig"] = wanted
    if seed is not None:
        settings["seed"] = seed
    pictures = [
        {"inlineData": {"mimeType": ref.media_type, "data": base64.b64encode(ref.data).decode()}}
        for ref in references
    ]
    return _request(model, [*pictures, {"text": prompt}], settings)


def speech_request(
    model: str,
    text: str,
    *,
    voice: str,
    style: str | None,
    language: str | None,
    max_output_tokens: int,
) -> GeminiRequest:
    """Ask for ``text``, and nothing else, to be spoken by ``voice`` in the manner of ``style``.

    ``language`` is a BCP 47 tag; it is sent as the API lists it, and detected by the model where it does not.
    """
    speaking: Json = {"voiceConfig": voice_config(voice)}
    if named := speech_language(language):
        speaking["languageCode"] = named
    manner = " ".join((style or "").split()).rstrip(".:;, ")
    part: Json = {"text": text}
    known = find(model)
    if manner and (known is None or known.speech_metadata):
        part["speechMetadata"] = {"style": manner}
    elif manner:
        part["text"] = f"Read the following, {manner}:\n{text}"
    return _request(
        model,
        [part],
        {"responseModalities": ["AUDIO"], "speechConfig": speaking, "maxOutputTokens": max_output_tokens},
    )


def dialogue_request(
    model: str,
    lines: Sequence[tuple[str, str, str]],
    *,
    style: str | None,
    language: str | None,
    max_output_tokens: int,
) -> GeminiRequest:
    """Ask for lines to be spoken in order: speaker, voice and words of each, in two voices in all."""
    voices = {speaker: voice for speaker, voice, _ in lines}
    speaking: Json = {
        "multiSpeakerVoiceConfig": {
            "speakerVoiceConfigs": [
                {"speaker": speaker, "voiceConfig": voice_config(voice)} for speaker, voice in voices.items()
            ]
        }
    }
    if named := speech_language(language):
        speaking["languageCode"] = named
    manner = " ".join((style or "").split()).rstrip(".:;, ")
    known = find(model)
    if known is None or known.speech_metadata:
        about: Json = {"style": manner} if manner else {}
        parts: list[Json] = [
            {"text": words, "speechMetadata": {"speaker": speaker, **about}} for speaker, _, words in lines
        ]
    else:
        said = "\n".join(f"{speaker}: {words}" for speaker, _, words in lines)
        parts = [{"text": f"Read the following, {manner}:\n{said}" if manner else said}]
    return _request(
        model,
        parts,
        {"responseModalities": ["AUDIO"], "speechConfig": speaking, "maxOutputTokens": max_output_tokens},
    )


def song_request(model: str, prompt: str) -> GeminiRequest:
    """Ask for one song, by words alone: music models take neither settings nor a limit of tokens."""
    return _request(model, [{"text": prompt}], {"responseModalities": ["AUDIO"]})


def _request(model: str, parts: list[Json], settings: Json) -> GeminiRequest:
    return GeminiRequest(model, [{"role": "user", "parts": parts}], {"generationConfig": settings})


def offered_size(model: str, wanted: str | None) -> str | None:
    """The size that a model is asked for, see `image_request`."""
    known = find(model)
    if known is None or wanted is None or wanted in known.image_sizes:
        return wanted
    order = ("512", "1K", "2K", "4K")
    below = [
        size for size in known.image_sizes if wanted in order and order.index(size) < order.index(wanted)
    ]
    return below[-1] if below else None


def _known_words(schema: Json) -> Json:
    """Leave out of a schema what the API does not take; names of properties are not words of the schema."""
    kept: Json = {}
    for word, value in schema.items():
        if word == "const":
            kept["enum"] = [value]
        elif word in {"properties", "$defs"}:
            kept[word] = {name: _known_words(inner) for name, inner in value.items()}
        elif word in _SCHEMA_WORDS.split():
            kept[word] = _known_value(value)
    return kept


def _known_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _known_words(value)
    return (
        [_known_value(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
    )
