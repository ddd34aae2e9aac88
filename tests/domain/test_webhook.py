"""Endpoints and deliveries: what is recorded of them, and what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.utils import resolve_topic
from pydantic import ValidationError

from api.http.schema.events import EVENT_TYPES as DESCRIBED
from domain.webhook import DEFAULT_EVENTS, EVENT_TYPES, Delivery, Endpoint, delivery_id, job_endpoint_id
from domain.webhook_request import WebhookRequest

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ID = UUID(int=1)


TOPICS = {
    "webhook.created": Endpoint.Created,
    "webhook.changed": Endpoint.Changed,
    "webhook.enabled": Endpoint.Enabled,
    "webhook.disabled": Endpoint.Disabled,
    "webhook.secret_rotated": Endpoint.SecretRotated,
    "webhook.removed": Endpoint.Removed,
    "webhook.delivery_ended": Delivery.Ended,
}
"""The storage format, by hand: none ever changes."""


@pytest.mark.parametrize(("topic", "event"), TOPICS.items())
def test_each_event_has_a_topic_for_ever(topic: str, event: type) -> None:
    assert vars(event)["TOPIC"] == topic
    assert resolve_topic(topic) is event


def created(**changes: Any) -> Endpoint:
    values = {"now": NOW, "key": "abc"} | changes
    endpoint = Endpoint.create(ID, "local", "https://example.org/x", DEFAULT_EVENTS, **values)
    endpoint.collect_events()
    return endpoint


def told(endpoint: Endpoint | Delivery) -> list[str]:
    return [event.TOPIC for event in endpoint.collect_events()]


def test_an_endpoint_is_created_for_all_jobs_or_for_one() -> None:
    assert created().job is None
    job = UUID(int=7)
    assert created(job_id=job).job == job
    assert job_endpoint_id(job) == job_endpoint_id(job) != job_endpoint_id(ID)


def test_no_event_is_of_a_job() -> None:
    endpoint = created(job_id=UUID(int=7))
    endpoint.disable("asked", now=NOW)
    assert all(not hasattr(event, "job_id") for event in endpoint.collect_events())


def test_what_changes_nothing_is_no_event() -> None:
    endpoint = created()
    endpoint.change(None, None, now=NOW)
    endpoint.change(endpoint.url, list(DEFAULT_EVENTS), now=NOW)
    endpoint.enable(now=NOW)
    assert told(endpoint) == []


def test_it_is_changed_disabled_enabled_and_removed() -> None:
    endpoint = created()
    endpoint.change("https://example.org/y", None, now=NOW)
    endpoint.disable("gone", now=NOW)
    endpoint.disable("asked", now=NOW)
    assert (endpoint.is_enabled, endpoint.disabled_for) == (False, "gone")
    endpoint.enable(now=NOW)
    endpoint.remove(now=NOW)
    endpoint.remove(now=NOW)
    endpoint.enable(now=NOW)
    assert (endpoint.is_enabled, endpoint.is_kept, endpoint.url) == (False, False, "https://example.org/y")
    assert told(endpoint) == ["webhook.changed", "webhook.disabled", "webhook.enabled", "webhook.removed"]


def test_two_secrets_are_in_force_for_a_day() -> None:
    endpoint = created()
    assert endpoint.editions_at(NOW) == [1]
    endpoint.rotate_secret("def", now=NOW)
    assert (endpoint.editions_at(NOW), endpoint.key) == ([2, 1], "def")
    assert endpoint.editions_at(NOW + timedelta(days=1)) == [2]


def test_a_delivery_begins_with_its_end_and_may_end_again() -> None:
    of = delivery_id(ID, 42)
    assert of == delivery_id(ID, 42) != delivery_id(ID, 43)
    values = {"endpoint": str(ID), "position": 42, "status": 500, "error": "it answered 500"}
    delivery = Delivery.end(of, now=NOW, turn=1, outcome="failed", tries=11, **values)
    delivery.end_again(now=NOW, turn=2, outcome="delivered", tries=1, **values | {"error": None})
    assert (delivery.turn, delivery.outcome, delivery.tries) == (2, "delivered", 1)
    assert told(delivery) == ["webhook.delivery_ended"] * 2


def test_an_endpoint_may_be_told_of_every_event_of_a_job() -> None:
    assert {name for name in DESCRIBED if name.startswith("job.")} == set(EVENT_TYPES)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "https://",
        "HTTPS://example.org/",
        "https://a b/",
        "https://ü.example/",
        "file:///x",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookRequest.model_validate({"url": url})


def test_an_event_is_named_once() -> None:
    events = ["job.failed", "job.failed", "job.completed"]
    asked = WebhookRequest.model_validate({"url": "https://example.org/x", "events": events})
    assert asked.events == ["job.failed", "job.completed"]
