"""ls, show and events, from the store itself.

The past was seen to fail when it is not cut at its position.
"""

import json
import threading
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from api.cli import store
from api.cli.errors import UnreachableError
from api.cli.store import StoreSource
from api.durations import duration
from domain.asset import AssetKey
from projections import tables
from tests.api.cli.conftest import Floor, Run, Scripted
from tests.projections.filming import outage, refusal


def test_reading_where_nothing_was_made_makes_nothing(run: Run, tmp_path: Path) -> None:
    listed = run("ls")
    shown = run("show", str(uuid4()))

    assert (listed.exit_code, listed.stdout) == (0, "")
    assert f"No jobs in {tmp_path}/reelog-data" in listed.stderr
    assert "--url" in listed.stderr
    assert shown.exit_code == 2
    assert "there is no event store at" in shown.stderr
    assert list(tmp_path.iterdir()) == []


def test_where_no_jobs_are_the_store_is_named_that_was_looked_at(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_STORE", f"sqlite:///{tmp_path}/elsewhere.db")
    monkeypatch.setenv("REELOG_PORT", "1")

    assert f"No jobs in {tmp_path}/elsewhere.db." in run("ls").stderr
    assert f"there is no event store in {tmp_path}/elsewhere.db" in run("cancel", "latest").stderr


@pytest.mark.parametrize("made", [False, True], ids=["no store", "an empty one"])
def test_where_no_jobs_are_a_server_that_runs_is_named(
    run: Run, scripted: Scripted, tmp_path: Path, request: pytest.FixtureRequest, made: bool
) -> None:
    (tmp_path / ".env").write_text(f"REELOG_PORT={scripted.url.rpartition(':')[2]}\n", encoding="utf-8")
    if made:
        request.getfixturevalue("floor")
    nobody = run("ls").stderr
    scripted.answer("/healthz", {"status": "alive"})

    listed = run("ls")

    assert "A server runs" not in nobody
    assert (listed.exit_code, listed.stdout) == (0, "")
    assert f"No jobs in {tmp_path}/reelog-data" in listed.stderr
    assert f"A server runs at {scripted.url}: reelog ls --url {scripted.url}" in listed.stderr


def test_the_papers_of_an_attempt_are_had_from_a_server_too(
    run: Run, scripted: Scripted, floor: Floor
) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = [replace(refusal(), raw_digest="sha256:bb")]
    floor.filming.finish(job_id)
    floor.settle()
    events = [json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()]
    scripted.answer(f"/v1/jobs/{job_id}/events", {"data": events, "has_more": False, "next": None})
    image = AssetKey.parse("image:1").id_in(job_id)
    path = f"/v1/assets/{image}/blobs/sha256:bb"
    scripted.answer(path, b'{"no": "<b>"}', content_type="text/plain")

    shown = run("show", str(job_id), "--asset", "image:1", "--raw", "--url", scripted.url)

    assert shown.exit_code == 0, shown.stderr
    assert '--- raw ---\n{"no": "<b>"}' in shown.stdout
    scripted.answers[path] = []
    scripted.answer(path, {"detail": "The job was pruned at dawn."}, 410)
    gone = run("show", str(job_id), "--asset", "image:1", "--raw", "--url", scripted.url)
    assert gone.exit_code == 2
    assert "The job was pruned at dawn." in gone.stderr


def test_ls_lists_jobs_newest_first(run: Run, floor: Floor) -> None:
    first, second = floor.filming.submit(), floor.filming.submit()
    floor.filming.finish(first)

    lines = run("ls").stdout.splitlines()

    assert [line.split()[:2] for line in lines[1:]] == [
        [str(second)[:8], "queued"],
        [str(first)[:8], "completed"],
    ]
    assert "The Boat" in lines[2]
    assert run("ls", "--wide").stdout.splitlines()[1].split()[0] == str(second)


def test_ls_as_json_is_one_job_a_line(run: Run, floor: Floor) -> None:
    jobs = [floor.filming.submit() for _ in range(3)]
    floor.filming.finish(jobs[0])

    newest = run("ls", "--json", "--limit", "2").stdout.splitlines()
    done = run("ls", "--json", "--status", "completed").stdout.splitlines()

    assert [json.loads(line)["id"] for line in newest] == [str(jobs[2]), str(jobs[1])]
    assert [json.loads(line)["id"] for line in done] == [str(jobs[0])]


def test_what_nobody_had_projected_is_projected_before_it_is_read(run: Run, floor: Floor) -> None:
    floor.system.projector.close()
    job_id = floor.filming.submit()

    assert json.loads(run("show", str(job_id), "--json").stdout)["status"] == "queued"


def test_show_tells_a_job_on_a_page(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.finish(job_id)

    page = run("show", str(job_id)).stdout

    for wanted in ("completed", str(job_id), "The Boat", "EMULATOR", "Images", "100 %", "Words of scene 2."):
        assert wanted in page


def test_show_at_a_past_event_is_the_job_as_it_was(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "image:1")
    then = floor.filming.head()
    floor.settle()
    before = json.loads(floor.system.readers.job(job_id) or b"")
    floor.filming.finish(job_id)

    past = json.loads(run("show", str(job_id), "--at", str(then), "--json").stdout)

    assert past == before
    assert past["status"] == "running"


def test_the_picture_of_a_past_state_does_not_grow_older(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    submitted_at = floor.filming.now
    floor.filming.until_made(job_id, "image:1")
    then = floor.filming.head()
    waited = duration((floor.filming.now - submitted_at).total_seconds())

    totals = next(
        line for line in run("show", str(job_id), "--at", str(then)).stdout.splitlines() if "%" in line
    )

    assert f" {waited} " in totals


def test_positions_that_cannot_be_shown_are_told(run: Run, floor: Floor) -> None:
    floor.filming.submit()
    job_id = floor.filming.submit()

    beyond = run("show", str(job_id), "--at", "99")
    before = run("show", str(job_id), "--at", "1")

    assert (beyond.exit_code, before.exit_code) == (2, 2)
    assert "--at is 99, and the log ends at 2; write a position that has happened" in beyond.stderr
    assert "did not exist at position 1" in before.stderr


def test_events_are_the_timeline_as_it_is_told_everywhere(run: Run, floor: Floor) -> None:
    floor.filming.submit()
    job_id = floor.filming.submit()
    floor.filming.finish(job_id)
    floor.settle()
    entries, _ = floor.system.readers.entries(after=0, limit=1000, job_ids=[job_id])

    told = run("events", str(job_id), "--json").stdout.splitlines()

    assert [line.encode() for line in told] == [entry.body for entry in entries]


def test_events_for_people_are_a_line_each_and_can_begin_later(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = [outage(), refusal()]
    floor.filming.finish(job_id)
    after = floor.filming.head() - 2

    lines = run("events", str(job_id), "--after", str(after)).stdout.splitlines()

    assert len(lines) == 2
    assert lines[-1].split()[0] == str(floor.filming.head())
    assert "Job failed: safety" in lines[-1]


def test_following_the_store_tells_what_comes_until_the_job_has_ended(floor: Floor) -> None:
    job_id = floor.filming.submit()
    crew = threading.Thread(target=floor.filming.finish, args=(job_id,), daemon=True)
    source = StoreSource(floor.system)
    floor.settle()

    followed = source.follow(job_id, 0)
    first = next(told for told in followed if told is not None)
    crew.start()
    rest = [told["position"] for told in followed if told is not None]
    crew.join()

    assert first["type"] == "job.submitted"
    assert rest == [told["position"] for told in source.events(job_id, first["position"])]
    assert rest[-1] == floor.filming.head()


def test_following_goes_beyond_the_end_of_an_earlier_run(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = [refusal()]
    assert floor.filming.finish(job_id) == "failed"
    floor.filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=floor.filming.now))
    assert floor.filming.finish(job_id) == "completed"
    floor.settle()

    types = [told["type"] for told in StoreSource(floor.system).follow(job_id, 0) if told]

    assert types[-1] == "job.completed"
    assert types.index("job.failed") < types.index("job.reopened")


def test_a_projector_that_has_stopped_is_told_and_not_waited_for(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.settle()
    floor.system.projector.close()
    with floor.system.database.write() as transaction:
        transaction.run("UPDATE read_models SET stopped = 'event 7 cannot be folded'")

    with pytest.raises(UnreachableError, match="at position 1 of 1: event 7 cannot be folded"):
        list(StoreSource(floor.system).follow(job_id, 0))


def test_a_server_is_asked_when_one_is_named(run: Run, scripted: Scripted, floor: Floor) -> None:
    floor.filming.submit()
    scripted.answer("/v1/jobs", {"data": [], "has_more": False, "next": None})

    listed = run("ls", "--url", scripted.url)

    assert listed.stderr == "No jobs.\n"


@pytest.mark.parametrize("how", ["the environment", ".env"])
def test_a_server_that_settings_name_is_asked_too(
    run: Run, scripted: Scripted, floor: Floor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    job_id = floor.filming.submit()
    if how == ".env":
        (tmp_path / ".env").write_text(f"REELOG_URL={scripted.url}\n", encoding="utf-8")
    else:
        monkeypatch.setenv("REELOG_URL", scripted.url)
    scripted.answer("/v1/jobs", {"data": [], "has_more": False, "next": None})
    scripted.answer("/v1/models", {"data": [], "voices": [], "stages": [], "source": "provider"})

    listed = run("ls")
    asked = [run(*arguments).exit_code for arguments in (("show", "latest"), ("models", "--json"))]

    assert (listed.stdout, listed.stderr) == ("", "No jobs.\n")
    assert asked == [2, 0]
    assert [path.partition("?")[0] for _, path, *_ in scripted.asked] == ["/v1/jobs"] * 2 + ["/v1/models"]
    monkeypatch.setenv("REELOG_URL", "")
    assert str(job_id)[:8] in run("ls").stdout


def test_a_server_of_another_version_that_keeps_the_read_models_is_told_and_not_waited_for(
    run: Run, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.filming.submit()
    floor.settle()
    monkeypatch.setattr(tables, "FOLD", "next")  # the projector of the floor began with the one before
    monkeypatch.setattr(store, "BEGUN_S", 1.0)

    refused = run("ls")

    assert (refused.exit_code, refused.stdout) == (4, "")
    assert "a server of another version of Reelog keeps the read models in" in refused.stderr
    assert "Restart it with this version" in refused.stderr
