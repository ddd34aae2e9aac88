"""Pictures stand for 4 to 10 seconds where sentences and the limit of cost allow it."""

from collections.abc import Sequence
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.beats import (
    LONGEST_S,
    SHORTEST_S,
    Seconds,
    expected_images,
    expected_scenes,
    images_at_most,
    paced,
)
from domain.script import AnnotatedBeat
from domain.submission import MOST_IMAGES, Options

Ranges = Sequence[tuple[int, int]]


def beat(first: int, last: int) -> AnnotatedBeat:
    return AnnotatedBeat(first=first, last=last, visual=f"view {first}", characters=[first])


def clock(lengths: Sequence[float]) -> Seconds:
    return lambda first, last: sum(lengths[first - 1 : last])


def pacing(lengths: Sequence[float], *scenes: Ranges, most: int = 99) -> list[list[tuple[int, int, str]]]:
    answered = [[beat(first, last) for first, last in scene] for scene in scenes]
    kept = paced(answered, clock(lengths), most)
    return [[(each.first, each.last, each.visual) for each in scene] for scene in kept]


@pytest.mark.parametrize(
    ("lengths", "ranges", "kept"),
    [
        ([5, 7], [(1, 1), (2, 2)], [(1, 1, "view 1"), (2, 2, "view 2")]),
        ([6, 2, 5], [(1, 1), (2, 2), (3, 3)], [(1, 1, "view 1"), (2, 3, "view 3")]),
        ([2, 6, 9], [(1, 1), (2, 2), (3, 3)], [(1, 2, "view 2"), (3, 3, "view 3")]),
        ([3, 3], [(1, 1), (2, 2)], [(1, 2, "view 1")]),
        ([1], [(1, 1)], [(1, 1, "view 1")]),
        ([6, 6, 6], [(1, 3)], [(n, n, "view 1") for n in (1, 2, 3)]),
        ([6] * 8, [(1, 8)], [(n, n, "view 1") for n in range(1, 9)]),
        ([5, 5, 5, 5], [(1, 4)], [(1, 2, "view 1"), (3, 4, "view 1")]),
        ([20], [(1, 1)], [(1, 1, "view 1")]),
        ([2, 11], [(1, 2)], [(1, 2, "view 1")]),
    ],
    ids=[
        "good ones are left alone",
        "a flash joins its shorter neighbour",
        "also the first one",
        "two flashes",
        "a scene keeps one",
        "a standstill is divided",
        "as often as need be",
        "only where it is too long",
        "one sentence is not divided",
        "nor into a flash",
    ],
)
def test_a_picture_is_no_flash_and_no_standstill(
    lengths: list[float], ranges: Ranges, kept: list[tuple[int, int, str]]
) -> None:
    assert pacing(lengths, ranges) == [kept]


def test_the_limit_counts_all_scenes_and_joins_what_is_shortest_together() -> None:
    scenes: list[Ranges] = [[(1, 1), (2, 2)], [(3, 3), (4, 4)], [(5, 5)]]
    kept = pacing([9, 9, 5, 5, 9], *scenes, most=4)
    assert kept == [[(1, 1, "view 1"), (2, 2, "view 2")], [(3, 4, "view 3")], [(5, 5, "view 5")]]


def test_nothing_is_divided_beyond_the_limit_and_the_longest_comes_first() -> None:
    kept = pacing([6, 6, 8, 8], [(1, 2)], [(3, 4)], most=3)
    assert kept == [[(1, 2, "view 1")], [(3, 3, "view 3"), (4, 4, "view 3")]]


@given(
    st.lists(st.floats(1.5, 25), min_size=1, max_size=40),
    st.data(),
)
def test_whatever_is_answered_every_sentence_is_kept_once_within_the_limit(
    lengths: list[float], data: st.DataObject
) -> None:
    count = len(lengths)
    ends = sorted({*data.draw(st.sets(st.integers(1, count), max_size=12)), count})
    beats = [(first + 1, last) for first, last in pairwise([0, *ends])]
    cuts = sorted({0, *data.draw(st.sets(st.integers(0, len(beats) - 1), max_size=4)), len(beats)})
    scenes: list[Ranges] = [beats[start:end] for start, end in pairwise(cuts)]
    most = data.draw(st.integers(len(scenes), 60))
    kept = pacing(lengths, *scenes, most=most)
    assert [(scene[0][0], scene[-1][1]) for scene in kept] == [(s[0][0], s[-1][1]) for s in scenes]
    flat = list(chain(*kept))
    assert [n for first, last, _ in flat for n in range(first, last + 1)] == list(range(1, count + 1))
    assert len(flat) <= most
    seconds = clock(lengths)
    assert all(len(scene) == 1 or seconds(*each[:2]) >= SHORTEST_S for scene in kept for each in scene)
    if len(flat) < most:
        alone = [each for each in flat if seconds(*each[:2]) > LONGEST_S]
        assert not [
            cut
            for first, last, _ in alone
            for cut in range(first, last)
            if min(seconds(first, cut), seconds(cut + 1, last)) >= SHORTEST_S
        ]


# ---- how many ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "options", "images"),
    [
        ("One.", {}, 1),
        ("word " * 90, {}, 6),
        ("word " * 90, {"max_images": 2}, 2),
        ("word " * 90, {"max_images": 40}, 6),
        ("word " * 90, {"target_duration_s": 70}, 10),
        ("word " * 8000, {}, MOST_IMAGES),
        ("語" * 270, {}, 9),
    ],
)
def test_the_pictures_are_guessed_from_the_length_of_the_film(
    script: str, options: dict[str, float], images: int
) -> None:
    assert expected_images(script, Options.model_validate(options)) == images


@pytest.mark.parametrize(
    ("seconds", "max_images", "scenes", "most"),
    [(70, None, 4, 10), (71, None, 4, 11), (14, None, 4, 4), (1e5, None, 12, MOST_IMAGES), (700, 3, 12, 3)],
)
def test_the_most_pictures_are_those_asked_for_or_one_for_seven_seconds(
    seconds: float, max_images: int | None, scenes: int, most: int
) -> None:
    assert images_at_most(seconds, Options(max_images=max_images), scenes) == most


@pytest.mark.parametrize(
    ("script", "most", "scenes"),
    [
        ("One.", 12, 1),
        ("word " * 90, 12, 3),
        ("word " * 9000, 12, 12),
        ("語" * 270, 12, 5),
        ("ก" * 780, 12, 5),
        ("[[a]]\n" * 90 + "One.", 12, 1),
    ],
    ids=["a word", "ninety words", "a book", "Chinese", "Thai", "directions"],
)
def test_the_scenes_are_guessed_from_the_length_of_the_script(script: str, most: int, scenes: int) -> None:
    assert expected_scenes(script, Options(max_scenes=most)) == scenes


def test_there_are_no_more_scenes_than_pictures() -> None:
    assert expected_scenes("word " * 300, Options(max_images=2)) == 2
