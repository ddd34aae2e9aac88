"""The programs on the page about webhooks take what is sent, and nothing else."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
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


@pytest.mark.parametrize(
    ("language", "command", "name"),
    [("python", [sys.executable, "-u"], "hook.py"), ("js", [NODE], "hook.mjs")],
)
def test_a_program_takes_what_is_signed_and_refuses_the_rest(
    language: str, command: list[str], name: str, tmp_path: Path
) -> None:
    client = WebhookClient(Addresses(["127.0.0.1"]))
    right = signed_headers([SigningKey("x" * 32)._secret("old"), SECRET], "msg", int(time.time()), BODY)
    wrong = signed_headers([SigningKey("x" * 32)._secret("old")], "msg", int(time.time()), BODY)
    with running(language, command, tmp_path / name) as (url, process):
        until = time.monotonic() + 60
        while (answer := anyio.run(client.post, url, right, BODY)).status is None:
            assert process.poll() is None, "it has ended"
            assert time.monotonic() < until, answer.error
        assert answer.status == 204
        assert process.stdout is not None
        assert process.stdout.readline() == "job.completed 7 completed\n"
        assert anyio.run(client.post, url, wrong, BODY).status == 400
