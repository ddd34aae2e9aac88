"""What each instrument plays in a bar: patterns that grow with the music's intensity.

Every pattern is a function from a moment (a chord and its place) to notes, so an instrument can be
heard alone in a test. Patterns taken from MIDI files were rejected: none came with a licence to ship them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from actors.media.harmony import Chord, Key

BEATS: Final = 4
"""Beats in a bar."""


@dataclass(frozen=True, slots=True)
class Note:
    """One sound: seconds, MIDI pitch (a General MIDI drum for ``drums``), velocity 0..1."""

    instrument: str
    start_s: float
    length_s: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Four beats: their chords share it evenly; the piece rests in its ``last``."""

    start_s: float
    section: str
    chords: tuple[Chord, ...]
    intensity: float
    last: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One chord in its place: ``number`` is the bar's, ``notes`` the chord's voicing in MIDI pitches."""

    bar: Bar
    number: int
    start_s: float
    beats: float
    beat_s: float
    chord: Chord
    notes: tuple[int, ...]

    @property
    def length_s(self) -> float:
        return self.beats * self.beat_s

    @property
    def intensity(self) -> float:
        return self.bar.intensity

    def low(self, lowest: int) -> int:
        """The chord's bass in the octave from ``lowest``."""
        return lowest + (self.chord.bass - lowest) % 12


Pattern = Callable[[Moment], Iterator[Note]]


def pad(now: Moment) -> Iterator[Note]:
    loud = 0.25 + 0.25 * now.intensity
    for pitch in now.notes:
        yield Note("pad", now.start_s, now.length_s, pitch, loud)
    yield Note("pad", now.start_s, now.length_s, now.low(36), loud * 0.8)


def strings(now: Moment) -> Iterator[Note]:
    loud = 0.25 + 0.3 * now.intensity
    for pitch in now.notes:
        yield Note("strings", now.start_s, now.length_s, pitch, loud)
    if now.intensity > 0.6:
        yield Note("strings", now.start_s, now.length_s, max(now.notes) + 12, loud * 0.55)


def piano(now: Moment) -> Iterator[Note]:
    loud = 0.42 + 0.35 * now.intensity
    if now.bar.last:  # rolled, from the bottom, and left to ring
        yield Note("piano", now.start_s, now.length_s, now.low(36), loud)
        for delay, pitch in enumerate((now.low(48), *now.notes), 1):
            yield Note("piano", now.start_s + 0.05 * delay * now.beat_s, now.length_s, pitch, loud * 0.9)
        return
    yield Note("piano", now.start_s, now.length_s, now.low(48), loud)
    steps = int(now.beats * (2 if now.intensity > 0.3 else 1))
    shape = (0, 2, 1, 3, 2, 1, 3, 2) if now.number % 2 else (0, 1, 2, 3, 2, 1, 2, 1)
    for step in range(1, steps):
        pitch = now.notes[shape[step % len(shape)] % len(now.notes)]
        if now.intensity > 0.7 and step % 4 == 0:
            pitch += 12
        accent = 1.0 if step % 2 == 0 else 0.78
        at = now.start_s + step * now.length_s / steps
        yield Note("piano", at, now.length_s * 0.9, pitch, loud * 0.72 * accent)


def plucked(now: Moment) -> Iterator[Note]:
    if now.bar.last:
        yield Note("plucked", now.start_s, now.length_s, now.notes[0], 0.5)
        return
    rate = 4 if now.intensity > 0.65 else 2
    shape = (0, 2, 3, 1, 2, 3, 1, 2) if now.number % 2 else (0, 1, 2, 3, 1, 2, 3, 2)
    for step in range(int(now.beats * rate)):
        if rate == 4 and step % 8 in {3, 6}:
            continue  # air
        pitch = now.notes[shape[step % 8] % len(now.notes)] + 12 * (step % 8 == 4)
        loud = (0.35 + 0.4 * now.intensity) * (1.0, 0.7, 0.85, 0.7)[step % 4]
        yield Note("plucked", now.start_s + step * now.beat_s / rate, now.beat_s * 1.5, pitch, loud)


