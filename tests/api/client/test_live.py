"""The README's programs as they stand there, each in an interpreter of its own, against a server."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from reelog_client import Client, ReelogError
from reelog_client.errors import ConflictError, InvalidRequestError

from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import Settings
from tests.api.conftest import SHIPPED
from tests.api.serving import serving
from tests.modules import CLIENT
from tests.projections.filming import Filming

pytestmark = pytest.mark.slow

PROGRAMS = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    """A server; whatever is submitted to it is made at once."""
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as address:
        filming = Filming(system.store, system.blobs)

        def make_films() -> None:
            filming.now = datetime.now(UTC)
            try:
                with Client(address) as client:
                    for event in client.jobs.events():
                        if event["type"] == "job.submitted":
                            filming.finish(UUID(event["job_id"]))
            except ReelogError:
                return  # the server has ended

        threading.Thread(target=make_films, daemon=True).start()
        yield address


def ran(program: str, url: str, folder: Path) -> str:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("REELOG_")}
    places = {"REELOG_URL": url, "PYTHONPATH": str(CLIENT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder, env=keep | places, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_program_has_about_ten_lines() -> None:
    assert len(PROGRAMS) == 3
    for program in PROGRAMS:
        assert len([line for line in program.splitlines() if line.strip()]) <= 12


def test_the_three_programs_do_what_is_said_of_them(url: str, tmp_path: Path) -> None:
    film, watched, many = PROGRAMS

    said = ran(film, url, tmp_path).splitlines()
    assert said[0].startswith("costs about ")
    brought = [line.split()[0] for line in said[1:]]
    assert brought == ["video.mp4", "captions.vtt", "captions.srt", "poster.jpg", "manifest.json"]
    assert {path.name for path in (tmp_path / "film").iterdir()} == set(brought)

    lines = ran(watched, url, tmp_path).splitlines()
    assert lines[0].startswith("  0% ")
    assert lines[-2].startswith("100% ")
    assert lines[-1].startswith("made: ")

    two = ran(many, url, tmp_path).splitlines()
    assert [line.split()[1] for line in two] == ["completed", "completed"]
    assert len({line.split()[0] for line in two}) == 2


def test_what_the_server_says_comes_through(url: str) -> None:
    with Client(url) as client:
        with pytest.raises(InvalidRequestError) as refused:
            client.jobs.submit("Fine.", options={"fps": 23})  # type: ignore[typeddict-item]
        assert refused.value.errors[0]["pointer"] == "/options/fps"
        job = client.jobs.submit("A boat sets out at dawn.", idempotency_key="once")
        assert client.jobs.submit("A boat sets out at dawn.", idempotency_key="once").id == job.id
        assert job.wait(timeout_s=60).status == "completed"
        assert [event["position"] for event in job.watch()] == [e["position"] for e in job.events()]
        assert job.cancel().status == "completed"
        assert [found.id for found in client.jobs.list(id=job.id[:8])] == [job.id]
        assert client.assets.content(job.assets()[0]["id"])
        assert client.models.list()["data"]
        assert client.health.ready()["store"]
        with pytest.raises(ConflictError, match="job_not_retryable"):
            job.retry()
