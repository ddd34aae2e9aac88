"""On a Ray cluster: the API anywhere, the actors on the cluster, meeting only in the stores."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(400)]

HEAD_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def head(tmp_path: Path) -> Iterator[str]:
    """A Ray head of this test's own; gives its address. Ended with all of its processes, and no others."""
    port = free_port()
    # A socket's path may hold about a hundred characters, and Ray adds many: a short folder.
    session = Path("/tmp") / f"rh{port}"  # noqa: S108 - as above; removed with the test
    ray = Path(sys.executable).with_name("ray")
    options = [f"--port={port}", "--num-cpus=2", "--include-dashboard=false", f"--temp-dir={session}"]
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}
    log = tmp_path / "head.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ray, "start", "--head", "--block", *options], env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + HEAD_S
        while "block forever" not in log.read_text(errors="replace"):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.2)
        yield f"127.0.0.1:{port}"
    finally:
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for one in tree:
            one.terminate()
        _, left = psutil.wait_procs(tree, timeout=10)
        for one in left:
            one.kill()
        process.wait(10)
        shutil.rmtree(session, ignore_errors=True)


def test_a_film_is_made_by_actors_on_a_cluster_for_an_api_that_has_none(
    head: str, emulator: Any, start: Callable[..., Any], serve: Callable[..., Any]
) -> None:
    server = serve(emulator, "--no-actors")
    workers = start("work", "--address", head, "--json", REELOG_GEMINI_BASE_URL=emulator.url)
    assert workers.first_line()["state"] == "ready"

    job = server.submit()
    history = server.follow(job["id"])

    done = server.job(job["id"])
    assert done["status"] == "completed", done["failure"]
    assert history[-1]["type"] == "job.completed"
    ready = server.http.get("/readyz").json()
    assert "crew" not in ready or not ready["crew"], "this process has no actors of its own"
    assert workers.stop() == 0, workers.told()
