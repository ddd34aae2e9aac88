"""Lines in both directions stand as UAX #9 orders them: by Unicode's cases, by another program, in ink."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from actors.media import fonts
from actors.media.bidi import first_strong, in_visual_order, levels
from actors.media.captions import draw
from actors.media.formats import film_format
from actors.media.lettering import _laid_out, draw_line, measure, word_places

HERE = Path(__file__).parent
CASES = [
    line.split(";")
    for line in (HERE / "bidi_character_test.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
LINES: list[tuple[str, str, str]] = json.loads((HERE / "bidi_lines.json").read_text("utf-8"))
"""A line, its direction, and its characters from left to right by the crate unicode-bidi (python-bidi)."""
UNSEEN = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SIZE = 40
ONE_FACE = {
    "عام ١٩٨٤ وبعده 1985 ولد، ثم 3.5 فقط!": (fonts.ARABIC, "rtl"),
    "السعر: 100 أو 90.50؛ هل تقبل؟": (fonts.ARABIC, "rtl"),
    "مريم: «أهلاً 3:2 بك» ... نعم!": (fonts.ARABIC, "rtl"),
    "שָׁלוֹם עולם": (fonts.HEBREW, "rtl"),
    "AVATAR office (fi) “ключ” Ελλάδα 50%": (fonts.LATIN, "ltr"),
    "रखवाला हर शाम सीढ़ियाँ।": (fonts.OTHERS[0], "ltr"),
}
WIDE = film_format()
MOVED = 0.12
"""Of the ink: FreeType's hinting moves edges by less than a pixel. A letter elsewhere is more."""


@pytest.mark.parametrize("number", range(len(CASES)))
def test_levels_and_order_are_those_of_unicodes_cases(number: int) -> None:
    codes, asked, base, wanted, order = CASES[number]
    text = "".join(chr(int(code, 16)) for code in codes.split())
    if asked == "2":
        assert (first_strong(text) or 0) == int(base)
    found = levels(text, int(base))
    kept = [place for place, level in enumerate(wanted.split()) if level != "x"]
    assert [found[place] for place in kept] == [int(level) for level in wanted.split() if level != "x"]
    assert in_visual_order(kept, [found[place] for place in kept]) == [int(place) for place in order.split()]


@pytest.mark.parametrize(("line", "base", "wanted"), LINES)
def test_names_years_prices_brackets_and_addresses_stand_where_another_implementation_puts_them(
    line: str, base: str, wanted: str
) -> None:
    seen = "".join(in_visual_order(list(line), levels(line, "LR".index(base))))
    unseen = str.maketrans("", "", UNSEEN)
    assert seen.translate(unseen) == wanted.translate(unseen)


def inked(line: str, width: int = 900) -> NDArray[np.int16]:
    image = Image.new("L", (width, 90))
    draw_line(ImageDraw.Draw(image), line, 20, 60, SIZE)
    return np.asarray(image).astype(np.int16)


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow lays out no text in both directions")
@pytest.mark.parametrize("line", ONE_FACE)
def test_a_line_of_one_face_is_drawn_as_fribidi_and_freetype_draw_it(line: str) -> None:
    face, direction = ONE_FACE[line]
    assert {run.face for run in fonts.runs(line)} == {face}
    font = ImageFont.truetype(face.path, SIZE, layout_engine=ImageFont.Layout.RAQM)
    font.set_variation_by_axes(
        [600 if axis["name"] == b"Weight" else axis["default"] or 0 for axis in font.get_variation_axes()]
    )
    image = Image.new("L", (900, 90))
    ImageDraw.Draw(image).text((20, 60), line, font=font, fill=255, anchor="ls", direction=direction)
    theirs, ours = np.asarray(image).astype(np.int16), inked(line)
    assert measure(line, SIZE) == pytest.approx(font.getlength(line, direction=direction), abs=2)
    assert np.abs(theirs - ours).sum() < MOVED * (theirs.sum() + ours.sum())


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("The word שלום means peace.", "The word |שלום| means peace."),
        ("הוא עובד ב-Google מאז 2009.", ".|2009| |מאז| |Google|-|ב| |עובד| |הוא"),
        ('המחיר הוא 100$ (כולל מע"מ).', '.(|מע"מ| |כולל|) |100$| |הוא| |המחיר'),
        ("الموقع example.com مجاني.", ".|مجاني| |example.com| |الموقع"),
    ],
)
def test_a_line_of_several_faces_is_its_pieces_in_the_order_of_the_algorithm(line: str, seen: str) -> None:
    """The places of the words rise from left to right as they are seen."""
    words = [word for word in seen.split("|") if any(map(str.isalnum, word))]
    places = []
    for word in words:
        begin = line.index(word.strip() + ("-" if word == "ב" else ""))
        places += word_places(line, begin, begin + len(word.strip()), SIZE)
    assert [left for left, _ in places] == sorted(left for left, _ in places)
    assert len(places) == len(words)
    assert all(before[1] < after[0] for before, after in pairwise(places)), "a space or a mark parts them"


