"""Makes a storyboard from an analysis: a style for all pictures, and what each one shows.

It answers both forms that are asked for: a prompt that is complete in itself, or a shot list (what is special
to a picture, from where it is seen, characters by number); the schema keeps the fields that it names. What is
``shown`` is how the picture will be asked for, by which the emulator knows the scene again.
"""

from collections.abc import Iterator
from typing import Any

from actors.emulator.writing.motion import motion_fields

MEDIUM = "Cinematic digital painting, layered depth, soft volumetric light, fine film grain, 35 mm lens"
SHOTS = (
    ("wide shot", "at eye level", "into the depth"),
    ("medium shot", "from below", "from left to right"),
    ("close-up", "at eye level", "at rest"),
    ("very wide shot", "from above", "into the depth"),
    ("medium shot", "over a shoulder", "from right to left"),
)
"""In turn, so that neighbours differ."""


def storyboard(analysis: dict[str, Any], style: str | None) -> dict[str, Any]:
    palette = ", ".join(str(colour) for colour in analysis.get("palette", []))
    mood = analysis.get("mood", "reflective")
    bible = f"{style or MEDIUM}; {mood} mood"
    if palette:
        bible += f"; palette {palette}"
    characters = [
        (character["name"], character.get("look", ""))
        for character in analysis.get("characters", [])
        if isinstance(character, dict) and "name" in character
    ]
    return {
        "style": bible,
        "frames": [
            {"scene": scene, "beat": beat, **_frame(number, scene, seen, characters, bible)}
            for number, (scene, beat, seen) in enumerate(_pictures(analysis["scenes"]), start=1)
        ],
    }


def _pictures(scenes: list[dict[str, Any]]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each picture with the numbers of its scene and beat; a scene without beats is one itself."""
    for number, scene in enumerate(scenes, start=1):
        before = None
        for beat, seen in enumerate(scene.get("beats") or [scene], start=1):
            # What was described as one picture and is wanted as two is told by its words.
            visual = "" if seen.get("visual") == before else seen.get("visual")
            before = seen.get("visual")
            yield number, beat, {"mood": scene.get("mood", ""), **seen, "visual": visual}


def _frame(
    number: int, scene: int, seen_in: dict[str, Any], characters: list[tuple[str, str]], bible: str
) -> dict[str, Any]:
    size, angle, movement = SHOTS[(number - 1) % len(SHOTS)]
    seen = seen_in.get("characters", [])
    numbers = [n for n, (name, _) in enumerate(characters, 1) if n in seen or name in seen]
    told = seen_in.get("visual") or seen_in.get("text") or seen_in.get("narration", "")
    shown = f"{told}. Mood: {seen_in['mood']}"
    numbered, named = (
        f". With {' and '.join(each)}" if numbers else ""
        for each in ([f"#{n}" for n in numbers], [characters[n - 1][0] for n in numbers])
    )
    return {
        "size": size,
        "angle": angle,
        "movement": movement,
        "picture": f"{shown}{numbered}",
        "shown": f"{shown}{named}",
        **motion_fields(number, told),
        "prompt": _prompt(scene, shown, [characters[n - 1] for n in numbers], bible),
    }


def _prompt(number: int, shown: str, seen: list[tuple[str, str]], bible: str) -> str:
    parts = [f"Scene {number}: {shown}"]
    if seen:
        parts.append(f"Characters: {'; '.join(f'{name} is {look}' for name, look in seen)}")
    parts.append(f"Style: {bible}")
    return ". ".join(parts) + ". No text in the picture."
