"""prune: what it says that it will do, does, and leaves.

Seen to fail when the age of a job is not looked at.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.api.commands.conftest import Floor, Run, plain

LONG_AGO = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture
def job_id(floor: Floor) -> UUID:
    floor.filming.now = LONG_AGO
    job_id = floor.filming.submit()
    floor.filming.finish(job_id)
    for path in files():
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    floor.settle()
    return job_id


def files() -> list[Path]:
    return [path for path in Path("reelog-data/blobs").rglob("*") if path.is_file()]


def test_a_dry_run_says_what_would_go_and_removes_nothing(run: Run, job_id: UUID) -> None:
    before = len(files())
    result = run("prune", "--older-than", "90d", "--dry-run", "--json")
    assert result.exit_code == 0
    line = json.loads(result.stdout)
    assert (line["job_id"], line["dry_run"], line["freed_bytes"]) == (str(job_id), True, None)
    assert len(line["removed"]) == len(files()) == before
    assert "1 job would be pruned; nothing was changed." in plain(result)


def test_what_was_pruned_is_told_and_the_reading_commands_say_so(run: Run, job_id: UUID) -> None:
    result = run("prune", "--older-than", "90d")
    assert result.exit_code == 0
    assert str(job_id) in result.stdout
    assert "1 job," in plain(result)
    assert files() == []
    shown = run("show", str(job_id))
    assert shown.exit_code == 0
    assert "Its texts and files were removed on" in shown.stdout
    assert "[pruned:" not in shown.stdout
    assert "[pruned:" not in run("ls").stdout
    assert "boat" not in shown.stdout
    told = run("events", str(job_id))
    assert told.exit_code == 0
    assert "Job pruned:" in told.stdout
    assert "Nothing to prune." in plain(run("prune", "--older-than", "90d"))


def test_younger_jobs_stay(run: Run, job_id: UUID) -> None:
    result = run("prune", "--older-than", "101d", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert files() != []
    assert job_id is not None


@pytest.mark.parametrize("age", ["90", "d", "-1d", "ninety days", "1.5d"])
def test_an_age_that_cannot_be_read_is_refused_with_one_that_can(run: Run, age: str) -> None:
    result = run("prune", f"--older-than={age}")
    assert result.exit_code == 2
    assert "such as 90d" in plain(result)


def test_without_an_age_nothing_is_removed(run: Run, job_id: UUID) -> None:
    result = run("prune")
    assert result.exit_code == 2
    assert files() != []
    assert job_id is not None


def test_where_nothing_was_made_nothing_is_made(run: Run) -> None:
    result = run("prune", "--older-than", "1d")
    assert result.exit_code == 0
    assert not Path("reelog-data").exists()
