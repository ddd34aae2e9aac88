"""Narrations and music become one sound: voices at their places, music that makes way, loud as platforms ask.

The music is turned down *before* a word begins and comes back slowly after the last one: the whole film is at
hand, so the gain follows from where speech lies, not from a detector that is always late. The master is
brought to -14 LUFS by one gain and a limiter. Dynamic normalisation was rejected: it undoes the ducking.

The limiter holds -2 dBTP because AAC usually raises true peaks by half a decibel; where it raises them more
(``soundtrack.py`` listens to that), it is set lower. All of it is worked in pieces and kept on tapes, not in
memory: the true peaks that are high enough are found once, and each other gain only scales them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

from actors.media.beside import another_thread, mapped
from actors.media.listening import TARGET_LUFS
from actors.media.loudness import SILENT_LUFS, Meter, PeakMeter, true_peaks
from actors.media.speech import Speech
from actors.media.tape import Samples, Sound, Tape, spans
from actors.media.timeline import SAMPLE_RATE

CEILING_DBTP: Final = -2.0
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
_CUT_S: Final = 0.5
"""The fade of music that is longer than the film."""
_MOST_GAIN_DB: Final = 24.0
_HOP: Final = SAMPLE_RATE // 100
_ATTACK: Final = round(0.004 * SAMPLE_RATE) | 1
LIMITER_MARGIN: Final = 4 * _ATTACK
"""Samples on either side that the limiter's gain depends on, and some more."""
_LOUDNESS_PASSES: Final = 4
_MORE_DB: Final = 2.0
"""How much louder than at first it may become, or its ceiling lower, with the peaks that are known."""
_LOUD_ENOUGH: Final = 0.1
_UNMEASURED: Final = 2
"""Pieces that may wait to be measured."""
_RUMBLE: Final = butter(2, 70, "highpass", fs=SAMPLE_RATE, output="sos")


@dataclass(frozen=True, slots=True)
class Placed:
    """A narration as :func:`levelled` and the moment of the film at which it begins, in seconds."""

    voice: Sound
    at_s: Fraction


def mix(samples: int, voices: Sequence[Placed], music: Sound | None = None) -> Iterator[Samples]:
    """The film's sound before it is mastered, in pieces of (n, 2) float32 at 48 kHz, ``samples`` in all.

    Voices come in order and never two at a time. ``music`` is stereo; what is longer than the film is cut
    with a short fade, and what is shorter leaves silence.
    """
    track = _VoiceTrack(voices)
    bed = _Bed(music, samples) if music is not None and len(music) else None
    gain = _Duck(track, samples) if voices and bed else None
    for start, stop in spans(samples):
        total = np.repeat(track.read(start, stop), 2, axis=1)
        if bed is not None:
            total += bed.read(start, stop) if gain is None else bed.read(start, stop) * gain.read(start, stop)
        yield total


def levelled(speech: Speech) -> Samples:
    """A narration as loud as all of them are, (n, 1), without rumble and clicks."""
    wave = np.asarray(sosfilt(_RUMBLE, speech.samples), np.float32)
    wave = fade(wave * _gain_to(speech.lufs, VOICE_LUFS), start_s=_EDGE_S, end_s=_EDGE_S)
    return wave[:, None]


def leveller(sound: Sound) -> np.float32:
    """The gain that makes a sound as loud as narrations are."""
    return _gain_to(_loudness(sound.read(*span) for span in spans(len(sound))), VOICE_LUFS)


class _VoiceTrack:
    """All narrations at their places, on one channel."""

    def __init__(self, voices: Sequence[Placed]) -> None:
        self._voices = [(round(placed.at_s * SAMPLE_RATE), placed.voice) for placed in voices]

    def read(self, start: int, stop: int) -> Samples:
        track = np.zeros((stop - start, 1), np.float32)
        for at, voice in self._voices:
            low, high = max(start, at), min(stop, at + len(voice))
            if low < high:
                track[low - start : high - start] += voice.read(low - at, high - at)
        return track


class _Bed:
    """The music as loud as it is to be where nobody speaks, as long as the film."""

    def __init__(self, music: Sound, samples: int) -> None:
        self._music = music
        self._gain = _gain_to(_loudness(music.read(*span) for span in spans(len(music))), MUSIC_LUFS)
        self._cut = samples if len(music) > samples else None

    def read(self, start: int, stop: int) -> Samples:
        piece = self._music.read(start, stop) * self._gain
        if self._cut is not None and stop > self._cut - _CUT_S * SAMPLE_RATE:
            left = (self._cut - np.arange(start, stop)) / (_CUT_S * SAMPLE_RATE)
            piece *= (0.5 - 0.5 * np.cos(np.pi * np.clip(left, 0, 1))).astype(np.float32)[:, None]
        return piece


