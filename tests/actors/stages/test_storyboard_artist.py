"""A picture's prompt: the style, medium first; what is special to it; the looks of who is seen."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actors.gemini.gateway import Capability
from actors.stages.illustrator import Illustrator
from actors.stages.storyboard_artist import StoryboardArtist
from actors.work.provider_call import Provider
from actors.work.stage import MakeFailedError, Plan, Source
from domain.asset import AssetKey
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Beat, ScriptAnalysis, Storyboard
from tests.actors.stages.test_stage_plans import never
from tests.actors.staging import LOOK, SCENES, STYLE, Staging, analysis, facts, shot_list
from tests.actors.work.test_provider_call import Answering, body

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
OLD = {"max_output_tokens": 32_768}
STORYBOARD = AssetKey.parse("storyboard")


async def storyboard_of(
    folder: Path, *pictures: str, said: str = STYLE, wanted: str | None = None
) -> Storyboard:
    staging = Staging(folder)
    answer = shot_list(*pictures, style=said).model_dump_json()
    artist = StoryboardArtist(Provider(lambda: Answering(body(answer)), PRICES, lambda: NOW))
    brief = staging.brief(options={"style": wanted})
    plan = artist.plan(brief, STORYBOARD, staging.inputs())
    made = await artist.make(staging.task("storyboard", plan, brief))
    assert isinstance(made.data, bytes)
    return Storyboard.model_validate_json(made.data)


async def test_a_prompt_is_the_style_then_the_scene_then_who_is_seen(tmp_path: Path) -> None:
    storyboard = await storyboard_of(tmp_path, "A lighthouse at dusk", "#1 holds a lamp; #1's coat is wet.")
    first, second = storyboard.frames
    assert first.prompt.split("\n\n") == [
        STYLE,
        "Scene: A lighthouse at dusk.\nWide shot, from below, leading the eye upwards.",
    ]
    assert second.prompt.split("\n\n") == [
        STYLE,
        "Scene: Mara holds a lamp; Mara's coat is wet.\nWide shot, from below, leading the eye upwards.",
        f"Characters: Mara is {LOOK}.",
    ]
    assert (first.characters, second.characters) == ([], ["Mara"])


async def test_who_is_seen_is_added_also_where_the_model_forgot_them(tmp_path: Path) -> None:
    storyboard = await storyboard_of(tmp_path, "A lighthouse.", "A lamp is lit.")
    assert f"Mara is {LOOK}." in storyboard.frames[1].prompt
    assert storyboard.frames[1].characters == ["Mara"]


async def test_a_colour_is_no_character(tmp_path: Path) -> None:
    storyboard = await storyboard_of(tmp_path, "A sky of #102030 and #1a2.", "#1 is there.")
    assert "#102030 and #1a2" in storyboard.frames[0].prompt
    assert storyboard.frames[0].characters == []


async def test_a_character_that_nobody_described_is_a_failed_attempt(tmp_path: Path) -> None:
    with pytest.raises(MakeFailedError) as raised:
        await storyboard_of(tmp_path, "#1 and #7.", "A lamp.")
    assert raised.value.failure.code == "inconsistent_answer"
    assert "#7, and 1 are described" in raised.value.failure.message


@pytest.mark.parametrize(
    ("said", "style"),
    [("Ink, low light", "Woodcut. Ink, low light."), ("A WOODCUT in ink", "A WOODCUT in ink.")],
)
async def test_the_style_that_was_asked_for_is_in_every_prompt_once(
    tmp_path: Path, said: str, style: str
) -> None:
    made = await storyboard_of(tmp_path, said=said, wanted="Woodcut")
    assert made.style == style
    assert all(frame.prompt.startswith(f"{style}\n\n") for frame in made.frames)


@pytest.mark.parametrize("bounds", [True, False])
@pytest.mark.parametrize("can", [frozenset(), frozenset({Capability.THINKING})])
async def test_a_document_is_asked_for_as_its_recipe_says_and_the_sdk_can(
    tmp_path: Path, can: frozenset[str], *, bounds: bool
) -> None:
    staging = Staging(tmp_path)
    gateway = Answering(body(shot_list().model_dump_json()), can=can)
    artist = StoryboardArtist(Provider(lambda: gateway, PRICES, lambda: NOW))
    brief = staging.brief()
    plan = artist.plan(brief, STORYBOARD, staging.inputs())
    plan = replace(plan, parameters={**plan.parameters, **({} if bounds else {"bounds": False})})
    await artist.make(staging.task("storyboard", plan, brief))
    [config] = gateway.configs
    asked = config["generationConfig"]
    assert asked.get("thinkingConfig") == ({"thinkingLevel": "low"} if can else None)
    assert asked["maxOutputTokens"] == plan.parameters["max_output_tokens"]
    frames = asked["responseJsonSchema"]["properties"]["frames"]
    assert frames.get("maxItems") == (2 if bounds else None)


async def test_a_storyboard_that_was_asked_for_by_an_older_version_is_still_made(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    gateway = Answering(body(shot_list().model_dump_json()), can=frozenset({Capability.THINKING}))
    artist = StoryboardArtist(Provider(lambda: gateway, PRICES, lambda: NOW))
    brief = staging.brief()
    plan = Plan("gemini-3.8-flash", "Write one image prompt for each scene.", "storyboard@0", OLD)
    made = await artist.make(staging.task("storyboard", plan, brief))
    assert made.facts["style"] == STYLE
    [config] = gateway.configs
    assert config["generationConfig"]["maxOutputTokens"] == OLD["max_output_tokens"]
    assert "thinkingConfig" not in config["generationConfig"]


def test_the_artist_is_told_characters_by_number_and_how_long_each_scene_is_read(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    plan = StoryboardArtist(Provider(never, PRICES, lambda: NOW)).plan(
        staging.brief(), STORYBOARD, staging.inputs()
    )
    text = str(plan.prompt)
    analysis = json.loads(text[text.index("<analysis>\n") + 11 : text.index("\n</analysis>")])
    assert analysis["characters"] == [{"number": 1, "name": "Mara", "look": LOOK}]
    beats = [beat for scene in analysis["scenes"] for beat in scene["beats"]]
    assert [beat["characters"] for beat in beats] == [[], [1]]
    assert [beat["text"] for beat in beats] == list(SCENES)
    assert all(beat["seconds"] > 1 for beat in beats)


def scene_of_two_pictures() -> ScriptAnalysis:
    first, second = analysis().scenes
    beats = [
        Beat(text=scene.narration, visual=scene.visual, characters=scene.characters)
        for scene in (first, second)
    ]
    whole = first.model_copy(update={"narration": " ".join(SCENES), "characters": ["Mara"], "beats": beats})
    return analysis().model_copy(update={"scenes": [whole]})


async def test_a_scene_of_several_pictures_has_a_prompt_for_each_with_who_is_seen_in_it(
    tmp_path: Path,
) -> None:
    staging = Staging(tmp_path)
    shots = shot_list("A lighthouse.", "A lamp is lit.")
    frames = [shot.model_copy(update={"scene": 1, "beat": n}) for n, shot in enumerate(shots.frames, 1)]
    answer = shots.model_copy(update={"frames": frames}).model_dump_json()
    artist = StoryboardArtist(Provider(lambda: Answering(body(answer)), PRICES, lambda: NOW))
    inputs = staging.inputs(
        staging.source("analysis", scene_of_two_pictures(), **facts() | {"scenes": facts()["scenes"][:1]})
    )
    plan = artist.plan(staging.brief(), STORYBOARD, inputs)
    assert "told in 2 still pictures" in str(plan.prompt)
    made = await artist.make(replace(staging.task("storyboard", plan, staging.brief()), inputs=inputs))
    assert isinstance(made.data, bytes)
    storyboard = Storyboard.model_validate_json(made.data)
    assert [(f.scene, f.beat, f.characters) for f in storyboard.frames] == [(1, 1, []), (1, 2, ["Mara"])]
    board = staging.inputs(staging.source("storyboard", storyboard))
    draw = Illustrator(Provider(never, PRICES, lambda: NOW))
    second = draw.plan(staging.brief(), AssetKey.parse("image:1.2"), board)
    assert "Scene: A lamp is lit." in str(second.prompt)


def picture_prompt(folder: Path, storyboard: Storyboard, *references: str) -> str:
    staging = Staging(folder)
    pictures = [Source(name, "sha256:00", "image/png", {}) for name in references]
    board = staging.source("storyboard", storyboard)
    inputs = staging.inputs(board, *pictures)
    plan = Illustrator(Provider(never, PRICES, lambda: NOW)).plan(
        staging.brief(), AssetKey.parse("image:2"), inputs
    )
    return str(plan.prompt)


async def test_each_picture_that_goes_along_is_named_with_what_to_take_from_it(tmp_path: Path) -> None:
    storyboard = await storyboard_of(tmp_path, "#1 on the stairs.", "#1 at the lamp.")
    text = picture_prompt(tmp_path, storyboard, "image:1")
    assert "Picture 1 shows Mara: take face, hair and clothes from it." in text
    assert "Do not copy its pose, camera or background." in text
    assert "Picture 1" not in picture_prompt(tmp_path, storyboard)


async def test_a_storyboard_of_before_names_no_one_and_its_references_are_still_explained(
    tmp_path: Path,
) -> None:
    old = {"style": STYLE, "frames": [{"scene": n, "prompt": f"Scene {n}. {STYLE}"} for n in (1, 2)]}
    text = picture_prompt(tmp_path, Storyboard.model_validate(old), "image:1")
    assert text.startswith(f"Scene 2. {STYLE}\n")
    assert "Picture 1 shows the characters of an earlier picture: take face" in text


async def test_nothing_written_framed_or_split_is_asked_for(tmp_path: Path) -> None:
    text = picture_prompt(tmp_path, await storyboard_of(tmp_path))
    assert text.splitlines()[-1] == "Avoid: lettering, captions, logos, watermarks, borders, split screens."