def bells(now: Moment) -> Iterator[Note]:
    loud = 0.28 + 0.25 * now.intensity
    if now.number % 2 == 0 or now.bar.last:
        yield Note("bells", now.start_s, now.length_s, max(now.notes) + 12, loud)
    if now.intensity > 0.5 and not now.bar.last:
        pitch = now.notes[now.number % len(now.notes)] + 24
        yield Note("bells", now.start_s + now.length_s / 2, now.length_s, pitch, loud * 0.7)


def bass(now: Moment) -> Iterator[Note]:
    pitch = now.low(33)
    loud = 0.55 + 0.3 * now.intensity
    if now.bar.last or now.intensity < 0.5 or now.beats < BEATS:
        yield Note("bass", now.start_s, now.length_s * 0.97, pitch, loud)
        return
    yield Note("bass", now.start_s, 1.45 * now.beat_s, pitch, loud)
    yield Note("bass", now.start_s + 1.5 * now.beat_s, 0.45 * now.beat_s, pitch, loud * 0.7)
    walk = pitch + 7 if now.number % 4 == 3 else pitch
    yield Note("bass", now.start_s + 2 * now.beat_s, 1.95 * now.beat_s, walk, loud * 0.9)


def drums(rng: np.random.Generator) -> Pattern:
    """Soft and human: kick, rim on the back beat, shaker; a hair off the grid."""

    def play(now: Moment) -> Iterator[Note]:
        if now.start_s > now.bar.start_s:
            return  # once a bar, whatever the chords do
        if now.bar.last:
            yield Note("drums", now.start_s, 1.0, 36, 0.6)
            yield Note("drums", now.start_s, 2.0, 51, 0.4)
            return
        loud = 0.35 + 0.45 * now.intensity
        hits = [(0.0, 36, 1.0), (2.0, 36, 0.85), (1.0, 37, 0.55), (3.0, 37, 0.6)]
        hits += [(step / 2, 70, 0.5 if step % 2 else 0.32) for step in range(2 * BEATS)]
        if now.intensity > 0.7:
            hits += [(2.5, 36, 0.6)] + ([(3.5, 37, 0.4), (3.75, 37, 0.3)] if now.number % 4 == 3 else [])
        for beat, drum, share in hits:
            off, human = rng.normal(0, 0.004), 1 + rng.normal(0, 0.06)
            at = max(0.0, now.start_s + beat * now.beat_s + off)
            yield Note("drums", at, 0.5, drum, loud * share * human)

    return play


_RHYTHMS: Final = (
    ((0.0, 0), (1.5, 1), (2.0, 2)),
    ((0.0, 0), (1.0, 1), (3.0, -1)),
    ((0.5, 1), (2.0, 0), (3.0, 1)),
    ((0.0, 2), (2.0, 1), (3.0, 0)),
)
"""Of a melody in one bar: (beat, steps up or down)."""


def flute(rng: np.random.Generator, key: Key) -> Pattern:
    """A melody of one motif, so that it is recognised when it returns: chord tones first, then the scale."""
    motif = _RHYTHMS[int(rng.integers(len(_RHYTHMS)))]
    pitch = 76

    def play(now: Moment) -> Iterator[Note]:
        nonlocal pitch
        steps = [(0.0, 0)] if now.bar.last else [(beat, move) for beat, move in motif if beat < now.beats]
        if now.number % 4 == 3 and not now.bar.last:
            steps = steps[:1]  # a breath at the end of each phrase
        for number, (beat, move) in enumerate(steps):
            allowed = now.chord.classes if number == 0 else key.scale
            wanted = pitch + 2 * move
            pitch = min((abs(p - wanted), p) for p in range(67, 86) if p % 12 in allowed)[1]
            until = steps[number + 1][0] if number + 1 < len(steps) else now.beats
            at = now.start_s + beat * now.beat_s
            yield Note("flute", at, (until - beat) * now.beat_s * 0.95, pitch, 0.4 + 0.3 * now.intensity)

    return play
