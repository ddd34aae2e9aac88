"""How long the sound of a text is, at the least and the most: what a narration of it is checked by.

Rates are those of unhurried narrators (``domain/spoken.py``).
"""

import re
import unicodedata
from typing import Final, NamedTuple

from domain.characters import visible
from domain.script import WORDS_PER_MINUTE
from domain.spoken import (
    IDEOGRAPH,
    IDEOGRAPHS_PER_MINUTE,
    LETTERS_PER_MINUTE,
    UNSPACED_LETTER,
    WORD,
)

_SYLLABLES_PER_MINUTE: Final = 290
"""Korean writes a syllable as one character."""
_SYLLABLE: Final = re.compile("[\uac00-\ud7a3]")
_WITH_DIGITS: Final = re.compile(r"\S*\d\S*")
_DIGIT: Final = re.compile(r"\d")
_SPELT: Final = re.compile(r"\b[A-Z]{2,6}\b")
_READ_OUT: Final = re.compile(r"(?<=\w)[.:/_@](?=\w)|[%&#*/\\]")
_FEWEST_LETTERS_PER_MINUTE: Final = 650
_MOST_LETTERS_PER_MINUTE: Final = 900
"""Arabic and Hebrew write few of the sounds that are spoken; French and Vietnamese write more of them."""


class Spoken(NamedTuple):
    """Seconds of sound, pauses left out, that a text takes at an unhurried pace, at the least and the most.

    ``words`` depends on the language, and is the same for all texts of one; ``signs``, what stands in figures
    and signs, on how they are read out.
    """

    words: tuple[float, float]
    signs: tuple[float, float]

    @property
    def least_s(self) -> float:
        return self.words[0] + self.signs[0]

    @property
    def most_s(self) -> float:
        return self.words[1] + self.signs[1]

    @property
    def in_its_language(self) -> tuple[float, float]:
        """The same between texts of one language, for comparing them with each other."""
        middle = sum(self.words) / 2
        return middle + self.signs[0], middle + self.signs[1]


def spoken(text: str) -> Spoken:
    """How long the sound of ``text`` is at an unhurried pace, in any language.

    Nobody can tell from the text alone: languages differ in the length of their words, so words and letters
    are both counted; "1984" may be two words or four; signs and capitals may be read out or passed over.
    """
    text = visible(text)
    dense = len(IDEOGRAPH.findall(text)) / IDEOGRAPHS_PER_MINUTE
    dense += len(UNSPACED_LETTER.findall(text)) / LETTERS_PER_MINUTE
    dense += len(_SYLLABLE.findall(text)) / _SYLLABLES_PER_MINUTE
    rest = _SYLLABLE.sub(" ", UNSPACED_LETTER.sub(" ", IDEOGRAPH.sub(" ", text)))
    plain = _WITH_DIGITS.sub(" ", rest)
    words = WORD.findall(plain)
    by_words, letters = len(words) / WORDS_PER_MINUTE, sum(map(len, words))
    numbers = _WITH_DIGITS.findall(rest)
    digits = len(_DIGIT.findall(rest))
    beside = sum(map(len, numbers)) - digits
    signs = len(_READ_OUT.findall(rest)) + sum(unicodedata.category(sign).startswith("S") for sign in text)
    spelt = sum(map(len, _SPELT.findall(plain))) if not text.isupper() else 0
    fewest = max(len(numbers), digits / 2) / WORDS_PER_MINUTE
    most = (2 * digits + beside / 2 + signs + spelt / 2) / WORDS_PER_MINUTE
    return Spoken(
        (
            60 * (dense + min(by_words, letters / _MOST_LETTERS_PER_MINUTE)),
            60 * (dense + max(by_words, letters / _FEWEST_LETTERS_PER_MINUTE)),
        ),
        (60 * fewest, 60 * most),
    )
