"""Instruments as sums of waves: warm and soft, because they play under a voice.

Each function makes one note, mono float32 at 48 kHz, as long as it rings. Partials fall off steeply and
nothing reaches past 9 kHz; what makes a tone alive is small: detuning,
inharmonic strings, a hammer's thud, breath.
SoundFonts were rejected: none with a free licence comes as a package.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from actors.media.kept import Kept
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

_HIGHEST_HZ: Final = 9_000.0
_TAU: Final = 2 * np.pi
_TURN: Final = 1 << 32
"""A whole turn of a wave's phase, counted in integers of 32 bits: what is beyond it falls off by itself."""
_BLOCK: Final = 1 << 15
_COUNT: Final = np.arange(_BLOCK, dtype=np.uint32)
_CYCLE: Final = 2048
"""Samples of a wave's period that is kept."""
_BETWEEN: Final = 21
"""Bits of a phase that lie between two of them."""

Turns = NDArray[np.uint32]


def tone(instrument: str, pitch: int, length_s: float, velocity: float) -> Samples:
    """One note of an instrument, as bright as its velocity makes it; it rings a little beyond ``length_s``.

    How loud it is to be is left to whoever plays it: for reading only.
    """
    loud = round(min(1.0, max(0.05, velocity)) * 8) / 8  # few shades, so that equal notes are made once
    length_s = round(length_s, 3)
    return _made.get(
        (instrument, pitch, length_s, loud),
        lambda: np.asarray(_VOICES[instrument](pitch, length_s, loud), np.float32),
    )


_made: Final[Kept[tuple[str, int, float, float], Samples]] = Kept(32_000_000, lambda wave: wave.nbytes)
"""Equal notes are made once. A slow one takes a megabyte."""


