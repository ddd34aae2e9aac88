"""The only place that wires parts together. Nothing is built at import; everything can be replaced in a test.

``open_system`` gives all that the web server, and every command that reads the store itself, work with.
Ray is imported only by ``start_actors``: serving must not wait for it. Longer than other modules, as wiring
that stood in two would be in no one place.
"""

import asyncio
import functools
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import SecretStr

from actors.blobs.errors import BlobCorruptError, BlobError, BlobMissingError
from actors.blobs.opening import BucketAccess, open_blobs
from actors.files.opened import Opened, Place
from actors.files.opening import Opening, OpeningFailedError
from actors.files.refusals import FileRefusedError
from actors.gemini.catalogue import Catalogue, find
from actors.gemini.connect import detect_provider
from actors.gemini.gateway import SDK_CAPABILITIES, Capability, GatewaySettings
from actors.gemini.listing import list_models_and_voices
from actors.gemini.sdk_limits import Unsupported, unsupported, why_unsupported
from actors.gemini.thinking import DEFAULT as DEFAULT_THINKING
from actors.prompts import load_own
from actors.work.asking import Asking
from actors.work.crash import Crash, arm
from actors.work.crew_status import LEASE, STANDING_BY
from actors.work.film_export import ExportedFile, film_files
from actors.work.planning.fork import Fork, NotForkableError
from api.actors_port import Actors, UnavailableActors
from api.cases.errors import FieldError
from api.cases.queue import Queue
from api.cases.unused_files import UnusedFiles
from api.model_directory import ModelDirectory
from api.records import Records
from api.settings import Fault, Settings, SettingsError, network_faults
from api.traces.exporter import SpanSink
from api.traces.opening import Traces, open_collector
from api.webhooks.opening import Webhooks
from domain.default_models import ModelKind
from domain.failures import AttemptFailedError, RetryPolicy
from domain.given_scenes import CastMember
from domain.ports import ActiveJobs, BlobStore
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.store import EventLog, EventStore, Retention, Studio, open_event_store
from domain.submission import Options, Submission
from projections.crews import Crews
from projections.database import Database, open_database
from projections.projector import Projector
from projections.readers import ReadModels

if TYPE_CHECKING:
    from actors.media.credentials import Signing
    from actors.work.planning.planner import Planning

__all__ = [
    "STANDING_BY",
    "Actors",
    "BlobCorruptError",
    "BlobError",
    "BlobMissingError",
    "ExportedFile",
    "FileRefusedError",
    "Fork",
    "NotForkableError",
    "Opened",
    "OpeningFailedError",
    "Place",
    "System",
    "film_files",
    "open_active_jobs",
    "open_system",
]

Provider = Literal["gemini", "emulator"]

START_S = 120.0
"""How long a worker may take to start, once it has a node."""

logger = logging.getLogger(__name__)


