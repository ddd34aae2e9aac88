"""One attempt with all its papers: what was asked, what came back, tokens, times, the prompt's version.

Everything is named by the events; the exact request and the raw answer are blobs, found by their digests.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cli.errors import InputError
from api.cli.progress import moment
from api.cli.render import failure_lines
from api.cli.text import Theme, money, pad, printable, seconds
from domain.asset import AssetKey

Json = dict[str, Any]

ENDS = {"asset.generated", "asset.attempt_failed", "asset.attempt_lost"}
_LABEL_WIDTH = 18


@dataclass(frozen=True)
class Papers:
    """The events of one attempt; ``ended`` is None while it is under way."""

    requested: Json
    started: Json
    ended: Json | None

    @property
    def asset_id(self) -> UUID:
        return UUID(self.started["asset"]["id"])

    @property
    def digests(self) -> dict[str, str]:
        """The blobs that tell of it: prompt, request, raw."""
        data = self.ended["data"] if self.ended else {}
        failure = data.get("failure") or {}
        found = {
            "prompt": self.requested["data"].get("prompt_digest"),
            "request": data.get("request_digest") or (failure.get("details") or {}).get("request_digest"),
            "raw": data.get("raw_digest") or failure.get("raw_digest"),
        }
        return {name: digest for name, digest in found.items() if digest}


def papers_of(
    events: Iterator[Json], job_id: UUID, name: str, attempt: int | None, revision: int | None
) -> Papers:
    """The papers of an attempt, by default the last one of the newest revision that has any."""
    try:
        asset_id = str(AssetKey.parse(name).id_in(job_id))
    except ValueError as error:
        raise InputError(f"--asset: {error}") from None
    mine = [e for e in events if e["asset"] is not None and e["asset"]["id"] == asset_id]
    started = [
        e
        for e in mine
        if e["type"] == "asset.attempt_started"
        and attempt in (None, e["data"]["attempt"])
        and revision in (None, e["asset"]["revision"])
    ]
    if not started:
        raise InputError(_nothing(mine, name, attempt, revision))
    chosen = started[-1]

    def of_the_same(event: Json) -> bool:
        return bool(event["asset"]["revision"] == chosen["asset"]["revision"])

    requested = next(e for e in mine if e["type"] == "asset.requested" and of_the_same(e))
    number = chosen["data"]["attempt"]
    ended = [e for e in mine if e["type"] in ENDS and of_the_same(e) and e["data"]["attempt"] == number]
    # A late answer outdoes the loss that was assumed before.
    return Papers(requested, chosen, ended[-1] if ended else None)


def _nothing(mine: list[Json], name: str, attempt: int | None, revision: int | None) -> str:
    if not mine:
        return f"--asset: the job has no {name}"
    if any(event["type"] == "asset.reused" for event in mine):
        source = next(event["data"]["source"] for event in mine if event["type"] == "asset.reused")
        return f"--asset: {name} was taken over from job {source['job_id']}; its attempts are on record there"
    known = sorted(
        {(e["asset"]["revision"], e["data"]["attempt"]) for e in mine if e["type"] == "asset.attempt_started"}
    )
    told = ", ".join(f"revision {r} attempt {a}" for r, a in known) or "none"
    asked = " ".join(f"{n} {v}" for n, v in (("revision", revision), ("attempt", attempt)) if v is not None)
    return f"--attempt: there is no {asked or 'attempt'} of {name}; there are: {told}"


def papers_json(papers: Papers, blobs: dict[str, bytes]) -> Json:
    """All of it as one object; what is JSON in a blob is JSON here."""
    return {
        "requested": papers.requested,
        "started": papers.started,
        "ended": papers.ended,
        "digests": papers.digests,
        **{name: _readable(data) for name, data in blobs.items()},
    }


def _readable(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def sheet(papers: Papers, theme: Theme) -> Iterator[str]:
    """The attempt on a page."""
    asked, started, ended = papers.requested, papers.started, papers.ended
    asset, data = started["asset"], asked["data"]
    name = asset["kind"] + (f":{asset['scene']}" if asset["scene"] else "")
    head = f"{name}  revision {asset['revision']}, attempt {started['data']['attempt']}"
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
        *(_outcome(started, ended) if ended else [("outcome", "under way")]),
        *((f"{blob} blob", digest) for blob, digest in papers.digests.items()),
    ]
    for label, value in rows:
        if value not in (None, ""):
            yield f"  {theme.paint(pad(label, _LABEL_WIDTH), 'dim')}{printable(str(value))}"
    if ended and ended["data"].get("failure"):
        yield ""
        yield from failure_lines(ended["data"]["failure"], theme)


def _outcome(started: Json, ended: Json) -> Iterator[tuple[str, Any]]:
    data = ended["data"]
    took = (moment(ended["occurred_at"]) - moment(started["occurred_at"])).total_seconds()
    yield "ended", f"{ended['occurred_at']}, after {seconds(took)}"
    yield "outcome", ended["message"]
    yield "the call took", seconds(data["call_s"]) if data.get("call_s") is not None else None
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
