"""What a job would cost and take, told before it is submitted."""

from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.planned import PlannedFilming

SCRIPT = "A boat sets out at dawn. " * 30
BODY = {"script": SCRIPT}


def estimate(site: Site, **changes: Any) -> dict[str, Any]:
    answer = site.client.post("/v1/estimate", json=BODY | changes)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def stages(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {stage["name"]: stage for stage in told["stages"]}


def test_before_anything_was_made_the_figures_rest_on_lists_and_time_is_not_known(site: Site) -> None:
    head = site.system.log.head()
    told = estimate(site)
    assert (told["basis"], told["seconds"], told["scenes"], told["images"]) == ("list", None, 6, 12)
    assert 0 < told["cost"]["usd"] < told["cost"]["at_most_usd"]
    assert told["cost"]["unpriced"] == 0
    by_name = stages(told)
    assert (by_name["image_generation"]["requests"], by_name["image_generation"]["basis"]) == (12, "list")
    assert by_name["music"]["cost"] == {"usd": 0.0, "at_most_usd": 0.0, "unpriced": 0}
    assert by_name["music"]["basis"] is None
    assert told["cost"]["usd"] == pytest.approx(sum(s["cost"]["usd"] for s in told["stages"]))
    assert site.system.log.head() == head


def test_once_a_film_was_made_the_figures_rest_on_what_it_took(site: Site) -> None:
    filming = PlannedFilming(site.system)
    listed = estimate(site)
    assert filming.finish(filming.submit()) == "completed"
    site.settle()
    told = estimate(site)
    assert told["basis"] == "measured"
    assert {s["basis"] for s in told["stages"]} == {"measured", None}
    assert told["cost"]["usd"] != listed["cost"]["usd"]
    # The analysis, then pictures beside voices, then, two at a time, all that is rendered, and the film.
    latency = filming.latency_s
    rendered = 1 + 6 + 5 + 3  # music, clips, transitions; soundtrack, captions, poster
    assert told["seconds"] == pytest.approx(latency * (3 + rendered / 2 + 2), abs=0.1)


def test_the_number_of_pictures_is_told_and_limited_and_each_costs(site: Site) -> None:
    usual, few = estimate(site), estimate(site, options={"max_images": 3})
    assert (few["images"], few["scenes"]) == (3, 3)
    assert stages(few)["image_generation"]["requests"] == 3
    drawn = [stages(told)["image_generation"]["cost"] for told in (few, usual)]
    assert drawn[0]["usd"] * usual["images"] == pytest.approx(drawn[1]["usd"] * 3, rel=1e-3)
    assert drawn[0]["at_most_usd"] < drawn[1]["at_most_usd"]
    refused = site.client.post("/v1/estimate", json=BODY | {"options": {"max_images": 0}})
    assert refused.json()["errors"][0]["pointer"] == "/options/max_images"


def test_a_longer_script_costs_more_and_no_narration_costs_less(site: Site) -> None:
    usual = estimate(site)["cost"]["usd"]
    assert estimate(site, script=SCRIPT * 2)["cost"]["usd"] > usual
    silent = estimate(site, options={"include_audio": False})
    assert silent["cost"]["usd"] < usual
    assert {"narration", "audio_planning", "music"}.isdisjoint(stages(silent))


def test_models_without_a_price_are_counted_and_never_free(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = site.system.prices.price
    monkeypatch.setattr(
        type(site.system.prices),
        "price",
        lambda _, model, at: None if "banana" in model else known(model, at),
    )
    told = estimate(site)
    drawn = stages(told)["image_generation"]
    assert drawn["cost"] == {"usd": None, "at_most_usd": None, "unpriced": 12}
    assert (told["cost"]["unpriced"], told["cost"]["at_most_usd"]) == (12, None)
    assert told["cost"]["usd"] > 0
    refused = site.client.post("/v1/estimate", json=BODY | {"max_cost_usd": 5})
    assert (refused.status_code, refused.json()["code"]) == (422, "unpriced_model")
    assert "gemini-nano-banana-2.1 has no known price" in refused.json()["errors"][0]["message"]
    assert site.client.post("/v1/jobs", json=BODY | {"max_cost_usd": 5}).json()["code"] == "unpriced_model"


def test_what_submit_refuses_the_estimate_refuses(site: Site) -> None:
    for body in (
        {"script": " "},
        {"script": "x", "models": {"image": "none"}},
        {"script": "x", "allow_fallback": True},
    ):
        one, other = (site.client.post(path, json=body) for path in ("/v1/estimate", "/v1/jobs"))
        assert one.status_code == other.status_code == 422
        assert one.json()["errors"] == other.json()["errors"]


@pytest.mark.slow
def test_the_worst_case_is_never_less_than_what_the_director_reserves(site: Site) -> None:
    filming = PlannedFilming(site.system)
    job_id = filming.submit(script=SCRIPT)
    assert filming.finish(job_id) == "completed"
    job = filming.studio.job(job_id)
    reserved = sum(a.recipe.reservation_usd or 0 for a in filming.studio.assets(job).values())
    assert reserved <= estimate(site)["cost"]["at_most_usd"]
