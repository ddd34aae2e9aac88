"""The API's page in a browser: found by its words, one language for all calls, and ids of one's own films."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.web.page.axe import shared_ids, violations
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site
from tests.api.web.page.views import WORDS, Theme

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOME = {"include": [[".site"], [".contents"], ["#start"], ["#submit_job"], ["#EventPage"], ["#conflict"]]}
"""One of each kind: the page is long, and the rest is made alike."""
WIDE = """
[...document.querySelectorAll('body *')].filter((element) => !element.closest('pre, .hidden')
  && element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 90))
"""
CUT = """
[...document.querySelectorAll('.docs .words, .docs .words *')].filter((element) =>
  !element.closest('pre, .hidden') && getComputedStyle(element).overflowY === 'hidden'
  && element.scrollHeight > element.clientHeight + 2)
  .map((element) => element.outerHTML.slice(0, 90))
"""
BROKEN = """
[...document.querySelectorAll('.method')].filter((method) => method.getClientRects().length > 1
  || method.getBoundingClientRect().height > 30).map((method) => method.outerHTML)
"""


def test_it_is_searched_and_keeps_the_language_and_fills_in_what_is_mine(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Mine", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto("/docs")
    shown = page.locator("#get_job .program:visible")
    expect(shown).to_contain_text(f"/v1/jobs/{job_id}")
    page.locator("label[for=submit_job-python]").click()
    expect(shown).to_contain_text("import httpx")
    page.reload()
    expect(shown).to_contain_text("import httpx")
    page.locator("#get_job .copy:visible").click()
    assert str(job_id) in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("/")
    page.keyboard.type("idempotency estimate")
    expect(page.locator("#get_asset")).to_be_hidden()
    page.locator("#search").fill("voice-over song")
    expect(page.locator("#add_file")).to_be_visible()
    page.locator("#search").fill(uuid4().hex)
    expect(page.locator("#nothing")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("dark", 360), ("light", 1280)])
def test_nothing_is_broken_or_hard_to_read(browser: Browser, site: Site, theme: Theme, width: int) -> None:
    context = browser.new_context(
        base_url=site.url, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    site.watch(context)
    page = context.new_page()
    for path in ("/docs", "/docs/problems"):
        page.goto(path)
        assert shared_ids(page) == []
        assert page.evaluate(WIDE) == []
        assert page.evaluate(CUT) == []
        if path == "/docs":
            # The method and what it is asked of stand side by side, and neither is broken.
            assert page.evaluate(BROKEN) == []
        found = violations(page, SOME)
        assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    context.close()
