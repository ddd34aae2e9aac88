"""In a list that grows by itself no button comes to be under a pointer, or a key, that was at another."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.api.web.page.answers import settled
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site
from tests.api.web.page.views import HOOK, tell_of_webhooks

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First."]
FILMS = ".films a.film"


@pytest.fixture
def list_of(page: Page, studio: ScriptedStudio) -> Locator:
    for title in ("One", "Two"):
        studio.film(title, WORDS)
    page.goto("/#/jobs")
    expect(page.locator(FILMS)).to_have_count(2)
    expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
    return page.locator(".films li")


def submitted(page: Page, studio: ScriptedStudio) -> str:
    """A new film, of which the page has heard."""
    with page.expect_response(lambda answer: re.search(r"/v1/jobs/[^/?]+$", answer.url) is not None):
        job_id = studio.film("Another", WORDS)
    settled(page)
    return f"#/jobs/{job_id}"


def test_what_is_new_waits_until_the_pointer_has_left_the_list(
    page: Page, studio: ScriptedStudio, list_of: Locator
) -> None:
    cancel = list_of.last.get_by_role("button", name="Cancel")
    cancel.hover()
    before = cancel.bounding_box()
    submitted(page, studio)
    newest = submitted(page, studio)
    more = page.get_by_role("button", name="Show 2 new films")
    expect(more).to_be_visible()
    expect(list_of).to_have_count(2)
    assert cancel.bounding_box() == before
    page.locator("h1").hover()
    expect(list_of).to_have_count(4)
    expect(more).to_have_count(0)
    expect(page.locator(FILMS).first).to_have_attribute("href", newest)


def test_what_is_new_is_shown_by_a_button_also_by_keys(
    page: Page, studio: ScriptedStudio, list_of: Locator
) -> None:
    list_of.first.get_by_role("link").focus()
    newest = submitted(page, studio)
    expect(page.get_by_role("status").filter(has_text="Show 1 new films")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Show 1 new films")).to_be_focused()
    expect(list_of).to_have_count(2)
    page.keyboard.press("Enter")
    expect(list_of).to_have_count(3)
    expect(page.locator(FILMS).first).to_be_focused()
    expect(page.locator(FILMS).first).to_have_attribute("href", newest)


def test_where_no_pointer_is_seen_before_it_touches_the_list_is_always_steady(
    browser: Browser, site: Site, studio: ScriptedStudio
) -> None:
    studio.film("One", WORDS)
    context = browser.new_context(base_url=site.url, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        page.goto("/#/jobs")
        expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
        newest = submitted(page, studio)
        page.get_by_role("button", name="Show 1 new films").tap()
        expect(page.locator(FILMS).first).to_have_attribute("href", newest)
    finally:
        context.close()


def test_a_film_that_is_none_of_those_asked_for_goes_when_the_pointer_has_left(
    page: Page, studio: ScriptedStudio, list_of: Locator
) -> None:
    page.get_by_role("button", name="Queued").click()
    expect(list_of).to_have_count(2)
    link = list_of.first.get_by_role("link")
    link.hover()
    job_id = UUID((link.get_attribute("href") or "").rpartition("/")[2])
    studio.until(studio.play(job_id), "analysis begun")
    expect(list_of.first).to_contain_text("Reading the script")
    expect(list_of).to_have_count(2)
    page.locator("h1").hover()
    expect(list_of).to_have_count(1)


def test_deliveries_stay_where_they_are_while_they_are_pointed_at(page: Page) -> None:
    tell_of_webhooks(page)
    one = {"type": "job.failed", "status": "failed", "tried": 1, "turn": 1, "next_try_at": None}
    told = [one | {"id": f"told-{n}", "job_id": f"film-{n}", "last_try": None} for n in range(3)]
    count = 2

    def answer(route: Route) -> None:
        route.fulfill(json={"data": told[:count][::-1], "has_more": False})

    page.route("**/deliveries?*", answer)
    page.goto(f"/#/webhooks/{HOOK}")
    rows = page.locator(".deliveries li")
    expect(rows).to_have_count(2)
    again = rows.first.get_by_role("button", name="Send again: Failed film-1")
    again.hover()
    before = again.bounding_box()
    count = 3
    more = page.get_by_role("button", name="Show 1 new")
    expect(more).to_be_visible()
    assert again.bounding_box() == before
    more.click()
    expect(rows).to_have_count(3)
    expect(rows.first.get_by_role("link", name="film-2")).to_be_focused()


def test_who_goes_to_the_last_at_once_finds_all_about_as_high_as_it_was_taken_to_be(
    page: Page, studio: ScriptedStudio
) -> None:
    film = studio.film("Of many scenes", ["A ship waits in the harbour, and nobody knows for whom."] * 14)
    for _ in studio.play(film):
        pass
    for number in range(15):
        studio.film(f"Film {number}", WORDS)
        studio.film(f"Film {number}", ["A ship waits in the harbour of a town that is asleep."])
    for place, cards, count in (("/#/jobs", ".films li", 31), (f"/#/jobs/{film}", ".scene", 14)):
        page.goto(place)
        expect(page.locator(cards)).to_have_count(count)
        settled(page)
        before = heights(page, cards)
        page.locator(cards).last.evaluate("last => last.scrollIntoView()")
        expect(page.locator(cards).last).to_be_in_viewport()
        settled(page)
        # What is not looked at is not drawn; another height than it was held to have would move all the rest.
        assert heights(page, cards) == pytest.approx(before, abs=13)  # half of a line


def test_the_ring_around_what_has_focus_is_seen_whole(page: Page, studio: ScriptedStudio) -> None:
    film = studio.film("Of two scenes", ["A ship waits.", "It leaves."])
    for _ in studio.play(film):
        pass
    for place, card, inside in (("/#/jobs", ".films li", "a.film"), (f"/#/jobs/{film}", ".scene", "button")):
        page.goto(place)
        first = page.locator(card).first
        expect(first).to_have_css("content-visibility", "auto")
        first.locator(inside).first.focus()
        # What is drawn only where it is looked at is cut off at its edges, and rings lie beyond them.
        expect(first).to_have_css("content-visibility", "visible")


def heights(page: Page, cards: str) -> list[float]:
    found = page.locator(cards).evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    return [float(one) for one in found]
