"""Captions as people read them: a thought at a time, two lines at most, balanced, in step with the speech.

Which words stand together is chosen by a dynamic programme over all divisions: breaks at the end of a
sentence cost nothing, elsewhere they cost, too short and too long captions cost. Greedy filling was rejected:
it strands the last word of a sentence in a caption of its own.

Times are integer milliseconds everywhere: rounding seconds at the last moment is how ``,1000``
gets into files.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from math import inf
from typing import Final

from actors.media.emoji import divided
from actors.media.timeline import SceneShape
from actors.media.words import TimedWord, Word, join_words

Measure = Callable[[str], float]
"""The width of a text on one line, in any unit."""

SHORTEST_S: Final = 0.9
LONGEST_S: Final = 6.0
FASTEST_CPS: Final = 20.0
"""Characters a second that a practised reader can follow."""
_LINGER_S: Final = 0.35
"""How long a caption may stay after its last word, where nothing follows."""
_MOST_WORDS: Final = 60
_WITHIN: Final = 1.2
"""Of lines that can break within a phrase only: less than a caption that ends there."""
_UNEVEN: Final = 0.4
"""Less than any break costs, so that it decides between breaks of a kind only."""
_VIRAMA: Final = 9
"""The combining class of what joins two letters of an Indic script."""
_GAP_MS: Final = 250
"""A shorter pause does not take the accent off a word: it would flicker."""


@dataclass(frozen=True, slots=True)
class CueWord:
    """A word of a caption, characters ``begin`` to ``end`` of ``line``, and when it is spoken."""

    start_ms: int
    end_ms: int
    line: int
    begin: int
    end: int

    def frames(self, fps: int) -> range:
        return frames_between(self.start_ms, self.end_ms, fps)


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: from ``start_ms`` until before ``end_ms``, of one or two lines.

    ``words`` are known where it was made from timed words, not where it was read from a file. Where its
    ``speaker`` is named, the first line begins with the name: so many characters.
    """

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    words: tuple[CueWord, ...] = field(default=(), compare=False)
    speaker: str | None = None
    name: int = 0

    def frames(self, fps: int) -> range:
        """The frames in which it stands: those whose moment lies in it."""
        return frames_between(self.start_ms, self.end_ms, fps)

    def later(self, seconds: Fraction) -> "Cue":
        """The same caption on another clock."""
        shift = round(seconds * 1000)
        words = tuple(
            replace(word, start_ms=word.start_ms + shift, end_ms=word.end_ms + shift) for word in self.words
        )
        return replace(self, start_ms=self.start_ms + shift, end_ms=self.end_ms + shift, words=words)


def speech_ms(shape: SceneShape) -> int:
    """When the first word is spoken, on the scene's clock."""
    return round(Fraction(shape.lead, shape.fps) * 1000)


