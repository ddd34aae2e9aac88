"""Each operation of the API, once: what it is sent to, and what it comes to.

``client.py`` and ``async_client.py`` name them; neither adds anything but waiting or awaiting. Longer than
other modules: whoever looks for an operation looks in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote
from uuid import UUID

from reelog_client.configuration import Patience
from reelog_client.documents import (
    AssetDocument,
    BatchDocument,
    BatchEstimate,
    Estimate,
    EventDocument,
    FileDocument,
    JobDocument,
    ModelList,
    Readiness,
    SceneEdit,
    Submission,
)
from reelog_client.downloads import FilmDownload, OnProgress, film_assets
from reelog_client.errors import ConfigurationError, NotReelogError, UnknownAssetError
from reelog_client.event_stream import EventStream
from reelog_client.exchange import ANSWER_TIMEOUT_S, READ, UPLOAD_TIMEOUT_S, Flow, Give, ItemFlow, Request
from reelog_client.retries import ask, document, raise_problem, send, with_key
from reelog_client.waiting import wait

if TYPE_CHECKING:
    from typing_extensions import Unpack

Json = dict[str, Any]
JobStatus = Literal["queued", "running", "awaiting_review", "completed", "failed", "cancelled"]
Previewed = Literal["retry", "approve", "fork", "scenes"]
PAGE = 1000


class Operations:
    """Flows of each operation; ``job_id`` and the like are ids as the server gives them."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        repeatable: bool | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Flow[Any]:
        """Any request: how to ask for what has no method here, such as ``GET /v1/presets``."""
        asked = Request(method, path, query or {}, body, timeout_s=timeout_s)
        if idempotency_key is not None:
            asked = with_key(asked, idempotency_key)
        return ask(asked, self.patience, repeatable=repeatable)

    def items(self, path: str, *, query: Mapping[str, Any] | None = None) -> ItemFlow[Json]:
        """Every item of a list, page by page."""
        asked = {"limit": PAGE, **(query or {})}
        while True:
            page = yield from ask(Request("GET", path, asked), self.patience)
            for item in page["data"]:
                yield Give(item)
            if not page["has_more"]:
                return
            asked["after"] = page["next"]

    def content_of(self, path: str, *, query: Mapping[str, Any] | None = None) -> Flow[bytes]:
        """The bytes at an address, whole."""
        pieces: list[bytes] = []
        for_bytes = Request("GET", path, query or {}, read="bytes", timeout_s=UPLOAD_TIMEOUT_S)
        response = yield from send(for_bytes, self.patience, repeatable=True)
        if response.has_redirect_location and response.next_request is not None:
            elsewhere = Request("GET", str(response.next_request.url), read="bytes")
            response = yield from send(elsewhere, self.patience, repeatable=True)
        while (piece := (yield READ)) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    def pieces(self, path: str, *, query: Mapping[str, Any] | None = None) -> ItemFlow[bytes]:
        """The bytes at an address as they come; AnswerLostError where they end too soon."""
        response = yield Request("GET", path, query or {}, read="bytes", timeout_s=UPLOAD_TIMEOUT_S)
        raise_problem(response)
        while (piece := (yield READ)) is not None:
            yield Give(piece)

    def stream(self, path: str, *, after: int = 0) -> ItemFlow[EventDocument]:
        """The events at an address, as ``watch`` gives those of a job."""
        return EventStream(path, after, self.patience).run()

    # ---- jobs -------------------------------------------------------------------------------------------

    def submit(
        self,
        text: str | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        **submission: Unpack[Submission],
    ) -> Flow[JobDocument]:
        """Submit a script, or ``topic=``, or ``scenes=``; paid once, however often an answer is lost."""
        request = with_key(Request("POST", "/v1/jobs", body=_submission(text, submission)), idempotency_key)
        return ask(request, self.patience)

    def estimate(self, text: str | None = None, /, **submission: Unpack[Submission]) -> Flow[Estimate]:
        """What a submission would cost and take; nothing is begun."""
        request = Request("POST", "/v1/estimate", body=_submission(text, submission))
        return ask(request, self.patience, repeatable=True)

    def get_job(self, job_id: str | UUID, /, *, at: int | None = None) -> Flow[JobDocument]:
        """The job now, or as it was at a position of the log."""
        return ask(Request("GET", f"/v1/jobs/{job_id}", {"at": at}), self.patience)

    def list_jobs(
        self,
        *,
        status: JobStatus | None = None,
        id: str | None = None,  # noqa: A002 - the parameter's name
        limit: int | None = None,
    ) -> ItemFlow[JobDocument]:
        """Jobs, newest first; ``id`` is how their ids begin, ``limit`` the most that are given."""
        asked: Json = {"limit": min(limit or PAGE, PAGE), "status": status, "id": id}
        left = limit
        while left is None or left > 0:
            page = yield from ask(Request("GET", "/v1/jobs", asked), self.patience)
            for job in page["data"][:left]:
                yield Give(job)
            left = None if left is None else left - len(page["data"])
            if not page["has_more"]:
                return
            asked["after"] = page["next"]

    def watch(self, job_id: str | UUID, /, *, after: int = 0) -> ItemFlow[EventDocument]:
        """Every event beyond ``after`` until the job has ended, through cuts and restarts."""
        return EventStream(f"/v1/jobs/{job_id}/events", after, self.patience).run()

    def watch_all(self, *, after: int = 0, jobs: Sequence[str] | None = None) -> ItemFlow[EventDocument]:
        """Every event of all jobs, or of these: without end where none is named."""
        named = ",".join(jobs) if jobs else None
        return EventStream("/v1/events", after, self.patience, jobs=named).run()

    def list_events(self, job_id: str | UUID, /, *, after: int = 0) -> ItemFlow[EventDocument]:
        """What happened so far."""
        flow: ItemFlow[Any] = self.items(f"/v1/jobs/{job_id}/events", query={"after": after})
        yield from flow

    def wait(self, job_id: str | UUID, /, *, timeout_s: float | None = None) -> Flow[JobDocument]:
        """Wait for the film. A JobError says why there is none; TimedOutError that the time is over."""
        return wait(f"/v1/jobs/{job_id}", timeout_s, self.patience)

    def cancel(self, job_id: str | UUID, /) -> Flow[JobDocument]:
        """Stop it; what had ended already is as it was."""
        return ask(Request("POST", f"/v1/jobs/{job_id}/cancel"), self.patience, repeatable=True)

    def rename(self, job_id: str | UUID, /, title: str | None) -> Flow[JobDocument]:
        """Call the film so, at any time; None: as its analysis does again."""
        request = Request("PATCH", f"/v1/jobs/{job_id}", body={"title": title})
        return ask(request, self.patience, repeatable=True)

    def retry(
        self, job_id: str | UUID, /, *, max_cost_usd: float | None = None, idempotency_key: str | None = None
    ) -> Flow[JobDocument]:
        """Go on with a failed or cancelled job."""
        body = _given(max_cost_usd=max_cost_usd)
        return self._begin("POST", f"/v1/jobs/{job_id}/retry", body, idempotency_key)

    def approve(
        self, job_id: str | UUID, /, *, max_cost_usd: float | None = None, idempotency_key: str | None = None
    ) -> Flow[JobDocument]:
        """Let a job go on that waits for review."""
        body = _given(max_cost_usd=max_cost_usd)
        return self._begin("POST", f"/v1/jobs/{job_id}/approve", body, idempotency_key)

    def fork(
        self,
        job_id: str | UUID,
        /,
        *,
        at: int | None = None,
        idempotency_key: str | None = None,
        **changes: Any,
    ) -> Flow[JobDocument]:
        """A new job that keeps all that the changes (``options=…``, ``script=…``) do not touch."""
        body = _given(at=at, changes=changes or None)
        return self._begin("POST", f"/v1/jobs/{job_id}/fork", body, idempotency_key)

    def edit_scenes(
        self,
        job_id: str | UUID,
        /,
        scenes: Mapping[int, SceneEdit] | None = None,
        *,
        order: Sequence[int] | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[JobDocument]:
        """Change words, pictures or voices of scenes, by their numbers, or which play in what order."""
        edits = {str(number): edit for number, edit in (scenes or {}).items()}
        body = _given(scenes=edits or None, order=order)
        return self._begin("PATCH", f"/v1/jobs/{job_id}/scenes", body, idempotency_key)

    def preview(self, job_id: str | UUID, /, what: Previewed, **body: Any) -> Flow[Json]:
        """What a retry, an approval, a fork or an edit of scenes would make again, and its price."""
        method = "PATCH" if what == "scenes" else "POST"
        request = Request(method, f"/v1/jobs/{job_id}/{what}", body={**body, "dry_run": True})
        return ask(request, self.patience, repeatable=True)

    def download(
        self, job_id: str | UUID, /, folder: str | Path, *, progress: OnProgress | None = None
    ) -> Flow[dict[str, Path]]:
        """Bring video.mp4, captions.vtt, captions.srt, poster.jpg and manifest.json; gives where they are."""
        job = yield from self.get_job(job_id)
        assets = yield from self.list_assets(job_id)
        files = film_assets(job, assets)
        return (yield from FilmDownload(files, Path(folder), self.patience, progress).run())

    def submit_batch(
        self,
        submissions: Sequence[Submission],
        *,
        common: Submission | None = None,
        max_cost_usd: float | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[BatchDocument]:
        """Submit all of these, or none of them."""
        body = {"submissions": list(submissions), **_given(common=common, max_cost_usd=max_cost_usd)}
        return self._begin("POST", "/v1/batches", body, idempotency_key)

    def estimate_batch(
        self, submissions: Sequence[Submission], *, common: Submission | None = None
    ) -> Flow[BatchEstimate]:
        """What they would cost together."""
        body = {"submissions": list(submissions), **_given(common=common), "dry_run": True}
        return ask(Request("POST", "/v1/batches", body=body), self.patience, repeatable=True)

    def get_batch(self, batch_id: str) -> Flow[BatchDocument]:
        """How a batch stands."""
        return ask(Request("GET", f"/v1/batches/{quote(batch_id, safe='')}"), self.patience)

    # ---- assets, files, models --------------------------------------------------------------------------

    def list_assets(self, job_id: str | UUID, /, *, revisions: bool = False) -> Flow[list[AssetDocument]]:
        """A job's assets, in the order in which a film comes about."""
        asked = {"revisions": "all" if revisions else None}
        page = yield from ask(Request("GET", f"/v1/jobs/{job_id}/assets", asked), self.patience)
        found: list[AssetDocument] = page["data"]
        return found

    def get_asset(self, asset_id: str | UUID, *, revisions: bool = False) -> Flow[AssetDocument]:
        """An asset, with its provenance."""
        asked = {"revisions": "all" if revisions else None}
        return ask(Request("GET", f"/v1/assets/{asset_id}", asked), self.patience)

    def asset_content(self, asset_id: str | UUID, *, revision: int | None = None) -> Flow[bytes]:
        """An asset's bytes, whole; ``download`` brings a film's files without holding them."""
        return self.content_of(f"/v1/assets/{asset_id}/content", query={"revision": revision})

    def regenerate(
        self,
        job_id: str | UUID,
        /,
        asset: str,
        *,
        prompt: str | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[JobDocument]:
        """Make an asset (``image:2``, or its id) again, and what depends on it."""
        asset_id = yield from self._asset_id(job_id, asset)
        path = f"/v1/assets/{asset_id}/regenerate"
        job: JobDocument = yield from self._begin("POST", path, _given(prompt=prompt), idempotency_key)
        return job

    def preview_regenerate(
        self, job_id: str | UUID, /, asset: str, *, prompt: str | None = None
    ) -> Flow[Json]:
        """What would be made again, and its price."""
        asset_id = yield from self._asset_id(job_id, asset)
        body = {**_given(prompt=prompt), "dry_run": True}
        request = Request("POST", f"/v1/assets/{asset_id}/regenerate", body=body)
        preview: Json = yield from ask(request, self.patience, repeatable=True)
        return preview

    def provide(
        self,
        job_id: str | UUID,
        /,
        asset: str,
        file: str | Path | bytes | None = None,
        *,
        text: str | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[JobDocument]:
        """Put a file of your own (a path, bytes, or the digest of one that was sent) in an asset's place."""
        asset_id = yield from self._asset_id(job_id, asset)
        digest = file
        if file is not None and not (isinstance(file, str) and file.startswith("sha256:")):
            digest = (yield from self.add_file(file))["digest"]
        body = _given(file=digest, text=text)
        job: JobDocument = yield from self._begin("PUT", f"/v1/assets/{asset_id}", body, idempotency_key)
        return job

    def add_file(self, file: str | Path | bytes) -> Flow[FileDocument]:
        """Send a picture, a clip, a voice-over or a song; its ``digest`` is what submissions name."""
        content = Path(file) if isinstance(file, str) else file
        if isinstance(content, Path) and not content.is_file():
            raise ConfigurationError(f"{str(content)!r} is no file")
        # The same bytes are the same file, however often they are sent.
        request = Request("POST", "/v1/files", file=content, timeout_s=UPLOAD_TIMEOUT_S)
        return ask(request, self.patience, repeatable=True)

    def get_file(self, digest: str) -> Flow[FileDocument]:
        """A file that was sent."""
        return ask(Request("GET", f"/v1/files/{quote(digest)}"), self.patience)

    def list_models(self) -> Flow[ModelList]:
        """The models of each stage, with price and health; and their voices."""
        return ask(Request("GET", "/v1/models"), self.patience)

    def readiness(self, *, timeout_s: float = ANSWER_TIMEOUT_S) -> Flow[Readiness]:
        """Whether jobs are accepted, and who works there; a server that is not ready answers alike."""
        response = yield Request("GET", "/readyz", timeout_s=timeout_s)
        told = document(response)
        if not isinstance(told, dict) or "actors" not in told:
            raise NotReelogError("what answers is no Reelog", response.status_code)
        return cast("Readiness", told)

    # ---- what they share --------------------------------------------------------------------------------

    def _begin(self, method: str, path: str, body: Json, key: str | None) -> Flow[Any]:
        """What costs money: it is begun and paid for once, however often an answer is lost on its way."""
        return ask(with_key(Request(method, path, body=body), key), self.patience)

    def _asset_id(self, job_id: str | UUID, /, name: str) -> Flow[str]:
        try:
            return str(UUID(name))
        except ValueError:
            pass
        ids = {asset["name"]: asset["id"] for asset in (yield from self.list_assets(job_id))}
        if name not in ids:
            raise UnknownAssetError(f"job {job_id} has no asset {name!r}; it has {', '.join(ids)}")
        return ids[name]


def _submission(text: str | None, fields: Any) -> Json:
    return dict(fields) if text is None else {"script": text, **fields}


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}
