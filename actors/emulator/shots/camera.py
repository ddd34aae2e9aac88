"""How the camera goes, by the words of the prompt: always slow, and never past the edge of the picture."""

import re
from dataclasses import dataclass

_STILL = "(?:static|locked|still|does not move)"
_CAMERA = "(?:camera|shot|frame)"
_SLOWLY = r"(?:slowly\s+|gently\s+)?"
MOVES = (
    (rf"\b{_STILL}\b[^.]{{0,20}}\b{_CAMERA}\b|\b{_CAMERA}\b[^.]{{0,20}}\b{_STILL}\b", "still"),
    (rf"\b(?:pull|dolly|dollie|zoom|track)(?:s|ing)?\s+{_SLOWLY}(?:back|out)\b", "pull"),
    (r"\bpan(?:s|ning)?\b[^.]{0,30}\bleft\b", "pan left"),
    (r"\bpan(?:s|ning)?\b", "pan right"),
    (r"\b(?:track|truck|slide|drift|glide)(?:s|ing)?\b[^.]{0,30}\bleft\b", "pan left"),
    (r"\b(?:track|truck|slide|drift|glide)(?:s|ing)?\b[^.]{0,30}\b(?:right|sideways|along)\b", "pan right"),
    (r"\btilt(?:s|ing)?\b[^.]{0,20}\bdown\b", "tilt down"),
    (r"\btilt(?:s|ing)?\b", "tilt up"),
    (r"\b(?:crane|camera rises|rises? (?:slowly )?above|ascend|pedestal)", "crane"),
    (r"\b(?:camera (?:sinks|lowers|descends))", "tilt down"),
    (r"\b(?:orbit|arc|circle)(?:s|ing)?\b", "orbit"),
)
"""In this order; a shot of which nothing is said pushes in."""
ZOOM_PER_SECOND, MOST_ZOOM = 0.024, 0.2
SLACK = 0.42
"""How far it may go aside, as a share of what its zoom leaves outside the frame: all depths stay within."""
PULL = 0.3
"""How much slower it draws back: what it uncovers is not in the picture."""


@dataclass(frozen=True)
class View:
    """Where the camera is: ``zoom`` beyond 1 and how far aside, as shares of width and height."""

    zoom: float
    x: float = 0.0
    y: float = 0.0


def move_of(prompt: str) -> str:
    for pattern, move in MOVES:
        if re.search(pattern, prompt.lower()):
            return move
    return "push"


def view(move: str, share: float, seconds: float) -> View:
    """The camera at a share (0 to 1) of the shot: at 0 it sees the picture as it is."""
    # Half at a steady pace, half with a soft beginning and end.
    gone = 0.5 * share + 0.5 * share * share * (3 - 2 * share)
    zoom = min(MOST_ZOOM, ZOOM_PER_SECOND * seconds) * gone
    aside = zoom * SLACK
    sideways = {
        "pan right": (aside, 0.0),
        "pan left": (-aside, 0.0),
        "orbit": (aside, -aside * 0.2),
        "tilt up": (0.0, -aside),
        "crane": (0.0, -aside * 0.9),
        "tilt down": (0.0, aside),
    }
    if move in sideways:
        return View(zoom, *sideways[move])
    if move == "still":
        return View(zoom * 0.12)
    return View(-zoom * PULL) if move == "pull" else View(zoom)
