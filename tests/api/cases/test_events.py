"""Pages of the timeline: each event once, in order, however small the pages are.

Seen to fail where ``has_more`` is told of a page that is full and the last.
"""

import json
from typing import Any
from uuid import uuid4

import pytest

from api.cases import events
from api.cases.errors import Refusal
from api.cases.events import EventPage, ListEventsRequest, all_events, list_events
from domain.store import JobNotFoundError
from tests.api.cases.conftest import Studio


def positions_of(page: EventPage) -> list[int]:
    return [json.loads(item)["position"] for item in page.items]


def test_pages_follow_each_other_without_gap_or_repeat(studio: Studio) -> None:
    job_id = studio.completed()
    head = studio.head()
    size = head // 2

    pages, after = [], 0
    while not pages or pages[-1].has_more:
        pages.append(list_events(studio.system, ListEventsRequest([job_id], after, size)))
        after = pages[-1].next

    assert [position for page in pages for position in positions_of(page)] == list(range(1, head + 1))
    assert pages[-1].position == head
    exact = list_events(studio.system, ListEventsRequest([job_id], 0, head))
    assert (exact.has_more, exact.next) == (False, head)


def test_the_events_of_all_jobs_of_some_or_of_one(studio: Studio) -> None:
    first, second, third = (studio.submit() for _ in range(3))
    studio.settle()

    def jobs(picked: Any) -> list[str]:
        page = list_events(studio.system, ListEventsRequest(picked))
        return [json.loads(item)["job_id"] for item in page.items]

    assert jobs(None) == [str(first), str(second), str(third)]
    assert jobs([third, first]) == [str(first), str(third)]


def test_all_events_of_a_job_are_read_page_by_page(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PAGE", 7)
    job_id = studio.completed()

    found = list(all_events(studio.system, job_id, 3))

    assert [event["position"] for event in found] == list(range(4, studio.head() + 1))


def test_unknown_jobs_and_positions_are_refused(studio: Studio) -> None:
    job_id = studio.submit()
    studio.settle()

    with pytest.raises(JobNotFoundError):
        list_events(studio.system, ListEventsRequest([job_id, uuid4()]))
    with pytest.raises(Refusal) as beyond:
        list_events(studio.system, ListEventsRequest([job_id], 2))

    assert (beyond.value.code, beyond.value.errors[0].pointer) == ("position_unknown", "?after")
