"""The description as others' tools take it: a validator, a linter, and a client that is generated from it.

REELOG_TEST_REDOCLY names a folder with npm's @redocly/cli, REELOG_TEST_OPENAPI_TOOLS the python of an
environment with openapi-spec-validator and openapi-python-client, which pin what we do not; both in CI.
"""

import functools
import json
import os
import subprocess
import threading
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.serving import serving
from tests.projections.filming import Filming

DESCRIPTION = Path(__file__).parents[4] / "docs" / "openapi.json"
REDOCLY = os.environ.get("REELOG_TEST_REDOCLY")
TOOLS = os.environ.get("REELOG_TEST_OPENAPI_TOOLS")
IN_CI = bool(os.environ.get("CI"))
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run(*command: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


has_tools = pytest.mark.skipif(
    not (TOOLS or IN_CI), reason="REELOG_TEST_OPENAPI_TOOLS names no python with these packages"
)


@pytest.mark.slow
@has_tools
def test_it_is_valid_by_the_standard(tmp_path: Path) -> None:
    assert TOOLS, "REELOG_TEST_OPENAPI_TOOLS is not set"
    assert "OK" in run(TOOLS, "-m", "openapi_spec_validator", str(DESCRIPTION), folder=tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not (REDOCLY or IN_CI), reason="REELOG_TEST_REDOCLY names no folder with @redocly/cli")
def test_redocly_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    assert REDOCLY, "REELOG_TEST_REDOCLY is not set"
    command = str(Path(REDOCLY) / "node_modules" / ".bin" / "redocly")
    said = run(command, "lint", "--format=json", str(DESCRIPTION), folder=tmp_path, **QUIET)
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, found["problems"]


@pytest.mark.slow
@has_tools
def test_a_generated_client_submits_watches_lists_and_downloads(tmp_path: Path) -> None:
    assert TOOLS, "REELOG_TEST_OPENAPI_TOOLS is not set"
    scripts = Path(TOOLS).parent
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    generate = (str(scripts / "openapi-python-client"), "generate", "--meta", "none", "--fail-on-warning")
    run(*generate, "--path", str(DESCRIPTION), "--output-path", "client", folder=tmp_path, PATH=path)
    settings = load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    filming, ended = Filming(system.store, system.blobs), threading.Event()

    def make_films(url: str) -> None:
        """What actors would do."""
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
            while not ended.wait(0.05):
                for job in http.get("/v1/jobs?status=queued").json()["data"]:
                    filming.finish(UUID(job["id"]))

    program = (TOOLS, str(Path(__file__).with_name("generated_client.py")))
    with serving(system) as url:
        crew = threading.Thread(target=make_films, args=(url,))
        crew.start()
        try:
            run(*program, url, folder=tmp_path, PYTHONPATH=str(tmp_path))
        finally:
            ended.set()
            crew.join()
    assert (tmp_path / "film.mp4").read_bytes().startswith(b"video 1")
