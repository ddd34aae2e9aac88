"""A model's song: what is measured of it, and how it is made as long as a film, without a hard cut."""

import io
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from actors.media.errors import MusicError
from actors.media.loudness import integrated_lufs
from actors.media.song import FRAMES_A_SECOND, Measured, levels, measure, open_song
from actors.media.song_fit import Fit, FittedSong, fit
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE
from tests.actors.media.sounding import InMemory, new_files
from tests.sounds import to_wav

pytestmark = pytest.mark.slow

BPM = 100
BEAT_S = 60 / BPM
CHORDS = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (261.6, 329.6, 392.0), (196.0, 246.9, 293.7))


def song(seconds: float, *, lead_s: float = 0.0, tail_s: float = 0.0) -> Samples:
    """Plucked chords, one a beat, four bars round and round, over a soft bass: a loop that anybody hears."""
    length = round(seconds * SAMPLE_RATE)
    t = np.arange(round(1.5 * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.zeros(length + len(t))
    for beat in range(int(seconds / BEAT_S)):
        tones = CHORDS[beat // 4 % 4]
        loud = 1.0 if beat % 4 == 0 else 0.6
        pluck = sum(np.sin(2 * np.pi * hertz * t) * np.exp(-6 * t) for hertz in tones)
        at = round(beat * BEAT_S * SAMPLE_RATE)
        wave[at : at + len(t)] += 0.08 * loud * pluck
    bass = 0.03 * np.sin(2 * np.pi * 55 * np.arange(length) / SAMPLE_RATE)
    wave[:length] += bass
    fade = round(2 * SAMPLE_RATE)
    wave[length - fade : length] *= np.linspace(1, 0, fade)
    quiet = [np.zeros(round(each * SAMPLE_RATE)) for each in (lead_s, tail_s)]
    mono = np.concatenate([quiet[0], wave[:length], quiet[1]])
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def played(seconds: float, sound: Samples | None = None) -> tuple[Fit, Samples]:
    heard = measured() if sound is None else measure(InMemory(sound), BPM)
    sound = SONG if sound is None else sound
    how = fit(InMemory(sound), heard.sounding, heard.tempo_bpm, round(seconds * SAMPLE_RATE))
    fitted = FittedSong(InMemory(sound), how)
    assert len(fitted) == round(seconds * SAMPLE_RATE)
    # Read as a mix reads it, in pieces.
    pieces = [fitted.read(at, min(len(fitted), at + 100_000)) for at in range(0, len(fitted), 100_000)]
    return how, np.concatenate(pieces)


def steps(wave: Samples) -> Samples:
    """How much each sample is out of line with its neighbours: a click is, music is not."""
    return np.abs(np.diff(wave[:, 0], 2))


SONG = song(32.0)


@cache
def measured() -> Measured:
    return measure(InMemory(SONG), BPM)


def test_what_is_heard_of_a_song_is_measured() -> None:
    heard = measure(InMemory(song(30.0, lead_s=1.0, tail_s=2.0)), asked_bpm=BPM)
    assert heard.duration_s == pytest.approx(33.0)
    assert heard.sounding[0] == pytest.approx(1.0, abs=0.02)
    assert heard.sounding[1] == pytest.approx(31.0, abs=0.2)
    assert heard.tempo_bpm == pytest.approx(BPM, abs=0.5)
    assert heard.clipped == 0.0
    assert heard.silent < 0.05


@pytest.mark.parametrize("asked", [BPM / 2, 2 * BPM])
def test_a_beat_is_counted_as_it_was_asked_for_where_both_could_be_meant(asked: float) -> None:
    tempo = measure(InMemory(SONG), asked).tempo_bpm
    assert tempo in (pytest.approx(BPM, abs=0.5), pytest.approx(asked, abs=1.0))


def test_another_tempo_than_was_asked_for_is_told_as_it_is() -> None:
    assert measure(InMemory(SONG), asked_bpm=72).tempo_bpm == pytest.approx(BPM, abs=0.5)


def test_a_sound_without_a_beat_has_no_tempo() -> None:
    t = np.arange(30 * SAMPLE_RATE) / SAMPLE_RATE
    hum = (0.1 * np.sin(2 * np.pi * 110 * t)).astype(np.float32)[:, None].repeat(2, axis=1)
    assert measure(InMemory(hum), asked_bpm=90).tempo_bpm is None


def test_silence_and_clipping_are_seen() -> None:
    assert measure(InMemory(np.zeros((5 * SAMPLE_RATE, 2), np.float32))).silent == 1.0
    loud = np.clip(SONG * 30, -1, 1)
    assert measure(InMemory(loud)).clipped > 0.2


# ---- as long as the film ----------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [4.0, 12.0, 31.9, 32.0, 32.3, 45.0, 130.0])
def test_it_is_heard_to_the_end_of_the_film_and_never_stops_before(seconds: float) -> None:
    how, wave = played(seconds)
    loud = levels(InMemory(wave))
    # But for the last second, in which it ends.
    assert (loud[:-FRAMES_A_SECOND] > -60).all()
    assert np.abs(wave[-48:]).max() < 0.01, "nothing is cut off at the end"
    assert how.samples == len(wave)


@pytest.mark.parametrize("seconds", [20.0, 45.0, 100.0])
def test_no_join_clicks_and_none_changes_the_loudness(seconds: float) -> None:
    how, wave = played(seconds)
    assert how.joins
    at, place = 0, how.start
    for join in how.joins:
        at, place, half = at + join.leaves - place, join.enters, join.crossfade // 2
        sources = [SONG[where - half : where + half] for where in (join.leaves, join.enters)]
        quiet, loud = sorted(integrated_lufs(source) for source in sources)
        assert quiet - 1 < integrated_lufs(wave[at - half : at + half]) < loud + 1
    assert steps(wave).max() <= steps(SONG).max() * 1.05


@pytest.mark.parametrize("seconds", [20.0, 50.0])
def test_a_join_lies_on_the_beat(seconds: float) -> None:
    how, _ = played(seconds)
    assert how.joins
    for join in how.joins:
        beats = (join.leaves - join.enters) / SAMPLE_RATE / BEAT_S
        assert abs(beats - round(beats)) * BEAT_S < 0.03, f"{beats:.2f} beats"


def test_a_shorter_song_keeps_its_own_ending_but_for_a_bar() -> None:
    how, _ = played(45.0)
    again = sum(join.leaves - join.enters for join in how.joins) / SAMPLE_RATE
    left_over = 32.0 + again - 45.0
    assert 0 <= left_over <= 4 * BEAT_S + 0.3


@pytest.mark.parametrize("lasts", [1.5, 4.0, 5.0, 5.2, 7.0, 9.0])
def test_one_that_is_too_short_to_choose_from_is_heard_again_whole(lasts: float) -> None:
    sound = SONG[: round(lasts * SAMPLE_RATE)]
    how, wave = played(30.0, sound)
    loud = levels(InMemory(wave))
    assert (loud[:-FRAMES_A_SECOND] > -60).all()
    assert steps(wave).max() <= steps(SONG).max() * 1.05
    assert len(how.joins) < 30 / (0.6 * lasts), "it is no stutter"


def test_what_is_no_song_but_a_sound_is_heard_once() -> None:
    how, _ = played(30.0, SONG[: SAMPLE_RATE // 2])
    assert how.joins == ()


def test_no_more_joins_are_told_than_an_event_should_hold() -> None:
    how, _ = played(200.0, SONG[: 2 * SAMPLE_RATE])
    told = how.to_dict()
    assert len(told["joins"]) == 50
    assert told["more_joins"] == len(how.joins) - 50


def test_a_song_that_is_nowhere_like_itself_is_cut_with_a_long_fade() -> None:
    rng = np.random.default_rng(7)
    ever_new = []
    for _ in range(80):  # sounds of their own length, colour and loudness
        noise = rng.standard_normal(int(rng.uniform(0.1, 0.6) * SAMPLE_RATE))
        kernel = rng.standard_normal(int(rng.integers(2, 400)))
        ever_new.append(np.convolve(noise, kernel / np.linalg.norm(kernel), "same") * rng.uniform(0.01, 0.2))
    mono = np.concatenate(ever_new).astype(np.float32)
    how, wave = played(15.0, mono[:, None].repeat(2, axis=1))
    assert how.joins == ()
    assert how.fade == 4 * SAMPLE_RATE
    assert integrated_lufs(wave[-SAMPLE_RATE // 2 :]) < integrated_lufs(wave[: -4 * SAMPLE_RATE]) - 10


def test_silence_before_and_after_a_song_is_left_out() -> None:
    _, wave = played(20.0, song(20.0, lead_s=2.0, tail_s=3.0))
    assert levels(InMemory(wave))[5:-FRAMES_A_SECOND].min() > -60


# ---- files ------------------------------------------------------------------------------------------


def mp3(sound: Samples) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=44_100, layout="stereo")
        at_48 = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        at_48.rate = SAMPLE_RATE
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=44_100, frame_size=1152)
        for frame in [*resampler.resample(at_48), *resampler.resample(None), None]:
            container.mux(stream.encode(frame))
    return file.getvalue()


@pytest.mark.parametrize("form", [mp3, to_wav])
def test_a_song_is_read_in_any_form_at_the_films_rate(tmp_path: Path, form: object) -> None:
    short = SONG[: 12 * SAMPLE_RATE]
    data = form(short)  # type: ignore[operator]
    tape = open_song(io.BytesIO(data), new_files(tmp_path))
    try:
        assert len(tape) / SAMPLE_RATE == pytest.approx(12.0, abs=0.1)
        middle = tape.read(3 * SAMPLE_RATE, 9 * SAMPLE_RATE)
    finally:
        tape.close()
    assert middle.shape == (6 * SAMPLE_RATE, 2)
    assert abs(integrated_lufs(middle) - integrated_lufs(short[3 * SAMPLE_RATE : 9 * SAMPLE_RATE])) < 0.5


@pytest.mark.parametrize("data", [b"", b"ID3 and then nothing that is sound", to_wav(SONG[:9])[:44]])
def test_what_is_no_song_is_told_as_such(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(MusicError, match="The song"):
        open_song(io.BytesIO(data), new_files(tmp_path))
