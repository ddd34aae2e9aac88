"""A film that is not all there is found out, wherever it was cut and whatever was put behind it."""

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.media import container
from actors.media.check import check
from actors.media.cues import Cue
from actors.media.encode import encode_segment
from actors.media.errors import EncodeError
from actors.media.expect import expected
from actors.media.film import join
from actors.media.formats import Format
from tests.actors.media.sounding import soundtrack_of

SHAPE = Format(64, 48, 24)
CUT = {"cut_short", "no_index", "trailing_data", "video_missing", "audio_missing"}


def make(path: Path, seconds: int = 1) -> None:
    rng = np.random.default_rng(4)
    scene = np.repeat(np.repeat(rng.integers(30, 220, (18, 40), np.uint8), 4, axis=0), 4, axis=1)
    frames = []
    for n in range(24 * seconds):
        frame = np.full((72, 64), 128, np.uint8)
        frame[:48] = scene[:48, n % 40 : n % 40 + 64]
        frames.append(frame)
    wave = np.sin(np.arange(48_000 * seconds) * 0.05).astype(np.float32)
    join(
        [encode_segment(frames, SHAPE)],
        SHAPE,
        path,
        sound=soundtrack_of(path.parent, np.stack([wave, wave], 1))[0],
        cues=[Cue(0, 500, ("a",))],
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make(path)
    return path


@pytest.fixture(scope="module")
def last(film: Path) -> Path:
    """The same film with its index behind the data, as other programs write it."""
    path = film.with_name("last.mp4")
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        streams = {
            s.index: target.add_stream_from_template(s) for s in source.streams if s.type != "subtitle"
        }
        for packet in source.demux():
            if packet.dts is not None and packet.stream.index in streams:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return path


def codes(path: Path) -> set[str]:
    """What the check finds, as `reelog check` tells it."""
    try:
        report = check(path, expected(path))
    except EncodeError as error:
        return {error.code, *(fault.code for fault in container.faults(path))}
    return {finding.code for finding in report.findings}


def test_a_whole_film_is_whole(film: Path, last: Path) -> None:
    for path in (film, last):
        assert not list(container.faults(path))
        assert not list(container.lost_packets(path))
    assert container.index_first(film)
    assert not container.index_first(last)
    assert codes(film) == set()


def test_every_truncation_is_found(film: Path, last: Path) -> None:
    cut = film.with_name("cut.mp4")
    for whole in (film.read_bytes(), last.read_bytes()):
        ends = {box.end for box in container.boxes(film)} | {box.end for box in container.boxes(last)}
        for length in range(8, len(whole), 31):
            cut.write_bytes(whole[:length])
            assert list(container.faults(cut)) or length in ends, length
        for length in sorted(end for end in ends if end < len(whole)):
            cut.write_bytes(whole[:length])
            assert codes(cut) & CUT or "film_unreadable" in codes(cut), length


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_truncation_passes_the_whole_check(film: Path, data: st.DataObject) -> None:
    whole = film.read_bytes()
    cut = film.with_name("drawn.mp4")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert codes(cut)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_film_with_wrong_bytes_is_never_more_than_its_check_can_bear(
    film: Path, data: st.DataObject
) -> None:
    damaged = bytearray(film.read_bytes())
    index = next(box for box in container.boxes(film) if box.kind == b"moov")
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, index.end + 400))] = data.draw(st.integers(0, 255))
    path = film.with_name("damaged.mp4")
    path.write_bytes(damaged)
    codes(path)


def test_where_sound_and_picture_end_is_told(film: Path, tmp_path: Path) -> None:
    [data] = [box for box in container.boxes(film) if box.kind == b"mdat"]
    half = tmp_path / "half.mp4"
    half.write_bytes(film.read_bytes()[: (data.start + data.end) // 2])
    found = {fault.code: fault for fault in container.lost_packets(half)}
    assert found.keys() == {"video_missing", "audio_missing"}
    assert all(0.2 < (fault.at_s or 0) < 0.9 for fault in found.values())
    assert found["video_missing"].message.startswith("The index tells 24 packets of picture, and ")


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 99, b"garbage", b"\xff" * 999, b"\0\0\0\x09junk!"])
def test_what_stands_behind_a_film_is_found(film: Path, tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film.read_bytes() + tail)
    assert "trailing_data" in codes(path)
    path.write_bytes(film.read_bytes() * 2)
    assert "trailing_data" in codes(path)


def test_free_space_behind_a_film_is_no_fault(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film.read_bytes() + b"\0\0\0\x10free" + b"\0" * 8)
    assert codes(path) == set()


@pytest.mark.parametrize("fill", [b"\0", b"\xff"])
def test_a_film_of_full_length_whose_end_never_arrived_is_found(
    film: Path, tmp_path: Path, fill: bytes
) -> None:
    whole = film.read_bytes()
    path = tmp_path / "film.mp4"
    for arrived in (len(whole) - 9_000, len(whole) // 2):
        path.write_bytes(whole[:arrived] + fill * (len(whole) - arrived))
        assert "film_unreadable" in codes(path)


def test_a_film_without_an_index_is_named_so(film: Path, tmp_path: Path) -> None:
    whole = film.read_bytes()
    [index] = [box for box in container.boxes(film) if box.kind == b"moov"]
    path = tmp_path / "film.mp4"
    path.write_bytes(whole[: index.start] + whole[index.end :])
    assert codes(path) == {"film_unreadable", "no_index"}