def _seconds(length_s: float) -> Samples:
    return np.arange(round(length_s * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _seconds_of(wave: Samples) -> Samples:
    return np.arange(len(wave), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _hertz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _blockwise(t: Samples, sound: Callable[[Samples], Samples]) -> Samples:
    """A sound made a little at a time: what is in the processor's cache is made in a third of the time."""
    return np.concatenate([sound(t[start : start + _BLOCK]) for start in range(0, len(t), _BLOCK)])


def _turns(hz: float, t: Samples, phase: float = 0.0) -> Turns:
    """Where in its period a wave is at each moment of a block; at 0 it is at ``phase`` (in turns)."""
    first, step = round(float(t[0]) * SAMPLE_RATE), round(hz / SAMPLE_RATE * _TURN)
    at = _COUNT[: len(t)] * np.uint32(step)
    at += np.uint32((first * step + round(phase % 1 * _TURN)) % _TURN)
    return at


def _swayed(turns: Turns, sway: Samples) -> Turns:
    """With less than half a turn, back or forth, added to each."""
    return turns + (sway * np.float32(_TURN)).astype(np.int32).view(np.uint32)


def _sine_at(turns: Turns) -> Samples:
    angle = turns.view(np.int32).astype(np.float32)
    angle *= np.float32(_TAU / _TURN)
    return np.sin(angle, out=angle)


def _sine(hz: float, t: Samples, phase: float = 0.0) -> Samples:
    return _sine_at(_turns(hz, t, phase / _TAU))


def _swell(wave: Samples, length_s: float, attack_s: float, release_s: float) -> Samples:
    """Rise, stay, and fall after ``length_s``: raised cosines, which do not click. Changes the wave."""
    rising = wave[: round(attack_s * SAMPLE_RATE)]
    rising *= 0.5 - 0.5 * np.cos(np.float32(np.pi / attack_s) * _seconds_of(rising))
    falling = wave[round(length_s * SAMPLE_RATE) :]
    falling *= 0.5 + 0.5 * np.cos(np.pi * np.clip(_seconds_of(falling) / np.float32(release_s), 0, 1))
    return wave


@lru_cache(maxsize=128)
def _cycle(hz: float, falloff: float) -> tuple[Samples, Samples]:
    """One period with partials that fall as 1/n^falloff, as far up as may be heard, and its steps."""
    count = max(1, min(24, int(_HIGHEST_HZ / hz)))
    n = np.arange(1, count + 1)
    strength = n**-falloff
    spectrum = np.zeros(_CYCLE // 2 + 1, np.complex128)
    spectrum[1 : count + 1] = strength / strength.sum() * np.exp(1j * (n * n * 0.7 - np.pi / 2))
    cycle = np.fft.irfft(spectrum, _CYCLE) * (_CYCLE / 2)
    return cycle.astype(np.float32), (np.roll(cycle, -1) - cycle).astype(np.float32)


def _read(cycle: tuple[Samples, Samples], turns: Turns) -> Samples:
    """The cycle at a running phase, interpolated."""
    place = (turns >> np.uint32(_BETWEEN)).astype(np.intp)
    share = (turns & np.uint32((1 << _BETWEEN) - 1)).astype(np.float32)
    share *= np.float32(1 / (1 << _BETWEEN))
    share *= cycle[1].take(place)
    share += cycle[0].take(place)
    return share


def _choir(pitch: int, t: Samples, falloff: float, cents: tuple[float, ...], vibrato: float) -> Samples:
    """Several detuned voices of one wave: what makes a section of a single oscillator."""
    cycle = _cycle(_hertz(pitch), falloff)
    total = np.zeros(len(t), np.float32)
    for voice, detune in enumerate(cents):
        hz = _hertz(pitch + detune / 100)
        turns = _turns(hz, t, 0.37 * voice)
        if vibrato:
            sway = np.sin(np.float32(_TAU * (4.6 + 0.35 * voice)) * t + np.float32(voice))
            turns = _swayed(turns, sway * np.float32(hz * vibrato / (_TAU * 5)))
        total += _read(cycle, turns)
    return total / np.float32(len(cents))


def _pad(pitch: int, length_s: float, loud: float) -> Samples:
    release = 1.3

    def sound(t: Samples) -> Samples:
        breathing = 0.9 + 0.1 * np.sin(_TAU * 0.17 * t + pitch)
        return np.asarray(_choir(pitch, t, 1.85 - 0.5 * loud, (-7, 0, 6), 0.0) * breathing, np.float32)

    wave = _blockwise(_seconds(length_s + release), sound)
    return _swell(wave, length_s, min(0.9, 0.45 * length_s), release)


def _strings(pitch: int, length_s: float, loud: float) -> Samples:
    release = 0.8
    t = _seconds(length_s + release)
    wave = _blockwise(t, lambda t: _choir(pitch, t, 1.35 - 0.25 * loud, (-9, -3, 4, 8), 0.0022))
    return _swell(_soften(wave, 2600 + 2600 * loud), length_s, min(0.5, 0.4 * length_s), release)


def _piano(pitch: int, length_s: float, loud: float) -> Samples:
    """Felt between hammer and string: few high partials, a soft thud, a long uneven decay."""
    damp = 0.25
    t = _seconds(min(length_s, 6.0) + damp)
    wave = _blockwise(t, lambda t: _string(pitch, t, loud))
    struck = t[: round(_THUD_S * SAMPLE_RATE)]
    thud = _soften(_noise(len(struck), pitch) * np.exp(-struck * 70), 420)
    wave[: len(struck)] += thud * np.float32(0.9 * loud)
    return _swell(wave, float(t[-1]) - damp, 0.006, damp)


_THUD_S: Final = 0.25
"""After which the thud of a hammer is below a millionth."""


_UNHEARD: Final = 1e-5
"""Of what is softer than this no sample of 16 bits would tell."""


def _string(pitch: int, t: Samples, loud: float) -> Samples:
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
        if strength * np.exp(-0.7 * decay * float(t[0])) < _UNHEARD:
            continue
        ring = 0.72 * np.exp(-3.2 * decay * t) + 0.28 * np.exp(-0.7 * decay * t)  # two stages
        beat = _sine(partial, t) + np.float32(0.5) * _sine(partial * 1.0006, t, 0.5 * n)
        wave += np.float32(0.42 * strength) * ring * beat
    return wave


def _plucked(pitch: int, length_s: float, loud: float) -> Samples:
    """A nylon string: each partial dies faster than the one below."""
    hz = _hertz(pitch)

    def sound(t: Samples) -> Samples:
        wave = np.zeros(len(t), np.float32)
        for n in range(1, 13):
            if n * hz > _HIGHEST_HZ:
                break
            strength = np.sin(np.pi * n * 0.23) / n ** (
                1.5 - 0.4 * loud
            )  # plucked a quarter of the way along
            sine = _sine(hz * n * (1 + 4e-5 * n * n), t)
            wave += np.float32(0.75 * strength) * np.exp(-t * (1.6 + 1.1 * n)) * sine
        return wave

    t = _seconds(min(length_s, 2.5) + 0.5)
    return _swell(_blockwise(t, sound), float(t[-1]) - 0.3, 0.003, 0.3)


def _bells(pitch: int, length_s: float, loud: float) -> Samples:
    """Glass more than bronze: a few partials apart from the harmonic row, struck softly."""
    del length_s
    hz = _hertz(pitch)

    def sound(t: Samples) -> Samples:
        wave = np.zeros(len(t), np.float32)
        for ratio, strength, decay in (
            (1, 1, 1.3),
            (2.0, 0.35, 2.0),
            (2.76, 0.16, 3.4),
            (5.40, 0.06 * loud, 6.5),
        ):
            if ratio * hz < _HIGHEST_HZ:
                wave += np.float32(0.4 * strength) * np.exp(-t * decay) * _sine(hz * ratio, t)
        return wave

    return _swell(_blockwise(_seconds(3.2), sound), 2.7, 0.004, 0.5)


def _bass(pitch: int, length_s: float, loud: float) -> Samples:
    hz = _hertz(pitch)

    def sound(t: Samples) -> Samples:
        wave = _sine(hz, t) + (0.25 + 0.2 * loud) * np.exp(-t * 1.5) * _sine(2 * hz, t)
        wave += 0.12 * loud * np.exp(-t * 4) * _sine(3 * hz, t)
        body = 0.65 + 0.35 * np.exp(-t * 2.5)
        return np.asarray(wave * body * 0.62, np.float32)

    return _swell(_blockwise(_seconds(length_s + 0.15), sound), length_s, 0.012, 0.15)


def _flute(pitch: int, length_s: float, loud: float) -> Samples:
    hz = _hertz(pitch)

    def sound(t: Samples) -> Samples:
        late = np.clip((t - 0.25) / 0.5, 0, 1)  # vibrato comes once the note stands
        sway = np.float32(hz * 0.0035 / (_TAU * 5.1) * 2) * late * np.sin(_TAU * 5.1 * t)
        turns = _swayed(_turns(hz, t), sway)
        wave = np.zeros(len(t), np.float32)
        for n, strength in ((1, 1.0), (2, 0.22 + 0.15 * loud), (3, 0.07), (4, 0.03)):
            wave += np.float32(0.42 * strength) * _sine_at(turns * np.uint32(n))
        return wave

    t = _seconds(length_s + 0.25)
    breath = _soften(_noise(len(t), pitch), 3500) * np.float32(0.42 * 0.05)
    return _swell(_blockwise(t, sound) + breath, length_s, 0.07, 0.25)


def _drum(pitch: int, length_s: float, loud: float) -> Samples:
    del length_s, loud
    if pitch == 36:  # kick: a falling sine, no click
        t = _seconds(0.45)
        sweep = 47 * t + 38 * (1 - np.exp(-t * 26)) / 26
        return _swell(np.sin(_TAU * sweep) * np.exp(-t * 9), 0.35, 0.004, 0.1)
    if pitch == 37:  # rim with a little skin
        t = _seconds(0.22)
        wood = np.sin(_TAU * 410 * t) * np.exp(-t * 55) * 0.5 + np.sin(_TAU * 190 * t) * np.exp(-t * 26) * 0.4
        snap = _soften(_noise(len(t), 37), 3800) * np.exp(-t * 30)
        return _swell(wood + snap * 0.5, 0.15, 0.002, 0.07)
    bright = 51 if pitch == 51 else 70  # cymbal swell, else shaker
    t = _seconds(2.2 if bright == 51 else 0.12)
    band = butter(2, (4500, 10_500), "bandpass", fs=SAMPLE_RATE, output="sos")
    hiss = np.asarray(sosfilt(band, _noise(len(t), bright)), np.float32)
    shape = np.exp(-t * (1.8 if bright == 51 else 38)) * np.float32(0.5)
    return _swell(hiss * shape, float(t[-1]) - 0.05, 0.012, 0.05)


def _noise(samples: int, seed: int) -> Samples:
    return np.random.default_rng(seed).standard_normal(samples, np.float32) * np.float32(0.35)


def _soften(wave: Samples, cutoff_hz: float) -> Samples:
    filtered, state = np.empty_like(wave), np.zeros((1, 2))
    for start in range(0, len(wave), _BLOCK):
        block = slice(start, start + _BLOCK)
        filtered[block], state = sosfilt(_softener(cutoff_hz), wave[block], zi=state)
    return filtered


@lru_cache(maxsize=32)
def _softener(cutoff_hz: float) -> NDArray[np.float64]:
    return np.asarray(butter(2, cutoff_hz, fs=SAMPLE_RATE, output="sos"))


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
