"""Is an MP4 file all there? Its boxes, and what its index tells, against what is in it.

A film whose index stands first opens and plays also when its end was never copied, so nobody would notice.
Only the outermost boxes are read here; PyAV reads the index.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import av

from actors.media.errors import EncodeError
from actors.media.findings import Finding

_KNOWN: Final = frozenset(
    b"ftyp moov mdat free skip wide uuid meta udta pdin styp sidx ssix moof mfra emsg prft".split()
)
_ONCE: Final = frozenset((b"ftyp", b"moov"))
_HEAD: Final = 8
"""Bytes of a box that say how long it is and what it holds."""
_LONG: Final = 1
"""In place of a length: it stands in eight bytes more."""


class Box(NamedTuple):
    kind: bytes
    start: int
    end: int
    """By what the box says; beyond the file's end where that was cut off."""


def boxes(path: Path) -> Iterator[Box]:
    """The outermost boxes in order; the last one may reach beyond the file or be none at all."""
    length, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at < length:
            file.seek(at)
            head = file.read(2 * _HEAD)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if size == 0 and kind == b"mdat":
                size = length - at  # to the file's end, by the standard
            elif size == _LONG:
                size = int.from_bytes(head[_HEAD:], "big")
            yield Box(kind, at, at + size)
            if size < _HEAD:
                return
            at += size


def is_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_HEAD)[4:] == b"ftyp"


def index_first(path: Path) -> bool:
    """Whether the ``moov`` box stands before ``mdat``."""
    return next((box.kind for box in boxes(path) if box.kind in {b"moov", b"mdat"}), b"") == b"moov"


def faults(path: Path) -> Iterator[Finding]:
    """What of an MP4 file's own account of itself is not so; of other files nothing is known."""
    if is_mp4(path):
        yield from _box_faults(path)


def _box_faults(path: Path) -> Iterator[Finding]:
    length, seen = path.stat().st_size, set[bytes]()
    for box in boxes(path):
        if length - box.start < _HEAD and b"moov" not in seen:
            yield Finding("cut_short", "The file was cut short, in the head of a box")
        elif box.kind not in _KNOWN or box.kind in _ONCE & seen or box.end - box.start < _HEAD:
            rest = length - box.start
            yield Finding(
                "trailing_data", f"The last {rest} bytes of the file are no part of a film", value=rest
            )
        elif box.end > length:
            name, missing = box.kind.decode(), box.end - length
            yield Finding(
                "cut_short",
                f"The file was cut short: {missing} bytes of its {name} are missing",
                value=missing,
            )
        else:
            seen.add(box.kind)
            continue
        break
    if b"moov" not in seen:
        yield Finding("no_index", "The film has no whole index (moov)")


def opened(path: Path, options: dict[str, str] | None = None) -> Any:
    """The film for reading, whatever bytes its title is made of.

    Raises:
        av.FFmpegError: it cannot be opened.
        EncodeError: ``film_unreadable`` when it holds no picture, or does not say how it is to be decoded.

    """
    film = av.open(str(path), "r", options=options or {}, metadata_errors="replace")
    if not film.streams.video or any(
        stream.codec_context is None for stream in (*film.streams.video, *film.streams.audio)
    ):
        told = "does not say how it is to be decoded" if film.streams.video else "holds no picture"
        film.close()
        raise EncodeError("film_unreadable", f"The film {told}")
    return film


def lost_packets(path: Path) -> Iterator[Finding]:
    """Streams of which less is in the file than the index tells.

    Raises:
        av.FFmpegError: the file cannot be opened.

    """
    # What an edit list leaves out is in the file all the same.
    options = {"ignore_editlist": "1"} if is_mp4(path) else {}
    with opened(path, options) as film:
        streams = [*film.streams.video, *film.streams.audio]
        counts = dict.fromkeys((stream.index for stream in streams), 0)
        ends = dict.fromkeys(counts, 0.0)
        for packet in film.demux(streams):
            if packet.size and not packet.is_corrupt:
                counts[packet.stream.index] += 1
                ends[packet.stream.index] = max(ends[packet.stream.index], _end_s(packet))
        for stream in streams:
            told, found = stream.frames, counts[stream.index]
            if found < told:
                yield Finding(
                    f"{stream.type}_missing",
                    f"The index tells {told} packets of {_NAMES[stream.type]}, and {found} are in the file",
                    at_s=ends[stream.index],
                    value=told - found,
                )


_NAMES: Final = {"video": "picture", "audio": "sound"}


def _end_s(packet: Any) -> float:
    if packet.pts is None or packet.time_base is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)
