"""What of a raw answer is kept: everything a person needs to see why it was read as it was, and no more.

Media go to the blob store as assets, so here only their digest and length stand; thought signatures, which
can be larger than the image they come with, are dropped; what looks like a credential is scrubbed.
"""

import hashlib
import json
from typing import Any

from actors.gemini.gateway import Json
from actors.gemini.requests import GeminiRequest
from actors.gemini.scrub import scrub
from actors.gemini.wire import decode_base64
from domain import plain

_DROPPED = frozenset({"thoughtSignature", "thought_signature"})
_INLINE = frozenset({"inlineData", "inline_data"})
_TYPED = ("mime_type", "mimeType")
"""What stands beside the data of an interaction's picture, sound or video."""
_SMALL = 256
"""Data of up to so many characters is kept as it is."""
_LONGEST_TEXT = 100_000
"""Of a body that is not JSON, such as a proxy's page, so many characters are kept."""


def redacted_raw(body: bytes) -> bytes:
    """Return an answer's body in the form in which it is stored; the same for the same input."""
    try:
        value = plain.read(body)
    except ValueError:
        return scrub(body.decode("utf-8", errors="replace")[:_LONGEST_TEXT]).encode()
    return scrub(json.dumps(_redacted(value), ensure_ascii=False, indent=1)).encode()


def redacted_request(request: GeminiRequest) -> bytes:
    """Return a request in the form in which it is stored: model, contents and settings, as JSON.

    It is what the gateway is given: google-generativeai words the same schema in the subset that it knows.
    """
    return redacted_json({"model": request.model, "contents": request.contents, **request.config})


def redacted_json(sent: Json) -> bytes:
    """The same of a body that is sent as it is, such as an interaction's."""
    return redacted_raw(json.dumps(sent).encode())


def _redacted(value: Any) -> Any:
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = _DROPPED | {"signature"} if value.get("type") == "thought" else _DROPPED
    kept = {
        key: _without_data(item) if key in _INLINE and isinstance(item, dict) else _redacted(item)
        for key, item in value.items()
        if key not in dropped
    }
    return _without_data(kept) if any(name in kept for name in _TYPED) else kept


def _without_data(blob: dict[str, Any]) -> dict[str, Any]:
    data = blob.get("data")
    if not isinstance(data, str) or len(data) <= _SMALL:
        return blob
    try:
        raw = decode_base64(data)
    except ValueError:
        note: dict[str, Any] = {"not_base64": data[:_SMALL], "characters": len(data)}
    else:
        note = {"digest": f"sha256:{hashlib.sha256(raw).hexdigest()}", "bytes": len(raw)}
    return blob | {"data": note}
