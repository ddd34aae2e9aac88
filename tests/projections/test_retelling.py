"""An exported log folds into the same pages as the store's own."""

import json
from typing import Any

import pytest

from domain.film_graph import LATEST_GRAPH, SOUND_IN_FILM
from projections.job_fold import JobFold
from projections.retelling import NotAnEventError, retold
from tests.projections.filming import Filming, outage, refusal


def eventful(filming: Filming) -> None:
    filming.beats = 2
    filming.faults["image:1"] = [outage(), refusal()]
    filming.accepted = {"image:2"}
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(5), max_cost_usd=3.0))
    assert filming.finish(job_id) == "completed"


def exported(filming: Filming) -> list[dict[str, Any]]:
    fold = JobFold()
    return [json.loads(fold.apply(recorded).body) for recorded in filming.log.read(0, 10_000)]


def test_the_page_at_every_event_is_the_same_from_an_exported_log(filming: Filming) -> None:
    eventful(filming)
    told = exported(filming)
    stored, again = JobFold(), JobFold()
    for recorded, copy in zip(filming.log.read(0, 10_000), retold(told), strict=True):
        stored.apply(recorded)
        again.apply(copy)
        # What is told has milliseconds; durations counted from it may differ by one.
        assert _alike(again.page(), stored.page())


def test_the_events_say_the_same_again(filming: Filming) -> None:
    eventful(filming)
    told = exported(filming)
    fold = JobFold()
    again = [json.loads(fold.apply(recorded).body) for recorded in retold(told)]
    for first, second in zip(told, again, strict=True):
        assert second["message"] == first["message"]
        assert second["progress"] == first["progress"]
        assert second["asset"] == first["asset"]
        assert second["data"] == first["data"]


def test_a_log_that_an_older_version_exported_is_of_the_graph_of_its_time(filming: Filming) -> None:
    filming.submit()
    told = exported(filming)
    assert told[0]["data"].pop("graph") == LATEST_GRAPH
    [first, *_] = retold(told)
    assert first.event.graph == SOUND_IN_FILM


def test_an_export_of_before_there_were_beats_tells_of_first_pictures(filming: Filming) -> None:
    assert filming.finish(filming.submit()) == "completed"
    told = exported(filming)
    for event in told:
        if event["asset"]:
            del event["asset"]["beat"]
    fold = JobFold()
    for recorded in retold(told):
        fold.apply(recorded)
    assert fold.page()["status"] == "completed"
    assert {key.beat for key in fold.film.assets} == {1}


@pytest.mark.parametrize("line", [{}, {"type": "job.exploded"}, {"type": "job.completed", "job_id": "x"}])
def test_what_is_no_event_is_told_so(line: dict[str, Any]) -> None:
    with pytest.raises(NotAnEventError, match="no event of Reelog"):
        list(retold([line]))


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(_alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 0.002
    return bool(one == other)
