"""Whether one text says what another says, word for word: which words are missing, added or moved.

What does not change what is heard does not count: case, punctuation, hyphens, compatibility forms, vowel
points, and numbers that are written out. What does, is found however small: a sentence of one word, a vowel
sign of Devanagari. Words are characters where words are not set apart.

The comparison is Myers' greedy one with a bound: it costs as much as there are differences, and texts that
differ by more are not compared to the end. Rejected: difflib, which is quadratic in the text (minutes for
50,000 characters of Chinese), and counting words alone, which does not see order.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.characters import is_invisible

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U000323af]"
)
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""
_POINTS = range(10, 36)
"""Combining classes of Hebrew and Arabic vowel points, which writers leave out at will."""
_TATWEEL = "\u0640"
_STOP = re.compile(r"[.!?…।॥؟۔]+[\"'”’»)\]]*(?=\s|$)|[。！？｡]+[」』）”]*")
_MOST_EDITS = 1500
_LONGEST_NUMBER = 12
"""A number written out has up to so many words."""


def words_of(text: str) -> list[str]:
    """Words as they are compared; each character is one where words are not set apart."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain.translate({ord(character): _kept(character) for character in set(plain)}).split()


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character == _TATWEEL or unicodedata.combining(character) in _POINTS:
        return ""
    if is_invisible(character):  # a variation selector: the same letter in another form
        return ""
    if _UNSPACED.match(character):
        return f" {character} " if category[0] in "LNM" else " "
    return character if category[0] in "LNM" else " "


def weight(words: Sequence[str]) -> float:
    """How many words these are to a listener: two characters of an unspaced script count as one."""
    return sum(0.5 if _UNSPACED.match(word) else 1.0 for word in words)


@dataclass(frozen=True)
class Comparison:
    """How ``given`` differs from ``wanted``, in runs of words; all empty when it says the same."""

    missing: list[list[str]]
    added: list[list[str]]
    lost_sentences: list[list[str]]
    out_of_order: bool
    """The same words, in another order."""
    complete: bool
    """False: the texts differ so much that runs and sentences were not looked for."""

    @property
    def changed(self) -> float:
        return sum(map(weight, self.missing)) + sum(map(weight, self.added))


@dataclass(frozen=True)
class _Change:
    """``wanted[a:b]`` stands where ``given[c:d]`` does."""

    a: int
    b: int
    c: int
    d: int


def compare(wanted_text: str, given_text: str, *, tolerated: float) -> Comparison:
    """Compare; ``tolerated`` changed words are found for certain, whatever they are."""
    wanted, given = words_of(wanted_text), words_of(given_text)
    if wanted == given:
        return Comparison([], [], [], out_of_order=False, complete=True)
    before, after = Counter(wanted), Counter(given)
    changes = _changes(wanted, given, min(_MOST_EDITS, round(2 * tolerated) + 300))
    if changes is None:
        missing, added = list((before - after).elements()), list((after - before).elements())
        moved = weight(missing) + weight(added) <= tolerated
        return Comparison([missing], [added], [], out_of_order=moved, complete=False)
    told = [change for change in changes if not _is_same(wanted, given, change)]
    return Comparison(
        missing=[wanted[change.a : change.b] for change in told if change.b > change.a],
        added=[given[change.c : change.d] for change in told if change.d > change.c],
        lost_sentences=list(_lost(wanted, _sentences(wanted_text), told)),
        out_of_order=before == after,
        complete=True,
    )


def _is_same(wanted: list[str], given: list[str], change: _Change) -> bool:
    """Whether it is only written in another way: ``twenty-one``, ``twenty one``; ``3``, ``three``."""
    left, right = wanted[change.a : change.b], given[change.c : change.d]
    if "".join(left) == "".join(right):
        return True
    numbers = any(any(map(str.isdigit, word)) for word in (*left, *right))
    return numbers and bool(left) and bool(right) and max(len(left), len(right)) <= _LONGEST_NUMBER


# ---- sentences --------------------------------------------------------------------------------------


