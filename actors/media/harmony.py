"""Chord and key names as musicians write them, read into notes; and voicings that move as little as they can.

A name is read from left to right: the root, the triad, what is added and altered. One that is not wholly
understood is played as the triad that its beginning names, and one that names nothing as the key's own chord;
both are remarked. A plan that was paid for is not thrown away for one chord.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from actors.media.errors import MusicError
from actors.media.findings import Finding

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_ACCIDENTALS: Final = {
    "": 0, "#": 1, "b": -1, "##": 2, "bb": -2, "x": 2,
    "is": 1, "isis": 2, "es": -1, "s": -1, "eses": -2,
}  # fmt: skip
"""Also in German: Fis is F#, Es is E flat."""
_ROOT: Final = re.compile(r"([A-H])(##|bb|#|b|x|isis|is|eses|es(?!us)|(?<=[AE])s(?!us))?")
_TRIADS: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
}
_SUSPENDED: Final = {"sus2": "sus2", "sus4": "sus4", "sus": "sus4", "4": "sus4"}
_CHANGES: Final[dict[str, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "2": ((), (14,)),
    "6": ((), (9,)),
    "69": ((), (9, 14)),
    "7": ((), (10,)),
    "9": ((), (10, 14)),
    "11": ((), (10, 14, 17)),
    "13": ((), (10, 14, 21)),
    "maj7": ((), (11,)),
    "maj9": ((), (11, 14)),
    "maj11": ((), (11, 14, 17)),
    "maj13": ((), (11, 14, 21)),
    "add2": ((), (14,)),
    "add4": ((), (17,)),
    "add6": ((), (9,)),
    "add9": ((), (14,)),
    "add11": ((), (17,)),
    "add13": ((), (21,)),
    "b5": ((7,), (6,)),
    "#5": ((7,), (8,)),
    "aug": ((7,), (8,)),
    "b9": ((14,), (13,)),
    "#9": ((14,), (15,)),
    "#11": ((17,), (18,)),
    "b13": ((21,), (20,)),
    "alt": ((7,), (8, 10, 13)),
    "no3": ((3, 4), ()),
    "omit3": ((3, 4), ()),
    "no5": ((7,), ()),
    "omit5": ((7,), ()),
}
"""What each part of a name takes from the triad and adds to it, in semitones above the root."""
_PART: Final = re.compile(
    "|".join(sorted({*_TRIADS, *_SUSPENDED, *_CHANGES, "maj"} - {""}, key=len, reverse=True))
)
_SPELLINGS: Final = (
    (r"[\s()\[\],♮]", ""), (r"♯", "#"), (r"♭", "b"), (r"[−–—‑]", "-"),
    (r"/(?=\d|[Mm]aj)", ""), (r"(?<=no[35])(?:rd|th)", ""), (r"[Δ△^]7?", "maj7"),
    (r"(?i:half-?dim(?:inished)?|[øØ])7?", "m7b5"),
    (r"(?i:diminished)|[°º]", "dim"), (r"(?<=^[A-Ha-h])o(?=7|$|/)", "dim"), (r"(?<=[#b])o(?=7|$|/)", "dim"),
    (r"(?i:augmented)", "aug"), (r"(?i:seventh)", "7"), (r"(?i:dom(?:inant)?)", ""),
    (r"(?i:minor|min)|[Mm]i(?=\d|$|/|[Mm])", "m"), (r"(?i:major|maj)|[Mm]a(?=\d)|m?j(?=7)|M(?![a-z])", "maj"),
    (r"\+(?=9|11)", "#"), (r"\+", "aug"), (r"(?<=\d)-(?=5|9|13)", "b"),
    (r"(?<=^[A-Ha-h])-(?=\d|$|/|maj)", "m"), (r"(?<=^[A-Ha-h][#b])-(?=\d|$|/|maj)", "m"),
)  # fmt: skip
"""One spelling for each quality, in this order."""
_MAJOR_WORDS: Final = frozenset(
    ["M", "maj", "major", "dur", "ionian", "lydian", "mixolydian", "dominant", "majeur", "mayor", "maggiore"]
)
_MINOR_WORDS: Final = frozenset(
    [
        "m",
        "min",
        "minor",
        "moll",
        "aeolian",
        "dorian",
        "phrygian",
        "locrian",
        "blues",
        "mineur",
        "menor",
        "minore",
    ]
)
_NO_CHORD: Final = frozenset(["nc", "n.c.", "n.c", "no", "nochord", "none", "rest", "silence", "tacet", "-"])
_REPEATED: Final = frozenset(["%", "/", "''"])
_DEGREE: Final = re.compile(r"([#b]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?![A-Za-z]*[A-H])")
_DEGREES: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_SHOWN: Final = 40
"""Characters of a name that is not understood."""


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
    """``C major``, ``A natural minor``, ``F# min``, ``Bbm``, ``c minor``, ``D dorian``, ``cis-Moll``.

    Raises:
        MusicError: ``key_unknown``.

    """
    text = re.sub(r"(?i)[\s-]*sharp", "#", re.sub(r"(?i)(?<![a-z])([a-h])[\s-]*flat", r"\1b", name.strip()))
    text = re.sub("♯", "#", re.sub("♭", "b", re.sub(r"(?i)^(in\s+|the\s+|key\s+of\s+)+", "", text)))
    german = re.search(r"(?i)dur|moll", text) is not None
    found = _ROOT.match(text[:1].upper() + text[1:])
    rest = text[found.end() :] if found else ""
    words = re.findall(r"[^\W\d_]+", rest)
    modes = [mode for mode in map(_is_minor, words) if mode is not None]
    if not found or (words and not modes) or (rest[:1].isalpha() and _is_minor(words[0]) is None):
        raise MusicError(
            "key_unknown", f"The key {_shown(name)} cannot be read", "Write it as C major or A minor"
        )
    if "dominant" in rest.casefold():  # of the phrygian mode: the one with a major third
        modes = [False]
    flat = german and found.group() == "B"  # as German calls B flat
    minor = modes[0] if modes else text[0].islower()
    return Key((_pitch(found) - flat) % 12, minor)


def read_key(name: str, chords: Sequence[str]) -> tuple[Key, Finding | None]:
    """The key, or where its name cannot be read that of the first chord that can, with a remark."""
    try:
        return parse_key(name), None
    except MusicError as error:
        told = error.message
        first = next((read.chord for read in map(_read, chords) if read), Chord(0, _TRIADS[""], 0))
    key = Key(first.root, 3 in first.intervals)
    message = f"{told}: the music rests on its first chord"
    return key, Finding("key_unknown", message, value=name[:_SHOWN], remark=True)


def _is_minor(word: str) -> bool | None:
    """What a word of a key's name says of its third; None where it says nothing."""
    if word == "M":
        return False
    folded = word.casefold()
    return True if folded in _MINOR_WORDS else False if folded in _MAJOR_WORDS else None


def parse_chord(name: str) -> Chord:
    """``Am``, ``Gsus4``, ``Dm7``, ``Fmaj9``, ``Bm7b5``, ``C/E``, ``Cadd9`` and the usual other spellings.

    Raises:
        MusicError: ``chord_unknown``.

    """
    read = _read(name)
    if read is None or not read.whole:
        raise MusicError(
            "chord_unknown",
            f"The chord {_shown(name)} cannot be read",
            "Write chords as Am, F, Gsus4, Dm7 or C/E",
        )
    return read.chord


def read_chords(names: Sequence[str], key: Key) -> Iterator[tuple[Chord, Finding | None]]:
    """Each chord as it is played in this key, with a remark where that is not all that its name says."""
    before = key.home
    for name in names:
        before, remark = _played(name, key, before)
        yield before, remark


def _played(name: str, key: Key, before: Chord) -> tuple[Chord, Finding | None]:
    plain = re.sub(r"\s+", "", name).casefold()
    if plain in _REPEATED:
        return before, None
    if plain in _NO_CHORD:
        message = f"{_shown(name)} names no chord: the one before it is held"
        return before, Finding("chord_held", message, value=name[:_SHOWN], remark=True)
    read = _degree(name, key) or _read(name)
    if read is None:
        message = f"The chord {_shown(name)} cannot be read: the key's own is played"
        return key.home, Finding("chord_unknown", message, value=name[:_SHOWN], remark=True)
    if read.whole:
        return read.chord, None
    message = f"The chord {_shown(name)} cannot be read to its end: its triad is played"
    return read.chord, Finding("chord_simplified", message, value=name[:_SHOWN], remark=True)


class _Read(NamedTuple):
    chord: Chord
    whole: bool
    """Whether all of the name was understood; the chord is its triad else."""


def _read(name: str) -> _Read | None:
    text = _plain(name)
    minor = len(text) == 1 and text.islower()  # a musician's small letter
    found = _ROOT.match(text[:1].upper() + text[1:])
    return _qualities(_pitch(found), ("m" if minor else "") + text[found.end() :]) if found else None


def _degree(name: str, key: Key) -> _Read | None:
    """A step of the key in Roman numerals, capitals major and small ones minor."""
    text = _plain(name)
    found = _DEGREE.match(text)
    if not found:
        return None
    sign, degree = found.groups()
    rest = text[found.end() :]
    # A sign counts from the major scale: the flat third of a minor key is the third that it has.
    scale = Key(key.tonic, minor=False).scale if sign else key.scale
    small = "m" if degree.islower() and not re.match("m|dim|aug|sus", rest) else ""
    step = scale[_DEGREES.index(degree.upper())] + _ACCIDENTALS[sign]
    return _qualities(step % 12, small + rest)


def _qualities(root: int, text: str) -> _Read:
    """The chord on a root from what stands behind it."""
    quality, _, under = text.rpartition("/") if "/" in text else (text, "", "")
    bass = _ROOT.fullmatch(under[:1].upper() + under[1:]) if under else None
    low = _pitch(bass) if bass else root
    whole = not ("/" in text and bass is None)
    beginning = _PART.match(quality)
    triad = beginning.group() if beginning and beginning.group() in _TRIADS else ""
    at = len(triad) or (len("maj") if beginning and beginning.group() == "maj" else 0)
    notes = set(_TRIADS[triad])
    while at < len(quality):
        found = _PART.match(quality, at)
        part = found.group() if found else ""
        if part in _SUSPENDED:
            notes = notes - set(_TRIADS[triad]) | set(_TRIADS[_SUSPENDED[part]])
        elif part in _CHANGES:
            taken, added = _CHANGES[part]
            notes = notes - set(taken) | set((9,) if (triad, part) == ("dim", "7") else added)
        else:
            return _Read(Chord(root, _TRIADS[triad], low), whole=False)
        at += len(part)
    return _Read(Chord(root, tuple(sorted(notes)), low), whole)


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
    text = name.strip()
    for written, meant in _SPELLINGS:
        text = re.sub(written, meant, text)
    return text


def _pitch(root: "re.Match[str]") -> int:
    return (_LETTERS[root.group(1)] + _ACCIDENTALS[root.group(2) or ""]) % 12


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…")
