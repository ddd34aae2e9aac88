"""What a busy server refuses is said, and asked for again by itself, no sooner than the server says."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.page.answers import refuse_all
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]
AGAIN = "It is asked for again by itself."
SOON, A_MINUTE = 50_000, 60_000
"""In ms; each refusal says a minute."""
VIEWS = {
    "film": ("/#/jobs/{film}", r"/v1/jobs/{film}$", ".job .state"),
    "events": ("/#/jobs/{film}", r"/v1/jobs/{film}/events", ".job .state"),
    "past": ("/#/jobs/{film}?at=1", r"/v1/jobs/{film}\?at=", ".history b"),
    "films": ("/#/jobs", r"/v1/jobs\?limit=50", ".films li"),
    "compare": ("/#/compare/{film}", r"/v1/jobs/{film}$", ".compare tbody tr"),
    "workers": ("/#/workers", "/readyz$", ".workers .hint"),
    "webhooks": ("/#/webhooks", r"/v1/webhooks\?", ".webhooks .hint"),
}
"""Its address, what is refused, and what is seen when it comes."""


@pytest.fixture
def film(page: Page, studio: ScriptedStudio) -> UUID:
    """A finished one."""
    page.clock.install()
    job_id = studio.film("Much asked for", WORDS)
    for _ in studio.play(job_id):
        pass
    return job_id


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_that_is_refused_at_first_says_so_and_comes_by_itself(
    page: Page, site: Site, film: UUID, name: str, status: int
) -> None:
    address, asked, there = VIEWS[name]
    route = re.compile(asked.format(film=film))
    refused = refuse_all(page, route, status)
    page.goto(address.format(film=film))
    expect(page.get_by_role("alert")).to_have_text("Not now.")
    expect(page.get_by_text(AGAIN)).to_be_visible()
    if name == "films":
        assert site.streams == [], "all that ever happened, as it is not known where the list ends"
    often = len(refused)
    page.clock.run_for(SOON)
    # The head of the page asks, too, how the server is.
    assert name == "workers" or len(refused) == often
    page.unroute(route)
    page.clock.run_for(A_MINUTE - SOON)
    expect(page.locator(there).first).to_be_visible()
    expect(page.get_by_text(AGAIN)).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("name", VIEWS)
def test_who_does_not_wait_asks_again_at_once(page: Page, film: UUID, name: str) -> None:
    address, asked, there = VIEWS[name]
    route = re.compile(asked.format(film=film))
    refused = refuse_all(page, route)
    page.goto(address.format(film=film))
    again = page.get_by_role("button", name="Try again")
    often = len(refused)
    with page.expect_response(route):
        again.press("Enter")
    assert len(refused) > often
    expect(again).to_be_focused()
    # The page hears of the answer later than the test.
    expect(again).not_to_have_attribute("aria-busy", "true")
    page.unroute(route)
    again.press("Enter")
    expect(page.locator(there).first).to_be_visible()
    expect(again).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_a_moment_of_the_past_that_is_refused_comes_by_itself(page: Page, film: UUID) -> None:
    page.goto(f"/#/jobs/{film}")
    expect(page.locator("#connection")).to_have_text("Live")
    route = re.compile(r"\?at=")
    refuse_all(page, route)
    page.goto(f"/#/jobs/{film}?at=1")
    expect(page.get_by_role("alert")).to_have_text("Not now.")
    page.unroute(route)
    page.clock.run_for(A_MINUTE)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".job .state").first).to_contain_text("Queued")


@pytest.mark.usefixtures("film")
def test_what_films_cost_today_comes_though_it_was_refused(page: Page) -> None:
    route = re.compile(r"/v1/jobs\?fields=id,created_at,cost")
    with page.expect_response(route):
        refuse_all(page, route)
        page.goto("/#/jobs")
    count = page.locator(".page > .count")
    expect(page.locator(".films li")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(count).to_be_empty()
    page.unroute(route)
    page.clock.run_for(A_MINUTE)
    expect(count).to_contain_text("1 film begun today")


def test_a_place_in_the_queue_that_is_refused_comes_by_itself(page: Page, studio: ScriptedStudio) -> None:
    """A server that answers nothing now is not one that tells no places."""
    page.clock.install()
    studio.film("Waits", WORDS)
    refuse_all(page, "**/readyz", 503)
    page.goto("/#/jobs")
    expect(page.get_by_role("alert")).to_have_text("Not now.")
    page.unroute("**/readyz")
    page.clock.run_for(A_MINUTE)
    expect(page.locator(".films .state")).to_have_text("Queued · place 1 of 1")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_price_in_a_dialog_that_was_refused_comes_by_itself(page: Page, film: UUID) -> None:
    page.goto(f"/#/jobs/{film}")
    refuse_all(page, "**/fork", 503)
    page.get_by_role("button", name="Fork").click()
    dialog = page.get_by_role("dialog")
    page.clock.run_for(1_000)
    expect(dialog.get_by_role("alert")).to_have_text("Not now.")
    page.unroute("**/fork")
    page.clock.run_for(A_MINUTE)
    expect(dialog.locator(".price")).to_contain_text(" to make: ")
    expect(dialog.get_by_role("alert")).to_have_count(0)


def test_what_the_form_asks_for_and_is_refused_comes_by_itself(page: Page) -> None:
    page.clock.install()
    refuse_all(page, "**/v1/estimate")
    refuse_all(page, "**/v1/models", 503)
    page.goto("/")
    page.get_by_label("Script").fill("The sea is wide.")
    page.clock.run_for(1_000)
    expect(page.locator(".estimate")).to_have_text("No estimate: Not now.")
    page.locator("#group-models summary").click()
    expect(page.get_by_role("alert")).to_have_text("Not now.")
    page.unroute_all()
    page.clock.run_for(A_MINUTE)
    expect(page.get_by_label("Image model")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    # With what can be chosen now it is asked for once more.
    page.clock.run_for(1_000)
    expect(page.locator(".estimate b")).to_contain_text("About $")
