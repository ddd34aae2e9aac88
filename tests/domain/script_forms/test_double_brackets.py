"""Double brackets: a direction on a line of its own, words inside a line; and what of a script is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.notices import notices
from domain.script_forms.reading import ScriptForm, read_script
from domain.submission import Submission

WIKI = "The [[Eiffel Tower]] stands in [[Paris]]. Millions visit it."


def codes(script: str) -> list[str]:
    return [notice.code for notice in notices(script, "prose")]


@pytest.mark.parametrize("form", ["auto", "prose"])
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
    script: str, spoken: str, form: ScriptForm
) -> None:
    assert read_script(script, form).spoken_text == spoken


@given(st.text("[]|ab \n"))
def test_no_letter_goes_but_those_that_are_told_of(script: str) -> None:
    letters = [c for c in script if c in "ab"]
    if [c for c in read_script(script, "prose").spoken_text if c in "ab"] != letters:
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
    assert not read_script(script, "auto").says_something
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


def test_a_notice_shows_the_first_few_and_how_many_more() -> None:
    [notice] = notices("a [[one]] b [[two]] c [[three]] d [[four]] e [[five]]", "auto")
    assert "“[[one]]”, “[[two]]”, “[[three]]” and 2 more" in notice.message
    [long] = notices("The sea.\n[[" + "slow " * 100 + "]]", "auto")
    assert len(long.message) < 250
