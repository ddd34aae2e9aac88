"""Which font draws a character, from fonts that were installed with the program and from nowhere else.

System fonts were rejected: the same film must look the same on every machine, and a font that is missing must
be known before rendering, not seen as boxes afterwards. So every character is looked up in the fonts' own
character maps.

Files are found by their packages; the registries that those packages bring along also look at system fonts.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final

import uharfbuzz
from fontTools.ttLib import TTFont
from fontTools.unicodedata import script

from actors.media.bidi import base_level
from actors.media.emoji import divided, is_emoji
from actors.media.errors import CaptionError
from domain.characters import is_invisible


@dataclass(frozen=True, slots=True)
class Face:
    """A font file; ``index`` within a collection; ``variable`` when it has a weight axis."""

    package: str
    file: str
    index: int = 0
    variable: bool = True

    @property
    def path(self) -> Path:
        """Where the file is. Raises CaptionError ``font_missing``."""
        try:
            path = Path(str(files(self.package))) / self.file
        except ModuleNotFoundError as error:
            raise self._missing() from error
        if not path.is_file():
            raise self._missing()
        return path

    def _missing(self) -> CaptionError:
        return CaptionError(
            "font_missing", f"The font {self.file} of {self.package} is not installed", "Run make install"
        )


_CJK_FILE = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
_NOTO = "manimgx_fonts"
LATIN = Face(_NOTO, "NotoSans[wght].ttf")
"""Latin, Greek and Cyrillic."""
ARABIC = Face(_NOTO, "NotoSansArabic[wght].ttf")
HEBREW = Face(_NOTO, "NotoSansHebrew[wght].ttf")
EMOJI = Face(_NOTO, "NotoEmoji[wght].ttf")
"""In one colour, so that they are lit and accented like the letters beside them."""
SYMBOLS = Face(_NOTO, "NotoSansSymbols[wght].ttf")
OTHERS = tuple(
    Face(_NOTO, f"NotoSans{script}[wght].ttf")
    for script in (
        *("Devanagari", "Bengali", "Gujarati", "Gurmukhi", "Oriya", "Tamil", "Telugu", "Kannada"),
        *("Malayalam", "Sinhala", "Armenian", "Georgian", "Ethiopic", "Thai"),
    )
)
"""Scripts of which it is known where a line may break. Of Lao, Khmer and Burmese, which set no words apart,
it is not, so they are left out: their fonts alone would give captions that are cut anywhere."""
JAPANESE = Face(*_CJK_FILE, index=0, variable=False)
KOREAN = Face(*_CJK_FILE, index=1, variable=False)
SIMPLIFIED = Face(*_CJK_FILE, index=2, variable=False)
TRADITIONAL = Face(*_CJK_FILE, index=3, variable=False)
HONG_KONG = Face(*_CJK_FILE, index=4, variable=False)


class Direction(Enum):
    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that one face can draw."""

    text: str
    face: Face


@cache
def coverage(face: Face) -> frozenset[int]:
    """The characters that a face can draw."""
    with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
        return frozenset(font.getBestCmap())


UNITS: Final = 64
"""Of the shaper in a pixel."""
_THICKER: Final = 1 / 30
"""Of a font's size: CJK comes in one weight, too thin here."""


@lru_cache(256)
def load(face: Face, size: int, weight: int = 400) -> uharfbuzz.Font:
    """A face at a size in pixels (64 units each); ``weight`` where the font has that axis.

    Raises CaptionError ``font_missing``.
    """
    font = uharfbuzz.Font(_opened(face))
    font.scale = (size * UNITS, size * UNITS)
    if face.variable:
        font.set_variations({"wght": weight})
    else:
        font.synthetic_bold = (_THICKER, _THICKER, True)
    return font


@cache
def _opened(face: Face) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(face.path)), face.index)


def faces(text: str, language: str = "") -> list[Face]:
    """All faces in the order in which they are to be tried for ``text``."""
    cjk = _cjk_face(text, language)
    leading = LATIN
    if any(_is_block(character, 0x0590, 0x05FF) for character in text):
        leading = HEBREW
    elif any(_is_arabic(character) for character in text):
        leading = ARABIC
    elif any(_is_east_asian(character, cjk) for character in text):
        leading = cjk
    return list(dict.fromkeys((leading, LATIN, cjk, ARABIC, HEBREW, *OTHERS, SYMBOLS, EMOJI)))


def missing_glyphs(text: str, language: str = "") -> list[str]:
    """The characters of ``text`` that no installed font can draw, in order of appearance, each once."""
    available = faces(text, language)
    return [
        character
        for character in dict.fromkeys(unicodedata.normalize("NFC", text))
        if not _invisible(character) and not any(ord(character) in coverage(face) for face in available)
    ]


