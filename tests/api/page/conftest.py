"""A browser, and a server whose every event the test decides."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.api.page.scripted import ScriptedStudio

expect.set_options(timeout=10_000)


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without its sandbox (tests run as root in containers) and without a network to talk to."""
    path = _chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Server:
    """The scripted studio behind a port; it can go away and come back on the same one."""

    studio: ScriptedStudio
    port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.studio.stopped.clear()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.studio.app(), log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self.studio.stopped.set()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), "the server did not end"
        self._server = None


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(ScriptedStudio())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def studio(server: Server) -> ScriptedStudio:
    return server.studio


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser of one person. Whatever its pages complain of fails the test, and so does a foreign host."""
    context = browser.new_context(base_url=server.url, permissions=["clipboard-read", "clipboard-write"])
    foreign: list[str] = []
    context.on(
        "request", lambda r: None if r.url.startswith((server.url, "blob:")) else foreign.append(r.url)
    )
    context.on("weberror", lambda e: server.complaints.append(str(e.error)))
    try:
        yield context
    finally:
        context.close()
    assert foreign == []
    assert server.complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
