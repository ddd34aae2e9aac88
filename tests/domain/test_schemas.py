"""The schemas of answers: what is wrong by count, name or number cannot be formed, in both dialects."""

from typing import Any

import pytest

from actors.gemini.schema_subset import to_subset
from actors.gemini.voices import VOICES
from domain.script import annotation_schema, shot_list_schema, without_bounds
from domain.sound_direction import NOBODY, sound_schema

SCENES = 7


def listed(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"][name]
    return found


@pytest.mark.parametrize(
    ("schema", "name"),
    [(shot_list_schema([1] * SCENES), "frames"), (sound_schema(SCENES, VOICES), "deliveries")],
)
def test_there_is_one_entry_for_each_scene_in_both_dialects(schema: dict[str, Any], name: str) -> None:
    for said in (schema, to_subset(schema)):
        assert (listed(said, name)["minItems"], listed(said, name)["maxItems"]) == (SCENES, SCENES)


def test_there_is_one_frame_for_each_picture_of_each_scene() -> None:
    schema = shot_list_schema([1, 3, 2])
    for said in (schema, to_subset(schema)):
        assert (listed(said, "frames")["minItems"], listed(said, "frames")["maxItems"]) == (6, 6)
    numbers = schema["$defs"]["Shot"]["properties"]
    assert (numbers["scene"]["maximum"], numbers["beat"]["maximum"]) == (3, 3)


def test_there_are_no_more_scenes_and_pictures_than_asked_for_or_sentences() -> None:
    for sentences, scenes, beats in ((9, 4, 6), (3, 3, 3)):
        schema = annotation_schema(sentences, 4, 6)
        assert listed(schema, "scenes")["maxItems"] == scenes
        assert schema["$defs"]["AnnotatedScene"]["properties"]["beats"]["maxItems"] == beats
        numbers = schema["$defs"]["AnnotatedBeat"]["properties"]
        assert (numbers["first"]["maximum"], numbers["last"]["maximum"]) == (sentences, sentences)


def test_the_voice_is_one_of_those_offered_in_both_dialects() -> None:
    schema = sound_schema(SCENES, ("Kore", "Puck"))
    assert listed(schema, "voice")["enum"] == ["Kore", "Puck"]
    assert listed(to_subset(schema), "voice")["enum"] == ["Kore", "Puck"]


def test_a_transition_is_one_of_three_in_both_dialects() -> None:
    schema = annotation_schema(9, 4, 6)
    scene = listed(to_subset(schema), "scenes")["items"]["properties"]
    for said in (schema["$defs"]["AnnotatedScene"]["properties"], scene):
        assert said["transition"]["enum"] == ["crossfade", "cut", "fade"]


@pytest.mark.parametrize(
    "schema", [annotation_schema(9, 4, 6), shot_list_schema([1] * SCENES), sound_schema(SCENES, VOICES)]
)
def test_nothing_that_is_asked_for_may_be_left_out(schema: dict[str, Any]) -> None:
    for said in (schema, *schema["$defs"].values()):
        assert set(said["required"]) == set(said["properties"])
    subset = to_subset(schema)
    assert set(subset["required"]) == set(subset["properties"])
    for of in subset["properties"].values():
        if "properties" in of.get("items", {}):
            assert set(of["items"]["required"]) == set(of["items"]["properties"])


def test_no_cue_is_for_a_scene_that_is_not_there() -> None:
    schema = sound_schema(SCENES, VOICES)
    for name in ("MusicCue", "Delivery"):
        assert schema["$defs"][name]["properties"]["scene"]["maximum"] == SCENES


def test_a_schema_without_bounds_says_all_else() -> None:
    schema = sound_schema(SCENES, VOICES)
    bare = without_bounds(schema)
    said = str(bare)
    assert not [word for word in ("minItems", "maxItems", "minimum", "maximum") if word in said]
    assert bare["required"] == schema["required"]
    assert listed(bare, "voice") == listed(schema, "voice")
    assert bare["$defs"].keys() == schema["$defs"].keys()
    assert to_subset(bare)["properties"].keys() == schema["properties"].keys()


def test_who_speaks_is_one_of_those_listed_in_both_dialects() -> None:
    schema = sound_schema(SCENES, VOICES, ("MARA", "Tomas"), quotes=3)
    for said in (schema, to_subset(schema)):
        assert (listed(said, "cast")["maxItems"], listed(said, "quotes")["maxItems"]) == (2, 3)
        assert {"cast", "quotes"} <= set(said["required"])
    named = listed(to_subset(schema), "quotes")["items"]["properties"]["speaker"]["enum"]
    assert named == ["MARA", "Tomas", NOBODY]
    assert not {"cast", "quotes"} & set(sound_schema(SCENES, VOICES)["properties"])
