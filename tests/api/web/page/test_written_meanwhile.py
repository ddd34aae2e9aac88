"""Who writes or chooses while an answer is on its way keeps what they wrote, and stays where they are."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.page.answers import hold, settled
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.test_board_page import PRICE, played

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWN = "Words of one's own."


def keep_preset(page: Page, name: str) -> None:
    answer = page.request.put(f"/v1/presets/{name}", data={"options": {"fps": 24}})
    assert answer.ok, answer.text()


def test_a_draft_is_there_before_what_its_choices_are_made_from_and_is_written_on(page: Page) -> None:
    page.goto("/")
    keep_preset(page, "calm")
    page.get_by_label("Script").fill("A draft.")
    page.get_by_text("Budget and preset").click()
    page.get_by_label("Preset").select_option("calm")
    held = hold(page, "**/v1/presets", "GET")
    with page.expect_request("**/v1/presets"):
        page.reload()
    script = page.get_by_label("Script")
    expect(script).to_have_value("A draft.")
    script.fill(OWN)
    held[0].continue_()
    expect(page.get_by_label("Preset")).to_have_value("calm")
    expect(script).to_have_value(OWN)


def test_a_preset_stays_chosen_as_another_comes_before_it(page: Page) -> None:
    page.goto("/")
    keep_preset(page, "lively")
    group = page.get_by_text("Budget and preset")
    group.click()
    preset = page.get_by_label("Preset")
    preset.select_option("lively")
    keep_preset(page, "calm")
    group.click()
    group.click()
    expect(preset.locator("option")).to_have_count(3)
    expect(preset).to_have_value("lively")


def test_a_sample_that_comes_late_takes_no_place_of_what_was_written(page: Page) -> None:
    page.goto("/")
    samples = re.compile("/static/samples/")
    held = hold(page, samples, "GET")
    script = page.get_by_label("Script")
    for name in ("The lighthouse", "The future of content"):
        with page.expect_request(samples):
            page.get_by_role("button", name=name).click()
    # Of two the one that was asked for last is taken, whichever comes first.
    for sample in reversed(held):
        with page.expect_response(samples):
            sample.continue_()
        settled(page)
    expect(script).not_to_be_empty()
    assert page.request.get("/static/samples/future-of-content.txt").text().strip() == script.input_value()
    held.clear()
    with page.expect_request(samples):
        page.get_by_role("button", name="The lighthouse").click()
    script.fill(OWN)
    with page.expect_response(samples):
        held[0].continue_()
    settled(page)
    expect(script).to_have_value(OWN)


def test_scenes_that_come_late_leave_who_writes_elsewhere_there(page: Page) -> None:
    page.goto("/")
    module = re.compile(r"/views/material\.js")
    held = hold(page, module, "GET")
    page.get_by_label("Script").fill("First.\n\nSecond.")
    page.get_by_text("Picture", exact=True).click()
    with page.expect_request(module):
        page.get_by_role("button", name="Scenes", exact=True).click()
    style = page.get_by_label("Style")
    style.press_sequentially("Ink")
    held[0].continue_()
    expect(page.get_by_label("Words of scene 2")).to_have_value("Second.")
    expect(style).to_be_focused()


def test_who_went_elsewhere_while_a_film_was_sent_stays_there(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    held = hold(page, "**/v1/jobs")
    page.get_by_label("Script").fill(OWN)
    with page.expect_request(lambda one: one.url.endswith("/v1/jobs") and one.method == "POST"):
        page.get_by_role("button", name="Make the film").click()
    page.get_by_role("link", name="Films").click()
    films = page.get_by_role("heading", level=1, name="Films")
    expect(films).to_be_visible()
    with page.expect_response(lambda one: one.url.endswith("/v1/jobs") and one.request.method == "POST"):
        held[0].continue_()
    settled(page)
    assert page.url.endswith("#/jobs")
    assert studio.log.head() == 1


def test_a_budget_stays_while_scenes_are_edited_and_when_the_film_is_left(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    go_on = page.get_by_role("button", name=re.compile("^Go on: the rest costs"))
    expect(go_on).to_be_enabled()
    page.get_by_text("Budget", exact=True).click()
    budget = page.get_by_label("Budget in US dollars")
    budget.fill("3.5")
    words = page.get_by_label("Words of scene 2")
    words.fill("A lamp is lit at last.")
    expect(page.locator(".board-bar .price")).to_have_text(PRICE)
    expect(budget).to_be_hidden()
    page.get_by_role("button", name="Undo them").click()
    expect(budget).to_have_value("3.5")
    page.reload()
    expect(go_on).to_be_enabled()
    expect(budget).to_have_value("3.5")
    go_on.click()
    expect(page.locator(".board")).to_have_count(0)
    assert studio.studio.job(job_id).max_cost_usd == 3.5


@pytest.mark.parametrize("told", ["by its events", "by the answer first"])
def test_what_is_written_while_changes_are_saved_is_not_saved_and_stays(
    page: Page, studio: ScriptedStudio, told: str
) -> None:
    if told == "by the answer first":
        hold(page, re.compile(r"/v1/events\?"), "GET")
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    first, second = (page.get_by_label(f"Words of scene {number}") for number in (1, 2))
    first.fill("The harbour by day.")
    expect(page.locator(".board-bar .price")).to_have_text(PRICE)
    held = hold(page, "**/scenes", "PATCH")
    with page.expect_request("**/scenes"):
        page.get_by_role("button", name="Save the changes").click()
    second.fill("A lamp is lit at last.")
    while held:
        held.pop(0).continue_()
    page.unroute_all(behavior="ignoreErrors")
    expect(page.get_by_text("The film is being made.")).to_be_visible()
    expect(first).to_have_value("The harbour by day.")
    expect(second).to_have_value("A lamp is lit at last.")
    assert "job.changed" in studio.topics(job_id)


def test_a_price_that_is_refused_leaves_who_writes_elsewhere_there(
    page: Page, studio: ScriptedStudio
) -> None:
    page.goto(f"/#/jobs/{played(studio, options={'review': ['images']})}")
    words, seen = page.get_by_label("Words of scene 1"), page.get_by_label("What is seen of scene 2")
    words.fill("")
    expect(words).to_have_accessible_description(re.compile("A scene needs words"))
    seen.press_sequentially("Fog")
    expect(seen).to_be_focused()
    words.fill("The harbour by day.")
    held = hold(page, "**/scenes", "PATCH")
    other = page.get_by_label("What is seen of scene 1")
    with page.expect_request(lambda one: "xxx" in (one.post_data or "")):
        other.fill("x" * 5000)
    seen.focus()
    held[-1].continue_()
    expect(other).to_have_accessible_description(re.compile("characters"))
    expect(seen).to_be_focused()
    page.keyboard.type(" and rain")
    expect(seen).to_have_value(re.compile("Fog and rain"))


def test_another_address_is_written_while_one_is_added(page: Page) -> None:
    page.goto("/#/webhooks")
    held = hold(page, "**/v1/webhooks")
    address = page.get_by_label("Address")
    address.fill("https://one.example.org/hook")
    with page.expect_request(lambda one: one.method == "POST"):
        page.get_by_role("button", name="Add it").click()
    address.fill("https://two.example.org/hook")
    held[0].continue_()
    expect(page.locator(".secret code")).to_contain_text("whsec_")
    expect(address).to_have_value("https://two.example.org/hook")


def test_the_history_stays_open_for_who_is_at_its_controls_as_the_film_is_done(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Watched", ["A boat goes out."])
    play = studio.play(job_id)
    studio.until(play, "image:1")
    page.goto(f"/#/jobs/{job_id}")
    speed = page.get_by_label("Speed")
    speed.select_option("16")
    speed.focus()
    for _ in play:
        pass
    expect(page.locator(".state").first).to_contain_text("Finished")
    expect(speed).to_be_focused()
    page.get_by_role("button", name="Replay the history").click()
    expect(page.get_by_text("This is the past.")).to_be_visible()
