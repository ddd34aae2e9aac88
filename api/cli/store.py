"""Reading jobs from the store itself, with no server in between.

Whoever reads also projects, if nobody else does: after a crash, or beside a process that only appends, the
read models would otherwise lag behind the log for ever.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from api.cases.attempts import AttemptRecord, AttemptRequest, get_attempt
from api.cases.audit import Audit, AuditRequest, audit
from api.cases.content import BlobRequest, ContentRequest, blob, content_bytes, unavailable_bytes
from api.cases.errors import refusal_of
from api.cases.events import ListEventsRequest, all_events, list_events
from api.cases.explain import ExplainRequest, Explanation, explain
from api.cases.export import ExportRequest, Form, export
from api.cases.jobs import GetJobRequest, ListJobsRequest, get_job, list_jobs, require_job
from api.cases.models import ListModelsRequest, list_models
from api.cli.errors import InputError, UnreachableError
from api.cli.live import say
from api.cli.options import setting_message
from api.cli.refusals import error_of, refusals
from api.cli.source import TICK_S, Json
from api.composition import BlobError, Provider, System, open_system
from api.model_directory import PATIENCE_S
from api.settings import Settings, SettingsError, load_settings
from domain.failures import AttemptFailedError
from domain.store import StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.job_filter import JobFilter

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

CATCH_UP_S = 30.0
BEGUN_S = 3.0
"""By then whoever builds the read models anew has begun to."""
PAGE = 500


class StoreSource:
    """Asks the cases of an open system, as a server would."""

    def __init__(self, system: System) -> None:
        self._system = system

    def where(self) -> str:
        return self._system.settings.where

    def job(self, job_id: UUID, at: int | None = None) -> Json:
        job: Json = json.loads(self._ask(get_job, GetJobRequest(job_id, at)).body)
        return job

    def jobs(self, wanted: JobFilter, limit: int) -> Iterator[Json]:
        after, left = None, limit
        while left > 0:
            page = self._ask(list_jobs, ListJobsRequest(wanted, after, min(left, PAGE)))
            yield from map(json.loads, page.items)
            left -= len(page.items)
            after = page.next
            if after is None:
                return

    def events(self, job_id: UUID, after: int) -> Iterator[Json]:
        with refusals(self.where()):
            yield from all_events(self._system, job_id, after)

    def follow(self, job_id: UUID, after: int) -> Iterator[Json | None]:
        self._ask(require_job, job_id)
        with refusals(self.where()):
            yield from self._follow(job_id, after)

    def _follow(self, job_id: UUID, after: int) -> Iterator[Json | None]:
        readers = self._system.readers
        last = after
        while True:
            # The status is read first: all events of a job that has ended are then there to be read.
            [status] = readers.job_status(job_id)
            page = self._ask(list_events, ListEventsRequest([job_id], after, PAGE))
            for event in map(json.loads, page.items):
                last = event["position"]
                yield event
            after = last if page.has_more else page.position
            if status.ended and last >= status.position:
                return
            if status.aside and not page.items:
                return
            if not page.items and not readers.wait_for(after + 1, TICK_S):
                if readers.projected().stopped is not None:
                    raise not_projected(self._system)
                yield None

    def explain(self, request: ExplainRequest) -> Explanation:
        return self._ask(explain, request)

    def audit(self, request: AuditRequest) -> Audit:
        return self._ask(audit, request)

    def attempt(self, request: AttemptRequest) -> AttemptRecord:
        return self._ask(get_attempt, request)

    def blob(self, asset_id: UUID, digest: str) -> bytes:
        return self._ask(blob, BlobRequest(asset_id, digest)).read_bytes()

    def content(self, asset_id: UUID, revision: int) -> bytes:
        return self._ask(content_bytes, ContentRequest(asset_id, revision))

    def export(self, job_id: UUID, form: Form) -> Iterator[bytes]:
        found = self._ask(export, ExportRequest(job_id, form))
        with refusals(self.where()), unavailable_bytes():
            yield from found.chunks

    def models(self) -> Json:
        return self._ask(list_models, ListModelsRequest(PATIENCE_S))

    def _ask(self, case: Callable[[System, Asked], Answer], request: Asked) -> Answer:
        with refusals(self.where()):
            return case(self._system, request)


def settings_of(**overrides: Any) -> Settings:
    """The settings; InputError names every wrong one."""
    try:
        settings = load_settings(**overrides)
    except SettingsError as error:
        raise InputError.of_all(map(setting_message, error.faults)) from None
    if settings.unknown:
        say(f"Warning: nobody reads {', '.join(settings.unknown)}; see that it is spelt right.")
    return settings


def nothing_yet(settings: Settings) -> Path | None:
    """The SQLite file that is not there because nothing was ever made; reading must not create it."""
    if not settings.store.startswith("sqlite:///"):
        return None
    path = Path(settings.store.removeprefix("sqlite:///"))
    return None if path.exists() else path


@contextlib.contextmanager
def cli_errors() -> Iterator[None]:
    """What keeps a store or a provider from being opened, as an error with its exit code."""
    try:
        yield
    except StoreUnavailableError as error:
        raise InputError(f"REELOG_STORE: {error.url}: {error.reason}", error.hint) from None
    except ReadModelsUnavailableError as error:
        raise InputError(f"REELOG_STORE: {error}") from None
    except SettingsError as error:
        raise InputError.of_all(map(setting_message, error.faults)) from None
    except AttemptFailedError as error:
        raise UnreachableError(
            f"REELOG_GEMINI_BASE_URL: {error.failure.message}", error.failure.hint
        ) from None
    except PermissionError as error:
        raise InputError(
            f"REELOG_DATA_DIR: {error.filename} may not be written",
            "Give this user the right, or name another.",
        ) from None
    except BlobError as error:
        raise InputError(f"REELOG_BLOBS: {error.reason}", error.hint) from None
    except OSError as error:
        raise InputError(
            f"REELOG_DATA_DIR: {error.filename}: {error.strerror}",
            "Name a folder on a disk that can be written and has room.",
        ) from None


@contextlib.contextmanager
def left_unfinished(system: System, job_id: UUID, serve: str) -> Iterator[None]:
    """Where the store can be used no longer (its disk is full), say what becomes of the job, by ``serve``."""
    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise UnreachableError(
            error_of(refusal.code, refusal.detail, where=system.settings.where).message,
            f"Job {job_id} is left unfinished. When that is mended, `{serve}` goes on with it.",
        ) from None


@contextlib.contextmanager
def reading_system(settings: Settings) -> Iterator[System]:
    """The store opened for reading, with everything in the log projected."""
    missing = nothing_yet(settings)
    if missing is not None:
        raise InputError(
            f"there is no event store at {missing} yet",
            "Nothing was made here. --url asks a server, REELOG_DATA_DIR names another folder; "
            "`reelog demo` makes a film.",
        )
    # No provider is asked for anything, so none need be there.
    with _projected(replace(settings, prices=None), provider="gemini") as system:
        yield system


@contextlib.contextmanager
def provider_system(settings: Settings) -> Iterator[System]:
    """The store opened with the provider and the prices that a server with these settings would have."""
    from actors.work import temporary_files

    with contextlib.ExitStack() as stack:
        if nothing_yet(settings):
            # There is no record to read, and asking for models must not begin one.
            aside = temporary_files.workspace(Path(tempfile.gettempdir()), prefix="reelog-models-")
            folder = stack.enter_context(aside)
            settings = replace(
                settings,
                data_dir=folder,
                store=f"sqlite:///{folder}/events.db",
                blobs=f"file://{folder}/blobs",
            )
        yield stack.enter_context(_projected(settings))


@contextlib.contextmanager
def _projected(settings: Settings, provider: Provider | None = None) -> Iterator[System]:
    with cli_errors():
        system = open_system(settings, provider=provider)
    try:
        system.projector.start()
        catch_up(system)
        yield system
    finally:
        system.close()


def catch_up(system: System) -> None:
    """Wait until the read models hold all that the log holds now; UnreachableError says why they do not."""
    head = system.log.head()
    if system.readers.wait_for(head, BEGUN_S, current=True):
        return
    if _kept_by_another_version(system) or not system.readers.wait_for(head, CATCH_UP_S, current=True):
        raise not_projected(system)


def _kept_by_another_version(system: System) -> bool:
    return system.projector.status.state == "waiting" and system.readers.are_of_another_version()


def not_projected(system: System) -> UnreachableError:
    """Why the read models lag behind the log."""
    if _kept_by_another_version(system):
        return UnreachableError(
            f"a server of another version of Reelog keeps the read models in {system.settings.where}",
            "Restart it with this version, or ask it with --url.",
        )
    projected = system.readers.projected()
    reason = projected.stopped or system.projector.status.reason or "still behind"
    return UnreachableError(
        f"the read models are at position {projected.position} of {system.log.head()}: {reason}",
        "`reelog doctor` says more.",
    )
