"""A real server in a thread, and the scripted films of its store."""

import functools
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Request

from actors.blobs.opening import open_blobs
from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.store import Retention
from projections.readers import ReadModels
from tests.api.web.page.scripted import ScriptedStudio

CATALOGUE = functools.partial(Catalogue, None, date(2026, 11, 22))


class InThread(Server):
    """Signals belong to the main thread, and so to pytest."""

    def install_signal_handlers(self) -> None:
        return


@dataclass
class Site:
    """The application without actors, in a thread; it can go away and come back on the same port."""

    folder: Path
    port: int = 0
    url: str = ""
    complaints: list[str] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    _readers: ReadModels | None = None
    _server: InThread | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        settings = load_settings(
            {}, self.folder / "none.env", DATA_DIR=self.folder / "data", PORT=self.port, **self.settings
        )
        system = open_system(settings, provider="emulator", models=ModelDirectory(CATALOGUE))
        self._readers = system.readers
        self.store_url, self.blobs_url = system.settings.store, system.settings.blobs
        ready = threading.Event()
        self._server = InThread(build_app(system), settings, on_ready=lambda _: ready.set())
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        assert ready.wait(30), "the server did not start"
        self.url = self._server.address()
        self.port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.drain()
        self._server.should_exit = True
        self._thread.join(timeout=20)
        assert not self._thread.is_alive(), "the server did not end"
        self._server = None

    def until_projected(self, position: int) -> None:
        """Before a look at lists, in which nothing is to come later."""
        assert self._readers is not None
        assert self._readers.wait_for(position, 60), "the read models do not get on"

    def watch(self, context: BrowserContext) -> None:
        """Whatever a page complains of fails the test, and so does a request to another host."""
        context.on("request", self._note)
        context.on(
            "console", lambda m: self.complaints.append(m.text) if "Content Security" in m.text else None
        )
        context.on("weberror", lambda e: self.complaints.append(str(e.error)))

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "blob:")):
            self.complaints.append(f"a request to {request.url}")
        if request.url.startswith(f"{self.url}/v1/events?"):
            self.streams.append(request.url)


def prune(site: Site) -> None:
    """Remove the texts and files of all films that have ended, as if they had long ago."""
    settings = load_settings({}, site.folder / "none.env", DATA_DIR=site.folder / "data")
    system = open_system(settings, provider="emulator")
    long_ago = (datetime.now(UTC) - timedelta(days=1)).timestamp()
    for path in Path(settings.data_dir, "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    try:
        system.projector.start()
        retention = Retention(
            system.studio,
            system.log,
            system.files,
            system.readers,
            system.blobs,
            lambda: datetime.now(UTC) + timedelta(hours=2),
        )
        assert all(done.finished for done in retention.prune(timedelta(hours=1)))
    finally:
        system.close()


@contextmanager
def open_site() -> Iterator[tuple[Site, ScriptedStudio]]:
    """A site and its films in a folder of their own, outside of tests."""
    with tempfile.TemporaryDirectory(prefix="reelog-site-") as folder:
        site = Site(Path(folder))
        site.start()
        studio = ScriptedStudio(site.store_url, open_blobs(site.blobs_url))
        try:
            yield site, studio
        finally:
            studio.close()
            site.stop()
