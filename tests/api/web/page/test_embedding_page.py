"""The page of docs/EMBEDDING.md, as it stands there, on another site: it submits, watches and plays."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from actors.blobs.opening import open_blobs
from domain.asset import AssetKey
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOC = Path(__file__).parents[4] / "docs" / "EMBEDDING.md"
ADMIN = {"Authorization": "Bearer the-administrators-key"}
PLAYS = """v => new Promise((done) => {
  v.ontimeupdate = () => v.currentTime > 0.3 && done(true); v.onerror = () => done(false);
  v.muted = true; v.play();
})"""
SHOWS = """address => new Promise((done) => {
  const image = new Image(); image.onload = () => done(true); image.onerror = () => done(false);
  image.src = address;
})"""


class Elsewhere:
    """Two other sites on this machine: ``localhost`` is named to Reelog, ``127.0.0.1`` is not."""

    def __init__(self) -> None:
        self.page = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805 - the library's name; self is the sites
                handler.send_response(200)
                handler.send_header("Content-Type", "text/html")
                handler.end_headers()
                handler.wfile.write(self.page.encode())

            def log_message(handler, *_: object) -> None:  # noqa: N805 - as above
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.named = f"http://localhost:{self._server.server_port}"
        self.unnamed = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def site(tmp_path: Path, elsewhere: Elsewhere) -> Iterator[Site]:
    settings = {"API_KEY": "the-administrators-key", "CORS_ORIGINS": elsewhere.named}
    site = Site(tmp_path, settings=settings)
    site.start()
    given = {"name": "films", "scope": "submit", "rate": 120, "usd_per_day": 5}
    key = httpx.post(f"{site.url}/v1/keys", json=given, headers=ADMIN).json()["key"]
    [page] = re.findall(r"```html\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    assert page.count("\n") <= 40
    elsewhere.page = page.replace("https://reelog.example", site.url).replace("reelog_…", key)
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A person's browser on other sites, none of which is the server's."""
    context = browser.new_context()
    page = context.new_page()
    site.complaints = []
    page.on("pageerror", lambda error: site.complaints.append(str(error)))
    yield page
    context.close()
    assert site.complaints == []


def submit(page: Page) -> None:
    page.get_by_label("Script").fill("A boat sets out.\n\nIt comes home.")
    page.get_by_role("button", name="Make the film").click()


def test_the_page_of_the_document_submits_watches_and_plays(
    page: Page, site: Site, elsewhere: Elsewhere, studio: ScriptedStudio
) -> None:
    page.goto(elsewhere.named)
    with page.expect_response(f"{site.url}/v1/jobs") as answered:
        submit(page)
    job_id = studio.named(
        UUID(answered.value.json()["id"]), "The boat", ["A boat sets out.", "It comes home."]
    )
    told = page.get_by_role("status")
    expect(told).to_contain_text("%")
    play = studio.play(job_id)
    studio.until(play, "analysis")
    expect(told).to_contain_text("script", ignore_case=True)
    site.stop()
    studio.until(play, "image:1")
    site.start()
    for _ in play:
        pass
    video = page.locator("video")
    expect(video).to_have_attribute("src", re.compile(f"^{re.escape(site.url)}/links/"))
    expect(told).to_contain_text("100 %")
    assert video.evaluate(PLAYS)
    page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length > 0")


def test_a_site_that_is_not_named_shows_links_and_nothing_else(
    page: Page, site: Site, elsewhere: Elsewhere, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Mine", ["First."])
    for _ in studio.play(job_id):
        pass
    image = AssetKey.parse("image:1").id_in(job_id)
    link = httpx.post(f"{site.url}/v1/assets/{image}/link", headers=ADMIN).json()["url"]
    page.goto(elsewhere.unnamed)
    submit(page)
    expect(page.get_by_role("status")).to_have_text("Failed to fetch")
    assert page.evaluate(SHOWS, link)
    assert not page.evaluate(SHOWS, link.replace("signature=", "signature=0"))
    assert [job["id"] for job in httpx.get(f"{site.url}/v1/jobs", headers=ADMIN).json()["data"]] == [
        str(job_id)
    ]


def test_without_a_key_a_named_site_shows_what_there_is_and_another_does_not(
    browser: Browser, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    site = Site(tmp_path, settings={"CORS_ORIGINS": elsewhere.named})
    site.start()
    studio = ScriptedStudio(site.store_url, open_blobs(site.blobs_url))
    context = browser.new_context()
    try:
        job_id = studio.film("Mine", ["First."])
        for _ in studio.play(job_id):
            pass
        content = f"{site.url}/v1/assets/{AssetKey.parse('image:1').id_in(job_id)}/content"
        page = context.new_page()
        for origin, shows in ((elsewhere.unnamed, False), (elsewhere.named, True)):
            page.goto(origin)
            assert page.evaluate(SHOWS, content) is shows
    finally:
        context.close()
        studio.close()
        site.stop()
