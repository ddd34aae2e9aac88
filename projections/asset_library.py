"""The asset library: everything that was made, what it was made from, by whom, at what cost, in which tries.

One asset's events fold into one page of provenance. The aggregate decides what happened (it is the same class
that guards the writing side); this fold only keeps what the aggregate forgets: earlier revisions, and what
each attempt used.
"""

from datetime import datetime
from typing import Any

from domain.asset import Asset
from domain.failures import Code
from domain.statuses import AssetStatus
from domain.store import Recorded
from projections.wire import iso, text_of


def shown_status(asset: Asset) -> str:
    """As the asset's own, and ``withdrawn`` where it failed by the job's end."""
    if asset.status is AssetStatus.FAILED and asset.failure is not None:
        return "withdrawn" if asset.failure.code == Code.WITHDRAWN else _SHOWN[asset.status]
    return _SHOWN[asset.status]


_SHOWN = {status: status.value for status in AssetStatus}
"""Python works the value of a member out anew each time."""


class AssetFold:
    """A fold over one asset's events; feed it every event once, in order, after the asset itself."""

    def __init__(self, asset: Asset, created_at: datetime) -> None:
        key = asset.key
        self.asset = asset
        self.id, self.job_id = text_of(asset.id), text_of(asset.job_id)
        self.name = key.name
        self.stage = key.stage.value
        self.about = {"id": self.id, "kind": key.kind.value, "scene": key.scene, "beat": key.beat}
        """What its events call it."""
        self.revisions: list[dict[str, Any]] = []
        self.position = 0
        self.created_at = iso(created_at)
        self.outdated: set[str] = set()
        """What it was asked for from and is made anew, by name."""

    def apply(self, recorded: Recorded) -> None:
        event = recorded.event
        self.position = recorded.position
        match event.TOPIC:  # texts are told apart sooner than classes
            case "asset.requested" | "asset.reused":
                self.revisions.append(_begin(event))
            case "asset.provided":
                self.revisions.append(_provided(event))
            case "asset.attempt_started":
                self._revision(event)["attempts"].append(_start(event))
            case "asset.generated":
                self._attempt(event).update(_end(event, "succeeded"), latency_s=event.latency_s)
                self._revision(event).update(_product(event))
            case "asset.call_accepted":
                self._attempt(event).update(receipt=_receipt(event))
            case "asset.attempt_resumed":
                attempt = self._attempt(event)
                attempt.update(worker=event.worker, resumes=attempt["resumes"] + 1)
            case "asset.attempt_failed":
                ended = _end(event, "failed")
                self._attempt(event).update(ended, failure=event.failure, retry_at=iso(event.retry_at))
            case "asset.attempt_lost":
                lost = {"status": "lost", "ended_at": iso(event.timestamp)}
                self._attempt(event).update(lost, may_have_been_billed=event.may_have_been_billed)
            case "asset.failed":
                self._revision(event).update(status="failed", failure=event.failure)
        self.revisions[-1]["status"] = shown_status(self.asset)

    def _revision(self, event: Any) -> dict[str, Any]:
        return _numbered(self.revisions, "revision", event.revision)

    def _attempt(self, event: Any) -> dict[str, Any]:
        return _numbered(self._revision(event)["attempts"], "attempt", event.attempt)

    def summary(self, *, pruned_at: datetime | None = None) -> dict[str, Any]:
        """The asset with its latest revision, as the public sees it; ``pruned_at`` is its job's."""
        asset = self.asset
        latest = self.revisions[-1]
        # Only what was made can be out of date; what is being made is made from what its request names. Of
        # a pruned job nothing is: what its documents consisted of is gone.
        stale = pruned_at is None and asset.product is not None and bool(self.outdated)
        held = pruned_at is None and any(r["digest"] for r in self.revisions)
        return {
            "id": self.id,
            "job_id": self.job_id,
            **self.about,
            "name": self.name,
            "stage": self.stage,
            "stale": stale,
            **latest,
            "cost": {
                "usd": round(asset.spent_usd, 6),
                "reserved_usd": round(float(asset.reserved_usd), 6),
                "tokens": asset.tokens,
                "requests": asset.requests,
                "unpriced": asset.unpriced,
                "lost_calls": asset.lost_calls,
            },
            "created_at": self.created_at,
            "pruned_at": iso(pruned_at),
            "position": self.position,
            "links": {
                "self": f"/v1/assets/{self.id}",
                "job": f"/v1/jobs/{self.job_id}",
                "content": f"/v1/assets/{self.id}/content" if held else None,
            },
        }


