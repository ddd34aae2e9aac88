"""The timeline over HTTP: as a page of JSON, or as a stream when that is asked for."""

from collections.abc import Collection
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.callers import refuse_anothers_job
from api.cases.events import ListEventsRequest, list_events
from api.cases.jobs import require_job, require_jobs
from api.composition import System
from api.http.callers import caller_name
from api.http.parameters import EVENTS_AFTER, JOBS, LIMIT, path_id
from api.http.positions import arrive_soon
from api.http.responses import page_response
from api.stream.event_stream import event_stream, wants_stream


async def of_job(request: Request) -> Response:
    """GET /v1/jobs/{id}/events."""
    job_id = path_id(request, "job_not_found")
    await to_thread.run_sync(require_job, request.app.state.system, job_id)
    return await _events(request, [job_id])


async def of_all(request: Request) -> Response:
    """GET /v1/events."""
    picked = JOBS.of(request)
    if picked is not None:
        system: System = request.app.state.system
        await to_thread.run_sync(refuse_anothers_job, system, caller_name(request), picked)
        await to_thread.run_sync(require_jobs, system, picked)
    return await _events(request, picked)


async def _events(request: Request, job_ids: Collection[UUID] | None) -> Response:
    system: System = request.app.state.system
    if wants_stream(request):
        return await event_stream(request, job_ids)
    after = EVENTS_AFTER.of(request) or 0
    await arrive_soon(request, after, EVENTS_AFTER.pointer)
    asked = ListEventsRequest(job_ids, after, LIMIT.of(request), caller_name(request))
    page = await to_thread.run_sync(list_events, system, asked)
    return page_response(
        page.items, more=page.has_more, after=page.next, position=page.position, store=system.store.id
    )
