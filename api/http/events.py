"""The timeline over HTTP: as a page of JSON, or as a stream when that is asked for."""

from collections.abc import Collection
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.composition import System
from api.http.parameters import EVENTS_AFTER, JOBS, LIMIT
from api.http.positions import arrive_soon
from api.http.reading import path_id
from api.http.responses import page_response
from api.stream.event_stream import event_stream, wants_stream
from domain.store.studio import JobNotFoundError


async def of_job(request: Request) -> Response:
    """GET /v1/jobs/{id}/events."""
    return await _events(request, [path_id(request, "job_not_found")])


async def of_all(request: Request) -> Response:
    """GET /v1/events."""
    return await _events(request, JOBS.of(request))


async def _events(request: Request, picked: Collection[UUID] | None) -> Response:
    system: System = request.app.state.system
    if picked is not None:
        known = await to_thread.run_sync(lambda: system.readers.job_status(*picked))
        unknown = [p for p in picked if str(p) not in {status.job_id for status in known}]
        if unknown:
            raise JobNotFoundError(unknown[0])
    if wants_stream(request):
        return await event_stream(request, picked)
    after = EVENTS_AFTER.of(request) or 0
    await arrive_soon(request, after, EVENTS_AFTER.pointer)
    size: int = LIMIT.of(request)

    def read() -> Response:
        # One more than asked for tells whether there is more.
        entries, seen = system.readers.entries(after=after, limit=size + 1, job_ids=picked)
        more = len(entries) > size
        entries = entries[:size]
        last = entries[-1].position if entries else after
        return page_response(
            [e.body for e in entries], more=more, after=last, position=max(seen, last), store=system.store.id
        )

    return await to_thread.run_sync(read)
