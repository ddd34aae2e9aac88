"""A browser, and a real server whose films a test makes step by step."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from actors.blobs.opening import open_blobs
from tests.api.web.page.browser import chromium, launch
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """This folder's own: while Playwright is open its event loop counts as running in this thread, and no
    test after it could run another.
    """
    path = chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.start()
    try:
        yield site
    finally:
        site.stop()
    assert site.complaints == []


@pytest.fixture
def studio(site: Site) -> Iterator[ScriptedStudio]:
    studio = ScriptedStudio(site.store_url, open_blobs(site.blobs_url))
    try:
        yield studio
    finally:
        studio.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """The browser of one person."""
    context = browser.new_context(base_url=site.url, permissions=["clipboard-read", "clipboard-write"])
    site.watch(context)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    # An answer that a test changes may be on its way while its page closes: no other test is told of it.
    page.unroute_all(behavior="ignoreErrors")
