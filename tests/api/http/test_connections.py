"""Connections that nobody ends, requests that come slowly or never, bodies that are too large."""

import functools
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http import server
from api.http.app import MAX_BODY_BYTES, build_app
from api.http.headers import SECURITY_HEADERS
from api.http.schema.base import ProblemDocument
from api.model_directory import ModelDirectory
from api.settings import load_settings

pytestmark = pytest.mark.slow  # each takes a while, or there are many

PATIENCE_S = 30
HEAD = b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

Connect = Callable[[], socket.socket]


class InThread(server.Server):
    """Signals belong to the main thread, and so to pytest."""

    def install_signal_handlers(self) -> None:
        return


@contextmanager
def serving(tmp_path: Path, **changes: Any) -> Iterator[tuple[str, int]]:
    """A server in a thread; gives where it is."""
    settings = load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0, **changes)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    ready = threading.Event()
    running = InThread(build_app(system), settings, on_ready=lambda _: ready.set())
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S)
    parts = urlsplit(running.address())
    assert parts.hostname is not None
    assert parts.port is not None
    yield parts.hostname, parts.port
    running.drain()
    running.should_exit = True
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    with serving(tmp_path) as address:
        yield address


@pytest.fixture
def connect(address: tuple[str, int]) -> Iterator[Connect]:
    opened: list[socket.socket] = []

    def connect_() -> socket.socket:
        opened.append(socket.create_connection(address, timeout=PATIENCE_S))
        return opened[-1]

    yield connect_
    for connection in opened:
        connection.close()


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    came = b""
    while more := connection.recv(65536):
        came += more
    return came


def problem_in(answer: bytes) -> tuple[int, ProblemDocument, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), ProblemDocument.model_validate(json.loads(body)), head.decode().lower()


