"""One line of text in pixels: how wide it is, how it is drawn, where its words stand.

A line is divided where its font, its direction or its writing system changes; each piece is shaped by
HarfBuzz, so Arabic joins and Devanagari stacks; the pieces stand as the bidirectional algorithm orders the
whole line. All outlines of a line are then filled at once. Pillow's own text was rejected: its wheels shape
only where the machine has FriBidi, lay out a line in one font alone, and do not tell where a letter stands.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import uharfbuzz
from fontTools.unicodedata import script
from PIL import Image, ImageDraw

from actors.media import bidi, fonts
from actors.media.fonts import UNITS, Direction, Face

WEIGHT: Final = 600
_NO_SCRIPT: Final = frozenset({"Zyyy", "Zinh", "Zzzz"})


@dataclass(frozen=True, slots=True)
class _Glyph:
    """Of characters ``begin`` to ``end`` of the line, which it holds from ``left`` for ``width`` pixels."""

    face: Face
    number: int
    begin: int
    end: int
    left: float
    width: float
    across: float
    up: float
    """How far it is drawn off its place."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters that are shaped together, as places in what is drawn of a line."""

    begin: int
    end: int
    face: Face
    level: int
    script: str


def measure(text: str, size: int, language: str = "", weight: int = WEIGHT) -> float:
    """The width of one line in pixels."""
    return _laid_out(text, size, language, weight, None)[1]


def draw_line(
    pen: ImageDraw.ImageDraw,
    line: str,
    left: float,
    baseline: float,
    size: int,
    language: str = "",
    weight: int = WEIGHT,
    base: Direction | None = None,
) -> None:
    """One line in white from ``left``, in the order in which it is read.

    ``base`` is the direction of the text that the line is a part of; without it the line's own counts.
    """
    glyphs, _ = _laid_out(line, size, language, weight, base)
    ink = uharfbuzz.RasterDraw()
    ink.scale_factor = (UNITS, UNITS)
    column, row = round(left), round(baseline)  # on whole pixels a line looks the same wherever it stands
    for glyph in glyphs:
        ink.transform = (1, 0, 0, 1, (glyph.left + glyph.across) * UNITS, glyph.up * UNITS)
        ink.draw_glyph(fonts.load(glyph.face, size, weight), glyph.number)
    drawn = ink.render()
    if drawn is None or not drawn.extents.width or not drawn.extents.height:
        return
    box = drawn.extents
    mask = Image.frombuffer("L", (box.width, box.height), drawn.buffer, "raw", "L", box.stride, -1)
    pen.bitmap((column + box.x_origin, row - box.y_origin - box.height), mask, fill=255)


def word_places(
    line: str,
    begin: int,
    end: int,
    size: int,
    language: str = "",
    weight: int = WEIGHT,
    base: Direction | None = None,
) -> list[tuple[float, float]]:
    """The left and right edges of characters ``begin`` to ``end``, in pixels from the line's left edge.

    One pair, or several from left to right where a word of both directions is parted by others.
    """
    places: list[tuple[float, float]] = []
    glyphs, _ = _laid_out(line, size, language, weight, base)
    for glyph in glyphs:
        if glyph.begin < end and begin < glyph.end:
            if places and abs(places[-1][1] - glyph.left) < 1 / UNITS:
                places[-1] = (places[-1][0], glyph.left + glyph.width)
            else:
                places.append((glyph.left, glyph.left + glyph.width))
    return places


@lru_cache(2048)
def _laid_out(
    line: str, size: int, language: str, weight: int, base: Direction | None
) -> tuple[tuple[_Glyph, ...], float]:
    """The glyphs of a line from left to right as they are seen, and the line's width."""
    kept = fonts.drawable(line, language)
    text = "".join(line[place] for place in kept)
    kept.append(len(line))
    glyphs: list[_Glyph] = []
    at = 0.0
    for piece in _pieces(text, language, base or fonts.direction(line, language)):
        shaped = _shaped(text, piece, size, language, weight)
        edges = [*sorted({info.cluster for info in shaped.glyph_infos}), piece.end]
        following = dict(pairwise(edges))
        for info, place in zip(shaped.glyph_infos, shaped.glyph_positions, strict=True):
            glyphs.append(
                _Glyph(
                    piece.face,
                    info.codepoint,
                    kept[info.cluster],
                    kept[following[info.cluster] - 1] + 1,
                    at,
                    place.x_advance / UNITS,
                    place.x_offset / UNITS,
                    place.y_offset / UNITS,
                )
            )
            at += place.x_advance / UNITS
    return tuple(glyphs), at


def _shaped(text: str, piece: _Piece, size: int, language: str, weight: int) -> uharfbuzz.Buffer:
    """The piece by its font; what stands beside it is told, as letters join across a change of font."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text, piece.begin, piece.end - piece.begin)
    buffer.direction = "rtl" if piece.level % 2 else "ltr"
    if piece.script:
        buffer.script = piece.script
    buffer.language = language or "und"  # else the machine's own
    uharfbuzz.shape(fonts.load(piece.face, size, weight), buffer)
    return buffer


def _pieces(text: str, language: str, base: Direction) -> list[_Piece]:
    """The line's pieces from left to right as they are seen."""
    levels = bidi.levels(text, int(base is Direction.RIGHT_TO_LEFT))
    faces = [run.face for run in fonts.runs(text, language) for _ in run.text]
    pieces: list[_Piece] = []
    for place, (face, level, system) in enumerate(zip(faces, levels, _scripts(text), strict=True)):
        last = pieces[-1] if pieces else None
        if last is not None and (last.face, last.level, last.script) == (face, level, system):
            pieces[-1] = _Piece(last.begin, place + 1, face, level, system)
        else:
            pieces.append(_Piece(place, place + 1, face, level, system))
    return bidi.in_visual_order(pieces, [piece.level for piece in pieces])


def _scripts(text: str) -> Iterator[str]:
    """The writing system of each character; what belongs to none goes with what stands before, else after."""
    own = [script(character) for character in text]
    current = next((system for system in own if system not in _NO_SCRIPT), "")
    for system, character in zip(own, text, strict=True):
        if system not in _NO_SCRIPT and not unicodedata.combining(character):
            current = system
        yield current
