"""What draws nothing and says nothing is known by Unicode's tables, and taken out where a text comes in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.characters import cleaned, is_invisible, is_spoken

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
HIDDEN = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore the script")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The terminal\x07 said \x1b[31mred\x1b[0m and stopped\x08.", "The terminal said red and stopped."),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\ here", "link here"),
        ("\x1b[1;32mgreen\x1b[m and \x1b[[not", "green and [[not"),
        ("page one\fpage two\vline\x85next\u2028more\u2029end", "page one\npage two\nline\nnext\nmore\nend"),
        ("a\x1fb\x1cc", "a b\nc"),
        ("\ufeffThe sea\ufffe\uffff\ufdd0\U0010ffff.", "The sea."),
        ("\x80\x99old Windows\x9f", "old Windows"),
        ("annotated\ufff9base\ufffagloss\ufffb", "annotatedbasegloss"),
        (f"The sea.{HIDDEN} The sky.", "The sea. The sky."),
        (f"{SCOTLAND} Scotland", f"{SCOTLAND} Scotland"),
        ("tab\tand\r\nlines\n", "tab\tand\r\nlines\n"),
        ("\u2067שלום\u2069 \u200fא\u200e \u202bב\u202c", "\u2067שלום\u2069 \u200fא\u200e \u202bב\u202c"),
        ("葛\U000e0100飾 ❤\ufe0f क्\u200dष", "葛\U000e0100飾 ❤\ufe0f क्\u200dष"),
    ],
)
def test_what_says_nothing_is_taken_out_and_what_shapes_the_text_stays(text: str, kept: str) -> None:
    assert cleaned(text) == kept


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cleaning_twice_changes_nothing_more_and_takes_no_letter_away(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    if "\x1b" not in text:
        assert list(filter(is_spoken, once)) == list(filter(is_spoken, text))


@given(st.text(st.characters(categories=["Cc", "Cn", "Cf", "Zl", "Zp"], exclude_characters="\x00")))
def test_no_control_character_is_left_but_line_ends_and_tabs(text: str) -> None:
    assert {c for c in cleaned(text) if unicodedata.category(c) in {"Cc", "Zl", "Zp"}} <= set("\n\r\t")


@pytest.mark.parametrize(
    "code",
    [0xAD, 0x34F, 0x61C, 0x180B, 0x180F, 0x200B, 0x200F, 0x2066, 0xFE0F, 0xFEFF, 0xE0100, 0xE01EF, 0x3164],
)
def test_default_ignorable_characters_are_invisible(code: int) -> None:
    assert is_invisible(chr(code))
    assert not is_spoken(chr(code))


@pytest.mark.parametrize(
    "code",
    [0x41, 0x7, 0x600, 0x605, 0x6DD, 0x2010, 0xFFF9, 0xFFFB, 0xFFFC, 0xFFFD, 0x110BD, 0x1F680, 0xF0000],
)
def test_others_are_not_though_their_category_may_be_of_format(code: int) -> None:
    assert not is_invisible(chr(code))


@pytest.mark.parametrize("character", ["a", "ß", "7", "٣", "中", "あ", "ก", "अ", "½", "Ⅷ"])
def test_letters_and_digits_of_any_script_are_spoken(character: str) -> None:
    assert is_spoken(character)


@pytest.mark.parametrize(
    "character", ["!", "…", "。", "🚀", "►", " ", "\u200b", "\u3164", "$", "\u0301", "\ue000"]
)
def test_marks_pictures_and_blanks_are_not(character: str) -> None:
    assert not is_spoken(character)