def test_a_connection_that_says_nothing_ends(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    assert rest(connect()) == b""


@pytest.mark.parametrize("said", [b"GET", b"GET / HTTP/1.1\r\nHost: a\r\nX-Half: "], ids=["line", "header"])
def test_half_a_head_is_answered_and_ends(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    connection = connect()
    connection.sendall(said)
    status, problem, head = problem_in(rest(connection))
    assert (status, problem.code) == (408, "request_timeout")
    assert "connection: close" in head


def test_a_second_request_that_stops_half_way_ends_too(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.2)
    connection = connect()
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /heal")
    assert rest(connection).count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("begun", [b"", b'{"scr'], ids=["none", "half"])
@pytest.mark.parametrize("told", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_half_a_body_is_answered_and_ends(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    begun: bytes,
    told: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(server, "BODY_S", 0.05)
    connection = connect()
    connection.sendall(
        HEAD + told + (b"%x\r\n%b\r\n" % (len(begun), begun) if b"chunked" in told and begun else begun)
    )
    assert problem_in(rest(connection))[0] == 408
    assert "Traceback" not in caplog.text


def test_a_body_that_drips_ends_however_long_it_goes_on(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "BODY_S", 0.2)
    connection = connect()
    connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(0.01):
            try:
                connection.sendall(b" ")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert connection.recv(12) == b"HTTP/1.1 408"
    finally:
        ended.set()
        dripping.join(PATIENCE_S)


def test_a_large_body_that_keeps_coming_may_take_longer(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "BODY_S", 0.05)
    monkeypatch.setattr(server, "BODY_BYTES_A_SECOND", 1)
    extended = threading.Event()
    set_deadline = server.Protocol._set_deadline

    def seen(protocol: server.Protocol, in_s: float) -> None:
        if protocol._deadline is not None:
            extended.set()
            monkeypatch.setattr(server, "BODY_S", float(PATIENCE_S))
            in_s = PATIENCE_S
        set_deadline(protocol, in_s)

    monkeypatch.setattr(server.Protocol, "_set_deadline", seen)
    body = b'{"script": "A boat."}'
    connection = connect()
    connection.sendall(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body[:10])
    assert extended.wait(PATIENCE_S)
    connection.sendall(body[10:])
    assert connection.recv(12) == b"HTTP/1.1 201"


def test_a_stream_outlives_every_deadline(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_S", "BODY_S"):
        monkeypatch.setattr(server, name, 0.05)
    monkeypatch.setattr("api.stream.event_stream.HEARTBEAT_S", 1)
    connection = connect()
    connection.sendall(b"GET /v1/events?stream=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    came = b""
    while b"still here" not in came:
        came += connection.recv(65536)
    assert came.startswith(b"HTTP/1.1 200")


def test_beyond_the_limit_connections_are_told_so(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    ask = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    held = [connect() for _ in range(2)]
    for connection in held:
        connection.sendall(ask % b"/healthz")
        assert connection.recv(12) == b"HTTP/1.1 200"
    third = connect()
    third.sendall(ask % b"/v1/jobs")
    status, problem, head = problem_in(rest(third))
    assert (status, problem.code) == (503, "unavailable")
    assert "retry-after: 5" in head
    alive = connect()
    alive.sendall(ask % b"/healthz")
    assert rest(alive).startswith(b"HTTP/1.1 200"), "a supervisor need not act"


def test_no_more_connections_are_taken_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, most in (
        (1024, 768),
        (256, 128),
        (1_000_000, server.MOST_CONNECTIONS),
        (-1, server.MOST_CONNECTIONS),
    ):
        monkeypatch.setattr(server.resource, "getrlimit", lambda _, files=files: (files, files))
        assert server.most_connections() == most


@pytest.mark.parametrize("chunked", [False, True], ids=["told", "counted"])
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/estimate", "/login"])
def test_a_body_that_is_too_large_is_told_so_to_a_client_that_sends_it_all(
    address: tuple[str, int], path: str, chunked: bool
) -> None:
    body = b" " * (8 * MAX_BODY_BYTES)
    headers = {
        "Content-Type": "application/json" if path != "/login" else "application/x-www-form-urlencoded"
    }
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE_S)
    sent: Any = iter([body[:65536]] * 128) if chunked else body
    connection.request("POST", path, sent, headers, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "content_too_large")
    connection.close()


def test_a_client_that_asks_first_need_not_send_a_body_that_is_too_large(connect: Connect) -> None:
    connection = connect()
    connection.sendall(HEAD + b"Content-Length: 8000000\r\nExpect: 100-continue\r\n\r\n")
    assert problem_in(rest(connection))[0] == 413


def test_the_server_below_believes_nobody_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with serving(tmp_path, RATE_LIMIT=3) as address:
        told = []
        for number in range(5):
            connection = http.client.HTTPConnection(*address, timeout=PATIENCE_S)
            connection.request("GET", "/v1/jobs", headers={"X-Forwarded-For": f"192.0.2.{number}"})
            told.append(connection.getresponse().status)
            connection.close()
    assert told == [200] * 3 + [429] * 2


def test_another_protocol_is_not_taken_up_and_the_request_is_answered(connect: Connect) -> None:
    connection = connect()
    connection.sendall(
        b"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    answer = connection.recv(65536).decode().lower()
    assert answer.startswith("http/1.1 200 ")
    for name in SECURITY_HEADERS:
        assert f"\r\n{name.lower()}: " in answer


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/v1/jobs/%00",
        "/v1/jobs/%ff%fe",
        "/v1/jobs/%zz",
        "/v1/%",
        "/v1/jobs/%ED%A0%80",
        "/static/%00",
        "/static/a%00.js",
        "/jobs/%00",
        "/static/%ff",
        "/static/" + "a" * 5000,
        "//v1/jobs",
        "*",
        "http://evil.example/v1/jobs",
        "/" + "a" * 60_000,
    ],
)
def test_an_odd_address_is_a_problem(connect: Connect, path: str) -> None:
    connection = connect()
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    status, problem, _ = problem_in(rest(connection))
    assert (status, problem.status) == (404, 404)
    assert len(problem.detail) < 1000


def test_a_head_without_end_is_a_problem(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 70_000)
    assert problem_in(rest(connection))[1].code == "malformed_request"
