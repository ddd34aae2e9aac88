"""Scenes that move: which parts a film has then, what they are made from; and others are as they were."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from domain.analysis_facts import AnalysisFacts
from domain.asset import AssetKey
from domain.default_models import DEFAULT_MODELS
from domain.film_graph import Graph, Scene, guessed_scenes, moving_scenes, scenes_of
from domain.progress import Progress
from domain.script import Frame, Kind, Stage, Storyboard, shot_list_schema
from domain.submission import Models, Options, Submission
from tests.domain.language import START

MOVING = Options(motion="generated")
STILL = Options()


def inputs(graph: Graph, name: str) -> list[str]:
    return [key.name for key in graph.inputs(AssetKey.parse(name))]


def shots(graph: Graph) -> list[str]:
    return [key.name for key in graph.keys if key.kind is Kind.SHOT]


def test_a_film_over_which_the_camera_moves_has_no_shots() -> None:
    graph = Graph.of(STILL, guessed_scenes(2))
    assert shots(graph) == []
    assert Stage.VIDEO_GENERATION not in graph.members
    assert inputs(graph, "clip:1") == ["analysis", "audio_plan", "image:1", "narration:1"]


def test_a_moving_film_has_a_shot_of_each_picture_made_from_it_its_words_and_its_prompt() -> None:
    graph = Graph.of(MOVING, (Scene(1, beats=2), Scene(2)))
    assert shots(graph) == ["shot:1", "shot:1.2", "shot:2"]
    assert inputs(graph, "shot:1.2") == ["storyboard", "analysis", "audio_plan", "image:1.2", "narration:1"]
    assert inputs(graph, "clip:1") == ["analysis", "audio_plan", "shot:1", "shot:1.2", "narration:1"]
    assert inputs(graph, "transition:1") == [
        "analysis",
        "audio_plan",
        "shot:1.2",
        "shot:2",
        "narration:1",
        "narration:2",
    ]
    assert inputs(graph, "poster") == ["analysis", "image:1"]


def test_without_narration_a_shot_waits_for_nobody_to_speak() -> None:
    graph = Graph.of(Options(motion="generated", narration=False, music=False), guessed_scenes(1))
    assert inputs(graph, "shot:1") == ["storyboard", "analysis", "image:1"]


def test_who_is_seen_goes_along_with_a_shot_also_by_a_picture_of_a_removed_scene() -> None:
    """Else the shot would be paid for again when that scene is removed."""
    first, gone = AssetKey(Kind.IMAGE, 1), AssetKey(Kind.IMAGE, 9)
    graph = Graph.of(MOVING, (Scene(1), Scene(2, references=((first, gone),))))
    assert inputs(graph, "shot:2") == [
        "storyboard",
        "analysis",
        "audio_plan",
        "image:2",
        "image:1",
        "image:9",
        "narration:2",
    ]


@pytest.mark.parametrize("film", ["camera", "generated"])
def test_a_scene_may_move_otherwise_than_its_film(film: Any) -> None:
    facts: AnalysisFacts = {
        "title": "",
        "language": "en",
        "mood": "",
        "scenes": [
            {"scene": 1, "text": "", "mood": "", "motion": "generated"},
            {"scene": 2, "text": "", "mood": "", "motion": "camera"},
            {"scene": 3, "text": "", "mood": ""},
        ],
    }
    options = Options(motion=film)
    graph = Graph.of(options, scenes_of(facts))
    assert moving_scenes(facts, options) == [True, False, film == "generated"]
    assert shots(graph) == ["shot:1", "shot:3"][: 1 + (film == "generated")]
    assert inputs(graph, "transition:1")[2:4] == ["shot:1", "image:2"]
    assert inputs(graph, "clip:2")[2] == "image:2"


def test_a_regenerated_picture_takes_its_shot_and_what_shows_it_along() -> None:
    graph = Graph.of(MOVING, guessed_scenes(2))
    redone = [key.name for key in graph.dependents(AssetKey.parse("image:2"))]
    assert redone == ["shot:2", "clip:2", "transition:1", "video", "manifest"]


def test_progress_knows_the_shots_of_a_scene_that_moves_alone() -> None:
    seconds = {kind.value: 0.0 for kind in Kind} | {"shot": 60.0, "image": 10.0}
    progress = Progress({"seconds": seconds, "scenes": 2, "measured": True}, STILL)
    progress.made(AssetKey(Kind.ANALYSIS), START, (Scene(1, motion="generated"), Scene(2)))
    before = progress.shown
    progress.made(AssetKey(Kind.SHOT, 1), START)
    assert progress.shown == pytest.approx(before + (1 - before) * 60 / 80, abs=0.01)


def test_options_of_before_there_was_motion_are_of_a_camera() -> None:
    assert Options.recorded({"fps": 25}).motion == "camera"


def test_a_square_film_cannot_move_and_is_told_what_can() -> None:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate(
            {"script": "Hello.", "options": {"aspect_ratio": "1:1", "motion": "generated"}}
        )
    [error] = caught.value.errors()
    assert error["loc"] == ("options", "motion")
    assert "set aspect_ratio to 16:9 or 9:16, or motion to camera" in error["msg"]


def test_a_video_model_is_asked_only_where_a_film_moves_or_names_one() -> None:
    assert "video" not in Models().named(STILL)
    assert Models().named(MOVING)["video"] == DEFAULT_MODELS["video"]
    assert Models(video="gemini-omni-1.1-flash").named(MOVING)["video"] == "gemini-omni-1.1-flash"
    assert Models(video="gemini-omni-1.1-flash").named(STILL)["video"] == "gemini-omni-1.1-flash"


def test_storyboards_of_before_are_read_and_say_nothing_of_motion() -> None:
    written = Storyboard(style="ink", frames=[Frame(scene=1, prompt="a lamp")]).model_dump()
    del written["frames"][0]["motion"]
    assert Storyboard.model_validate(written).frames[0].motion is None


def test_motion_is_asked_for_only_where_something_moves() -> None:
    still = shot_list_schema([1, 2])["$defs"]["Shot"]
    assert "motion" not in still["properties"]
    moving = shot_list_schema([1, 2], [True, True])["$defs"]["Shot"]
    assert "motion" in moving["required"]
    assert moving["properties"]["motion"]["type"] == "string"
    mixed = shot_list_schema([1, 2], [True, False])["$defs"]["Shot"]
    assert {"type": "null"} in mixed["properties"]["motion"]["anyOf"]


def test_a_scene_is_another_one_where_its_motion_is() -> None:
    assert Scene(1) != replace(Scene(1), motion="generated")
