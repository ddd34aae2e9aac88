"""Submitting, listing, looking at, renaming and cancelling jobs."""

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.cancel import CancelRequest
from api.cases.cancel import cancel as cancel_job
from api.cases.delete import DeleteRequest
from api.cases.delete import delete as delete_job
from api.cases.jobs import GetJobRequest, ListJobsRequest, get_job
from api.cases.jobs import list_jobs as jobs_of
from api.cases.rename import Rename, RenameRequest
from api.cases.rename import rename as rename_job
from api.cases.submit import SubmitRequest, submitted_page
from api.cases.submit import submit as submit_job
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.list_parameters import FIELDS, filter_of
from api.http.parameters import AT, IDEMPOTENCY_KEY, LIMIT, PAGE_AFTER, PREFER, TRACEPARENT, path_id
from api.http.request_body import read_body, read_json
from api.http.responses import etag_of, is_unchanged, json_response, not_modified, page_response
from api.http.threads import threads_of
from api.stream.event_stream import follow_until_ended

A_DAY = "private, max-age=86400"
"""Not for ever: what a job was at a position stays, how it is told may change with a version."""


async def submit(request: Request) -> Response:
    """POST /v1/jobs."""
    system: System = request.app.state.system
    key = IDEMPOTENCY_KEY.of(request)
    wait_s = PREFER.of(request)
    value = await read_json(request)
    refuse_when_draining(request, "Submit again in a moment.")
    asked = SubmitRequest(value, key, caller_name(request), traceparent=TRACEPARENT.of(request))
    accepted = await threads_of(request).begin(submit_job, system, asked)
    body, headers = accepted.job, {"Location": f"/v1/jobs/{accepted.job_id}"}
    if wait_s is not None:
        await follow_until_ended(request.app.state.tail, system.readers, accepted.job_id, wait_s)
        headers["Preference-Applied"] = f"wait={wait_s}"
        body = await threads_of(request).wait(submitted_page, system, accepted.job_id, caller_name(request))
    return json_response(body, 201 if accepted.began else 200, headers)


async def list_jobs(request: Request) -> Response:
    """GET /v1/jobs."""
    system: System = request.app.state.system
    asked = ListJobsRequest(
        filter_of(request),
        PAGE_AFTER.of(request),
        LIMIT.of(request),
        caller_name(request),
        FIELDS.of(request),
    )
    page = await to_thread.run_sync(jobs_of, system, asked)
    return page_response(page.items, more=page.next is not None, after=page.next, position=page.position)


async def show(request: Request) -> Response:
    """GET /v1/jobs/{id}, now or ``?at=`` a position."""
    system: System = request.app.state.system
    asked = GetJobRequest(path_id(request, "job_not_found"), AT.of(request), FIELDS.of(request))
    if asked.at is None:
        caching = "no-cache"
        job = await to_thread.run_sync(get_job, system, asked)
    else:
        caching = A_DAY
        job = await threads_of(request).wait(get_job, system, asked)
    etag = etag_of(job.version)
    if is_unchanged(request, etag):
        # It says of the job kept by a cache what the job itself would (RFC 9110, 15.4.5): it may be packed.
        return not_modified(etag, caching, {"Vary": "Accept-Encoding"})
    return json_response(job.body, headers={"ETag": etag, "Cache-Control": caching})


async def delete(request: Request) -> Response:
    """DELETE /v1/jobs/{id}."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    refuse_when_draining(request)
    deletion = await threads_of(request).wait(delete_job, system, DeleteRequest(job_id))
    return json_response(deletion.job, 200 if deletion.finished else 202)


async def rename(request: Request) -> Response:
    """PATCH /v1/jobs/{id}."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    asked = await read_body(request, Rename)
    wanted = RenameRequest(job_id, asked, caller_name(request))
    return json_response(await threads_of(request).wait(rename_job, system, wanted))


async def cancel(request: Request) -> Response:
    """POST /v1/jobs/{id}/cancel."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    cancellation = await threads_of(request).wait(cancel_job, system, CancelRequest(job_id))
    return json_response(cancellation.job, 200 if cancellation.had_ended else 202)