def missing_letters(text: str, language: str = "") -> list[str]:
    """Those of the missing that are read as words: without them a caption would say something else."""
    return [character for character in missing_glyphs(text, language) if not _is_sign(character)]


_BLANKS: Final = re.compile(
    "[\u3164\uffa0\U0001bca0-\U0001bca3]"
    "|(?<![\u1100-\u11ff\ua960-\ua97f])[\u115f\u1160](?![\u1100-\u11ff\ud7b0-\ud7ff])"
)
"""Invisible characters of which fonts have a wide blank or a box, and the shaper lets it stand."""


def drawable(text: str, language: str = "") -> list[int]:
    """The places of the characters that are drawn: not of signs without a glyph, and the space before."""
    missing = {character for character in missing_glyphs(text, language) if _is_sign(character)}
    blanks = {found.start() for found in _BLANKS.finditer(text)}
    if not missing and not blanks:
        return list(range(len(text)))
    kept: list[int] = []
    for place, character in enumerate(text):
        if place in blanks:
            continue
        if character in missing:
            while kept and text[kept[-1]] == " ":
                kept.pop()
        elif character != " " or kept:
            kept.append(place)
    return kept


def _is_sign(character: str) -> bool:
    """Whether it is no part of a word: a bullet, a tick, an arrow, an emoji that is newer than the fonts."""
    category = unicodedata.category(character)
    if category == "Cn":  # newer than this Python: the table of scripts may know it
        return bool(script(character) == "Zyyy")
    return category[0] not in "LMN"


def runs(text: str, language: str = "") -> Iterator[Run]:
    """Divide a line into pieces by face, in the order of the text; marks stay with their letters."""
    order = faces(text, language)
    for face, pieces in groupby(_faced(text, order), key=lambda run: run.face):
        yield Run("".join(piece.text for piece in pieces), face)


def _faced(text: str, order: list[Face]) -> Iterator[Run]:
    for piece, is_picture in divided(text):
        if is_picture and _draws_all(EMOJI, piece):
            yield Run(piece, EMOJI)
        else:
            yield from _text_runs(piece, order)


def _text_runs(text: str, order: list[Face]) -> Iterator[Run]:
    whole = next((face for face in order if _draws_all(face, text)), None)
    if whole:
        yield Run(text, whole)
        return
    piece, current = "", order[0]
    for character in text:
        neutral = character.isspace() or unicodedata.combining(character) or _invisible(character)
        if neutral or _drawn_by(current, character):
            piece += character
            continue
        if piece:
            yield Run(piece, current)
        piece = character
        current = next((face for face in order if _drawn_by(face, character)), current)
    if piece:
        yield Run(piece, current)


def _draws_all(face: Face, text: str) -> bool:
    return all(_drawn_by(face, character) for character in text)


def direction(text: str, language: str = "") -> Direction:
    """In which a text of that language is read."""
    return Direction.RIGHT_TO_LEFT if base_level(text, language) else Direction.LEFT_TO_RIGHT


def _drawn_by(face: Face, character: str) -> bool:
    return ord(character) in coverage(face) or _invisible(character)


def _invisible(character: str) -> bool:
    """Characters that shape or separate others and are not drawn themselves."""
    return character.isspace() or is_invisible(character)


def _is_block(character: str, first: int, last: int) -> bool:
    return first <= ord(character) <= last


def _is_arabic(character: str) -> bool:
    return (
        _is_block(character, 0x0600, 0x08FF)
        or _is_block(character, 0xFB50, 0xFDFF)
        or _is_block(character, 0xFE70, 0xFEFE)
    )


def _is_east_asian(character: str, cjk: Face) -> bool:
    """Whether it asks for the CJK face: wide, and not an emoji that this face has too."""
    return (
        ord(character) >= 0x1100
        and unicodedata.east_asian_width(character) in {"W", "F"}
        and ord(character) in coverage(cjk)
        and not is_emoji(character)
    )


def _cjk_face(text: str, language: str) -> Face:
    """One code point looks different in Tokyo, Beijing and Taipei; the language decides, else the kana."""
    tag = language.casefold()
    if tag.startswith("ja") or any(_is_block(character, 0x3040, 0x30FF) for character in text):
        return JAPANESE
    if tag.startswith("ko") or any(_is_block(character, 0xAC00, 0xD7A3) for character in text):
        return KOREAN
    if tag.startswith(("zh-hk", "zh-hant-hk", "yue")):
        return HONG_KONG
    if tag.startswith(("zh-tw", "zh-hant", "zh-mo")):
        return TRADITIONAL
    return SIMPLIFIED
