"""What may stand between a client and its PostgreSQL, on the loopback."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_SSL, _GSS = 80877103, 80877104
_IDLE = b"I"


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = sock.recv(count - len(data))
        if not chunk:
            raise ConnectionError
        data += chunk
    return data


def _message(sock: socket.socket) -> tuple[bytes, bytes]:
    """One message of the protocol: its kind, and all of its bytes."""
    head = _exactly(sock, 5)
    (length,) = struct.unpack("!I", head[1:])
    return head[:1], head + _exactly(sock, length - 4)


def _first(sock: socket.socket) -> bytes:
    """The startup message, after encryption has been declined."""
    while True:
        head = _exactly(sock, 8)
        length, code = struct.unpack("!II", head)
        if code not in {_SSL, _GSS}:
            return head + _exactly(sock, length - 8)
        sock.sendall(b"N")


def through(proxy: "Proxy", url: str) -> str:
    """The URL of the same database behind the proxy."""
    return f"postgresql://postgres@{proxy.host}:{proxy.port}/{conninfo_to_dict(url)['dbname']}"


class Proxy:
    """Listens on a port of its own and speaks for the server behind the socket."""

    def __init__(self, server_socket: Path, host: str = "127.0.0.1") -> None:
        self._server_socket = server_socket
        self.host = host
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                threading.Thread(target=self._serve_quietly, args=(client,), daemon=True).start()

    def _serve_quietly(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.serve(client)

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError

    def connect(self) -> socket.socket:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(str(self._server_socket))
        self._sockets.append(server)
        return server

    def close(self) -> None:
        for each in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class TransactionPooler(Proxy):
    """Lends for each transaction the session that was given back last, as PgBouncer does."""

    def __init__(self, server_socket: Path) -> None:
        self._idle: list[socket.socket] = []
        self._turn = threading.Lock()
        super().__init__(server_socket)

    def serve(self, client: socket.socket) -> None:
        server = self.connect()
        server.sendall(_first(client))
        self._answer(server, client)
        self._give_back(server)
        while True:
            kind, message = _message(client)
            if kind == b"X":
                return
            with self._turn:
                server = self._idle.pop()
            while True:
                server.sendall(message)
                if kind in {b"Q", b"S"} and self._answer(server, client) == _IDLE:
                    break
                kind, message = _message(client)
            self._give_back(server)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> bytes:
        """Pass on what the server says until it is ready for the next; gives the state of its transaction."""
        while True:
            kind, message = _message(server)
            client.sendall(message)
            if kind == b"Z":
                return message[-1:]

    def _give_back(self, server: socket.socket) -> None:
        with self._turn:
            self._idle.append(server)


class Mute(Proxy):
    """Passes everything on but the end of the server's stream."""

    def serve(self, client: socket.socket) -> None:
        server = self.connect()
        server.sendall(_first(client))
        threading.Thread(target=self._pass_on, args=(server, client), daemon=True).start()
        self._pass_on(client, server)

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)


class Stalling(Proxy):
    """Passes everything on, but nothing while ``flows`` is not set: neither side is told of that."""

    def __init__(self, server_socket: Path, host: str = "127.0.0.1") -> None:
        self.flows = threading.Event()
        self.flows.set()
        super().__init__(server_socket, host)

    def serve(self, client: socket.socket) -> None:
        server = self.connect()
        server.sendall(_first(client))
        threading.Thread(target=self._pass_on, args=(server, client), daemon=True).start()
        self._pass_on(client, server)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.flows.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


class Refusing(Proxy):
    """Turns everybody away with a sentence of the server's."""

    def __init__(self, sentence: str, state: str = "28000") -> None:
        self._sentence = sentence
        self._state = state
        super().__init__(Path("/nowhere"))

    def serve(self, client: socket.socket) -> None:
        _first(client)
        fields = f"SFATAL\0VFATAL\0C{self._state}\0M{self._sentence}\0\0".encode()
        client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        client.close()


@contextlib.contextmanager
def standing(proxy: Proxy) -> Iterator[Proxy]:
    try:
        yield proxy
    finally:
        proxy.close()
