"""Stage ``prompt_generation``: one image prompt for each beat of each scene, all in one style.

Where a scene moves, each of its beats has a motion prompt as well.

The model is asked for what is special to each picture; what all have in common, the style and the looks of
characters, is added here, word for word the same each time. Models forget it, or say it differently.
"""

import re
from collections.abc import Sequence
from typing import Any

from actors.prompts.frame_prompt import frame_prompt, sentence
from actors.prompts.material import analysis_material
from actors.stages.checks.answers import check_shot_list
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.analysis_facts import analysis_facts
from domain.asset import AssetKey
from domain.document_parts import parts_of
from domain.film_graph import moving_scenes
from domain.script import Frame, ScriptAnalysis, Shot, ShotList, Storyboard, shot_list_schema

HEAD_TOKENS = 1_024
"""The style, in a few sentences."""
FRAME_TOKENS = 400
"""What is said of a picture; a hundred are usual."""
MOTION_TOKENS = 200
"""What is said of what moves in it."""
CHARACTER = re.compile(r"#(\d{1,2})(?!\w)")
"""How a shot names a character: by its number, which cannot be misspelt. No colour is written so."""


class StoryboardArtist:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - there is one storyboard
        prompt = self._provider.asking.prompt("storyboard")
        analysis = inputs.document("analysis", ScriptAnalysis)
        pictures = sum(_beats(analysis))
        motion = self._provider.asking.prompt("motion") if any(_moving(brief, inputs)) else None
        text = prompt.render(
            aspect_ratio=brief.options.aspect_ratio,
            scene_count=str(len(analysis.scenes)),
            picture_count=str(pictures),
            style=brief.options.style or "none",
            analysis=analysis_material(analysis, by_beat=True),
            **({"motion": ""} if motion is None else {"motion": motion.render()}),
        )
        version = prompt.version if motion is None else f"{prompt.version}+{motion.version}"
        most = most_answer_tokens(pictures, motion=motion is not None)
        return self._provider.plan_document(brief.models["text"], text, version, most)

    async def make(self, task: Task) -> Made:
        analysis = task.inputs.document("analysis", ScriptAnalysis)
        beats, characters = _beats(analysis), len(analysis.characters)
        moving = _moving(task.brief, task.inputs)

        def complete(shots: ShotList) -> tuple[Storyboard, dict[str, Any]]:
            storyboard = _storyboard(shots, analysis, task.brief.options.style, moving)
            return storyboard, {"style": storyboard.style, "parts": parts_of(storyboard)}

        return await self._provider.write_document(
            task,
            ShotList,
            lambda shots: check_shot_list(shots, beats, characters, named(shots), moving),
            complete,
            schema=shot_list_schema(beats, moving),
        )


def _beats(analysis: ScriptAnalysis) -> list[int]:
    """How many pictures each scene has."""
    return [len(scene.pictures) for scene in analysis.scenes]


def _moving(brief: Brief, inputs: Inputs) -> list[bool]:
    """Of each scene, whether shots are made of its pictures."""
    return moving_scenes(analysis_facts(inputs.facts("analysis")), brief.options)


def most_answer_tokens(images: int, *, motion: bool = False) -> int:
    return HEAD_TOKENS + (FRAME_TOKENS + MOTION_TOKENS * motion) * images


def named(shots: ShotList) -> list[int]:
    """The numbers of all characters that the shots name."""
    return [
        int(number)
        for shot in shots.frames
        for number in CHARACTER.findall(f"{shot.picture} {shot.motion or ''}")
    ]


def _storyboard(
    shots: ShotList, analysis: ScriptAnalysis, wanted: str | None, moving: Sequence[bool]
) -> Storyboard:
    style = sentence(shots.style)
    if wanted is not None and _plain(wanted) not in _plain(style):
        style = f"{sentence(wanted)} {style}"
    return Storyboard(
        style=style, frames=[_frame(shot, analysis, style, moving[shot.scene - 1]) for shot in shots.frames]
    )


def _frame(shot: Shot, analysis: ScriptAnalysis, style: str, moves: bool) -> Frame:
    """The whole prompt of a picture: the style with its medium first, the scene, then who is seen in it.

    Where it ``moves``, with what happens in the shot that is made of it.
    """
    names = [character.name for character in analysis.characters]
    beat = analysis.scenes[shot.scene - 1].pictures[shot.beat - 1]
    listed = {name.casefold() for name in beat.characters}
    numbers = {int(number) for number in CHARACTER.findall(shot.picture)}
    seen = [
        character
        for number, character in enumerate(analysis.characters, 1)
        if number in numbers or character.name.casefold() in listed
    ]

    def with_names(text: str) -> str:
        return sentence(CHARACTER.sub(lambda found: names[int(found[1]) - 1], text))

    picture = with_names(shot.picture)
    return Frame(
        scene=analysis.numbered()[shot.scene - 1][0],  # they were asked for by their places
        beat=shot.beat,
        prompt=frame_prompt(style, f"{picture}\n{_shot_in_words(shot)}", seen),
        characters=[character.name for character in seen],
        motion=with_names(shot.motion) if moves and shot.motion else None,
        visual=beat.visual,
    )


def _shot_in_words(shot: Shot) -> str:
    led = "" if shot.movement == "at rest" else f", leading the eye {shot.movement}"
    return f"{shot.size[0].upper()}{shot.size[1:]}, {shot.angle}{led}."


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
