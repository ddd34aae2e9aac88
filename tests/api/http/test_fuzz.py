"""All that the description allows, and much that it does not: no defect, no answer that is not described.

Against a real server, because what a request may look like is decided by its parser too.
"""

import functools
import json
import os
import threading
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import positive_data_acceptance

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.http.app import ENDPOINTS, build_app
from api.http.openapi.document import document
from api.http.responses import JSON
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.asset import AssetKey
from tests.api.exportable import ExportableFilming
from tests.api.planned import DOCUMENTS
from tests.projections.filming import refusal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))

SCHEMA = schemathesis.openapi.from_dict(document(ENDPOINTS))


class InThread(Server):
    """Signals belong to the main thread, and so to pytest."""

    def install_signal_handlers(self) -> None:
        return


class Target:
    """A server with a finished job, a failed one and one that waits."""

    def __init__(self, folder: Path) -> None:
        own = load_settings({}, folder / "none.env", DATA_DIR=folder / "data", PORT=0, QUEUE_LIMIT=100_000)
        catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
        self.system: System = open_system(own, provider="emulator", models=ModelDirectory(catalogue))
        ready = threading.Event()
        self.server = InThread(build_app(self.system), own, on_ready=lambda _: ready.set())
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert ready.wait(30)
        self.url = self.server.address()
        self._fill()

    def _fill(self) -> None:
        filming = Typed(self.system)
        with httpx.Client(base_url=self.url, trust_env=False) as http:
            jobs = [http.post("/v1/jobs", json={"script": "A boat sets out."}).json()["id"] for _ in range(3)]
            assert filming.finish(UUID(jobs[0])) == "completed"
            filming.faults["image:1"] = [refusal()]
            assert filming.finish(UUID(jobs[1])) == "failed"
            self.completed, self.failed, self.waiting = jobs
            self.system.readers.wait_for(self.system.log.head(), 10)
            made = http.get(f"/v1/jobs/{jobs[0]}/assets").json()["data"]
            self.assets = [asset["id"] for asset in made]
            self.video = next(asset["id"] for asset in made if asset["kind"] == "video")

    def stop(self) -> None:
        self.server.drain()
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("fuzz"))
    yield target
    target.stop()


def aim(case: Any, target: Target) -> None:
    """Ask for what is there where the case leaves it to chance, and for no stream that never ends."""
    parameters = case.path_parameters or {}
    if "id" in parameters and case.meta.generation.mode.is_positive:
        known = (
            target.assets if "/assets/" in case.path else [target.completed, target.failed, target.waiting]
        )
        # The generated id decides, so that a case found once is found again.
        choice = zlib.crc32(str(parameters["id"]).encode()) % (2 * len(known))
        if choice < len(known):
            parameters["id"] = known[choice]
    if "Range" in (case.headers or {}) and parameters.get("id") in target.assets:
        parameters["id"] = target.video  # a part of a JSON document is no JSON
    if (case.query or {}).get("stream") == "1":
        if "id" in parameters:
            parameters["id"] = target.completed
        else:
            case.query["jobs"] = target.completed


class Typed(ExportableFilming):
    """Makes JSON where it says that it does."""

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        data, media_type = super().content(key, revision)
        plain = media_type == JSON and key.kind not in DOCUMENTS
        return (json.dumps(data.decode()).encode() if plain else data), media_type


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_finds_a_defect_or_an_answer_that_is_not_described(case: Any, target: Target) -> None:
    aim(case, target)
    # A body of the right shape may mean nothing (a blank script): those refusals have their own tests.
    # What opens a file starts a process, which takes its time on a busy machine.
    case.call_and_validate(base_url=target.url, excluded_checks=[positive_data_acceptance], timeout=120)
