"""The README's two pictures of the page, of a film that the whole product makes.

``python -m tests.api.page.screenshots`` writes them into ``docs/``. A film under way in the light
theme, and the same one finished in the dark.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.pages import STATIC
from tests.api.page.whole_product import whole_product

DOCS = Path(__file__).parents[3] / "docs"
WIDTH, HEIGHT = 1280, 860
MOST_BYTES = 200_000
FILM_MS = 600_000


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Chromium is needed; install it (apt-get install chromium)\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        whole_product(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
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
    _shoot(page, "page-making.png")
    return page.url


def _finished(browser: Browser, url: str, job: str) -> None:
    page = _open(browser, url, "dark")
    page.goto(job)
    expect(page.locator(".state")).to_contain_text("Finished", timeout=FILM_MS)
    page.locator(".screen video").evaluate(
        "v => new Promise((done) => { v.onseeked = done; v.currentTime = v.duration * 0.17 })"
    )
    _shoot(page, "page-film.png")


def _open(browser: Browser, url: str, theme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=theme, base_url=url)
    page.goto("/")
    return page


def _shoot(page: Page, name: str) -> None:
    """With as many colours as fit into a file that a reader of the README loads without a thought."""
    path = DOCS / name
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as taken:
        image = taken.convert("RGB")
    for colours in (256, 192, 128, 96, 64):
        # This method keeps small spots of a colour of their own, such as the red dot.
        image.quantize(colours, method=Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path} has {path.stat().st_size} bytes; at most {MOST_BYTES} are wanted")


if __name__ == "__main__":
    raise SystemExit(main())
