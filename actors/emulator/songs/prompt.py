"""What a prompt asks of a song: length, sections with their times and chords, tempo, key, mood."""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from actors.emulator.vocabulary.matching import mood_of

DEFAULT_S = 90.0
LEAST_S, MOST_S = 5.0, 300.0
_CLOCK = r"(\d{1,2}):(\d{2})(?:\.\d+)?"
_SECTION = re.compile(rf"\[\s*{_CLOCK}\s*[-–—]\s*{_CLOCK}\s*\]\s*([^\n\[]*)")
_LENGTHS = (
    (re.compile(r"(\d+(?:\.\d+)?)[\s-]*(?:minutes?|min)\b", re.IGNORECASE), 60.0),
    (re.compile(r"(\d+(?:\.\d+)?)[\s-]*(?:seconds?|secs?|s)\b", re.IGNORECASE), 1.0),
)
_TEMPO = re.compile(r"(\d{2,3})\s*(?:bpm|beats per minute)", re.IGNORECASE)
_PACES = ((r"\bvery slow|largo\b", 56), (r"\bslow|adagio|ballad\b", 68), (r"\bfast|driving|allegro\b", 128))
_MOOD_TEMPO = {"energetic": 124, "epic": 100, "joyful": 116, "tense": 108, "serene": 72, "melancholic": 66}
MINOR = frozenset({"tense", "melancholic", "mysterious", "epic"})
_KEY = re.compile(r"\b[Kk]ey(?:\s+of)?\s*:?\s+([A-G][#♯b♭]?)(?![A-Za-z])\s*(major|minor|maj|min|m\b)?")
_CHORDS = re.compile(r"\bchords?:?\s+((?:[A-G][#♯b♭]?[a-z0-9+°ø/]*[\s,|–-]*)+)")
_CHORD = re.compile(r"([A-G])([#♯b♭]?)([a-z0-9+°ø]*)")
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ENERGY = (
    (r"\bhardly there", 0.25),
    (r"\boutro|ending|fade|coda|close", 0.2),
    (r"\bintro|opening|quiet|sparse|calm|soft|gentle", 0.3),
    (r"\bclimax|chorus|peak|full|drop|finale|triumph|swell", 1.0),
    (r"\bbuild|rise|rising|grow|moving|tension|drive", 0.75),
    (r"\bbridge|breakdown|interlude", 0.45),
)
_PLAN = (("Intro", 0.15, 0.3), ("Verse", 0.35, 0.6), ("Chorus", 0.35, 1.0), ("Outro", 0.15, 0.25))


class Chord(NamedTuple):
    """``root`` in semitones above C; a minor third or a major one."""

    root: int
    minor: bool


@dataclass(frozen=True)
class Section:
    """A stretch of the song; ``energy`` 0 to 1 decides who plays."""

    start: float
    end: float
    name: str
    energy: float
    chords: tuple[Chord, ...] = ()
    """In turn, a bar each; none: the song's own."""


@dataclass(frozen=True)
class SongWish:
    """All that is asked for."""

    seconds: float
    sections: tuple[Section, ...]
    beats_per_minute: float
    mood: str
    key: Chord | None = None

    @property
    def minor(self) -> bool:
        return self.key.minor if self.key else self.mood in MINOR

    def structure(self) -> str:
        """As the real model writes it before the sound: a line a section."""
        return "\n".join(f"[{each.start:.1f}:] {each.name}" for each in self.sections)


def read(prompt: str, fixed_s: float | None = None) -> SongWish:
    sections = _sections(prompt)
    seconds = fixed_s or _length(_SECTION.sub("", prompt)) or (sections[-1].end if sections else DEFAULT_S)
    seconds = min(MOST_S, max(LEAST_S, seconds))
    mood = mood_of(prompt) or "serene"
    return SongWish(seconds, _fitted(sections, seconds), _tempo(prompt, mood), mood, _key(prompt))


def _chord(letter: str, sign: str, rest: str) -> Chord:
    shift = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(sign, 0)
    minor = (rest.startswith("m") and not rest.startswith("maj")) or rest.startswith(("dim", "°", "ø"))
    return Chord((SEMITONES[letter.upper()] + shift) % 12, minor)


def _key(prompt: str) -> Chord | None:
    found = _KEY.search(prompt)
    return _chord(found[1][0], found[1][1:], (found[2] or "").lower()) if found else None


def _chords(words: str) -> tuple[Chord, ...]:
    found = _CHORDS.search(words)
    return tuple(_chord(*each.groups()) for each in _CHORD.finditer(found[1])) if found else ()


def _length(prompt: str) -> float | None:
    for pattern, unit in _LENGTHS:
        if found := pattern.search(prompt):
            return float(found[1]) * unit
    return None


def _tempo(prompt: str, mood: str) -> float:
    if found := _TEMPO.search(prompt):
        return float(min(180, max(40, int(found[1]))))
    for pattern, tempo in _PACES:
        if re.search(pattern, prompt, re.IGNORECASE):
            return float(tempo)
    return float(_MOOD_TEMPO.get(mood, 84))


def _energy(words: str, otherwise: float) -> float:
    for pattern, energy in _ENERGY:
        if re.search(pattern, words, re.IGNORECASE):
            return energy
    return otherwise


def _sections(prompt: str) -> list[Section]:
    found = []
    for each in _SECTION.finditer(prompt):
        start, end = int(each[1]) * 60 + int(each[2]), int(each[3]) * 60 + int(each[4])
        name = each[5].strip() or "Section"
        if end > start:
            found.append(Section(start, end, name, _energy(name, 0.6), _chords(name)))
    return sorted(found, key=lambda each: each.start)


def _fitted(sections: list[Section], seconds: float) -> tuple[Section, ...]:
    """The sections within the song's length, without gaps; a plan of its own where none was asked for."""
    if not sections:
        at, plan = 0.0, []
        for name, share, energy in _PLAN:
            plan.append(Section(at, at + share * seconds, name, energy))
            at += share * seconds
        return tuple(plan)
    kept = [each for each in sections if each.start < seconds]
    ends = [each.start for each in kept[1:]] + [seconds]
    starts = [0.0, *ends[:-1]]
    return tuple(
        replace(each, start=start, end=end) for start, end, each in zip(starts, ends, kept, strict=True)
    )
