"""How many words a text is to a narrator, in any language."""

import pytest

from domain.script import WORDS_PER_MINUTE
from domain.spoken import word_count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("The sea is wide.", 4),
        ("It's a well-kept boat.", 4),
        ("語" * 270, WORDS_PER_MINUTE),
        ("ก" * 780, WORDS_PER_MINUTE),
        ("समुद्र है।", 2),
        ("5 < 7 & 3", 3),
    ],
)
def test_words_are_counted_as_a_narrator_says_them(text: str, words: float) -> None:
    assert word_count(text) == pytest.approx(words)
