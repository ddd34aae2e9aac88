"""replay, explain, verify, rebuild, one attempt's papers: from the store, or a log on another machine.

Seen to fail with a comparison of the tables that counts no difference.
"""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest

from api.cli import replay
from api.cli.hints import Hints
from api.cli.jobs import follow
from api.cli.store import StoreSource
from domain.asset import AssetKey
from domain.failures import Failure
from tests.api.cli.conftest import Floor, Run
from tests.projections.filming import outage, refusal

pytestmark = pytest.mark.slow


@pytest.fixture
def job_id(floor: Floor) -> UUID:
    """A job with a passing failure, a fatal one and a retry on its record."""
    floor.filming.faults["image:1"] = [outage(), refusal()]
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "failed"
    floor.filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=floor.filming.tick(60)))
    assert floor.filming.finish(job_id) == "completed"
    floor.settle()
    return job_id


# ---- replay -----------------------------------------------------------------------------------------


def test_a_job_is_relived_line_by_line(run: Run, job_id: UUID) -> None:
    result = run("replay", str(job_id), "--speed", "0")
    assert result.exit_code == 0, result.output
    lines = result.stderr.splitlines()
    assert "Job submitted" in lines[0]
    assert any("attempt 1 failed (overloaded" in line for line in lines)
    assert any("Job completed" in line for line in lines)
    assert "The Boat is made" in lines[-2] + lines[-1]


@pytest.mark.parametrize("how", ["replay", "show", "show --at", "follow", "follow the run"])
def test_the_time_of_a_later_run_is_counted_from_its_own_beginning(
    run: Run, floor: Floor, capfd: pytest.CaptureFixture[str], how: str
) -> None:
    floor.filming.faults["image:1"] = [refusal()]
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "failed"
    week = timedelta(days=7).total_seconds()
    floor.filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=floor.filming.tick(week)))
    begun = floor.system.log.head()
    assert floor.filming.finish(job_id) == "completed"
    floor.settle()
    if how.startswith("follow"):
        after = begun if how == "follow the run" else 0
        with pytest.raises(click.exceptions.Exit):
            follow(StoreSource(floor.system), job_id, after=after, hints=Hints())
        lines = capfd.readouterr().err.splitlines()
        [completed] = [line for line in lines if "Job completed" in line]
        assert re.match(r" +\d+ s +100 %", completed)
    elif how == "replay":
        lines = run("replay", str(job_id), "--speed", "0").stderr.splitlines()
    else:
        at = ["--at", str(floor.system.log.head())] if how == "show --at" else []
        lines = run("show", str(job_id), *at).stdout.splitlines()
    [took] = [line for line in lines if "is made, in" in line or "━" in line]
    assert re.search(r" \d\d s\b", took), took
    assert not re.search(r" (min|h|d) ", took), took


def test_an_exported_log_is_relived_on_a_machine_that_has_nothing_else(
    run: Run, floor: Floor, job_id: UUID, tmp_path: Path
) -> None:
    exported = run("events", str(job_id), "--json")
    (tmp_path / "log.ndjson").write_text(exported.stdout, encoding="utf-8")
    here = run("replay", str(job_id), "--speed", "0").stderr
    floor.system.close()
    shutil.rmtree(tmp_path / "reelog-data")

    away = run("replay", "log.ndjson", "--speed", "0")

    assert away.exit_code == 0, away.output
    assert away.stderr == here
    piped = run("replay", "-", "--speed", "0", "--json", stdin=exported.stdout.encode())
    assert piped.stdout == exported.stdout
    assert not (tmp_path / "reelog-data").exists()


def test_pauses_are_those_of_the_job_divided_by_the_speed(run: Run, job_id: UUID) -> None:
    told = [json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()]
    slept: list[float] = []
    job = replay.relive(told, speed=2.0, quiet=True, sleep=slept.append)
    first, last = (replay.moment(event["occurred_at"]) for event in (told[0], told[-1]))
    # The minute before the retry is the one long pause, and it is cut short.
    long = 60 / 2 - replay.LONGEST_PAUSE_S
    assert sum(slept) == pytest.approx((last - first).total_seconds() / 2 - long, abs=0.2)
    assert job["status"] == "completed"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "begins with job.submitted"),
        (b"no json\n", "line 1 is no event"),
        (b'{"type": "job.completed"}\n', "line 1 is no event"),
        (b"[1]\n", "line 1 is no event"),
    ],
)
def test_a_file_that_is_no_log_is_told_so(run: Run, tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "log").write_bytes(content)
    result = run("replay", "log")
    assert (result.exit_code, why in result.stderr) == (2, True), result.output
    assert "is no id of a job" in run("replay", "nowhere.ndjson").stderr


