"""Who speaks which words of a scene: its text, cut into lines, where the script names its speakers.

The lines of a scene, joined, are its words, whatever became of the script's division into scenes: a scene is
found again by its text. Words that took the place of one character's are that character's, too; in any other
scene whose words are not the script's any more, only quoted speech is parted from what the narrator says.

Quoted speech is found by its marks, here; who says it the audio plan tells, where the text does. What nobody
is named for stays the narrator's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from domain.characters import is_spoken
from domain.numbered_script import NumberedScript, Sentence, number_sentences
from domain.script_forms.dialogue import is_narrator
from domain.script_forms.reading import ScriptReading


@dataclass(frozen=True, slots=True)
class SpokenLine:
    text: str
    speaker: str | None = None
    """None is the narrator."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What stands in quotation marks in a scene, and who says it; None where the text does not tell."""

    scene: int
    text: str
    speaker: str | None = None


_QUOTED: Final = re.compile(
    r"""(?:“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|»[^«»]*«|「[^「」]*」|『[^『』]*』"""
    r"""|(?<!\w)"[^"]*"|(?<!\w)‘[^‘]*?’(?!\w))[,.;:!?，。！？]*"""
)
"""A mark after a letter or a digit is an apostrophe, or inches. A stop behind the last mark goes with it."""


def cast_of(reading: ScriptReading) -> tuple[str, ...]:
    """The characters that speak, in the order of their first words; the narrator is none of them."""
    speakers = (_speaker(sentence) for sentence in number_sentences(reading).sentences)
    return tuple(dict.fromkeys(speaker for speaker in speakers if speaker is not None))


def lines_of_scenes(
    reading: ScriptReading, scenes: Sequence[str], quotes: Sequence[Quote] = ()
) -> list[tuple[SpokenLine, ...]]:
    """The lines of each scene, in order; ``quotes`` tell who says what is quoted.

    Where the same words stand in the script twice, a scene's are those that follow the scene before it.
    """
    named = list(quotes)
    found = []
    for number, parts in enumerate(_parts_of_scenes(reading, scenes), 1):
        lines: list[SpokenLine] = []
        for part in parts:
            speaker = _take(named, number, part.text) if part.quoted else part.speaker
            if lines and lines[-1].speaker == speaker:
                space = " " if part.spaced else ""
                lines[-1] = SpokenLine(f"{lines[-1].text}{space}{part.text}", speaker)
            else:
                lines.append(SpokenLine(part.text, speaker))
        found.append(tuple(lines))
    return found


def lines_by_number(
    reading: ScriptReading, scenes: Mapping[int, str], quotes: Sequence[Quote] = ()
) -> dict[int, tuple[SpokenLine, ...]]:
    """The same, of scenes that have numbers of their own, which are those of the quotes."""
    places = {number: place for place, number in enumerate(scenes, 1)}
    here = [replace(quote, scene=places[quote.scene]) for quote in quotes if quote.scene in places]
    return dict(zip(scenes, lines_of_scenes(reading, list(scenes.values()), here), strict=True))


def quotes_of_scenes(reading: ScriptReading, scenes: Sequence[str]) -> list[Quote]:
    """What stands in quotation marks among the narrator's words, in order: nobody is named for it yet."""
    return [
        Quote(number, part.text)
        for number, parts in enumerate(_parts_of_scenes(reading, scenes), 1)
        for part in parts
        if part.quoted
    ]


def _take(named: list[Quote], scene: int, text: str) -> str | None:
    """Who says it: of the same words in one scene each quote is one in turn."""
    for place, quote in enumerate(named):
        if (quote.scene, quote.text) == (scene, text):
            return named.pop(place).speaker
    return None


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    speaker: str | None
    quoted: bool = False
    spaced: bool = True
    """Whether a space parts it from the one before."""


def _parts_of_scenes(reading: ScriptReading, scenes: Sequence[str]) -> Iterator[list[_Part]]:
    script = number_sentences(reading)
    spans: list[tuple[int, int] | None] = []
    after = 0
    for text in scenes:
        span = _span(script, text, after)
        spans.append(span)
        after = span[1] if span else after
    for place, (text, span) in enumerate(zip(scenes, spans, strict=True)):
        if span is not None:
            yield list(_parts(script, *span))
            continue
        speaker = _speaker_before(script, spans, place)
        yield list(_cut(text, speaker, list(_quotes_in(text)) if speaker is None else ()))


