"""Makes a Storyboard from an analysis: one prompt per scene, each complete in itself.

Every prompt begins with its scene's own words and ends with the style bible, so that a drawing which weighs
the beginning most (ours does, and so do real models) keeps scenes apart while the style holds them
together.
"""

from typing import Any

MEDIUM = "Cinematic digital painting, layered depth, soft volumetric light, fine film grain, 35 mm lens"


def storyboard(analysis: dict[str, Any], style: str | None) -> dict[str, Any]:
    palette = ", ".join(str(colour) for colour in analysis.get("palette", []))
    mood = analysis.get("mood", "reflective")
    bible = f"{style or MEDIUM}; {mood} mood"
    if palette:
        bible += f"; palette {palette}"
    looks = {
        character["name"]: character.get("look", "")
        for character in analysis.get("characters", [])
        if isinstance(character, dict) and "name" in character
    }
    return {
        "style": bible,
        "frames": [
            {"scene": number, "prompt": _prompt(number, scene, looks, bible)}
            for number, scene in enumerate(analysis["scenes"], start=1)
        ],
    }


def _prompt(number: int, scene: dict[str, Any], looks: dict[str, str], bible: str) -> str:
    seen = [f"{name} is {looks[name]}" for name in scene.get("characters", []) if name in looks]
    parts = [
        f"Scene {number}: {scene.get('visual') or scene.get('narration', '')}",
        f"Mood: {scene.get('mood', '')}",
    ]
    if seen:
        parts.append(f"Characters: {'; '.join(seen)}")
    parts.append(f"Style: {bible}")
    return ". ".join(parts) + ". No text in the picture."
