"""One job's events folded into all that is shown of it: its page, its assets, its timeline.

The live projector, a rebuild, and the look into the past (``?at=N``) all use this one fold, so they cannot
disagree. Its memory is a cache: it can be thrown away and made again from the job's own events.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.progress import Progress
from domain.script import Stage
from domain.store import Recorded
from projections.asset_library import AssetFold
from projections.job_board import job_page
from projections.timeline import TERMINAL, advance, tell
from projections.wire import encode


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: an event in its public form, encoded."""

    position: int
    job_id: str
    type: str
    body: bytes


@dataclass(frozen=True)
class Aside:
    """A job with an event that cannot be folded: what came before is shown, nothing is done with it."""

    job_id: str
    position: int
    type: str
    reason: str

    def told(self) -> dict[str, Any]:
        return {"position": self.position, "type": self.type, "reason": self.reason}


class JobFold:
    """Feed it every event of one job once, in order of positions."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.assets: dict[UUID, AssetFold] = {}
        self.position = 0
        self.created = 0
        self.aside: Aside | None = None
        self._progress: Progress | None = None
        self._ended_at: datetime | None = None
        self._stage_elapsed: dict[Stage, float] = {}

    @classmethod
    def of(cls, events: Iterable[Recorded]) -> Self:
        fold = cls()
        for recorded in events:
            fold.apply(recorded)
        return fold

    def apply(self, recorded: Recorded) -> Entry:
        event = recorded.event
        asset = None
        if isinstance(event, Asset.Event):
            asset = self.assets.setdefault(event.originator_id, AssetFold()).apply(recorded)
        else:
            self._apply_to_job(recorded)
        self.position = recorded.position
        self.created = self.created or recorded.position
        progress = self._progress
        if progress is None:
            raise ValueError(f"job {event.job_id} does not begin with job.submitted")
        advance(progress, event, asset.key if asset else None)
        body = encode(tell(recorded, asset, progress))
        return Entry(recorded.position, str(event.job_id), type(event).TOPIC, body)

    def _apply_to_job(self, recorded: Recorded) -> None:
        event = recorded.event
        self.job = cast("Job", event.mutate(self.job))
        if isinstance(event, Job.Submitted):
            self._progress = Progress(event.weights, self.job.options)
        elif isinstance(event, Job.StageCompleted):
            self._stage_elapsed[Stage(event.stage)] = event.elapsed_s
        elif isinstance(event, Job.Reopened):
            self._ended_at = None
        elif type(event).TOPIC in TERMINAL:
            self._ended_at = event.timestamp

    def asset_of(self, recorded: Recorded) -> Asset | None:
        """The asset that an event is about, as it is now; None where it is about the job."""
        fold = self.assets.get(recorded.event.originator_id)
        return fold.asset if fold else None

    def spent_on(self, recorded: Recorded) -> float:
        """What the asset that an event is about has cost so far, as its page and the budget count it."""
        asset = self.asset_of(recorded)
        return asset.spent_usd if asset else 0.0

    # ---- what is shown ------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        assert self.job is not None
        return self.job.status

    @property
    def ended_at(self) -> datetime | None:
        """When the job ended; None while a run is under way."""
        return self._ended_at

    @property
    def content(self) -> str:
        """Whole, going or gone: whether the job's texts and bytes are there."""
        assert self.job is not None
        return self.job.content

    def page(self) -> dict[str, Any]:
        """The job as the public sees it."""
        assert self.job is not None
        assert self._progress is not None
        return job_page(
            self.job,
            self._aggregates(),
            self._progress,
            position=self.position,
            ended_at=self._ended_at,
            stage_elapsed=self._stage_elapsed,
        ) | {"set_aside": self.aside.told() if self.aside else None}

    def asset_pages(self) -> dict[UUID, tuple[AssetKey, dict[str, Any], list[dict[str, Any]]]]:
        """Of each asset its key, its page, and the pages of all its revisions."""
        assets = self._aggregates()
        digests = {key.name: asset.product.digest for key, asset in assets.items() if asset.product}
        pages = {}
        pruned_at = self.job.pruned_at if self.job else None
        for asset_id, fold in self.assets.items():
            asset = fold.asset
            assert asset is not None
            # Only what was made can be out of date; what is being made is made from what its request names.
            stale = asset.product is not None and any(
                digests.get(name, digest) != digest for name, digest in asset.inputs.items()
            )
            pages[asset_id] = (asset.key, fold.summary(stale=stale, pruned_at=pruned_at), fold.revisions)
        return pages

    def _aggregates(self) -> dict[AssetKey, Asset]:
        return {fold.asset.key: fold.asset for fold in self.assets.values() if fold.asset}
