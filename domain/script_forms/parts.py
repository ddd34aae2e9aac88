"""The parts of a script: every character of it stands in exactly one.

A recogniser claims spans of the text, and what nobody claims is spoken. So two of them can never disagree on
a word, and a word that none of them knows is never lost.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LINE: Final = "\u2028"
"""What markup leaves where a line ends that the next one must not be joined to: an item, a row of a table."""
PARAGRAPH: Final = "\n\n"
REST: Final = "rest of a direction"
"""What goes on behind a sign inside a direction: its words stand in the direction's text."""


class PartKind(StrEnum):
    SPOKEN = "spoken"
    DIRECTION = "direction"
    """For whoever makes the film: the model reads it between the sentences, and nobody speaks it."""
    HEADING = "heading"
    """A direction, too: of a chapter or a scene."""
    SPEAKER = "speaker"
    """The name of who speaks what follows."""
    MARKUP = "markup"
    """Signs that are no words: what they leave between the words is a space, a break or nothing."""
    LEFT_OUT = "left_out"
    """Words and figures that neither the narrator nor a model is given."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: PartKind
    source: str
    """As it stands in the script."""
    text: str
    """The words spoken, of a direction or of a name; of what is not spoken, what it leaves between words."""
    label: str = ""
    """What it is, for a person: ``scene heading``, ``link address``."""
    speaker: str | None = None
    """Who speaks it, where that is written."""


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def _lines(text: str) -> Iterator[Line]:
    at = 0
    for line in text.split("\n"):
        yield Line(at, at + len(line), line)
        at += len(line) + 1


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: PartKind
    label: str
    text: str


class Marking:
    """A script, and what of it was recognised so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = list(_lines(text))
        self._taken = bytearray(len(text))
        self._spans: list[_Span] = []
        self._speakers: dict[int, int] = {}

    def is_free(self, start: int, end: int) -> bool:
        """Whether nobody has claimed a character of it."""
        return self._taken.find(1, start, end) < 0

    def claim(self, start: int, end: int, kind: PartKind, label: str, text: str = "") -> bool:
        """Take a span, unless something in it is taken."""
        if start >= end or not self.is_free(start, end):
            return False
        self._taken[start:end] = b"\x01" * (end - start)
        self._spans.append(_Span(start, end, kind, label, text))
        if kind is PartKind.SPEAKER:
            self._speakers[start] = end
        return True

    def free_lines(self) -> Iterator[Line]:
        """The lines of which nothing is claimed."""
        return (line for line in self.lines if self.is_free(line.start, line.end))

    def found(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where a pattern stands in text of which nothing is claimed."""
        return (match for match in pattern.finditer(self.text) if self.is_free(match.start(), match.end()))

    def signs(self, start: int, end: int, label: str, text: str = "") -> bool:
        return self.claim(start, end, PartKind.MARKUP, label, text)

    def leave_out(self, start: int, end: int, label: str, text: str = "") -> bool:
        return self.claim(start, end, PartKind.LEFT_OUT, label, text)

    def direct(self, start: int, end: int, label: str, text: str) -> bool:
        return self.claim_rest(start, end, PartKind.DIRECTION, label, one_line(text))

    def claim_rest(self, start: int, end: int, kind: PartKind, label: str, text: str) -> bool:
        """Take what is free of a span, which has one meaning though signs are claimed inside it."""
        free = list(self._free_runs(start, end))
        for number, (begin, stop) in enumerate(free):
            if number == 0:
                self.claim(begin, stop, kind, label, text)
            else:
                self.claim(begin, stop, PartKind.MARKUP, REST)
        return bool(free)

    def has_words(self, start: int, end: int) -> bool:
        """Whether something is there that nobody has claimed."""
        return any(True for _ in self._free_runs(start, end))

    def _free_runs(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        while (begin := self._taken.find(0, start, end)) >= 0:
            stop = self._taken.find(1, begin, end)
            start = stop if stop >= 0 else end
            if self.text[begin:start].strip():
                yield begin, start

    def speaker_end(self, start: int) -> int | None:
        """Where the name of the speaker ends that begins at ``start``; None where none does."""
        return self._speakers.get(start)

    def parts(self, silencing: frozenset[str]) -> tuple[Part, ...]:
        """All parts in order; after a direction with a label of ``silencing`` nobody speaks any more."""
        parts: list[Part] = []
        speaker: str | None = None
        names: dict[str, str] = {}  # as each was written first
        at = 0
        for span in sorted(self._spans, key=lambda span: span.start):
            if at < span.start:
                words = self.text[at : span.start]
                parts.append(Part(PartKind.SPOKEN, words, words, speaker=speaker))
            text = span.text
            if span.kind is PartKind.SPEAKER:
                text = speaker = names.setdefault(text.casefold(), text)
            elif span.label in silencing:
                speaker = None
            spoken_by = speaker if span.kind is PartKind.SPOKEN else None
            parts.append(Part(span.kind, self.text[span.start : span.end], text, span.label, spoken_by))
            at = span.end
        if at < len(self.text):
            parts.append(Part(PartKind.SPOKEN, self.text[at:], self.text[at:], speaker=speaker))
        return tuple(parts)


def table(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LINKED: Final = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*\)")
_SIGNS: Final = re.compile(r"\*+|`+|~~|(?<!\w)_+|_+(?!\w)|</?[a-zA-Z][^<>]{0,300}>")


_ROUND: Final = str.maketrans("[]", "()")


def plain(text: str) -> str:
    """The words of a heading or a direction, without marks of emphasis, links and tags."""
    return one_line(html.unescape(_SIGNS.sub("", _LINKED.sub(r"\1", text))))


def one_line(text: str) -> str:
    """In one line, and without what would end the double brackets that it will stand in."""
    return " ".join(text.split()).translate(_ROUND)