def frames_between(start_ms: int, end_ms: int, fps: int) -> range:
    """The frames whose moment lies from ``start_ms`` until before ``end_ms``."""
    return range(-(-start_ms * fps // 1000), -(-end_ms * fps // 1000))


def scene_cues(words: Sequence[TimedWord], shape: SceneShape, measure: Measure, width: float) -> list[Cue]:
    """The captions of a scene on the scene's clock, from words timed from the beginning of its speech.

    No line is wider than ``width`` by ``measure``; no caption reaches into a crossfade or overlaps
    the next.
    """
    units = _narrow(words, measure, width)
    cuts = _divide(units, measure, width)
    opens = speech_ms(shape)
    closes = Fraction(shape.clip.stop, shape.fps) * 1000 // 1
    groups = [units[start:end] for start, end in cuts]
    cues: list[Cue] = []
    for number, group in enumerate(groups):
        start = opens + round(group[0].start_s * 1000)
        spoken = opens + round(group[-1].end_s * 1000)
        following = (
            opens + round(groups[number + 1][0].start_s * 1000) if number + 1 < len(groups) else closes
        )
        end = min(following, max(spoken + round(_LINGER_S * 1000), start + round(SHORTEST_S * 1000)))
        if following - end < 300:  # a caption that blinks off and on again disturbs
            end = following
        lines = _lines([timed.word for timed in group], measure, width)
        if end > start:
            cues.append(
                Cue(
                    int(start),
                    int(end),
                    tuple(join_words(line) for line in lines),
                    tuple(_cue_words(group, lines, opens, int(end))),
                    group[0].word.speaker,
                    len(group[0].word.text) if group[0].word.name else 0,
                )
            )
    return cues


def _cue_words(
    group: Sequence[TimedWord], lines: Sequence[list[Word]], opens: int, closes: int
) -> Iterator[CueWord]:
    """Where each word of a caption stands and when it is spoken; short gaps belong to the word before."""
    starts = [opens + round(timed.start_s * 1000) for timed in group] + [closes]
    timed = iter(zip(group, starts, starts[1:], strict=True))
    for number, line in enumerate(lines):
        at = 0
        for place, word in enumerate(line):
            at += bool(word.spaced and place)
            spoken, start, following = next(timed)
            end = opens + round(spoken.end_s * 1000)
            end = following if following - end < _GAP_MS else end
            if min(end, closes) > start:
                yield CueWord(start, min(end, closes), number, at, at + len(word.text))
            at += len(word.text)


def break_lines(words: list[Word], measure: Measure, width: float) -> tuple[str, ...]:
    """One line where it fits, else two, balanced, broken after punctuation where that is near."""
    return tuple(join_words(line) for line in _lines(words, measure, width))


def _lines(words: list[Word], measure: Measure, width: float) -> list[list[Word]]:
    if measure(join_words(words)) <= width or len(words) == 1:
        return [words]
    best = inf
    lines = [words]
    for cut in range(1, len(words)):
        above, below = join_words(words[:cut]), join_words(words[cut:])
        first, second = measure(above), measure(below)
        cost = ((first - second) / width) ** 2 + (0.02 if first > second else 0)
        cost += 10 * (max(first, second) > width)
        if words[cut - 1].ends_sentence or words[cut - 1].ends_clause:
            cost -= 0.06
        elif _leans(words[cut - 1]) and words[cut].spaced:
            cost += 0.03
        elif not words[cut].begins:
            cost += 0.5
        if cost < best:
            best, lines = cost, [words[:cut], words[cut:]]
    return lines


def _leans(word: Word) -> bool:
    """Whether a word belongs to what follows, as "the", "of" and "und" do."""
    return len(word.text) <= 3 and not word.ends_clause and not word.ends_sentence


def _divide(units: Sequence[TimedWord], measure: Measure, width: float) -> list[tuple[int, int]]:
    """The cheapest division into captions, as (start, end) of units."""
    count = len(units)
    space = measure("x x") - measure("xx")
    widths = [measure(unit.word.text) + (space if unit.word.spaced else 0) for unit in units]
    upto = list(accumulate(widths, initial=0.0))
    best = [0.0] + [inf] * count
    came = [0] * (count + 1)
    for end in range(1, count + 1):
        for start in range(end - 1, max(-1, end - 1 - _MOST_WORDS), -1):
            # No word and no name is wider than a line; with the space before it it may seem so.
            alone = end - start == 1 + units[start].word.name
            if start + 1 < end and units[start + 1].word.opens:
                break  # a caption begins with its picture
            if not alone and upto[end] - upto[start] > 2 * width:
                break
            if units[end - 1].word.name:
                continue  # of no length, it would not be seen alone
            breaks = 0.0 if alone else _breaks(units, upto, start, end, width)
            # Squares are least where captions are alike: a sentence's last words do not stand alone.
            filled = (upto[end] - upto[start]) / (2 * width)
            cost = best[start] + _cost(units, start, end) + breaks + _UNEVEN * filled**2
            if cost < best[end]:
                best[end], came[end] = cost, start
    cuts: list[tuple[int, int]] = []
    end = count
    while end:
        cuts.append((came[end], end))
        end = came[end]
    return cuts[::-1]


def _breaks(units: Sequence[TimedWord], upto: list[float], start: int, end: int, width: float) -> float:
    """What it costs to set these in lines within the width: nothing where they can break between phrases."""
    safe = width * 0.985  # widths of words do not add up exactly
    if upto[end] - upto[start] <= safe:
        return 0.0
    cost = inf
    for cut in range(start + 1, end):
        if upto[cut] - upto[start] <= safe and upto[end] - upto[cut] <= safe:
            if units[cut].word.begins or units[cut - 1].word.goes_on:  # what is cut anyway may break
                return 0.0
            cost = _WITHIN
    return cost


def _cost(units: Sequence[TimedWord], start: int, end: int) -> float:
    last = units[end - 1]
    lasts = last.end_s - units[start].start_s
    cost = 1.0
    if end < len(units):
        pause = units[end].start_s - last.end_s
        if not last.word.ends_sentence:
            cost += 0.35 if last.word.ends_clause else 1.2
            cost += 0.5 * (_leans(last.word) and units[end].word.spaced)
            cost += 1.5 * (not units[end].word.begins)
        cost -= min(0.4, pause)
    cost += sum(0.7 for unit in units[start : end - 1] if unit.word.ends_sentence)
    cost += 2.0 * max(0.0, SHORTEST_S - lasts) + 1.0 * max(0.0, lasts - LONGEST_S)
    characters = sum(len(unit.word.text) for unit in units[start:end])
    if lasts > 0:
        cost += 0.05 * max(0.0, characters / lasts - FASTEST_CPS)
    return cost


def _narrow(words: Sequence[TimedWord], measure: Measure, width: float) -> list[TimedWord]:
    """Words wider than a line are cut, and each piece keeps its share of the time; names are shortened."""
    narrow: list[TimedWord] = []
    for timed in words:
        if timed.word.name:
            name = shortened(timed.word.text, measure, width * 0.98, "…:")
            narrow.append(replace(timed, word=replace(timed.word, text=name)))
            continue
        pieces = _cut(timed.word.text, measure, width * 0.98)
        length = (timed.end_s - timed.start_s) / len(pieces)
        for number, piece in enumerate(pieces):
            begin = timed.start_s + number * length
            word = replace(
                timed.word,
                text=piece,
                spaced=timed.word.spaced and not number,
                begins=timed.word.begins and not number,
                goes_on=timed.word.goes_on or number + 1 < len(pieces),
                opens=timed.word.opens and not number,
            )
            narrow.append(TimedWord(word, begin, begin + length))
    return narrow


def shortened(text: str, measure: Measure, width: float, sign: str) -> str:
    """The text, or what of its beginning fits with a sign that there is more."""
    if measure(text) <= width:
        return text
    return _filled(text, lambda piece: measure(piece + sign), width)[0].rstrip() + sign


def _cut(text: str, measure: Measure, width: float) -> list[str]:
    """Pieces that fit, alike where no mark divides them: no letter is left over."""
    pieces = _filled(text, measure, width)
    if len(pieces) == 1 or any(_is_mark(piece[-1]) for piece in pieces[:-1]):
        return pieces
    narrow, wide = width * (1 - 1 / len(pieces)), width
    for _ in range(5):  # the narrowest lines that are no more in number
        middle = (narrow + wide) / 2
        tried = _filled(text, measure, middle)
        if len(tried) == len(pieces):
            pieces, wide = tried, middle
        else:
            narrow = middle
    return pieces


def _filled(text: str, measure: Measure, width: float) -> list[str]:
    """The longest that fit: an address breaks after one of its marks, no letter is parted from its signs."""
    pieces: list[str] = []
    while (reach := _reach(text, measure, width)) < len(text):
        places = [n for n in _places(text[: reach + 1]) if n <= reach] or [reach]
        marks = [n for n in places[len(places) // 2 :] if _is_mark(text[n - 1])]
        fits = (marks or places)[-1]
        pieces.append(text[:fits])
        text = text[fits:]
    return [*pieces, text]


def _reach(text: str, measure: Measure, width: float) -> int:
    """How many characters fit, at least one; what lies far beyond is not measured."""
    upto = 16
    while upto < len(text) and measure(text[:upto]) <= width:
        upto *= 2
    if upto >= len(text) and measure(text) <= width:
        return len(text)
    fitting = bisect_right(range(1, min(upto, len(text))), width, key=lambda n: measure(text[:n]))
    return max(1, fitting)


def _places(text: str) -> Iterator[int]:
    """Where the text may be cut."""
    at = 0
    for piece, is_emoji in divided(text):
        for place in [at] if is_emoji else range(at, at + len(piece)):
            if place and not _clings(text, place):
                yield place
        at += len(piece)


def _clings(text: str, at: int) -> bool:
    """Whether the character there belongs to the one before: a sign, a joined letter or emoji, a space."""
    before, after = text[at - 1], text[at]
    joined = "\u200d" in (before, after) or unicodedata.combining(before) == _VIRAMA
    return joined or after == " " or unicodedata.category(after).startswith("M")


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("P") or character in "=+~ "
