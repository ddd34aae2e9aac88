"""Double brackets: on a line of their own a direction; inside a line, as in notes and wikis, words."""

import re
from collections.abc import Iterator
from typing import Final

from domain.script_forms.parts import Marking, PartKind

BRACKETED: Final = re.compile(r"\[\[(?:(?!\[\[|\]\]|\n[ \t]*\n).)*\]\]", re.DOTALL)
"""Words in double brackets; they may go over lines, and not over paragraphs."""
_FAULT: Final = r"\[\[\s*fault\s*:[^\[\]]*\]\]"
"""For the emulator alone, and wherever it stands; see `reelog emulate`."""
DIRECTION: Final = re.compile(
    rf"^[ \t]*(?:{BRACKETED.pattern}[ \t]*)+$|{_FAULT}", re.DOTALL | re.MULTILINE | re.IGNORECASE
)
LABEL: Final = "direction in double brackets"
_MOST_NESTED: Final = 5
"""Brackets in brackets that are taken apart one by one; deeper ones are nobody's links."""


def claim(marking: Marking) -> None:
    if "[[" not in marking.text:
        return
    at = 0
    for direction in DIRECTION.finditer(marking.text):
        _unwrap(marking, at, direction.start())
        written = " ".join(direction[0].split())
        marking.claim(direction.start(), direction.end(), PartKind.DIRECTION, LABEL, written)
        at = direction.end()
    _unwrap(marking, at, len(marking.text))


def label_of(link: str) -> tuple[int, int]:
    """Where in ``[[page|label]]`` stands what is read of it: what follows the last stroke with words."""
    parts = link[2:-2].split("|")
    number = next((n for n in range(len(parts) - 1, -1, -1) if parts[n].strip()), 0)
    begin = 2 + sum(len(part) + 1 for part in parts[:number])
    return begin, begin + len(parts[number])


def is_shortened(link: str) -> bool:
    """Whether words of it are not read: what stands before the last stroke that words follow."""
    return len([part for part in link[2:-2].split("|") if part.strip()]) > 1


def _unwrap(marking: Marking, start: int, end: int) -> None:
    piece, places = marking.text[start:end], list(range(start, end))
    for _ in range(_MOST_NESTED):
        dropped = list(_around_labels(piece))
        if not dropped:
            break
        piece, places = _without(piece, places, dropped)
    else:
        for brackets in (r"\[\[", r"\]\]"):
            piece, places = _without(piece, places, [m.span() for m in re.finditer(brackets, piece)])
    for begin, stop in _gaps(places, start, end):
        if marking.text[begin:stop].strip("[]| \t\n"):
            marking.leave_out(begin, stop, "link target")
        else:
            marking.signs(begin, stop, "double bracket")


def _around_labels(piece: str) -> Iterator[tuple[int, int]]:
    for found in BRACKETED.finditer(piece):
        begin, end = label_of(found[0])
        yield found.start(), found.start() + begin
        yield found.start() + end, found.end()


def _without(piece: str, places: list[int], dropped: list[tuple[int, int]]) -> tuple[str, list[int]]:
    kept: list[tuple[int, int]] = []
    at = 0
    for begin, end in dropped:
        kept.append((at, begin))
        at = end
    kept.append((at, len(piece)))
    words = "".join(piece[begin:end] for begin, end in kept)
    return words, [place for begin, end in kept for place in places[begin:end]]


def _gaps(places: list[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The runs from ``start`` to ``end`` that are not in ``places``."""
    at = start
    for place in [*places, end]:
        if place > at:
            yield at, place
        at = place + 1
