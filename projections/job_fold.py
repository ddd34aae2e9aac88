"""One job's events folded into all that is shown of it: its page, its assets, its timeline.

The live projector, a rebuild, and the look into the past (``?at=N``) all use this one fold, so they cannot
disagree. Its memory is a cache: it can be thrown away and made again from the job's own events.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.film import Film
from domain.film_graph import ANALYSIS, SCRIPT
from domain.inputs import is_input_as_asked
from domain.job import Job
from domain.progress import Progress, advance
from domain.script import Kind, Stage
from domain.store import Recorded
from projections.asset_library import AssetFold
from projections.elapsed import Elapsed
from projections.job_board import job_page, scene_page
from projections.job_filter import FigureRow, Term, figures_of, terms_of
from projections.timeline import TERMINAL, public_event
from projections.wire import encode


class Entry(NamedTuple):
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

    def to_dict(self) -> dict[str, Any]:
        return {"position": self.position, "type": self.type, "reason": self.reason}


_NEW_REVISIONS = frozenset({Asset.Requested, Asset.Reused, Asset.Provided})
_DIGESTS = _NEW_REVISIONS | {Asset.Generated}
"""After these an asset may have another digest, or none."""

_DOCUMENTS = frozenset({Kind.SCRIPT, Kind.ANALYSIS, Kind.STORYBOARD, Kind.AUDIO_PLAN})
"""Of what is made from these, parts are used: another revision need not change them."""

AssetPage = tuple[AssetKey, dict[str, Any], list[dict[str, Any]]]
"""An asset's key, its page, and the pages of all its revisions."""


@dataclass(frozen=True)
class ScenePages:
    """The encoded pages of the scenes that have changed, by place."""

    changed: list[tuple[int, bytes]]
    count: int
    """How many scenes there are."""
    all_of_them: bool
    """Perhaps there were more before."""


_NO_SCENES = b'"scenes":[]}'


def has_gap(body: bytes) -> bool:
    """Whether a job's page, encoded, was stored without its scenes."""
    return body.endswith(_NO_SCENES)


def with_scenes(body: bytes, scenes: Iterable[bytes]) -> bytes:
    """The whole page, of one that was stored without its scenes."""
    return body[:-2] + b",".join(scenes) + body[-2:]


