"""What an author gave, in a fork: given again for nothing, or refused by the change that it does not go with.

Seen to fail with pointers into the submission of the source, and with a price of all that is not kept.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey, Product
from domain.script import PROVIDER_KINDS
from tests.actors.files.material import clip, photo, sound, tone, words
from tests.api.conftest import Site
from tests.api.http.own_files import asset_of, sent
from tests.api.planned import PlannedFilming

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("opening_here")]

TEXTS = ["A boat leaves the harbour at dawn.", "Gulls follow it far out to the open sea."]


@pytest.fixture
def picture(site: Site, tmp_path: Path) -> str:
    return sent(site, photo(tmp_path / "a.jpg"))  # four by three


def submitted(site: Site, **body: Any) -> UUID:
    answer = site.client.post("/v1/jobs", json=body)
    assert answer.status_code == 201, answer.text
    site.settle()
    return UUID(answer.json()["id"])


def finished(site: Site, filming: PlannedFilming, job_id: UUID) -> UUID:
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def fork(site: Site, source: UUID, changes: dict[str, Any], *, dry_run: bool = False) -> Any:
    return site.client.post(f"/v1/jobs/{source}/fork", json={"changes": changes, "dry_run": dry_run})


def refused(site: Site, source: UUID, changes: dict[str, Any], *, dry_run: bool = True) -> dict[str, str]:
    answer = fork(site, source, changes, dry_run=dry_run)
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]}


def previewed(site: Site, source: UUID, **changes: Any) -> dict[str, Any]:
    answer = fork(site, source, changes, dry_run=True)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert not set(told["reused"]) & set(told["redone"])
    return told


def paid(names: list[str]) -> set[str]:
    return {name for name in names if AssetKey.parse(name).kind in PROVIDER_KINDS} - {"music"}


def called(site: Site, job_id: UUID) -> set[str]:
    """What models were asked for."""
    assets = site.system.studio.assets(site.system.studio.job(job_id))
    return {key.name for key, asset in assets.items() if asset.requests}


# ---- what does not fit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_shape_into_which_a_given_picture_does_not_go_is_what_is_wrong(
    site: Site, picture: str, dry_run: bool
) -> None:
    source = submitted(site, scenes=[{"text": TEXTS[0]}, {"text": TEXTS[1], "image": picture}])
    head = site.system.log.head()
    [(pointer, message)] = refused(
        site, source, {"options": {"aspect_ratio": "9:16"}}, dry_run=dry_run
    ).items()
    assert pointer == "/changes/options/aspect_ratio"
    assert "image of scene 2: Of the picture (1600x1200) only 42% would be left" in message
    assert "leave options.aspect_ratio as in the source, or submit the film anew" in message
    assert site.system.log.head() == head


def test_of_two_changes_that_may_be_wrong_what_holds_both_is_named(site: Site, picture: str) -> None:
    source = submitted(site, scenes=[{"text": TEXTS[0], "image": picture}])
    changes = {"options": {"aspect_ratio": "9:16", "resolution": "1080p"}, "language": "en"}
    [(pointer, message)] = refused(site, source, changes).items()
    assert pointer == "/changes/options"
    assert "leave options.aspect_ratio and options.resolution as in the source" in message
    same = {"options": {"aspect_ratio": "9:16", "resolution": "720p"}}
    assert list(refused(site, source, same)) == ["/changes/options/aspect_ratio"]


def test_what_is_taken_over_is_refused_by_the_change_that_it_does_not_go_with(
    site: Site, tmp_path: Path
) -> None:
    shot, end = sent(site, clip(tmp_path / "c.mp4")), sent(site, clip(tmp_path / "e.mp4", seconds=1.2))
    voice = sent(site, sound(tmp_path / "v.wav", words(2.6)))
    upright, square = {"options": {"aspect_ratio": "9:16"}}, {"options": {"aspect_ratio": "1:1"}}
    silent = {"options": {"narration": False}}
    cases: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (
        (
            {"scenes": [{"text": TEXTS[0], "shot": shot}]},
            upright,
            "options/aspect_ratio",
            "shot of scene 1: Of",
        ),
        (
            {"script": TEXTS[0], "files": {"outro": end}},
            upright,
            "options/aspect_ratio",
            "files.outro: of the clip",
        ),
        (
            {"scenes": [{"text": TEXTS[0], "motion": "generated"}]},
            square,
            "options/aspect_ratio",
            'motion of scene 1 is "generated": no video model',
        ),
        (
            {"scenes": [{"text": TEXTS[0], "narration": voice}]},
            silent,
            "options/narration",
            "narration of scene 1 is",
        ),
    )
    for body, changes, place, why in cases:
        found = refused(site, submitted(site, **body), changes)
        assert list(found) == [f"/changes/{place}"], found
        [message] = found.values()
        assert message.startswith(why), message
        assert f"leave {place.replace('/', '.')} as in the source" in message


def test_a_character_of_the_source_is_named_by_its_name_and_one_of_the_body_by_its_place(
    site: Site, monkeypatch: pytest.MonkeyPatch, picture: str
) -> None:
    cast = [{"name": "Ada", "image": picture}, {"name": "Mara", "voice": "Puck"}]
    source = submitted(site, script=TEXTS[0], cast=cast, files={"style": picture})
    changes = {"cast": [{"name": "mara", "voice": "Nobody"}]}
    [(pointer, message)] = refused(site, source, changes).items()
    assert pointer == "/changes/cast/0/voice"
    assert message.startswith("cast.0.voice is 'Nobody'")

    monkeypatch.setattr(type(site.system), "takes_pictures", lambda *_: False)
    other = {"models": {"image": "gemini-3-pro-image"}}
    answer = fork(site, source, other, dry_run=True).json()
    assert [fault["pointer"] for fault in answer["errors"]] == ["/changes/models/image"] * 2
    assert answer["errors"][0]["message"].startswith("image of Ada: gemini-3-pro-image takes no pictures")
    assert "leave models.image as in the source" in answer["errors"][0]["message"]
    assert answer["errors"][1]["message"].startswith("files.style: gemini-3-pro-image takes no pictures")
    [(pointer, message), _] = refused(site, source, {"language": "en"}).items()
    assert pointer == "/changes/cast"
    assert "name another for this character in cast" in message


def test_a_model_that_nobody_knows_is_refused_before_the_scenes_are_known(site: Site) -> None:
    source = submitted(site, script=TEXTS[0])
    assert list(refused(site, source, {"models": {"image": "gemini-none"}})) == ["/changes/models/image"]


# ---- what it costs --------------------------------------------------------------------------------------


def test_what_is_given_again_costs_nothing_before_and_after_the_analysis(
    site: Site, filming: PlannedFilming, tmp_path: Path, picture: str
) -> None:
    voice, shot = sent(site, sound(tmp_path / "v.wav", words(2.6))), sent(site, clip(tmp_path / "c.mp4"))
    scenes = [{"text": TEXTS[0], "shot": shot, "narration": voice}, {"text": TEXTS[1], "image": picture}]
    told = previewed(site, submitted(site, scenes=scenes), options={"fps": 24})
    assert set(told["reused"]) == {"image:1", "shot:1", "narration:1", "image:2"}
    scenes[0] = {"text": TEXTS[0], "image": picture, "narration": voice}
    source = finished(site, filming, submitted(site, scenes=scenes))
    assert called(site, source) == {"analysis", "audio_plan", "narration:2"}

    square = previewed(site, source, options={"aspect_ratio": "1:1"})

    assert {"image:1", "narration:1", "image:2"} <= set(square["reused"])
    assert (paid(square["redone"]), square["cost"]["usd"], square["cost"]["at_most_usd"]) == (set(), 0, 0)
    # No storyboard either, of which nobody needs one.
    assert paid(previewed(site, source)["redone"]) == set()
    # Other words are spoken by another model; the author's are not.
    spoken = previewed(site, source, models={"speech": "gemini-3.8-flash-lite-tts"})
    assert paid(spoken["redone"]) == {"narration:2"}


@pytest.mark.parametrize("later", [False, True])
def test_another_style_asks_for_nothing_to_be_drawn_where_all_pictures_are_given(
    site: Site, filming: PlannedFilming, picture: str, later: bool
) -> None:
    """They came with the scenes, or took the place of what was drawn, by a storyboard that is there."""
    own: dict[str, Any] = {} if later else {"image": picture}
    source = finished(site, filming, submitted(site, scenes=[{"text": text, **own} for text in TEXTS]))
    for name in ("image:1", "image:2") if later else ():
        asset_id = AssetKey.parse(name).id_in(source)
        assert site.client.put(f"/v1/assets/{asset_id}", json={"file": picture}).status_code == 202
        finished(site, filming, source)
    changes = {"options": {"style": "oil"}}

    told = previewed(site, source, **changes)

    assert (paid(told["redone"]), told["cost"]["usd"], told["cost"]["at_most_usd"]) == (set(), 0, 0)
    answer = fork(site, source, changes)
    assert answer.status_code == 201, answer.text
    site.settle()
    assert called(site, finished(site, filming, UUID(answer.json()["id"]))) == set()


def test_the_pictures_that_a_model_draws_are_priced_and_those_that_are_given_are_not(
    site: Site, filming: PlannedFilming, picture: str
) -> None:
    scenes = [{"text": TEXTS[0], "image": picture}, {"text": TEXTS[1]}]
    source = finished(site, filming, submitted(site, scenes=scenes))
    changes = {"options": {"aspect_ratio": "1:1"}}

    told = previewed(site, source, **changes)

    assert paid(told["redone"]) == {"storyboard", "image:2"}
    assets = site.system.studio.assets(site.system.studio.job(source))
    cost = sum(assets[AssetKey.parse(name)].spent_usd for name in paid(told["redone"]))
    assert told["cost"]["usd"] == pytest.approx(cost)
    answer = fork(site, source, changes)
    assert answer.status_code == 201, answer.text
    site.settle()
    forked = finished(site, filming, UUID(answer.json()["id"]))
    assert called(site, forked) == paid(told["redone"])


@pytest.mark.parametrize("later", [False, True])
def test_a_larger_film_shows_all_of_a_given_picture_that_was_made_smaller_for_its_source(
    site: Site, filming: PlannedFilming, tmp_path: Path, later: bool
) -> None:
    """It came with the scenes, or took the place of what was drawn."""
    large, plain = (sent(site, photo(tmp_path / f"{n}.jpg", (n, n * 9 // 16))) for n in (4000, 1600))
    own = ({}, {}) if later else ({"image": large}, {"image": plain})
    scenes = [{"text": text, **given} for text, given in zip(TEXTS, own, strict=True)]
    source = finished(site, filming, submitted(site, scenes=scenes))
    for name, file in (("image:1", large), ("image:2", plain)) if later else ():
        asset_id = AssetKey.parse(name).id_in(source)
        assert site.client.put(f"/v1/assets/{asset_id}", json={"file": file}).status_code == 202
        finished(site, filming, source)
    before = pictures(site, source)
    changes = {"options": {"resolution": "1080p"}}

    told = previewed(site, source, **changes)

    assert {"image:1", "image:2"} <= set(told["reused"])
    answer = fork(site, source, changes)
    assert answer.status_code == 201, answer.text
    site.settle()
    made = UUID(answer.json()["id"])
    first, second = pictures(site, made)
    assert (before[0].facts["width"], first.facts["width"]) == (2560, 3840)
    assert first.provenance["file"] == large
    assert (second.digest, first.provided, second.provided) == (before[1].digest, True, True)
    assert not {"image:1", "image:2"} & called(site, finished(site, filming, made))
    # A smaller one has it as it is.
    smaller = fork(site, made, {"options": {"resolution": "720p"}})
    assert smaller.status_code == 201, smaller.text
    assert pictures(site, UUID(smaller.json()["id"]))[0].digest == first.digest


def pictures(site: Site, job_id: UUID) -> list[Product]:
    found = [asset_of(site, job_id, name).product for name in ("image:1", "image:2")]
    return [product for product in found if product is not None]


def test_a_prompt_for_a_given_picture_has_a_model_draw_it(
    site: Site, filming: PlannedFilming, picture: str
) -> None:
    scenes = [{"text": TEXTS[0], "image": picture}, {"text": TEXTS[1]}]
    source = finished(site, filming, submitted(site, scenes=scenes))
    told = previewed(site, source, prompts={"image:1": "A red boat."})
    assert paid(told["redone"]) == {"image:1"}
    assert told["cost"]["usd"] > 0


def test_a_song_of_ones_own_is_given_again_until_the_music_is_to_be_another(
    site: Site, filming: PlannedFilming, tmp_path: Path
) -> None:
    song = sent(site, sound(tmp_path / "s.wav", tone(12.0)))
    source = submitted(site, script=TEXTS[0], files={"music": song})
    assert fork_has_song(site, source, {"language": "en"})
    finished(site, filming, source)
    assert "music" in previewed(site, source)["reused"]
    anew = {"script": TEXTS[1]}
    assert "music" in previewed(site, source, **anew)["reused"]
    assert fork_has_song(site, source, anew)
    assert not fork_has_song(site, source, anew | {"options": {"music": False}})
    for changes in ({}, anew):
        told = previewed(site, source, **changes, models={"music": "lyria-3.5"})
        assert "music" in told["redone"]
        assert told["cost"]["usd"] >= 0.08


def fork_has_song(site: Site, source: UUID, changes: dict[str, Any]) -> bool:
    answer = fork(site, source, changes)
    assert answer.status_code == 201, answer.text
    site.settle()
    music = site.system.studio.find_asset(UUID(answer.json()["id"]), AssetKey.parse("music"))
    return music is not None and music.is_provided
