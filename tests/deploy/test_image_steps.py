"""The image's own steps, one after the other, without a container: no registry of images is at hand.

What is copied is all that there is, the commands are the file's own, and who serves is its user: nobody
special, who may write to /data alone. Packages are the ones of this environment, as the lock is the same;
the base image and its apt-get are not tried.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.deploy.test_manifests import ROOT, instructions
from tests.nodes import free_port
from tests.processes import FILM_S, SMALL, START_S, kill_all
from tests.span_collector import SpanCollector, collecting

pytestmark = [
    pytest.mark.slow,
    pytest.mark.ray,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        os.geteuid() != 0 or not (shutil.which("setpriv") and shutil.which("wget")),
        reason="to become another user takes root, and setpriv; the health check is wget's",
    ),
]


@pytest.fixture
def image() -> Iterator[Path]:
    """A folder that holds what the image holds: its work folder, its Python, /data, and its user's home."""
    # Not in pytest's own folder, which is root's alone.
    folder = Path(tempfile.mkdtemp(prefix="reelog-image-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def collector() -> Iterator[SpanCollector]:
    with collecting() as one:
        yield one


def copied(app: Path, sources: list[str], target: str) -> None:
    for source in sources:
        place, name = ROOT / source, Path(source).name
        if place.is_dir():
            shutil.copytree(place, app / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, app / target / name)


def built(image: Path) -> dict[str, str]:
    """Follow the file from top to bottom, as a builder would; gives the environment of the container."""
    app, python = image / "app", image / "python"
    app.mkdir()
    venv.create(python, with_pip=True)
    # In place of the step that installs the lock: the packages of this environment, without the product.
    packages = python / sysconfig.get_path("purelib").removeprefix(sys.prefix + "/")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib"))
    shutil.rmtree(packages / "setuptools", ignore_errors=True)  # older than the lock's, on old Pythons
    environment = {"PATH": f"{python}/bin:/usr/bin:/bin", "HOME": str(image / "home")}
    for name, rest in instructions():
        if name == "ENV":
            environment |= dict(pair.split("=", 1) for pair in rest.split())
        elif name == "COPY":
            *sources, target = rest.split()
            copied(app, sources, target)
        elif name == "RUN" and "apt-get" not in rest and "requirements.lock" not in rest:
            done = subprocess.run(
                ["/bin/sh", "-c", rest], cwd=app, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return environment


def test_what_is_copied_serves_as_nobody_special_is_found_well_and_ends_on_sigterm(
    image: Path, emulator_url: str, collector: SpanCollector
) -> None:
    environment = built(image)
    said = dict(instructions())
    user, _, group = said["USER"].partition(":")
    for name in ("data", "home"):
        (image / name).mkdir()
        os.chown(image / name, int(user), int(group))
    environment |= {
        "REELOG_DATA_DIR": str(image / "data"),
        "REELOG_HOST": "127.0.0.1",
        "REELOG_PORT": str(free_port()),
        "REELOG_GEMINI_BASE_URL": emulator_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "TMPDIR": str(image / "home"),
    }
    # Python itself may lie where only root looks: to read it is allowed, to write nothing.
    become = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    become += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    command = [*become, *json.loads(said["ENTRYPOINT"]), *json.loads(said["CMD"])]
    with (image / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=image / "app", env=environment, stdout=log, stderr=log)
    try:
        check = json.loads(said["HEALTHCHECK"].partition("CMD ")[2])
        check = [part.replace(":8080", f":{environment['REELOG_PORT']}") for part in check]
        deadline = time.monotonic() + START_S
        while subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0:
            assert server.poll() is None, (image / "log").read_text()
            assert time.monotonic() < deadline, (image / "log").read_text()
            time.sleep(0.2)
        uids = {process.uids().effective for process in psutil.Process(server.pid).children(recursive=True)}
        assert uids <= {int(user)}
        url = f"http://127.0.0.1:{environment['REELOG_PORT']}"
        with httpx.Client(base_url=url, timeout=30) as client:
            script = {"script": "A lamp burns.", "options": SMALL | {"max_scenes": 1, "music": False}}
            job = client.post("/v1/jobs", json=script).json()
            events = client.get(
                job["links"]["events"], headers={"Accept": "text/event-stream"}, timeout=FILM_S
            ).text
            assert "job.completed" in events, (image / "log").read_text()
            collector.until(lambda: "job" in [span.name for span in collector.spans])
        server.send_signal(getattr(signal, said["STOPSIGNAL"]))
        assert server.wait(60) == 0, (image / "log").read_text()
        owned = {path.lstat().st_uid for path in (image / "data").rglob("*")}
        assert owned == {int(user)}, "and the film is where it belongs"
        assert subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0
    finally:
        tree = [server, *psutil.Process(server.pid).children(recursive=True)] if server.poll() is None else []
        kill_all(tree)
        server.wait(10)
