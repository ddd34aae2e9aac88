"""What of a script is spoken, and what is told of it before anything is paid."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.spoken import as_given, notices, says_something, spoken_text, without_markup
from domain.submission import Submission

WIKI = "The [[Eiffel Tower]] stands in [[Paris]]. Millions visit it."


def codes(script: str) -> list[str]:
    return [notice.code for notice in notices(script)]


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        (WIKI, "The Eiffel Tower stands in Paris. Millions visit it."),
        ("See [[Paris (city)|the capital]].", "See the capital."),
        ("[[File:sea.jpg|thumb|A grey sea]] lies there.", "A grey sea lies there."),
        ("See [[Paris|]].", "See Paris."),
        ("See [[|Paris|]].", "See Paris."),
        ("See [[Rome|Paris|]].", "See Paris."),
        ("[[Rome]] is old.", "Rome is old."),
        ("It is [[Rome]]", "It is Rome"),
        ("The sea.\n[[slow zoom]]\nThe sky.", "The sea. The sky."),
        ("The sea.\r\n  [[slow zoom]] [[pan\r\nleft]]  \r\nThe sky.", "The sea. The sky."),
        ("[[a boat at sea]]", ""),
        ("One [[fault: 503 image]] light.", "One light."),
        ("The sea. [[Fault: 429\nimage]]  The sky.", "The sea. The sky."),
        ("A [[very\nlong name]] here.", "A very long name here."),
        ("[[over\n\nparagraphs]] go", "[[over paragraphs]] go"),
        ("An open [[bracket stays.", "An open [[bracket stays."),
        ("m[[1,2],[3,4]] and [[[x]]]", "m1,2],[3,4 and [x]"),
        ("Deep [[a [[b [[c]] ]]]] end", "Deep a b c end"),
        ("A single [bracket] is none.", "A single [bracket] is none."),
    ],
)
def test_a_direction_stands_on_a_line_of_its_own_and_all_other_words_are_spoken(
    script: str, spoken: str
) -> None:
    assert spoken_text(script) == spoken


def test_the_language_model_is_given_directions_in_brackets_and_links_without() -> None:
    assert as_given(f"{WIKI}\n[[slow zoom]]\nEnd [[fault: 503 image]].") == (
        "The Eiffel Tower stands in Paris. Millions visit it.\n[[slow zoom]]\nEnd [[fault: 503 image]]."
    )
    assert as_given("As it is:\r\n\t{x} <b>y</b>\r\n") == "As it is:\r\n\t{x} <b>y</b>\r\n"


@given(st.text("[]|ab \n"))
def test_no_letter_goes_but_those_that_are_told_of(script: str) -> None:
    letters = [c for c in script if c in "ab"]
    if [c for c in spoken_text(script) if c in "ab"] != letters:
        assert {"directions_not_spoken", "links_shortened"} & set(codes(script))


@pytest.mark.parametrize(
    "script",
    [
        "[[a boat]]",
        "\u200b\u200b",
        "... !? …",
        "🚀🎉",
        "\x07\x1b[31m",
        "\u3164",
        "[[a]]\n\n---\n[[b]]",
        "。、！",
        "►",
    ],
)
def test_a_script_that_says_nothing_is_refused(script: str) -> None:
    assert not says_something(script)
    with pytest.raises(ValidationError, match="nothing in it can be said"):
        Submission(script=script)


@pytest.mark.parametrize("script", ["a", "7", "中", "ก", "[[a]]\nb", "[[Rome]] 🚀 is", "٣", "1️⃣"])
def test_one_letter_or_digit_of_any_script_is_enough(script: str) -> None:
    assert Submission(script=script).script == script


def test_a_script_comes_in_without_control_characters() -> None:
    assert Submission(script="The\x07 sea\x1b[0m.\u2028Waves\ufeff.").script == "The sea.\nWaves."


@pytest.mark.parametrize(("script", "told"), [("a\ud800", "unicode"), ("a\x00b", "remove them")])
def test_what_is_no_text_is_refused(script: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Submission(script=script)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("A quiet script, with nothing odd: 5 < 7 & 3 > 2; Dr. No (1962) – 100 %, R&D, x * y * z.", []),
        ("He said: stop.\n\nShe said: go.\n- Hello, a dash opens speech.", []),
        ("The tool_name and the file_name.txt.", []),
        (WIKI, ["brackets_spoken"]),
        ("See [[page|label]].", ["brackets_spoken", "links_shortened"]),
        ("See [[page|label|]].", ["brackets_spoken", "links_shortened"]),
        ("See [[|label|]].", ["brackets_spoken"]),
        ("The sea.\n[[slow]]", ["directions_not_spoken"]),
        ("The sea [[fault: 503 image]].", ["directions_not_spoken"]),
    ],
)
def test_what_is_done_with_brackets_is_told(script: str, told: list[str]) -> None:
    assert codes(script) == told


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("# The Sea\nWaves.", "Markdown"),
        ("The **sea** is wide.", "Markdown"),
        ("The _sea_ is wide.", "Markdown"),
        ("See [the sea](https://example.com).", "Markdown"),
        ("- salt\n- sand", "Markdown"),
        ("1. salt\n2. sand", "Markdown"),
        ("> The sea is wide.", "Markdown"),
        ("| tide | time |\n|---|---|", "Markdown"),
        ("Run `make` now.", "Markdown"),
        ("```\ncode\n```", "Markdown"),
        ("One.\n\n---\n\nTwo.", "Markdown"),
        ("<p>The sea.</p>", "HTML"),
        ("Salt &amp; sand.", "HTML"),
        ("Line<br/>break", "HTML"),
        ("<!-- note --> sea", "HTML"),
        ("<speak>Hi <break time='1s'/></speak>", "SSML"),
        ('Wide <prosody rate="slow">sea</prosody>', "SSML"),
        ("INT. LIGHTHOUSE - NIGHT\nThe lamp turns.", "screenplay"),
        ("ANNA (V.O.)\nIs anybody there?", "screenplay"),
        ("NARRATOR: The sea.", "screenplay"),
        ("Narrator: The sea.", "screenplay"),
        ("ANNA: Hello.\nBEN: Hello.", "screenplay"),
        ("The end.\n\nFADE OUT.", "screenplay"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello.", "subtitles"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.", "subtitles"),
        ("\\section{Sea} The \\textbf{sea}.", "LaTeX"),
    ],
)
def test_markup_is_noticed_and_named(script: str, kind: str) -> None:
    told = [notice for notice in notices(script) if notice.code == "markup_spoken"]
    assert kind in told[0].message
    assert "read aloud" in told[0].message


def test_a_notice_shows_the_first_few_and_how_many_more() -> None:
    [notice] = notices("a [[one]] b [[two]] c [[three]] d [[four]] e [[five]]")
    assert "“[[one]]”, “[[two]]”, “[[three]]” and 2 more" in notice.message
    [long] = notices("The sea.\n[[" + "slow " * 100 + "]]")
    assert len(long.message) < 250


def test_markup_is_no_part_of_the_sentences() -> None:
    script = "NARRATOR: The <b>sea</b>.\n1. Salt.\n(softly)\nINT. SHIP - DAY\n[[pan]]\nSand &amp; salt."
    assert without_markup(script) == "The sea . Salt. Sand salt."


@pytest.mark.parametrize(
    "part",
    [
        "[[",
        "]]",
        "[[a",
        "<a",
        "<!--",
        "**",
        "*a",
        "`",
        "[a",
        "[a](",
        "&a",
        "| ",
        "- ",
        "1. ",
        "[[fault:",
        "_a",
        "\x1b]",
        "A ",
        "(a",
    ],
)
def test_the_longest_script_is_looked_through_at_once(part: str) -> None:
    script = (part * 50_000)[:50_000]
    begun = time.process_time()
    notices(script), as_given(script), without_markup(script)
    assert time.process_time() - begun < 5