class JobFold:
    """Feed it every event of one job once, in order of positions.

    What is shown of a part that an event does not concern is not made again: the page of a scene changes with
    the analysis and with this scene's assets, that of an asset with its own events and with what it is made
    from.
    """

    def __init__(self) -> None:
        self.film = Film()
        self.position = 0
        self.created = 0
        self.aside: Aside | None = None
        self.asset: Asset | None = None
        """What the last event was about; None where that was the job."""
        self.status = ""
        """The job's; empty before its first event."""
        self._assets: dict[str, AssetFold] = {}  # by name
        self._progress: Progress | None = None
        self._ended_at: datetime | None = None
        self._elapsed = Elapsed()
        self._stage_elapsed: dict[Stage, float] = {}
        self._changed_scenes: set[int] = set()  # whose pages have changed since they were last taken
        self._all_scenes = True  # or all of them, and perhaps how many there are
        self._listed: tuple[list[Term] | None, FigureRow | None] = (None, None)  # as last taken
        # By an asset's name, those that were ever asked for from it.
        self._users: dict[str, dict[AssetFold, None]] = {}
        # Whose pages have changed since they were last taken.
        self._changed: dict[AssetFold, None] = {}

    @classmethod
    def of(cls, events: Iterable[Recorded]) -> Self:
        fold = cls()
        for recorded in events:
            fold.apply(recorded)
        return fold

    def apply(self, recorded: Recorded) -> Entry:
        event = recorded.event
        asset = self.asset = self.film.evolve(event)
        about = None
        if asset is None:
            self._apply_to_job(event)
        else:
            about = self._apply_to_asset(recorded, asset)
        self.position = recorded.position
        self.created = self.created or recorded.position
        progress = self._progress
        assert progress is not None
        advance(progress, event, asset.key if asset else None, self._current_beside(event, asset))
        told = public_event(recorded, about, progress)
        return Entry(recorded.position, told["job_id"], told["type"], encode(told))

    def _current_beside(self, event: Any, asset: Asset | None) -> set[AssetKey] | None:
        """What is current where a document was made anew."""
        if asset is None or asset.key.kind not in _DOCUMENTS or asset.revision == 1:
            return None
        return self.film.current if isinstance(event, Asset.Generated | Asset.Provided) else None

    def _apply_to_job(self, event: Any) -> None:
        self.status = self.job.status.value
        self._elapsed.apply(self.job, event.timestamp)
        if isinstance(event, Job.Submitted):
            job = self.film.job
            self._progress = Progress(
                job.weights, job.options, job.graph, bool(job.models.get("music")), job.script_origin
            )
        elif isinstance(event, Job.StageCompleted):
            self._stage_elapsed[Stage(event.stage)] = event.elapsed_s
        elif isinstance(event, Job.Reopened):
            self._ended_at = None
        elif isinstance(event, Job.PruneStarted):
            self._changed.update(dict.fromkeys(self._assets.values()))  # every page tells of it
        elif type(event).TOPIC in TERMINAL:
            self._ended_at = event.timestamp

    def _apply_to_asset(self, recorded: Recorded, asset: Asset) -> AssetFold:
        key, kind = asset.key, type(recorded.event)
        name = key.name
        fold = self._assets.get(name)
        if fold is None:
            fold = self._assets[name] = AssetFold(asset, recorded.event.timestamp)
        fold.apply(recorded)
        self._changed[fold] = None
        if kind in _DIGESTS:
            for user in self._users.get(name, ()):
                self._compare(user, name)
        if kind in _NEW_REVISIONS:
            fold.outdated.clear()
            for used in asset.inputs:
                self._users.setdefault(used, {})[fold] = None
                self._compare(fold, used)
        if key in (ANALYSIS, SCRIPT):
            self._all_scenes = True
        elif key.scene is not None:
            self._changed_scenes.add(key.scene)
        return fold

    def _compare(self, user: AssetFold, name: str) -> None:
        """Note whether what an asset was asked for from has another digest now; the page of it tells so.

        Of a document, in the parts that it uses, where these are on record.
        """
        used = self._assets.get(name)
        product = used.asset.product if used else None
        was = bool(user.outdated)
        if product is None or is_input_as_asked(user.asset, name, product):
            user.outdated.discard(name)
        else:
            user.outdated.add(name)
        if bool(user.outdated) != was:
            self._changed[user] = None

    def spent_on(self, asset_id: UUID) -> float:
        """What an asset has cost so far, as its page and the budget count it."""
        asset = self.film.find(asset_id)
        return asset.spent_usd if asset else 0.0

    # ---- what is shown ------------------------------------------------------------------------------

    @property
    def job(self) -> Job:
        return self.film.job

    @property
    def ended_at(self) -> datetime | None:
        """When the job ended; None while a run is under way."""
        return self._ended_at

    @property
    def content(self) -> str:
        """Whole, going or gone: whether the job's texts and bytes are there."""
        return self.job.content

    def page(self) -> dict[str, Any]:
        """The job as the public sees it."""
        return self._page([scene_page(self.film, scene) for scene in self.film.scenes or ()])

    def body(self) -> bytes:
        """The page, encoded, with an empty list of scenes at its end."""
        return encode(self._page([]))

    def take_scenes(self) -> ScenePages:
        """Those that have another page than when they were last taken."""
        scenes, places = self.film.scenes or (), self.film.graph.scene_places
        all_of_them, self._all_scenes = self._all_scenes, False
        numbers = list(places) if all_of_them else self._changed_scenes.intersection(places)
        changed = [(places[n], encode(scene_page(self.film, scenes[places[n]]))) for n in numbers]
        self._changed_scenes.clear()
        return ScenePages(changed, len(places), all_of_them)

    def take_listed(self) -> tuple[list[Term] | None, FigureRow | None]:
        """What the job is found by, and its figures; each None where it is as it was when last taken."""
        now = terms_of(self.film), figures_of(self.film, self.created, round(self.film.spent_usd, 6) + 0.0)
        was, self._listed = self._listed, now
        return (now[0] if now[0] != was[0] else None, now[1] if now[1] != was[1] else None)

    def _page(self, scenes: list[dict[str, Any]]) -> dict[str, Any]:
        assert self._progress is not None
        page = job_page(
            self.film,
            self._progress,
            position=self.position,
            ended_at=self._ended_at,
            elapsed=self._elapsed.page(),
            stage_elapsed=self._stage_elapsed,
        )
        return page | {"set_aside": self.aside.to_dict() if self.aside else None, "scenes": scenes}

    def asset_pages(self) -> dict[UUID, AssetPage]:
        """Those of all assets."""
        return dict(map(self._asset_page, self._assets.values()))

    def take_changed(self) -> dict[UUID, AssetPage]:
        """Those of the assets that have another page than when they were last taken."""
        changed, self._changed = self._changed, {}
        return dict(map(self._asset_page, changed))

    def _asset_page(self, fold: AssetFold) -> tuple[UUID, AssetPage]:
        page = fold.summary(pruned_at=self.job.pruned_at)
        return fold.asset.id, (fold.asset.key, page, fold.revisions)