def test_brackets_of_a_right_to_left_line_open_towards_its_words() -> None:
    """Mirrored: "(x)" in Hebrew looks like "(x)", though its opening bracket stands on the right."""
    ours = inked("(אב)", 200)
    alone = inked("(", 200)
    columns = np.flatnonzero(ours.any(axis=0))
    bracket = np.flatnonzero(alone.any(axis=0))
    width = bracket[-1] - bracket[0] + 1
    left = ours[:, columns[0] : columns[0] + width]
    assert np.abs(left - alone[:, bracket[0] : bracket[-1] + 1]).mean() < 2


def test_a_line_that_begins_with_a_foreign_name_is_read_as_its_caption_is() -> None:
    first, second = "הושקה בשנת 2009", "WhatsApp של חברת Meta."
    apart = np.asarray(draw([second], WIDE, language="he").getchannel("R"))
    together = np.asarray(draw([first, second], WIDE, language="he").getchannel("R"))
    assert not np.array_equal(apart[-120:], together[-120:])


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("Instagram هو تطبيق مشهور جدا في مصر.", "ar", True),
        ("Instagram هو تطبيق مشهور جدا في مصر.", "", False),
        ("John: שלום", "he-IL", True),
        ("John: سلام", "az-Arab", True),
        ("John: شكرا", "es-AR", False),
        ("Instagram.", "ar", False),
        ("שלום is a word.", "en", False),
        ("שלום is a word.", "und", True),
        ("שלום", "en", True),
    ],
)
def test_a_foreign_name_at_its_beginning_does_not_turn_a_caption_round(
    text: str, language: str, right: bool
) -> None:
    assert (fonts.direction(text, language) is fonts.Direction.RIGHT_TO_LEFT) is right


def test_an_arabic_caption_that_begins_with_a_latin_name_has_it_on_the_right() -> None:
    name, whole = "Instagram", "Instagram هو تطبيق."
    ink = np.asarray(draw([whole], WIDE, language="ar").getchannel("R"))
    columns = np.flatnonzero(ink.any(axis=0))
    alone = np.asarray(draw([name], WIDE, language="ar").getchannel("R"))
    letters = np.flatnonzero(alone.any(axis=0))
    width = letters[-1] - letters[0] + 1
    right = ink[:, columns[-1] - width + 1 : columns[-1] + 1].astype(int)
    assert np.abs(right - alone[:, letters[0] : letters[-1] + 1]).mean() < 2


def test_an_english_caption_that_begins_with_a_hebrew_word_has_it_on_the_left() -> None:
    word, whole = "שלום", "שלום is a word."
    ink = np.asarray(draw([whole], WIDE, language="en").getchannel("R"))
    alone = np.asarray(draw([word], WIDE, language="en").getchannel("R"))
    letters = np.flatnonzero(alone.any(axis=0))
    first = np.flatnonzero(ink.any(axis=0))[0]
    left = ink[:, first : first + letters[-1] - letters[0] + 1].astype(int)
    assert np.abs(left - alone[:, letters[0] : letters[-1] + 1]).mean() < 2


def test_numbers_alone_are_read_as_the_film_is() -> None:
    assert fonts.direction("2009 - 2010", "he") is fonts.Direction.RIGHT_TO_LEFT
    assert fonts.direction("2009 - 2010", "en") is fonts.Direction.LEFT_TO_RIGHT
    assert fonts.direction("שלום 2010", "en") is fonts.Direction.RIGHT_TO_LEFT
    assert fonts.direction("\u2067שלום\u2069 is a word") is fonts.Direction.LEFT_TO_RIGHT


def test_the_widths_of_lines_are_kept_for_some_lines_only() -> None:
    assert _laid_out.cache_info().maxsize is not None
