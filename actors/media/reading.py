"""How long a text takes to read aloud: the clock of films without narration, and the check of a narration.

Words a minute alone fails for Chinese, Japanese and Thai, which do not put spaces between words; there the
characters are counted. Rates are those of unhurried narrators.
"""

import re
from typing import Final

from actors.media.sentences import sentence_ends
from domain.script import WORDS_PER_MINUTE

IDEOGRAPHS_PER_MINUTE: Final = 270
LETTERS_PER_MINUTE: Final = 780
"""For scripts written without spaces in which letters are counted: Thai, Lao, Khmer, Burmese."""
SHORTEST_S: Final = 1.5

_IDEOGRAPH: Final = re.compile(
    "[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
_UNSPACED_LETTER: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER: Final = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff]"
"""Marks that stand on a letter belong to its word: in Indic scripts they are its vowels."""
_WORD: Final = re.compile(rf"{_LETTER}+(?:['’\-]{_LETTER}+)*")
_SENTENCE_PAUSE_S: Final = 0.25


def reading_s(text: str) -> float:
    """Seconds that an unhurried narrator takes for ``text``; never under 1.5."""
    ideographs = len(_IDEOGRAPH.findall(text))
    letters = len(_UNSPACED_LETTER.findall(text))
    words = len(_WORD.findall(_UNSPACED_LETTER.sub(" ", _IDEOGRAPH.sub(" ", text))))
    minutes = words / WORDS_PER_MINUTE + ideographs / IDEOGRAPHS_PER_MINUTE + letters / LETTERS_PER_MINUTE
    pauses = max(0, sum(1 for _ in sentence_ends(text)) - 1) * _SENTENCE_PAUSE_S
    return max(SHORTEST_S, minutes * 60 + pauses)
