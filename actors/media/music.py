"""The film's music, synthesised from the plan that a language model wrote: exactly as long as the film.

Notes (score) become sound (synth), each instrument has its place and its share of a common room, and the
loudness follows the plan's sections and the cues at scene starts. The same plan, times and seed give the same
samples on the same build. It is played piece by piece: an hour needs no more memory than a minute.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, sosfilt, sosfiltfilt

from actors.media.beside import another_thread, mapped
from actors.media.errors import MusicError
from actors.media.loudness import SILENT_LUFS, Meter
from actors.media.mix import LIMITER_MARGIN, MUSIC_LUFS, limit
from actors.media.parts import Note
from actors.media.score import Score, write_score
from actors.media.synth import tone
from actors.media.tape import Samples, Tape, spans
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
_NOTES_AHEAD: Final = 32
"""Notes that are ready and not placed yet, each a megabyte at most or so."""
_PIECES_AHEAD: Final = 2
_AIR_HZ: Final = 1_200
_AIR: Final = 1.0
"""A gentle shelf: the tones are soft, and the whole would sound from behind a curtain."""


def compose(
    plan: MusicPlan,
    duration_s: float,
    scene_starts_s: Sequence[float] = (0.0,),
    *,
    new_file: Callable[[], Path],
    seed: int = 0,
) -> Generator[Samples]:
    """Stereo (n, 2) float32 at 48 kHz in pieces, exactly ``duration_s`` in all, at about -20 LUFS.

    ``scene_starts_s`` are the times of the plan's cues (scene 1 first). It is played once onto a tape in a
    file that ``new_file`` gives (the caller's to remove), so that its loudness is known.

    Raises:
        MusicError: ``no_time`` under half a second.

    """
    if duration_s < 0.5:
        raise MusicError("no_time", f"Music of {duration_s:.2f} s cannot be written")
    score = write_score(plan, duration_s, scene_starts_s, seed)
    meter, power = Meter(), np.zeros(2)
    with closing(Tape(new_file(), 2)) as tape, another_thread("music") as thread:
        for piece in _played(score, round(duration_s * SAMPLE_RATE), thread):
            meter.add(piece)
            power += np.square(piece, dtype=np.float64).sum(axis=0)
            tape.append(piece)
        gains = _centred(power)
        loudness = meter.lufs(gains)
        if loudness > SILENT_LUFS:
            gains = gains * 10 ** ((MUSIC_LUFS - loudness) / 20)

        def limited(span: tuple[int, int]) -> Samples:
            low, high = span[0] - LIMITER_MARGIN, span[1] + LIMITER_MARGIN
            wave = tape.read(low, high) * gains.astype(np.float32)
            return limit(wave, -3.0)[LIMITER_MARGIN:-LIMITER_MARGIN]

        yield from mapped(thread, limited, spans(len(tape)), _PIECES_AHEAD)


def _played(score: Score, samples: int, thread: ThreadPoolExecutor) -> Iterator[Samples]:
    """The notes in their room, shaped; what comes before loudness is known."""
    colour, (at, decibels) = _Colour(), _dynamics(score, samples / SAMPLE_RATE)
    for (start, stop), (dry, wet) in zip(spans(samples), _performed(score, samples, thread), strict=True):
        total = colour.of(dry + wet)
        gain_db = np.interp(np.arange(start, stop) / SAMPLE_RATE, at, decibels)
        total *= (10 ** (gain_db / 20)).astype(np.float32)[:, None]
        _soften_ends(score, samples, start, total)
        yield total


def _performed(score: Score, samples: int, thread: ThreadPoolExecutor) -> Iterator[tuple[Samples, Samples]]:
    """All notes placed, piece by piece: what is heard directly, and what comes back from the room.

    Notes are half of the work: the other thread makes those to come.
    """
    room = _Room()
    notes = deque(sorted(score.notes, key=lambda note: note.start_s))
    tones = mapped(thread, _tone, tuple(notes), _NOTES_AHEAD)
    # What sounds on after a piece is carried into the next.
    played, wet = _Carried(4), _Carried(2)
    for start, stop in spans(samples):
        while notes and round(notes[0].start_s * SAMPLE_RATE) < stop:
            _place(notes.popleft(), next(tones), start, played)
        heard = played.take(stop - start)
        for channel, sent in enumerate(heard[2:]):
            wet.add(0, channel, room.answer(sent, channel))
        yield heard[:2], wet.take(stop - start)


def _tone(note: Note) -> Samples:
    return tone(note.instrument, note.pitch, note.length_s, note.velocity)


def _place(note: Note, wave: Samples, start: int, played: "_Carried") -> None:
    """The note for both ears: what is heard directly, then what is sent into the room."""
    gain, pan, room = _SEATS[note.instrument]
    place = pan if note.instrument == "drums" else pan + _SPREAD * (note.pitch - 60) / 24
    angle = (min(1.0, max(-1.0, place)) + 1) * np.pi / 4
    at = round(note.start_s * SAMPLE_RATE) - start
    for channel, share in enumerate(np.outer((1 - room * 0.6, room), (np.cos(angle), np.sin(angle))).flat):
        played.add(at, channel, wave, gain * note.velocity * share)


_BLOCK: Final = 1 << 15
"""Samples that are in the processor's cache while they are added."""


class _Carried:
    """Channels to which is added at any place from here on, and from which is taken from the front."""

    def __init__(self, channels: int) -> None:
        self._waves = np.zeros((channels, 0), np.float32)

    def add(self, at: int, channel: int, wave: Samples, gain: float = 1.0) -> None:
        self._reach(at + len(wave))
        for start in range(0, len(wave), _BLOCK):
            block = wave[start : start + _BLOCK]
            self._waves[channel, at + start : at + start + len(block)] += block * np.float32(gain)

    def take(self, length: int) -> Samples:
        self._reach(length)
        taken, self._waves = self._waves[:, :length], self._waves[:, length:].copy()
        return taken

    def _reach(self, length: int) -> None:
        missing = length - self._waves.shape[1]
        if missing > 0:  # and room for the notes to come, so that not each of them copies all
            self._waves = np.pad(self._waves, ((0, 0), (0, max(missing, 10 * SAMPLE_RATE))))


class _Colour:
    """Nothing below what speakers play, nothing above what is harsh, and some air; from piece to piece."""

    def __init__(self) -> None:
        self._band = butter(4, (_BOTTOM_HZ, _TOP_HZ), "bandpass", fs=SAMPLE_RATE, output="sos")
        self._air = butter(1, _AIR_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
        self._band_state = np.zeros((len(self._band), 2, 2))
        self._air_state = np.zeros((len(self._air), 2, 2))

    def of(self, piece: Samples) -> Samples:
        wave, self._band_state = sosfilt(self._band, piece, axis=1, zi=self._band_state)
        air, self._air_state = sosfilt(self._air, wave, axis=1, zi=self._air_state)
        return np.ascontiguousarray((wave + _AIR * air).T, np.float32)


class _Room:
    """A hall that answers piece by piece; its frequencies are found once for pieces of one length."""

    def __init__(self) -> None:
        self._room, self._spectrum = _room().T, np.zeros((2, 0), np.complex64)

    def answer(self, sent: Samples, channel: int) -> Samples:
        """As long as it is heard."""
        heard = len(sent) + self._room.shape[1] - 1
        length = next_fast_len(heard, real=True)
        if self._spectrum.shape[1] != length // 2 + 1:
            self._spectrum = rfft(self._room, length)
        answered = irfft(rfft(sent, length) * self._spectrum[channel], length)
        return np.asarray(answered[:heard], np.float32)


@cache
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


def _dynamics(score: Score, duration_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loudness over time, as seconds and decibels: sections by their intensity, then the cues."""
    step = 0.05
    at = np.arange(0, duration_s + step, step)
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
    return at, shape


def _centred(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains that make both ears alike: what sits left and right differs by up to 1.9 dB from plan to plan."""
    if not power.all():
        return np.ones(2)
    return np.asarray(np.sqrt(np.sqrt(power[0] * power[1]) / power))


def _soften_ends(score: Score, samples: int, start: int, piece: Samples) -> None:
    """Silence to sound at the beginning; the last chord fades to nothing exactly at the end."""
    fade_out_s = min(_FADE_OUT_S, samples / SAMPLE_RATE / 3, score.beat_s * 4)
    rise = min(round(_FADE_IN_S * SAMPLE_RATE), samples // 8)
    fall = round(fade_out_s * SAMPLE_RATE)
    rising, falling = piece[: max(0, rise - start)], piece[max(0, samples - fall - start) :]
    opening = np.sin(np.arange(start, start + len(rising)) / max(1, rise - 1) * (np.pi / 2)) ** 2
    left = samples - 1 - np.arange(start + len(piece) - len(falling), start + len(piece))
    ending = np.sin(left / max(1, fall - 1) * (np.pi / 2)) ** 2
    rising *= opening.astype(np.float32)[:, None]
    falling *= ending.astype(np.float32)[:, None]
