"""A script as numbered sentences: what a language model is asked about, so that it need not repeat it.

The model answers with ranges of these numbers, and the words of a scene are cut from the author's own text.
So no word can be dropped, mended or made up, whatever the model does. Numbers stand in the prompt and in the
answer only: what is stored of a scene is its text, so a better way to find sentences changes no stored film.

A paragraph ends at an empty line. Inside one, a line that ends without a stop goes on in the next one where
prose was wrapped, and is a sentence of its own in verse, in lists and under a heading.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from domain.characters import is_invisible, is_spoken
from domain.script_forms.parts import LINE
from domain.script_forms.reading import ScriptReading
from domain.sentences import is_cased, sentence_ends

MOST_CHARACTERS: Final = 300
"""A longer sentence is cut at a clause, or else between two words: a scene must be able to end inside it."""

_PARAGRAPH: Final = re.compile(r"\n[ \t\u3000]*\n\s*")
_ITEM: Final = re.compile(r"\s*(?:[-*+•‣▪·–—]|\d{1,3}[.)]|[a-zA-Z][.)]|#{1,6})\s+\S")
_CLAUSE: Final = re.compile(r"[,;:،؛、，；：—–]+[\"'”’»)\]）」』]*(?=\s)|[、，；：]+|\s[—–]\s")
_VERSE_CHARACTERS: Final = 45
"""Lines that are all shorter are verse or a list: prose is wrapped later."""
_CAPITALS: Final = 0.75
"""In verse and lists so many lines begin with a capital; in wrapped prose only where a sentence begins."""


@dataclass(frozen=True, slots=True)
class Sentence:
    number: int
    """From 1."""
    paragraph: int
    """From 1."""
    text: str
    """As it is written, with single spaces."""
    spaced: bool
    """Whether a space or the end of a line parts it from the sentence before."""
    speaker: str | None = None
    """Who says it, where the script names somebody."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Words for whoever makes the film, which are not spoken."""

    after: int
    """The number of the sentence before it; 0 at the beginning."""
    text: str


@dataclass(frozen=True, slots=True)
class NumberedScript:
    sentences: tuple[Sentence, ...]
    directions: tuple[Direction, ...] = ()

    def text(self, first: int, last: int) -> str:
        """The words of the sentences from ``first`` to ``last``, both included.

        Raises ValueError where there are no such sentences.
        """
        if not 1 <= first <= last <= len(self.sentences):
            raise ValueError(f"sentences {first} to {last} of {len(self.sentences)}")
        chosen = self.sentences[first - 1 : last]
        return "".join(f" {s.text}" if s.spaced and s is not chosen[0] else s.text for s in chosen)

    def listing(self, first: int = 1, last: int | None = None) -> str:
        """The sentences from ``first`` to ``last`` as a model reads them: numbered, one on each line.

        An empty line parts paragraphs; directions stand where the author put them, and one says who speaks
        from here on.
        """
        end = len(self.sentences) if last is None else last
        by_place: dict[int, list[str]] = {}
        for direction in self.directions:
            by_place.setdefault(direction.after, []).append(direction.text)
        lines = list(by_place.get(0, ())) if first == 1 else []
        paragraph: int | None = None
        speaker: str | None = None
        for sentence in self.sentences[first - 1 : end]:
            if paragraph not in (None, sentence.paragraph):
                lines.append("")
            paragraph = sentence.paragraph
            if sentence.speaker != speaker:
                speaker = sentence.speaker
                lines.append(f"[[{speaker} speaks]]" if speaker else "[[the narrator speaks]]")
            lines.append(f"{sentence.number} {sentence.text}")
            lines += by_place.get(sentence.number, ())
        return "\n".join(lines)


def number_sentences(reading: ScriptReading) -> NumberedScript:
    """Number the sentences of a script. Their texts, joined as they were written, are its spoken text."""
    found: list[_Piece] = []
    directions: list[tuple[int, str]] = []
    paragraph, apart = 1, False
    for run in reading.runs():
        if isinstance(run, str):
            directions.append((len(found), run))
            continue
        apart = True
        for number, block in enumerate(_PARAGRAPH.split(run.text)):
            if number:
                paragraph += 1
                apart = True
            for piece, spaced in _pieces(block):
                found.append(_Piece(piece, bool(found) and (spaced or apart), paragraph, run.speaker))
                apart = False
            apart = apart or block[-1:].isspace()
    return _numbered(found, directions)


