"""retry, regenerate, fork and cancel: at the server that is named, at one that is there, else in the store.

Seen to fail with a default server that is asked though nothing answers, a named one that is passed over when
it does not answer, a job opened for the wrong provider, and a key that stays behind.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click
import pytest

from api.cli import target
from api.cli.crew import announce
from api.composition import System, open_system
from api.settings import load_settings
from domain.asset import AssetKey
from domain.traces import TraceOrigin
from tests.api.cli.conftest import PREVIEW, Run, Scripted
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal

JOB = {"id": "3fa1b2c3-0000-4000-8000-000000000001", "position": 1, "run": 2, "status": "running"}


@pytest.fixture(autouse=True)
def _nobody_at_the_default_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else runs on this machine: nothing listens at port 1, and it passes for the default."""
    monkeypatch.setenv("REELOG_URL", "")
    monkeypatch.setenv("REELOG_PORT", "1")


@pytest.fixture
def system() -> Iterator[System]:
    opened = open_system(load_settings(), provider="emulator")
    opened.projector.start()
    yield opened
    opened.close()


@pytest.fixture
def filming(system: System) -> PlannedFilming:
    return PlannedFilming(system)


def ended(filming: PlannedFilming, status: str, **changes: Any) -> UUID:
    if status == "failed":
        filming.faults["image:1"] = [refusal()]
    job_id = filming.submit(**changes)
    assert filming.finish(job_id) == status
    return job_id


# ---- in the store -----------------------------------------------------------------------------------


def test_a_retry_is_recorded_in_the_store_where_no_server_runs(run: Run, filming: PlannedFilming) -> None:
    job_id = ended(filming, "failed")

    done = run("retry", str(job_id), "--max-cost", "5")

    assert done.exit_code == 0, done.output
    assert done.stdout == f"{job_id}\n"
    assert "Made: image:1, " in done.stderr
    assert "Cost: about $" in done.stderr
    assert "`reelog serve --emulate` or `reelog work` must run to carry it out" in " ".join(
        done.stderr.split()
    )
    job = filming.studio.job(job_id)
    assert (job.status, job.run, job.max_cost_usd) == ("running", 2, 5)
    assert filming.finish(job_id) == "completed"


