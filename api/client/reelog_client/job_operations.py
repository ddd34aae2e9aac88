"""The operations of jobs and batches: begin them, follow them, change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote
from uuid import UUID

from reelog_client.any_operations import PAGE, Json
from reelog_client.asset_operations import AssetOperations
from reelog_client.documents import (
    BatchDocument,
    BatchEstimate,
    Estimate,
    EventDocument,
    JobDocument,
    SceneEdit,
    Submission,
    WebhookRequest,
)
from reelog_client.downloads import FilmDownload, OnProgress, film_assets
from reelog_client.event_stream import EventStream
from reelog_client.exchange import Flow, Give, ItemFlow, Request
from reelog_client.kept_operations import given
from reelog_client.retries import ask, with_key
from reelog_client.waiting import wait

if TYPE_CHECKING:
    from typing_extensions import Unpack

JobStatus = Literal["queued", "running", "awaiting_review", "completed", "failed", "cancelled"]
Previewed = Literal["retry", "approve", "fork", "scenes"]


class JobOperations(AssetOperations):
    """Flows of each operation; ``job_id`` is an id as the server gives it."""

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
        q: str | None = None,
        metadata: Mapping[str, str] | None = None,
        caller: str | None = None,
        model: str | None = None,
        provider: str | None = None,
        created_from: date | str | None = None,
        created_to: date | str | None = None,
        cost_min: float | None = None,
        cost_max: float | None = None,
        limit: int | None = None,
    ) -> ItemFlow[JobDocument]:
        """Jobs for which all of this is so, newest first; ``limit`` is the most that are given.

        ``id`` is how their ids begin, ``q`` are words of title, first words or metadata. They were submitted
        at ``created_from`` or later and before ``created_to``: a day, or a time, in UTC where it has no zone.
        """
        asked: Json = {
            "limit": min(limit or PAGE, PAGE),
            "status": status,
            "id": id,
            "q": q,
            **{f"metadata[{key}]": value for key, value in (metadata or {}).items()},
            "caller": caller,
            "model": model,
            "provider": provider,
            "created_from": _moment(created_from),
            "created_to": _moment(created_to),
            "cost_min": cost_min,
            "cost_max": cost_max,
        }
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
        body = given(max_cost_usd=max_cost_usd)
        return self._begin("POST", f"/v1/jobs/{job_id}/retry", body, idempotency_key)

    def approve(
        self, job_id: str | UUID, /, *, max_cost_usd: float | None = None, idempotency_key: str | None = None
    ) -> Flow[JobDocument]:
        """Let a job go on that waits for review."""
        body = given(max_cost_usd=max_cost_usd)
        return self._begin("POST", f"/v1/jobs/{job_id}/approve", body, idempotency_key)

    def fork(
        self,
        job_id: str | UUID,
        /,
        *,
        at: int | None = None,
        webhook: WebhookRequest | None = None,
        idempotency_key: str | None = None,
        **changes: Any,
    ) -> Flow[JobDocument]:
        """A new job that keeps all that the changes (``options=…``, ``script=…``) do not touch."""
        body = given(at=at, changes=changes or None, webhook=webhook)
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
        body = given(scenes=edits or None, order=order)
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
        body = {"submissions": list(submissions), **given(common=common, max_cost_usd=max_cost_usd)}
        return self._begin("POST", "/v1/batches", body, idempotency_key)

    def estimate_batch(
        self, submissions: Sequence[Submission], *, common: Submission | None = None
    ) -> Flow[BatchEstimate]:
        """What they would cost together."""
        body = {"submissions": list(submissions), **given(common=common), "dry_run": True}
        return ask(Request("POST", "/v1/batches", body=body), self.patience, repeatable=True)

    def get_batch(self, batch_id: str) -> Flow[BatchDocument]:
        """How a batch stands."""
        return ask(Request("GET", f"/v1/batches/{quote(batch_id, safe='')}"), self.patience)


def _moment(at: date | str | None) -> str | None:
    return at.isoformat() if isinstance(at, date) else at


def _submission(text: str | None, fields: Any) -> Json:
    return dict(fields) if text is None else {"script": text, **fields}
