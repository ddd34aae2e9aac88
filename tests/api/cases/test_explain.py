"""What was decided, which attempt it came to, and whether it would be decided again: from the events alone.

Seen to fail where a moment is explained with what happened after it, and where any attempt's end is taken.
"""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from api.cases.attempts import AttemptRequest, attempt_in, get_attempt
from api.cases.audit import AuditRequest, audit
from api.cases.errors import Refusal
from api.cases.events import all_events
from api.cases.explain import ExplainRequest, explain, explain_events
from api.cases.models import ListModelsRequest, list_models
from api.cli.attempt import attempt_sheet
from api.cli.text import Theme
from tests.api.cases.conftest import Studio
from tests.projections.filming import outage, refusal


@pytest.fixture
def job_id(studio: Studio) -> UUID:
    """A film whose first picture took two attempts and could not be had."""
    studio.faults["image:1"] = [outage(), replace(refusal(), raw_digest="sha256:bb")]
    job_id = studio.submit()
    assert studio.finish(job_id) == "failed"
    studio.settle()
    return job_id


def test_a_moment_is_explained_by_what_had_happened_until_then(studio: Studio, job_id: UUID) -> None:
    events = list(all_events(studio.system, job_id))
    failed = next(event for event in events if event["type"] == "asset.attempt_failed")

    then = explain(studio.system, ExplainRequest(job_id, failed["position"]))
    now = explain(studio.system, ExplainRequest(job_id))

    assert (then.created, then.after) == (events[0], failed)
    assert any("before the next attempt at image:1" in sentence for sentence in then.decisions)
    assert now.to_json() == {
        "job_id": str(job_id),
        "at": events[-1]["position"],
        "after": events[-1],
        "decisions": ["The job is failed; nothing more is decided until it is reopened."],
    }
    assert explain_events(events, ExplainRequest(job_id, failed["position"])) == then


def test_an_attempt_has_its_own_end_and_its_own_blobs(studio: Studio, job_id: UUID) -> None:
    first = get_attempt(studio.system, AttemptRequest(job_id, "image:1", attempt=1))
    last = get_attempt(studio.system, AttemptRequest(job_id, "image:1"))

    assert [record.started["data"]["attempt"] for record in (first, last)] == [1, 2]
    assert first.ended is not None
    assert last.ended is not None
    assert first.ended["data"]["failure"]["code"] == "overloaded"
    assert last.ended["data"]["failure"]["code"] == "safety"
    assert set(first.digests) == {"prompt"}
    assert last.digests["raw"] == "sha256:bb"


def test_an_attempt_that_is_not_there_is_refused_with_those_that_are(studio: Studio, job_id: UUID) -> None:
    for asset, attempt, pointer, message in (
        ("picture", None, "?asset", "no asset is named"),
        ("image:9", None, "?asset", "the job has no image:9"),
        ("image:1", 3, "?attempt", "there are: revision 1 attempt 1, revision 1 attempt 2"),
    ):
        with pytest.raises(Refusal) as refused:
            get_attempt(studio.system, AttemptRequest(job_id, asset, attempt))

        [error] = refused.value.errors
        assert (refused.value.code, error.pointer) == ("asset_not_found", pointer)
        assert message in error.message


def test_an_attempt_under_way_has_no_end_yet(studio: Studio, job_id: UUID) -> None:
    events = list(all_events(studio.system, job_id))
    begun = next(i for i, event in enumerate(events) if event["type"] == "asset.attempt_started")

    record = attempt_in(events[: begun + 1], AttemptRequest(job_id, "analysis"))

    assert record.ended is None
    assert set(record.digests) == {"prompt"}


def test_an_accepted_call_is_explained_and_stands_in_its_attempt(studio: Studio) -> None:
    studio.accepted = {"image:1"}
    job_id = studio.completed()
    events = list(all_events(studio.system, job_id))
    accepted = next(event for event in events if event["type"] == "asset.call_accepted")

    then = explain(studio.system, ExplainRequest(job_id, accepted["position"]))

    [said] = [sentence for sentence in then.decisions if "image:1" in sentence and "accepted" in sentence]
    assert "as call call-image:1 (worker worker-1)" in said
    record = get_attempt(studio.system, AttemptRequest(job_id, "image:1"))
    assert record.accepted == accepted
    assert [event["data"]["worker"] for event in record.resumed] == ["worker-2"]
    assert record.ended is not None
    assert audit(studio.system, AuditRequest(job_id)).agrees
    sheet = "\n".join(attempt_sheet(record, Theme()))
    assert re.search(r"accepted +\S+, as call call-image:1\n +asked for until +\S+\n", sheet)
    assert re.search(r"gone on with +\S+ by worker-2", sheet)


def test_a_log_is_audited_decision_by_decision(studio: Studio, job_id: UUID) -> None:
    found = audit(studio.system, AuditRequest(job_id))

    assert found.agrees
    assert found.until == studio.head()
    assert found.decisions > 10


@pytest.mark.usefixtures("job_id")
def test_models_are_those_of_the_provider_with_our_own_record_of_calls(studio: Studio) -> None:
    page = list_models(studio.system, ListModelsRequest())

    drawn = next(model for model in page["data"] if model["id"] == "gemini-nano-banana-2.1")
    assert (page["source"], page["provider"]) == ("shipped", "emulator")
    assert drawn["health"]["errors"] == {"overloaded": 1, "safety": 1}
