"""Films whose pictures move: what is refused at the door, what is told before it is paid, what is shown."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import MODELS

SCRIPT = "A boat sets out at dawn. It comes home at night. " * 12
MOVING = {"motion": "generated"}


def refused(site: Site, **changes: Any) -> dict[str, str]:
    answer = site.client.post("/v1/jobs", json={"script": SCRIPT} | changes)
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["message"] for error in answer.json()["errors"]}


def estimate(site: Site, **changes: Any) -> dict[str, Any]:
    answer = site.client.post("/v1/estimate", json={"script": SCRIPT} | changes)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_moving_film_records_who_films_it(site: Site) -> None:
    answer = site.client.post("/v1/jobs", json={"script": SCRIPT, "options": MOVING})
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert job["options"]["motion"] == "generated"
    assert job["models"]["video"] == "gemini-omni-1.2-flash"
    assert "video_generation" in [stage["name"] for stage in job["stages"]]


def test_a_film_over_which_the_camera_moves_asks_nobody_and_has_no_such_stage(site: Site) -> None:
    job = site.client.post("/v1/jobs", json={"script": SCRIPT}).json()
    assert job["options"]["motion"] == "camera"
    assert "video" not in job["models"]
    assert "video_generation" not in [stage["name"] for stage in job["stages"]]


def test_a_square_film_is_refused_with_what_can_move(site: Site) -> None:
    told = refused(site, options=MOVING | {"aspect_ratio": "1:1"})
    assert list(told) == ["/options/motion"]
    assert "set aspect_ratio to 16:9 or 9:16, or motion to camera" in told["/options/motion"]


@pytest.mark.parametrize("options", [MOVING, {}])
def test_a_model_that_cannot_film_is_refused_with_those_that_can(site: Site, options: dict[str, str]) -> None:
    told = refused(site, models={"video": "gemini-3.8-flash"}, options=options)
    assert "these would do: gemini-omni-1.2-flash, gemini-omni-1.1-flash" in told["/models/video"]


def test_an_sdk_that_asks_for_no_shots_is_refused_by_name(open_site: Callable[..., Site]) -> None:
    site = open_site(GEMINI_SDK="google-generativeai")
    told = refused(site, options=MOVING)
    assert (
        "google-generativeai cannot ask for shots; set REELOG_GEMINI_SDK=google-genai"
        in (told["/options/motion"])
    )


def test_a_budget_needs_a_model_whose_price_is_known(open_site: Callable[..., Site]) -> None:
    site = open_site()
    told = refused(site, models={"video": "gemini-omni-9"}, options=MOVING, max_cost_usd=5)
    assert "/models/video" in told


def test_what_motion_costs_is_told_before_it_is_chosen(site: Site) -> None:
    still, moving = estimate(site), estimate(site, options=MOVING)
    assert still["motion"] == moving["motion"]
    shots = still["motion"]
    assert (shots["model"], shots["shots"]) == ("gemini-omni-1.2-flash", still["images"])
    [stage] = [stage for stage in moving["stages"] if stage["name"] == "video_generation"]
    assert (stage["cost"], stage["assets"], stage["basis"]) == (shots["cost"], shots["shots"], "list")
    # What moves takes a little more to be said, and is answered by the same calls.
    assert moving["cost"]["usd"] == pytest.approx(still["cost"]["usd"] + shots["cost"]["usd"], rel=0.01)
    assert shots["cost"]["usd"] > 3 * still["cost"]["usd"]
    assert shots["cost"]["usd"] < shots["cost"]["at_most_usd"]


def test_its_price_goes_by_size(site: Site) -> None:
    low, usual = (estimate(site, options=MOVING | {"quality": q})["motion"] for q in ("low", "medium"))
    assert usual["cost"]["usd"] / low["cost"]["usd"] == pytest.approx(3, rel=0.1)
    assert estimate(site, options={"aspect_ratio": "1:1"})["motion"] is None


def test_scenes_show_their_shots_beside_their_pictures(site: Site) -> None:
    filming = PlannedFilming(site.system)
    job_id = filming.submit(options=MOVING, models=MODELS | {"video": "gemini-omni-1.2-flash"})
    assert filming.finish(job_id) == "completed"
    site.settle()
    job = site.client.get(f"/v1/jobs/{job_id}").json()
    for scene in job["scenes"]:
        [shot] = scene["shots"]
        assert scene["shot"] == {name: shot[name] for name in ("id", "status", "revision")}
        assert (shot["beat"], shot["status"]) == (1, "generated")
    events = site.client.get(f"/v1/jobs/{job_id}/events", params={"limit": 500}).json()["data"]
    told = [e["message"] for e in events if e["type"] == "asset.generated" and e["asset"]["kind"] == "shot"]
    assert all(" shot filmed by gemini-omni-1.2-flash in " in message for message in told)
    assert len(told) == len(job["scenes"])
    still = filming.submit()
    assert filming.finish(still) == "completed"
    site.settle()
    scenes = site.client.get(f"/v1/jobs/{still}").json()["scenes"]
    assert [(scene["shot"], scene["shots"]) for scene in scenes] == [(None, [])] * len(scenes)


def test_a_fork_that_moves_keeps_the_pictures_of_a_film_that_does_not(site: Site) -> None:
    filming = PlannedFilming(site.system)
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    site.settle()
    answer = site.client.post(
        f"/v1/jobs/{job_id}/fork", json={"changes": {"options": MOVING}, "dry_run": True}
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert "storyboard" in told["redone"]
    assert {"shot:1", "shot:2", "clip:1"} <= set(told["redone"])
    assert "narration:1" in told["reused"]
    assert told["cost"]["usd"] > 0.3
    assert UUID(told["source"]) == job_id
