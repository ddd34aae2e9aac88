"""Topics are the storage format and the public names of events: they are written out here, by hand."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.utils import resolve_topic

from domain.asset import Asset
from domain.job import Job

TOPICS: dict[str, type] = {
    "job.submitted": Job.Submitted,
    "job.stage_started": Job.StageStarted,
    "job.stage_completed": Job.StageCompleted,
    "job.cancel_requested": Job.CancelRequested,
    "job.completed": Job.Completed,
    "job.failed": Job.Failed,
    "job.cancelled": Job.Cancelled,
    "job.reopened": Job.Reopened,
    "job.resumed": Job.Resumed,
    "job.review_requested": Job.ReviewRequested,
    "job.approved": Job.Approved,
    "job.changed": Job.Changed,
    "job.renamed": Job.Renamed,
    "job.prune_started": Job.PruneStarted,
    "job.pruned": Job.Pruned,
    "asset.requested": Asset.Requested,
    "asset.reused": Asset.Reused,
    "asset.provided": Asset.Provided,
    "asset.attempt_started": Asset.AttemptStarted,
    "asset.call_accepted": Asset.CallAccepted,
    "asset.attempt_resumed": Asset.AttemptResumed,
    "asset.attempt_failed": Asset.AttemptFailed,
    "asset.generated": Asset.Generated,
    "asset.attempt_lost": Asset.AttemptLost,
    "asset.failed": Asset.Failed,
}

NEVER_STORED = {Job.Event, Job.Created, Asset.Event, Asset.Created}
"""Bases of events; the library insists that some of them have a topic."""

NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
SAMPLES: dict[Any, Any] = {
    str: "naïve — 脚本 🎬",
    int: 7,
    float: 0.1 + 0.2,
    bool: True,
    UUID: UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"),
    datetime: NOW,
    str | None: None,
    int | None: 3,
    float | None: 1e-7,
    datetime | None: NOW,
    dict[str, Any]: {"nested": [{"a": None, "b": [1, 2.5, "ü"]}], "flag": False},
    dict[str, Any] | None: {"total_tokens": 12, "by_modality": {"IMAGE": 1290}},
    dict[str, str]: {"text": "gemini-x"},
    list[str]: ["sha256:00"],
    list[dict[str, Any]]: [{"id": "1", "name": "image:2", "revision": 1, "digest": "sha256:00"}],
}


def events_of(aggregate: type) -> set[type]:
    return {
        c for c in vars(aggregate).values() if isinstance(c, type) and issubclass(c, CanMutateAggregate)
    } - NEVER_STORED


def sample(event: Any) -> Any:
    return event(**{name: SAMPLES[hint] for name, hint in fields_of(event).items()})


def fields_of(event: Any) -> dict[str, Any]:
    hints = get_type_hints(event)
    return {f.name: UUID if f.name == "originator_id" else hints[f.name] for f in dataclasses.fields(event)}


def test_the_table_names_every_event_there_is() -> None:
    assert events_of(Job) | events_of(Asset) == set(TOPICS.values())


@pytest.mark.parametrize(("topic", "event"), TOPICS.items())
def test_each_event_has_a_topic_of_its_own_that_leads_back_to_it(topic: str, event: type) -> None:
    assert vars(event)["TOPIC"] == topic
    assert resolve_topic(topic) is event


@pytest.mark.parametrize(("topic", "aggregate"), [("job", Job), ("asset", Asset)])
def test_each_aggregate_has_a_topic_of_its_own(topic: str, aggregate: type) -> None:
    assert vars(aggregate)["TOPIC"] == topic
    assert resolve_topic(topic) is aggregate


@pytest.mark.parametrize("event", TOPICS.values())
def test_every_event_says_which_job_which_run_when_and_why(event: type) -> None:
    assert {"job_id", "run", "causation", "timestamp"} <= set(fields_of(event))
    assert sample(event).occurred_at == NOW


@pytest.mark.parametrize(("topic", "event"), TOPICS.items())
def test_what_is_stored_is_json_under_the_topic_and_reads_back_equal(topic: str, event: type) -> None:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DatetimeAsISO()):
        transcoder.register(transcoding)
    mapper: Mapper[UUID] = Mapper(transcoder)
    written = sample(event)
    stored = mapper.to_stored_event(written)
    assert stored.topic == topic
    assert b"domain." not in stored.state, "an import path in the store would bind it to this source tree"
    assert isinstance(json.loads(stored.state), dict)
    assert mapper.to_domain_event(stored) == written
