"""Texts that everybody knows: an answer that repeats one at length ends with RECITATION.

What Google compares with is not public. This is enough to meet the refusal: the beginnings of a few works out
of copyright. ``WORDS`` in a row are a repetition, so that a title or a phrase is none.
"""

import re

WORDS = 12
_TEXTS = (
    """To be, or not to be, that is the question: Whether 'tis nobler in the mind to suffer the slings and
    arrows of outrageous fortune, or to take arms against a sea of troubles and by opposing end them.""",
    """It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
    foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light.""",
    """Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in
    Liberty, and dedicated to the proposition that all men are created equal.""",
    """In the beginning God created the heaven and the earth. And the earth was without form, and void; and
    darkness was upon the face of the deep.""",
    """Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to
    do: once or twice she had peeped into the book her sister was reading.""",
    """Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse,
    and nothing particular to interest me on shore, I thought I would sail about a little.""",
    """Once upon a midnight dreary, while I pondered, weak and weary, over many a quaint and curious volume of
    forgotten lore, while I nodded, nearly napping, suddenly there came a tapping.""",
)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _runs(text: str) -> set[tuple[str, ...]]:
    found = _words(text)
    return {tuple(found[n : n + WORDS]) for n in range(len(found) - WORDS + 1)}


_KNOWN = frozenset().union(*(_runs(text) for text in _TEXTS))


def recites(text: str) -> bool:
    """Whether the text repeats one of the known ones at length."""
    return not _KNOWN.isdisjoint(_runs(text))
