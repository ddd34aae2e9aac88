"""The one door through which events are saved.

``Studio`` is an ``eventsourcing`` application over the aggregates. Whoever wants a change gives a
decision (a function that asks the aggregate); the Studio loads, decides, saves under the expected version,
and decides anew when somebody else was first. Decisions are idempotent, so deciding anew is always safe.
The library is synchronous: async callers go through a thread.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.utils import Environment, EnvType

from domain.analysis_facts import analysis_facts
from domain.asset import Asset, AssetKey
from domain.batch import Batch
from domain.file import File
from domain.film import Film
from domain.film_graph import ANALYSIS, MUSIC, SCRIPT, Graph, scenes_of
from domain.given_assets import given_keys
from domain.job import Job
from domain.key import Key, KeyList
from domain.preset import Preset
from domain.session import EndedSessions
from domain.store.event_store import EventStore
from domain.webhook import Delivery, Endpoint

CONFLICT_RETRIES = 20
Saveable = Job | Asset | File | Preset | Batch | Key | KeyList | EndedSessions | Endpoint | Delivery


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


@dataclass(frozen=True)
class AssetChange:
    """A decision about one asset. ``begin_with`` is as for ``Studio.change_job``, and this change's own."""

    asset_id: UUID
    decide: Callable[[Asset], Any]
    begin_with: Asset | None = None


class SeveralAtOnce(Protocol):
    """What the recorders of both stores can append."""

    def insert_each(self, appends: Sequence[Sequence[StoredEvent]]) -> list[Sequence[int] | Exception]: ...


