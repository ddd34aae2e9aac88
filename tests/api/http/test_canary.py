"""Two keys, Google's and our own, are looked for in all that leaves the server and all that it keeps."""

import functools
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import System, gateway_settings, open_system
from api.http.app import ENDPOINTS, build_app
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.contract import CheckedClient
from tests.projections.filming import Filming, refusal

pytestmark = pytest.mark.slow

GOOGLES = "AIzaSyCanaryCanaryCanaryCanaryCanary123"
OURS = "door-key-canary-0123456789"
KEYS = (GOOGLES, OURS)


class Watched:
    """A server with both keys whose every answer is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        environ = {"GEMINI_API_KEY": GOOGLES, "REELOG_API_KEY": OURS}
        settings = load_settings(environ, folder / "none.env", DATA_DIR=self.folder, PORT=0)
        catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
        self.system: System = open_system(settings, provider="gemini", models=ModelDirectory(catalogue))
        self.client = CheckedClient(
            build_app(self.system), base_url="http://127.0.0.1", raise_server_exceptions=False
        )
        self.said: list[str] = []

    def ask(self, method: str, path: str, *, known: bool = True, **named: object) -> str:
        headers = {"Authorization": f"Bearer {OURS}"} if known else {}
        answer = self.client.request(method, path, headers=headers, follow_redirects=False, **named)
        text = f"{answer.headers}\n{answer.content!r}"
        self.said.append(text)
        return str(answer.text)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    with watched.client:
        yield watched


def test_no_key_is_in_any_answer_stream_log_line_or_file(
    watched: Watched, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    ask, system = watched.ask, watched.system
    filming = Filming(system.store, system.blobs)
    filming.faults["image:1"] = [refusal()]
    created = watched.client.post(
        "/v1/jobs", json={"script": "A boat."}, headers={"Authorization": f"Bearer {OURS}"}
    )
    job_id = created.json()["id"]
    assert filming.finish(UUID(job_id)) == "failed"
    assert system.readers.wait_for(system.log.head(), 10)
    stream = ask("GET", f"/v1/jobs/{job_id}/events?stream=1")
    assert "event: job.failed" in stream
    [asset, *_] = system.studio.assets(system.studio.job(UUID(job_id))).values()
    for endpoint in ENDPOINTS:
        known = str(asset.id) if "/assets/" in endpoint.path else job_id
        path = endpoint.path.replace("{id}", known)
        ask(endpoint.method, path)
        ask(endpoint.method, path, known=False)
    ask("POST", "/login", data={"key": OURS})
    ask("POST", "/login", data={"key": "wrong"})
    ask("POST", "/v1/jobs", json={"script": ""})
    ask("POST", "/v1/jobs", content=b"{")

    # A defect whose message and context hold all that the server knows.
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{system.settings} {gateway_settings(system.settings, 'gemini')} {system}")

    monkeypatch.setattr(system.readers, "jobs", broken)
    assert "internal_error" in ask("GET", "/v1/jobs")
    assert "RuntimeError" in caplog.text

    for key in KEYS:
        assert not [said for said in watched.said if key in said]
        assert key not in caplog.text
        for file in watched.folder.rglob("*"):
            if file.is_file():
                assert key.encode() not in file.read_bytes(), file.name


def test_the_search_would_find_a_key(watched: Watched) -> None:
    said = watched.ask(
        "POST", "/v1/jobs", json={"script": f"The key is {OURS}.", "metadata": {"key": GOOGLES}}
    )
    assert GOOGLES in said
    assert watched.system.readers.wait_for(watched.system.log.head(), 10)
    stored = b"".join(file.read_bytes() for file in watched.folder.rglob("*") if file.is_file())
    assert all(key.encode() in stored for key in KEYS)
