"""The wire's JSON, made regular: one shape for every way in which the API says the same thing.

Errors come as an object or as a list of one; enums come as names, or as integers to clients that ask for
them; field names and base64 come in either of the spellings that proto JSON allows; answers to streaming
requests come as a list or as server-sent events, which only recordings hold. Unknown enum values pass through
as they are.
"""

import base64
import re
from typing import Any

from actors.gemini.gateway import Json
from domain import plain

_FINISH_REASONS = (  # noqa: SIM905 - one line reads best: position is the number
    "FINISH_REASON_UNSPECIFIED STOP MAX_TOKENS SAFETY RECITATION OTHER LANGUAGE BLOCKLIST PROHIBITED_CONTENT "
    "SPII MALFORMED_FUNCTION_CALL IMAGE_SAFETY UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS "
    "IMAGE_PROHIBITED_CONTENT IMAGE_OTHER NO_IMAGE IMAGE_RECITATION"
).split()
_BLOCK_REASONS = "BLOCK_REASON_UNSPECIFIED SAFETY OTHER BLOCKLIST PROHIBITED_CONTENT IMAGE_SAFETY".split()  # noqa: SIM905
_MODALITIES = "MODALITY_UNSPECIFIED TEXT IMAGE VIDEO AUDIO DOCUMENT".split()  # noqa: SIM905
_FIELDS = (  # noqa: SIM905 - as above
    "inlineData mimeType finishReason finishMessage promptFeedback blockReason blockReasonMessage "
    "safetyRatings usageMetadata promptTokenCount candidatesTokenCount thoughtsTokenCount "
    "cachedContentTokenCount toolUsePromptTokenCount totalTokenCount candidatesTokensDetails "
    "promptTokensDetails tokenCount modelVersion responseId functionCall retryDelay quotaId quotaMetric "
    "quotaValue fieldViolations nextPageToken supportedGenerationMethods"
).split()
_REGULAR = {re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name): name for name in _FIELDS}
"""The other spelling of each field that is read anywhere: snake_case -> camelCase."""
_URL_SAFE = str.maketrans("-_", "+/", " \t\r\n")
_UNSPECIFIED = frozenset({"FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED", ""})


def parse_body(body: bytes) -> Json | None:
    """Return the answer as one object, or None when the body is not an answer of the API at all."""
    text = body.decode("utf-8-sig", errors="replace").strip()
    try:
        chunks = _chunks(text)
        objects = [_regular(chunk) for chunk in chunks if isinstance(chunk, dict)]
    except RecursionError:
        return None
    if not objects:
        return None
    return objects[0] if len(objects) == 1 else _merge(objects)


def finish_reason(candidate: Json) -> str | None:
    """Return why the candidate ended, by name; None when it does not say."""
    return _named(candidate.get("finishReason"), _FINISH_REASONS)


def block_reason(answer: Json) -> str | None:
    """Return why the prompt was blocked, by name; None when it was not."""
    feedback = answer.get("promptFeedback")
    return _named(feedback.get("blockReason"), _BLOCK_REASONS) if isinstance(feedback, dict) else None


def tokens_by_modality(details: Any) -> dict[str, int]:
    """Return token counts by modality name from a ``…TokensDetails`` list."""
    counts: dict[str, int] = {}
    for entry in objects_in(details):
        modality = _named(entry.get("modality"), _MODALITIES) or "UNSPECIFIED"
        counts[modality] = counts.get(modality, 0) + whole_number(entry.get("tokenCount"))
    return counts


def parts_of(candidate: Json) -> list[Json]:
    """Return the candidate's parts, thoughts left out."""
    content = candidate.get("content")
    parts = objects_in(content.get("parts")) if isinstance(content, dict) else []
    return [part for part in parts if part.get("thought") is not True]


def objects_in(value: Any) -> list[Json]:
    """Return the objects of a list; the empty list for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def whole_number(value: Any) -> int:
    """Return a count (proto JSON may spell 64-bit ones as strings); 0 for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= plain.MOST_DIGITS:
        value = int(value)
    return plain.count(value)


def decode_base64(data: Any) -> bytes:
    """Return the bytes of a field; raises ValueError.

    Proto JSON allows the standard and the URL-safe alphabet, padded or not; blanks are what wraps lines.
    """
    if not isinstance(data, str):
        raise ValueError(f"{type(data).__name__} in place of text")  # noqa: TRY004 - one error for bad data
    regular = data.translate(_URL_SAFE).rstrip("=")
    return base64.b64decode(regular + "=" * (-len(regular) % 4), validate=True)


def _regular(value: Any) -> Any:
    """Return JSON with every field that is read anywhere in its usual spelling."""
    if isinstance(value, list):
        return [_regular(item) for item in value]
    if isinstance(value, dict):
        return {_REGULAR.get(name, name): _regular(item) for name, item in value.items()}
    return value


def _named(value: Any, names: list[str]) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = names[value] if 0 <= value < len(names) else str(value)
    return value if isinstance(value, str) and value not in _UNSPECIFIED else None


def _chunks(text: str) -> list[Any]:
    """Return the body's JSON values: of a stream several, else one; none when a part of it is not JSON."""
    try:
        whole = plain.read(text)
    except ValueError:
        try:
            return _events(text)
        except ValueError:
            return []
    return whole if isinstance(whole, list) else [whole]


def _events(text: str) -> list[Any]:
    """Read server-sent events; an error may follow them as bare JSON. Raises ValueError."""
    # Not splitlines(), which also takes characters for ends of lines that JSON may hold in its texts.
    lines = re.split(r"\r\n|\n|\r", text)
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    bare = "\n".join(line for line in lines if not re.match(r"(data|event|id|retry)?:", line)).strip()
    told = [*data, bare] if data else []
    return [plain.read(chunk) for chunk in told if chunk not in ("", "[DONE]")]


def _merge(chunks: list[Json]) -> Json:
    """Put a stream's chunks together: parts in order, everything else as the last chunk that has it says."""
    merged: Json = {}
    parts: list[Json] = []
    candidate: Json = {}
    for chunk in chunks:
        merged |= {key: value for key, value in chunk.items() if key != "candidates"}
        for first in objects_in(chunk.get("candidates"))[:1]:
            candidate |= first
            content = first.get("content")
            parts += objects_in(content.get("parts")) if isinstance(content, dict) else []
    if candidate:
        merged["candidates"] = [candidate | {"content": {"role": "model", "parts": parts}}]
    return merged
