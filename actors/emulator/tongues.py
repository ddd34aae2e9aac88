"""In which language each part of a text is spoken: espeak-ng spells the letters that a voice cannot read."""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_CHINESE = ("zh", "cmn", "yue", "hak")
_READERS = {
    "ARABIC": ("ar", "fa", "sd", "ug", "ur"),
    "CJK": _CHINESE,
    "CYRILLIC": ("ru", "ba", "be", "bg", "cv", "kk", "ky", "mk", "mn", "nog", "sr", "tt", "uk"),
    "ETHIOPIC": ("am", "ti"),
    "GREEK": ("el", "grc"),
    "HEBREW": ("he", "iw", "yi"),
    "HIRAGANA": ("ja",),
    "IDEOGRAPHIC": _CHINESE,
    "KATAKANA": ("ja",),
    "MYANMAR": ("my", "shn"),
    "ORIYA": ("or",),
    "TELUGU": ("te",),
    "THAI": ("th",),
}
"""By the first word of a letter's Unicode name, whose voices read it; all other voices spell it, letter by
letter. Other letters are read by all, or by none. Even Japanese has no readings for its kanji, and would say
"Chinese letter" for each: their Chinese sound is wrong, but as long as the word.
"""


def tongues(text: str, language: str) -> list[tuple[str, str]]:
    """The text in pieces that can be heard, each with the language to speak it in.

    That is ``language`` where it reads a letter, else the first that does. What is no letter goes with those
    before it.
    """
    spoken: str | None = None
    by_letter = []
    for letter in text:
        spoken = _reader(letter, language) or spoken
        by_letter.append(spoken)
    first = next((each for each in by_letter if each), language)
    runs = groupby(zip(text, by_letter, strict=True), key=lambda pair: pair[1] or first)
    pieces = [("".join(letter for letter, _ in run), tongue) for tongue, run in runs]
    return [(piece, tongue) for piece, tongue in pieces if piece.strip()]


@lru_cache(4096)
def _reader(letter: str, language: str) -> str | None:
    """The language to speak a letter in; None for what is none."""
    kind = unicodedata.category(letter)[0]
    readers = _READERS.get(re.split("[ -]", unicodedata.name(letter, ""))[0]) if kind in "LM" else None
    if readers:
        return language if language.lower().split("-")[0] in readers else readers[0]
    return language if kind == "L" else None
