"""A worker whose start fails: once, and the job is made all the same; always, and everybody is told why.

Seen to fail without ``actors/work/pools/starts.py``: Ray starts an actor whose constructor raised no
second time, so the Director ordered from a dead one for ever, and nobody was told.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crash.test_kill_processes import kill, told_by
from tests.processes import START_S, Server, changed_module, run, serve, start

__all__ = ["serve", "start"]

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.crash, pytest.mark.timeout(400)]

SMALL = {"quality": "low", "fps": 24, "max_scenes": 1, "music": False}
SCRIPT = "A lamp burns on the cliff."

CHANGE = """
import os
from actors.work.pools import starts

keep = StandingPresence.keep

def fail_or_keep(self):
    for number in range(100):
        try:
            os.unlink("{FOLDER}/fail-%d" % number)
        except FileNotFoundError:
            continue
        raise OSError(28, "No space left on device")
    keep(self)

StandingPresence.keep = fail_or_keep
# Whoever starts workers has this module, too. It waits as often as ever, and not so long.
starts.FIRST_PAUSE_S = 0.1
"""
"""Lets the start of a worker fail as long as there are files left to take away."""


class Failing:
    """So many starts of a worker fail, whichever it is, in the ``environment``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "fails"
        self._folder.mkdir()
        change = CHANGE.replace("{FOLDER}", str(self._folder))
        self.environment = changed_module(folder / "hook", "actors.work.presence", change)

    def fail(self, times: int) -> None:
        for number in range(times):
            (self._folder / f"fail-{number}").touch()

    def mend(self) -> None:
        for file in self._folder.glob("fail-*"):
            # A start that fails takes one away, too.
            file.unlink(missing_ok=True)


@pytest.fixture
def failing(tmp_path: Path) -> Failing:
    return Failing(tmp_path)


def until_ready_says(server: Server, status: int) -> dict[str, Any]:
    """There is no event to wait for: a supervisor asks, too."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        answer = server.http.get("/readyz")
        if answer.status_code == status:
            told: dict[str, Any] = answer.json()
            return told
        time.sleep(0.5)
    raise TimeoutError(f"{answer.text} {server.process.told()}")


def test_a_worker_whose_start_fails_is_replaced_and_one_that_can_never_be_started_is_told_until_it_can(
    emulator: Any, serve: Callable[..., Server], failing: Failing
) -> None:
    failing.fail(1)
    server = serve(emulator, **failing.environment)
    job = server.submit(script=SCRIPT, options=SMALL)
    server.follow(job["id"])
    assert server.job(job["id"])["status"] == "completed"
    said = "a worker of the artists failed (1 in a row): OSError: [Errno 28] No space left on device"
    assert said in server.process.errors.read_text()

    # The one that replaced it dies, and none can be started in its place.
    failing.fail(100)
    kill(told_by(server, "crew", "artists", "places"))
    job = server.submit(script=SCRIPT, options=SMALL)
    told = until_ready_says(server, 503)
    assert "the artists cannot be started: OSError: [Errno 28] No space left" in told["reasons"][0]
    assert told["crew"]["crew"]["artists"]["state"] == "cannot be started"
    assert server.job(job["id"])["status"] == "running", "it stays on record"
    failing.mend()
    server.follow(job["id"])
    assert server.job(job["id"])["status"] == "completed"
    assert until_ready_says(server, 200)["status"] == "ready"
    assert server.process.stop() == 0, server.process.told()


def test_a_film_for_which_no_worker_can_be_started_ends_with_four_and_the_reason(
    tmp_path: Path, failing: Failing
) -> None:
    failing.fail(100)
    (tmp_path / "story.txt").write_text(SCRIPT, encoding="utf-8")
    asked = ["make", "story.txt", "--out", "film", "--emulate", "--quality", "low", "--no-music"]
    done = run(tmp_path, *asked, **failing.environment)
    assert done.returncode == 4, done.stderr
    assert "Error: the artists cannot be started: OSError: [Errno 28] No space left on device" in done.stderr
    assert "it was cancelled" in done.stderr
