"""A job's real traffic as recordings: each request and its answer, in the form that the test suites replay.

An attempt's record keeps digest and length of pictures and speech, not their bytes; those are the bytes of
the assets that were made of them, and the digest proves it. Only speech that came in a file of another make
than ours is kept as its samples alone: it is then recorded in a file of ours, and the recording says so. What
was never stored, as a picture that could not be read, cannot be replayed, and its answer is left out.
"""

import hashlib
import io
import json
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.cases.attempts import AttemptRecord, AttemptRequest, attempt_in, name_of

Json = dict[str, Any]
Find = Callable[[str], bytes | None]
"""The bytes of an asset of the job by their digest; None where no asset has it."""

_OK = 200
_INLINE = ("inlineData", "inline_data")
_KINDS = {"image": "image", "narration": "tts", "music": "music"}
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
}
_RAW = ("audio/l16", "audio/pcm", "audio/x-pcm", "audio/raw")
"""Speech without a file's head: the samples are all there is."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer, both as an attempt's record keeps them.

    ``product`` is the digest of what was made of the answer; ``about`` is told with the recording.
    """

    id: str
    kind: str
    model: str
    status: int | None
    request: bytes | None
    raw: bytes
    product: str = ""
    about: Json


@dataclass(frozen=True)
class Recording:
    """``media``: what the case names as files beside it, by those names."""

    case: Json
    media: dict[str, bytes]


def attempts_of(events: list[Json], job: AttemptRequest) -> Iterator[AttemptRecord]:
    """Every attempt of the job that is on record with its answer, in the order in which they began."""
    for event in events:
        if event["type"] != "asset.attempt_started":
            continue
        asset, number = event["asset"], event["data"]["attempt"]
        record = attempt_in(events, AttemptRequest(job.job_id, name_of(asset), number, asset["revision"]))
        if "raw" in record.digests:
            yield record


def exchange_of(record: AttemptRecord, request: bytes | None, raw: bytes) -> Exchange:
    """What an attempt asked and was answered, with how it ended."""
    data = record.ended["data"] if record.ended else {}
    failure, made = data.get("failure"), data.get("digest")
    asset = record.started["asset"]
    number = f"revision-{asset['revision']}-attempt-{record.started['data']['attempt']}"
    return Exchange(
        id=f"{record.asset_name.replace(':', '-')}-{number}",
        kind=_KINDS.get(asset["kind"], "json"),
        model=record.requested["data"]["model"],
        status=failure.get("http_status") if failure else _OK,
        request=request,
        raw=raw,
        product=made or "",
        about={
            "asset": record.asset_name,
            "outcome": {"failure": failure["code"]} if failure else {"digest": made},
        },
    )


def recording_of(exchange: Exchange, find: Find) -> Recording | None:
    """One recording; None where not all of the answer is there, or where it took several to get it.

    A call that is answered later is one of these: its shot came as a file, after polls of which none is kept.
    """
    asked = json.loads(exchange.request) if exchange.request else None
    if asked is not None and asked.get("background"):
        return None
    body = _json(exchange.raw)
    media = _Media(find, exchange.product)
    if exchange.status is None or not media.put_beside(body) or not media.put_beside(asked):
        return None
    answer = {"body_text": body} if isinstance(body, str) else {"body": body}
    case = {
        "id": exchange.id,
        "kind": exchange.kind if exchange.status == _OK else "error",
        "provenance": "recorded-rewrapped" if media.rewrapped else "recorded",
        **exchange.about,
        "api": "gemini-developer",
        "model_requested": exchange.model,
        "stream": False,
        "request": {"body": asked} if asked else None,
        "response": {"status": exchange.status, "headers": {}, **answer},
    }
    return Recording(case, media.files)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


class _Media:
    """Finds the bytes of which a record keeps digest and length."""

    def __init__(self, find: Find, product: str) -> None:
        """``product``: the digest of what was made of the answer, if anything was."""
        self.files: dict[str, bytes] = {}
        self.rewrapped = False
        self._find = find
        self._product = product

    def put_beside(self, body: Any) -> bool:
        """Name a file for each blob of a body; False where the bytes of one are not on record."""
        blobs = list(_blobs_in(body))
        found = [self._find(blob["data"].get("digest", "")) for blob in blobs]
        if blobs and not all(found):
            found = self._spoken(blobs)
        for blob, data in zip(blobs, found, strict=True):
            if data is None:
                return False
            digest = hashlib.sha256(data).hexdigest()
            name = f"media/{digest}{_SUFFIXES.get(_media_type(blob), '')}"
            blob["data"] = {"file": name, "digest": f"sha256:{digest}", "bytes": len(data)}
            self.files[name] = data
        return True

    def _spoken(self, blobs: Sequence[Json]) -> list[bytes | None]:
        """The parts of an answer from the speech that was joined of them."""
        speech = self._find(self._product)
        samples = _samples(speech) if speech else None
        if samples is None:
            return [None for _ in blobs]
        if len(blobs) == 1 and _media_type(blobs[0]) not in _RAW:
            self.rewrapped = True
            return [speech]
        parts: list[bytes | None] = []
        begin = 0
        for blob in blobs:
            part = samples[begin : begin + blob["data"].get("bytes", 0)]
            begin += len(part)
            same = blob["data"].get("digest") == f"sha256:{hashlib.sha256(part).hexdigest()}"
            parts.append(part if same else None)
        return parts


def _blobs_in(value: Any) -> Iterator[Json]:
    """Every blob whose bytes a record has replaced by what is known of them."""
    if isinstance(value, list):
        for item in value:
            yield from _blobs_in(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in _INLINE and isinstance(item, dict) and isinstance(item.get("data"), dict):
                yield item
            else:
                yield from _blobs_in(item)


def _media_type(blob: Json) -> str:
    named = str(blob.get("mimeType") or blob.get("mime_type") or "")
    return named.partition(";")[0].strip().lower()


def _samples(data: bytes) -> bytes | None:
    """The samples of a WAV file; None of anything else."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            return bytes(file.readframes(file.getnframes()))
    except (wave.Error, EOFError):
        return None
