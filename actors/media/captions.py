"""Captions from text and speech, and their drawing: readable on any picture, in the script's own manner.

Text is shaped by HarfBuzz and ordered by FriBidi inside Pillow's wheel, so Arabic joins, Devanagari
stacks and Hebrew runs from right to left. White letters stand on a soft dark glow of their own shape: a box
hides the picture, and an outline alone fails on busy ground. libass was rejected: the
encoder's wheel has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from actors.media import fonts
from actors.media.cues import Cue, scene_cues
from actors.media.errors import CaptionError
from actors.media.fonts import Direction
from actors.media.formats import Format
from actors.media.overlay import DrawnCue, overlay
from actors.media.speech import Speech
from actors.media.timeline import SceneShape
from actors.media.word_timing import read_words, time_words
from actors.media.words import split_words

_WEIGHT: Final = 600
_EDGE_GLOW: Final = 0.85
_WIDE_GLOW: Final = 0.68
"""Opacity of the two glows where they are deepest."""


@dataclass(frozen=True, slots=True)
class Style:
    """Where captions stand in a format: sizes in pixels."""

    size: int
    width: float
    """The widest line."""
    bottom: int
    """From the lower edge of the frame to the lower edge of the text."""

    @property
    def line_height(self) -> int:
        return round(self.size * 1.28)


def style(fmt: Format) -> Style:
    """Broadcast's safe area on wide frames; on tall ones clear of what players lay over the lower fifth."""
    if fmt.width > fmt.height:
        return Style(round(fmt.height * 0.053), fmt.width * 0.70, round(fmt.height * 0.075))
    if fmt.width < fmt.height:
        return Style(round(fmt.width * 0.064), fmt.width * 0.82, round(fmt.height * 0.20))
    return Style(round(fmt.height * 0.052), fmt.width * 0.82, round(fmt.height * 0.09))


def caption_scene(
    text: str,
    shape: SceneShape,
    fmt: Format,
    *,
    speech: Speech | None = None,
    language: str = "",
    burned: bool = True,
) -> list[Cue]:
    """The captions of one scene on its own clock (add ``Timeline.start_s(scene)`` for the film's).

    With ``burned=False`` they are for files only, and no font needs to have their characters.
    Words are timed by the pauses in ``speech``; without it they are spread over the scene's reading time.

    Raises:
        CaptionError: ``glyphs_missing`` naming the characters that no installed font can draw.

    """
    missing = fonts.missing_glyphs(text, language) if burned else []
    if missing:
        shown = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing[:12])
        raise CaptionError(
            "glyphs_missing",
            f"{len(missing)} characters of the text cannot be drawn: {shown}",
            "Captions are drawn in Latin, Greek, Cyrillic, CJK, Arabic, Hebrew and Devanagari;"
            " remove these characters or ask for sidecar captions only",
        )
    words = split_words(text)
    timed = time_words(words, speech) if speech else read_words(words, shape.speech / shape.fps)
    where = style(fmt)
    return scene_cues(timed, shape, lambda line: measure(line, where.size, language), where.width)


def draw_cues(cues: Sequence[Cue], fmt: Format, *, language: str = "") -> list[DrawnCue]:
    """Each caption drawn once, for ``render_clip``; the cues are on the scene's clock."""
    drawn = ((cue, overlay(draw(cue.lines, fmt, language=language))) for cue in cues)
    return [DrawnCue(cue.frames(fmt.fps), layer) for cue, layer in drawn if layer]


def draw(lines: Sequence[str], fmt: Format, *, language: str = "") -> Image.Image:
    """The lines as a transparent drawing of the frame's size (RGBA)."""
    where = style(fmt)
    ink = Image.new("L", (fmt.width, fmt.height), 0)
    pen = ImageDraw.Draw(ink)
    baseline = fmt.height - where.bottom - round(where.size * 0.27)
    for number, line in enumerate(reversed(lines)):
        at = (fmt.width - measure(line, where.size, language)) / 2
        draw_line(pen, line, at, baseline - number * where.line_height, where.size, language)
    # Where there is no ink the colour is black, so that the half-size colour planes hold no fringe.
    drawing = Image.merge("RGB", (ink, ink, ink))
    drawing.putalpha(_opacity(ink, where.size))
    return drawing


def measure(text: str, size: int, language: str = "", weight: int = _WEIGHT) -> float:
    """The width of one line in pixels."""
    return sum(_run_width(run, size, weight) for run in fonts.runs(text, language))


def draw_line(
    pen: ImageDraw.ImageDraw,
    line: str,
    left: float,
    baseline: float,
    size: int,
    language: str = "",
    weight: int = _WEIGHT,
) -> None:
    """One line in white from ``left``, shaped, in the order in which its script is read."""
    at = left
    for run in _visual_order(list(fonts.runs(line, language)), fonts.direction(line)):
        pen.text(
            (at, baseline),
            run.text,
            fill=255,
            font=fonts.load(run.face, size, weight),
            anchor="ls",
            direction=_run_direction(run, line).value,
            stroke_width=0 if run.face.variable else size / 60,  # CJK comes in one weight, too thin here
        )
        at += _run_width(run, size, weight)


def _opacity(ink: Image.Image, size: int) -> Image.Image:
    """The letters, a tight dark edge that separates them from anything, and a wide one that calms."""
    box = ink.getbbox()
    if box is None:
        return ink
    reach = round(size * 1.1)  # the glow ends before; only this part is worked on
    left, top = max(0, box[0] - reach), max(0, box[1] - reach)
    right, bottom = min(ink.width, box[2] + reach), min(ink.height, box[3] + reach)
    letters = np.asarray(ink.crop((left, top, right, bottom)))
    edge = _spread(letters, size * 0.05, size * 0.035) * _EDGE_GLOW
    wide = _spread(letters, size * 0.13, size * 0.28) * _WIDE_GLOW
    opacity = Image.new("L", ink.size, 0)
    opacity.paste(Image.fromarray(np.maximum(letters, np.maximum(edge, wide)).astype(np.uint8)), (left, top))
    return opacity


def _spread(letters: NDArray[np.uint8], grow: float, blur: float) -> NDArray[np.float32]:
    side = max(1, round(grow)) * 2 + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(letters, disc), (0, 0), blur), np.float32)


def _visual_order(pieces: list[fonts.Run], base: Direction) -> list[fonts.Run]:
    """Runs from left to right as they are seen; left-to-right runs inside a right-to-left line keep order."""
    if base is Direction.LEFT_TO_RIGHT or len(pieces) == 1:
        return pieces
    ordered: list[fonts.Run] = []
    for run in pieces:
        if fonts.direction(run.text) is Direction.RIGHT_TO_LEFT:
            ordered.insert(0, run)
            together = 0
        else:
            together = together + 1 if ordered and together else 1
            ordered.insert(together - 1, run)
    return ordered


def _run_direction(run: fonts.Run, line: str) -> Direction:
    return fonts.direction(line) if run.text == line else fonts.direction(run.text)


@cache
def _run_width(run: fonts.Run, size: int, weight: int) -> float:
    return fonts.load(run.face, size, weight).getlength(run.text)
