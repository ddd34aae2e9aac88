"""The film's music, synthesised from the plan that a language model wrote: exactly as long as the film.

Notes (score) become sound (synth), each instrument has its place and its share of a common room, and the
loudness follows the plan's sections and the cues at scene starts. The same plan, times and seed give the same
samples on the same build.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.signal import butter, oaconvolve, sosfiltfilt

from actors.media.errors import MusicError
from actors.media.loudness import SILENT_LUFS, integrated_lufs
from actors.media.mix import MUSIC_LUFS, limit
from actors.media.score import Score, write_score
from actors.media.speech import Samples
from actors.media.synth import tone
from actors.media.timeline import SAMPLE_RATE
from domain.script import MusicPlan

_SEATS: Final = {  # instrument: (gain, pan -1..1, share sent into the room)
    "pad": (0.55, 0.0, 0.45),
    "strings": (0.66, -0.25, 0.50),
    "piano": (0.50, 0.15, 0.30),
    "plucked": (0.55, -0.35, 0.28),
    "bells": (0.75, 0.40, 0.60),
    "bass": (0.40, 0.0, 0.04),
    "flute": (0.46, 0.22, 0.45),
    "drums": (0.72, 0.0, 0.12),
}
_SPREAD: Final = 0.22
"""How far notes of one instrument stand apart from low to high."""
_FADE_IN_S: Final = 0.4
_FADE_OUT_S: Final = 2.2
_BOTTOM_HZ: Final = 32
_TOP_HZ: Final = 11_000
_SECTIONS_DB: Final = 2.0
"""From full to hardly there, beyond what softer and fewer players make: those alone are about 8 dB. With 7 dB
more an opening was measured 14 LU below the climax and could not be heard under a voice."""
_AIR_HZ: Final = 1_200
_AIR: Final = 1.0
"""A gentle shelf: the tones are soft, and the whole would sound from behind a curtain."""


def compose(
    plan: MusicPlan, duration_s: float, scene_starts_s: Sequence[float] = (0.0,), *, seed: int = 0
) -> Samples:
    """Stereo float32 (n, 2) at 48 kHz, n = ``duration_s`` exactly, at about -20 LUFS.

    ``scene_starts_s`` are the times of the plan's cues (scene 1 first).

    Raises:
        MusicError: ``no_time`` under half a second.

    """
    if duration_s < 0.5:
        raise MusicError("no_time", f"Music of {duration_s:.2f} s cannot be written")
    score = write_score(plan, duration_s, scene_starts_s, seed)
    samples = round(duration_s * SAMPLE_RATE)
    dry, sent = _perform(score, samples)
    wet = oaconvolve(sent, _room(), axes=0)[:samples]
    total = np.asarray(dry + wet, np.float32)
    band = butter(2, (_BOTTOM_HZ, _TOP_HZ), "bandpass", fs=SAMPLE_RATE, output="sos")
    total = np.asarray(sosfiltfilt(band, total, axis=0), np.float32)
    air = butter(1, _AIR_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
    total += np.float32(_AIR) * np.asarray(sosfiltfilt(air, total, axis=0), np.float32)
    total *= _dynamics(score, samples)[:, None]
    total = _end(_centred(total), score)
    loudness = integrated_lufs(total)
    if loudness > SILENT_LUFS:
        total *= np.float32(10 ** ((MUSIC_LUFS - loudness) / 20))
    return limit(total, -3.0)


def _perform(score: Score, samples: int) -> tuple[Samples, Samples]:
    """All notes placed: what is heard directly, and what is sent into the room."""
    dry = np.zeros((samples, 2), np.float32)
    sent = np.zeros((samples, 2), np.float32)
    for note in score.notes:
        gain, pan, room = _SEATS[note.instrument]
        start = round(note.start_s * SAMPLE_RATE)
        wave = tone(note.instrument, note.pitch, note.length_s, note.velocity)[: max(0, samples - start)]
        place = pan if note.instrument == "drums" else pan + _SPREAD * (note.pitch - 60) / 24
        angle = (min(1.0, max(-1.0, place)) + 1) * np.pi / 4
        for channel, share in enumerate((np.cos(angle), np.sin(angle))):
            placed = wave * np.float32(gain * share)
            dry[start : start + len(wave), channel] += placed * np.float32(1 - room * 0.6)
            sent[start : start + len(wave), channel] += placed * np.float32(room)
    return dry, sent


def _room() -> Samples:
    """The answer of a warm hall: noise that dies away, high notes first, different in each ear."""
    rng = np.random.default_rng(1984)
    length = round(2.6 * SAMPLE_RATE)
    t = np.arange(length) / SAMPLE_RATE
    answer = np.zeros((length, 2))
    for low, high, decay_s in ((90, 500, 2.4), (500, 2000, 1.9), (2000, 5500, 1.1)):
        band = butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
        noise = rng.standard_normal((length, 2)) * np.exp(-6.9 * t / decay_s)[:, None]
        answer += sosfiltfilt(band, noise, axis=0)
    before = round(0.018 * SAMPLE_RATE)  # the walls are some metres away
    answer = np.concatenate([np.zeros((before, 2)), answer])
    soft = np.clip(t[: round(0.03 * SAMPLE_RATE)] / 0.03, 0, 1)
    answer[before : before + len(soft)] *= soft[:, None]
    return np.asarray(answer / np.sqrt(np.square(answer).sum(axis=0)) * 0.9, np.float32)


def _dynamics(score: Score, samples: int) -> Samples:
    """Loudness over time: sections by their intensity, then the cues at scene starts."""
    step = 0.05
    at = np.arange(0, samples / SAMPLE_RATE + step, step)
    starts = np.array([bar.start_s for bar in score.bars])
    levels = np.array([-_SECTIONS_DB * (1 - bar.intensity) for bar in score.bars])
    shape = levels[np.clip(np.searchsorted(starts, at, "right") - 1, 0, len(levels) - 1)]
    bar_s = score.beat_s * 4
    width = max(1, round(bar_s / step))
    shape = np.convolve(np.pad(shape, width, mode="edge"), np.ones(width) / width, "same")[width:-width]
    for when, cue in score.cues:
        since = at - when
        if cue == "swell":  # rises over the bar before, stays a little
            shape += 4.0 * np.interp(since, (-bar_s, 0, bar_s, 2 * bar_s), (0, 1, 0.6, 0))
        elif cue == "drop":
            shape += -9.0 * np.interp(since, (-0.15, 0.1, bar_s * 0.8, bar_s * 1.2), (0, 1, 1, 0))
        elif cue == "silence":
            shape += -42.0 * np.interp(since, (-0.4, 0.0, 1.2, 2.0), (0, 1, 1, 0))
    decibels = np.interp(np.arange(samples) / SAMPLE_RATE, at, shape)
    return np.asarray(10 ** (decibels / 20), np.float32)


def _centred(total: Samples) -> Samples:
    """Both ears alike: what sits left and right differs from plan to plan, and leaned by up to 1.9 dB."""
    power = np.sqrt(np.mean(np.square(total, dtype=np.float64), axis=0))
    if not power.all():
        return total
    return total * np.asarray(np.sqrt(power[0] * power[1]) / power, np.float32)


def _end(total: Samples, score: Score) -> Samples:
    """Silence to sound at the beginning; the last chord fades to nothing exactly at the end."""
    longest = len(total) / SAMPLE_RATE / 3
    fade_out_s = min(_FADE_OUT_S, longest, score.beat_s * 4)
    ends = np.ones(len(total), np.float32)
    rise = min(round(_FADE_IN_S * SAMPLE_RATE), len(total) // 8)
    fall = round(fade_out_s * SAMPLE_RATE)
    ends[:rise] = np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    ends[len(total) - fall :] = np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    return total * ends[:, None]