def _sentences(text: str) -> list[tuple[int, int]]:
    """The sentences that end in a full stop of some kind, as spans of words."""
    spans, at, begun = [], 0, 0
    for stop in _STOP.finditer(text):
        words = len(words_of(text[begun : stop.end()]))
        spans.append((at, at + words))
        at, begun = at + words, stop.end()
    return [span for span in spans if span[1] > span[0]]


def _lost(wanted: list[str], sentences: list[tuple[int, int]], changes: list[_Change]) -> Iterator[list[str]]:
    """Sentences that are missing as a whole, with nothing of their length in their place."""
    starts = [start for start, _ in sentences]
    ends = [*(change.a for change in changes), len(wanted)][1:]
    for change, end in zip(changes, ends, strict=False):
        a, b = change.a, change.b
        while b > a:
            here = sentences[bisect_left(starts, a) : bisect_left(starts, b)]
            lost = [(x, y) for x, y in here if y <= b and 2 * (change.d - change.c) < y - x]
            yield from (wanted[x:y] for x, y in lost)
            # What is missing may as well be told to begin a word later: "it is [dark. it is] cold".
            if lost or change.d > change.c or b >= end or wanted[a] != wanted[b]:
                break
            a, b = a + 1, b + 1


# ---- differences ------------------------------------------------------------------------------------


def _changes(wanted: list[str], given: list[str], most: int) -> list[_Change] | None:
    """The fewest changes that turn one into the other; None when words changed are more than ``most``."""
    start = next(
        (n for n, (left, right) in enumerate(zip(wanted, given, strict=False)) if left != right),
        min(len(wanted), len(given)),
    )
    left, right = wanted[start:], given[start:]
    while left and right and left[-1] == right[-1]:
        left.pop()
        right.pop()
    edits = _edits(left, right, most)
    if edits is None:
        return None
    changes: list[_Change] = []
    for x, y, dx, dy in edits:
        a, c = x + start, y + start
        if changes and changes[-1].b == a and changes[-1].d == c:
            changes[-1] = _Change(changes[-1].a, a + dx, changes[-1].c, c + dy)
        else:
            changes.append(_Change(a, a + dx, c, c + dy))
    return _gathered(wanted, changes)


def _gathered(wanted: list[str], changes: list[_Change]) -> list[_Change]:
    """Missing runs begun as early as they can be, so that two that belong together meet."""
    gathered: list[_Change] = []
    for change in changes:
        now, floor = change, gathered[-1].b if gathered else 0
        while now.c == now.d and now.a > floor and wanted[now.a - 1] == wanted[now.b - 1]:
            now = _Change(now.a - 1, now.b - 1, now.c - 1, now.d - 1)
        if gathered and now.a == floor:
            gathered[-1] = _Change(gathered[-1].a, now.b, gathered[-1].c, now.d)
        else:
            gathered.append(now)
    return gathered


def _edits(left: list[str], right: list[str], most: int) -> list[tuple[int, int, int, int]] | None:
    """Myers' shortest edit script: ``(x, y, 1, 0)`` takes left[x] away, ``(x, y, 0, 1)`` puts right[y] in."""
    far = {1: 0}
    trace: list[list[int]] = []
    for depth in range(min(most, len(left) + len(right)) + 1):
        for k in range(-depth, depth + 1, 2):
            down = k == -depth or (k != depth and far[k - 1] < far[k + 1])
            x = far[k + 1] if down else far[k - 1] + 1
            y = x - k
            while x < len(left) and y < len(right) and left[x] == right[y]:
                x, y = x + 1, y + 1
            far[k] = x
            if x >= len(left) and y >= len(right):
                return _walked_back(trace, len(left), len(right))
        trace.append([far[k] for k in range(-depth, depth + 1, 2)])
    return None


def _walked_back(trace: list[list[int]], x: int, y: int) -> list[tuple[int, int, int, int]]:
    edits = []
    for depth in range(len(trace), 0, -1):
        before, k = trace[depth - 1], x - y
        reach = {line: before[(line + depth - 1) // 2] for line in (k - 1, k + 1) if abs(line) < depth}
        down = k == -depth or (k != depth and reach[k - 1] < reach[k + 1])
        x = reach[k + 1 if down else k - 1]
        y = x - (k + 1 if down else k - 1)
        edits.append((x, y, 0, 1) if down else (x, y, 1, 0))
    return edits[::-1]
