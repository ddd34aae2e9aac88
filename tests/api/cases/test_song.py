"""Music by a model: what is refused, what it costs, and what another voice, model or length makes anew."""

from typing import Any
from uuid import UUID

import pytest

from api.cases.errors import Faults
from api.cases.estimate import EstimateRequest, estimate
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from domain.asset import AssetKey
from domain.submission import Models, Options
from tests.api.cases.conftest import Studio

LYRIA = "lyria-3.5"
SONG = {"models": {"music": LYRIA}}
PLAYED = Models(music=LYRIA).named(Options())


def reckoned(studio: Studio, **changes: Any) -> dict[str, Any]:
    return estimate(studio.system, EstimateRequest({"script": "A boat sets out."} | changes)).to_json()


def faults(studio: Studio, **changes: Any) -> dict[str, str]:
    with pytest.raises(Faults) as refused:
        reckoned(studio, **changes)
    return {fault.pointer: fault.message for fault in refused.value.errors}


def forked(studio: Studio, job_id: UUID, **changes: Any) -> dict[str, Any]:
    result = fork(studio.system, ForkRequest(job_id, Fork(changes=changes, dry_run=True)))
    assert isinstance(result, Preview)
    return result.to_json()


def made_again(studio: Studio, job_id: UUID, name: str) -> dict[str, Any]:
    asset_id = AssetKey.parse(name).id_in(job_id)
    result = regenerate(studio.system, RegenerateRequest(asset_id, Regenerate(dry_run=True)))
    assert isinstance(result, Preview)
    return result.to_json()


def stage(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(stage for stage in told["stages"] if stage["name"] == name)


# ---- at the door ------------------------------------------------------------------------------------


def test_a_model_that_makes_no_music_is_refused_with_those_that_would_do(studio: Studio) -> None:
    for name in ("gemini-3.8-flash", "lyria-9"):
        said = faults(studio, models={"music": name})["/models/music"]
        assert f"models.music is '{name}'" in said
        assert "lyria-3.5, lyria-3-clip-preview" in said


@pytest.mark.parametrize("silent", [{"music": False}, {"include_audio": False}])
def test_a_model_for_music_that_nobody_hears_is_refused(studio: Studio, silent: dict[str, bool]) -> None:
    said = faults(studio, **SONG, options=silent)["/models/music"]
    assert "there is no music to compose; set music and include_audio to true, or leave it out" in said


def test_the_old_sdk_is_told_at_the_door_to_ask_for_no_music(open_studio: Any) -> None:
    studio = open_studio(GEMINI_SDK="google-generativeai")
    assert "google-generativeai asks no model for music" in faults(studio, **SONG)["/models/music"]


def test_no_budget_can_be_kept_where_a_song_has_no_price(studio: Studio) -> None:
    del studio.system.prices._models[LYRIA]
    assert "lyria-3.5 has no known price" in faults(studio, **SONG, max_cost_usd=1.0)["/max_cost_usd"]


# ---- what it costs ----------------------------------------------------------------------------------


def test_an_estimate_says_what_a_song_costs_before_it_is_chosen(studio: Studio) -> None:
    played, synthesised = reckoned(studio, **SONG), reckoned(studio)
    assert (stage(synthesised, "music")["model"], stage(synthesised, "music")["requests"]) == (None, 0)
    row = stage(played, "music")
    assert (row["model"], row["requests"], row["cost"]["usd"], row["cost"]["at_most_usd"]) == (
        LYRIA,
        1,
        0.08,
        0.08,
    )
    assert played["cost"]["usd"] - synthesised["cost"]["usd"] == pytest.approx(0.08)


# ---- what is made anew ------------------------------------------------------------------------------


def test_a_voice_that_is_spoken_anew_pays_for_no_other_song(studio: Studio) -> None:
    told = made_again(studio, studio.completed(models=PLAYED), "narration:1")
    assert "soundtrack" in told["redone"]
    assert "music" in told["reused"]
    assert "music" in made_again(studio, studio.completed(), "narration:1")["redone"]


def test_another_voice_keeps_the_song_and_another_audio_plan_does_not(studio: Studio) -> None:
    job_id = studio.completed(models=PLAYED)
    told = forked(studio, job_id, options={"voice": "Puck"})
    assert "narration:1" in told["redone"]
    assert "music" in told["reused"]
    assert "music" in made_again(studio, job_id, "audio_plan")["redone"]


def test_a_song_takes_the_synthesisers_place_for_its_price_and_the_other_way_round(studio: Studio) -> None:
    to_song = forked(studio, studio.completed(), **SONG)
    assert {"music", "soundtrack"} <= set(to_song["redone"])
    assert not {"narration:1", "image:1"} & set(to_song["redone"])
    assert to_song["cost"]["usd"] == 0.08
    back = forked(studio, studio.completed(models=PLAYED), models={"music": None})
    assert {"music", "soundtrack"} <= set(back["redone"])
    assert back["cost"]["usd"] == 0.0


def test_another_song_is_a_new_revision_at_its_price(studio: Studio) -> None:
    told = made_again(studio, studio.completed(models=PLAYED), "music")
    assert set(told["redone"]) == {"music", "soundtrack", "video", "manifest"}
    assert told["cost"]["at_most_usd"] == 0.08
