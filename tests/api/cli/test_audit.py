"""audit: logs of an earlier version, of a job under way, and one whose Director decided what none would.

Seen to fail with an audit that compares nothing, and with one that counts what workers did as decided.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from api.cli.main import COMMANDS
from tests.api.cli.conftest import Floor, Run, plain
from tests.api.planned import PlannedFilming
from tests.golden.test_golden_logs import LOGS, rows_of

pytestmark = pytest.mark.slow

GOLDEN = {log.stem: rows_of(log) for log in LOGS}
DECISIONS = {"completed": 30, "cancelled": 21, "retried": 45}

Store = Callable[[Sequence[dict[str, Any]]], str]


@pytest.fixture
def stored(floor: Floor) -> Store:
    """Puts the rows of a log into the store here, in their order; gives the job's id."""

    def put(rows: Sequence[dict[str, Any]]) -> str:
        for row in rows:
            event = StoredEvent(
                UUID(row["originator_id"]),
                row["originator_version"],
                row["topic"],
                json.dumps(row["state"]).encode(),
            )
            floor.system.studio.recorder.insert_events([event])
        floor.settle()
        return str(rows[0]["originator_id"])

    return put


def hasty(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log as if the storyboard had been asked for before the analysis was made."""
    made = next(i for i, row in enumerate(rows) if row["topic"] == "asset.generated")
    asked = next(
        i
        for i, row in enumerate(rows)
        if row["topic"] == "asset.requested" and row["state"]["kind"] == "storyboard"
    )
    return [*rows[:made], rows[asked], *rows[made:asked], *rows[asked + 1 :]]


def test_the_logs_of_earlier_versions_are_all_audited() -> None:
    assert set(GOLDEN) == set(DECISIONS)


@pytest.mark.parametrize("name", DECISIONS)
def test_a_log_of_an_earlier_version_was_decided_as_it_would_be_today(
    run: Run, stored: Store, name: str
) -> None:
    job_id = stored(GOLDEN[name])
    until = len(GOLDEN[name])

    audited = run("audit", job_id)
    as_data = run("audit", job_id, "--json")

    assert (audited.exit_code, as_data.exit_code) == (0, 0)
    assert audited.stdout == (
        f"{DECISIONS[name]} decisions up to position {until}, all as the workflow of today would decide.\n"
    )
    assert audited.stderr == ""
    assert json.loads(as_data.stdout) == {
        "job_id": job_id,
        "until": until,
        "decisions": DECISIONS[name],
        "differences": 0,
        "agrees": True,
    }


def test_a_decision_that_would_not_be_made_today_is_named_with_what_would(run: Run, stored: Store) -> None:
    rows = hasty(GOLDEN["completed"])
    job_id = stored(rows)
    position = 1 + next(
        i
        for i, row in enumerate(rows)
        if row["topic"] == "asset.requested" and row["state"]["kind"] == "storyboard"
    )

    audited = run("audit", job_id)
    *differences, total = map(json.loads, run("audit", job_id, "--json").stdout.splitlines())

    assert audited.exit_code == 1
    first, *_, last = audited.stdout.splitlines()
    assert first == f"{position:6}  Storyboard requested from text-model; today: nothing."
    assert last.endswith("otherwise than the workflow of today would decide.")
    assert "Where another version of Reelog ran the job" in plain(audited)
    assert differences[0] == {
        "position": position,
        "type": "asset.requested",
        "message": "Storyboard requested from text-model",
        "decides": [],
    }
    assert (total["decisions"], total["differences"], total["agrees"]) == (30, len(differences), False)


def test_a_job_under_way_is_audited_as_far_as_it_has_come(run: Run, floor: Floor) -> None:
    filming = PlannedFilming(floor.system)
    job_id = filming.submit()
    filming.until_made(job_id, "image:1")
    until = filming.head()

    begun = json.loads(run("audit", "latest", "--json").stdout)
    filming.finish(job_id)
    done = json.loads(run("audit", str(job_id), "--json").stdout)

    assert begun["agrees"]
    assert done["agrees"]
    assert begun["until"] == until
    assert 0 < begun["decisions"] < done["decisions"]


def test_a_job_that_is_set_aside_is_audited_as_far_as_it_can_be_read(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.system.studio.recorder.insert_events([StoredEvent(job_id, 2, "job.from_the_future", b"{}")])
    floor.settle()

    audited = run("audit", str(job_id))

    assert (audited.exit_code, audited.stdout[:33]) == (0, "0 decisions up to position 1, all")
    assert "set aside at event 2: what comes from there on is not audited" in plain(audited)


def test_the_help_says_what_a_difference_may_be(run: Run) -> None:
    helped = " ".join(run("audit", "--help").stdout.split())

    assert "audit" in COMMANDS
    assert "Exit code 0: all agree; 1: not all do." in helped
    assert (
        "Where another version of Reelog ran the job, a difference may be what the upgrade changed" in helped
    )
