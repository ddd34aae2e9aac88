"""Submitting, listing, looking at and cancelling jobs."""

from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.accepted import job_page
from api.cases.cancel import CancelRequest
from api.cases.cancel import cancel as cancel_job
from api.cases.checks import refuse_set_aside
from api.cases.positions import arrive, require_happened
from api.cases.submit import SubmitRequest
from api.cases.submit import submit as submit_job
from api.composition import System
from api.http.draining import refuse_when_draining
from api.http.parameters import AT, BEGINNING, IDEMPOTENCY_KEY, JOBS_AFTER, LIMIT, PREFER, STATUS
from api.http.problems import Problem
from api.http.reading import path_id, read_json
from api.http.responses import etag_of, is_unchanged, json_response, not_modified, page_response
from api.http.threads import threads_of
from api.stream.event_stream import follow_until_ended
from domain.store.studio import JobNotFoundError
from projections.job_fold import JobFold
from projections.tables import FOLD
from projections.wire import encode

A_DAY = "private, max-age=86400"
"""Not for ever: what a job was at a position stays, how it is told may change with a version."""


async def submit(request: Request) -> Response:
    """POST /v1/jobs."""
    system: System = request.app.state.system
    key = IDEMPOTENCY_KEY.of(request)
    wait_s = PREFER.of(request)
    value = await read_json(request)
    refuse_when_draining(request, "Submit again in a moment.")
    accepted = await threads_of(request).wait(submit_job, system, SubmitRequest(value, key))
    body, headers = accepted.job, {"Location": f"/v1/jobs/{accepted.job_id}"}
    if wait_s is not None:
        await follow_until_ended(request.app.state.tail, system.readers, accepted.job_id, wait_s)
        headers["Preference-Applied"] = f"wait={wait_s}"
        body = await threads_of(request).wait(job_page, system, accepted.job_id, None)
    return json_response(body, 201 if accepted.began else 200, headers)


async def list_jobs(request: Request) -> Response:
    """GET /v1/jobs."""
    readers = request.app.state.system.readers
    status = STATUS.of(request)
    size = LIMIT.of(request)
    before = JOBS_AFTER.of(request)
    beginning = BEGINNING.of(request)
    if before is not None:
        await to_thread.run_sync(require_happened, request.app.state.system, before, JOBS_AFTER.pointer)
    page = await to_thread.run_sync(
        lambda: readers.jobs(status=status, limit=size, before=before, beginning=beginning)
    )
    return page_response(page.items, more=page.next is not None, after=page.next, position=page.position)


async def show(request: Request) -> Response:
    """GET /v1/jobs/{id}, now or ``?at=`` a position."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    at = AT.of(request)
    if at is not None:
        return await _show_past(request, system, job_id, at)
    found = await to_thread.run_sync(system.readers.job_with_version, job_id)
    if found is None:
        await to_thread.run_sync(refuse_set_aside, system, job_id)
        raise JobNotFoundError(job_id)
    body, version = found
    etag = etag_of(version)
    if is_unchanged(request, etag):
        return not_modified(etag)
    return json_response(body, headers={"ETag": etag, "Cache-Control": "no-cache"})


async def _show_past(request: Request, system: System, job_id: UUID, at: int) -> Response:
    fold = await threads_of(request).wait(_fold_at, system, job_id, at)
    etag = etag_of(f"{fold.position}-{FOLD}{'-aside' if fold.aside else ''}")
    if is_unchanged(request, etag):
        return not_modified(etag, A_DAY)
    return json_response(encode(fold.page()), headers={"ETag": etag, "Cache-Control": A_DAY})


def _fold_at(system: System, job_id: UUID, at: int) -> JobFold:
    arrive(system, at, AT.pointer)
    fold = system.readers.job_at(job_id, at)
    if fold is None:
        refuse_set_aside(system, job_id)
        if system.readers.job(job_id) is None:
            raise JobNotFoundError(job_id)
        raise Problem("job_not_found", f"Job {job_id} did not exist at position {at}.")
    return fold


async def cancel(request: Request) -> Response:
    """POST /v1/jobs/{id}/cancel."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    cancellation = await threads_of(request).wait(cancel_job, system, CancelRequest(job_id))
    return json_response(cancellation.job, 200 if cancellation.had_ended else 202)
