"""A film of two thousand events: what is done for each of them is little, and what is drawn is a part."""

from uuid import UUID

import pytest
from playwright.sync_api import CDPSession, Page, expect

from domain.script import Kind
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site
from tests.api.web.page.test_live_page import COUNT_CHANGES, WORDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = 5


def long_film(studio: ScriptedStudio) -> tuple[UUID, int]:
    job_id = studio.film("Long", WORDS)
    studio.until(studio.play(job_id), "analysis begun")
    studio.lose(job_id, Kind.ANALYSIS, *range(1, 1001))
    count = len(studio.positions(job_id))
    assert count > 2000
    return job_id, count


def calls(session: CDPSession) -> int:
    """Of functions of the page, since it was asked last."""
    taken = session.send("Profiler.takePreciseCoverage")["result"]
    scripts = [script["functions"] for script in taken if "/static/" in script["url"]]
    return sum(function["ranges"][0]["count"] for functions in scripts for function in functions)


def test_little_is_done_for_each_of_two_thousand_events(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id, count = long_film(studio)
    site.until_projected(studio.head())
    session = page.context.new_cdp_session(page)
    session.send("Profiler.enable")
    session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("heading", name=f"Events {count:,}")).to_be_visible()
    # Calls are counted, as time says more of the machine. Each event is folded, and each try is added up.
    assert calls(session) < 25 * count
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    moment = page.locator(".moment")
    expect(moment).to_contain_text(f"Event {count - 1} of")
    calls(session)
    for step in range(STEPS):
        page.keyboard.press("ArrowLeft")
        expect(moment).to_contain_text(f"Event {count - 2 - step} of")
    assert calls(session) < 15 * count * STEPS


def test_two_thousand_events_are_drawn_a_part_at_a_time(page: Page, studio: ScriptedStudio) -> None:
    job_id, count = long_film(studio)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("heading", name=f"Events {count:,}")).to_be_visible()
    page.get_by_label("Arranged").select_option("In order")
    rows = page.locator(".events tbody tr")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show earlier events").click()
    expect(rows).to_have_count(1100)
    expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
    page.evaluate(COUNT_CHANGES)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".state")).to_contain_text("Cancelling")
    assert rows.first.locator("th").inner_text() == str(count + 1)
    # Drawn anew as a whole, the record alone would be thousands; so were the marks on the scrubber.
    # The bars of the timeline move, as its scale goes on with the time.
    assert 0 < page.evaluate("changes") < 200
