"""Renaming a film: everybody sees it, who did it when is on record, and nothing else changes."""

import json
from typing import Any
from uuid import UUID

import pytest

from api.cases.accepted import Accepted
from api.cases.audit import AuditRequest, audit
from api.cases.errors import Faults, refusal_of
from api.cases.explain import ExplainRequest, explain
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.jobs import GetJobRequest, get_job
from api.cases.rename import MOST_CHARACTERS, Rename, RenameRequest, rename
from api.cases.validation import validated
from domain.store import JobNotFoundError
from tests.api.cases.conftest import Studio


def renamed(studio: Studio, job_id: UUID, title: Any, caller: str = "local") -> dict[str, Any]:
    asked = RenameRequest(job_id, validated({"title": title}, Rename), caller)
    page: dict[str, Any] = json.loads(rename(studio.system, asked))
    return page


def test_a_film_is_called_as_a_person_says_until_that_is_taken_back(studio: Studio) -> None:
    job_id = studio.completed()
    before = json.loads(studio.system.readers.job(job_id) or b"")
    page = renamed(studio, job_id, "  Holidays  ", "ada")
    changed = {name for name in page if page[name] != before[name]}
    assert changed == {"title", "position"}
    assert page["title"] == "Holidays"
    event = studio.log.read(page["position"] - 1, 1)[0].event
    assert (event.TOPIC, event.title, event.caller) == ("job.renamed", "Holidays", "ada")
    head = studio.head()
    assert renamed(studio, job_id, "Holidays", "bo")["title"] == "Holidays"
    assert studio.head() == head
    for nothing in (None, "", "   ", "\u200b"):
        assert renamed(studio, job_id, nothing)["title"] == before["title"]
    assert studio.topics(job_id)[-2:] == ["job.renamed", "job.renamed"]


def test_a_film_in_the_making_has_a_name_before_its_analysis_has_one(studio: Studio) -> None:
    job_id = studio.submit()
    assert renamed(studio, job_id, "Holidays")["title"] == "Holidays"
    assert studio.finish(job_id) == "completed"
    studio.settle()
    assert json.loads(studio.system.readers.job(job_id) or b"")["title"] == "Holidays"


def test_a_fork_begins_with_the_title_that_the_analysis_gave(studio: Studio) -> None:
    job_id = studio.completed()
    own = json.loads(studio.system.readers.job(job_id) or b"")["title"]
    renamed(studio, job_id, "Holidays")
    asked = Fork.model_validate({"changes": {"options": {"captions": "sidecar"}}})
    forked = fork(studio.system, ForkRequest(job_id, asked))
    assert isinstance(forked, Accepted)
    assert studio.finish(forked.job_id) == "completed"
    studio.settle()
    assert json.loads(studio.system.readers.job(forked.job_id) or b"")["title"] == own


def test_in_the_past_a_film_is_called_as_it_was(studio: Studio) -> None:
    job_id = studio.completed()
    page = renamed(studio, job_id, "Holidays")
    titles = [
        json.loads(get_job(studio.system, GetJobRequest(job_id, page["position"] - ago)).body)["title"]
        for ago in (1, 0)
    ]
    assert titles[0] not in (None, "Holidays")
    assert titles[1] == "Holidays"


def test_a_job_that_ended_is_not_reopened_and_its_film_stays_as_it_is(studio: Studio) -> None:
    job_id = studio.completed()
    renamed(studio, job_id, "Holidays")
    assert studio.finish(job_id) == "completed"
    assert studio.topics(job_id)[-1] == "job.renamed"
    assert audit(studio.system, AuditRequest(job_id)).agrees
    said = explain(studio.system, ExplainRequest(job_id))
    assert said.after["message"] == "Renamed to “Holidays” by local"
    assert said.decisions[-1].startswith("The film is called “Holidays”, by choice of local at ")


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("a" * (MOST_CHARACTERS + 1), "title has 201 characters; 200 are allowed"),
        ("two\nlines", 'title is "two\\nlines": write one line, without control characters'),
        ("two\u2028lines", 'title is "two\u2028lines": write one line, without control characters'),
        ("bell\x07", 'title is "bell\\u0007": write one line, without control characters'),
        (7, "title is 7; it should be a text"),
    ],
    ids=["long", "lines", "line-separator", "control", "number"],
)
def test_a_name_that_is_none_is_told_with_its_place(title: Any, told: str) -> None:
    with pytest.raises(Faults) as refused:
        validated({"title": title}, Rename)
    assert [(one.pointer, one.message) for one in refused.value.errors] == [("/title", told)]


def test_a_name_must_be_given(studio: Studio) -> None:
    del studio
    with pytest.raises(Faults) as refused:
        validated({}, Rename)
    assert refused.value.errors[0].message == "title is missing and must be given"


def test_a_job_that_is_not_there_or_was_pruned_is_not_renamed(studio: Studio) -> None:
    with pytest.raises(JobNotFoundError):
        renamed(studio, UUID(int=1), "Holidays")
    job_id = studio.completed()
    studio.studio.change_job(job_id, lambda job: job.start_pruning(1, now=studio.now))
    with pytest.raises(Exception, match="pruned") as pruned:
        renamed(studio, job_id, "Holidays")
    refusal = refusal_of(pruned.value)
    assert refusal is not None
    assert refusal.code == "job_pruned"
