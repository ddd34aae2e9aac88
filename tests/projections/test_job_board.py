"""What a job's page says after given events."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey
from domain.submission import Options
from projections.job_fold import JobFold, with_scenes
from projections.wire import encode
from tests.projections.filming import Filming, outage, refusal


def fold(filming: Filming, job_id: UUID) -> JobFold:
    return JobFold.of(r for r in filming.log.read(0, 10_000) if r.event.job_id == job_id)


def page(filming: Filming, job_id: UUID) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(encode(fold(filming, job_id).page()))
    return shown


def stages(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {stage["name"]: stage for stage in shown["stages"]}


def test_a_submitted_job_is_queued_and_nothing_is_known_of_its_scenes(filming: Filming) -> None:
    shown = page(filming, filming.submit(metadata={"order": "A-1"}, max_cost_usd=2.5))
    assert shown["status"] == "queued"
    assert shown["progress"] == 0.0
    assert shown["eta_s"] is None
    assert shown["stage"] is None
    assert shown["started_at"] is None
    assert shown["scenes"] == []
    assert shown["metadata"] == {"order": "A-1"}
    assert shown["cost"]["max_usd"] == 2.5
    assert shown["position"] == 1
    assert stages(shown)["script_analysis"]["assets"] == 1
    assert stages(shown)["image_generation"]["assets"] is None
    assert {stage["status"] for stage in shown["stages"]} == {"pending"}


def test_a_scene_shows_all_of_its_pictures_and_the_first_as_its_image(filming: Filming) -> None:
    filming.beats = 3
    job_id = filming.submit()
    filming.until_made(job_id, "image:1")
    shown = page(filming, job_id)
    assert stages(shown)["image_generation"]["assets"] == 6
    for scene in shown["scenes"]:
        assert [image["beat"] for image in scene["images"]] == [1, 2, 3]
        assert scene["image"] == {name: scene["images"][0][name] for name in ("id", "status", "revision")}
    ids = [UUID(image["id"]) for image in shown["scenes"][0]["images"]]
    assert ids == [AssetKey.parse(name).id_in(job_id) for name in ("image:1", "image:1.2", "image:1.3")]
    stored = fold(filming, job_id)
    scenes = [scene for _, scene in stored.take_scenes().changed]
    assert with_scenes(stored.body(), scenes) == encode(stored.page())


def test_a_scene_of_one_picture_shows_it_in_both_places(filming: Filming) -> None:
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    [first, _] = page(filming, job_id)["scenes"]
    assert first["images"] == [{"beat": 1, **first["image"]}]


def test_a_running_job_shows_the_stage_it_is_at_and_its_scenes(filming: Filming) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "image:1")
    shown = page(filming, job_id)
    assert shown["status"] == "running"
    assert shown["title"] == "The Boat"
    assert shown["language"] == "en"
    assert shown["stage"] == "image_generation"
    assert stages(shown)["image_generation"]["assets"] == 2
    assert stages(shown)["image_generation"]["elapsed_s"] is None
    assert [scene["text"] for scene in shown["scenes"]] == ["Words of scene 1.", "Words of scene 2."]
    assert shown["scenes"][0]["image"]["status"] == "generated"
    assert shown["scenes"][0]["clip"]["status"] == "pending"
    assert shown["links"]["video"] is None
    assert 0 < shown["progress"] < 1


def test_a_completed_job_is_at_one_and_links_to_its_film(filming: Filming) -> None:
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    shown = page(filming, job_id)
    assert shown["progress"] == 1.0
    assert shown["eta_s"] == 0.0
    assert shown["stage"] is None
    assert shown["finished_at"] is not None
    assert shown["failure"] is None
    assert {stage["status"] for stage in shown["stages"]} == {"completed"}
    assert all(stage["done"] == stage["assets"] for stage in shown["stages"])
    for name in ("video", "poster", "captions", "manifest"):
        assert shown["links"][name].endswith("/content")


def test_costs_add_up_over_stages(filming: Filming) -> None:
    job_id = filming.submit()
    filming.finish(job_id)
    shown = page(filming, job_id)
    paid = 1 + 1 + 2 + 1 + 2
    assert shown["cost"] == {
        "usd": 0.01 * paid,
        "unknown_usd": 0.0,
        "reserved_usd": 0.0,
        "max_usd": None,
        "tokens": 150 * paid,
        "requests": paid,
        "unpriced": 0,
        "lost_calls": 0,
    }
    assert sum(stage["requests"] for stage in shown["stages"]) == paid
    assert stages(shown)["composition"]["cost_usd"] == 0.0


def test_what_was_reserved_for_a_call_of_which_nobody_learnt_the_cost_is_told_beside_what_it_cost(
    filming: Filming,
) -> None:
    filming.unlearnt = {"image:1"}
    job_id = filming.submit()
    filming.finish(job_id)
    cost = page(filming, job_id)["cost"]
    assert (cost["usd"], cost["unknown_usd"], cost["unpriced"]) == (0.06, 0.02, 1)


def test_an_attempt_in_flight_is_reserved(filming: Filming) -> None:
    job_id = filming.submit()
    key_events = filming.log.read(0, 100)
    assert len(key_events) == 1
    filming.until_made(job_id, "analysis")
    events = [r for r in filming.log.read(0, 100) if r.position <= 4]
    assert JobFold.of(events).page()["cost"]["reserved_usd"] == 0.02


def test_a_failed_job_tells_the_failure_and_where_it_stopped(filming: Filming) -> None:
    filming.faults["image:2"] = [outage(), refusal()]
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    shown = page(filming, job_id)
    assert shown["failure"]["code"] == "safety"
    assert shown["failure"]["asset"] == "image:2"
    assert shown["failure"]["hint"]
    assert shown["stage"] == "image_generation"
    assert stages(shown)["image_generation"]["status"] == "failed"
    assert stages(shown)["image_generation"]["elapsed_s"] > 0
    assert shown["eta_s"] is None
    assert shown["progress"] < 1
    assert shown["scenes"][1]["image"]["status"] == "failed"


def test_what_was_not_begun_when_the_job_ended_is_withdrawn_not_failed(filming: Filming) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "storyboard")
    filming.step(job_id)
    filming.studio.change_job(job_id, lambda job: job.request_cancel(now=filming.tick(1)))
    assert filming.finish(job_id) == "cancelled"
    shown = page(filming, job_id)
    assert shown["cancel_requested"]
    states = {scene["image"]["status"] for scene in shown["scenes"]}
    assert "failed" not in states
    assert {s["status"] for s in shown["stages"]} <= {"completed", "stopped", "pending"}


def test_a_retried_job_starts_at_zero_and_keeps_what_was_made(filming: Filming) -> None:
    filming.faults["image:2"] = [refusal()]
    job_id = filming.submit()
    filming.finish(job_id)
    before = page(filming, job_id)
    filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(5)))
    reopened = page(filming, job_id)
    assert (reopened["run"], reopened["status"], reopened["progress"]) == (2, "running", 0.0)
    assert reopened["finished_at"] is None
    assert reopened["failure"] is None
    assert reopened["scenes"][0]["image"] == before["scenes"][0]["image"]
    assert filming.finish(job_id) == "completed"
    after = page(filming, job_id)
    assert after["progress"] == 1.0
    assert after["scenes"][1]["image"]["revision"] == 2
    assert after["scenes"][0]["image"]["revision"] == 1


def test_stages_that_the_options_leave_out_are_skipped(filming: Filming) -> None:
    silent = Options(include_audio=False).model_dump(mode="json")
    job_id = filming.submit(options=silent)
    assert filming.finish(job_id) == "completed"
    shown = page(filming, job_id)
    skipped = {name for name, stage in stages(shown).items() if stage["status"] == "skipped"}
    assert skipped == {"audio_planning", "narration", "music"}
    assert shown["scenes"][0]["narration"] is None


def test_the_page_depends_on_the_events_alone(
    filming: Filming,
) -> None:
    """Folded in another process, in another time zone and hash order: the same bytes."""
    filming.faults["narration:1"] = [outage()]
    job_id = filming.submit()
    filming.finish(job_id)
    here = encode(fold(filming, job_id).page())
    code = (
        "import sys; from domain.store import EventLog;"
        "from domain.store import open_event_store;"
        "from domain.store import Studio; from projections.job_fold import JobFold, with_scenes;"
        "from projections.wire import encode; store = open_event_store(sys.argv[1]); studio = Studio(store);"
        "fold = JobFold.of(EventLog(studio).read(0, 10_000));"
        "sys.stdout.buffer.write(encode(fold.page()))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code, filming.store.url],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert there.stdout == here


def test_time_is_told_by_what_it_went_into_and_a_later_run_has_its_own(filming: Filming) -> None:
    job_id, studio = filming.submit(), filming.studio
    queued = page(filming, job_id)
    assert queued["elapsed"]["since"] == queued["created_at"]
    filming.tick(5)
    filming.until_made(job_id, "analysis")
    studio.change_job(job_id, lambda job: job.request_review("script", now=filming.tick(2)))
    waiting = page(filming, job_id)["elapsed"]
    worked = waiting["running_s"]
    assert waiting["queued_s"] == pytest.approx(5, abs=0.1)
    assert waiting["awaiting_review_s"] == 0
    assert datetime.fromisoformat(waiting["since"]) == filming.now

    studio.change_job(job_id, lambda job: job.approve(now=filming.tick(3600)))
    approved = page(filming, job_id)["elapsed"]
    assert approved == waiting | {"awaiting_review_s": 3600.0, "since": approved["since"]}
    approved_at = filming.now
    filming.finish(job_id)
    ended = page(filming, job_id)["elapsed"]
    assert ended["running_s"] == pytest.approx(worked + (filming.now - approved_at).total_seconds(), abs=0.1)
    assert (ended["awaiting_review_s"], ended["since"]) == (3600.0, None)
    filming.rename(job_id, "Another name")
    assert page(filming, job_id)["elapsed"] == ended

    filming.tick(86_400)
    studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.tick(1)))
    nothing = {"queued_s": 0.0, "running_s": 0.0, "awaiting_review_s": 0.0}
    again = page(filming, job_id)["elapsed"]
    assert datetime.fromisoformat(again["since"]) == filming.now
    assert again == nothing | {"since": again["since"]}
