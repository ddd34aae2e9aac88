"""The answers to ``reelog doctor --live`` as recordings: the first ones that a new key gives."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from actors.gemini.gateway import conceal
from actors.gemini.redact import redacted_raw, redacted_request
from actors.gemini.wire import decode_base64
from actors.work.live_check import Outcome
from api.cases.recordings import Exchange, Recording, recording_of

_KINDS = {"text": "json", "image": "image", "speech": "tts"}


def recordings_of(outcomes: Sequence[Outcome], secret: str) -> list[Recording]:
    """A recording of each call that was answered whole; ``secret`` is the key, which is in none."""
    found = [_recording(one, conceal(one.answer.body, secret)) for one in outcomes if one.answer is not None]
    return [recording for recording in found if recording is not None]


def _recording(outcome: Outcome, body: bytes) -> Recording | None:
    assert outcome.answer is not None
    assert outcome.request is not None
    exchange = Exchange(
        id=f"live-{outcome.name}",
        kind=_KINDS.get(outcome.name, "error"),
        model=outcome.request.model,
        status=outcome.answer.status,
        request=redacted_request(outcome.request),
        raw=redacted_raw(body),
        about={"outcome": {"failure": outcome.failure.code} if outcome.failure else {}},
    )
    media = {f"sha256:{hashlib.sha256(data).hexdigest()}": data for data in _media_in(body)}
    return recording_of(exchange, media.get)


def _media_in(body: bytes) -> Iterator[bytes]:
    """The bytes of all pictures and sounds of an answer."""
    try:
        yield from _decoded(json.loads(body))
    except ValueError:
        return


def _decoded(value: Any) -> Iterator[bytes]:
    if isinstance(value, list):
        for item in value:
            yield from _decoded(item)
    elif isinstance(value, dict):
        if "data" in value and ("mimeType" in value or "mime_type" in value):
            yield decode_base64(value["data"])
        for item in value.values():
            yield from _decoded(item)
