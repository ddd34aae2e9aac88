"""A job's real traffic as recordings: each request and its answer, in the form that the test suites replay.

Of pictures and speech an attempt's record keeps digest and length, not the bytes; such an answer cannot be
replayed and is left out by name.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from api.cases.attempts import AttemptRecord, AttemptRequest, attempt_in

Json = dict[str, Any]

_OK = 200
_WORDS = frozenset({"text", "enum"})
"""What a person wrote or a model answered stands under these names; enums hold characters' names."""


def attempts_of(events: list[Json], job: AttemptRequest) -> Iterator[AttemptRecord]:
    """Every attempt of the job that is on record with its answer, in the order in which they began."""
    for event in events:
        if event["type"] != "asset.attempt_started":
            continue
        asset, number = event["asset"], event["data"]["attempt"]
        name = asset["kind"] + (f":{asset['scene']}" if asset["scene"] else "")
        record = attempt_in(events, AttemptRequest(job.job_id, name, number, asset["revision"]))
        if "raw" in record.digests:
            yield record


def recording_of(record: AttemptRecord, request: bytes | None, raw: bytes, *, scrubbed: bool) -> Json | None:
    """One recording; None where the record does not hold the whole answer."""
    data = record.ended["data"] if record.ended else {}
    failure = data.get("failure")
    status = failure.get("http_status") if failure else _OK
    asked = json.loads(request) if request else None
    body = _json(raw)
    if status is None or _without_media(body):
        return None
    if scrubbed:
        asked, body = _masked(asked), _masked(body)
    asset = record.started["asset"]
    name = "-".join(str(part) for part in (asset["kind"], asset["scene"]) if part)
    answer = {"body_text": body} if isinstance(body, str) else {"body": body}
    return {
        "id": f"{name}-revision-{asset['revision']}-attempt-{record.started['data']['attempt']}",
        "kind": "error" if status != _OK else "json" if _asks_for_json(asked) else "text",
        "api": "gemini-developer",
        "model_requested": record.requested["data"]["model"],
        "stream": False,
        "request": {"body": asked} if asked else None,
        "response": {"status": status, "headers": {}, **answer},
    }


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _asks_for_json(asked: Json | None) -> bool:
    return "application/json" in json.dumps(asked)


def _without_media(value: Any) -> bool:
    """Whether a note stands where an answer's picture or sound was."""
    if isinstance(value, list):
        return any(map(_without_media, value))
    if not isinstance(value, dict):
        return False
    blob = value.get("inlineData") or value.get("inline_data")
    return isinstance(blob, dict) or any(map(_without_media, value.values()))


def _masked(value: Any, *, words: bool = False) -> Any:
    """The same shape with an x for each letter and digit of what was written; JSON in a text stays JSON."""
    if isinstance(value, dict):
        return {key: _masked(item, words=words or key in _WORDS) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, words=words) for item in value]
    if not words or not isinstance(value, str):
        return value
    try:
        inner = json.loads(value)
    except ValueError:
        inner = None
    if isinstance(inner, dict | list):
        return json.dumps(_masked(inner, words=True), ensure_ascii=False)
    return re.sub(r"\w", "x", value)
