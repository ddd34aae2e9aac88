"""Edits of scenes: each changes what it names, and what was planned, drawn and filmed of the others stays."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.asset import AssetKey
from domain.document_parts import parts_of
from domain.film_graph import ANALYSIS, Graph, scenes_of
from domain.inputs import Input
from domain.scene_edits import Edited, SceneEdits, UnknownScenesError, edit_scenes, shared_out
from domain.script import AudioPlan, Kind, ScriptAnalysis, Storyboard
from domain.submission import Options

TEXTS = {1: "A boat lies still.", 2: "It sets out. The wind rises. It is far.", 3: "It comes home."}


def analysis() -> ScriptAnalysis:
    def scene(number: int, beats: list[str]) -> dict[str, Any]:
        pictures = [{"text": text, "visual": f"View of {text}", "characters": ["Mara"]} for text in beats]
        about = {"visual": pictures[0]["visual"], "mood": "calm", "characters": ["Mara"], "number": number}
        return {"narration": " ".join(beats), "beats": pictures, **about}

    return ScriptAnalysis.model_validate(
        {
            "title": "The Boat",
            "language": "en",
            "themes": ["home"],
            "mood": "calm",
            "setting": "A harbour",
            "palette": ["#102030"],
            "characters": [{"name": "Mara", "look": "in yellow"}, {"name": "Jon", "look": "in red"}],
            "scenes": [
                scene(1, [TEXTS[1]]),
                scene(2, ["It sets out.", "The wind rises. It is far."]),
                scene(3, [TEXTS[3]]),
            ],
        }
    )


def facts(of: ScriptAnalysis) -> dict[str, Any]:
    """Of one in which scene 1 shows whom all others show."""
    scenes = [
        {
            "scene": number,
            "text": scene.narration,
            "mood": scene.mood,
            "beats": [{"references": ["image:1"] if number > 1 else []} for _ in scene.beats],
        }
        for number, scene in of.numbered()
    ]
    told = {"title": of.title, "language": of.language, "mood": of.mood}
    return {**told, "scenes": scenes, "parts": parts_of(of)}


def edit(before: Edited | None = None, *, made: bool = True, **asked: Any) -> Edited:
    document = before.analysis if before else analysis()
    learnt = before.facts if before else facts(document)
    return edit_scenes(document, learnt, SceneEdits.model_validate(asked), lambda _: made)


def changed(after: Edited, options: Options | None = None) -> set[str]:
    """What is out of date after the edit of what was made before; the analysis aside."""
    old = facts(analysis())
    parts, now = old["parts"], after.facts["parts"]
    before = Graph.of(options or Options(), scenes_of(old))  # type: ignore[arg-type]
    graph = Graph.of(options or Options(), scenes_of(after.facts))  # type: ignore[arg-type]
    direct = set()
    for key, node in graph.nodes.items():
        was = before.nodes.get(key)
        same = was is not None and was.inputs == node.inputs
        used = [one.part for one in node.inputs if one.key == ANALYSIS and one.part]
        if not same or any(parts.get(part) != now.get(part) for part in used):
            direct.add(key)
    return {key.name for start in direct for key in (start, *graph.dependents(start))} - {"analysis"}


def test_other_words_reach_what_is_made_from_them_and_nothing_else() -> None:
    after = edit(scenes={"3": {"text": "It sinks."}})
    assert after.changes == ("scene 3: text",)
    ends = {"captions", "soundtrack", "music", "video", "manifest"}
    assert changed(after) == {"narration:3", "clip:3", "transition:2", *ends}
    assert after.facts["scenes"][2]["text"] == "It sinks."


def test_another_picture_is_drawn_from_the_words_of_its_author() -> None:
    after = edit(scenes={"3": {"visual": "Jon waits on the pier"}})
    assert changed(after) == {"image:3", "clip:3", "transition:2", "video", "manifest"}
    scene = after.analysis.scene(3)
    assert (scene.own_visual, scene.characters) == (True, ["Jon"])
    graph = Graph.of(Options(), scenes_of(after.facts))  # type: ignore[arg-type]
    assert Input(ANALYSIS, "visual:3") in graph.nodes[AssetKey(Kind.IMAGE, 3)].inputs


def test_another_voice_reaches_its_narration_alone() -> None:
    after = edit(scenes={"2": {"voice": "Puck"}})
    assert parts_of(analysis()).keys() == after.facts["parts"].keys()
    different = {name for name, part in parts_of(analysis()).items() if after.facts["parts"][name] != part}
    assert different == {"words:2"}
    assert after.facts["scenes"][1]["voice"] == "Puck"


def test_another_order_draws_and_speaks_nothing() -> None:
    after = edit(order=[1, 3, 2])
    paid = {name for name in changed(after) if name.partition(":")[0] in {"image", "narration", "storyboard"}}
    assert paid == set()
    graph = Graph.of(Options(), scenes_of(after.facts))  # type: ignore[arg-type]
    joints = [key.name for key in graph.nodes if key.kind is Kind.TRANSITION]
    assert joints == ["transition:1", "transition:3"]
    assert after.analysis.first_picture(2) == 2
    assert after.analysis.first_picture(3) == 4


def test_a_scene_that_is_removed_does_not_play_and_who_was_drawn_by_it_stays() -> None:
    after = edit(order=[3, 2])
    graph = Graph.of(Options(), scenes_of(after.facts))  # type: ignore[arg-type]
    assert AssetKey(Kind.IMAGE, 1) not in graph.nodes
    assert graph.outside == (AssetKey(Kind.IMAGE, 1),)
    assert not {name for name in changed(after) if name.startswith(("image", "narration"))}
    assert after.changes == ("order 3, 2", "removed 1")


def test_a_picture_that_was_never_drawn_is_nobodys_reference_once_its_scene_is_removed() -> None:
    graph = Graph.of(Options(), scenes_of(edit(order=[2, 3], made=False).facts))  # type: ignore[arg-type]
    assert graph.outside == ()


def test_a_removed_scene_comes_back_as_it_was() -> None:
    after = edit(edit(order=[3, 2]), order=[1, 2, 3])
    assert changed(after) == set()
    assert after.analysis.removed == []
    assert [scene["scene"] for scene in after.facts["scenes"]] == [1, 2, 3]


def test_one_that_comes_back_and_was_never_drawn_is_drawn_from_what_the_analysis_says() -> None:
    after = edit(edit(order=[3, 2], made=False), order=[1, 2, 3], made=False)
    assert [scene.own_visual for scene in after.analysis.scenes] == [True, False, False]


def test_what_was_planned_before_stays_whatever_is_edited() -> None:
    after = edit(edit(scenes={"1": {"text": "No.", "visual": "A gull"}}), order=[2, 1])
    assert after.facts["parts"]["origin"] == parts_of(analysis())["origin"]


def test_words_are_shared_out_between_the_pictures_that_there_are() -> None:
    two = edit(scenes={"2": {"text": "It sails. It sails on. It is gone. All wave."}}).analysis.scene(2)
    assert [beat.text for beat in two.beats] == ["It sails.", "It sails on. It is gone. All wave."]
    one = edit(scenes={"2": {"text": "It sails."}})
    assert [beat.text for beat in one.analysis.scene(2).beats] == ["It sails."]
    assert len(one.facts["scenes"][1]["beats"]) == 1


@pytest.mark.parametrize(
    ("lengths", "shares", "ends"),
    [
        ([10], [3, 3], [1]),
        ([10, 10, 10], [10, 20], [1, 3]),
        ([1, 100], [100, 1], [1, 2]),
        ([5, 5, 5, 5], [1, 1], [2, 4]),
        ([5, 5, 5], [9, 1, 1], [1, 2, 3]),
    ],
)
def test_runs_are_about_as_long_as_their_shares(
    lengths: list[int], shares: list[int], ends: list[int]
) -> None:
    assert shared_out(lengths, shares) == ends


def test_nothing_is_edited_where_all_is_so_already() -> None:
    assert edit(scenes={"1": {"text": TEXTS[1]}}, order=[1, 2, 3]).changes == ()


def test_scenes_that_there_are_not_are_named_where_they_are() -> None:
    with pytest.raises(UnknownScenesError) as refused:
        edit(scenes={"9": {"text": "No."}}, order=[1, 7])
    assert [place for place, _ in refused.value.faults] == ["/scenes/9", "/order/1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": []},
        {"order": [1, 1]},
        {"order": [0]},
        {"scenes": {"one": {"text": "No."}}},
        {"scenes": {"1": {"text": "***"}}},
        {"scenes": {"1": {"text": "a\0b"}}},
        {"scenes": {"1": {"words": "No."}}},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        SceneEdits.model_validate(wrong)


def test_parts_of_a_storyboard_and_a_plan_are_those_of_each_scene() -> None:
    frames = [{"scene": n, "prompt": f"Boat {n}."} for n in (1, 2)]
    board = Storyboard.model_validate({"style": "Ink.", "frames": frames})
    other = board.model_copy(
        update={"frames": [board.frames[0], board.frames[1].model_copy(update={"prompt": "No."})]}
    )
    differs = {name for name, part in parts_of(board).items() if parts_of(other)[name] != part}
    assert differs == {"image:2"}
    plan = AudioPlan.model_validate(
        {
            "voice": "Kore",
            "deliveries": [{"scene": n, "style": "calm", "pause_after_s": 0.6} for n in (1, 2)],
            "music": {
                "mood": "calm",
                "tempo_bpm": 80,
                "key": "C major",
                "instruments": ["piano"],
                "sections": [{"name": "intro", "bars": 4, "chords": ["C"], "intensity": 0.5}],
            },
        }
    )
    longer = plan.deliveries[1].model_copy(update={"pause_after_s": 1.0})
    later = plan.model_copy(update={"deliveries": [plan.deliveries[0], longer]})
    assert {n for n, part in parts_of(plan).items() if parts_of(later)[n] != part} == {"pause:2", "pauses"}
    assert plan.delivery(7).style == "calm"
