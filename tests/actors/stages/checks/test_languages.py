"""One language has many tags; it is the same language under each."""

import pytest

from actors.stages.checks.languages import primary, why_not_in, written_in
from tests.actors.stages.checks.test_answers import refused

SAME = [
    ("no", "nb"),
    ("nb-NO", "nn"),
    ("iw", "he"),
    ("in", "id"),
    ("id-ID", "ind"),
    ("tl", "fil"),
    ("zh-Hans", "cmn"),
    ("zh-CN", "cmn-Hans-CN"),
    ("zh-TW", "zho"),
    ("zh-yue", "yue"),
    ("sh", "sr"),
    ("sr-Latn", "sh"),
    ("mo", "ro"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("en-US", "eng"),
    ("pt-BR", "por"),
    ("ger", "de"),
    ("deu", "DE"),
    ("arb", "ar-EG"),
    ("pes", "fa"),
    ("zsm", "ms"),
]


@pytest.mark.parametrize(("asked", "said"), SAME)
def test_a_language_is_the_same_under_each_of_its_tags(asked: str, said: str) -> None:
    assert primary(asked) == primary(said)
    text = "En kveld. En lampe."
    assert refused(text, language=said, asked=asked) == ""
    assert refused(text, language=asked, asked=said) == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [("no", "sv"), ("id", "ms"), ("zh", "ja"), ("sr", "hr"), ("he", "yi"), ("da", "nb"), ("pt", "es")],
)
def test_two_languages_stay_two(asked: str, said: str) -> None:
    text = "En kveld. En lampe."
    assert refused(text, language=said, asked=asked) == "wrong_language"


@pytest.mark.parametrize("tag", ["cmn", "zh-Hans", "zho", "yue"])
def test_han_characters_may_be_chinese_by_any_name(tag: str) -> None:
    assert why_not_in("一座灯塔矗立在灰色的大海之上。", tag) is None


def test_japanese_is_written_in_one_way_whatever_its_sentences_hold() -> None:
    assert written_in("灯台守") == written_in("ひらがなのうみ") == written_in("カタカナ") == "CJK"
    assert written_in("12:30") is None
    assert written_in("A sea of море") == "LATIN"