@dataclass(slots=True)
class _Piece:
    text: str
    spaced: bool
    paragraph: int
    speaker: str | None


def _numbered(found: Sequence[_Piece], directions: Sequence[tuple[int, str]]) -> NumberedScript:
    """What says nothing (a row of stars, a picture) belongs to the sentence before it, or to the first."""
    kept: list[_Piece] = []
    numbers = [0]  # of the sentence that each piece belongs to
    spoken = False  # whether the last one kept is; it may be long, and is not looked through again
    for piece in found:
        says = _says_something(piece.text)
        if kept and not (says and spoken):
            if not spoken:
                kept[-1].speaker = piece.speaker
            kept[-1].text += f" {piece.text}" if piece.spaced else piece.text
            spoken = spoken or says
        else:
            kept.append(piece)
            spoken = says
        numbers.append(len(kept))
    paragraphs = {p: n for n, p in enumerate(dict.fromkeys(piece.paragraph for piece in kept), 1)}
    return NumberedScript(
        tuple(
            Sentence(number, paragraphs[piece.paragraph], piece.text, piece.spaced, piece.speaker)
            for number, piece in enumerate(kept, 1)
        ),
        tuple(Direction(numbers[after], text) for after, text in directions),
    )


def _says_something(text: str) -> bool:
    return any(map(is_spoken, text))


def _pieces(paragraph: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a paragraph, none of them too long; and whether a space or a line parts each."""
    first = True
    for line in (line for block in paragraph.split(LINE) for line in _lines(block)):
        cuts = [0, *sentence_ends(line), len(line)]
        for begin, end in pairwise(cuts):
            written = line[begin:end]
            for number, piece in enumerate(_shortened(" ".join(written.split()))):
                if not piece:
                    continue
                spaced = piece[0] == " " if number else not first and (begin == 0 or written[0].isspace())
                yield piece.strip(), spaced
                first = False


def _lines(paragraph: str) -> Iterator[str]:
    """The paragraph itself where it is prose; its lines where they are verse, a list or a heading."""
    lines = [line for line in paragraph.split("\n") if line.strip()]
    begun: list[str] = []
    apart = _is_verse(lines)
    for line in lines:
        heading = bool(begun) and begun[-1].lstrip().startswith("#")
        if begun and (apart or heading or _ITEM.match(line)):
            yield "\n".join(begun)
            begun = []
        begun.append(line)
    if begun:
        yield "\n".join(begun)


def _is_verse(lines: Sequence[str]) -> bool:
    if len(lines) < 2:  # noqa: PLR2004 - one line is no verse
        return False
    if max(map(_width, lines)) <= _VERSE_CHARACTERS:
        return True
    if not is_cased("".join(lines)):
        return False
    starts = [re.sub(r"^[^\w]+", "", line)[:1] for line in lines[1:]]
    return sum(start.isupper() for start in starts) >= _CAPITALS * len(starts)


def _width(line: str) -> int:
    """In characters of a Latin line: ideographs are twice as wide."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line.strip())


def _shortened(sentence: str) -> Iterator[str]:
    """The sentence in parts of at most `MOST_CHARACTERS`, which joined are the sentence."""
    while len(sentence) > MOST_CHARACTERS:
        cut = _cut(sentence)
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence


def _cut(sentence: str) -> int:
    """Where a sentence that is too long is cut: at the last clause in reach, the last word, or a letter."""
    reach = sentence[:MOST_CHARACTERS]
    clauses = [found.end() for found in _CLAUSE.finditer(sentence, 0, MOST_CHARACTERS + 1)]
    clauses = [c for c in clauses if MOST_CHARACTERS // 3 <= c <= MOST_CHARACTERS]
    if clauses:
        return clauses[-1]
    word = reach.rfind(" ", 1)
    if word > 0:
        return word
    cut = MOST_CHARACTERS
    while cut > 1 and _goes_on(sentence[cut - 1], sentence[cut]):
        cut -= 1
    return cut if cut > 1 else MOST_CHARACTERS


def _goes_on(before: str, character: str) -> bool:
    """Whether a character is drawn on or joined with the one before it."""
    joined = unicodedata.category(character)[0] == "M" or is_invisible(character) or is_invisible(before)
    return joined or unicodedata.category(character) == "Sk"
