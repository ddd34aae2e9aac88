"""What breaks the rules of HTTP itself is answered like every other error."""

import json
import socket
from pathlib import Path

import pytest

from api.http.schema.base import ProblemDocument
from tests.api.stream.conftest import serve


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"],
)
def test_what_is_no_http_is_a_problem(tmp_path: Path, said: bytes) -> None:
    server = serve(tmp_path)
    try:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(said)
            answer = b""
            while more := connection.recv(65536):
                answer += more
    finally:
        server.stop()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert status.startswith("HTTP/1.1 400 ")
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body)
    problem = ProblemDocument.model_validate(json.loads(body))
    assert (problem.code, problem.request_id) == ("malformed_request", headers["x-request-id"])
