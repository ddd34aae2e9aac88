"""Server-sent events: the timeline as a stream that can be cut anywhere and resumed without gap or repeat.

The first event is ``event: log``, without ``id:``: which store this is and where its log ends, so that a
client notices that it talks to another log than before (a folder that was reset, a backup that was put back).
``id:`` is the log position, so Last-Event-ID says exactly where to go on. When all that was asked for has
ended, ``event: end`` closes the stream, and a reconnect that has nothing left to tell gets 204, which tells
a browser to stop. On shutdown a farewell asks to come back soon.

``sse-starlette`` sends the heartbeats and notices who is gone. Frames are ready bytes, shared by all readers.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from uuid import UUID

from anyio import move_on_after, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.cases.callers import shown_to
from api.composition import System
from api.http.accept import preferred
from api.http.callers import caller_of
from api.http.key_watch import until
from api.http.parameters import EVENTS_AFTER, LAST_EVENT_ID
from api.http.parameters import STREAM as ASKED
from api.http.positions import arrive_soon
from api.http.responses import JSON, STREAM
from api.stream.tail import Frame, Tail
from projections.database import ReadModelsUnavailableError
from projections.readers import JobSummary, ReadModels
from projections.timeline import TERMINAL
from projections.wire import encode

HEARTBEAT_S = 15
SEND_TIMEOUT_S = 20.0
CHUNK_BYTES = 65_536
GREETING = b"retry: 2000\n\n"
FAREWELL = b": the server is ending; come back soon\nretry: 1000\n\n"
END = b'event: end\ndata: {"ended":true}\n\n'
SET_ASIDE = b'event: end\ndata: {"ended":false,"set_aside":true}\n\n'
REOPENED = "job.reopened"

logger = logging.getLogger(__name__)


def wants_stream(request: Request) -> bool:
    """``?stream=1`` (or ``0``), else an Accept header that would rather have a stream."""
    asked = ASKED.of(request)
    if asked is not None:
        return bool(asked == "1")
    return preferred(request.headers, (JSON, STREAM)) == STREAM


def resume_after(request: Request) -> tuple[int, str]:
    """Where to go on, and what says so: Last-Event-ID of a reconnect, else ``?after=``, else 0."""
    seen = LAST_EVENT_ID.of(request)
    if seen is not None:
        return seen, LAST_EVENT_ID.pointer
    return EVENTS_AFTER.of(request) or 0, EVENTS_AFTER.pointer


async def event_stream(request: Request, job_ids: Collection[UUID] | None) -> Response:
    """The stream of these jobs (None: of all), or 204 when there is nothing left to send."""
    system: System = request.app.state.system
    after, named_by = resume_after(request)
    await arrive_soon(request, after, named_by)
    log = await to_thread.run_sync(log_frame, system)
    statuses: list[JobSummary] = []
    if job_ids is not None:
        statuses = await to_thread.run_sync(lambda: system.readers.job_status(*job_ids))
        ended = {s.job_id for s in statuses if is_finished(s, after)}
        if ended >= set(map(str, job_ids)):
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
    caller = caller_of(request.scope)
    of_caller = shown_to(caller.name) if job_ids is None else None
    subscription = Subscription(request.app.state.tail, log, job_ids, after, statuses, of_caller)
    frames = subscription.frames()
    if not caller.is_administrator:
        frames = until(frames, request.app.state.key_watch.ended(caller))
    return Stream(
        frames,
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="still here", sep="\n"),
        sep="\n",
        send_timeout=SEND_TIMEOUT_S,
        shutdown_grace_period=1.0,
        headers={"Cache-Control": "no-store, no-transform"},
    )


def log_frame(system: System) -> bytes:
    """Which log the stream is of. Blocks."""
    data = encode({"store": system.store.id, "head": system.log.head()})
    return b"event: log\ndata: " + data + b"\n\n"


def is_finished(status: JobSummary, after: int) -> bool:
    """Whether nothing more comes of a job, and its last event is already known at ``after``."""
    over = status.aside or status.ended
    return over and status.position <= after


class Subscription:
    """What one reader is sent; knows when all of its jobs have ended."""

    def __init__(
        self,
        tail: Tail,
        log: bytes,
        job_ids: Collection[UUID] | None,
        after: int,
        statuses: list[JobSummary],
        of_caller: str | None = None,
    ) -> None:
        self._log = log
        self._tail = tail
        self._job_ids = job_ids
        self._after = after
        self._of_caller = of_caller
        self._open = None if job_ids is None else set(map(str, job_ids))
        if self._open is not None:
            self._open -= {s.job_id for s in statuses if is_finished(s, after)}
        # What comes after an end (a name, a pruning) is no end itself, and may be all that is left to tell.
        self._ended_by = {s.job_id: s.position for s in statuses if s.ended}

    async def frames(self) -> AsyncGenerator[bytes]:
        yield GREETING + self._log
        try:
            async for chunk in self._messages():
                yield chunk
        except ReadModelsUnavailableError as error:
            # Ended without an end, so whoever reads it comes back and goes on where it was.
            logger.warning("ended a stream whose reader is behind: %s", error)

    async def _messages(self) -> AsyncIterator[bytes]:
        async for frames in self._tail.frames(self._after, self._job_ids, self._of_caller):
            if frames:
                self._note(frames)
                for chunk in chunks(frames):
                    yield chunk
                    # Only a loop that runs hears of a reader who is gone; sending by itself may never wait.
                    await asyncio.sleep(0)
            elif self._open is not None and self._open <= self._tail.aside:
                # Everything is sent, and nothing of it was reopened since; of a job that is set aside
                # nothing more will come.
                yield SET_ASIDE if self._open else END
                return
        yield FAREWELL

    def _note(self, frames: list[Frame]) -> None:
        if self._open is None:
            return
        for frame in frames:
            if frame.type in TERMINAL or frame.position == self._ended_by.get(frame.job_id):
                self._open.discard(frame.job_id)
            elif frame.type == REOPENED:
                self._open.add(frame.job_id)


def chunks(frames: list[Frame]) -> Iterator[bytes]:
    """Frames joined into pieces of a moderate size: whoever does not read has one of them in memory."""
    held: list[bytes] = []
    size = 0
    for frame in frames:
        if held and size + len(frame.data) > CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
        held.append(frame.data)
        size += len(frame.data)
    yield b"".join(held)


class Stream(EventSourceResponse):
    """Cuts off a reader that stops reading, with one line in the log instead of a traceback."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            logger.info("closed a stream whose reader had not read for %s s", SEND_TIMEOUT_S)


async def follow_until_ended(tail: Tail, readers: ReadModels, job_id: UUID, timeout_s: float) -> None:
    """Wait until the job has ended, or the time is over."""
    with move_on_after(timeout_s):
        statuses = await to_thread.run_sync(readers.job_status, job_id)
        ended = bool(statuses) and statuses[0].ended
        async for frames in tail.frames(statuses[0].position if statuses else 0, [job_id]):
            for frame in frames:
                ended = frame.type in TERMINAL or (ended and frame.type != REOPENED)
            if ended or str(job_id) in tail.aside:
                return
