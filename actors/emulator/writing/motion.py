"""What moves in a shot, and how the camera follows it, for a storyboard that is asked for motion."""

import textwrap
from typing import Any

from actors.emulator.vocabulary.matching import ranked, weather_of

MOTION_FIELDS = ("motion", "motion_prompt")
"""The names under which a storyboard's schema may ask for it."""
CAMERAS = (
    "The camera pushes in slowly",
    "The camera pans slowly to the right",
    "The camera rises slowly",
    "The camera drifts slowly to the left",
    "The camera stands still",
)
"""In turn, so that neighbours differ."""
SUBJECTS = {
    "lighthouse": "waves roll against the rocks and the light glows in the lantern room",
    "sea": "long waves roll in, light glitters on the water, gulls cross the sky",
    "ship": "the ship rises and falls with the swell, its sails fill, waves pass along the hull",
    "island": "small waves run up the beach and the palms sway in the wind",
    "underwater": "everything sways with the current and bubbles rise",
    "lake": "ripples run over the still water and clouds drift past",
    "river": "the water flows towards us and the grass on the banks sways",
    "mountains": "clouds drift past the summits and mist moves in the valleys",
    "hills": "the grass bends in the wind, clouds drift, birds cross the sky",
    "forest": "leaves fall, dust floats in the light, the branches sway",
    "field": "gusts of wind run through the wheat and birds cross the sky",
    "garden": "flowers sway in the breeze and petals fall",
    "desert": "dust drifts over the sand and the air shimmers with heat",
    "village": "smoke rises from the chimneys and the windows flicker",
    "castle": "clouds drift behind the towers and birds circle them",
    "skyline": "windows flicker and reflections tremble on the water",
    "towers": "clouds drift behind the towers and windows flicker",
    "bridge": "water flows under the bridge and its lights flicker",
    "train": "smoke trails from the engine and clouds drift",
    "stars": "the stars twinkle and mist moves over the ground",
    "planet": "the stars twinkle while the planet hangs in the dark",
    "balloons": "the balloons rise and fall gently and clouds drift",
    "rocket": "flames stream from the engine, smoke billows, the frame trembles a little",
    "campfire": "flames leap, sparks rise, smoke drifts, faces glow",
    "street": "lights flicker, reflections tremble, people pass",
    "market": "lanterns swing, lights flicker, people shift and turn",
    "library": "dust floats in the light and the lamp flickers",
    "table": "dust floats in the light, people move a little, a lamp flickers",
    "workspace": "dust floats in the light and a screen flickers",
    "workshop": "sparks fly, dust floats in the light, a lamp flickers",
    "stage": "the stage lights flicker, dust floats in the beams, people move a little",
    "network": "points of light pulse and travel along the lines",
}
LONGEST_SHOWN = 110
WEATHERS = {"rain": "rain falls", "snow": "snow falls", "mist": "mist drifts past"}
OTHERWISE = "the light changes gently and small things stir in the air"


def motion(number: int, seen: str) -> str:
    """The motion of one picture: a continuous shot, camera first; ``seen`` are the words of what it shows."""
    subject = next((name for name in ranked(seen) if name in SUBJECTS), None)
    moves = SUBJECTS[subject] if subject else OTHERWISE
    if weather := WEATHERS.get(weather_of(seen) or ""):
        moves = f"{weather}, {moves}"
    shown = textwrap.shorten(seen.rstrip(". "), LONGEST_SHOWN, placeholder="")
    return f"One continuous shot of {shown}. {CAMERAS[(number - 1) % len(CAMERAS)]}; {moves}."


def motion_fields(number: int, seen: str) -> dict[str, Any]:
    """The same under each of its names; the schema keeps the one that it asks for."""
    return dict.fromkeys(MOTION_FIELDS, motion(number, seen))
