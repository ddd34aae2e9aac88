"""The timeline of some jobs or of all, page by page, as it is public everywhere."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cases import positions
from api.cases.callers import LOCAL, refuse_anothers_job, shown_to
from api.cases.jobs import require_job, require_jobs
from api.composition import System

PAGE = 500


@dataclass(frozen=True)
class ListEventsRequest:
    """The events beyond position ``after``; of all of the caller's jobs where ``job_ids`` is None."""

    job_ids: Collection[UUID] | None = None
    after: int = 0
    limit: int = 100
    caller: str = LOCAL


@dataclass(frozen=True)
class EventPage:
    """``items`` are JSON; ``next`` is the ``after`` of the page that follows; true at ``position``."""

    items: list[bytes]
    has_more: bool
    next: int
    position: int


def list_events(system: System, request: ListEventsRequest) -> EventPage:
    """A page of events. Refusals ``job_not_found`` and those of positions.

    Blocks, also until the read models hold ``after``.
    """
    if request.job_ids is not None:
        refuse_anothers_job(system, request.caller, request.job_ids)
        require_jobs(system, request.job_ids)
    positions.arrive(system, request.after, "?after")
    # One more than asked for tells whether there is more.
    entries, seen = system.readers.entries(
        after=request.after,
        limit=request.limit + 1,
        job_ids=request.job_ids,
        caller=shown_to(request.caller),
    )
    has_more = len(entries) > request.limit
    entries = entries[: request.limit]
    last = entries[-1].position if entries else request.after
    return EventPage([entry.body for entry in entries], has_more, last, max(seen, last))


def all_events(system: System, job_id: UUID, after: int = 0) -> Iterator[dict[str, Any]]:
    """What happened to a job beyond a position, to its end for now. Blocks.

    Refusals ``job_not_found``, ``job_set_aside`` and those of positions.
    """
    require_job(system, job_id)
    has_more = True
    while has_more:
        page = list_events(system, ListEventsRequest([job_id], after, PAGE))
        yield from map(json.loads, page.items)
        has_more, after = page.has_more, page.next
