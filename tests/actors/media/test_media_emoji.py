"""Emoji in captions: whole, beside letters of any script, in their place, and refused where there is none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.media import fonts
from actors.media.captions import draw
from actors.media.cues import break_lines
from actors.media.emoji import divided
from actors.media.formats import film_format
from actors.media.lettering import measure
from actors.media.words import split_words

WIDE = film_format()
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ASTRONAUT = "👩🏽\u200d🚀"
JAPAN = "\U0001f1ef\U0001f1f5"
KEY = "1\ufe0f\u20e3"
HEART = "❤\ufe0f"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WHOLE = [FAMILY, ASTRONAUT, JAPAN, KEY, HEART, SCOTLAND, "🚀", "👍🏿"]


def emoji_in(text: str) -> list[str]:
    return [piece for piece, is_emoji in divided(text) if is_emoji]


def ink(line: str) -> NDArray[np.uint8]:
    return np.asarray(draw([line], WIDE).getchannel("R"))


@pytest.mark.parametrize("emoji", WHOLE)
def test_a_sequence_is_one_emoji_and_is_drawn_as_one(emoji: str) -> None:
    assert emoji_in(f"a {emoji} b") == [emoji]
    assert measure(emoji, 40) == pytest.approx(measure("🚀", 40), abs=1)


@pytest.mark.parametrize("text", ["© 2026 ™ ☀ 1 # ♥ → ★", "中文 日本語 한국어 〽 ㊗", "☀\ufe0e"])
def test_letters_and_signs_stay_letters(text: str) -> None:
    assert emoji_in(text) == []
    assert fonts.EMOJI not in {run.face for run in fonts.runs(text)}


@pytest.mark.parametrize(
    "text", ["Off we go {}!", "光を待つ{}言葉。", "كلمات {} جديدة", "שלום {}!", "हर {} फ़िल्म"]
)
def test_an_emoji_stands_in_a_line_of_any_script_and_nothing_else_changes_its_font(text: str) -> None:
    line = text.format(ASTRONAUT)
    assert [run.text for run in fonts.runs(line) if run.face == fonts.EMOJI] == [ASTRONAUT]
    assert "".join(run.text for run in fonts.runs(line)) == line
    around = {run.face for run in fonts.runs(line)} - {fonts.EMOJI}
    assert around <= {run.face for run in fonts.runs(text.format("."))} | {fonts.LATIN}
    assert fonts.missing_glyphs(line) == []


def test_in_a_right_to_left_line_what_comes_later_stands_further_left() -> None:
    """Emoji have no direction of their own: taken for Latin, the thumb would stand right of the rocket."""
    line = ink("שלום 🚀 👍")
    columns = np.flatnonzero(line.any(axis=0))
    thumb = np.flatnonzero(ink("👍").any(axis=0))
    width = thumb[-1] - thumb[0] + 1
    left = columns[0]
    assert np.array_equal(line[:, left : left + width] > 128, ink("👍")[:, thumb[0] : thumb[-1] + 1] > 128)


def test_an_emoji_between_latin_words_of_an_arabic_line_keeps_their_order() -> None:
    """Spliced out of the line, "Reelog 🎉 now" looks as it does alone."""
    whole, alone = ink("كلمات Reelog 🎉 now"), ink("Reelog 🎉 now")
    columns = np.flatnonzero(alone.any(axis=0))
    width = columns[-1] - columns[0] + 1
    left = np.flatnonzero(whole.any(axis=0))[0]
    assert (
        np.mean(np.abs(whole[:, left : left + width].astype(int) - alone[:, columns[0] : columns[-1] + 1]))
        < 2
    )


def test_an_emoji_belongs_to_the_word_before_and_is_not_spoken() -> None:
    words = split_words(f"Launch! 🚀 {FAMILY} Now")
    assert [word.text for word in words] == [f"Launch! 🚀 {FAMILY}", "Now"]
    assert words[0].ends_sentence
    assert words[0].weight == split_words("Launch!")[0].weight
    assert [word.text for word in split_words(f"海{ASTRONAUT}と山")] == [f"海{ASTRONAUT}", "と", "山"]


def test_no_line_break_takes_an_emoji_apart() -> None:
    lines = break_lines(split_words(f"家族{FAMILY}の物語{ASTRONAUT}と光{SCOTLAND}の海"), len, 14)
    assert len(lines) == 2
    assert [emoji for line in lines for emoji in emoji_in(line)] == [FAMILY, ASTRONAUT, SCOTLAND]


def test_an_emoji_that_no_font_has_is_named() -> None:
    newer = "\U0001faff"
    assert fonts.missing_glyphs(f"ok {newer} 🚀") == [newer]