# ---- explain ----------------------------------------------------------------------------------------


def test_each_moment_is_explained_by_what_the_workflow_decided(run: Run, job_id: UUID) -> None:
    events = [json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()]
    first = run("explain", str(job_id), "--at", str(events[0]["position"]))
    assert first.exit_code == 0, first.output
    assert "Start stage script_analysis: its first asset can be made." in first.stdout
    failed = next(e for e in events if e["type"] == "asset.failed")
    told = json.loads(run("explain", str(job_id), "--at", str(failed["position"]), "--json").stdout)
    assert any(line.startswith("Fail the job with safety") for line in told["decisions"])
    assert told["after"] == failed
    now = run("explain", str(job_id))
    assert "The job is completed; nothing more is decided until it is reopened." in now.stdout


def test_a_moment_is_explained_by_its_own_time(run: Run, job_id: UUID) -> None:
    """Fails with any other clock: a timer waits, or is over, as it was then."""
    events = [json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()]
    failed = next(e for e in events if e["type"] == "asset.attempt_failed" and e["data"]["retry_at"])
    retry_at = failed["data"]["retry_at"]
    after = next(e for e in events if e["occurred_at"] > retry_at)
    assert after["type"] != "asset.attempt_started" or after["asset"] != failed["asset"]

    def decided(event: Any) -> str:
        told = run("explain", str(job_id), "--at", str(event["position"]), "--json").stdout
        return " ".join(json.loads(told)["decisions"])

    assert "before the next attempt at image:1" in decided(failed)
    assert "Order attempt 2 at image:1" in decided(after)


def test_a_moment_that_has_not_come_cannot_be_explained(run: Run, floor: Floor, job_id: UUID) -> None:
    result = run("explain", str(job_id), "--at", str(floor.filming.head() + 1))
    assert (result.exit_code, "write a position that has happened" in result.stderr) == (2, True)


# ---- verify and rebuild -----------------------------------------------------------------------------


def test_read_models_are_verified_and_a_difference_is_named_and_mended(
    run: Run, floor: Floor, job_id: UUID
) -> None:
    assert run("verify").stdout.startswith("Equal: ")
    with floor.system.database.write() as transaction:
        transaction.run("UPDATE jobs_1 SET status = 'queued' WHERE job_id = ?", str(job_id))
    broken = run("verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["differences"] == {"jobs": 2}
    assert run("rebuild").exit_code == 0
    assert json.loads(run("verify", "--json").stdout)["equal"] is True


# ---- one attempt ------------------------------------------------------------------------------------


def test_an_attempt_is_shown_with_its_failure(run: Run, job_id: UUID) -> None:
    result = run("show", str(job_id), "--asset", "image:1", "--revision", "1", "--attempt", "1")
    assert result.exit_code == 0, result.output
    for said in ("image:1", "revision 1, attempt 1", "image-model", "overloaded", "retry at"):
        assert said in result.stdout
    last = run("show", str(job_id), "--asset", "image:1").stdout
    assert "revision 2, attempt 1" in last
    assert "tokens" in last


def test_the_exact_request_and_the_raw_answer_are_printed(run: Run, floor: Floor) -> None:
    blobs = floor.system.blobs
    failure: Any = Failure.of(
        "safety", "Blocked.", model="image-model", raw_digest=blobs.put(b'{"blocked": true}')
    )
    failure = failure.within(details={"request_digest": blobs.put(b'{"contents": ["a boat"]}')})
    floor.filming.faults["image:1"] = [failure]
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "failed"
    floor.settle()
    result = run("show", str(job_id), "--asset", "image:1", "--raw")
    assert '--- request ---\n{"contents": ["a boat"]}' in result.stdout
    assert '--- raw ---\n{"blocked": true}' in result.stdout
    told = json.loads(run("show", str(job_id), "--asset", "image:1", "--raw", "--json").stdout)
    assert told["raw"] == {"blocked": True}
    assert told["requested"]["asset"]["id"] == str(AssetKey.parse("image:1").id_in(job_id))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--asset", "picture"), "no asset is named"),
        (("--asset", "image:9"), "the job has no image:9"),
        (("--asset", "image:1", "--attempt", "7"), "revision 1 attempt 1, revision 1 attempt 2"),
        (("--attempt", "1"), "--asset is missing"),
        (("--asset", "image:1", "--at", "3"), "--at"),
    ],
)
def test_an_attempt_that_is_not_there_is_told_with_those_that_are(
    run: Run, job_id: UUID, arguments: tuple[str, ...], why: str
) -> None:
    result = run("show", str(job_id), *arguments)
    assert (result.exit_code, why in result.stderr) == (2, True), result.output
