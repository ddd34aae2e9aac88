"""How the camera moves over a still picture: slowly, never out of it, and a pure function of time.

A view is a window into the picture, in fractions of it, so nothing here knows about pixels; the renderer
resamples at sub-pixel positions. Moves are chosen from the scene's number, mood and a seed: no clock, no
random state, so a segment made alone continues its neighbour to the sub-pixel. ffmpeg's zoompan was rejected:
it rounds to whole pixels and shakes by 0.94 px, thirty times as much.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WIDEST: Final = 1.0
"""The whole picture."""
CLOSEST: Final = 0.84
"""The smallest share of the picture's width that is ever shown."""
_PAN_WIDTH: Final = 0.90
"""Share of the width shown while panning; the rest is the way to go."""
_RATE_PER_S: Final = 0.016
"""Change of the window per second, as a share of the picture: slow enough to read captions over."""


class Move(StrEnum):
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    RISE = "rise"
    SINK = "sink"

    @property
    def is_pan(self) -> bool:
        """The view keeps its size."""
        return self not in {Move.ZOOM_IN, Move.ZOOM_OUT}


_CALM: Final = (Move.PAN_RIGHT, Move.ZOOM_IN, Move.PAN_LEFT, Move.ZOOM_OUT)
_TENSE: Final = (Move.ZOOM_IN, Move.PAN_LEFT, Move.ZOOM_IN, Move.SINK)
_BRIGHT: Final = (Move.ZOOM_OUT, Move.RISE, Move.PAN_RIGHT, Move.ZOOM_IN)
_PLAIN: Final = (Move.ZOOM_IN, Move.PAN_RIGHT, Move.ZOOM_OUT, Move.PAN_LEFT, Move.RISE)
_CYCLES: Final = (
    (
        (
            ("calm", "seren", "quiet", "peace", "gentle", "melanchol", "sad", "nostalg", "dream", "reflect"),
            _CALM,
        )
    ),
    ((("tense", "dark", "fear", "urgent", "dramatic", "ominous", "suspens", "angr", "myster"), _TENSE)),
    (
        (
            ("hope", "joy", "happy", "bright", "triumph", "inspir", "optimis", "wonder", "excit", "warm"),
            _BRIGHT,
        )
    ),
)
_ENERGY: Final = {_CALM: 0.8, _TENSE: 1.15, _BRIGHT: 1.1, _PLAIN: 1.0}


@dataclass(frozen=True, slots=True)
class View:
    """A window into the picture: its centre and its width (and height), as fractions of the picture's."""

    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Motion:
    """One move, from one view to another; ``focus`` stays where it is in the frame while zooming."""

    move: Move
    strength: float
    """How far the window changes, as a share of the picture."""
    focus: tuple[float, float] = (0.5, 0.5)
    """In fractions of the picture, from its upper left corner."""

    def view(self, at: float) -> View:
        """The window at ``at``: 0 is the scene's first frame, 1 its last."""
        # Half linear, half eased: it starts and lands softly and yet never stands still.
        eased = 0.5 * at + 0.5 * at * at * (3 - 2 * at)
        if not self.move.is_pan:
            near = max(CLOSEST, WIDEST - self.strength)
            from_wide = eased if self.move is Move.ZOOM_IN else 1 - eased
            size = WIDEST * (near / WIDEST) ** from_wide  # constant growth per second looks even
            x, y = (f + (0.5 - f) * size / WIDEST for f in self.focus)
            return View(x, y, size)
        size = _PAN_WIDTH
        way = min(self.strength, WIDEST - size)
        offset = way * (eased - 0.5)
        if self.move in {Move.PAN_LEFT, Move.PAN_RIGHT}:
            sign = 1 if self.move is Move.PAN_RIGHT else -1
            return View(0.5 + sign * offset, _inside(self.focus[1], size), size)
        sign = -1 if self.move is Move.RISE else 1
        return View(_inside(self.focus[0], size), 0.5 + sign * offset, size)


def _inside(centre: float, size: float) -> float:
    return min(max(centre, size / 2), 1 - size / 2)


def choose_motion(
    scene: int, mood: str, seconds: float, *, seed: str = "", focus: tuple[float, float] = (0.5, 0.5)
) -> Motion:
    """The move of a scene that lasts ``seconds``; the same for the same arguments on every machine.

    ``focus`` is the point to keep in view, in fractions of the picture.
    """
    said = mood.casefold()
    cycle = next((moves for words, moves in _CYCLES if any(word in said for word in words)), _PLAIN)
    offset = hashlib.sha256(seed.encode()).digest()[0]
    move = cycle[(scene + offset) % len(cycle)]
    return Motion(move, max(0.03, _RATE_PER_S * _ENERGY[cycle] * seconds), focus)
