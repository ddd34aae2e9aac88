"""Many streams read by one thread, as cheaply as Python can: what it costs delays all sides alike."""

import re
import select
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

KEY = re.compile(rb"^(?:id|data): (\d+)(?:\n| )", re.MULTILINE)
"""An event's number: its id, or (as nchan gives ids of its own) the first word of its data."""
SAFETY_S = 0.05


class Readers:
    """Keeps when each stream received which event: ``received[n][key]`` in nanoseconds of the one clock."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self.received: list[dict[int, int]] = [{} for _ in sockets]
        self.frame_bytes = 0
        self._sockets = {one.fileno(): one for one in sockets}
        self._number = {one.fileno(): n for n, one in enumerate(sockets)}
        self._held = dict.fromkeys(self._sockets, b"")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def wait_for(self, key: int, patience_s: float) -> None:
        """Until all have it, or the time is over."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(key not in received for received in self.received):
            time.sleep(SAFETY_S)

    def _read(self) -> None:
        with select.epoll() as epoll:
            for fd in self._sockets:
                epoll.register(fd, select.EPOLLIN)
            while not self._ended.is_set():
                for fd, _ in epoll.poll(SAFETY_S):
                    data = self._sockets[fd].recv(65536)
                    if data:
                        self._note(fd, data)
                    else:
                        epoll.unregister(fd)

    def _note(self, fd: int, data: bytes) -> None:
        now = time.monotonic_ns()
        *frames, self._held[fd] = (self._held[fd] + data).split(b"\n\n")
        for frame in frames:
            found = KEY.search(frame)
            if found:
                self.received[self._number[fd]].setdefault(int(found[1]), now)
                self.frame_bytes = len(frame) + 2


@contextmanager
def readers(url: str, path: str, marker: bytes, clients: int) -> Iterator[Readers]:
    """So many open streams, each subscribed: ``marker`` is the first that a server says then."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    sockets: list[socket.socket] = []
    try:
        for _ in range(clients):
            one = socket.create_connection((host, int(port)), timeout=30)
            sockets.append(one)
            one.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
            )
        for one in sockets:
            said = b""
            while marker not in said:
                more = one.recv(65536)
                assert more, said
                said += more
        reading = Readers(sockets)
        try:
            yield reading
        finally:
            reading.close()
    finally:
        for one in sockets:
            one.close()
