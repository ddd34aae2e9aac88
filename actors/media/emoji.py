"""Where a text holds emoji: pictures of one character or of several, which must not be taken apart.

Unicode's own list (UTS 51) is not in the standard library. Its ranges are near enough: the font has the last
word, and what it does not have is an ordinary character.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_BASE: Final = "[\u00a9\u00ae\u203c-\u21ff\u2300-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_LETTERS: Final = "\u3030\u303d\u3297\u3299"
"""Wide, and yet letters of Chinese and Japanese when they stand alone."""
_AS_PICTURE: Final = "\ufe0f"
_AS_TEXT: Final = "\ufe0e"
_ONE: Final = f"{_BASE}(?:[{_AS_PICTURE}\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f]+)?"
_SEQUENCE: Final = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag, by two letters
    f"|[0-9#*]{_AS_PICTURE}?\u20e3"  # a key
    f"|{_ONE}(?:\u200d{_ONE})*(?!{_AS_TEXT})"
)


def divided(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, in order: each is one emoji (True) or ordinary text between two (False)."""
    at = 0
    for found in _SEQUENCE.finditer(text):
        if not is_emoji(found[0]):
            continue
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    if at < len(text):
        yield text[at:], False


def is_emoji(found: str) -> bool:
    """Of a sequence: always. Alone, ☀ and © are letters; what is as wide as an ideograph is a picture."""
    if not _SEQUENCE.fullmatch(found):
        return False
    return len(found) > 1 or (unicodedata.east_asian_width(found) == "W" and found not in _LETTERS)
