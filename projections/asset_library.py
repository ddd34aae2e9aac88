"""The asset library: everything that was made, what it was made from, by whom, at what cost, in which tries.

One asset's events fold into one page of provenance. The aggregate decides what happened (it is the same class
that guards the writing side); this fold only keeps what the aggregate forgets: earlier revisions, and what
each attempt used.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.asset import Asset
from domain.failures import Code
from domain.statuses import AssetStatus
from domain.store import Recorded
from projections.wire import iso, text_of


def shown_status(asset: Asset) -> str:
    """As the asset's own, and ``withdrawn`` where it failed by the job's end."""
    withdrawn = asset.failure is not None and asset.failure.code == Code.WITHDRAWN
    return "withdrawn" if asset.status == AssetStatus.FAILED and withdrawn else asset.status.value


@dataclass
class AssetFold:
    """A fold over one asset's events; feed it every event once, in order, with the asset after it."""

    id: str
    asset: Asset | None = None
    revisions: list[dict[str, Any]] = field(default_factory=list)
    position: int = 0
    created_at: str | None = None

    def apply(self, recorded: Recorded, asset: Asset) -> None:
        event = recorded.event
        self.asset = asset
        self.position = recorded.position
        self.created_at = self.created_at or iso(event.timestamp)
        match event:
            case Asset.Requested() | Asset.Reused():
                self.revisions.append(_begin(event))
            case Asset.Provided():
                self.revisions.append(_provided(event))
            case Asset.AttemptStarted():
                self._revision(event)["attempts"].append(_start(event))
            case Asset.CallAccepted():
                self._attempt(event).update(receipt=_receipt(event))
            case Asset.AttemptResumed():
                attempt = self._attempt(event)
                attempt.update(worker=event.worker, resumes=attempt["resumes"] + 1)
            case Asset.AttemptFailed():
                self._end(event, status="failed", failure=event.failure, retry_at=iso(event.retry_at))
            case Asset.AttemptLost():
                self._end(event, status="lost", may_have_been_billed=event.may_have_been_billed)
            case Asset.Generated():
                self._end(event, status="succeeded", latency_s=event.latency_s)
                self._revision(event).update(_product(event))
            case Asset.Failed():
                self._revision(event).update(status="failed", failure=event.failure)
        self.revisions[-1]["status"] = shown_status(asset)

    def _revision(self, event: Any) -> dict[str, Any]:
        return next(r for r in reversed(self.revisions) if r["revision"] == event.revision)

    def _attempt(self, event: Any) -> dict[str, Any]:
        attempts: list[dict[str, Any]] = self._revision(event)["attempts"]
        return next(a for a in attempts if a["attempt"] == event.attempt)

    def _end(self, event: Any, **outcome: Any) -> None:
        spent = {name: getattr(event, name) for name in ("usage", "cost_usd") if hasattr(event, name)}
        self._attempt(event).update(ended_at=iso(event.timestamp), **spent, **outcome)

    def summary(self, *, stale: bool, pruned_at: datetime | None = None) -> dict[str, Any]:
        """The asset with its latest revision, as the public sees it; ``pruned_at`` is its job's."""
        asset = self.asset
        assert asset is not None
        latest = self.revisions[-1]
        held = pruned_at is None and any(r["digest"] for r in self.revisions)
        return {
            "id": self.id,
            "job_id": text_of(asset.job_id),
            "kind": asset.key.kind.value,
            "scene": asset.key.scene,
            "beat": asset.key.beat,
            "name": asset.key.name,
            "stage": asset.key.stage.value,
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
                "job": f"/v1/jobs/{asset.job_id}",
                "content": f"/v1/assets/{self.id}/content" if held else None,
            },
        }


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
    reused = isinstance(event, Asset.Reused)
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