StartActors = Callable[[Settings, Provider, PriceBook, frozenset[UUID] | None], Actors]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class System(Records):
    settings: Settings
    store: EventStore
    studio: Studio
    log: EventLog
    database: Database
    readers: ReadModels
    projector: Projector
    blobs: BlobStore
    prices: PriceBook
    provider: Provider
    models: ModelDirectory
    asking: Asking = field(default_factory=Asking)  # with which prompts, and how much models think
    opening: Opening = field(default_factory=Opening)  # of what people bring, in a process of its own
    actors: Actors | None = None
    collector: SpanSink | None = None
    clock: Callable[[], datetime] = field(default=now)

    @functools.cached_property
    def planning(self) -> "Planning":
        """Recipes, prices and forks, planned by the stages themselves. The first use takes a second."""
        from actors.work.crew import stage_actors  # noqa: PLC0415 - loads what draws and encodes
        from actors.work.planning.planner import Planning  # noqa: PLC0415 - as above

        return Planning(stage_actors, self.studio, self.blobs, self.prices, self.clock, self.asking)

    @functools.cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(
            self.settings, self.store, self.studio, self.log, self.readers, self.clock, self.owners.of
        )

    @functools.cached_property
    def traces(self) -> Traces:
        """What is told to a collector of spans, where one is named."""
        return Traces(self.store, self.log, self.readers, self.collector)

    @functools.cached_property
    def unused_files(self) -> UnusedFiles:
        """Removes hourly what of them nothing uses, and what was left of jobs that were deleted."""
        unused = functools.partial(self.files.remove_unused, self.readers, self.blobs, self.clock)
        return UnusedFiles(lambda: [*unused(), *self.retention.finish()])

    @functools.cached_property
    def retention(self) -> Retention:
        return Retention(self.studio, self.log, self.files, self.readers, self.blobs, self.clock)

    def film_size(self, options: Options) -> tuple[int, int]:
        """The width and height of a film with these options."""
        from actors.media.formats import film_format  # noqa: PLC0415 - as below

        fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
        return fmt.width, fmt.height

    @functools.cached_property
    def crews(self) -> Crews:
        """What the crews of other processes say of themselves."""
        return Crews(self.database, self.clock)

    @functools.cached_property
    def queue(self) -> Queue:
        """Who would wait with too many others is refused."""
        return Queue(self.readers, self.settings.queue_limit)

    def unmet(self, submission: Submission, kinds: Collection[ModelKind]) -> list[FieldError]:
        """What of a submission the chosen SDK or the speech model cannot do, or no film can be."""
        from actors.work.planning.script_length import unfit  # noqa: PLC0415 - media libraries, which a server need not wait for

        models = submission.models.named(submission.options, submission.scenes or ())
        found = self.unsupported(models, submission.options, submission.language, kinds, submission.cast)
        if "text" in kinds:
            found += unfit(submission.expected_script, submission.options, submission.scenes or ())
        return [FieldError(pointer, message) for pointer, message in found]

    def unsupported(
        self,
        models: Mapping[str, str],
        options: Options,
        language: str | None,
        kinds: Collection[ModelKind],
        cast: Sequence[CastMember] = (),
    ) -> list[Unsupported]:
        """What of this the chosen SDK or the speech model cannot do."""
        named = options.voice is not None or any(member.voice for member in cast)
        voices = self.models.catalogue().voices if named else ()
        return unsupported(self.settings.gemini_sdk, models, options, language, kinds, voices, cast)

    def takes_pictures(self, submission: Submission) -> bool:
        """Whether its image model draws by pictures that go along, as far as that is known."""
        drawn_by = find(submission.models.image)
        return drawn_by is None or drawn_by.reference_images > 0

    def undrawable(self, spoken: str, language: str) -> tuple[list[str], list[str]]:
        """The letters of a text, and its other signs, that no font draws. The first use opens fonts."""
        from actors.media.fonts import missing_glyphs, missing_letters  # noqa: PLC0415 - only films need it

        letters = missing_letters(spoken, language)
        return letters, [sign for sign in missing_glyphs(spoken, language) if sign not in letters]

    def why_unsayable(self, model: str, kind: ModelKind) -> str | None:
        """Why the chosen SDK can make nothing with a model that a film needs; None when it can."""
        return why_unsupported(self.settings.gemini_sdk, model, kind)

    def start(self) -> None:
        """Begin to project and to fetch the list of models; start the actors where there are to be any."""
        self.projector.start()
        self.models.start()
        self.unused_files.start()
        if self.actors is not None:
            self.actors.start()

    def close(self) -> None:
        """Stop in the order in which nothing is left waiting for what is gone."""
        if self.actors is not None:
            self.actors.stop()
        self.unused_files.close()
        self.webhooks.close()
        self.traces.close()
        self.projector.close()
        self.studio.close()
        self.database.close()
        self.store.close()


