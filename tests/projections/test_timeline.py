"""The public form of events."""

import json
import re
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.asking import Asking
from domain.asset import Asset
from domain.film_graph import LATEST_GRAPH
from domain.job import Job
from domain.script import Kind
from domain.store import EventStore, Recorded
from projections import messages
from projections.job_fold import JobFold
from projections.timeline import TERMINAL
from tests.projections.filming import Filming, outage, refusal

SHAPE = {
    "position",
    "type",
    "job_id",
    "run",
    "stage",
    "asset",
    "occurred_at",
    "causation",
    "message",
    "progress",
    "eta_s",
    "data",
}


def told(events: list[Recorded]) -> list[dict[str, Any]]:
    fold = JobFold()
    return [json.loads(fold.apply(recorded).body) for recorded in events]


def eventful(filming: Filming) -> UUID:
    """A job that failed, was retried, lost time to outages, and completed."""
    filming.faults = {"image:1": [outage()], "image:2": [refusal()], "narration:2": [outage(), outage()]}
    filming.accepted = {"image:1", "narration:1"}
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(60)))
    assert filming.finish(job_id) == "completed"
    return job_id


def test_every_event_has_the_same_shape(filming: Filming) -> None:
    eventful(filming)
    for event in told(filming.log.read(0, 10_000)):
        assert set(event) == SHAPE
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["occurred_at"])
        assert (event["asset"] is None) == event["type"].startswith("job.")
        assert event["message"][0].isupper()


def test_a_made_image_is_told_as_documented(filming: Filming) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "image:2")
    [event] = [
        e
        for e in told(filming.log.read(0, 1000))
        if e["type"] == "asset.generated" and e["asset"]["kind"] == "image" and e["asset"]["scene"] == 2
    ]
    assert event["stage"] == "image_generation"
    assert event["asset"]["revision"] == 1
    assert event["message"] == "Scene 2: image drawn by image-model in 1.5 s, USD 0.0100"
    data = event["data"]
    assert {"digest", "media_type", "bytes", "model", "latency_s", "usage", "cost_usd", "attempt"} <= set(
        data
    )
    assert data["provider"] == "emulator"
    assert data["duration_s"] == 4.2


def test_each_kind_of_event_has_a_sentence() -> None:
    def leaves(of: type) -> set[type]:
        own = {
            value for value in vars(of).values() if isinstance(value, type) and issubclass(value, of.Event)
        }  # type: ignore[attr-defined]
        return {event for event in own if event not in (of.Event, getattr(of, "Created", None))}  # type: ignore[attr-defined]

    assert leaves(Job) == set(messages._JOB)
    assert leaves(Asset) == set(messages._ASSET)


def test_what_is_remarkable_about_a_film_is_told_with_it(
    filming: Filming, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remark(message: str, at_s: float | None) -> dict[str, Any]:
        return {"code": "some_code", "message": message, "at_s": at_s, "value": 1.0}

    facts = {"remarks": [remark("The picture is frozen for 3.0 s", 1.5), remark("The sound is quiet", None)]}
    sentence = messages._remarks(facts)
    assert sentence == "; The picture is frozen for 3.0 s (at 1.5 s); The sound is quiet"
    facts["remarks"] *= 2
    assert messages._remarks(facts) == f"{sentence}; and 2 more"
    assert messages._remarks({}) == messages._remarks({"remarks": []}) == ""
    own = filming.facts
    monkeypatch.setattr(filming, "facts", lambda key: own(key) | (facts if key.kind is Kind.VIDEO else {}))
    assert filming.finish(filming.submit()) == "completed"
    [message] = [
        event["message"]
        for event in told(filming.log.read(0, 10_000))
        if event["type"] == "asset.generated" and event["asset"]["kind"] == "video"
    ]
    assert message.endswith(f"{sentence}; and 2 more")


def test_the_key_that_a_run_was_begun_for_is_not_told(filming: Filming) -> None:
    job_id = filming.submit()
    filming.studio.change_job(job_id, lambda job: job.request_cancel(now=filming.tick(1)))
    assert filming.finish(job_id) == "cancelled"
    again = Asking("key", "f" * 64)
    filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(1), asking=again))
    *_, event = told(filming.log.read(0, 10_000))
    assert event["data"] == {
        "reason": "retry",
        "max_cost_usd": None,
        "graph": LATEST_GRAPH,
        "traceparent": None,
    }


def test_the_fingerprint_of_a_request_is_not_told(filming: Filming) -> None:
    filming.submit(fingerprint="f" * 64)
    [event] = told(filming.log.read(0, 10))
    assert "fingerprint" not in event["data"]
    assert event["data"]["script"]


def test_an_event_says_the_same_however_much_followed(filming: Filming) -> None:
    eventful(filming)
    events = filming.log.read(0, 10_000)
    whole = told(events)
    for cut in range(1, len(events), 7):
        assert told(events[:cut]) == whole[:cut]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_progress_never_falls_within_a_run_and_is_one_only_at_the_end(data: st.DataObject) -> None:
    events = data.draw(histories())
    before, run = 0.0, 0
    for event in told(events):
        if event["run"] != run:
            before, run = 0.0, event["run"]
        assert event["progress"] >= before
        assert (event["progress"] == 1.0) == (event["type"] == "job.completed")
        before = event["progress"]
    assert told(events)[-1]["type"] in TERMINAL


class MemoryStore:
    """As much of an event store as hand-made histories need; hundreds of them are made."""

    def environment(self) -> dict[str, str]:
        return {"PERSISTENCE_MODULE": "tests.projections.memory:Factory"}


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """The events of one job with any number of scenes, whose attempts fail here and there."""
    names = ["analysis", "storyboard", "image:1", "image:2", "narration:1", "music", "clip:1", "video"]
    faults = draw(
        st.dictionaries(
            st.sampled_from(names), st.lists(st.sampled_from([outage, refusal]), min_size=1, max_size=2)
        )
    )
    filming = Filming(cast("EventStore", MemoryStore()))
    filming.scenes = draw(st.integers(1, 6))
    filming.faults = {name: [make() for make in makes] for name, makes in faults.items()}
    job_id = filming.submit()
    while filming.finish(job_id) != "completed":
        filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(1)))
    events = filming.log.read(0, 10_000)
    filming.studio.close()
    return events
