"""For everyone: by keys alone, for who hears the page, in any direction of writing, on a slow line."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.views import WORDS
from tests.api.web.page.weight import MOST_BYTES, MOST_REQUESTS, asked_for, weigh

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent || document.activeElement.name"))


def test_the_keyboard_alone_submits_a_script_and_goes_back_in_time(
    page: Page, studio: ScriptedStudio
) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page) == "/script":
            break
    page.keyboard.type("Written without a mouse.")
    # The groups stand shut; the first is opened where it is come upon.
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page).startswith("Picture"):
            page.keyboard.press("Enter")
        if focused(page) == "/options/aspect_ratio":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("#/jobs/"))
    job_id = studio.named(UUID(page.url.rsplit("/", 1)[1]), "By keys", WORDS)
    assert studio.studio.job(job_id).script == "Written without a mouse."
    assert studio.studio.job(job_id).options.aspect_ratio == "9:16"
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    for _ in studio.play(job_id):
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    page.keyboard.press("Shift+Tab")
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.history summary')"):
            page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.type") == "range":
            break
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("This is the past.")).to_be_visible()


def test_stage_changes_are_said_to_screen_readers_and_ticks_are_not(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Heard", WORDS)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".state")).to_contain_text("Queued")
    play = studio.play(job_id)
    studio.until(play, "analysis begun")
    expect(page.get_by_role("status")).to_have_text("Script analysis")
    for _ in play:
        pass
    expect(page.get_by_role("status")).to_have_text("Finished")


def test_words_from_right_to_left_are_shown_so_beside_others(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("رسالة إلى البحر", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    words = page.locator(".scene .words")
    expect(words).to_have_count(2)
    assert [e.evaluate("e => getComputedStyle(e).direction") for e in words.all()] == ["rtl", "ltr"]


def test_the_skip_link_leads_to_the_content_and_not_away_from_it(page: Page, studio: ScriptedStudio) -> None:
    """Views live in the address's fragment, where a plain link to ``#main`` would show the form."""
    job_id = studio.film("Still here", WORDS)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".state")).to_contain_text("Queued")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.locator(".state")).to_contain_text("Queued")
    assert page.url.endswith(f"#/jobs/{job_id}")


def test_the_first_load_is_a_handful_of_requests_and_small(page: Page) -> None:
    """Each request is a round trip for whoever is far away; a view's own files come when it is opened."""
    answers = asked_for(page, "/")
    loaded = {path for path, _ in answers}
    expect(page.get_by_label("Script")).to_be_visible()
    assert {"/", "/static/core.js", "/static/base.css", "/static/views/submit.js"} <= loaded
    assert not {path for path in loaded if "job" in path}
    assert len(answers) <= MOST_REQUESTS, sorted(loaded)
    assert weigh(answers) < MOST_BYTES


def test_whoever_opens_the_address_of_a_film_is_sent_no_file_twice(
    page: Page, studio: ScriptedStudio
) -> None:
    """What is asked for ahead is what the view imports, from the same addresses."""
    gone = studio.film("Ended at once", WORDS)
    page.request.post(f"/v1/jobs/{gone}/cancel")
    for _ in studio.play(gone):
        pass
    files = [path for path, _ in asked_for(page, f"/#/jobs/{gone}") if path.startswith("/static/")]
    expect(page.locator(".state")).to_contain_text("Cancelled")
    assert {"/static/views/job.js", "/static/views/scale.js"} <= set(files)
    assert "/static/views/submit.js" not in files
    assert len(files) == len(set(files)), sorted(files)


def test_work_that_waits_for_room_on_some_machine_is_told_with_the_reason(page: Page) -> None:
    why = "it needs 4 CPUs, and the largest node has 2"

    def tell(route: Route) -> None:
        told = route.fetch().json()
        places = [{"state": "working", "pid": 4711}, {"state": "pending", "reason": why}]
        told["crew"] = {"crew": {"artists": {"places": []}, "renderers": {"places": places}}}
        route.fulfill(json=told)

    page.route("**/readyz", tell)
    page.goto("/")
    expect(page.locator("#crew")).to_have_text(f"The renderers wait: {why}")
