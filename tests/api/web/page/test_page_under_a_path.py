"""The page under a path of another site: all that it asks for is below it, and it is as live as elsewhere.

The server answers without the path as well, so it stands for two that share an origin.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = "/studio/reelog"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, settings={"ROOT_PATH": ROOT})
    site.start()
    try:
        yield site
    finally:
        site.stop()
    assert site.complaints == []


def test_a_film_is_followed_and_played_and_nothing_is_asked_for_elsewhere(
    context: BrowserContext, page: Page, studio: ScriptedStudio
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(urlsplit(request.url).path))
    job_id = studio.film("Under a path", ["First.", "Second."])
    play = studio.play(job_id)
    page.goto(f"{ROOT}/#/jobs/{job_id}")
    expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    source = page.locator("video").first.get_attribute("src") or ""
    assert source.startswith(f"{ROOT}/v1/assets/")
    page.goto(f"{ROOT}/#/")
    page.goto(f"{ROOT}/jobs/{job_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Under a path")
    assert any(path == f"{ROOT}/v1/events" for path in asked)
    assert [path for path in asked if not path.startswith(f"{ROOT}/")] == []


def test_pages_of_two_servers_share_neither_their_stream_nor_what_is_written(
    context: BrowserContext, studio: ScriptedStudio
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(urlsplit(request.url).path))
    job_id = studio.film("Of two", ["First.", "Second."])
    for root in (ROOT, ""):
        page = context.new_page()
        page.goto(f"{root}/#/jobs/{job_id}")
        expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
        assert f"{root}/v1/events" in asked
    script = page.get_by_label("Script")
    page.goto("/#/")
    script.fill("For one of them.")
    page.goto(f"{ROOT}/")
    expect(script).to_have_value("")
    page.goto("/")
    expect(script).to_have_value("For one of them.")