def test_what_is_recorded_there_is_part_of_the_trace_of_who_started_the_command(
    run: Run, filming: PlannedFilming, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(filming, "failed")
    own = TraceOrigin("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    monkeypatch.setenv("TRACEPARENT", own.handed_on("00f067aa0ba902b7"))

    assert run("retry", str(job_id), "--yes").exit_code == 0
    assert filming.studio.job(job_id).trace == own
    assert filming.finish(job_id) == "completed"
    for command in (("regenerate", "image:1"), ("scenes", "--text", "1=Another boat.")):
        monkeypatch.setenv("TRACEPARENT", own.handed_on("1" * 16))
        done = run(command[0], str(job_id), *command[1:], "--yes")
        assert done.exit_code == 0, done.output
        assert filming.studio.job(job_id).trace.parent_span_id == "1" * 16
        assert filming.finish(job_id) == "completed"
    monkeypatch.setenv("TRACEPARENT", "nonsense")
    assert run("regenerate", str(job_id), "image:1", "--yes").exit_code == 0
    assert filming.studio.job(job_id).trace == TraceOrigin(job_id.hex)


def test_a_regeneration_and_a_fork_are_recorded_there_too(run: Run, filming: PlannedFilming) -> None:
    job_id = ended(filming, "completed")

    again = run("regenerate", str(job_id)[:8], "image:1", "--prompt", "A quieter boat.", "--json")
    forked = run("fork", str(job_id), "--prompt", "image:2=A red boat.", "--yes")

    assert (again.exit_code, forked.exit_code) == (0, 0), again.output + forked.output
    assert json.loads(again.stdout)["run"] == 2
    asset = filming.studio.find_asset(job_id, AssetKey.parse("image:1"))
    assert asset is not None
    assert (asset.revision, asset.recipe.prompt_version) == (2, "edited")
    new = UUID(forked.stdout.strip())
    assert filming.studio.job(new).status == "queued"
    for done in (again, forked):
        assert "must run to carry it out" in " ".join(done.stderr.split())


@pytest.mark.parametrize("command", [["retry"], ["regenerate", "image:1"], ["fork"]], ids=lambda c: str(c[0]))
def test_a_dry_run_tells_the_price_and_records_nothing(
    run: Run, filming: PlannedFilming, command: list[str]
) -> None:
    job_id = ended(filming, "failed" if command[0] == "retry" else "completed")
    head = filming.head()
    done = run(command[0], str(job_id), *command[1:], "--dry-run", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["dry_run"] is True
    assert set(told["cost"]) == {"usd", "at_most_usd", "unpriced"}
    assert filming.head() == head


def test_a_job_of_a_real_provider_is_recorded_for_it(run: Run, filming: PlannedFilming) -> None:
    job_id = ended(filming, "failed", provider="gemini")
    done = run("retry", str(job_id))
    assert done.exit_code == 0, done.output
    assert "`reelog serve` or `reelog work` must run" in " ".join(done.stderr.split())
    assert filming.studio.job(job_id).run == 2


def test_a_cancellation_is_recorded_and_who_must_run_is_said(run: Run, filming: PlannedFilming) -> None:
    job_id = filming.submit()
    done = run("cancel", str(job_id))
    assert done.exit_code == 0, done.output
    assert "Cancellation requested" in done.stderr
    assert "must run to carry it out" in " ".join(done.stderr.split())
    assert filming.finish(job_id) == "cancelled"
    again = run("cancel", str(job_id))
    assert "It had ended before: cancelled." in again.stderr
    assert "must run" not in again.stderr


def test_a_film_is_renamed_in_the_store_where_no_server_runs(run: Run, filming: PlannedFilming) -> None:
    job_id = filming.submit()
    unnamed = run("rename", str(job_id), "")
    assert unnamed.stderr == "It has no name until its analysis gives it one.\n"
    done = run("rename", str(job_id), "Holidays by the sea")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "It is called Holidays by the sea.\n")
    assert filming.studio.job(job_id).title == "Holidays by the sea"
    assert filming.finish(job_id) == "completed"
    again = run("rename", str(job_id)[:8], "", "--json")
    assert json.loads(again.stdout)["title"] == "The Boat"
    refused = run("rename", str(job_id), "two\nlines")
    assert refused.exit_code == 2
    assert 'NAME is "two\\nlines": write one line, without control characters' in refused.stderr


def test_a_film_is_renamed_at_the_server_that_is_named(run: Run, scripted: Scripted) -> None:
    scripted.answer(f"/v1/jobs/{JOB['id']}", JOB | {"title": "Holidays"})
    done = run("rename", JOB["id"], "Holidays", "--url", scripted.url)
    assert (done.exit_code, done.stderr) == (0, "It is called Holidays.\n")
    assert [(one[0], one[3]) for one in scripted.asked] == [("PATCH", {"title": "Holidays"})]


def test_who_works_on_the_folder_already_need_not_be_started(
    run: Run, system: System, filming: PlannedFilming
) -> None:
    job_id = ended(filming, "failed")
    presence = announce(system.store, "emulator")
    try:
        done = run("retry", str(job_id))
    finally:
        presence.release()
    assert "the server that works there carries it out" in " ".join(done.stderr.split())
    assert "must run" not in done.stderr


def test_how_a_job_is_watched_that_is_recorded_in_the_store_can_be_typed(
    run: Run, filming: PlannedFilming
) -> None:
    job_id = ended(filming, "failed")
    done = run("retry", str(job_id))
    [hint] = [line for line in done.stderr.splitlines() if line.startswith("Watch it: ")]
    assert hint == f"Watch it: reelog events {job_id} -f"
    assert filming.finish(job_id) == "completed"
    assert run(*hint.split()[3:]).exit_code == 0


@pytest.mark.parametrize(("works", "said"), [(True, "the job goes on"), (False, "nobody works on it yet")])
def test_who_turns_away_is_told_whether_the_job_goes_on(
    run: Run,
    system: System,
    filming: PlannedFilming,
    monkeypatch: pytest.MonkeyPatch,
    works: bool,
    said: str,
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    job_id = ended(filming, "failed")
    monkeypatch.setattr("api.cli.jobs.Following.to_the_end", interrupted)
    presence = announce(system.store, "emulator") if works else None
    done = run("retry", str(job_id), "--watch")
    if presence is not None:
        presence.release()
    assert done.exit_code == 130, done.output
    turned, again, stop = done.stderr.splitlines()[-3:]
    assert turned == f"Turned away; {said}."
    assert again == f"  Watch it again: reelog events {job_id} -f"
    assert stop == f"  Stop it:        reelog cancel {job_id}"


def test_a_key_is_good_there_as_at_a_server(run: Run, filming: PlannedFilming) -> None:
    job_id = ended(filming, "failed")
    for _ in range(2):
        done = run("retry", str(job_id), "--idempotency-key", "k")
        assert done.exit_code == 0, done.output
    assert "Made: nothing." in done.stderr
    assert filming.studio.job(job_id).run == 2
    other = run("retry", str(job_id), "--idempotency-key", "k", "--max-cost", "1")
    assert other.exit_code == 2
    assert "came with another body before" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("retry", "{id}"), "The job is completed; only a failed or cancelled job can be retried."),
        (("regenerate", "{id}", "music", "--prompt", "x"), "music is made here and has no prompt"),
        (("regenerate", "{id}", "image:9"), "There is no asset"),
        (("regenerate", "{id}", "image:1", "--prompt", "A\0boat"), "prompt: the text holds characters that"),
        (("fork", "{id}", "--at", "999999"), "write a position that has happened"),
        (("fork", "{id}", "--fps", "7"), "24"),
        (("fork", "{id}", "--text-model", "gpt-9"), "these would do"),
        (("cancel", "99999999-0000-4000-8000-000000000001"), "there is no job"),
        (("retry", "99999999"), "no job's id begins with 99999999"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_server_s_words_and_exits_with_2(
    run: Run, filming: PlannedFilming, arguments: tuple[str, ...], why: str
) -> None:
    job_id = ended(filming, "completed")
    head = filming.head()
    done = run(*(argument.format(id=job_id) for argument in arguments))
    assert done.exit_code == 2, done.output
    assert why in " ".join(done.stderr.split())
    assert filming.head() == head


# ---- which one --------------------------------------------------------------------------------------


def test_a_server_at_the_default_address_is_asked_before_the_store(
    run: Run, scripted: Scripted, filming: PlannedFilming, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(filming, "failed")
    monkeypatch.setenv("REELOG_PORT", scripted.url.rpartition(":")[2])
    scripted.answer("/healthz", {"status": "alive"})
    scripted.answer(f"/v1/jobs/{job_id}/retry", PREVIEW)
    scripted.answer(f"/v1/jobs/{job_id}/retry", JOB, 202)

    done = run("retry", str(job_id))

    assert done.exit_code == 0, done.output
    assert "Made: image:1, video.\nKept: 1 asset.\n" in done.stderr
    assert filming.studio.job(job_id).run == 1
    previewed, begun = [asked for asked in scripted.asked if asked[0] == "POST"]
    assert (previewed[3], begun[3]) == ({"dry_run": True}, {})
    assert previewed[2]["Idempotency-Key"] == begun[2]["Idempotency-Key"]


@pytest.mark.parametrize("how", ["--url", "REELOG_URL", ".env"])
def test_a_named_server_that_is_not_there_is_not_replaced_by_the_store(
    run: Run, filming: PlannedFilming, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, how: str
) -> None:
    job_id = ended(filming, "failed")
    named = []
    if how == "--url":
        named = ["--url", "http://127.0.0.1:9"]
    elif how == "REELOG_URL":
        monkeypatch.setenv("REELOG_URL", "http://127.0.0.1:9")
    else:
        monkeypatch.delenv("REELOG_URL")
        (tmp_path / ".env").write_text("REELOG_URL=http://127.0.0.1:9\n", encoding="utf-8")
    for command in (["retry"], ["fork"], ["cancel"]):
        done = run(*command, str(job_id), *named)
        assert done.exit_code == 4, done.output
        assert "nothing answers at http://127.0.0.1:9" in done.stderr
    assert filming.studio.job(job_id).run == 1


def test_where_there_is_neither_server_nor_store_both_are_named(run: Run) -> None:
    done = run("retry", "latest")
    assert done.exit_code == 4
    for named in ("http://127.0.0.1:1", "reelog-data", "reelog serve", "REELOG_DATA_DIR"):
        assert named in done.stderr


def test_a_terminal_is_asked_before_a_retry_and_no_is_no(
    run: Run, filming: PlannedFilming, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(filming, "failed")
    asked = []
    monkeypatch.setattr(click, "confirm", lambda *words, **_: asked.append(words) or False)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    assert sys.stdin is not None

    done = run("retry", str(job_id))

    assert (done.exit_code, asked) == (3, [("Go on?",)])
    assert "Cost: about $" in done.stderr
    assert filming.studio.job(job_id).run == 1
    assert run("retry", str(job_id), "--yes").exit_code == 0
    assert filming.studio.job(job_id).run == 2


def test_both_targets_can_be_asked_for_the_same() -> None:
    asks = {name for name in vars(target.Target) if not name.startswith("_")}
    for kind in (target.ServerTarget, target.StoreTarget):
        assert asks - {"source"} <= set(vars(kind))
