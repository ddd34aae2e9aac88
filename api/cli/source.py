"""Where a command reads jobs from: a server, or the store itself. What it does with them is the same.

Everything that is read has the public shapes (a job, an event), whoever hands it out.
"""

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import Any, Protocol
from uuid import UUID

from api.cases.attempts import AttemptRecord, AttemptRequest, attempt_in
from api.cases.audit import Audit, AuditRequest, audit_events
from api.cases.explain import ExplainRequest, Explanation, explain_events
from api.cases.export import Form
from api.cli.client import PAGE, Client
from api.cli.errors import InputError
from api.cli.list_options import query_of
from api.cli.refusals import refusals
from domain.asset import AssetKey
from domain.job_names import beginning_of
from projections.job_filter import JobFilter

Json = dict[str, Any]

LATEST = "latest"
CANDIDATES = 8
"""So many jobs are named where what was typed means more than one."""
TICK_S = 0.1
"""How long a follower waits before it lets the display move on."""


class Source(Protocol):
    """What the reading commands ask. What is refused is an error of the command, in the same words by all."""

    def where(self) -> str:
        """The address or folder that is read."""
        ...

    def job(self, job_id: UUID, at: int | None = None) -> Json:
        """The job now, or as it was at a position."""
        ...

    def jobs(self, wanted: JobFilter, limit: int) -> Iterator[Json]:
        """Jobs, newest first."""
        ...

    def events(self, job_id: UUID, after: int) -> Iterator[Json]:
        """What happened so far, beyond position ``after``."""
        ...

    def follow(self, job_id: UUID, after: int) -> Iterator[Json | None]:
        """Every event until the job has ended; None about every tenth of a second without one."""
        ...

    def explain(self, request: ExplainRequest) -> Explanation:
        """What was decided at a moment."""
        ...

    def audit(self, request: AuditRequest) -> Audit:
        """Whether the workflow of today would have decided the same."""
        ...

    def attempt(self, request: AttemptRequest) -> AttemptRecord:
        """One attempt at an asset."""
        ...

    def blob(self, asset_id: UUID, digest: str) -> bytes:
        """Stored bytes that the asset's record names."""
        ...

    def content(self, asset_id: UUID, revision: int) -> bytes:
        """What was made: the bytes of a revision of an asset."""
        ...

    def export(self, job_id: UUID, form: Form) -> Iterator[bytes]:
        """A finished film's edit or archive, piece by piece."""
        ...

    def models(self) -> Json:
        """The models of each stage, with price and health."""
        ...


def job_named(source: Source, name: str) -> UUID:
    """The one job that a person means by its id, by how its id begins, or by ``latest``. InputError else."""
    if len(name) == len(str(UUID(int=0))):
        return UUID(name)
    wanted = JobFilter() if name == LATEST else JobFilter(beginning=name)
    found = list(source.jobs(wanted, 1 if name == LATEST else CANDIDATES + 1))
    if not found:
        what = "there is no job yet" if name == LATEST else f"no job's id begins with {name}"
        raise InputError(
            f"JOB: {what} in {source.where()}",
            "`reelog ls` lists them. --url asks a server, REELOG_DATA_DIR names another folder.",
        )
    if len(found) > 1:
        named = [f"{job['id']}  {job['status']}" for job in found[:CANDIDATES]]
        more = ["…"] if len(found) > CANDIDATES else []
        raise InputError(
            "\n  ".join([f"JOB: the ids of several jobs begin with {name}:", *named, *more]),
            "Write as much of the id as only one of them has.",
        )
    return UUID(found[0]["id"])


def asset_named(source: Source, asset: str) -> UUID:
    """The asset that a person means by JOB/KIND[:SCENE], or by its id. InputError else."""
    job, slash, name = asset.partition("/")
    if not slash:
        try:
            return UUID(asset)
        except ValueError:
            raise InputError(
                f"ASSET: {asset!r} is no asset; write JOB/KIND[:SCENE], such as latest/image:2, or its id"
            ) from None
    try:
        job = job if job == LATEST else beginning_of(job)
        key = AssetKey.parse(name)
    except ValueError as error:
        raise InputError(f"ASSET: {error}") from None
    return key.id_in(job_named(source, job))


@contextlib.contextmanager
def told_of(asset_id: UUID, name: str) -> Iterator[None]:
    """What is refused of an asset names it as a person did."""
    try:
        yield
    except InputError as error:
        said = error.message.replace(str(asset_id), name.rpartition("/")[2])
        raise InputError(said, error.hint) from None


class ServerSource:
    """Reads over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def job(self, job_id: UUID, at: int | None = None) -> Json:
        found: Json = self._client.get(f"/v1/jobs/{job_id}", at=at)
        return found

    def jobs(self, wanted: JobFilter, limit: int) -> Iterator[Json]:
        asked = {**query_of(wanted), "limit": min(limit, PAGE)}
        for number, job in enumerate(self._client.pages("/v1/jobs", **asked), 1):
            yield job
            if number == limit:
                return

    def events(self, job_id: UUID, after: int) -> Iterator[Json]:
        return self._client.pages(f"/v1/jobs/{job_id}/events", after=after)

    def follow(self, job_id: UUID, after: int) -> Iterator[Json | None]:
        # The stream blocks while nothing happens, and the display must not: it is read in a thread, which
        # ends with the process if a person turns away.
        read: queue.Queue[Json | BaseException | None] = queue.Queue()

        def stream() -> None:
            try:
                for event in self._client.stream(f"/v1/jobs/{job_id}/events", after):
                    read.put(event)
                read.put(None)
            except BaseException as error:  # noqa: BLE001 - carried to the thread that asked
                read.put(error)

        threading.Thread(target=stream, name="stream", daemon=True).start()
        while True:
            try:
                item = read.get(timeout=TICK_S)
            except queue.Empty:
                yield None
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def explain(self, request: ExplainRequest) -> Explanation:
        self.job(request.job_id, request.at)  # says so where the moment has not come
        return explain_events(list(self.events(request.job_id, 0)), request)

    def audit(self, request: AuditRequest) -> Audit:
        return audit_events(self.events(request.job_id, 0), request)

    def attempt(self, request: AttemptRequest) -> AttemptRecord:
        with refusals(self.where()):
            return attempt_in(self.events(request.job_id, 0), request)

    def blob(self, asset_id: UUID, digest: str) -> bytes:
        return self._client.data(f"/v1/assets/{asset_id}/blobs/{digest}")

    def content(self, asset_id: UUID, revision: int) -> bytes:
        return self._client.data(f"/v1/assets/{asset_id}/content?revision={revision}")

    def export(self, job_id: UUID, form: Form) -> Iterator[bytes]:
        return self._client.chunks(f"/v1/jobs/{job_id}/export?as={form}")

    def models(self) -> Json:
        found: Json = self._client.get("/v1/models")
        return found

    def where(self) -> str:
        return self._client.url
