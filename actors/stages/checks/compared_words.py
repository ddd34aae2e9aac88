"""The words of a text as they are compared, whatever its writing.

What does not change what is heard does not count: case, punctuation, hyphens, compatibility forms and vowel
points. Words are characters where words are not set apart.
"""

import re
import unicodedata

from domain.characters import is_invisible

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U000323af]"
)
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""
_POINTS = range(10, 36)
"""Combining classes of Hebrew and Arabic vowel points, which writers leave out at will."""
_TATWEEL = "\u0640"


def words_of(text: str) -> list[str]:
    """Words as they are compared; each character is one where words are not set apart."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain.translate({ord(character): _kept(character) for character in set(plain)}).split()


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character == _TATWEEL or unicodedata.combining(character) in _POINTS:
        return ""
    if is_invisible(character):  # a variation selector: the same letter in another form
        return ""
    if _UNSPACED.match(character):
        return f" {character} " if category[0] in "LNM" else " "
    return character if category[0] in "LNM" else " "
