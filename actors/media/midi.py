"""The score as a standard MIDI file, so that whoever has better instruments can play it again.

A hundred bytes of format are written here by hand: a library for reading and playing MIDI would be a
dependency for three functions. What the synthesiser does to loudness (sections, swells) is not in the notes;
sections and cues are markers at their places.
"""

from collections.abc import Iterable
from typing import Final

from actors.media.parts import Note
from actors.media.score import Score

TICKS: Final = 480
"""In a beat."""
_DRUM_CHANNEL: Final = 9
_PROGRAMS: Final = {  # General MIDI, counted from 0
    "piano": 0,
    "bells": 9,
    "plucked": 24,
    "bass": 32,
    "strings": 48,
    "flute": 73,
    "pad": 89,
    "drums": 0,
}
_META: Final = b"\xff"
_NAME, _MARKER, _END, _TEMPO, _METRE, _KEY = b"\x03", b"\x06", b"\x2f", b"\x51", b"\x58", b"\x59"

Event = tuple[int, int, bytes]
"""Tick, rank among events of one tick (an end goes before a beginning), and the message."""


def to_midi(score: Score, title: str = "") -> bytes:
    """A format 1 file: tempo, key and markers, then one track for each instrument that plays."""
    names = [name for name in _PROGRAMS if any(note.instrument == name for note in score.notes)]
    melodic = iter(channel for channel in range(16) if channel != _DRUM_CHANNEL)
    tracks = [_conductor(score, title)]
    for name in names:
        channel = _DRUM_CHANNEL if name == "drums" else next(melodic)
        notes = [note for note in score.notes if note.instrument == name]
        head = [(0, 0, _text(_NAME, name)), (0, 1, bytes([0xC0 | channel, _PROGRAMS[name]]))]
        tracks.append(_track([*head, *_played(notes, channel, score.beat_s)]))
    header = _whole(6, 4) + _whole(1, 2) + _whole(len(tracks), 2) + _whole(TICKS, 2)
    return b"MThd" + header + b"".join(tracks)


def _conductor(score: Score, title: str) -> bytes:
    signature = ((score.key.tonic + 3 * score.key.minor) * 7 + 6) % 12 - 6  # sharps, or flats below 0
    events = [
        (0, 0, _text(_NAME, title)),
        (0, 1, _meta(_TEMPO, _whole(round(score.beat_s * 1_000_000), 3))),
        (0, 1, _meta(_METRE, bytes([4, 2, 24, 8]))),
        (0, 1, _meta(_KEY, bytes([signature & 0xFF, score.key.minor]))),
    ]
    section = None
    for bar in score.bars:
        if bar.section != section:
            section = bar.section
            events.append((_tick(bar.start_s, score.beat_s), 2, _text(_MARKER, section)))
    events += [(_tick(at, score.beat_s), 3, _text(_MARKER, f"cue: {cue}")) for at, cue in score.cues]
    return _track(events)


def _played(notes: Iterable[Note], channel: int, beat_s: float) -> Iterable[Event]:
    """Beginnings and ends; a pitch that is struck again ends where it begins again."""
    sounding: dict[int, tuple[int, int]] = {}
    for note in sorted(notes, key=lambda note: (note.start_s, note.pitch)):
        start = _tick(note.start_s, beat_s)
        end = max(start + 1, _tick(note.start_s + note.length_s, beat_s))
        before = sounding.get(note.pitch)
        if before is not None:
            if before[0] == start:
                continue  # the same key cannot be struck twice at once
            yield min(before[1], start), 2, bytes([0x80 | channel, note.pitch, 0])
        velocity = min(127, max(1, round(note.velocity * 127)))
        yield start, 3, bytes([0x90 | channel, note.pitch, velocity])
        sounding[note.pitch] = start, end
    for pitch, (_, end) in sounding.items():
        yield end, 2, bytes([0x80 | channel, pitch, 0])


def _tick(seconds: float, beat_s: float) -> int:
    return round(seconds / beat_s * TICKS)


def _track(events: Iterable[Event]) -> bytes:
    written, at = b"", 0
    for tick, _, message in sorted(events):
        written += _length(tick - at) + message
        at = tick
    written += b"\x00" + _meta(_END, b"")
    return b"MTrk" + _whole(len(written), 4) + written


def _text(kind: bytes, text: str) -> bytes:
    return _meta(kind, text.encode())


def _meta(kind: bytes, data: bytes) -> bytes:
    return _META + kind + _length(len(data)) + data


def _whole(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def _length(value: int) -> bytes:
    """Seven bits a byte, the highest first; all but the last have the eighth bit set."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
