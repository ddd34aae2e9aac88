"""Plays a score: each player is a formula, all share a hall, and the last seconds fade away."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from actors.emulator.songs.score import Score

RATE = 44_100
PEAK = 0.7
"""−3 dBFS: MP3 overshoots a little."""
END_SILENCE_S = 0.25
DRIVE = 0.12
"""Share of full scale that the song has on average before its loudest is rounded off."""
HALL_S = 1.6
HALL_SHARE = 0.2

Sound = NDArray[np.float32]
"""Samples × 2, full scale 1."""


def play(score: Score) -> Sound:
    total = round(score.seconds * RATE)
    dry = np.zeros((total, 2), np.float32)
    for note in score.notes:
        start = round(note.at * RATE)
        tone = _tone(note.player, note.key, round(note.lasts, 3))[: total - start]
        angle = (note.pan + 1) * np.pi / 4
        dry[start : start + len(tone), 0] += tone * np.float32(note.loud * np.cos(angle))
        dry[start : start + len(tone), 1] += tone * np.float32(note.loud * np.sin(angle))
    mixed = _soft(dry + _in_hall(dry))
    mixed *= PEAK / max(1e-6, float(np.abs(mixed).max()))
    faded: Sound = (mixed * _fade(total, score.fade_s)[:, None]).astype(np.float32)
    return faded


def _soft(sound: Sound) -> Sound:
    """Rounds off what is loudest, so that a full bar does not make all others quiet."""
    level = np.float32(max(1e-6, float(np.sqrt(np.mean(sound * sound)))))
    soft: Sound = np.tanh(sound * np.float32(DRIVE) / level).astype(np.float32)
    return soft


def _fade(total: int, seconds: float) -> Sound:
    end = round(END_SILENCE_S * RATE)
    length = min(total - end, round(seconds * RATE))
    curve = np.ones(total, np.float32)
    curve[total - end :] = 0
    falling = np.cos(np.linspace(0, np.pi / 2, length)) ** 2
    curve[total - end - length : total - end] = falling
    start = min(total, RATE // 50)
    curve[:start] *= np.linspace(0, 1, start, dtype=np.float32)
    return curve


def _in_hall(dry: Sound) -> Sound:
    """The same music as a hall answers it."""
    count = round(HALL_S * RATE)
    at = np.arange(count) / RATE
    from scipy.signal import oaconvolve  # noqa: PLC0415 - a second, and most films ask for no song

    rng = np.random.default_rng(7)
    wet = []
    for ear in range(2):
        echo = rng.standard_normal(count) * np.exp(-at * 4.2) * (1 - np.exp(-at * 60))
        echo = np.convolve(echo, np.ones(12) / 12, "same")
        echo /= np.sqrt(np.sum(echo * echo))
        wet.append(oaconvolve(dry[:, ear], echo.astype(np.float32))[: len(dry)])
    return np.stack(wet, axis=1).astype(np.float32) * np.float32(HALL_SHARE)


@lru_cache(maxsize=2_048)
def _tone(player: str, key: int, lasts: float) -> Sound:
    """One note of a player, mono, with its ending."""
    count = max(1, round(lasts * RATE))
    at = np.arange(count) / RATE
    hertz = 440 * 2 ** ((key - 69) / 12)
    sound = _PLAYERS[player](at, hertz, lasts)
    release = min(count, round(min(0.12, lasts / 3) * RATE))
    sound[count - release :] *= np.linspace(1, 0, release) ** 1.5
    return sound.astype(np.float32)


def _harmonics(at: NDArray[np.float64], hertz: float, shares: tuple[float, ...]) -> NDArray[np.float64]:
    total = np.zeros_like(at)
    for n, share in enumerate(shares, start=1):
        if hertz * n < RATE * 0.42:
            total += share * np.sin(2 * np.pi * hertz * n * at)
    return total


def _pad(at: NDArray[np.float64], hertz: float, lasts: float) -> NDArray[np.float64]:
    shares = (1.0, 0.42, 0.26, 0.13, 0.08, 0.04)
    strings = sum(_harmonics(at, hertz * detune, shares) for detune in (0.9965, 1.0, 1.0038)) / 3
    swell = np.clip(at / (0.3 * lasts), 0, 1) * np.clip((lasts - at) / (0.3 * lasts), 0, 1)
    found: NDArray[np.float64] = strings * np.sin(swell * np.pi / 2)
    return found


def _piano(at: NDArray[np.float64], hertz: float, _lasts: float) -> NDArray[np.float64]:
    total = np.zeros_like(at)
    for n in range(1, 8):
        partial = hertz * n * np.sqrt(1 + 0.0004 * n * n)
        if partial < RATE * 0.42:
            total += 0.9**n / n**1.1 * np.sin(2 * np.pi * partial * at) * np.exp(-at * (1.6 + 0.9 * n))
    found: NDArray[np.float64] = total * np.clip(at / 0.004, 0, 1)
    return found


def _bass(at: NDArray[np.float64], hertz: float, _lasts: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (
        _harmonics(at, hertz, (1.0, 0.45, 0.16)) * np.exp(-at * 1.3) * np.clip(at / 0.012, 0, 1)
    )
    return found


def _flute(at: NDArray[np.float64], hertz: float, lasts: float) -> NDArray[np.float64]:
    bend = 0.0035 * np.sin(2 * np.pi * 5.2 * at) * np.clip(at / 0.4, 0, 1)
    phase = 2 * np.pi * hertz * np.cumsum(1 + bend) / RATE
    breath = np.clip(at / 0.07, 0, 1) * np.clip((lasts - at) / (0.4 * lasts), 0, 1)
    found: NDArray[np.float64] = (
        np.sin(phase) + 0.18 * np.sin(2 * phase) + 0.06 * np.sin(3 * phase)
    ) * breath
    return found


def _kick(at: NDArray[np.float64], _hertz: float, _lasts: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.sin(2 * np.pi * (48 * at + 3.2 * (1 - np.exp(-at * 34)))) * np.exp(
        -at * 11
    )
    return found


def _noise(at: NDArray[np.float64], decay: float, *, bright: bool) -> NDArray[np.float64]:
    hiss = np.random.default_rng(len(at)).standard_normal(len(at))
    if bright:
        hiss = np.diff(hiss, prepend=0.0)
    found: NDArray[np.float64] = hiss * np.exp(-at * decay) * 0.5
    return found


def _snare(at: NDArray[np.float64], _hertz: float, _lasts: float) -> NDArray[np.float64]:
    body: NDArray[np.float64] = np.sin(2 * np.pi * 190 * at) * np.exp(-at * 26)
    return body * 0.5 + _noise(at, 20, bright=False)


def _hat(at: NDArray[np.float64], _hertz: float, _lasts: float) -> NDArray[np.float64]:
    return _noise(at, 60, bright=True)


_PLAYERS = {
    "pad": _pad,
    "piano": _piano,
    "bass": _bass,
    "flute": _flute,
    "kick": _kick,
    "snare": _snare,
    "hat": _hat,
}
