"""What costs money is asked for once, however often the answer is lost on its way."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from api.cli.client import Client
from tests.api.cli.conftest import PREVIEW, Run

JOB = {"id": "3fa1b2c3-0000-4000-8000-000000000001", "position": 1, "run": 1}
Answering = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, body: Any) -> Answering:
    def write(handler: BaseHTTPRequestHandler) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return write


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def break_off(handler: BaseHTTPRequestHandler) -> None:
    """The head of an answer and half of its body."""
    handler.send_response(201)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"id":')
    handler.close_connection = True


def gateway(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(504)
    handler.end_headers()
    handler.wfile.write(b"<h1>Gateway timeout</h1>")


class Unreliable:
    """Answers each POST in turn as it is told to, the last way for ever; keeps what came."""

    def __init__(self) -> None:
        self.ways: list[Answering] = []
        self.came: list[tuple[str, str | None, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.came.append((self.path, self.headers["Idempotency-Key"], body))
                way = outer.ways.pop(0) if len(outer.ways) > 1 else outer.ways[0]
                way(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def unreliable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Unreliable]:
    monkeypatch.setattr(Client, "reconnect_pause_s", 0.0)
    site = Unreliable()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join()


@pytest.mark.parametrize("lost", [hang_up, break_off, gateway])
def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    run: Run, unreliable: Unreliable, lost: Answering
) -> None:
    unreliable.ways = [lost, lost, answer(200, JOB)]

    done = run("submit", "-", "--url", unreliable.url, stdin=b"Fine.")

    assert (done.exit_code, done.stdout) == (0, f"{JOB['id']}\n")
    assert len(unreliable.came) == 3
    [(path, key, body)] = {(path, key, json.dumps(body)) for path, key, body in unreliable.came}
    assert (path, json.loads(body)) == ("/v1/jobs", {"script": "Fine."})
    assert key
    assert len(key) == 32


def test_two_submissions_are_two_jobs(run: Run, unreliable: Unreliable) -> None:
    unreliable.ways = [answer(201, JOB)]

    for _ in range(2):
        assert run("submit", "-", "--url", unreliable.url, stdin=b"Fine.").exit_code == 0

    assert len({key for _, key, _ in unreliable.came}) == 2


@pytest.mark.parametrize(
    "command",
    [
        ["submit", "-"],
        ["fork", JOB["id"], "--yes"],
        ["retry", JOB["id"], "--yes"],
        ["regenerate", JOB["id"], "image:1", "--yes"],
    ],
    ids=lambda command: str(command[0]),
)
def test_who_gives_up_says_how_to_look_and_ask_again(
    run: Run, unreliable: Unreliable, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr(Client, "reconnect_for_s", 0.0)
    price = [answer(200, PREVIEW)] if command[0] != "submit" else []
    unreliable.ways = [*price, hang_up]

    gave_up = run(*command, "--url", unreliable.url, stdin=b"Fine.")

    assert gave_up.exit_code == 4
    key = unreliable.came[-1][1]
    assert f"--idempotency-key {key}" in gave_up.stderr
    assert f"reelog ls --url {unreliable.url}" in gave_up.stderr

    unreliable.ways = [*price, answer(200, JOB)]
    again = run(*command, "--url", unreliable.url, "--idempotency-key", str(key), stdin=b"Fine.")
    assert (again.exit_code, UUID(again.stdout.strip())) == (0, UUID(str(JOB["id"])))
    assert unreliable.came[-1][1] == key


def test_what_has_no_key_says_to_look_first(run: Run, unreliable: Unreliable) -> None:
    unreliable.ways = [hang_up]

    lost = run("cancel", str(JOB["id"]), "--url", unreliable.url)

    assert lost.exit_code == 4
    assert len(unreliable.came) == 1
    assert "look before you ask again" in lost.stderr


def test_a_server_that_was_never_reached_is_not_waited_for(run: Run, unreliable: Unreliable) -> None:
    refused = run("submit", "-", "--url", "http://127.0.0.1:9", stdin=b"Fine.")

    assert refused.exit_code == 4
    assert "nothing answers at http://127.0.0.1:9" in refused.stderr
    assert unreliable.came == []


def test_a_refusal_is_an_answer(run: Run, unreliable: Unreliable) -> None:
    unreliable.ways = [answer(422, {"detail": "No.", "errors": []})]

    assert run("submit", "-", "--url", unreliable.url, stdin=b"Fine.").exit_code == 2
    assert len(unreliable.came) == 1