def _decide(change: AssetChange, asset: Asset | None) -> Exception | None:
    """What the decision raises: it keeps nobody else's from being saved."""
    if asset is None:
        return AggregateNotFoundError(change.asset_id)
    try:
        change.decide(asset)
    except Exception as error:  # noqa: BLE001 - as above
        return error
    return None


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
        """JobNotFoundError also where something else has this id."""
        found = self._find_any(job_id)
        if not isinstance(found, Job):
            raise JobNotFoundError(job_id)
        return found

    def find_asset(self, job_id: UUID, key: AssetKey) -> Asset | None:
        found = self._find_any(key.id_in(job_id))
        return found if isinstance(found, Asset) else None

    def assets(self, job: Job) -> dict[AssetKey, Asset]:
        """Every asset of the job that exists, by key: two statements, however many scenes it has."""
        # The analysis tells how many scenes there are, and so which streams to look for. While it is made
        # anew, or has found fewer scenes than before, what the others spent and have in flight still counts.
        # What its author gives when the job is submitted is there before the analysis.
        found = self._find(job, [SCRIPT, ANALYSIS, MUSIC, *sorted(given_keys(job.given.scenes))])
        products = found[ANALYSIS].products.values() if ANALYSIS in found else ()
        films = [
            Graph.of(job.options, scenes_of(analysis_facts(product.facts)), job.graph) for product in products
        ]
        keys = dict.fromkeys(chain(*((*film.keys, *film.outside) for film in films)))
        return found | self._find(job, [key for key in keys if key not in found])

    def _find_any(self, aggregate_id: UUID) -> Any:
        """Whatever has this id: ids come from anybody, and one kind's look like another's."""
        try:
            return self.repository.get(aggregate_id, projector_func=_project)
        except AggregateNotFoundError:
            return None

    def film(self, job: Job) -> Film:
        """The job and its assets as they are stored now."""
        return Film.of(job, self.assets(job).values())

    def _find(self, job: Job, keys: Collection[AssetKey]) -> dict[AssetKey, Asset]:
        """Those of these assets that exist, in the order of the keys."""
        if not keys:
            return {}
        ids = {key.id_in(job.id): key for key in keys}
        assets = self._streams(ids)
        return {key: assets[asset_id] for asset_id, key in ids.items() if asset_id in assets}

    def _streams(self, asset_ids: Collection[UUID]) -> dict[UUID, Asset]:
        """Those of these assets that exist: one statement, however many they are."""
        assets: dict[UUID, Asset] = {}
        if asset_ids:
            for stored in cast("StreamSource", self.recorder).select_streams(asset_ids):
                event: Any = self.mapper.to_domain_event(stored)
                assets[event.originator_id] = event.mutate(assets.get(event.originator_id))
        return assets

    # ---- writing ------------------------------------------------------------------------------------

    def append(self, *aggregates: Saveable) -> Saved:
        """Save pending events of all given aggregates in one transaction; IntegrityError on a conflict."""
        [outcome] = self.append_each([aggregates])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def append_each(self, groups: Sequence[Sequence[Saveable]]) -> list[Saved | Exception]:
        """Save the pending events of several groups in one transaction, of each group all or none.

        In the place of a group that is not saved stands why: IntegrityError where others changed something
        first.
        """
        stored = [self._stored(group) for group in groups]
        recorder = cast("SeveralAtOnce", self.recorder)
        outcomes = iter(recorder.insert_each([some for some in stored if not isinstance(some, Exception)]))
        ended = [some if isinstance(some, Exception) else next(outcomes) for some in stored]
        return [one if isinstance(one, Exception) else Saved(tuple(one)) for one in ended]

    def _stored(self, group: Sequence[Saveable]) -> list[StoredEvent] | Exception:
        """The pending events as they are stored, or why they cannot be."""
        events = [event for one in group for event in one.collect_events()]
        try:
            return [self.mapper.to_stored_event(event) for event in events]
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the other groups go on
            return error

    def change_job(
        self, job_id: UUID, decide: Callable[[Job], Any], begin_with: Job | None = None
    ) -> tuple[Job, Saved]:
        """``begin_with`` is the job as it was read before, so that it need not be read again."""
        for _ in range(CONFLICT_RETRIES):
            job, begin_with = begin_with or self.job(job_id), None
            decide(job)
            try:
                return job, self.append(job)
            except IntegrityError:
                continue
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def change_asset(
        self, asset_id: UUID, decide: Callable[[Asset], Any], begin_with: Asset | None = None
    ) -> tuple[Asset, Saved]:
        """``begin_with`` is the asset as it was read or saved before; it is this call's to change."""
        [changed] = self.change_assets([AssetChange(asset_id, decide, begin_with)])
        if isinstance(changed, Exception):
            raise changed
        return changed

    def change_assets(self, changes: Sequence[AssetChange]) -> list[tuple[Asset, Saved] | Exception]:
        """Of different assets: each for itself, all with one statement that reads and one transaction.

        In the place of a change that failed stands why.
        """
        left = {change.asset_id: change for change in changes}
        assets = {change.asset_id: change.begin_with for change in changes if change.begin_with is not None}
        ended: dict[UUID, tuple[Asset, Saved] | Exception] = {}
        for _ in range(CONFLICT_RETRIES):
            assets |= self._streams(left.keys() - assets.keys())
            for asset_id, change in left.items():
                error = _decide(change, assets.get(asset_id))
                if error is not None:
                    ended[asset_id] = error
            decided = [assets[asset_id] for asset_id in left if asset_id not in ended]
            for asset, outcome in zip(decided, self.append_each([[one] for one in decided]), strict=True):
                if not isinstance(outcome, IntegrityError):
                    ended[asset.id] = outcome if isinstance(outcome, Exception) else (asset, outcome)
            left = {asset_id: change for asset_id, change in left.items() if asset_id not in ended}
            if not left:
                break
            assets = {}  # others were first: what was decided is not so
        given_up = ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")
        return [ended.get(change.asset_id, given_up) for change in changes]

    def change_together(self, decide: Callable[[], Sequence[Saveable]]) -> Saved:
        """Save the pending events of all that ``decide`` gives at once; decided anew if others were first."""
        for _ in range(CONFLICT_RETRIES):
            aggregates = decide()
            try:
                return self.append(*aggregates)
            except IntegrityError:
                continue
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def submit(self, job: Job, *assets: Asset, told: Endpoint | None = None) -> tuple[Job, Saved]:
        """Record a new job, with the assets it takes over. The same id again gives the job that is there.

        ``told``: the endpoint that is told of it, which is there before the job is.
        """
        try:
            return job, self.append(*([told] if told else []), job, *assets)
        except IntegrityError:
            return self.job(job.id), Saved()