def _speaker_before(
    script: NumberedScript, spans: Sequence[tuple[int, int] | None], place: int
) -> str | None:
    """Whose the words were that an edited scene's took the place of; None where they were several's."""
    before = spans[place - 1] if place else (0, 0)
    after = spans[place + 1] if place + 1 < len(spans) else (len(script.sentences) + 1, 0)
    if before is None or after is None:
        return None
    speakers = {_speaker(sentence) for sentence in script.sentences[before[1] : after[0] - 1]}
    return speakers.pop() if len(speakers) == 1 else None


def _parts(script: NumberedScript, first: int, last: int) -> Iterator[_Part]:
    """Quotation marks are paired within a paragraph, also where a scene ends in the middle of one."""
    for (_, speaker), run in groupby(script.sentences, lambda each: (each.paragraph, _speaker(each))):
        numbers = [sentence.number for sentence in run]
        begin, end = max(first, numbers[0]), min(last, numbers[-1])
        if begin > end:
            continue
        whole = script.text(numbers[0], numbers[-1])
        start = len(whole) - len(script.text(begin, numbers[-1]))
        text = script.text(begin, end)
        quoted = [
            (max(0, opens - start), min(len(text), closes - start))
            for opens, closes in (_quotes_in(whole) if speaker is None else ())
            if opens - start < len(text) and closes > start
        ]
        spaced = begin == first or script.sentences[begin - 1].spaced
        yield from _cut(text, speaker, quoted, spaced=spaced)


def _cut(
    text: str, speaker: str | None, quoted: Sequence[tuple[int, int]], *, spaced: bool = True
) -> Iterator[_Part]:
    """The text in parts; marks that say nothing by themselves stay with the part before them, or the next."""
    edges = [0, *(edge for quote in quoted for edge in quote), len(text)]
    pieces = [
        (text[begin:end], bool(number % 2))
        for number, (begin, end) in enumerate(pairwise(edges))
        if begin < end
    ]
    kept: list[tuple[str, bool]] = []
    for piece, is_quote in pieces:
        if kept and not (any(map(is_spoken, piece)) and any(map(is_spoken, kept[-1][0]))):
            before, was_quote = kept[-1]
            kept[-1] = (before + piece, was_quote if any(map(is_spoken, before)) else is_quote)
        else:
            kept.append((piece, is_quote))
    for number, (piece, is_quote) in enumerate(kept):
        before = kept[number - 1][0] if number else ""
        apart = before[-1:].isspace() or piece[:1].isspace() if number else spaced
        yield _Part(piece.strip(), speaker, is_quote, apart)


def _quotes_in(text: str) -> Iterator[tuple[int, int]]:
    return ((found.start(), found.end()) for found in _QUOTED.finditer(text) if any(map(is_spoken, found[0])))


def _span(script: NumberedScript, text: str, after: int) -> tuple[int, int] | None:
    """The first and last sentence that are this text: those next after a sentence, else any."""
    count = len(script.sentences)
    for first in (*range(after + 1, count + 1), *range(1, after + 1)):
        if not text.startswith(script.sentences[first - 1].text):
            continue
        for last in range(first, count + 1):
            words = script.text(first, last)
            if words == text:
                return first, last
            if not text.startswith(words):
                break
    return None


def _speaker(sentence: Sentence) -> str | None:
    """By name; letters of another case are the same person."""
    name = sentence.speaker
    return None if name is None or is_narrator(name) else name.upper()


def turns_of(reading: ScriptReading) -> int:
    """How often the word goes over from one speaker to another: so many lines more than scenes, at most."""
    script = number_sentences(reading)
    speakers = [_speaker(sentence) for sentence in script.sentences]
    quotes = quotes_of_scenes(reading, [script.text(1, len(speakers))]) if speakers else []
    return sum(one != other for one, other in pairwise(speakers)) + 2 * len(quotes)
