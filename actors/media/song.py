"""A song that came as a file (MP3, WAV): its sound at the film's rate, and what can be measured of it.

What it was asked for is a wish: models hold lengths and tempos about as well as people hum them. So the sound
is measured when it comes, and what fits it to a film (``song_fit.py``) goes by what was measured alone.
Rejected: a beat tracker of its own package, as all that is needed of the beat is its period, and where the
song is like itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from actors.media.cancelling import go_on
from actors.media.errors import MusicError
from actors.media.loudness import SILENT_LUFS, Meter, PeakMeter, decibels
from actors.media.tape import Sound, Tape, spans
from actors.media.timeline import SAMPLE_RATE

LONGEST_S: Final = 900.0
"""Nobody asks for more; a file that goes on was not made for a film."""
FRAMES_A_SECOND: Final = 100
SILENT_DBFS: Final = -60.0
CLIPPED: Final = 0.999
"""From here on a sample is at its end."""
_HOP: Final = SAMPLE_RATE // FRAMES_A_SECOND
_WINDOW: Final = 4096
_BANDS: Final = 24
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 200.0
_TEMPO_SPREAD: Final = 0.6
"""In octaves: a beat counted twice or by halves gives way to the one asked for, another tempo does not."""
_USUAL_BPM: Final = 110.0
_STEADY: Final = 0.1
"""Of what is heard of the beat: below it there is no beat that could be counted."""

Features = NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """What is heard of a song."""

    duration_s: float
    sounding: tuple[float, float]
    """From where to where there is sound, in seconds: models leave silence at both ends."""
    lufs: float
    true_peak_dbtp: float
    clipped: float
    """The share of its samples that are at the end of the scale."""
    silent: float
    """The share of its time, between the first sound and the last, in which nothing is heard."""
    tempo_bpm: float | None
    """None where no beat can be counted."""

    def to_dict(self) -> dict[str, Any]:
        """As facts of an asset."""
        return {
            "duration_s": round(self.duration_s, 3),
            "sounding_s": [round(at, 3) for at in self.sounding],
            "lufs": round(self.lufs, 2),
            "true_peak_dbtp": round(self.true_peak_dbtp, 2),
            "tempo_bpm": self.tempo_bpm,
        }


def decode(source: Any, tape: Tape) -> Tape:
    """All of the song as stereo at 48 kHz on ``tape``; ``source`` is a file's path, or its opened bytes.

    Raises:
        MusicError: ``song_unreadable`` when it is no sound, or none that ends.

    """
    try:
        with av.open(source, "r") as container:
            if not container.streams.audio:
                raise MusicError("song_unreadable", "The song holds no audio stream")
            stereo = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
            for frame in container.decode(audio=0):
                _keep(stereo.resample(frame), tape)
            _keep(stereo.resample(None), tape)
    except (av.FFmpegError, ValueError) as error:
        raise MusicError("song_unreadable", f"The song cannot be decoded: {error}") from error
    if not len(tape):
        raise MusicError("song_unreadable", "The song holds no samples")
    return tape


def _keep(frames: list[av.AudioFrame], tape: Tape) -> None:
    go_on()
    for frame in frames:
        tape.append(np.asarray(frame.to_ndarray(), np.float32).reshape(-1, 2))
    if len(tape) > LONGEST_S * SAMPLE_RATE:
        raise MusicError("song_unreadable", f"The song is longer than {LONGEST_S:.0f} s")


def open_song(source: Any, new_file: Callable[[], Path]) -> Tape:
    """As `decode`, on a tape in a file that ``new_file`` gives (the caller's to remove)."""
    tape = Tape(new_file(), 2)
    try:
        return decode(source, tape)
    except BaseException:
        tape.close()
        raise


def measure(song: Sound, asked_bpm: float | None = None) -> Measured:
    """Listen to all of it once; ``asked_bpm`` decides between a beat and its double."""
    meter, peaks, highest, clipped = Meter(), PeakMeter(), 0.0, 0
    for start, stop in spans(len(song)):
        piece = song.read(start, stop)
        meter.add(piece)
        highest = max(highest, float(peaks.add(piece).max(initial=0.0)))
        clipped += int((np.abs(piece) >= CLIPPED).sum())
    highest = max(highest, float(peaks.rest().max(initial=0.0)))
    level = levels(song)
    heard = np.flatnonzero(level > SILENT_DBFS)
    seconds = len(song) / SAMPLE_RATE
    first, last = (int(heard[0]), int(heard[-1]) + 1) if len(heard) else (0, 0)
    sounding = first / FRAMES_A_SECOND, min(seconds, last / FRAMES_A_SECOND)
    return Measured(
        duration_s=seconds,
        sounding=sounding,
        lufs=meter.lufs(),
        true_peak_dbtp=decibels(highest),
        clipped=clipped / (2 * max(1, len(song))),
        silent=float((level[first:last] <= SILENT_DBFS).mean()) if last > first else 1.0,
        tempo_bpm=tempo(onsets(features(song)), asked_bpm) if meter.lufs() > SILENT_LUFS else None,
    )


def levels(song: Sound) -> NDArray[np.float64]:
    """How loud each hundredth of a second is, in dB of full scale."""
    found = []
    for start, stop in spans(len(song)):  # a piece holds whole hops
        power = np.square(song.read(start, stop), dtype=np.float64).mean(axis=1)
        found.append(np.pad(power, (0, -len(power) % _HOP)).reshape(-1, _HOP).mean(axis=1))
    return np.asarray(10 * np.log10(np.concatenate(found) + 1e-12)) if found else np.zeros(0)


def features(song: Sound) -> Features:
    """What is heard in each hundredth of a second: how loud each of a few bands is, then each of 12 notes."""
    window = np.hanning(_WINDOW).astype(np.float32)
    groups = _groups()
    found = []
    for start, stop in spans(len(song)):
        wave = song.read(start - _WINDOW // 2, stop + _WINDOW // 2).mean(axis=1)
        count = -(-(stop - start) // _HOP)
        frames = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::_HOP][:count]
        power = np.square(np.abs(rfft(frames * window, axis=1)))  # single precision, as numpy's is not
        found.append(power @ groups)
    power = np.concatenate(found) if found else np.zeros((0, groups.shape[1]), np.float32)
    return np.asarray(np.log10(power + 1e-4), np.float32)


@lru_cache(1)
def _groups() -> Features:
    """Which share of each line of the spectrum belongs to each band, and to each note."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    edges = np.geomspace(40, 16_000, _BANDS + 1)
    bands = [(hertz >= low) & (hertz < high) for low, high in pairwise(edges)]
    pitch = 12 * np.log2(np.maximum(hertz, 1) / 440)
    heard = (hertz >= 110) & (hertz < 5_000)
    notes = [heard & (np.round(pitch) % 12 == note) for note in range(12)]
    return np.stack([*bands, *notes], axis=1).astype(np.float32)


def onsets(heard: Features) -> NDArray[np.float64]:
    """How much louder each moment is than the one before, over all bands: where notes begin."""
    if len(heard) < 2:
        return np.zeros(len(heard))
    bands = heard[:, :_BANDS].astype(np.float64)
    rise = np.maximum(0.0, np.diff(bands, axis=0, prepend=bands[:1])).sum(axis=1)
    width = FRAMES_A_SECOND
    around = np.convolve(np.pad(rise, width // 2, mode="edge"), np.ones(width) / width, "same")
    return np.asarray(np.maximum(0.0, rise - around[width // 2 : width // 2 + len(rise)]))


def tempo(beats: NDArray[np.float64], asked_bpm: float | None = None) -> float | None:
    """Beats a minute, by how like the beginnings of notes are to those a beat later; None for no beat."""
    slowest = round(60 * FRAMES_A_SECOND / _SLOWEST_BPM)
    if len(beats) < 8 * slowest or not beats.any():
        return None
    centred = beats - beats.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    alike = np.fft.irfft(np.square(np.abs(spectrum)), size)[: 4 * slowest + 8]
    alike /= alike[0]
    lags = np.arange(round(60 * FRAMES_A_SECOND / _FASTEST_BPM), slowest + 1)
    # What comes back after one beat comes back after two and four: a beat that does is one.
    together = (alike[lags] + alike[2 * lags] + alike[4 * lags]) / 3
    octaves = np.log2(60 * FRAMES_A_SECOND / lags / (asked_bpm or _USUAL_BPM))
    best = int(lags[np.argmax(together * np.exp(-0.5 * np.square(octaves / _TEMPO_SPREAD)))])
    if together[best - lags[0]] < _STEADY:
        return None
    # Four beats tell their length four times as exactly as one.
    near = np.arange(4 * best - 3, 4 * best + 4)
    four = int(near[np.argmax(alike[near])])
    left, middle, right = alike[four - 1 : four + 2]
    bend = left - 2 * middle + right
    exact = four + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    return round(float(60 * FRAMES_A_SECOND * 4 / exact), 1)
