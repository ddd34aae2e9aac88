"""A film with narration lasts as long as asked, or says why it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.media import pace, speech, word_budget
from actors.media.errors import TimelineError
from actors.media.speech import Speech
from actors.media.timeline import SAMPLE_RATE, Joint, Timeline, silent_shapes, timeline
from domain.spoken import reading_s

pytestmark = pytest.mark.slow

MakeSpeech = Callable[..., bytes]


def spoken(seconds: float) -> Speech:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return Speech(np.asarray(0.3 * np.sin(2 * np.pi * 200 * t), np.float32), 0, 0)


def film(
    reading: list[float], speeds: list[float], target: float, fps: int = 30, pause: float = 0.6
) -> Timeline:
    """The film of scenes that a narrator speaks so many times as fast as they were thought to take."""
    slots = silent_shapes(
        reading, fps, target, [Joint.FADE, Joint.CUT, *[Joint.CROSSFADE] * 9][: len(reading) - 1]
    )
    return timeline(
        [
            pace.fit(slot, spoken(seconds / speed), pause)[1]
            for slot, seconds, speed in zip(slots, reading, speeds, strict=True)
        ]
    )


@pytest.mark.parametrize("target", [35.0, 45.0, 60.0, 90.0])
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.25])
def test_a_film_lasts_as_long_as_asked_whoever_speaks(target: float, speed: float) -> None:
    reading = [6.0, 9.5, 4.0, 12.0]
    made = film(reading, [speed, speed * 1.1, speed * 0.93, speed], target)
    assert float(made.duration_s) == pytest.approx(target, rel=0.10)
    word_budget.check_length(made, target)


@settings(deadline=None)  # seconds of sound are made; a busy machine takes its time
@given(
    st.lists(st.floats(2, 15), min_size=1, max_size=8),
    st.floats(1.25, 4),
    st.sampled_from([24, 25, 30, 60]),
    st.floats(0, 3),
)
def test_where_the_words_fit_the_film_meets_its_target_to_the_frame(
    reading: list[float], roomy: float, fps: int, pause: float
) -> None:
    target = round(sum(reading) * roomy + 3, 1)
    slots = silent_shapes(reading, fps, target)
    shapes = []
    for slot, seconds in zip(slots, reading, strict=True):
        quick = min(seconds * 0.8, slot.speech / fps)
        shapes.append(pace.fit(slot, spoken(quick), pause)[1])
    assert timeline(shapes).length == round(target * fps)


def test_spare_time_is_room_to_breathe_most_of_it_after_the_last_word() -> None:
    [slot] = silent_shapes([5.0], 30, 12.0)
    _, shape = pace.fit(slot, spoken(4.0), 0.6)
    assert shape.length == 12 * 30
    assert shape.lead > slot.lead
    assert shape.tail - slot.tail >= 2 * (shape.lead - slot.lead)


def test_a_wished_pause_comes_before_other_room() -> None:
    first, _ = silent_shapes([5.0, 5.0], 30, 14.0)
    spare = first.speech / 30
    _, shape = pace.fit(first, spoken(spare - 0.6), 1.2)
    assert shape.tail == 36
    assert shape.lead == first.lead


def test_speech_that_is_a_little_too_long_keeps_its_pace_and_longer_speech_is_sped_up() -> None:
    first, _ = silent_shapes([5.0, 5.0], 30, 14.0)
    time = first.speech / 30
    same, _ = pace.fit(first, spoken(time * 1.03), 0.6)
    assert same.duration_s == pytest.approx(time * 1.03, abs=0.001)
    faster, shape = pace.fit(first, spoken(time * 1.2), 0.6)
    assert faster.duration_s == pytest.approx(time, abs=0.03)
    assert shape.length == pytest.approx(first.length, abs=1)
    fastest, _ = pace.fit(first, spoken(time * 2), 0.6)
    assert fastest.duration_s == pytest.approx(time * 2 / word_budget.FASTEST, rel=0.01)


def test_a_voice_that_speaks_faster_keeps_its_pitch_and_its_pauses(make_speech: MakeSpeech) -> None:
    slow = speech.load(make_speech(1.0, 0.8, pause=0.5))
    fast = pace.at_pace(slow, 1.25)
    assert fast.duration_s == pytest.approx(slow.duration_s / 1.25, abs=0.02)
    [(start, end)], [(before, after)] = fast.silences, slow.silences
    assert start * 1.25 == pytest.approx(before, abs=0.06)
    assert end * 1.25 == pytest.approx(after, abs=0.06)

    def pitch(wave: Speech) -> float:
        part = wave.samples[: SAMPLE_RATE // 2]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), SAMPLE_RATE))
        return float(spectrum[80:180].argmax() + 80)

    assert pitch(fast) == pytest.approx(pitch(slow), abs=3)
    assert np.array_equal(fast.samples, pace.at_pace(slow, 1.25).samples)
    assert fast.lufs == pytest.approx(slow.lufs, abs=0.5)


def test_words_that_cannot_be_spoken_in_the_time_are_refused_with_the_time_they_take() -> None:
    script = "One two three four five. " * 30
    assert reading_s(script) == pytest.approx(67, abs=1)
    word_budget.check_words(script, 60)
    with pytest.raises(TimelineError, match="too_many_words") as caught:
        word_budget.check_words(script, 30)
    assert "Ask for 49 s or more" in caught.value.hint


def test_a_narrator_too_slow_for_the_film_is_a_failure_that_says_how_long_it_would_be() -> None:
    with pytest.raises(TimelineError, match="target_missed") as caught:
        word_budget.check_length(film([6.0, 8.0], [0.5, 0.5], 16.0), 16.0)
    assert "16 s were asked for" in caught.value.message


@dataclass(frozen=True)
class Said:
    duration_s: float


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(), target_s=st.floats(1, 90), fps=st.sampled_from([24, 25, 30, 60]), narrated=st.booleans()
)
def test_so_many_scenes_fit_into_the_film_however_they_are_joined(
    data: st.DataObject, target_s: float, fps: int, narrated: bool
) -> None:
    words = ["word"] * data.draw(st.integers(2, 150))
    text = " ".join(words)
    if narrated:
        try:
            word_budget.check_words(text, target_s)
        except TimelineError:
            return
    most = word_budget.most_scenes(text if narrated else None, target_s, fps)
    count = data.draw(st.integers(1, min(most, len(words) // 2)))
    parts = [" ".join(part) for part in np.array_split(words, count)]
    joints = data.draw(st.lists(st.sampled_from(list(Joint)), min_size=count - 1, max_size=count - 1))
    slots = silent_shapes([reading_s(part) for part in parts], fps, target_s, joints)
    if not narrated:
        assert timeline(slots).length == round(target_s * fps)
        return
    with pytest.MonkeyPatch.context() as patched:  # how long it is counts, not how it sounds
        patched.setattr(pace, "at_pace", lambda speech, faster: Said(speech.duration_s / faster))
        shapes = [
            pace.fit(slot, cast("Speech", Said(reading_s(part))), 0.6)[1]
            for slot, part in zip(slots, parts, strict=True)
        ]
    word_budget.check_length(timeline(shapes), target_s)
