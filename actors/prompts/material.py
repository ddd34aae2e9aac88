"""The analysis as it is shown to a model: characters and scenes by number, scenes with their seconds."""

import json

from domain.script import ScriptAnalysis
from domain.spoken import reading_s


def analysis_material(analysis: ScriptAnalysis) -> str:
    numbers = {character.name.casefold(): n for n, character in enumerate(analysis.characters, 1)}
    whole = analysis.model_dump(exclude={"characters", "scenes"})
    characters = [
        {"number": number, **character.model_dump()}
        for number, character in enumerate(analysis.characters, 1)
    ]
    scenes = [
        {
            "scene": number,
            "seconds": round(reading_s(scene.narration), 1),
            **scene.model_dump(exclude={"characters"}),
            "characters": [numbers[c.casefold()] for c in scene.characters if c.casefold() in numbers],
        }
        for number, scene in enumerate(analysis.scenes, 1)
    ]
    return json.dumps({**whole, "characters": characters, "scenes": scenes}, ensure_ascii=False, indent=1)
