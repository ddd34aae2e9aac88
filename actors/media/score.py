"""From a music plan to notes: sections fitted to the film's length, chords voiced, every instrument's part.

The film decides how long the music is. The plan's sections keep their order and proportions, their chords are
repeated as often as needed, and the tempo gives way by a few per cent so that whole bars fill the film and
its last bar rests on the key's home chord. Cues are placed at the scenes' own times, not at the nearest bar.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from actors.media import parts
from actors.media.findings import Finding
from actors.media.harmony import Chord, Key, read_chords, read_key, voice
from actors.media.parts import BEATS, Bar, Moment, Note, Pattern
from domain.script import MusicCue, MusicPlan, MusicSection

_ENTRANCE: Final = ("pad", "strings", "piano", "bass", "plucked", "bells", "flute", "drums")
"""The order in which instruments join as the music grows."""
_ALL_PLAY: Final = 0.75
"""The intensity from which nobody waits."""


@dataclass(frozen=True, slots=True)
class Score:
    """The whole piece; ``beat_s`` is the length of a beat after fitting."""

    notes: tuple[Note, ...]
    bars: tuple[Bar, ...]
    beat_s: float
    key: Key
    cues: tuple[tuple[float, str], ...]
    """(time in seconds, cue)."""


def write_score(plan: MusicPlan, duration_s: float, scene_starts_s: Sequence[float], seed: int = 0) -> Score:
    """The notes of a piece of exactly ``duration_s``."""
    key, _ = _key_of(plan)
    beat_s, count = _fit_tempo(plan.tempo_bpm, duration_s)
    cues = tuple(_timed_cues(plan.cues, scene_starts_s, duration_s))
    bars = tuple(_lay_bars(plan.sections, key, beat_s, count))
    stable = hashlib.sha256(f"{seed}|{plan.model_dump_json()}".encode()).digest()
    rng = np.random.default_rng(list(stable[:8]))
    players = [name for name in _ENTRANCE if name in plan.instruments]
    patterns = _patterns(key, rng)
    moments = _moments(bars, beat_s)
    notes = [
        note
        for rank, name in enumerate(players)
        for moment in moments
        if moment.bar.last or moment.intensity >= rank / len(players) * _ALL_PLAY
        for note in patterns[name](moment)
    ]
    notes += _cue_notes(cues, bars, beat_s, players)
    ordered = sorted(notes, key=lambda note: (note.start_s, note.instrument, note.pitch))
    return Score(tuple(ordered), bars, beat_s, key, cues)


def remarks(plan: MusicPlan) -> list[Finding]:
    """What of the plan cannot be read as it is written, and what is played in its place; each thing once."""
    key, unread = _key_of(plan)
    found = [unread] if unread else []
    for section in plan.sections:
        found += [remark for _, remark in read_chords(section.chords, key) if remark]
    return list(dict.fromkeys(found))


def _key_of(plan: MusicPlan) -> tuple[Key, Finding | None]:
    return read_key(plan.key, [name for section in plan.sections for name in section.chords])


def _fit_tempo(tempo_bpm: int, duration_s: float) -> tuple[float, int]:
    """Length of a beat and number of bars, so that bars fill the film and the tempo is nearly the plan's."""
    bars = max(1, round(duration_s * tempo_bpm / 60 / BEATS))
    return duration_s / (bars * BEATS), bars


def _lay_bars(
    sections: Sequence[MusicSection],
    key: Key,
    beat_s: float,
    count: int,
) -> Iterator[Bar]:
    bar_s = beat_s * BEATS
    lengths = _share_bars([section.bars for section in sections], count)
    number = 0
    for section, length in zip(sections, lengths, strict=True):
        chords = [chord for chord, _ in read_chords(section.chords, key)]
        for n in range(length):
            last = number == count - 1
            if last:
                here: tuple[Chord, ...] = (key.home,)
            elif len(chords) > length:  # more chords than bars: several in a bar
                here = tuple(chords[n * len(chords) // length : (n + 1) * len(chords) // length])[:BEATS]
            else:
                here = (chords[n % len(chords)],)
            yield Bar(number * bar_s, section.name, here, section.intensity, last)
            number += 1


def _share_bars(wanted: Sequence[int], count: int) -> list[int]:
    """Divide ``count`` bars in the plan's proportions; every section gets one while there are enough."""
    total = sum(wanted)
    if count < len(wanted):  # too short for all: beginning and end stay, then the longest
        order = sorted(range(len(wanted)), key=lambda n: (n not in {0, len(wanted) - 1}, -wanted[n], n))
        return [int(n in order[:count]) for n in range(len(wanted))]
    exact = [bars * count / total for bars in wanted]
    shares = [max(1, int(bars)) for bars in exact]
    while sum(shares) > count:
        shares[max(range(len(shares)), key=lambda n: (shares[n] > 1, shares[n] - exact[n]))] -= 1
    while sum(shares) < count:
        shares[max(range(len(shares)), key=lambda n: exact[n] - shares[n])] += 1
    return shares


def _timed_cues(
    cues: Sequence[MusicCue], starts_s: Sequence[float], duration_s: float
) -> Iterator[tuple[float, str]]:
    for cue in sorted(cues, key=lambda cue: cue.scene):
        if cue.scene <= len(starts_s) and starts_s[cue.scene - 1] < duration_s:
            yield float(starts_s[cue.scene - 1]), cue.cue


def _patterns(key: Key, rng: np.random.Generator) -> dict[str, Pattern]:
    return {
        "pad": parts.pad,
        "strings": parts.strings,
        "piano": parts.piano,
        "bass": parts.bass,
        "plucked": parts.plucked,
        "bells": parts.bells,
        "flute": parts.flute(rng, key),
        "drums": parts.drums(rng),
    }


def _moments(bars: Sequence[Bar], beat_s: float) -> list[Moment]:
    """Every chord in its place, voiced to move as little as possible."""
    moments: list[Moment] = []
    notes: tuple[int, ...] = ()
    for number, bar in enumerate(bars):
        beats = BEATS / len(bar.chords)
        for step, chord in enumerate(bar.chords):
            notes = voice(chord, notes)
            at = bar.start_s + step * beats * beat_s
            moments.append(Moment(bar, number, at, beats, beat_s, chord, notes))
    return moments


def _cue_notes(
    cues: Sequence[tuple[float, str]], bars: Sequence[Bar], beat_s: float, players: Sequence[str]
) -> Iterator[Note]:
    """Accents and shimmers are notes; swells, drops and silences are shapes of loudness (see music)."""
    for at, cue in cues:
        bar = max((bar for bar in bars if bar.start_s <= at), key=lambda bar: bar.start_s)
        notes = voice(bar.chords[0], ())
        if cue == "accent":
            struck = "piano" if "piano" in players else "bells"
            yield Note(struck, at, 3.0, 36 + (bar.chords[0].bass - 36) % 12, 0.8)
            for pitch in notes:
                yield Note(struck, at, 3.0, pitch, 0.6)
        elif cue == "shimmer":
            for step in range(8):
                pitch = notes[step % len(notes)] + 12 * (1 + step // len(notes))
                yield Note("bells", at + step * beat_s / 4, 2.5, pitch, 0.34 - 0.02 * step)