def open_system(
    settings: Settings,
    *,
    with_actors: bool = False,
    only: frozenset[UUID] | None = None,
    provider: Provider | None = None,
    models: ModelDirectory | None = None,
    start_actors: StartActors | None = None,
    traced: bool = False,
) -> System:
    """Open the stores and wire everything; nothing runs before ``System.start``.

    ``only`` restricts the actors to these jobs; ``traced`` has spans exported where a collector is named.
    Raises StoreUnavailableError, BlobError, ReadModelsUnavailableError, SettingsError (the provider cannot be
    called at all, or spans not be exported), ValueError (a price list), or AttemptFailedError (nothing
    answers at REELOG_GEMINI_BASE_URL), each with words for a person.
    """
    if provider is None and (faults := network_faults(settings)):
        raise SettingsError(faults)
    collector = open_collector(settings) if traced else None
    asked_with = asking(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    arm(_crash(settings))
    chosen = provider or detect_provider(settings.gemini_base_url)
    prices = load_prices(settings.prices)
    blobs = open_blobs(settings.blobs, bucket_access(settings))
    store = open_event_store(settings.store)
    # Absolute from here on: other processes have other current folders.
    settings = replace(settings, store=store.url)
    studio = Studio(store)
    log = EventLog(studio)
    database = open_database(store.url)
    actors = (start_actors or open_cluster)(settings, chosen, prices, only) if with_actors else None
    directory = models or ModelDirectory(
        functools.partial(load_catalogue, gateway_settings(settings, chosen))
    )
    directory.shipped = directory.shipped or shipped_catalogue
    return System(
        settings=settings,
        store=store,
        studio=studio,
        log=log,
        database=database,
        readers=ReadModels(store, log, database),
        projector=Projector(store, log, database),
        blobs=blobs,
        prices=prices,
        provider=chosen,
        models=directory,
        asking=asked_with,
        actors=actors,
        collector=collector,
    )


def bucket_access(settings: Settings) -> BucketAccess:
    return BucketAccess(settings.blobs_cache, settings.blobs_cache_mb * 1_000_000, settings.cloud)


def _crash(settings: Settings) -> Crash | None:
    return Crash.parse(settings.crash_at, settings.data_dir) if settings.crash_at else None


def _signing(settings: Settings) -> "Signing | None":
    from actors.media.credentials import Signing  # noqa: PLC0415 - a library that only films need

    key = settings.signing
    if key is None:
        return None
    return Signing(key.certificates, key.key, key.algorithm, settings.time_authority)


def load_prices(own: Path | None) -> PriceBook:
    """The shipped prices, with the user's own list laid over them."""
    lists = [SHIPPED_PRICES.read_text(encoding="utf-8")]
    if own is not None:
        lists.append(own.read_text(encoding="utf-8"))
    return PriceBook.parse(*lists)


# ---- the provider -----------------------------------------------------------------------------------


def gateway_settings(settings: Settings, provider: Provider) -> GatewaySettings:
    # The emulator takes any key, and a real one is never sent to it.
    key = SecretStr("emulator") if provider == "emulator" else settings.gemini_api_key
    return GatewaySettings(
        api_key=key or SecretStr(""),
        base_url=settings.gemini_base_url,
        sdk=settings.gemini_sdk,
    )


def asking(settings: Settings) -> Asking:
    """How models are asked: an SDK that has no words for thinking asks for none.

    Raises SettingsError where a prompt of one's own is none.
    """
    can = Capability.THINKING in SDK_CAPABILITIES[settings.gemini_sdk]
    try:
        own = load_own(settings.prompts) if settings.prompts else ()
    except (ValueError, OSError) as error:
        raise SettingsError([Fault("REELOG_PROMPTS", str(settings.prompts), str(error))]) from error
    thinking = settings.thinking or DEFAULT_THINKING if can else None
    return Asking(thinking, own, settings.poll_s)


def load_catalogue(gateway: GatewaySettings) -> Catalogue:
    """The models as the provider lists them now, or the shipped list when it cannot be asked."""
    try:
        models, voices = asyncio.run(list_models_and_voices(gateway))
        return Catalogue(models, now().date(), voices)
    except AttemptFailedError as error:
        logger.warning("the provider's list of models could not be had: %s", error.failure)
        return shipped_catalogue()


def shipped_catalogue() -> Catalogue:
    return Catalogue(None, now().date())


# ---- the actors -------------------------------------------------------------------------------------


def open_active_jobs(store_url: str) -> ActiveJobs:
    """The board's unfinished jobs, for a Director in a process of its own."""
    store = open_event_store(store_url)
    return ReadModels(store, EventLog(Studio(store)), open_database(store.url))


def is_work_waiting(store_url: str) -> bool:
    """Whether there are unfinished jobs that nobody directs. Asked before there is a Director to find out."""
    try:
        with closing(open_event_store(store_url)) as store, closing(open_database(store_url)) as database:
            unfinished = ReadModels(store, EventLog(Studio(store)), database).unfinished().job_ids
            return bool(unfinished) and not store.is_present(LEASE)
    except Exception as error:  # noqa: BLE001 - whatever it is, the Director meets it and says so
        logger.info("whether work waits could not be seen: %s", error)
        return False


def open_cluster(
    settings: Settings, provider: Provider, prices: PriceBook, only: frozenset[UUID] | None
) -> Actors:
    """Ray and the crew on it, not yet started."""
    try:
        from actors.cluster import LOCAL, Cluster  # noqa: PLC0415 - importing Ray takes seconds
    except Exception as error:  # noqa: BLE001 - Ray reads its own settings then, and raises what it likes
        return UnavailableActors(f"Ray cannot be loaded: {type(error).__name__}: {error}")
    from actors.director.throttle import Limit  # noqa: PLC0415 - as above
    from actors.work.crew_settings import CrewSettings  # noqa: PLC0415 - as above

    crew = CrewSettings(
        store_url=settings.store,
        blobs_url=settings.blobs,
        bucket_access=bucket_access(settings),
        gateway=gateway_settings(settings, provider),
        provider=provider,
        prices=prices,
        active_jobs=functools.partial(open_active_jobs, settings.store),
        max_active_jobs=settings.max_active_jobs,
        only=only,
        limit=Limit(settings.model_concurrency, settings.model_rpm),
        limits={name: Limit(calls, rpm) for name, calls, rpm in settings.model_limits},
        policy=RetryPolicy(patience_s=settings.patience_s),
        places={"artists": settings.artists, "renderers": settings.renderers},
        grace_s=settings.grace_s,
        asking=asking(settings),
        crash=_crash(settings),
        signing=_signing(settings),
        start_s=START_S,
    )
    waiting = functools.partial(is_work_waiting, settings.store) if only is None else lambda: True
    return Cluster(crew, settings.ray_address or LOCAL, waiting)
