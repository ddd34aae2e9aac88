"""The longest script is analysed in one call, within a minute, whatever the number of scenes and pictures."""

import pytest

from tests.bench.long_script import ASKED, MOST_SCENES, analysed, long_script

pytestmark = pytest.mark.slow

MINUTE_S = 60


def test_the_answer_to_a_long_script_with_few_pictures_is_a_tenth_of_it() -> None:
    counts = analysed(long_script(), *ASKED[0])
    assert counts.script > 12_000
    assert counts.answer <= counts.script / 10


@pytest.mark.parametrize(("scenes", "images"), ASKED)
def test_the_longest_script_takes_one_call_of_less_than_a_minute(scenes: int, images: int | None) -> None:
    counts = analysed(long_script(), scenes, images)
    assert counts.seconds < MINUTE_S
    assert counts.answer * 2 < counts.limit


def test_as_many_scenes_as_may_be_asked_for_are_measured() -> None:
    with pytest.raises(ValueError, match="less than or equal to 100"):
        analysed("One. Two.", MOST_SCENES + 1)
