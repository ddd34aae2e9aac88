"""Instruments as sums of waves: warm and soft, because they play under a voice.

Each function makes one note, mono float32 at 48 kHz, as long as it rings. Partials fall off steeply and
nothing reaches past 9 kHz; what makes a tone alive is small: detuning,
inharmonic strings, a hammer's thud, breath.
SoundFonts were rejected: none with a free licence comes as a package.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.signal import butter, sosfilt

from actors.media.kept import Kept
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

_HIGHEST_HZ: Final = 9_000.0
_TAU: Final = 2 * np.pi


def tone(instrument: str, pitch: int, length_s: float, velocity: float) -> Samples:
    """One note of an instrument; it goes on sounding a little after ``length_s``."""
    loud = round(min(1.0, max(0.05, velocity)) * 8) / 8  # few shades, so that equal notes are made once
    length_s = round(length_s, 3)
    wave = _made.get(
        (instrument, pitch, length_s, loud),
        lambda: np.asarray(_VOICES[instrument](pitch, length_s, loud), np.float32),
    )
    return wave * np.float32(velocity)


_made: Final[Kept[tuple[str, int, float, float], Samples]] = Kept(32_000_000, lambda wave: wave.nbytes)
"""Equal notes are made once. A slow one takes a megabyte."""


def _seconds(length_s: float) -> Samples:
    return np.arange(round(length_s * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _hertz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _sine(hz: float, t: Samples, phase: float = 0.0) -> Samples:
    """Whole turns are taken off in 64 bits, so that the sine itself needs only 32: a third of the time."""
    turns = hz * t.astype(np.float64)
    turns -= np.floor(turns)
    return np.asarray(np.sin(turns.astype(np.float32) * np.float32(_TAU) + np.float32(phase)), np.float32)


def _swell(t: Samples, length_s: float, attack_s: float, release_s: float) -> Samples:
    """Rise, stay, and fall after ``length_s``: raised cosines, which do not click."""
    rise = np.clip(t / attack_s, 0, 1)
    fall = np.clip((t - length_s) / release_s, 0, 1)
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 + 0.5 * np.cos(np.pi * fall)), np.float32)


def _cycle(hz: float, falloff: float, odd: float = 1.0) -> Samples:
    """One period with partials that fall as 1/n^falloff, as far up as may be heard; 2048 samples."""
    count = max(1, min(24, int(_HIGHEST_HZ / hz)))
    n = np.arange(1, count + 1)
    strength = n**-falloff * np.where(n % 2 == 0, odd, 1.0)
    phase = _TAU * np.outer(n, np.arange(2048) / 2048) + (n * n * 0.7)[:, None]
    return np.asarray((strength[:, None] * np.sin(phase)).sum(axis=0) / strength.sum(), np.float32)


def _read(cycle: Samples, turns: Samples) -> Samples:
    """The cycle at a running phase, in turns, interpolated."""
    at = (turns - np.floor(turns)) * len(cycle)
    low = at.astype(np.int32)
    share = (at - low).astype(np.float32)
    read = cycle[low % len(cycle)] * (1 - share) + cycle[(low + 1) % len(cycle)] * share
    return np.asarray(read, np.float32)


def _choir(pitch: int, t: Samples, falloff: float, cents: tuple[float, ...], vibrato: float) -> Samples:
    """Several detuned voices of one wave: what makes a section of a single oscillator."""
    cycle = _cycle(_hertz(pitch), falloff)
    clock = t.astype(np.float64)
    total = np.zeros(len(t), np.float32)
    for voice, detune in enumerate(cents):
        hz = _hertz(pitch + detune / 100)
        sway = vibrato * np.sin(_TAU * (4.6 + 0.35 * voice) * clock + voice) / (_TAU * 5)
        total += _read(cycle, np.asarray(hz * (clock + sway) + 0.37 * voice, np.float64))
    return total / np.float32(len(cents))


def _pad(pitch: int, length_s: float, loud: float) -> Samples:
    release = 1.3
    t = _seconds(length_s + release)
    wave = _choir(pitch, t, 1.85 - 0.5 * loud, (-7, 0, 6), 0.0)
    breathing = 0.9 + 0.1 * np.sin(_TAU * 0.17 * t + pitch)
    shape = _swell(t, length_s, min(0.9, 0.45 * length_s), release)
    return np.asarray(wave * breathing * shape, np.float32)


def _strings(pitch: int, length_s: float, loud: float) -> Samples:
    release = 0.8
    t = _seconds(length_s + release)
    wave = _choir(pitch, t, 1.35 - 0.25 * loud, (-9, -3, 4, 8), 0.0022)
    return _soften(wave, 2600 + 2600 * loud) * _swell(t, length_s, min(0.5, 0.4 * length_s), release)


def _piano(pitch: int, length_s: float, loud: float) -> Samples:
    """Felt between hammer and string: few high partials, a soft thud, a long uneven decay."""
    damp = 0.25
    t = _seconds(min(length_s, 6.0) + damp)
    hz = _hertz(pitch)
    stiffness = 0.00011 * 2 ** ((pitch - 48) / 14)
    base = 0.55 * 2 ** ((pitch - 60) / 22)
    wave = np.zeros(len(t), np.float32)
    for n in range(1, 15):
        partial = n * hz * math.sqrt(1 + stiffness * n * n)
        if partial > _HIGHEST_HZ:
            break
        strength = np.exp(-(n - 1) * (0.62 - 0.34 * loud)) * (0.6 if n % 7 == 0 else 1.0)
        decay = base * (1 + 0.42 * (n - 1))
        ring = 0.72 * np.exp(-3.2 * decay * t) + 0.28 * np.exp(-0.7 * decay * t)  # two stages
        beat = _sine(partial, t) + np.float32(0.5) * _sine(partial * 1.0006, t, 0.5 * n)
        wave += np.float32(strength) * ring * beat
    thud = _noise(len(t), pitch) * np.exp(-t * 70)
    wave = wave * 0.42 + _soften(thud, 420) * np.float32(0.9 * loud)
    return wave * _swell(t, float(t[-1]) - damp, 0.006, damp)


def _plucked(pitch: int, length_s: float, loud: float) -> Samples:
    """A nylon string: each partial dies faster than the one below."""
    t = _seconds(min(length_s, 2.5) + 0.5)
    hz = _hertz(pitch)
    wave = np.zeros(len(t), np.float32)
    for n in range(1, 13):
        if n * hz > _HIGHEST_HZ:
            break
        strength = np.sin(np.pi * n * 0.23) / n ** (1.5 - 0.4 * loud)  # plucked a quarter of the way along
        wave += np.float32(strength) * np.exp(-t * (1.6 + 1.1 * n)) * _sine(hz * n * (1 + 4e-5 * n * n), t)
    return wave * 0.75 * _swell(t, float(t[-1]) - 0.3, 0.003, 0.3)


def _bells(pitch: int, length_s: float, loud: float) -> Samples:
    """Glass more than bronze: a few partials apart from the harmonic row, struck softly."""
    del length_s
    t = _seconds(3.2)
    hz = _hertz(pitch)
    wave = np.zeros(len(t), np.float32)
    for ratio, strength, decay in (
        (1, 1, 1.3),
        (2.0, 0.35, 2.0),
        (2.76, 0.16, 3.4),
        (5.40, 0.06 * loud, 6.5),
    ):
        if ratio * hz < _HIGHEST_HZ:
            wave += np.float32(strength) * np.exp(-t * decay) * _sine(hz * ratio, t)
    return wave * 0.4 * _swell(t, 2.7, 0.004, 0.5)


def _bass(pitch: int, length_s: float, loud: float) -> Samples:
    t = _seconds(length_s + 0.15)
    hz = _hertz(pitch)
    wave = np.sin(_TAU * hz * t) + (0.25 + 0.2 * loud) * np.exp(-t * 1.5) * np.sin(_TAU * 2 * hz * t)
    wave += 0.12 * loud * np.exp(-t * 4) * np.sin(_TAU * 3 * hz * t)
    body = 0.65 + 0.35 * np.exp(-t * 2.5)
    return np.asarray(wave * body * 0.62, np.float32) * _swell(t, length_s, 0.012, 0.15)


def _flute(pitch: int, length_s: float, loud: float) -> Samples:
    t = _seconds(length_s + 0.25)
    hz = _hertz(pitch)
    late = np.clip((t - 0.25) / 0.5, 0, 1)  # vibrato comes once the note stands
    turns = hz * (t.astype(np.float64) + late * 0.0035 * np.sin(_TAU * 5.1 * t) / (_TAU * 5.1) * 2)
    wave = sum(
        np.float32(strength) * np.sin(_TAU * n * turns).astype(np.float32)
        for n, strength in ((1, 1.0), (2, 0.22 + 0.15 * loud), (3, 0.07), (4, 0.03))
    )
    breath = _soften(_noise(len(t), pitch), 3500) * np.float32(0.05)
    return np.asarray((wave + breath) * 0.42, np.float32) * _swell(t, length_s, 0.07, 0.25)


def _drum(pitch: int, length_s: float, loud: float) -> Samples:
    del length_s, loud
    if pitch == 36:  # kick: a falling sine, no click
        t = _seconds(0.45)
        sweep = 47 * t + 38 * (1 - np.exp(-t * 26)) / 26
        return np.asarray(np.sin(_TAU * sweep) * np.exp(-t * 9), np.float32) * _swell(t, 0.35, 0.004, 0.1)
    if pitch == 37:  # rim with a little skin
        t = _seconds(0.22)
        wood = np.sin(_TAU * 410 * t) * np.exp(-t * 55) * 0.5 + np.sin(_TAU * 190 * t) * np.exp(-t * 26) * 0.4
        snap = _soften(_noise(len(t), 37), 3800) * np.exp(-t * 30)
        return np.asarray(wood + snap * 0.5, np.float32) * _swell(t, 0.15, 0.002, 0.07)
    bright = 51 if pitch == 51 else 70  # cymbal swell, else shaker
    t = _seconds(2.2 if bright == 51 else 0.12)
    hiss = sosfilt(
        butter(2, (4500, 10_500), "bandpass", fs=SAMPLE_RATE, output="sos"), _noise(len(t), bright)
    )
    shape = np.exp(-t * (1.8 if bright == 51 else 38))
    return np.asarray(hiss * shape * 0.5, np.float32) * _swell(t, float(t[-1]) - 0.05, 0.012, 0.05)


def _noise(samples: int, seed: int) -> Samples:
    return np.asarray(np.random.default_rng(seed).standard_normal(samples) * 0.35, np.float32)


def _soften(wave: Samples, cutoff_hz: float) -> Samples:
    return np.asarray(sosfilt(butter(2, cutoff_hz, fs=SAMPLE_RATE, output="sos"), wave), np.float32)


_VOICES: Final[dict[str, Callable[[int, float, float], Samples]]] = {
    "pad": _pad,
    "strings": _strings,
    "piano": _piano,
    "plucked": _plucked,
    "bells": _bells,
    "bass": _bass,
    "flute": _flute,
    "drums": _drum,
}
