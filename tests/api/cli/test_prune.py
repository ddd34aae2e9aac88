"""prune: what it says that it will do, does, and leaves.

Seen to fail when the age of a job is not looked at.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.api.cli.conftest import Floor, Run, plain

pytestmark = pytest.mark.slow  # each takes a while, or there are many

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
    result = run("prune", "--older-than", "90d", "--yes")
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
    assert "Nothing to prune." in plain(run("prune", "--older-than", "90d", "--yes"))


def test_younger_jobs_stay(run: Run, job_id: UUID) -> None:
    result = run("prune", "--older-than", "101d", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert files() != []
    assert job_id is not None


@pytest.mark.parametrize("age", ["90", "d", "-1d", "ninety days", "1.5d", "1M", "1mo", "1y", "999999w"])
def test_an_age_that_cannot_be_read_is_refused_with_one_that_can(run: Run, age: str) -> None:
    result = run("prune", f"--older-than={age}")
    assert result.exit_code == 2
    assert "such as 90d" in plain(result)


def test_an_age_that_may_be_minutes_or_months_is_refused_with_both(run: Run, job_id: UUID) -> None:
    result = run("prune", "--older-than", "3m", "--yes")
    assert result.exit_code == 2
    assert "3min or 90d" in plain(result)
    assert files() != []
    assert job_id is not None


@pytest.mark.parametrize("age", ["60s", "90min", "5h", "99d", "14w"])
def test_every_unit_is_understood(run: Run, job_id: UUID, age: str) -> None:
    result = run("prune", "--older-than", age, "--dry-run", "--json")
    assert result.exit_code == 0, plain(result)
    assert json.loads(result.stdout)["job_id"] == str(job_id)


def test_without_a_terminal_and_without_yes_it_says_what_would_go_and_removes_nothing(
    run: Run, job_id: UUID
) -> None:
    before = files()
    result = run("prune", "--older-than", "90d")
    assert result.exit_code == 2
    assert f"1 job that ended on {LONG_AGO:%Y-%m-%d}: " in plain(result)
    assert f"{len(before)} files (" in plain(result)
    assert "--yes" in plain(result)
    assert "--dry-run" in plain(result)
    assert files() == before
    assert job_id is not None


@pytest.mark.parametrize(("answer", "exit_code"), [("y", 0), ("n", 3), ("", 3)])
def test_a_terminal_is_asked_first(
    run: Run, job_id: UUID, monkeypatch: pytest.MonkeyPatch, answer: str, exit_code: int
) -> None:
    asked: list[str] = []

    def confirm(question: str, **_: Any) -> bool:
        asked.append(question)
        assert files() != []
        return answer == "y"

    monkeypatch.setattr("api.cli.prune.in_a_terminal", lambda: True)
    monkeypatch.setattr("api.cli.prune.click.confirm", confirm)
    result = run("prune", "--older-than", "90d")
    assert result.exit_code == exit_code, plain(result)
    assert asked == ["Remove it for good?"]
    assert (files() == []) == (answer == "y")
    assert job_id is not None


def test_what_became_old_enough_after_the_question_is_left(
    run: Run, floor: Floor, job_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the age is applied anew after the answer."""
    younger: list[UUID] = []

    def confirm(_: str, **__: Any) -> bool:
        younger.append(floor.filming.submit())
        floor.filming.finish(younger[0])
        floor.settle()
        return True

    monkeypatch.setattr("api.cli.prune.in_a_terminal", lambda: True)
    monkeypatch.setattr("api.cli.prune.click.confirm", confirm)
    result = run("prune", "--older-than", "90d")
    assert result.exit_code == 0
    assert str(job_id) in result.stdout
    assert str(younger[0]) not in result.stdout


def test_without_an_age_nothing_is_removed(run: Run, job_id: UUID) -> None:
    result = run("prune")
    assert result.exit_code == 2
    assert files() != []
    assert job_id is not None


def test_where_nothing_was_made_nothing_is_made(run: Run) -> None:
    result = run("prune", "--older-than", "1d")
    assert result.exit_code == 0
    assert not Path("reelog-data").exists()
