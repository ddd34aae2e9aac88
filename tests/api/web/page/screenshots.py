"""The README's two pictures of the page, of a film that the whole product makes.

``make screenshots`` writes them into ``docs/``. A film under way in the light
theme, and the same one finished in the dark.
"""

import re
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.web.pages import STATIC
from tests.api.web.page.browser import chromium, launch
from tests.api.web.page.views import LOAD_PICTURES
from tests.api.web.page.whole_product import whole_product

DOCS = Path(__file__).parents[4] / "docs"
WIDTH, HEIGHT = 1280, 860
MOST_BYTES = 200_000
FILM_MS = 600_000


def main() -> int:
    path = chromium()
    if path is None:
        sys.stderr.write("Chromium is needed; install it (apt-get install chromium)\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        whole_product(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, path)
        try:
            job = _under_way(browser, url)
            _finished(browser, url, job)
        finally:
            browser.close()
    return 0


def _under_way(browser: Browser, url: str) -> str:
    """Submit by the form, and look when some of the pictures are there; gives the film's address."""
    page = _open(browser, url, "light")
    page.get_by_label("Script").fill((STATIC / "samples" / "lighthouse.txt").read_text(encoding="utf-8"))
    page.get_by_role("button", name="Make the film").click()
    page.wait_for_url(re.compile("#/jobs/"))
    pictures = page.locator(".scene :is(img, video)")
    expect(pictures.nth(2)).to_be_attached(timeout=FILM_MS)
    expect(page.locator("#crew")).to_have_attribute("data-state", "well", timeout=FILM_MS)
    _shoot(page, "page-making.webp")
    return page.url


def _finished(browser: Browser, url: str, job: str) -> None:
    page = _open(browser, url, "dark")
    page.goto(job)
    expect(page.locator(".state")).to_contain_text("Finished", timeout=FILM_MS)
    page.locator(".screen video").evaluate(
        "v => new Promise((done) => { v.onseeked = done; v.currentTime = v.duration * 0.17 })"
    )
    # A picture of a film, not of a player that is loading.
    page.wait_for_function("() => document.querySelector('.screen video').readyState >= 3")
    page.locator(".screen video").evaluate("v => v.removeAttribute('controls')")
    _shoot(page, "page-film.webp")


def _open(browser: Browser, url: str, theme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=theme, base_url=url, device_scale_factor=1.5
    )
    page.goto("/")
    return page


def _shoot(page: Page, name: str) -> None:
    """As good as fits into a file that a reader of the README loads without a thought."""
    path = DOCS / name
    # Nothing is as it is under a pointer.
    page.mouse.move(0, 0)
    page.evaluate(LOAD_PICTURES)
    with Image.open(BytesIO(page.screenshot(animations="disabled"))) as taken:
        image = taken.convert("RGB")
    for quality in (90, 80, 70, 60):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path} has {path.stat().st_size} bytes; at most {MOST_BYTES} are wanted")


if __name__ == "__main__":
    raise SystemExit(main())
