"""How one attempt is shown: what was asked, what came back, tokens, times, the prompt's version."""

import json
from collections.abc import Iterator
from typing import Any

from api.cases.attempts import AttemptRecord
from api.cli.progress import moment
from api.cli.render import failure_lines
from api.cli.text import Theme, money, pad, printable
from api.durations import duration

Json = dict[str, Any]

_LABEL_WIDTH = 18


def attempt_json(record: AttemptRecord, blobs: dict[str, bytes]) -> Json:
    """All of it as one object; what is JSON in a blob is JSON here."""
    return {
        "requested": record.requested,
        "started": record.started,
        "accepted": record.accepted,
        "resumed": list(record.resumed),
        "ended": record.ended,
        "digests": record.digests,
        **{name: _readable(data) for name, data in blobs.items()},
    }


def _readable(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def attempt_sheet(record: AttemptRecord, theme: Theme) -> Iterator[str]:
    """The attempt on a page."""
    asked, started, ended = record.requested, record.started, record.ended
    asset, data = started["asset"], asked["data"]
    head = f"{record.asset_name}  revision {asset['revision']}, attempt {started['data']['attempt']}"
    yield f"{theme.paint(head, 'strong')}  {asset['id']}"
    rows: list[tuple[str, Any]] = [
        ("model", data["model"]),
        ("prompt", data["prompt_version"]),
        ("parameters", json.dumps(data["parameters"], ensure_ascii=False)),
        ("made from", ", ".join(f"{i['name']} {i['digest'][:19]}" for i in data["inputs"])),
        ("reserved", money(started["data"]["reserved_usd"])),
        ("worker", started["data"]["worker"]),
        ("requested", asked["occurred_at"]),
        ("started", started["occurred_at"]),
        *(_acceptance(record.accepted["data"]) if record.accepted else ()),
        *(("gone on with", f"{e['occurred_at']} by {e['data']['worker']}") for e in record.resumed),
        *(_outcome(started, ended) if ended else [("outcome", "under way")]),
        *((f"{blob} blob", digest) for blob, digest in record.digests.items()),
    ]
    for label, value in rows:
        if value not in (None, ""):
            yield f"  {theme.paint(pad(label, _LABEL_WIDTH), 'dim')}{printable(str(value))}"
    if ended and ended["data"].get("failure"):
        yield ""
        yield from failure_lines(ended["data"]["failure"], theme)


def _acceptance(data: Json) -> Iterator[tuple[str, Any]]:
    yield "accepted", f"{data['accepted_at']}, as call {data['call_id']}"
    yield "asked for until", data["expires_at"]


def _outcome(started: Json, ended: Json) -> Iterator[tuple[str, Any]]:
    data = ended["data"]
    took = (moment(ended["occurred_at"]) - moment(started["occurred_at"])).total_seconds()
    yield "ended", f"{ended['occurred_at']}, after {duration(took)}"
    yield "outcome", ended["message"]
    yield "the call took", duration(data["call_s"]) if data.get("call_s") is not None else None
    yield "answered by", data.get("model_version")
    yield "response id", data.get("response_id")
    yield "finish reason", data.get("finish_reason")
    usage = data.get("usage") or {}
    yield "tokens", ", ".join(f"{n.removesuffix('_tokens')} {v}" for n, v in usage.items() if v)
    if "cost_usd" in data:
        yield "cost", "unpriced" if data["cost_usd"] is None else money(data["cost_usd"])
    yield "retry at", data.get("retry_at")
    yield "for as long as", data.get("retry_until")
    yield "made", data.get("digest")
