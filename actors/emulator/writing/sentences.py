"""Splits a script into sentences without changing a word, whatever its writing system.

A sentence is a slice of the normalised script, so that slices put together again are the script: nothing
can be lost or reworded on the way. Sentence ends are those of Latin, Greek, CJK, Arabic and Indic scripts;
common abbreviations and initials do not end one.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from actors.emulator.vocabulary.word_patterns import SPOKEN, WORD
from actors.emulator.writing.language import STOP_SETS

CLOSERS = "\"'”’»」』）)】]›"
_STOP = re.compile(rf"(?:[.!?…؟۔।॥]+[{re.escape(CLOSERS)}]*(?=\s|$))|(?:[。！？｡]+[{re.escape(CLOSERS)}]*)")
_ABBREVIATION = re.compile(
    r"(?:^|\s)(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|e\.g|i\.e|no|fig|approx|inc|ltd|co|sra?|srta|dott|mme|mlle|z\.b"
    r"|[A-Z])\.$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:—–](?=\s)|[、，；：،؛]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
LONGEST = 45
"""Words; a longer sentence is parted at its clauses."""


_NUMBERED = re.compile(r"\d+ (.*)")


class Sentence(NamedTuple):
    """A slice ``text[start:end]`` of the normalised script, its words, and whether it opens a paragraph."""

    start: int
    end: int
    words: int
    opens_paragraph: bool


def normalise(script: str) -> str:
    """Whitespace as single spaces, nothing else changed."""
    return " ".join(script.split())


def count_words(text: str) -> int:
    """Words as spoken: where words run together, two characters count as one word."""
    unspaced = len(_CJK.findall(text))
    spaced = len(SPOKEN.findall(_CJK.sub(" ", text)))
    return spaced + (unspaced + 1) // 2


def split(script: str) -> tuple[str, list[Sentence]]:
    """The normalised script and its sentences in order; together they cover it but for the spaces between."""
    text, paragraphs = "", set()
    for paragraph in re.split(r"\n\s*\n", script):
        piece = normalise(paragraph)
        if piece:
            text += (" " if text else "") + piece
            paragraphs.add(len(text) - len(piece))
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        if _ABBREVIATION.search(text[start : stop.end()]) and stop.end() < len(text):
            continue
        spans.append((start, stop.end()))
        start = stop.end()
        while start < len(text) and text[start] == " ":
            start += 1
    if start < len(text):
        spans.append((start, len(text)))
    # A paragraph ends a sentence even without a stop (a heading, a line of verse).
    parted = [part for span in spans for part in _at_paragraphs(text, span, paragraphs)]
    short = [part for span in parted for part in _at_clauses(text, span)]
    joined = _join_fragments(text, short, paragraphs)
    return text, [Sentence(a, b, count_words(text[a:b]), a in paragraphs) for a, b in joined]


def numbered(lines: Sequence[str]) -> tuple[str, list[Sentence]]:
    """The text and its sentences where they come numbered, one a line, paragraphs parted by empty lines."""
    text, sentences, opens = "", [], True
    for line in lines:
        found = _NUMBERED.match(line)
        if found is None:
            opens = opens or not line
            continue
        piece = normalise(found[1])
        text += (" " if text else "") + piece
        sentences.append(Sentence(len(text) - len(piece), len(text), count_words(piece), opens))
        opens = False
    return text, sentences


def _at_paragraphs(text: str, span: tuple[int, int], paragraphs: set[int]) -> list[tuple[int, int]]:
    cuts = sorted(cut for cut in paragraphs if span[0] < cut < span[1])
    starts = [span[0], *cuts]
    ends = [*(cut - 1 for cut in cuts), span[1]]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if text[a:b].strip()]


def _at_clauses(text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Parts of at most LONGEST words, cut at clauses where there are any, else between words."""
    start, end = span
    if count_words(text[start:end]) <= LONGEST:
        return [span]
    cuts = [start + clause.end() for clause in _CLAUSE.finditer(text[start:end])]
    if not cuts or cuts == [end]:
        cuts = [start + space.start() for space in re.finditer(" ", text[start:end])]
        cuts = cuts or list(range(start + LONGEST, end, LONGEST))
    parts, at, last = [], start, start
    for cut in [*cuts, end]:
        if count_words(text[at:cut]) > LONGEST and last > at:
            parts.append((at, last))
            at = last + (1 if text[last : last + 1] == " " else 0)
        last = cut
    parts.append((at, end))
    if len(parts) == 1:
        return parts
    if parts == [span]:
        return parts
    return [piece for part in parts for piece in (_at_clauses(text, part) if part != span else [part])]


def _join_fragments(text: str, spans: list[tuple[int, int]], paragraphs: set[int]) -> list[tuple[int, int]]:
    """A fragment without a word in it (a lone dash, a stray quote) goes with the sentence before it."""
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and count_words(text[start:end]) == 0 and start not in paragraphs:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def content_words(text: str, language: str) -> list[str]:
    """The words that carry meaning, lower-cased, in order."""
    stops = STOP_SETS.get(language.split("-", maxsplit=1)[0], frozenset())
    words = WORD.findall(text.lower())
    return [word for word in words if word not in stops and (len(word) > 2 or _CJK.search(word))]
