"""Servers in this process that are in trouble: what a healthy one answers nobody.

Full queues, wrong keys, pruned and damaged films are real. Only what takes a broken machine is an error put
where it would be raised; the application makes an answer of it as of any other.
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from eventsourcing.persistence import OperationalError, StoredEvent
from starlette.testclient import TestClient

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http.app import build_app
from api.http.problems import Problem
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.asset import AssetKey
from domain.store import ConflictError, Retention
from projections.database import ReadModelsUnavailableError
from projections.readers import BehindError
from tests.api.conftest import Site
from tests.projections.filming import Filming

BROKEN = (
    ConflictError("conflict"),
    OperationalError("disk I/O error"),
    ReadModelsUnavailableError("disk I/O error"),
    BehindError(9, 7),
    RuntimeError("a defect"),
    # Raised where bytes are read.
    Problem("request_timeout", "The request took too long to come."),
    Problem("malformed_request", "Invalid HTTP request received."),
)
NOBODY = "00000000-0000-4000-8000-000000000000"
LONG_AGO = datetime.now(UTC) - timedelta(days=100)


@contextlib.contextmanager
def site(**environ: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        given = {f"REELOG_{name}": value for name, value in environ.items()}
        settings = load_settings(given, Path(folder) / "none.env", DATA_DIR=Path(folder) / "data", PORT=0)
        models = ModelDirectory(functools.partial(Catalogue, None, date(2026, 11, 22)))
        system = open_system(settings, provider="emulator", models=models)
        app = build_app(system)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield Site(client, system, Filming(system.store, system.blobs))


def broken_answers(call: Any) -> None:
    """Make every call of these servers with ``call``, which keeps what is answered."""
    for answering in (_locked, _keyed, _busy, _films, _pruned, _ending):
        answering(call)


def _locked(call: Any) -> None:
    with site(API_KEY="k" * 40, RATE_LIMIT="1") as locked:
        call.client = locked.client
        for key in ("wrong", "k" * 40, "k" * 40):
            call("GET", "/v1/models", headers={"Authorization": f"Bearer {key}"})


def _keyed(call: Any) -> None:
    with site(API_KEY="k" * 40) as locked:
        call.client = locked.client
        administrator = {"Authorization": f"Bearer {'k' * 40}"}
        for name, asked in (
            ("reader", {"scope": "read"}),
            ("poor", {"scope": "submit", "usd_per_day": 0.0001}),
        ):
            given = call("POST", "/v1/keys", json={"name": name, **asked}, headers=administrator).json()
            theirs = {"Authorization": f"Bearer {given['key']}"}
            for script in ("A boat.", "Another."):
                call("POST", "/v1/jobs", json={"script": script}, headers=theirs)


def _busy(call: Any) -> None:
    with site(QUEUE_LIMIT="1") as busy:
        call.client = busy.client
        for script in ("A boat.", "Another."):
            call("POST", "/v1/jobs", json={"script": script})


def _films(call: Any) -> None:
    with site() as films:
        call.client = films.client
        filming = films.filming
        for error in BROKEN:
            with patch("api.http.assets.get_asset", side_effect=error):
                call("GET", f"/v1/assets/{NOBODY}")
        with patch.object(type(films.system.prices), "price", return_value=None):
            call("POST", "/v1/estimate", json={"script": "A boat.", "max_cost_usd": 5})
        elsewhere = filming.submit(provider="gemini")
        filming.finish(elsewhere)
        damaged = filming.submit()
        filming.finish(damaged)
        films.settle()
        video = AssetKey.parse("video")
        call("POST", f"/v1/assets/{video.id_in(elsewhere)}/regenerate")
        link = call("POST", f"/v1/assets/{video.id_in(damaged)}/link", json={"expires_in_s": 1}).json()["url"]
        later = datetime.now(UTC) + timedelta(minutes=1)
        with patch.object(films.system, "clock", lambda: later):
            call("GET", link)
        shared = SimpleNamespace(webhook_key=None, store="postgresql://database/reelog")
        with patch.object(films.system.webhooks, "_settings", shared):
            call("POST", "/v1/webhooks", json={"url": "https://hooks.example.org/reelog"})
        asset = films.system.studio.find_asset(damaged, video)
        assert asset is not None
        assert asset.product is not None
        films.system.blobs.path(asset.product.digest).unlink()
        call("GET", f"/v1/assets/{asset.id}/content")
        aside = films.system.studio.job(UUID(films.submit()))
        strange = StoredEvent(aside.id, aside.version + 1, "job.from_the_future", b"{}")
        films.system.studio.recorder.insert_events([strange])
        films.settle()
        call("POST", f"/v1/jobs/{aside.id}/cancel")


def _pruned(call: Any) -> None:
    with site() as films:
        call.client = films.client
        job_id = _prune(films)
        call("GET", f"/v1/assets/{AssetKey.parse('video').id_in(job_id)}/content")
        call("POST", f"/v1/jobs/{job_id}/fork", json={})


def _prune(films: Site) -> UUID:
    system = films.system
    films.filming.now = LONG_AGO
    job_id = films.filming.submit()
    films.filming.finish(job_id)
    for path in Path(system.settings.data_dir, "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    films.settle()
    retention = Retention(system.studio, system.log, system.files, system.readers, system.blobs, system.clock)
    list(retention.prune(timedelta(days=90)))
    films.settle()
    return job_id


def _ending(call: Any) -> None:
    with site() as ending:
        call.client = ending.client
        ending.client.app.state.tail.drained.set()  # type: ignore[attr-defined]
        call("POST", "/v1/jobs", json={"script": "A boat."})
        call("GET", "/readyz")
