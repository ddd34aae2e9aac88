"""How long a text takes to read aloud: the clock of films without narration, and the check of a narration.

Rates are those of unhurried narrators (``domain/spoken.py``).
"""

from typing import Final

from actors.media.sentences import sentence_ends
from domain.script import WORDS_PER_MINUTE
from domain.spoken import word_count

SHORTEST_S: Final = 1.5
_SENTENCE_PAUSE_S: Final = 0.25


def reading_s(text: str) -> float:
    """Seconds that an unhurried narrator takes for ``text``; never under 1.5."""
    pauses = max(0, sum(1 for _ in sentence_ends(text)) - 1) * _SENTENCE_PAUSE_S
    return max(SHORTEST_S, word_count(text) / WORDS_PER_MINUTE * 60 + pauses)
