"""Which font draws a character, from fonts that were installed with the program and from nowhere else.

System fonts were rejected: the same film must look the same on every machine, and a font that is missing must
be known before rendering, not seen as boxes afterwards. So every character is looked up in the fonts' own
character maps.

Files are found by their packages; the registries that those packages bring along also look at system fonts.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont, features

from actors.media.emoji import divided, is_emoji
from actors.media.errors import CaptionError


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


@cache
def load(face: Face, size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels; ``weight`` where the font has that axis.

    Raises:
        CaptionError: ``shaping_missing`` when Pillow was built without text shaping; ``font_missing``.

    """
    if not features.check("raqm"):
        raise CaptionError(
            "shaping_missing",
            "Pillow was built without text shaping (raqm)",
            "Install Pillow from its wheel, which has it",
        )
    font = ImageFont.truetype(face.path, size, face.index, layout_engine=ImageFont.Layout.RAQM)
    if face.variable:
        axes = font.get_variation_axes()
        font.set_variation_by_axes(
            [weight if axis["name"] == b"Weight" else (axis["default"] or 0) for axis in axes]
        )
    return font


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
    found = dict.fromkeys(
        character
        for character in unicodedata.normalize("NFC", text)
        if not _invisible(character) and not any(ord(character) in coverage(face) for face in available)
    )
    return list(found)


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


def direction(text: str) -> Direction:
    """The direction of the first letter that has one (Unicode's rule P2)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return Direction.LEFT_TO_RIGHT
        if kind in {"R", "AL"}:
            return Direction.RIGHT_TO_LEFT
    return Direction.LEFT_TO_RIGHT


def _drawn_by(face: Face, character: str) -> bool:
    return ord(character) in coverage(face) or _invisible(character)


def _invisible(character: str) -> bool:
    """Characters that shape or separate others and are not drawn themselves."""
    return (
        character.isspace()
        or unicodedata.category(character) in {"Cc", "Cf"}
        or _is_block(character, 0xFE00, 0xFE0F)  # variation selectors
    )


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
