"""Reading jobs from the store itself, with no server in between.

Whoever reads also projects, if nobody else does: after a crash, or beside a process that only appends, the
read models would otherwise lag behind the log for ever.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from api.cli.errors import CliError, InputError, UnreachableError, set_aside
from api.cli.live import say
from api.cli.source import TICK_S, Json
from api.composition import BlobError, System, open_system
from api.settings import Settings, SettingsError, load_settings
from domain.failures import AttemptFailedError
from domain.store.opening import StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.wire import encode

CATCH_UP_S = 30.0
PAGE = 500


class StoreSource:
    """Reads through the read models of an open system."""

    def __init__(self, system: System) -> None:
        self._system = system

    def job(self, job_id: UUID, at: int | None = None) -> Json:
        if at is not None:
            return self._job_at(job_id, at)
        body = self._system.readers.job(job_id)
        if body is None:
            raise self._no_job(job_id)
        job: Json = json.loads(body)
        return job

    def _job_at(self, job_id: UUID, at: int) -> Json:
        self._has_happened("--at", at)
        if not self._system.readers.wait_for(at, CATCH_UP_S):
            raise not_projected(self._system)
        fold = self._system.readers.job_at(job_id, at)
        if fold is not None:
            past: Json = json.loads(encode(fold.page()))
            return past
        self.job(job_id)
        raise InputError(f"--at: job {job_id} did not exist yet at position {at}")

    def _has_happened(self, option: str, position: int) -> None:
        head = self._system.log.head()
        if position > head:
            raise InputError(f"{option}: {position} has not happened yet; the log ends at {head}")

    def jobs(self, status: str | None, limit: int, beginning: str | None = None) -> Iterator[Json]:
        before, left = None, limit
        while left > 0:
            page = self._system.readers.jobs(
                status=status, limit=min(left, PAGE), before=before, beginning=beginning
            )
            yield from (json.loads(body) for body in page.items)
            left -= len(page.items)
            before = page.next
            if before is None:
                return

    def events(self, job_id: UUID, after: int) -> Iterator[Json]:
        self._has_happened("--after", after)
        self.job(job_id)
        while True:
            entries, after = self._page(job_id, after)
            yield from entries
            if len(entries) < PAGE:
                return

    def follow(self, job_id: UUID, after: int) -> Iterator[Json | None]:
        self._has_happened("--after", after)
        self.job(job_id)
        readers = self._system.readers
        told = after
        while True:
            # The status is read first: what an ended job has to tell is then all there to be read.
            [status] = readers.job_status(job_id)
            entries, after = self._page(job_id, after)
            for event in entries:
                told = event["position"]
                yield event
            if status.ended and told >= status.position:
                return
            if status.aside and not entries:
                return
            if not entries and not readers.wait_for(after + 1, TICK_S):
                if readers.projected().stopped is not None:
                    raise not_projected(self._system)
                yield None

    def where(self) -> str:
        return str(self._system.settings.data_dir)

    def blobs(self, asset_id: UUID, digests: Mapping[str, str]) -> dict[str, bytes]:  # noqa: ARG002 - the folder has them all
        try:
            return {name: self._system.blobs.get(digest) for name, digest in digests.items()}
        except BlobError as error:
            raise InputError(f"--raw: {error}") from None

    def _page(self, job_id: UUID, after: int) -> tuple[list[Json], int]:
        """Some events, and the position up to which the tables were looked at."""
        entries, seen = self._system.readers.entries(after=after, limit=PAGE, job_ids=[job_id])
        return [json.loads(entry.body) for entry in entries], seen

    def _no_job(self, job_id: UUID) -> CliError:
        for aside in self._system.readers.set_aside():
            if aside.job_id == str(job_id):
                return set_aside({"id": aside.job_id, "set_aside": aside.told()})
        return InputError(
            f"JOB: there is no job {job_id} in {self._system.store.shown_url}",
            "`reelog ls` lists them. --url asks a server, REELOG_DATA_DIR names another folder.",
        )


def settings_of(**overrides: Any) -> Settings:
    """The settings; InputError names every wrong one."""
    try:
        settings = load_settings(**overrides)
    except SettingsError as error:
        raise InputError.of_all(str(fault) for fault in error.faults) from None
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
def told_plainly() -> Iterator[None]:
    """What keeps a store or a provider from being opened, as an error with its exit code."""
    try:
        yield
    except StoreUnavailableError as error:
        raise InputError(f"REELOG_STORE: {error.url}: {error.reason}", error.hint) from None
    except ReadModelsUnavailableError as error:
        raise InputError(f"REELOG_STORE: {error}") from None
    except SettingsError as error:
        raise InputError.of_all(str(fault) for fault in error.faults) from None
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
def reading_system(settings: Settings) -> Iterator[System]:
    """The store opened for reading, with everything in the log projected."""
    missing = nothing_yet(settings)
    if missing is not None:
        raise InputError(
            f"there is no event store at {missing} yet",
            "Nothing was made here. --url asks a server, REELOG_DATA_DIR names another folder; "
            "`reelog demo` makes a film.",
        )
    with told_plainly():
        # No provider is asked for anything, so none need be there.
        system = open_system(replace(settings, prices=None), provider="gemini")
    try:
        system.projector.start()
        catch_up(system)
        yield system
    finally:
        system.close()


def catch_up(system: System) -> None:
    """Wait until the read models hold all that the log holds now; UnreachableError says why they do not."""
    if not system.readers.wait_for(system.log.head(), CATCH_UP_S, current=True):
        raise not_projected(system)


def not_projected(system: System) -> UnreachableError:
    """Why the read models lag behind the log."""
    projected = system.readers.projected()
    reason = projected.stopped or system.projector.status.reason or "still behind"
    return UnreachableError(
        f"the read models are at position {projected.position} of {system.log.head()}: {reason}",
        "`reelog doctor` says more.",
    )
