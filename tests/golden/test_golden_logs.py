"""Old logs for ever: what any released version stored can be read, folds as it did, and is decided alike.

Seen to fail with ``upcast_v1_v2`` that adds nothing, a renamed ``TOPIC``, a field left out of the job's page,
a poster that waits for the video (decided otherwise than then), and a replayer that tells no divergence.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from domain.asset import Asset
from domain.film import Film
from domain.history import explain, replay_decisions
from domain.job import Job
from domain.store import Recorded, Studio, open_event_store
from projections.job_fold import JobFold
from projections.wire import encode

LOGS = sorted(Path(__file__).parent.glob("*/*.jsonl"))
each_log = pytest.mark.parametrize("log", LOGS, ids=lambda path: f"{path.parent.name}/{path.stem}")


def rows_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def events_of(log: Path, folder: Path) -> list[Recorded]:
    """The log, read as a store's own mapper reads it."""
    store = open_event_store(f"sqlite:///{folder}/events.db")
    studio = Studio(store)
    try:
        return [
            Recorded(
                row["position"],
                studio.mapper.to_domain_event(
                    StoredEvent(
                        originator_id=UUID(row["originator_id"]),
                        originator_version=row["originator_version"],
                        topic=row["topic"],
                        state=json.dumps(row["state"]).encode(),
                    )
                ),
            )
            for row in rows_of(log)
        ]
    finally:
        studio.close()
        store.close()


def expected_of(log: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(log.with_suffix(".expected.json").read_text(encoding="utf-8"))
    return expected


def holds(expected: Any, found: Any) -> bool:
    """Whether all that was expected is there. Later versions may tell more, never less and nothing else."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(k in found and holds(v, found[k]) for k, v in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(holds, expected, found))
    return bool(expected == found)


def test_there_are_logs_of_every_kind_of_ending() -> None:
    endings = {expected_of(log)["job"]["status"] for log in LOGS}
    assert endings == {"completed", "cancelled"}
    topics = {row["topic"] for log in LOGS for row in rows_of(log)}
    assert {"job.failed", "job.reopened", "asset.attempt_failed", "asset.failed"} <= topics


@each_log
def test_a_log_folds_to_what_it_folded_to_when_it_was_written(log: Path, tmp_path: Path) -> None:
    fold = JobFold()
    timeline = [json.loads(fold.apply(recorded).body) for recorded in events_of(log, tmp_path)]
    expected = expected_of(log)
    for told, found in zip(expected["timeline"], timeline, strict=True):
        assert holds(told, found), f"event {told['position']} says something else now"
    assert holds(expected["job"], json.loads(encode(fold.page())))


@each_log
def test_todays_workflow_decides_as_the_director_did(log: Path, tmp_path: Path) -> None:
    assert replay_decisions([(r.position, r.event) for r in events_of(log, tmp_path)]) == []


@each_log
def test_every_moment_can_be_explained(log: Path, tmp_path: Path) -> None:
    history = Film()
    for recorded in events_of(log, tmp_path):
        history.evolve(recorded.event)
        assert explain(history)
    assert history.job is not None
    assert history.job.status == expected_of(log)["job"]["status"]


@each_log
def test_a_decision_that_was_not_made_then_is_found(log: Path, tmp_path: Path) -> None:
    """The replayer is not blind: work that was asked for before its inputs were made is told."""
    events = [recorded.event for recorded in events_of(log, tmp_path)]
    made = next(i for i, e in enumerate(events) if isinstance(e, Asset.Generated))
    asked = next(i for i, e in enumerate(events) if isinstance(e, Asset.Requested) and i > made)
    hasty = [*events[:made], events[asked], *events[made:asked]]
    divergence, *_ = replay_decisions(enumerate(hasty, 1))
    assert divergence.index == made


def test_the_first_version_of_a_reopening_is_upcast(tmp_path: Path) -> None:
    [log] = [path for path in LOGS if path.stem == "retried"]
    stored = [row for row in rows_of(log) if row["topic"] == "job.reopened"]
    assert [row["state"].get("class_version", 1) for row in stored] == [1, 2]
    assert "max_cost_usd" not in stored[0]["state"]
    read = [r.event for r in events_of(log, tmp_path) if isinstance(r.event, Job.Reopened)]
    assert [event.max_cost_usd for event in read] == [None, None]
