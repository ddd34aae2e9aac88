"""Composes: the chords asked for, or some by mood; who plays in each section follows from its energy."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from actors.emulator.songs.prompt import Chord, Section, SongWish

BEATS = 4
LOWEST_ROOT = 40
MINOR_THIRD = 3
MAJOR_SCALE, MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
MAJOR_CHORDS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 2, 3, 4))
MINOR_CHORDS = ((0, 5, 2, 6), (0, 3, 5, 4), (0, 6, 5, 6))
PATTERNS = ((0, 2, 4, 2, 7, 4, 2, 4), (0, 4, 2, 4, 7, 4, 9, 7), (0, 2, 4, 7, 9, 7, 4, 2))


@dataclass(frozen=True)
class Note:
    """``at`` and ``lasts`` in seconds, ``key`` as in MIDI, ``pan`` from −1 (left) to 1."""

    at: float
    lasts: float
    key: int
    player: str
    loud: float
    pan: float = 0.0


@dataclass(frozen=True)
class Score:
    """Notes in any order, and how long the song is."""

    notes: tuple[Note, ...]
    seconds: float
    fade_s: float


def compose(wish: SongWish, prompt: str, seed: int) -> Score:
    """The song's notes; the same for the same wish, prompt and seed."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}:{prompt}".encode()).digest()[:8]))
    hand = _Hand(wish, rng)
    bar = BEATS * 60 / wish.beats_per_minute
    notes: list[Note] = []
    n, at = 0, 0.0
    while at < wish.seconds:
        # A bar belongs to the section that most of it lies in.
        section = next((each for each in wish.sections if at + bar / 2 < each.end), wish.sections[-1])
        notes += hand.bar(n, at, bar, section)
        n, at = n + 1, at + bar
    fade = min(6.0, wish.seconds * 0.15)
    return Score(tuple(note for note in notes if note.at < wish.seconds - 0.5), wish.seconds, fade)


def _in_key(degrees: tuple[int, ...], key: Chord) -> tuple[Chord, ...]:
    """The chords on these degrees of the key's scale, each with the third that the scale has there."""
    scale = MINOR_SCALE if key.minor else MAJOR_SCALE
    return tuple(
        Chord((key.root + scale[each]) % 12, (scale[(each + 2) % 7] - scale[each]) % 12 == MINOR_THIRD)
        for each in degrees
    )


def _key(chord: Chord, degree: int) -> int:
    """The key of a degree above the chord's root, which lies between E and E flat."""
    octave, step = divmod(degree, 7)
    root = LOWEST_ROOT + (chord.root - LOWEST_ROOT) % 12
    return root + 12 * octave + (MINOR_SCALE if chord.minor else MAJOR_SCALE)[step]


class _Hand:
    """What is the same throughout a song: key, chords, pattern, and a melody that comes back."""

    def __init__(self, wish: SongWish, rng: np.random.Generator) -> None:
        plans = MINOR_CHORDS if wish.minor else MAJOR_CHORDS
        plan = plans[int(rng.integers(len(plans)))]
        tonic = int(rng.integers(0, 12))
        self._chords = _in_key(plan, wish.key or Chord(tonic, wish.minor))
        self._pattern = PATTERNS[int(rng.integers(len(PATTERNS)))]
        self._melody = [
            [
                (int(beat), int(rng.choice((0, 2, 4, 5, 7))))
                for beat in sorted(rng.choice(8, 3, replace=False))
            ]
            for _ in range(4)
        ]
        self._rng = rng

    def bar(self, n: int, at: float, bar: float, section: Section) -> Iterator[Note]:
        chords, energy = section.chords or self._chords, section.energy
        chord = chords[n % len(chords)]
        beat = bar / BEATS
        for place, degree in enumerate((0, 2, 4, 9)):
            yield Note(at, bar * 1.15, _key(chord, degree) + 12, "pad", 0.22, (place - 1.5) * 0.4)
        if energy >= 0.25:
            for step, degree in enumerate(self._pattern):
                if energy < 0.5 and step % 2:
                    continue
                key = _key(chord, degree) + 24
                loud = 0.2 + 0.12 * energy - 0.05 * (step % 2)
                yield Note(at + step * beat / 2, beat * 2, key, "piano", loud, 0.3 * (-1) ** step)
        if energy >= 0.4:
            yield Note(at, beat * 2, _key(chord, 0) - 12, "bass", 0.42)
            yield Note(at + beat * 2.5, beat * 1.5, _key(chord, 0) - 12, "bass", 0.34)
        if energy >= 0.55:
            for eighth, degree in self._melody[n % 4]:
                yield Note(at + eighth * beat / 2, beat * 1.6, _key(chord, degree) + 24, "flute", 0.22, 0.15)
        yield from self._drums(at, beat, energy)

    def _drums(self, at: float, beat: float, energy: float) -> Iterator[Note]:
        if energy < 0.7:
            return
        for n in range(BEATS):
            yield Note(at + n * beat, 0.3, 36, "kick" if n % 2 == 0 else "snare", 0.5 if n % 2 == 0 else 0.22)
            for half in range(2):
                loud = 0.07 + 0.04 * float(self._rng.random())
                yield Note(at + (n + half / 2) * beat, 0.08, 60, "hat", loud, 0.35)
