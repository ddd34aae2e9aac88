"""Who works for the server, as it is told when it has trouble."""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.api.web.page.answers import hold
from tests.api.web.page.views import PLACES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CREW = {"actors": "none", "crew": {"process": "work-1:31", "at_work": "ready", "crew": PLACES}}


def test_workers_are_shown_by_an_answer_that_takes_longer_than_a_look(page: Page) -> None:
    page.clock.install()
    asked: list[Request] = []

    def by_both(request: Request) -> bool:
        """The head of the page asks, too."""
        asked.extend([request] if request.url.endswith("/readyz") else [])
        return len(asked) == 2

    held = hold(page, "**/readyz", "GET")
    with page.expect_event("request", by_both):
        page.goto("/#/workers")
    page.clock.run_for(2_500)
    for route in held[:2]:
        route.fulfill(json=CREW)
    expect(page.locator(".workers td").first).to_be_visible()
