"""Narrations and music become one sound: voices at their places, music that makes way, loud as platforms ask.

The music is turned down *before* a word begins and comes back slowly after the last one: the whole film is at
hand, so the gain follows from where speech lies, not from a detector that is always late. The master is
brought to -14 LUFS by one gain and a limiter. Dynamic normalisation was rejected: it undoes the ducking.

The limiter holds -2 dBTP because AAC usually raises true peaks by half a decibel. Sharp beats at low bit
rates raise them by nearly two (measured), so the codec's result is listened to, and the limiter set lower
where needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

from actors.media.cancelling import go_on
from actors.media.loudness import SILENT_LUFS, integrated_lufs, true_peak_dbtp, true_peaks
from actors.media.speech import Samples, Speech
from actors.media.timeline import SAMPLE_RATE

TARGET_LUFS: Final = -14.0
CEILING_DBTP: Final = -2.0
HEARD_DBTP: Final = -1.1
"""The highest true peak that may be heard; platforms ask for -1."""
_CODEC_PASSES: Final = 4
_CODEC_STEP_DB: Final = 0.2
VOICE_LUFS: Final = -16.0
MUSIC_LUFS: Final = -20.0
"""Where nobody speaks; before mastering, as VOICE_LUFS."""
DUCK_DB: Final = -10.0
_LOOKAHEAD_S: Final = 0.35
"""The music begins to give way so long before a word."""
_HOLD_S: Final = 0.55
"""Pauses shorter than about twice this do not bring it back."""
_GLIDE_S: Final = 0.45
_EDGE_S: Final = 0.008
"""Fades at both ends of a narration: a cut inside a wave would click."""
_MOST_GAIN_DB: Final = 24.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A narration and the moment of the film at which it begins, in seconds."""

    speech: Speech
    at_s: Fraction


def mix(
    samples: int,
    voices: Sequence[Placed],
    music: Samples | None = None,
    heard: Callable[[Samples], Samples] | None = None,
) -> Samples:
    """The film's sound, (samples, 2) float32 at 48 kHz: -14 LUFS, true peaks at most -2 dBTP.

    ``heard`` gives what a listener gets of it (the codec's there and back): where that overshoots, the
    limiter is set lower until it does not.

    ``music`` is stereo (n, 2); what is longer than the film is cut with a short fade, and what is shorter
    leaves silence. Silence in gives silence out.
    """
    voice = _voice_track(samples, voices)
    total = np.repeat(voice[:, None], 2, axis=1)
    if music is not None and len(music):
        bed = _fitted(music, samples) * _gain_to(integrated_lufs(music), MUSIC_LUFS)
        if voices:
            bed *= duck(voice)[:, None]
        total += bed
    return master(total, heard)


def duck(voice: Samples) -> Samples:
    """The music's gain for each sample, 1 where nobody speaks, down by 10 dB under speech, without steps."""
    hop = SAMPLE_RATE // 100
    blocks = np.pad(voice, (0, -len(voice) % hop)).reshape(-1, hop)
    level = np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1))
    speaking = (level > 10 ** ((VOICE_LUFS - 30) / 20)).astype(np.float32)
    ahead, hold = round(_LOOKAHEAD_S * 100), round(_HOLD_S * 100)
    # Widen speech to both sides, then glide: twice smoothed steps have no corners.
    window = ahead + hold + 1
    wide = maximum_filter1d(speaking, window, origin=(hold - ahead) // 2)
    glide = round(_GLIDE_S * 100 / 2)
    share = uniform_filter1d(uniform_filter1d(wide, glide), glide)
    at = np.arange(len(voice), dtype=np.float32) / hop
    gain = np.interp(at, np.arange(len(share)) + 0.5, DUCK_DB * share)
    return np.asarray(10 ** (gain / 20), np.float32)


def master(total: Samples, heard: Callable[[Samples], Samples] | None = None) -> Samples:
    """Bring a mix to -14 LUFS with true peaks at most -2 dBTP, and those of what is ``heard`` under -1."""
    if integrated_lufs(total) <= SILENT_LUFS:
        return total
    ceiling = CEILING_DBTP
    mastered = _loud(total, ceiling)
    for _ in range(_CODEC_PASSES):
        over = true_peak_dbtp(heard(mastered)) - HEARD_DBTP if heard is not None else 0.0
        if over <= 0:
            break
        ceiling -= over + _CODEC_STEP_DB
        mastered = _loud(total, ceiling)
    return mastered


def _loud(total: Samples, ceiling_dbtp: float) -> Samples:
    """The mix at -14 LUFS under a ceiling; limiting takes loudness, so it is repeated."""
    gain_db = TARGET_LUFS - integrated_lufs(total)
    mastered = total
    for _ in range(4):
        go_on()
        mastered = limit(total * np.float32(10 ** (gain_db / 20)), ceiling_dbtp)
        short = TARGET_LUFS - integrated_lufs(mastered)
        if abs(short) < 0.1:
            break
        gain_db += short
    return mastered


def limit(wave: Samples, ceiling_dbtp: float = CEILING_DBTP) -> Samples:
    """Keep true peaks under the ceiling with a gain that falls before each peak and never steps."""
    ceiling = 10 ** (ceiling_dbtp / 20)
    peaks = true_peaks(wave)
    if peaks.max(initial=0.0) <= ceiling:
        return wave
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9)).astype(np.float32)
    # The mean of a running minimum over the same window is never above the minimum itself.
    attack = round(0.004 * SAMPLE_RATE) | 1
    held = minimum_filter1d(needed, 4 * attack)
    smooth = uniform_filter1d(uniform_filter1d(held, attack), attack)
    limited: Samples = wave * np.minimum(smooth, needed)[:, None]
    return limited


def fade(wave: Samples, *, start_s: float = 0.0, end_s: float = 0.0) -> Samples:
    """Raised-cosine fades at the ends of (n,) or (n, 2) samples; a copy."""
    faded = wave.copy()
    for seconds, part in ((start_s, slice(None)), (end_s, slice(None, None, -1))):
        length = min(round(seconds * SAMPLE_RATE), len(wave))
        ramp = (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, length, endpoint=False))).astype(np.float32)
        view = faded[part][:length]
        view *= ramp.reshape(-1, *[1] * (wave.ndim - 1))
    return faded


def _voice_track(samples: int, voices: Sequence[Placed]) -> Samples:
    track = np.zeros(samples, np.float32)
    rumble = butter(2, 70, "highpass", fs=SAMPLE_RATE, output="sos")
    for placed in voices:
        start = round(placed.at_s * SAMPLE_RATE)
        wave = np.asarray(sosfilt(rumble, placed.speech.samples), np.float32)
        wave = fade(wave * _gain_to(placed.speech.lufs, VOICE_LUFS), start_s=_EDGE_S, end_s=_EDGE_S)
        end = min(samples, start + len(wave))
        track[start:end] += wave[: end - start]
    return track


def _gain_to(loudness: float, target: float) -> np.float32:
    if loudness <= SILENT_LUFS:
        return np.float32(0)
    return np.float32(10 ** (min(target - loudness, _MOST_GAIN_DB) / 20))


def _fitted(music: Samples, samples: int) -> Samples:
    if len(music) > samples:
        return fade(music[:samples], end_s=0.5)
    return np.pad(music, ((0, samples - len(music)), (0, 0))).astype(np.float32)
