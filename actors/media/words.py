"""A text as the units that are spoken, timed and wrapped: words, or single ideographs with their punctuation.

Chinese and Japanese may break almost anywhere, but a closing bracket or a full stop must not begin a line,
nor an opening one end it (kinsoku): such marks are part of the unit they cling to. Where a phrase begins, and
a line had better break, BudouX tells; so it does where a word of Thai begins. Korean has spaces.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate, zip_longest
from typing import Final

import budoux

from actors.media.emoji import divided
from domain.characters import visible
from domain.sentences import STOPPED, ends_sentence, is_cased

_CLOSING: Final = frozenset(
    "、。，．：；！？）］｝〕〉》」』】〗”’…ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ・～!?,.:;)]}%°"
)
_OPENING: Final = frozenset("（［｛〔〈《「『【〖“‘([{$€£¥#«¿¡")
_IDEOGRAPH: Final = re.compile(
    "[\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U000323af]"
)
_KANA: Final = re.compile("[\u3040-\u30ff]")
_THAI: Final = re.compile("[\u0e00-\u0e7f]")
_INSIDE: Final = re.compile(r"\d[.．,:：]\d|[A-Za-z0-9/=_&-][.,:?!%°’'][A-Za-z0-9/]")
"""A mark within a number, a time, a name or an address, around which nothing is parted."""
_AGAIN: Final = "ๆ"
"""Thai for: the word before it once more."""
_THAI_LETTER: Final = re.compile("[\u0e01-\u0e4e]")
_RESTS: Final = re.compile("[\u0e01-\u0e45\u0e47-\u0e4e][\u0e01-\u0e45]")
"""Thai on both sides of a space, which is its comma. Numbers, foreign names and ๆ have some of their own."""
_BLANK: Final = re.compile(r"[^\S\u00a0\u202f]+")
"""Where a line may break; not at a no-break space."""
_CLAUSE: Final = re.compile(r"[,;:，、；：،؛–—-]+[\"'”’»)\]）」』]*$")
_LONG_VOICED: Final = 3.0
"""A digit or an ideograph is spoken about as long as three letters."""


@dataclass(frozen=True, slots=True)
class Word:
    """One unit; ``spaced`` when a space stands before it, ``begins`` when a phrase begins with it.

    ``goes_on`` where its full stop is an abbreviation's, and the sentence has not ended; ``rests`` where the
    space behind it ends a clause; ``opens`` where another picture or speaker comes with it. ``name``: it is
    the ``speaker``'s name, which nobody says.
    """

    text: str
    spaced: bool
    begins: bool = True
    goes_on: bool = False
    opens: bool = False
    rests: bool = False
    speaker: str | None = None
    name: bool = False

    @property
    def ends_sentence(self) -> bool:
        return not self.goes_on and bool(STOPPED.search(self.spoken))

    @property
    def ends_clause(self) -> bool:
        return self.rests or bool(_CLAUSE.search(self.spoken))

    @property
    def spoken(self) -> str:
        """The word without its emoji and marks of direction: what is timed, and where a sentence ends."""
        return _spoken(self.text)

    @property
    def weight(self) -> float:
        """How long it takes to say, in letters; 0 for a mark or an emoji, which is not spoken."""
        total = 0.0
        for character in self.spoken:
            if _IDEOGRAPH.match(character) or character.isdigit():
                total += _LONG_VOICED
            elif character.isalpha():
                total += 1.0
            elif unicodedata.category(character).startswith("S"):
                total += _LONG_VOICED  # "%", "$" and "+" are whole words when spoken
        return total


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A unit and when it is spoken, in seconds."""

    word: Word
    start_s: float
    end_s: float


@lru_cache(maxsize=8192)
def _spoken(text: str) -> str:
    """Asked again and again of the same words, wherever a scene could be divided."""
    return visible("".join(piece for piece, is_emoji in divided(text) if not is_emoji)).rstrip()


