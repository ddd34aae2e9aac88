"""The one door through which events are saved.

``Studio`` is an ``eventsourcing`` application over the aggregates. Whoever wants a change gives a
decision (a function that asks the aggregate); the Studio loads, decides, saves under the expected version,
and decides anew when somebody else was first. Decisions are idempotent, so deciding anew is always safe.
The library is synchronous: async callers go through a thread.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.utils import Environment, EnvType

from domain.asset import Asset, AssetKey
from domain.file import File
from domain.film import Film
from domain.film_graph import ANALYSIS, MUSIC, Graph, analysis_facts, scenes_of
from domain.job import Job
from domain.store.event_store import EventStore

CONFLICT_RETRIES = 20

A = TypeVar("A", Job, Asset)


class StreamSource(Protocol):
    """What the recorders of both stores can read besides what the library asks of them."""

    def select_streams(self, originator_ids: Collection[UUID]) -> list[StoredEvent]: ...


class JobNotFoundError(LookupError):
    """There is no job of this id."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__(f"there is no job {job_id}")
        self.job_id = job_id


class ConflictError(OperationalError):
    """Others kept changing the same aggregate; nothing was saved. It passes: try again."""


@dataclass(frozen=True)
class Saved:
    """What an append did: the positions of the new events in the log, empty when nothing changed."""

    positions: tuple[int, ...] = ()

    @property
    def position(self) -> int | None:
        return self.positions[-1] if self.positions else None


def _project(aggregate: Any, events: Iterable[Any]) -> Any:
    """As the library does, which asks of each event whether it has this method: half the time of a fold."""
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


class SeveralAtOnce(Protocol):
    """What the recorders of both stores can append."""

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]: ...


class Studio(Application[UUID]):
    name = "studio"

    def __init__(self, store: EventStore) -> None:
        super().__init__(store.environment())
        self.store = store

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """The store's settings alone.

        The library adds every variable of the process, under its own name and under this application's: one
        that was meant for another program would change how events are kept.
        """
        return Environment(name, env)

    # ---- reading ------------------------------------------------------------------------------------

    def job(self, job_id: UUID) -> Job:
        try:
            return cast("Job", self._get(job_id))
        except AggregateNotFoundError:
            raise JobNotFoundError(job_id) from None

    def find_asset(self, job_id: UUID, key: AssetKey) -> Asset | None:
        try:
            return cast("Asset", self._get(key.id_in(job_id)))
        except AggregateNotFoundError:
            return None

    def assets(self, job: Job) -> dict[AssetKey, Asset]:
        """Every asset of the job that exists, by key: two statements, however many scenes it has."""
        # The analysis tells how many scenes there are, and so which streams to look for. While it is made
        # anew, or has found fewer scenes than before, what the others spent and have in flight still counts.
        # A song may be given when the job is submitted, before the analysis.
        found = self._find(job, [ANALYSIS, MUSIC])
        products = found[ANALYSIS].products.values() if ANALYSIS in found else ()
        films = [
            Graph.of(job.options, scenes_of(analysis_facts(product.facts)), job.graph).keys
            for product in products
        ]
        return found | self._find(job, [key for key in dict.fromkeys(chain(*films)) if key not in found])

    def _get(self, aggregate_id: UUID) -> Job | Asset:
        found: Job | Asset = self.repository.get(aggregate_id, projector_func=_project)
        return found

    def film(self, job: Job) -> Film:
        """The job and its assets as they are stored now."""
        return Film.of(job, self.assets(job).values())

    def _find(self, job: Job, keys: Collection[AssetKey]) -> dict[AssetKey, Asset]:
        """Those of these assets that exist, in the order of the keys."""
        if not keys:
            return {}
        ids = {key.id_in(job.id): key for key in keys}
        assets: dict[UUID, Asset] = {}
        for stored in cast("StreamSource", self.recorder).select_streams(ids):
            event: Any = self.mapper.to_domain_event(stored)
            assets[event.originator_id] = event.mutate(assets.get(event.originator_id))
        return {key: assets[asset_id] for asset_id, key in ids.items() if asset_id in assets}

    # ---- writing ------------------------------------------------------------------------------------

    def append(self, *aggregates: Job | Asset | File) -> Saved:
        """Save pending events of all given aggregates in one transaction; IntegrityError on a conflict."""
        [outcome] = self.append_each([aggregates])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def append_each(self, groups: Sequence[Sequence[Job | Asset | File]]) -> list[Saved | Exception]:
        """Save the pending events of several groups in one transaction, of each group all or none.

        IntegrityError in the place of a group of which others changed something first.
        """
        events = [[event for one in group for event in one.collect_events()] for group in groups]
        recorder = cast("SeveralAtOnce", self.recorder)
        outcomes = recorder.insert_each([[self.mapper.to_stored_event(e) for e in some] for some in events])
        return [one if isinstance(one, Exception) else Saved(tuple(one)) for one in outcomes]

    def change_job(
        self, job_id: UUID, decide: Callable[[Job], Any], begin_with: Job | None = None
    ) -> tuple[Job, Saved]:
        """``begin_with`` is the job as it was read before, so that it need not be read again."""
        return self._change(lambda: self.job(job_id), decide, begin_with)

    def change_asset(
        self, asset_id: UUID, decide: Callable[[Asset], Any], begin_with: Asset | None = None
    ) -> tuple[Asset, Saved]:
        """``begin_with`` is the asset as it was read or saved before; it is this call's to change."""
        return self._change(lambda: cast("Asset", self._get(asset_id)), decide, begin_with)

    def _change(self, load: Callable[[], A], decide: Callable[[A], Any], held: A | None) -> tuple[A, Saved]:
        for _ in range(CONFLICT_RETRIES):
            aggregate, held = held or load(), None
            decide(aggregate)
            try:
                return aggregate, self.append(aggregate)
            except IntegrityError:
                continue
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def change_together(self, decide: Callable[[], Sequence[Job | Asset]]) -> Saved:
        """Save the pending events of all that ``decide`` gives at once; decided anew if others were first."""
        for _ in range(CONFLICT_RETRIES):
            aggregates = decide()
            try:
                return self.append(*aggregates)
            except IntegrityError:
                continue
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def submit(self, job: Job, *assets: Asset) -> tuple[Job, Saved]:
        """Record a new job, with the assets it takes over. The same id again gives the job that is there."""
        try:
            return job, self.append(job, *assets)
        except IntegrityError:
            return self.job(job.id), Saved()
