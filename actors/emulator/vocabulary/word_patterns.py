"""What a word is: in lists that are best read as running lines, and in texts of any script."""

import re

_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
    "\u0981-\u0983\u09bc-\u09cd\u0b82\u0bbe-\u0bcd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
"""Vowel signs and accents that Python's regular expressions take for the end of a word."""
_LETTER = rf"(?:[^\W\d_]|[{_MARKS}])"
WORD = re.compile(rf"{_LETTER}+(?:['’-]{_LETTER}+)*")
"""A word of letters."""
SPOKEN = re.compile(rf"(?:[^\W_]|[{_MARKS}])+(?:['’-](?:[^\W_]|[{_MARKS}])+)*")
"""A word or a number."""


def words(text: str) -> list[str]:
    """The words of a list that is written as running lines."""
    return text.split()
