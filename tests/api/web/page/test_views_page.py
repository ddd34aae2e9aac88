"""Every view in both themes, narrow and wide: nothing overflows, no id is there twice, axe finds nothing.

The films and the browser are the same for all views, which only look: each view is a page of its own.
"""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.api.web.page.axe import shared_ids, violations
from tests.api.web.page.site import open_site
from tests.api.web.page.views import VIEWS, Theme, films

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKS: tuple[tuple[int, tuple[Theme, Theme]], ...] = (
    (360, ("light", "dark")),
    (1280, ("dark", "light")),
    (3840, ("light", "dark")),
)
"""Each theme at each width, one of both changing at a time: a window of that size is long in drawing."""
HEIGHT = 6500
"""So high that all is laid out, and that the history, which sticks to the window's edge, covers nothing."""
AXE_AT: dict[Theme, int] = {"light": 360, "dark": 1280}
"""What axe finds is of words and colours: once in each theme, narrow in one, wide in the other."""
TRANSITIONS = "document.getAnimations().filter((one) => one instanceof CSSTransition).length"


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[tuple[BrowserContext, Mapping[str, str]]]:
    with open_site() as (site, studio):
        context = browser.new_context(base_url=site.url, bypass_csp=True)
        try:
            yield context, films(site, studio)
        finally:
            context.close()


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_overflows_and_axe_finds_nothing(
    shown: tuple[BrowserContext, Mapping[str, str]], name: str
) -> None:
    context, of_films = shown
    page = context.new_page()
    try:
        VIEWS[name].open(page, of_films, unfold=True)
        assert shared_ids(page) == []
        for width, themes in LOOKS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert page.evaluate("document.body.scrollHeight") <= HEIGHT, "what is below is not laid out"
            for theme in themes:
                page.emulate_media(color_scheme=theme)
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, f"{overflow} px too wide at {width}, {theme}"
                if width == AXE_AT[theme]:
                    page.wait_for_function(f"() => {TRANSITIONS} === 0")
                    found = [(one["id"], one["nodes"][0]["html"]) for one in violations(page)]
                    assert found == [], f"at {width}, {theme}"
    finally:
        page.close()
