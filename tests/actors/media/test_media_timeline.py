"""Scenes tile the film exactly, whatever their lengths."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.media.errors import TimelineError
from actors.media.timeline import (
    SAMPLE_RATE,
    Joint,
    Timeline,
    joint_frames,
    scene_shape,
    silent_shapes,
    timeline,
)
from domain.spoken import reading_s

lengths = st.lists(st.floats(0.05, 30, allow_nan=False), min_size=1, max_size=12)
pauses = st.floats(0, 3, allow_nan=False)
rates = st.sampled_from([24, 25, 30, 60])
joints = st.lists(st.sampled_from(Joint), min_size=12, max_size=12)


def lay(speeches: list[float], pause: float, fps: int, between: list[Joint] | None = None) -> Timeline:
    last = len(speeches)
    joined = [Joint.CROSSFADE, *(between or [Joint.CROSSFADE] * last)]
    return timeline(
        [
            scene_shape(s, pause, fps, first=n == 1, last=n == last, arrives=joined[n - 1], leaves=joined[n])
            for n, s in enumerate(speeches, 1)
        ]
    )


@given(lengths, pauses, rates, joints)
def test_segments_in_order_give_exactly_the_film(
    speeches: list[float], pause: float, fps: int, between: list[Joint]
) -> None:
    film = lay(speeches, pause, fps, between)
    at = 0
    for segment in film.segments():
        assert segment.start == at
        assert segment.length > 0
        at += segment.length
    assert at == film.length
    assert len(list(film.segments())) == 2 * len(speeches) - 1


@given(lengths, rates, joints)
def test_only_scenes_joined_by_a_crossfade_overlap(
    speeches: list[float], fps: int, between: list[Joint]
) -> None:
    film = lay(speeches, 0.6, fps, between)
    for before, after, start, following, joint in zip(
        film.shapes, film.shapes[1:], film.starts, film.starts[1:], between, strict=False
    ):
        overlap = start + before.length - following
        assert overlap == (fps // 2 if joint is Joint.CROSSFADE else 0)
        frames = {Joint.CROSSFADE: fps // 2, Joint.CUT: 2, Joint.FADE: 2 * (2 * fps // 5)}
        assert joint_frames(before, after) == frames[joint]


@given(lengths, pauses, rates, joints)
def test_no_word_is_spoken_during_a_transition(
    speeches: list[float], pause: float, fps: int, between: list[Joint]
) -> None:
    film = lay(speeches, pause, fps, between)
    shared = {
        frame
        for segment in film.segments()
        if segment.kind == "transition"
        for frame in range(segment.start, segment.start + segment.length)
    }
    for scene, shape in enumerate(film.shapes, 1):
        first = round(film.speech_s(scene) * fps)
        assert shared.isdisjoint(range(first, first + shape.speech))


@given(lengths, pauses, rates)
def test_speech_fits_its_frames_and_the_next_scene_waits_for_it(
    speeches: list[float], pause: float, fps: int
) -> None:
    film = lay(speeches, pause, fps)
    for scene, seconds in enumerate(speeches, 1):
        ends = float(film.speech_s(scene)) + seconds
        assert ends <= float(film.duration_s)
        if scene < len(speeches):
            assert ends + max(0.6, pause) <= float(film.start_s(scene + 1)) + 0.5 + 2 / fps
            assert ends < float(film.speech_s(scene + 1))


@given(lengths, rates)
def test_a_clip_needs_its_own_scene_only(speeches: list[float], fps: int) -> None:
    """Another narration elsewhere moves a clip in the film and changes nothing in it."""
    before = lay(speeches, 0.6, fps)
    after = lay([speeches[0] + 3.1, *speeches[1:]], 0.6, fps)
    assert before.shapes[1:] == after.shapes[1:]


@given(lengths, rates)
def test_every_offered_frame_rate_divides_the_samples(speeches: list[float], fps: int) -> None:
    film = lay(speeches, 0.6, fps)
    assert Fraction(film.samples, SAMPLE_RATE) == film.duration_s


@given(st.lists(st.floats(1.5, 20), min_size=1, max_size=10), rates, st.integers(10, 300), joints)
def test_a_silent_film_meets_its_target_to_the_frame(
    reading: list[float], fps: int, target: int, between: list[Joint]
) -> None:
    film = timeline(silent_shapes(reading, fps, target, between[: len(reading) - 1]))
    assert film.length == target * fps


def test_one_scene_can_be_shown_in_a_second_and_twelve_cannot() -> None:
    assert timeline(silent_shapes([4.0], 30, 1)).length == 30
    with pytest.raises(TimelineError, match="target_too_short"):
        silent_shapes([4.0] * 12, 30, 1)


def test_a_silent_film_without_target_lasts_as_long_as_reading_it() -> None:
    film = timeline(silent_shapes([4.0, 6.0], 30))
    assert [shape.speech for shape in film.shapes] == [120, 180]


def test_speech_of_no_length_is_refused() -> None:
    with pytest.raises(TimelineError, match="scene_too_short"):
        scene_shape(0.0, 0.6, 30, first=True, last=True)


def test_scenes_that_disagree_about_their_crossfade_are_refused() -> None:
    alone = scene_shape(2.0, 0.6, 30, first=True, last=True)
    with pytest.raises(TimelineError, match="scenes_disagree"):
        timeline([alone, scene_shape(2.0, 0.6, 30, first=False, last=True)])
    cut = scene_shape(2.0, 0.6, 30, first=True, last=False, leaves=Joint.CUT)
    with pytest.raises(TimelineError, match="scenes_disagree"):
        timeline([cut, scene_shape(2.0, 0.6, 30, first=False, last=True)])
    with pytest.raises(TimelineError, match="scenes_disagree"):
        timeline([scene_shape(2.0, 0.6, 30, first=True, last=False)])
    with pytest.raises(TimelineError, match="no_scenes"):
        timeline([])


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        (" ".join(["word"] * 150), 59, 61),
        ("字" * 270, 59, 61),
        ("ภาษา" * 195, 59, 61),
        ("Hi.", 1.5, 1.5),
        ("모든 위대한 영화는 대본에서 시작됩니다", 1.9, 2.1),
    ],
)
def test_reading_time_counts_words_or_characters_by_script(text: str, low: float, high: float) -> None:
    assert low <= reading_s(text) <= high
