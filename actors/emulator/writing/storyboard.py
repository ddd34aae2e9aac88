"""Makes a storyboard from an analysis: a style for all pictures, and what each one shows.

It answers both forms that are asked for: a prompt that is complete in itself, or a shot list (what is special
to a picture, from where it is seen, characters by number); the schema keeps the fields that it names. What is
``shown`` is how the picture will be asked for, by which the emulator knows the scene again.
"""

from typing import Any

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
            _frame(number, scene, characters, bible)
            for number, scene in enumerate(analysis["scenes"], start=1)
        ],
    }


def _frame(
    number: int, scene: dict[str, Any], characters: list[tuple[str, str]], bible: str
) -> dict[str, Any]:
    size, angle, movement = SHOTS[(number - 1) % len(SHOTS)]
    seen = scene.get("characters", [])
    numbers = [n for n, (name, _) in enumerate(characters, 1) if n in seen or name in seen]
    shown = f"{scene.get('visual') or scene.get('narration', '')}. Mood: {scene.get('mood', '')}"
    numbered, named = (
        f". With {' and '.join(each)}" if numbers else ""
        for each in ([f"#{n}" for n in numbers], [characters[n - 1][0] for n in numbers])
    )
    return {
        "scene": number,
        "size": size,
        "angle": angle,
        "movement": movement,
        "picture": f"{shown}{numbered}",
        "shown": f"{shown}{named}",
        "prompt": _prompt(number, shown, [characters[n - 1] for n in numbers], bible),
    }


def _prompt(number: int, shown: str, seen: list[tuple[str, str]], bible: str) -> str:
    parts = [f"Scene {number}: {shown}"]
    if seen:
        parts.append(f"Characters: {'; '.join(f'{name} is {look}' for name, look in seen)}")
    parts.append(f"Style: {bible}")
    return ". ".join(parts) + ". No text in the picture."
