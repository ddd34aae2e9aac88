"""What each type of event says is described: held to real histories, and to all logs that were released."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema.validators import Draft202012Validator

from api.http.app import ENDPOINTS
from api.http.openapi.document import document
from api.http.schema.events import EVENT_TYPES, EVENTS, EventDocument
from domain.asset import Asset, AssetKey
from domain.asset_parts import Provision
from domain.store import open_event_store
from projections.job_fold import JobFold
from tests.golden.test_golden_logs import LOGS, each_log, events_of
from tests.projections.filming import Filming, outage, refusal


def told(recorded: Any) -> list[dict[str, Any]]:
    folds: dict[UUID, JobFold] = {}
    return [json.loads(folds.setdefault(r.event.job_id, JobFold()).apply(r).body) for r in recorded]


def eventful(filming: Filming) -> None:
    """Whatever can happen to a film, through the domain itself."""
    studio = filming.studio
    filming.faults = {"image:1": [outage()], "image:2": [refusal()]}
    filming.accepted = {"narration:1"}
    failed = filming.submit()
    assert filming.finish(failed) == "failed"
    studio.change_job(failed, lambda job: job.reopen("retry", now=filming.tick(1)))
    assert filming.finish(failed) == "completed"
    studio.change_job(failed, lambda job: job.rename("Under another name", now=filming.tick(1)))
    reviewed = filming.submit(metadata={"order": "A-17"})
    filming.until_made(reviewed, "analysis")
    studio.change_job(reviewed, lambda job: job.request_review("script", now=filming.tick(1)))
    studio.change_job(reviewed, lambda job: job.begin_change("edit", now=filming.tick(1)))
    studio.change_job(reviewed, lambda job: job.request_review("script", now=filming.tick(1)))
    studio.change_job(reviewed, lambda job: job.approve(now=filming.tick(1)))
    studio.change_job(reviewed, lambda job: job.resume("another", now=filming.tick(1)))
    lost = AssetKey.parse("storyboard").id_in(reviewed)
    filming.decide(reviewed)
    studio.change_asset(
        lost, lambda a: a.start_attempt(1, 1, "worker-1", run=1, now=filming.tick(1), reserved_usd=0.1)
    )
    studio.change_asset(lost, lambda a: a.lose_attempt(1, 1, run=1, now=filming.tick(1)))
    studio.change_job(reviewed, lambda job: job.request_cancel(now=filming.tick(1)))
    assert filming.finish(reviewed) == "cancelled"
    _other_ways(filming, failed)


def _other_ways(filming: Filming, source: UUID) -> None:
    studio, job_id = filming.studio, filming.submit()
    made = studio.find_asset(source, AssetKey.parse("analysis"))
    assert made is not None
    reused = Asset.reuse(job_id, made, inputs=(), run=1, now=filming.tick(1))
    given = Provision(
        digest=f"sha256:{'1' * 64}",
        media_type="image/png",
        bytes=7,
        facts={"width": 1280},
        source={"file": f"sha256:{'2' * 64}", "changes": ["cropped"]},
        caller="local",
    )
    provided = Asset.provide(job_id, AssetKey.parse("image:1"), given, run=1, now=filming.tick(1))
    studio.append(reused, provided)
    job = studio.job(source)
    job.start_pruning(3, now=filming.tick(timedelta(days=90).total_seconds()))
    job.finish_pruning([f"sha256:{'3' * 64}"], [f"sha256:{'4' * 64}"], now=filming.tick(1))
    studio.append(job)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    store = open_event_store(f"sqlite:///{tmp_path_factory.mktemp('events')}/events.db")
    filming = Filming(store)
    try:
        eventful(filming)
        return told(filming.log.read(0, 10_000))
    finally:
        filming.studio.close()
        store.close()


def test_what_every_type_says_is_described(events: list[dict[str, Any]]) -> None:
    assert {event["type"] for event in events} == set(EVENT_TYPES)
    for event in events:
        EventDocument.model_validate_json(json.dumps(event))


def test_programs_find_the_type_by_its_name_and_hold_what_came_to_it(events: list[dict[str, Any]]) -> None:
    components = document(ENDPOINTS)["components"]
    union = components["schemas"]["EventDocument"]
    mapping = union["discriminator"]["mapping"]
    assert union["discriminator"]["propertyName"] == "type"
    assert set(mapping) == set(EVENT_TYPES)
    assert {one["$ref"] for one in union["oneOf"]} == set(mapping.values())
    for event in events:
        Draft202012Validator({"$ref": mapping[event["type"]], "components": components}).validate(event)


@each_log
def test_what_a_released_version_stored_is_as_it_is_described(log: Path, tmp_path: Path) -> None:
    for event in told(events_of(log, tmp_path)):
        EventDocument.model_validate_json(json.dumps(event))


def test_there_are_released_logs() -> None:
    assert LOGS


@pytest.mark.parametrize("topic", EVENT_TYPES)
def test_a_field_that_nobody_described_or_that_is_missing_would_be_found(
    events: list[dict[str, Any]], topic: str
) -> None:
    event = next(event for event in events if event["type"] == topic)
    data = EVENTS[topic].model_fields["data"].annotation
    required = [name for name, field in data.model_fields.items() if field.is_required()]  # type: ignore[union-attr]
    wrong = [{n: v for n, v in event["data"].items() if n != name} for name in required]
    if data.model_config["extra"] == "forbid":  # type: ignore[union-attr]
        wrong.append(event["data"] | {"strange": 1})
    for changed in wrong:
        with pytest.raises(ValueError, match="validation error"):
            EventDocument.model_validate_json(json.dumps(event | {"data": changed}))
