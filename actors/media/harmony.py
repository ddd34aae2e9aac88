"""Chord and key names as musicians write them, read into notes; and voicings that move as little as they can.

A chord that cannot be read is an error naming it, not a guess: the plan's harmony is what is to be heard.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from actors.media.errors import MusicError

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1, "♮": 0}
_ROOT: Final = r"([A-H])([#♯b♭♮]{0,2})"
_TRIADS: Final = {
    "": (0, 4, 7),
    "maj": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "sus": (0, 5, 7),
    "5": (0, 7),
}
_EXTENSIONS: Final = {
    "": (),
    "6": (9,),
    "6/9": (9, 14),
    "69": (9, 14),
    "7": (10,),
    "maj7": (11,),
    "9": (10, 14),
    "maj9": (11, 14),
    "11": (10, 14, 17),
    "maj11": (11, 14, 17),
    "13": (10, 14, 21),
    "maj13": (11, 14, 21),
    "add2": (14,),
    "add9": (14,),
    "add4": (17,),
    "add11": (17,),
}
_ALTERED: Final = {
    "b5": (7, 6),
    "#5": (7, 8),
    "b9": (14, 13),
    "#9": (14, 15),
    "#11": (17, 18),
    "b13": (21, 20),
}
_CHORD: Final = re.compile(
    rf"{_ROOT}(maj(?=[^\d]|$)|sus2|sus4|sus|dim|aug|m|5(?!\d))?"
    r"(maj7|maj9|maj11|maj13|add2|add9|add4|add11|6/9|69|13|11|9|7|6)?"
    r"(sus2|sus4|sus)?(add9|add11|add2|add4)?((?:\(?(?:b5|#5|b9|#9|#11|b13)\)?,?)*)"
    rf"(?:/{_ROOT})?"
)
_KEY: Final = re.compile(rf"{_ROOT}\s*-?\s*([A-Za-z]*).*")
_MINOR_MODES: Final = ("m", "min", "minor", "moll", "aeolian", "dorian", "phrygian", "locrian")


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes above a root; ``bass`` is the lowest (the root, unless written over a slash)."""

    root: int
    intervals: tuple[int, ...]
    bass: int

    @property
    def classes(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((self.root + interval) % 12 for interval in self.intervals))


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    minor: bool

    @property
    def scale(self) -> tuple[int, ...]:
        steps = (0, 2, 3, 5, 7, 8, 10) if self.minor else (0, 2, 4, 5, 7, 9, 11)
        return tuple((self.tonic + step) % 12 for step in steps)

    @property
    def home(self) -> Chord:
        """The chord on which the music rests at its end."""
        return Chord(self.tonic, (0, 3, 7) if self.minor else (0, 4, 7), self.tonic)


def parse_key(name: str) -> Key:
    """``C major``, ``A minor``, ``F# min``, ``Bbm``, ``D dorian``.

    Raises:
        MusicError: ``key_unknown``.

    """
    found = _KEY.fullmatch(name.strip().replace("-sharp", "#").replace("-flat", "b").replace(" sharp", "#"))
    if not found:
        raise MusicError("key_unknown", f"The key {name!r} cannot be read", "Write it as C major or A minor")
    mode = found.group(3)
    return Key(_pitch(found.group(1), found.group(2)), mode == "m" or mode.casefold() in _MINOR_MODES[1:])


def parse_chord(name: str) -> Chord:
    """``Am``, ``Gsus4``, ``Dm7``, ``Fmaj9``, ``Bm7b5``, ``C/E``, ``Cadd9`` and the usual other spellings.

    Raises:
        MusicError: ``chord_unknown``.

    """
    found = _CHORD.fullmatch(_plain(name))
    if not found:
        raise MusicError(
            "chord_unknown", f"The chord {name!r} cannot be read", "Write chords as Am, F, Gsus4, Dm7 or C/E"
        )
    letter, accidental, triad, extension, suspended, added, altered, bass, bass_accidental = found.groups()
    notes = list(_TRIADS[suspended or triad or ""])
    notes += _EXTENSIONS[extension or ""] + _EXTENSIONS[added or ""]
    if triad == "dim" and extension == "7":
        notes[-1] = 9
    for change in re.findall(r"[b#]\d+", altered or ""):
        plain, changed = _ALTERED[change]
        notes = [note for note in notes if note != plain] + [changed]
    root = _pitch(letter, accidental)
    low = _pitch(bass, bass_accidental) if bass else root
    return Chord(root, tuple(sorted(set(notes))), low)


def voice(chord: Chord, before: Sequence[int], centre: int = 60, most: int = 4) -> tuple[int, ...]:
    """MIDI notes near ``centre``, as close as possible to the chord ``before``; ``most`` notes."""
    classes = chord.classes
    if len(classes) > most:  # the fifth says least
        fifth = (chord.root + 7) % 12
        classes = tuple(c for c in classes if c != fifth)[:most]
    candidates = []
    for low in range(centre - 9, centre + 4):
        if low % 12 not in classes:
            continue
        notes = sorted(low + (c - low) % 12 for c in classes)
        crowded = sum(1 for a, b in pairwise(notes) if b - a < 2)
        middle = abs(sum(notes) / len(notes) - centre)
        travel = sum(min(abs(n - b) for b in before) for n in notes) if before else 0
        candidates.append((travel + 0.6 * middle + 3 * crowded, tuple(notes)))
    return min(candidates)[1]


def _plain(name: str) -> str:
    """One spelling for each quality."""
    text = re.sub(r"\s+", "", name)
    for written, meant in (
        ("♯", "#"), ("♭", "b"), ("ø7", "m7b5"), ("ø", "m7b5"), ("°7", "dim7"), ("°", "dim"), ("o7", "dim7"),
        ("Δ7", "maj7"), ("Δ", "maj7"), ("major", "maj"), ("Major", "maj"), ("minor", "m"), ("Maj", "maj"),
        ("MAJ", "maj"), ("min", "m"), ("Min", "m"), ("mi7", "m7"), ("dom7", "7"), ("+", "aug"),
    ):  # fmt: skip
        text = text.replace(written, meant)
    text = re.sub(r"^([A-H][#b]{0,2})M(?=\d|$)", r"\1maj", text)
    return re.sub(r"^([A-H][#b]{0,2})-(?=\d|$|/)", r"\1m", text)


def _pitch(letter: str, accidentals: str) -> int:
    return (_LETTERS[letter] + sum(_ACCIDENTALS[sign] for sign in accidentals)) % 12
