"""The programs on the page about webhooks take what is sent, and nothing else."""

import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import httpx
import playwright
import pytest

from api.webhooks.addresses import Addresses
from api.webhooks.client import WebhookClient
from api.webhooks.signing import SigningKey, signed_headers

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[3] / "docs" / "WEBHOOKS.md"
SECRET = SigningKey("k" * 32)._secret("docs")
NODE = shutil.which("node") or str(Path(playwright.__file__).parent / "driver" / "node")
BODY = b'{"type":"job.completed","data":{"id":"7","status":"completed"}}'
PING = b'{"type":"webhook.ping","data":{"webhook":"8"}}'
PROGRAMS = pytest.mark.parametrize(
    ("language", "command", "name"),
    [("python", [sys.executable, "-u"], "hook.py"), ("js", [NODE], "hook.mjs")],
)


@contextmanager
def running(language: str, command: list[str], file: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The page's program in a language, on a port that is free; and where it is."""
    program = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert program is not None
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    file.write_text(program[1].replace("whsec_…", SECRET).replace("9000", str(port)), "utf-8")
    with subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{port}/", process
        finally:
            process.terminate()


def post_when_it_listens(process: subprocess.Popen[str], url: str, body: bytes) -> int:
    """Send it signed, as soon as somebody is there; what is answered."""
    client = WebhookClient(Addresses(["127.0.0.1"]))
    until = time.monotonic() + 60
    while (answer := anyio.run(client.post, url, signed(SECRET, body=body), body)).status is None:
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < until, answer.error
    return answer.status


def signed(*secrets: str, body: bytes) -> dict[str, str]:
    return signed_headers(secrets, "msg", int(time.time()), body)


@PROGRAMS
def test_a_program_takes_what_is_signed_and_refuses_the_rest(
    language: str, command: list[str], name: str, tmp_path: Path
) -> None:
    old = SigningKey("x" * 32)._secret("old")
    with running(language, command, tmp_path / name) as (url, process):
        assert post_when_it_listens(process, url, PING) == 204
        assert process.stdout is not None
        assert process.stdout.readline().startswith("webhook.ping ")
        for secrets, status in (((old, SECRET), 204), ((old,), 400)):
            assert httpx.post(url, content=BODY, headers=signed(*secrets, body=BODY)).status_code == status
        assert process.stdout.readline() == "job.completed 7 completed\n"


@PROGRAMS
def test_nothing_that_anybody_sends_ends_a_program_or_holds_it_up(
    language: str, command: list[str], name: str, tmp_path: Path
) -> None:
    with running(language, command, tmp_path / name) as (url, process):
        assert post_when_it_listens(process, url, BODY) == 204
        right = signed(SECRET, body=BODY)
        for strange in (
            {},
            {"webhook-timestamp": right["webhook-timestamp"]},
            right | {"webhook-signature": "v1"},
            right | {"webhook-timestamp": "now"},
            right | {"webhook-timestamp": str(int(time.time()) - 600)},
        ):
            assert httpx.post(url, content=b"\xff", headers=strange).status_code == 400
        host, port = url.split("/")[2].split(":")
        half = f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n{{".encode()
        with socket.create_connection((host, int(port))) as silent:
            silent.sendall(half)
            with socket.create_connection((host, int(port))) as gone:
                gone.sendall(half)
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            assert httpx.post(url, content=BODY, headers=right).status_code == 204
