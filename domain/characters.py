"""Which characters of a text draw nothing or say nothing, by Unicode's own tables.

A text that a person pastes holds more than is seen: what a terminal or a PDF leaves behind, marks of a word
processor, whole hidden sentences in tag characters, which a model reads and nobody else. What says nothing is
taken out where a text comes in, here and nowhere else, so that all that follows has the same characters.
"""

import re
import unicodedata
from bisect import bisect_right
from itertools import chain
from typing import Final

_IGNORABLE: Final = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt: drawn as nothing where no font has it.
The last of these blocks is set aside for such characters to come."""
_EDGES: Final = tuple(chain.from_iterable((first, last + 1) for first, last in _IGNORABLE))

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-9;:<=>?]*[A-Za-z@`~]"  # a terminal's colours and moves
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # its titles and links
)
"""In the form with two characters, which is the one that is met; with one, it may as well be a letter of an
old code page, and a letter after it one of the text."""
_LINE_ENDS: Final = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SEPARATOR: Final = "\x1f"
_FLAG: Final = "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
_NOTHING: Final = re.compile(
    f"({_FLAG})"  # of a region: the one use of tags that is seen
    "|[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb\ufdd0-\ufdef]"
    "|[\U0001bca0-\U0001bca3\U000e0000-\U000e007f]"
    "|["
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
"""Control characters but for line ends and tabs, byte order marks, marks of interlinear notes and of
shorthand, noncharacters and tags: they stand for no letter, sign or direction."""


def is_invisible(character: str) -> bool:
    """Whether it is drawn as nothing: a joiner, a mark of direction, a variation selector, a filler."""
    return bool(bisect_right(_EDGES, ord(character)) % 2)


def visible(text: str) -> str:
    """The text without its invisible characters: what words are counted and compared in."""
    return text if text.isascii() else "".join(c for c in text if not is_invisible(c))


def is_spoken(character: str) -> bool:
    """Whether it is a letter or a digit, of any script."""
    return unicodedata.category(character)[0] in "LN" and not is_invisible(character)


def cleaned(text: str) -> str:
    """The text without what says nothing; whatever ends a line somewhere ends it as a newline.

    Applied twice it changes nothing more. Marks that choose direction, joining or shape stay.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub("\n", _ESCAPES.sub("", text)).replace(_SEPARATOR, " ")
    return _NOTHING.sub(lambda found: found[1] or "", text)