class _Duck:
    """The music's gain for each sample, 1 where nobody speaks, down by 10 dB under speech, without steps."""

    def __init__(self, voice: Sound | _VoiceTrack, samples: int) -> None:
        levels = []
        for start, stop in spans(samples):  # a piece holds whole hops
            blocks = np.pad(voice.read(start, stop)[:, 0], (0, (start - stop) % _HOP)).reshape(-1, _HOP)
            levels.append(np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)))
        speaking = (np.concatenate(levels) > 10 ** ((VOICE_LUFS - 30) / 20)).astype(np.float32)
        ahead, hold = round(_LOOKAHEAD_S * 100), round(_HOLD_S * 100)
        # Widen speech to both sides, then glide: twice smoothed steps have no corners.
        wide = maximum_filter1d(speaking, ahead + hold + 1, origin=(hold - ahead) // 2)
        glide = round(_GLIDE_S * 100 / 2)
        self._share = uniform_filter1d(uniform_filter1d(wide, glide), glide)

    def read(self, start: int, stop: int) -> Samples:
        at = np.arange(start, stop) / _HOP
        gain_db = np.interp(at, np.arange(len(self._share)) + 0.5, DUCK_DB * self._share)
        return np.asarray(10 ** (gain_db / 20), np.float32)[:, None]


class Master:
    """A mix brought to -14 LUFS with true peaks under a ceiling; silence stays silence.

    The mix and its true peaks are kept on tapes in files that ``new_file`` gives: the caller's to remove.
    """

    def __init__(self, new_file: Callable[[], Path]) -> None:
        self._mix, self._peaks = Tape(new_file(), 2), Tape(new_file(), 1)
        self._lufs = SILENT_LUFS
        self._known_above = float("inf")
        self._gain, self._ceiling_dbtp = np.float32(1), CEILING_DBTP

    def record(self, pieces: Iterable[Samples]) -> None:
        """Take down the mix, once."""
        self._lufs = _loudness(self._taken_down(pieces))
        self.hold(CEILING_DBTP)

    def _taken_down(self, pieces: Iterable[Samples]) -> Iterator[Samples]:
        for piece in pieces:
            self._mix.append(piece)
            yield piece

    def __len__(self) -> int:
        return len(self._mix)

    def close(self) -> None:
        self._mix.close()
        self._peaks.close()

    def hold(self, ceiling_dbtp: float) -> None:
        """Let no true peak above it; limiting takes loudness, so the gain is found by trying."""
        self._ceiling_dbtp = ceiling_dbtp
        if self._lufs <= SILENT_LUFS:
            self._look(10 ** (ceiling_dbtp / 20))
            return
        gain_db = TARGET_LUFS - self._lufs
        for _ in range(_LOUDNESS_PASSES):
            self._gain = np.float32(10 ** (gain_db / 20))
            self._look(10 ** ((ceiling_dbtp - gain_db) / 20))
            short = TARGET_LUFS - _loudness(self.pieces())
            if abs(short) < _LOUD_ENOUGH:
                break
            gain_db += short

    def _look(self, above: float) -> None:
        """Find the true peaks of the mix that are above, as those alone are limited; the others stay 0."""
        if above >= self._known_above:
            return
        self._known_above = above * 10 ** (-_MORE_DB / 20)
        peaks = PeakMeter()
        self._peaks.clear()
        for start, stop in spans(len(self)):
            self._peaks.append(peaks.add(self._mix.read(start, stop), self._known_above)[:, None])
        self._peaks.append(peaks.rest(self._known_above)[:, None])

    def pieces(self) -> Iterator[Samples]:
        """All of it, in order."""
        for start, stop in spans(len(self)):
            yield self.read(start, stop)

    def read(self, start: int, stop: int) -> Samples:
        low, high = start - LIMITER_MARGIN, stop + LIMITER_MARGIN
        wave, peaks = (tape.read(low, high) * self._gain for tape in (self._mix, self._peaks))
        return limit(wave, self._ceiling_dbtp, peaks[:, 0])[LIMITER_MARGIN:-LIMITER_MARGIN]


def limit(wave: Samples, ceiling_dbtp: float = CEILING_DBTP, peaks: Samples | None = None) -> Samples:
    """Keep true peaks under the ceiling with a gain that falls before each peak and never steps.

    ``peaks`` are those of each sample, where they are known.
    """
    ceiling = 10 ** (ceiling_dbtp / 20)
    peaks = true_peaks(wave, ceiling) if peaks is None else peaks
    if peaks.max(initial=0.0) <= ceiling:
        return wave
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9)).astype(np.float32)
    # The mean of a running minimum over the same window is never above the minimum itself.
    held = minimum_filter1d(needed, 4 * _ATTACK)
    smooth = uniform_filter1d(uniform_filter1d(held, _ATTACK), _ATTACK)
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


def _loudness(pieces: Iterable[Samples]) -> float:
    """Measured by another thread, beside what makes the pieces."""
    meter = Meter()
    with another_thread("meter") as thread:
        for _ in mapped(thread, meter.add, pieces, _UNMEASURED):
            pass
    return meter.lufs()


def _gain_to(loudness: float, target: float) -> np.float32:
    if loudness <= SILENT_LUFS:
        return np.float32(0)
    return np.float32(10 ** (min(target - loudness, _MOST_GAIN_DB) / 20))
