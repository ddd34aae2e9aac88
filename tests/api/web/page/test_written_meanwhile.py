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


@pytest.mark.parametrize(
    ("button", "asked", "title"),
    [
        ("Fork", "**/v1/models", "Fork this film"),
        ("Provenance", "**/assets", "Provenance: The film"),
        ("Make again of scene 2", "**/v1/assets/*", "Make scene 2 again"),
        ("Why: the moment that is shown", "**/explain?*", "Why: event "),
    ],
)
def test_a_dialog_that_comes_late_is_offered_to_who_writes_by_then(
    page: Page, studio: ScriptedStudio, button: str, asked: str, title: str
) -> None:
    page.goto(f"/#/jobs/{played(studio, options={'review': ['images']})}")
    words = page.get_by_label("Words of scene 1")
    expect(words).to_have_value("The harbour at night.")
    held = hold(page, asked, "GET")
    with page.expect_request(asked):
        page.get_by_role("button", name=button, exact=True).click()
    words.fill("The harbour ")
    for route in held:
        route.continue_()
    page.unroute_all(behavior="ignoreErrors")
    offered = page.get_by_role("status").filter(has_text=title)
    expect(offered).to_be_visible()
    expect(words).to_be_focused()
    page.keyboard.type("by day.")
    expect(words).to_have_value("The harbour by day.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    offered.get_by_role("button", name="Open it …").click()
    expect(page.get_by_role("dialog", name=title)).to_be_visible()
    expect(offered).to_have_count(0)


def test_what_is_offered_is_refused_by_a_press_or_by_going_elsewhere(
    page: Page, studio: ScriptedStudio
) -> None:
    page.goto(f"/#/jobs/{played(studio, options={'review': ['images']})}")
    offered = page.locator(".offered")
    for leave in ("Not now", "Films"):
        held = hold(page, "**/v1/models", "GET")
        with page.expect_request("**/v1/models"):
            page.get_by_role("button", name="Fork", exact=True).click()
        page.get_by_label("Words of scene 1").focus()
        held[0].continue_()
        expect(offered).to_be_visible()
        page.unroute_all(behavior="ignoreErrors")
        offered.or_(page.locator(".site")).get_by_text(leave, exact=True).click()
        expect(offered).to_have_count(0)


@pytest.mark.parametrize("what", ["Fork", "Rename", "Delete"])
def test_a_dialog_of_the_list_comes_over_nobody_who_writes(
    page: Page, studio: ScriptedStudio, what: str
) -> None:
    """Plans come from the server with the first that is asked for; what only asks is there with the list."""
    played(studio)
    page.goto("/#/jobs")
    search = page.get_by_label("Search")
    expect(page.get_by_role("link", name="Looked at")).to_be_visible()
    module = re.compile(r"/views/(plans|dialog)\.js")
    held = hold(page, module, "GET")
    page.get_by_text("More for").click()
    page.get_by_role("button", name=f"{what} Looked at").click()
    dialog = page.get_by_role("dialog")
    if what != "Fork":
        expect(dialog).to_be_visible()
        assert held == []
        return
    search.fill("Look")
    held[0].continue_()
    offered = page.locator(".offered")
    expect(offered).to_be_visible()
    expect(search).to_be_focused()
    expect(dialog).to_have_count(0)
    offered.get_by_role("button", name="Open it …").click()
    expect(dialog).to_have_accessible_name("Fork this film")
