"""Submitting, listing, looking at and cancelling jobs.

A write is in the log before it is answered, and is answered from the read models once they hold it, so that
the next read by anybody sees it. Should the projector be behind, the answer is folded from the log itself.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.cases.errors import FieldError
from api.cases.positions import PROJECTION_WAIT_S, arrive, behind, require_happened
from api.composition import System
from api.http.acceptance import checked, job_of
from api.http.limits import Queue
from api.http.parameters import AT, BEGINNING, IDEMPOTENCY_KEY, JOBS_AFTER, LIMIT, PREFER, STATUS
from api.http.problems import Problem
from api.http.reading import path_id, read_json
from api.http.responses import etag_of, is_unchanged, json_response, not_modified, page_response
from api.http.threads import threads_of
from api.stream.event_stream import follow_until_ended
from domain.job import Job
from domain.store.log import EventLog, Recorded, Unreadable
from domain.store.studio import JobNotFoundError
from projections.job_fold import JobFold
from projections.tables import FOLD
from projections.wire import encode

A_DAY = "private, max-age=86400"
"""Not for ever: what a job was at a position stays, how it is told may change with a version."""
# Ids of jobs that came with an idempotency key: UUIDv5 of the caller and the key.
_KEYS = UUID("5b9a3c0e-2f0d-5d1c-9e57-0f5f0b6f7a11")
_ANYBODY = "local"


async def submit(request: Request) -> Response:
    """POST /v1/jobs."""
    system: System = request.app.state.system
    key = IDEMPOTENCY_KEY.of(request)
    wait_s = PREFER.of(request)
    value = await read_json(request)
    fingerprint = await threads_of(request).parse(_fingerprint, value) if key else None
    job_id = uuid5(_KEYS, f"{_ANYBODY}\n{key}") if key else uuid4()
    if request.app.state.tail.drained.is_set():
        raise Problem("draining", "Submit again in a moment.", headers={"Retry-After": "2"})
    created, body = await threads_of(request).wait(
        _submit, request.app.state.queue, system, value, job_id, fingerprint
    )
    headers = {"Location": f"/v1/jobs/{job_id}"}
    if wait_s is not None:
        await follow_until_ended(request.app.state.tail, system.readers, job_id, wait_s)
        headers["Preference-Applied"] = f"wait={wait_s}"
        body = await threads_of(request).wait(job_body, system, job_id, None)
    return json_response(body, 201 if created else 200, headers)


def _fingerprint(value: Any) -> str:
    return sha256(encode(_sorted(value))).hexdigest()


def _sorted(value: Any) -> Any:
    """The same value with its keys in order: two bodies that say the same are the same body."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _submit(
    queue: Queue, system: System, value: Any, job_id: UUID, fingerprint: str | None
) -> tuple[bool, bytes]:
    """Record the job; gives whether it is new, and what it is now."""
    if fingerprint is not None:
        refuse_when_aside(system, job_id)
        # What was accepted once is not judged again: a model may have gone out of service since.
        try:
            return False, the_same(system, system.studio.job(job_id), fingerprint)
        except JobNotFoundError:
            pass
    refuse_when_stopped(system)
    submission = checked(system, value)
    queue.enter()
    job, saved = system.studio.submit(job_of(system, job_id, submission, fingerprint=fingerprint))
    if saved.position is None:
        # A twin of this request was quicker.
        return False, the_same(system, job, fingerprint)
    return True, job_body(system, job_id, saved.position)


def the_same(system: System, job: Job, fingerprint: str | None) -> bytes:
    if job.fingerprint != fingerprint:
        message = "this Idempotency-Key came with another body before; use a new key for a new job"
        raise Problem("idempotency_key_reused", message, errors=[FieldError("Idempotency-Key", message)])
    return job_body(system, job.id, None)


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
        await to_thread.run_sync(refuse_when_aside, system, job_id)
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
        refuse_when_aside(system, job_id)
        if system.readers.job(job_id) is None:
            raise JobNotFoundError(job_id)
        raise Problem("job_not_found", f"Job {job_id} did not exist at position {at}.")
    return fold


async def cancel(request: Request) -> Response:
    """POST /v1/jobs/{id}/cancel."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")

    def ask() -> tuple[int, bytes]:
        refuse_when_aside(system, job_id)
        job, saved = system.studio.change_job(job_id, lambda j: j.request_cancel(now=system.clock()))
        return 200 if job.ended else 202, job_body(system, job_id, saved.position)

    status, body = await threads_of(request).wait(ask)
    return json_response(body, status)


def refuse_when_aside(system: System, job_id: UUID) -> None:
    """Change nothing of a job that cannot be folded: nobody could say what it would come to."""
    aside = next((one for one in system.readers.set_aside() if one.job_id == str(job_id)), None)
    if aside is not None:
        raise Problem(
            "job_set_aside",
            f"Job {job_id} is set aside, as event {aside.position} ({aside.type}) cannot be folded: "
            f"{aside.reason}",
        )


def refuse_when_stopped(system: System) -> None:
    """Begin no work that nobody could watch: the read models will not get further until somebody acts."""
    stopped = system.readers.projected().stopped
    if stopped is not None:
        raise Problem("unavailable", f"The projector has stopped: {stopped}")


def job_body(system: System, job_id: UUID, written: int | None) -> bytes:
    """The job with the event at ``written`` in it; None: with all that is recorded by now."""
    readers = system.readers
    if readers.wait_for(system.log.head() if written is None else written, PROJECTION_WAIT_S):
        body = readers.job(job_id)
        if body is not None:
            return body
    # The position comes first: what is beyond it is read from the log, however far the tables get meanwhile.
    projected = readers.position()
    fold = readers.job_at(job_id, projected) or JobFold()
    for recorded in _beyond(system.log, projected):
        event = recorded.event
        if getattr(event, "job_id", None) != job_id or fold.aside is not None:
            continue
        if isinstance(event, Unreadable):
            raise behind(recorded.position, projected)
        fold.apply(recorded)
    return encode(fold.page())


def _beyond(log: EventLog, position: int) -> Iterator[Recorded]:
    while batch := log.read(position, 1000):
        yield from batch
        position = batch[-1].position
