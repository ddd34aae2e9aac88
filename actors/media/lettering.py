"""One line of text in pixels: how wide it is, how it is drawn, where its words stand.

Text is shaped by HarfBuzz and ordered by FriBidi inside Pillow's wheel, so Arabic joins, Devanagari
stacks and Hebrew runs from right to left. A line is drawn in runs, one for each font that it needs.
"""

import unicodedata
from functools import cache
from itertools import accumulate
from typing import Final

from PIL import ImageDraw

from actors.media import fonts
from actors.media.fonts import Direction

WEIGHT: Final = 600


def measure(text: str, size: int, language: str = "", weight: int = WEIGHT) -> float:
    """The width of one line in pixels."""
    return sum(_run_width(run, size, weight) for run in fonts.runs(text, language))


def draw_line(
    pen: ImageDraw.ImageDraw,
    line: str,
    left: float,
    baseline: float,
    size: int,
    language: str = "",
    weight: int = WEIGHT,
) -> None:
    """One line in white from ``left``, shaped, in the order in which its script is read."""
    at = left
    for run, direction in _visual_order(list(fonts.runs(line, language)), fonts.direction(line)):
        pen.text(
            (at, baseline),
            run.text,
            fill=255,
            font=fonts.load(run.face, size, weight),
            anchor="ls",
            direction=direction.value,
            stroke_width=0 if run.face.variable else size / 60,  # CJK comes in one weight, too thin here
        )
        at += _run_width(run, size, weight)


def word_place(
    line: str, begin: int, end: int, size: int, language: str = "", weight: int = WEIGHT
) -> tuple[float, float] | None:
    """The left and right edges of characters ``begin`` to ``end``, in pixels from the line's left edge.

    None where both directions are written with one face: only the shaper knows what stands where.
    """
    pieces = list(fonts.runs(line, language))
    starts = dict(
        zip(map(id, pieces), accumulate((len(run.text) for run in pieces), initial=0), strict=False)
    )
    edges: list[float] = []
    at = 0.0
    for run, direction in _visual_order(pieces, fonts.direction(line)):
        width = _run_width(run, size, weight)
        first = max(begin - starts[id(run)], 0)
        last = min(end - starts[id(run)], len(run.text))
        if first < last:
            if _both_ways(run.text):
                return None
            font = fonts.load(run.face, size, weight)
            before, upto = (font.getlength(run.text[:place]) for place in (first, last))
            if direction is Direction.RIGHT_TO_LEFT:
                before, upto = width - upto, width - before
            edges += [at + before, at + upto]
        at += width
    return (min(edges), max(edges)) if edges else None


def _both_ways(text: str) -> bool:
    kinds = {unicodedata.bidirectional(character) for character in text}
    return bool(kinds & {"R", "AL"}) and bool(kinds & {"L", "EN", "AN"})


def _visual_order(pieces: list[fonts.Run], base: Direction) -> list[tuple[fonts.Run, Direction]]:
    """Runs from left to right as they are seen; left-to-right runs inside a right-to-left line keep order."""
    directed = list(zip(pieces, _directions(pieces, base), strict=True))
    if base is Direction.LEFT_TO_RIGHT:
        return directed
    ordered: list[tuple[fonts.Run, Direction]] = []
    together = 0
    for run, direction in directed:
        together = 0 if direction is Direction.RIGHT_TO_LEFT else together + 1
        ordered.insert(max(0, together - 1), (run, direction))
    return ordered


def _directions(pieces: list[fonts.Run], base: Direction) -> list[Direction]:
    """Of each run; spaces, marks and emoji go as both of their neighbours do, else as the line."""
    if len(pieces) == 1:
        return [base]
    strong = [fonts.direction(run.text) if _is_strong(run.text) else None for run in pieces]
    found = []
    for place, own in enumerate(strong):
        before = next(filter(None, reversed(strong[:place])), base)
        after = next(filter(None, strong[place:]), base)
        found.append(own or (before if before is after else base))
    return found


def _is_strong(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"L", "R", "AL", "EN", "AN"} for character in text)


@cache
def _run_width(run: fonts.Run, size: int, weight: int) -> float:
    return fonts.load(run.face, size, weight).getlength(run.text)