def split_words(text: str) -> list[Word]:
    """The units of ``text`` in order; whitespace is folded, no character is lost otherwise.

    Marks that stand alone (a dash, French guillemets, "5 €") stay with the word that they belong to.
    """
    words: list[Word] = []
    opening = ""
    for chunk in _BLANK.split(unicodedata.normalize("NFC", text).strip()):
        if chunk and not any(character.isalnum() and character != _AGAIN for character in chunk):
            amount = bool(words) and words[-1].text[-1].isdigit() and unicodedata.category(chunk[0]) == "Sc"
            if not words or (chunk[-1] in _OPENING and not amount):
                opening += chunk + " "
            else:
                words[-1] = replace(words[-1], text=f"{words[-1].text} {chunk}")
            continue
        spaced = bool(words)
        for piece, begins in _pieces(opening + chunk, "ja" if _KANA.search(text) else "zh-hans"):
            words.append(Word(piece, spaced, begins))
            spaced = False
        opening = ""
    if opening:
        words.append(Word(opening.rstrip(), bool(words)))
    return list(_with_sentences(words, is_cased(text)))


def _with_sentences(words: list[Word], cased: bool) -> Iterator[Word]:
    """The same words; those that have a full stop and end no sentence are marked."""
    before: str | None = None
    for word, following in zip_longest(words, words[1:]):
        ended = ends_sentence(word.spoken, following.spoken if following else "", before=before, cased=cased)
        rests = bool(following and following.spaced and _RESTS.fullmatch(word.text[-1] + following.text[0]))
        yield replace(word, goes_on=word.ends_sentence and not ended, rests=rests)
        before = None if ended else word.spoken


def join_words(words: list[Word]) -> str:
    """The text of neighbouring units on one line."""
    return "".join((" " if word.spaced and n else "") + word.text for n, word in enumerate(words))


def _pieces(chunk: str, language: str) -> list[tuple[str, bool]]:
    """Divide a chunk without spaces into units; True for those with which a phrase begins."""
    if _THAI.search(chunk):
        return [(word, True) for word in _thai_words(chunk)]
    if not _IDEOGRAPH.search(chunk):
        return [(chunk, True)]
    phrases = {0, *accumulate(len(phrase) for phrase in _parser(language).parse(chunk))}
    pieces: list[tuple[str, bool]] = []
    glue, at = False, 0
    for character, is_emoji in _characters(chunk):
        ideograph = bool(_IDEOGRAPH.match(character))
        before = pieces[-1][0][-1] if pieces else ""
        clings = is_emoji or character in _CLOSING or unicodedata.combining(character)
        letters = not ideograph and before and not _IDEOGRAPH.match(before) and before not in _CLOSING
        inside = pieces and _INSIDE.fullmatch(pieces[-1][0][-2:] + character)
        if pieces and (clings or glue or letters or inside):
            text, begins = pieces.pop()
            pieces.append((text + character, begins))
        else:
            pieces.append((character, at in phrases))
        glue = character in _OPENING
        at += len(character)
    return pieces


def _thai_words(chunk: str) -> list[str]:
    """Marks stay with the word that they follow; numbers and what is in other letters is whole."""
    found: list[str] = []
    for word in _parser("th").parse(chunk):
        mark = not any(character.isalnum() for character in word)
        if found and (mark or not (_THAI_LETTER.match(found[-1][-1]) or _THAI_LETTER.match(word))):
            found[-1] += word
        else:
            found.append(word)
    return found


@cache
def _parser(language: str) -> budoux.Parser:
    return budoux.Parser(json.loads((files("budoux") / "models" / f"{language}.json").read_text("utf-8")))


def _characters(text: str) -> Iterator[tuple[str, bool]]:
    """Each character, or the whole of an emoji (True), which may be several."""
    for piece, is_emoji in divided(text):
        yield from [(piece, True)] if is_emoji else ((character, False) for character in piece)
