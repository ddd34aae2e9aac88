"""The score as a file that any sequencer reads: the same notes at the same times."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.media.harmony import parse_key
from actors.media.midi import TICKS, _length, to_midi
from actors.media.score import Score, write_score
from domain.script import MusicPlan


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        size = int.from_bytes(data[4:8], "big")
        yield data[:4], data[8 : 8 + size]
        data = data[8 + size :]


def length(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def events(track: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(tick, status or kind of meta event, data): as the standard says, written apart from the writer."""
    at = tick = 0
    while at < len(track):
        delta, at = length(track, at)
        tick += delta
        status = track[at]
        if status == 0xFF:
            size, begin = length(track, at + 2)
            yield tick, track[at + 1], track[begin : begin + size]
            at = begin + size
        else:
            size = 2 if status >> 4 == 0xC else 3
            yield tick, status, track[at + 1 : at + size]
            at += size
    assert at == len(track)


@pytest.fixture
def score(plan: MusicPlan) -> Score:
    cued = MusicPlan.model_validate({**plan.model_dump(), "cues": [{"scene": 2, "cue": "swell"}]})
    return write_score(cued, 21.5, [0.0, 9.0])


def test_the_file_has_a_track_for_tempo_and_one_for_each_instrument(score: Score) -> None:
    (kind, header), *tracks = chunks(to_midi(score, "Größe"))
    assert kind == b"MThd"
    assert header == bytes([0, 1, 0, len(tracks), TICKS >> 8, TICKS & 0xFF])
    names = [next(data for _, what, data in events(body) if what == 3).decode() for _, body in tracks]
    assert names == ["Größe", "piano", "bass", "pad", "drums"]
    for kind, body in tracks:
        assert kind == b"MTrk"
        assert list(events(body))[-1][1:] == (0x2F, b"")


def test_every_note_stands_where_the_score_has_it(score: Score) -> None:
    _, *tracks = chunks(to_midi(score))
    tempo = next(data for _, what, data in events(tracks[0][1]) if what == 0x51)
    beat_s = int.from_bytes(tempo, "big") / 1_000_000
    assert beat_s == pytest.approx(score.beat_s, rel=1e-5)
    for number, name in enumerate(["piano", "bass", "pad", "drums"], 1):
        struck = [
            (tick / TICKS * beat_s, data[0])
            for tick, what, data in events(tracks[number][1])
            if what >> 4 == 9
        ]
        wanted = {(note.start_s, note.pitch) for note in score.notes if note.instrument == name}
        assert len(struck) >= len(wanted) * 0.95
        for at, pitch in struck:
            assert any(pitch == other and abs(at - start) < 0.002 for start, other in wanted)


def test_every_note_that_begins_ends_and_none_is_struck_while_it_sounds(score: Score) -> None:
    _, *tracks = chunks(to_midi(score))
    for _, body in tracks[1:]:
        sounding: set[int] = set()
        for _, what, data in events(body):
            if what >> 4 == 9:
                assert data[0] not in sounding
                sounding.add(data[0])
            elif what >> 4 == 8:
                sounding.remove(data[0])
        assert not sounding


def test_sections_and_cues_are_markers(score: Score) -> None:
    _, (_, conductor), *_ = chunks(to_midi(score))
    marks = [
        (tick / TICKS * score.beat_s, data.decode()) for tick, what, data in events(conductor) if what == 6
    ]
    assert [text for _, text in marks if ":" not in text] == ["intro", "climax", "ending"]
    assert [at for at, text in marks if text == "cue: swell"] == [pytest.approx(9.0, abs=0.002)]


@pytest.mark.parametrize(
    ("key", "sharps", "minor"),
    [("C major", 0, 0), ("D major", 2, 0), ("Eb major", -3, 0), ("A minor", 0, 1), ("F# minor", 3, 1)],
)
def test_the_key_is_written_as_sharps_or_flats(score: Score, key: str, sharps: int, minor: int) -> None:
    told = Score(score.notes, score.bars, score.beat_s, parse_key(key), score.cues)
    _, (_, conductor), *_ = chunks(to_midi(told))
    assert [data for _, what, data in events(conductor) if what == 0x59] == [bytes([sharps & 0xFF, minor])]


@pytest.mark.slow
@given(st.integers(0, 2**28 - 1))
def test_lengths_are_read_back_as_they_were_written(value: int) -> None:
    assert length(_length(value), 0)[0] == value
