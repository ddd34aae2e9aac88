"""Behind a real nginx, under a path: nothing is held back, and a stream goes on where it broke."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api.cli.client import Client
from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.conftest import SHIPPED
from tests.api.serving import serving
from tests.deploy.nginx import Nginx, configuration, needs_nginx
from tests.nodes import free_port
from tests.projections.filming import Filming

pytestmark = [needs_nginx, pytest.mark.slow]

ROOT = "/reelog"


class Site(NamedTuple):
    url: str
    nginx: Nginx
    system: System
    filming: Filming


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    settings = load_settings(
        {}, tmp_path / "none.env", DATA_DIR=tmp_path, PORT=0, ROOT_PATH=ROOT, TRUSTED_PROXIES="127.0.0.1"
    )
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as address:
        port = free_port()
        file = configuration(tmp_path, "under_a_path.conf", int(address.rpartition(":")[2]), port)
        nginx = Nginx(file, port)
        nginx.start()
        filming = Filming(system.store, system.blobs)
        try:
            yield Site(f"http://127.0.0.1:{port}{ROOT}", nginx, system, filming)
        finally:
            nginx.kill()
            filming.studio.close()


def test_a_stream_is_resumed_through_the_proxy_without_gap_or_repeat(site: Site) -> None:
    job_id = site.filming.submit()
    assert site.system.readers.wait_for(site.system.log.head(), 20)
    stream = Client(site.url).stream(f"/v1/jobs/{job_id}/events", 0)
    came = [next(stream)["position"]]
    site.nginx.kill()
    assert site.filming.finish(job_id) == "completed"
    site.nginx.start()
    came += [event["position"] for event in stream]
    recorded = [event["position"] for event in Client(site.url).pages(f"/v1/jobs/{job_id}/events")]
    assert came == recorded
    assert len(came) > 10


def test_an_event_is_there_when_it_happens_not_when_a_buffer_is_full(site: Site) -> None:
    with httpx.stream(
        "GET", f"{site.url}/v1/events", headers={"Accept": "text/event-stream"}, timeout=10
    ) as answer:
        lines = answer.iter_lines()
        assert next(lines)
        job_id = site.filming.submit()
        began = time.monotonic()
        assert any(str(job_id) in line for line in lines)
        assert time.monotonic() - began < 10, "before the next heartbeat"


def test_pages_links_and_parts_of_files_come_through(site: Site) -> None:
    job_id = site.filming.submit()
    site.filming.finish(job_id)
    assert site.system.readers.wait_for(site.system.log.head(), 20)
    with httpx.Client(base_url=site.url.removesuffix(ROOT), headers={"Accept": "text/html"}) as browser:
        assert browser.get(ROOT).headers["location"].endswith(f"{ROOT}/")
        for page in ("/", "/jobs", f"/jobs/{job_id}", "/static/app.js", "/docs"):
            assert browser.get(f"{ROOT}{page}").status_code == 200, page
        job = browser.get(f"{ROOT}/v1/jobs/{job_id}").json()
        film = browser.get(job["links"]["video"], headers={"Range": "bytes=0-3"})
        assert (film.status_code, len(film.content)) == (206, 4)
        sent = browser.post(
            f"{ROOT}/v1/jobs", json={"script": "A boat."}, headers={"Origin": site.url.removesuffix(ROOT)}
        )
        assert sent.status_code == 201, "a page of this very site may"
        assert sent.headers["location"].startswith(f"{ROOT}/v1/jobs/")
        foreign = browser.post(
            f"{ROOT}/v1/jobs", json={"script": "A boat."}, headers={"Origin": "http://evil.example"}
        )
        assert foreign.status_code == 403
