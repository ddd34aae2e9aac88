"""The analysis as it is shown to a model: characters and scenes by number, scenes with their seconds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.script import Scene, ScriptAnalysis
from domain.spoken import reading_s


def analysis_material(analysis: ScriptAnalysis, *, by_beat: bool = False) -> str:
    """``by_beat``: with each picture of a scene apart, for whoever draws them."""
    numbers = {character.name.casefold(): n for n, character in enumerate(analysis.characters, 1)}
    whole = analysis.model_dump(exclude={"characters", "scenes", "removed"})
    characters = [
        {"number": number, **character.model_dump()}
        for number, character in enumerate(analysis.characters, 1)
    ]
    scenes = [
        {
            "scene": number,
            "seconds": round(reading_s(scene.narration), 1),
            **(_beats(scene, numbers) if by_beat else _whole(scene, numbers)),
        }
        for number, scene in enumerate(analysis.scenes, 1)
    ]
    return json.dumps({**whole, "characters": characters, "scenes": scenes}, ensure_ascii=False, indent=1)


def _whole(scene: Scene, numbers: Mapping[str, int]) -> dict[str, Any]:
    about = scene.model_dump(include={"narration", "visual", "mood", "transition"})
    return about | {"characters": _by_number(scene.characters, numbers)}


def _beats(scene: Scene, numbers: Mapping[str, int]) -> dict[str, Any]:
    beats = [
        {
            "beat": number,
            "seconds": round(reading_s(beat.text), 1),
            **beat.model_dump(exclude={"characters"}),
            "characters": _by_number(beat.characters, numbers),
        }
        for number, beat in enumerate(scene.pictures, 1)
    ]
    return {"mood": scene.mood, "transition": scene.transition, "beats": beats}


def _by_number(names: Sequence[str], numbers: Mapping[str, int]) -> list[int]:
    return [numbers[name.casefold()] for name in names if name.casefold() in numbers]
