"""How much there is to speak: the words of a text and the time they take to read, in any language."""

import re
from math import ceil
from typing import Final

from domain.characters import visible
from domain.script import WORDS_PER_MINUTE
from domain.sentences import sentence_ends

IDEOGRAPHS_PER_MINUTE: Final = 270
LETTERS_PER_MINUTE: Final = 780
"""For scripts written without spaces in which letters are counted: Thai, Lao, Khmer, Burmese."""

IDEOGRAPH: Final = re.compile(
    "[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
UNSPACED_LETTER: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER: Final = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff]"
"""Marks that stand on a letter belong to its word: in Indic scripts they are its vowels."""
WORD: Final = re.compile(rf"{_LETTER}+(?:['’\-]{_LETTER}+)*")

SHORTEST_S: Final = 1.5
SENTENCE_PAUSE_S: Final = 0.25
SPOKEN_AT_ONCE_S: Final = 400
"""A scene is spoken in one call, whose answer holds eleven minutes; slow narrators take 1.6 times as long."""


def word_count(text: str) -> float:
    """How many words it is to a narrator, in words of a language that sets them apart.

    In Chinese and Japanese characters are counted, in Thai, Lao, Khmer and Burmese letters: they set no words
    apart, and counted as the others a film of five minutes would be one of ten seconds.
    """
    text = visible(text)
    ideographs = len(IDEOGRAPH.findall(text))
    letters = len(UNSPACED_LETTER.findall(text))
    words = len(WORD.findall(UNSPACED_LETTER.sub(" ", IDEOGRAPH.sub(" ", text))))
    return words + WORDS_PER_MINUTE * (ideographs / IDEOGRAPHS_PER_MINUTE + letters / LETTERS_PER_MINUTE)


def reading_s(text: str) -> float:
    """Seconds that an unhurried narrator takes for ``text``; never under 1.5."""
    pauses = (sentences(text) - 1) * SENTENCE_PAUSE_S
    return max(SHORTEST_S, word_count(text) / WORDS_PER_MINUTE * 60 + pauses)


def too_long_at_once(text: str) -> str | None:
    """Why the words of one scene cannot be spoken in one piece; None where they can."""
    reading = reading_s(text)
    if reading <= SPOKEN_AT_ONCE_S:
        return None
    return (
        f"it takes about {reading:.0f} s to read, and a scene is spoken in one piece of at most"
        f" {SPOKEN_AT_ONCE_S} s; divide it into {ceil(reading / SPOKEN_AT_ONCE_S)} scenes or more, shorten"
        " it, or bring a voice-over of your own"
    )


def sentences(text: str) -> int:
    """How many sentences a text has, at least one."""
    return max(1, sum(1 for _ in sentence_ends(text)))