def _numbered(listed: list[dict[str, Any]], name: str, number: int) -> dict[str, Any]:
    latest = listed[-1]  # which nearly all events are about
    return latest if latest[name] == number else next(one for one in listed if one[name] == number)


def _provided(event: Any) -> dict[str, Any]:
    """The page of a revision that a person gave: nothing was asked for, called or paid."""
    return {
        "revision": event.revision,
        "status": "generated",
        "run": event.run,
        "requested_at": iso(event.timestamp),
        "made_at": iso(event.timestamp),
        "digest": event.digest,
        "media_type": event.media_type,
        "bytes": event.bytes,
        "facts": event.facts,
        "inputs": [],
        "recipe": {"model": None, "prompt_digest": None, "prompt_version": None, "parameters": {}},
        "reused_from": None,
        "provided": {"by": event.caller, **event.source},
        "provenance": None,
        "usage": None,
        "cost_usd": 0.0,
        "latency_s": None,
        "attempts": [],
        "failure": None,
    }


def given_by(provenance: dict[str, Any]) -> dict[str, Any] | None:
    """By whom it was given, from which file; None where it was made."""
    rest = {name: value for name, value in provenance.items() if name != "provided_by"}
    return {"by": provenance["provided_by"], **rest} if "provided_by" in provenance else None


def _begin(event: Any) -> dict[str, Any]:
    """The page of one revision; what is made later fills the empty fields."""
    reused = event.TOPIC == "asset.reused"
    return {
        "revision": event.revision,
        "status": "requested",
        "run": event.run,
        "requested_at": iso(event.timestamp),
        "made_at": iso(event.timestamp) if reused else None,
        "digest": event.digest if reused else None,
        "media_type": event.media_type if reused else None,
        "bytes": event.bytes if reused else None,
        "facts": event.facts if reused else {},
        "inputs": event.inputs,
        "recipe": {
            "model": event.model,
            "prompt_digest": event.prompt_digest,
            "prompt_version": event.prompt_version,
            "parameters": event.parameters,
        },
        "reused_from": event.source if reused else None,
        "provided": given_by(event.provenance) if reused else None,
        "provenance": None,
        "usage": None,
        "cost_usd": 0.0 if reused else None,
        "latency_s": None,
        "attempts": [],
        "failure": None,
    }


def _start(event: Any) -> dict[str, Any]:
    return {
        "attempt": event.attempt,
        "status": "open",
        "worker": event.worker,
        "started_at": iso(event.timestamp),
        "ended_at": None,
        "reserved_usd": event.reserved_usd,
        "cost_usd": None,
        "usage": None,
        "latency_s": None,
        "failure": None,
        "retry_at": None,
        "may_have_been_billed": None,
        "receipt": None,
        "resumes": 0,
    }


def _end(event: Any, status: str) -> dict[str, Any]:
    return {
        "status": status,
        "ended_at": iso(event.timestamp),
        "usage": event.usage,
        "cost_usd": event.cost_usd,
    }


def _receipt(event: Any) -> dict[str, Any]:
    return {
        "call_id": event.call_id,
        "accepted_at": iso(event.accepted_at),
        "expires_at": iso(event.expires_at),
    }


def _product(event: Any) -> dict[str, Any]:
    return {
        "made_at": iso(event.timestamp),
        "digest": event.digest,
        "media_type": event.media_type,
        "bytes": event.bytes,
        "facts": event.facts,
        "provenance": event.provenance,
        "usage": event.usage,
        "cost_usd": event.cost_usd,
        "latency_s": event.latency_s,
        "failure": None,
    }
