"""A zip archive as it is read: one piece after the other, with nothing kept but the list of what is in it."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from stat import S_IFREG
from typing import Any

LARGE = 1 << 31
"""From this size on a member is written in the form for large ones."""


@dataclass(frozen=True)
class Member:
    """``read`` gives the bytes when their turn comes; ``packed`` where that makes them smaller."""

    path: str
    size: int
    read: Callable[[], Iterable[bytes]]
    packed: bool = False


def zipped(members: Iterable[Member], modified: datetime) -> Iterator[bytes]:
    """The archive of these members, which all bear one date: the same members give the same bytes."""
    held = _Held()
    date = max(modified.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(held, "w") as archive:
        for member in members:
            about = zipfile.ZipInfo(member.path, date)
            about.compress_type = zipfile.ZIP_DEFLATED if member.packed else zipfile.ZIP_STORED
            about.external_attr = (S_IFREG | 0o644) << 16
            with archive.open(about, "w", force_zip64=member.size >= LARGE) as target:
                for chunk in member.read():
                    target.write(chunk)
                    if held.size:
                        yield held.take()
    yield held.take()


class _Held(RawIOBase):
    """What was written and not yet taken; it can only be written on, as a connection can."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self.size += len(piece)
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return taken
