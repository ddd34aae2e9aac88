import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.http.app import build_app
from api.model_directory import ModelDirectory
from api.settings import Settings, load_settings
from tests.api.contract import CheckedClient
from tests.projections.filming import Filming

SHIPPED = functools.partial(Catalogue, None, date(2026, 11, 22))


@dataclass
class Site:
    """A running application without actors; ``filming`` does what they would."""

    client: TestClient
    system: System
    filming: Filming

    def submit(self, **changes: Any) -> str:
        answer = self.client.post("/v1/jobs", json={"script": "A boat sets out at dawn."} | changes)
        assert answer.status_code == 201, answer.text
        job_id: str = answer.json()["id"]
        return job_id

    def settle(self) -> None:
        """Wait until the read models hold all that was recorded."""
        assert self.system.readers.wait_for(self.system.log.head(), 10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0)


@pytest.fixture
def open_site(settings: Settings) -> Iterator[Callable[..., Site]]:
    clients: list[TestClient] = []

    def open_(environ: Mapping[str, str] | None = None, *, traced: bool = False, **changes: Any) -> Site:
        own = load_settings(
            environ or {}, Path("/nonexistent.env"), DATA_DIR=settings.data_dir, PORT=0, **changes
        )
        system = open_system(own, provider="emulator", models=ModelDirectory(SHIPPED), traced=traced)
        client = CheckedClient(build_app(system), base_url="http://127.0.0.1", raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return Site(client, system, Filming(system.store, system.blobs))

    yield open_
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site()
