"""Finding a film again, and what is done with it in the list."""

import json
import re
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]


@pytest.fixture
def films(page: Page, studio: ScriptedStudio) -> Locator:
    """Two finished, and two that wait: the later one goes first."""
    for title, metadata in (("The lighthouse", {"project": "autumn"}), ("The sea", {"project": "spring"})):
        for _ in studio.play(studio.film(title, WORDS, metadata=metadata)):
            pass
    studio.film("Usual", ["A heron stands still."])
    studio.film("Urgent", ["A boat leaves."], priority="high")
    page.goto("/#/jobs")
    cards = page.locator(".films li")
    expect(cards).to_have_count(4)
    return cards


def card(films: Locator, name: str) -> Locator:
    return films.filter(has_text=name)


def do(films: Locator, name: str, what: str) -> None:
    card(films, name).get_by_text("More for").click()
    card(films, name).get_by_role("button", name=f"{what} {name}").click()


def test_films_are_found_by_words_metadata_status_and_cost(page: Page, films: Locator) -> None:
    # Until it has a title, a film is called by the first words of its script.
    expect(card(films, "A heron stands still.")).to_contain_text("Queued · place 2 of 2")
    expect(card(films, "A boat leaves.")).to_contain_text("Queued · place 1 of 2")
    page.get_by_label("Search films").fill("lightho")
    expect(films).to_have_count(1)
    expect(films).to_contain_text("The lighthouse")
    assert page.url.endswith("#/jobs?q=lightho")
    page.get_by_label("Search films").fill("")
    expect(films).to_have_count(4)
    card(films, "The sea").get_by_role("button", name="project: spring").click()
    expect(films).to_have_count(1)
    # What was asked for has an address, to keep or to send.
    page.reload()
    expect(films).to_have_count(1)
    page.get_by_role("button", name="project: spring, show also others").click()
    expect(films).to_have_count(4)
    page.get_by_role("button", name="Queued").click()
    expect(films).to_have_count(2)
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_text("More filters").click()
    page.get_by_label("Cost from").fill("0.01")
    expect(films).to_have_count(2)
    page.get_by_label("Cost from").fill("1000")
    expect(page.get_by_text("No such films.")).to_be_visible()
    page.get_by_role("link", name="Show them all").click()
    expect(films).to_have_count(4)


def test_what_is_searched_for_stays_as_it_is_typed(page: Page, films: Locator) -> None:
    search = page.get_by_label("Search films")
    with page.expect_response(re.compile("[?&]q=green(&|$)")):
        search.press_sequentially("green ")
    expect(films).to_have_count(0)
    expect(page.get_by_text("No such films.")).to_be_visible()
    search.press_sequentially("boat")
    expect(search).to_have_value("green boat")
    search.fill(" ")
    expect(films).to_have_count(4)


def test_films_of_a_day_are_found_by_the_day_as_it_is_where_one_reads(
    browser: Browser, site: Site, studio: ScriptedStudio
) -> None:
    for title, at in (("Late on the 16th", "2026-11-16T12:00Z"), ("Early on the 17th", "2026-11-16T16:00Z")):
        studio.now = datetime.fromisoformat(at)
        studio.submit(script=title)
    context = browser.new_context(base_url=site.url, timezone_id="Asia/Tokyo")
    site.watch(context)
    try:
        page = context.new_page()
        page.goto("/#/jobs")
        films = page.locator(".films li")
        expect(films).to_have_count(2)
        page.get_by_text("More filters").click()
        page.get_by_label("Submitted on or after").fill("2026-11-17")
        expect(films).to_have_count(1)
        expect(films).to_contain_text("Early on the 17th")
        page.get_by_label("Submitted on or before").fill("2026-11-17")
        page.wait_for_url("**/#/jobs?created_from=2026-11-17&created_to=2026-11-17")
        expect(films.filter(has_text="Early on the 17th")).to_have_count(1)
        page.get_by_label("Submitted on or after").fill("2026-11-16")
        page.get_by_label("Submitted on or before").fill("2026-11-16")
        expect(films.filter(has_text="Early on the 17th")).to_have_count(0)
        expect(films.filter(has_text="Late on the 16th")).to_have_count(1)
        # Whoever is sent the address sees the days that it asks for.
        page.reload()
        expect(page.get_by_label("Submitted on or after")).to_be_visible()
        expect(page.get_by_label("Submitted on or after")).to_have_value("2026-11-16")
        expect(films).to_have_count(1)
        expect(films).to_contain_text("Late on the 16th")
    finally:
        context.close()


def test_a_film_is_renamed_forked_and_compared_from_the_list(page: Page, films: Locator) -> None:
    do(films, "The sea", "Rename")
    dialog = page.get_by_role("dialog", name="Rename")
    expect(dialog).to_contain_text("Whoever sees the film sees the name")
    expect(dialog.get_by_label("Name")).to_have_value("The sea")
    dialog.get_by_label("Name").fill("Holi\u0007days")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.get_by_role("alert")).to_contain_text("write one line, without control characters")
    dialog.get_by_label("Name").fill("Holidays")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_have_count(0)
    expect(card(films, "Holidays")).to_have_count(1)
    # It is the film's for everybody: found by it, and there in a browser that knows nothing of it.
    page.evaluate("localStorage.clear()")
    page.goto("/#/jobs?q=holi")
    page.reload()
    expect(films).to_have_count(1)
    page.get_by_label("Search films").fill("")
    expect(films).to_have_count(4)
    do(films, "Holidays", "Fork")
    fork = page.get_by_role("dialog", name="Fork this film")
    expect(fork.locator(".price")).to_contain_text("to make: ")
    fork.get_by_role("button", name="Close").click()
    do(films, "Holidays", "Compare")
    expect(page.get_by_text("Compare Holidays with which?")).to_be_visible()
    do(films, "The lighthouse", "Compare")
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.get_by_label("First film").locator("option:checked")).to_contain_text("Holidays")


def test_a_film_is_deleted_after_it_was_asked_whether_that_is_meant(page: Page, films: Locator) -> None:
    do(films, "The sea", "Delete")
    dialog = page.get_by_role("dialog", name="Delete The sea?")
    expect(dialog).to_contain_text("cannot be brought back")
    refused = {"code": "behind", "detail": "The read models are behind.", "errors": []}

    def refuse(route: Route) -> None:
        if route.request.method == "DELETE":
            route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(refused))
        else:
            route.continue_()

    page.route("**/v1/jobs/*", refuse)
    dialog.get_by_role("button", name="Delete for ever").click()
    expect(dialog.get_by_role("alert")).to_have_text("The read models are behind.")
    page.unroute("**/v1/jobs/*")
    dialog.get_by_role("button", name="Delete for ever").click()
    expect(dialog).to_have_count(0)
    expect(films.filter(has_text="Removed on")).to_have_count(1)
    expect(films.filter(has_text="Removed on")).to_contain_text("Texts and files were removed")


def test_a_film_is_renamed_at_its_head_and_called_by_its_title_again(page: Page, films: Locator) -> None:
    card(films, "The sea").get_by_role("link").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("The sea")
    for name, shown in (("Holidays", "Holidays"), ("", "The sea")):
        page.get_by_role("button", name="Rename").click()
        dialog = page.get_by_role("dialog", name="Rename")
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_role("button", name="Rename").click()
        expect(heading).to_have_text(shown)
    # It had ended and still has: nothing is begun, and the record tells who it was.
    expect(page.locator(".state").first).to_contain_text("Finished")
    page.get_by_label("Arranged").select_option("In order")
    expect(page.locator(".events")).to_contain_text("Renamed to “Holidays” by local")
