"""The board: scenes are looked at, edited, given what is one's own; what it costs is told before."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.page import artwork, failing
from tests.api.web.page.answers import hold, refuse_once
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["The harbour at night.", "A lamp is lit.", "Someone waves."]
OPENED_MS = 60_000
PRICE = re.compile(r"things to make: about \$[\d.]+, at most \$[\d.]+")


def played(studio: ScriptedStudio, **changes: object) -> UUID:
    """A film that waits for somebody, or has ended."""
    job_id = studio.film("Looked at", WORDS, **changes)
    play_on(studio, job_id)
    return job_id


def play_on(studio: ScriptedStudio, job_id: UUID) -> None:
    for _ in studio.play(job_id):
        pass


def test_a_film_that_waits_is_edited_by_keyboard_and_goes_on_for_a_price_that_is_told(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    go_on = page.get_by_role("button", name=re.compile(r"^Go on: the rest costs about \$[\d.]+, at most"))
    expect(go_on).to_be_enabled()
    cards = page.locator(".board-card h3")

    later = page.get_by_role("button", name="Move later: scene 1")
    later.press("Enter")
    expect(cards).to_have_text(["Scene 2", "Scene 1", "Scene 3"])
    expect(later).to_be_focused()
    page.get_by_role("button", name="Take out scene 3").press("Enter")
    expect(cards).to_have_count(2)
    page.get_by_role("button", name="Bring scene 3 back").press("Enter")
    words = page.get_by_label("Words of scene 2")
    words.fill("")
    expect(words).to_have_accessible_description(re.compile("A scene needs words"))
    words.fill("A lamp is lit at last.")
    expect(words).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".board-bar .facts")).to_have_text("Scene 2: text. Order 2, 1, 3")
    expect(go_on).to_have_count(0)
    save = page.get_by_role("button", name="Save the changes")
    save.press("Enter")
    expect(save).to_have_count(0)

    play_on(studio, job_id)
    expect(go_on).to_be_enabled()
    expect(words).to_have_value("A lamp is lit at last.")
    go_on.click()
    expect(page.locator(".board")).to_have_count(0)
    play_on(studio, job_id)
    expect(page.locator(".state")).to_contain_text("Finished")
    topics = studio.topics(job_id)
    assert topics.index("job.changed") < topics.index("job.approved") < topics.index("job.completed")


def test_who_takes_a_scene_out_or_brings_it_back_by_key_goes_on_with_that_scene(
    page: Page, studio: ScriptedStudio
) -> None:
    """And does not bring back the next one, which is asked for by the button that comes in its place."""
    page.goto(f"/#/jobs/{played(studio, options={'review': ['images']})}")
    for number in (2, 3):
        page.get_by_role("button", name=f"Take out scene {number}").press("Enter")
        expect(page.get_by_role("button", name=f"Bring scene {number} back")).to_be_focused()
    page.get_by_role("button", name="Bring scene 2 back").press("Enter")
    expect(page.get_by_role("button", name="Take out scene 2")).to_be_focused()
    expect(page.locator(".board-card h3")).to_have_text(["Scene 1", "Scene 2"])


def test_a_scene_is_reworded_over_the_board_in_the_field_that_its_label_names(
    page: Page, studio: ScriptedStudio
) -> None:
    studio.faults["narration:2"] = [failing.refusal(retryable=False)]
    page.goto(f"/#/jobs/{played(studio)}")
    page.get_by_role("button", name="Edit scenes").click()
    on_board = page.get_by_label("What is seen of scene 2")
    on_board.fill("A lamp in a window")
    page.get_by_role("button", name="Reword scene 2").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("What is to be seen").click()
    seen = dialog.get_by_label("What is to be seen")
    expect(seen).to_be_focused()
    expect(seen).to_have_accessible_description(re.compile("Left empty, it is as planned"))
    seen.fill("x" * 5000)
    expect(seen).to_have_accessible_description(re.compile("characters"))
    expect(on_board).to_have_value("A lamp in a window")
    expect(on_board).not_to_have_attribute("aria-invalid", "true")


def test_nobody_writes_over_what_was_planned_before_it_is_known(page: Page, studio: ScriptedStudio) -> None:
    """Else what comes would be put into what is being written."""
    job_id = played(studio, options={"review": ["images"]})
    assets = page.request.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    (analysis,) = (asset["id"] for asset in assets if asset["kind"] == "analysis")
    content = re.compile(f"/assets/{analysis}/content")
    held = hold(page, content, "GET")
    with page.expect_request(content):
        page.goto(f"/#/jobs/{job_id}")
    seen = page.get_by_label("What is seen of scene 2")
    expect(seen).to_be_disabled()
    expect(seen).to_have_accessible_description("Asking what was planned …")
    held[0].continue_()
    expect(seen).to_be_enabled()
    expect(seen).to_have_value("Hills under a sky, number 2")


def test_half_a_number_as_a_budget_lets_nothing_go_on(page: Page, studio: ScriptedStudio) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    go_on = page.get_by_role("button", name=re.compile("^Go on: the rest costs"))
    expect(go_on).to_be_enabled()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.get_by_text("Budget", exact=True).click()
    budget = page.get_by_label("Budget in US dollars")
    budget.press_sequentially("2e")
    go_on.click()
    expect(budget).to_be_focused()
    expect(budget).to_have_accessible_description(re.compile("A number, please."))
    assert sent == []
    budget.press_sequentially("0")
    go_on.click()
    expect(page.locator(".board")).to_have_count(0)
    assert studio.studio.job(job_id).max_cost_usd == 2


def test_what_is_not_saved_stays_while_the_past_is_looked_at_and_when_the_film_is_left(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    words = page.get_by_label("Words of scene 2")
    words.fill("A lamp is lit at last.")
    page.get_by_role("button", name="Move later: scene 1").click()
    order = ["Scene 2", "Scene 1", "Scene 3"]
    expect(page.locator(".board-bar .price")).to_have_text(PRICE)

    page.goto(f"/#/jobs/{job_id}?at=1")
    expect(page.get_by_text("This is the past.")).to_be_visible()
    expect(words).to_be_hidden()
    page.get_by_role("button", name="Back to now").click()
    expect(words).to_have_value("A lamp is lit at last.")
    expect(page.locator(".board-card h3")).to_have_text(order)

    page.get_by_role("link", name="Films").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Films")
    page.goto(f"/#/jobs/{job_id}")
    expect(words).to_have_value("A lamp is lit at last.")
    expect(page.locator(".board-card h3")).to_have_text(order)
    expect(page.locator(".board-bar .price")).to_have_text(PRICE)
    page.get_by_role("button", name="Undo them").click()
    expect(words).to_have_value(WORDS[1])
    page.reload()
    expect(words).to_have_value(WORDS[1])


def test_a_film_waits_on_when_changes_to_it_are_undone(page: Page, studio: ScriptedStudio) -> None:
    """Its button to go on comes where the one to undo was."""
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    go_on = page.get_by_role("button", name=re.compile("^Go on: the rest costs"))
    expect(go_on).to_be_enabled()
    page.get_by_label("Words of scene 2").fill("A lamp is lit at last.")
    asked: list[str | None] = []
    page.on("request", lambda r: asked.append(r.post_data) if r.url.endswith("/approve") else None)
    page.get_by_role("button", name="Undo them").click()
    expect(go_on).to_be_enabled()
    assert asked == []
    assert "job.approved" not in studio.topics(job_id)


def test_a_price_that_could_not_be_told_is_asked_for_again(page: Page, studio: ScriptedStudio) -> None:
    job_id = played(studio, options={"review": ["images"]})
    assets = page.request.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    (analysis,) = (asset["id"] for asset in assets if asset["kind"] == "analysis")
    refused = [
        refuse_once(page, f"**/v1/jobs/{job_id}/approve", 503),
        refuse_once(page, f"**/v1/assets/{analysis}/content?*"),
        refuse_once(page, f"**/v1/jobs/{job_id}/scenes"),
    ]
    page.goto(f"/#/jobs/{job_id}")
    complaint = page.locator(".board-bar").get_by_role("alert")
    expect(complaint).to_have_text("Not now.")
    expect(page.get_by_role("button", name=re.compile("^Go on: the rest costs"))).to_be_enabled()
    expect(complaint).to_have_count(0)
    expect(page.get_by_label("What is seen of scene 2")).to_have_value("Hills under a sky, number 2")
    page.get_by_label("Words of scene 2").fill("A lamp is lit at last.")
    expect(complaint).to_have_text("Not now.")
    expect(page.get_by_role("button", name="Save the changes")).to_be_enabled()
    expect(complaint).to_have_count(0)
    assert all(refused)


def test_a_board_that_did_not_come_is_said_and_comes_when_it_is_tried_again(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.route("**/views/board.js", lambda route: route.abort())
    page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("alert")).to_contain_text("The board did not come")
    expect(page.locator(".scene")).to_have_count(3)
    page.unroute("**/views/board.js")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name=re.compile("^Go on"))).to_be_enabled()


def test_a_card_is_dragged_to_another_place_and_what_is_not_saved_is_undone(
    page: Page, studio: ScriptedStudio
) -> None:
    page.goto(f"/#/jobs/{played(studio)}")
    page.get_by_role("button", name="Edit scenes").click()
    cards = page.locator(".board-card h3")
    onto = page.locator(".board-card").nth(0)
    page.locator(".card-top h3").nth(2).drag_to(onto, target_position={"x": 60, "y": 60})
    expect(cards).to_have_text(["Scene 3", "Scene 1", "Scene 2"])
    page.get_by_label("What is seen of scene 1").fill("A gull on a pole")
    expect(page.locator(".board-bar .price")).to_have_text(PRICE)
    page.get_by_role("button", name="Undo them").click()
    expect(cards).to_have_text(["Scene 1", "Scene 2", "Scene 3"])
    expect(page.get_by_label("What is seen of scene 1")).to_have_value("Hills under a sky, number 1")
    expect(page.get_by_role("button", name="Save the changes")).to_have_count(0)


def test_a_picture_of_ones_own_takes_a_scenes_place_and_what_cannot_be_taken_is_named(
    page: Page, studio: ScriptedStudio, tmp_path: Path
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    chooser = page.get_by_label("Your own picture, clip or voice for scene 2")
    broken = tmp_path / "holiday.heic"
    broken.write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    chooser.set_input_files(broken)
    card = page.locator(".board-card").nth(1)
    expect(card.get_by_role("alert")).to_contain_text("holiday.heic: ")

    picture = tmp_path / "harbour.jpg"
    artwork.picture(3, 1280, 960).save(picture)
    chooser.set_input_files(picture)
    dialog = page.get_by_role("dialog", name="harbour.jpg as picture")
    # A process of its own opens the file, and fits it.
    expect(dialog.locator(".price")).to_contain_text("to make", timeout=OPENED_MS)
    expect(dialog.locator(".facts")).to_contain_text("Cropped around its subject: 75% is kept.")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_be_hidden(timeout=OPENED_MS)
    play_on(studio, job_id)
    expect(page.get_by_role("button", name=re.compile("^Go on"))).to_be_enabled()
    seen = page.get_by_label("What is seen of scene 2")
    expect(seen).to_be_disabled()
    expect(seen).to_have_accessible_description("A picture of your own")


@pytest.mark.parametrize("busy", ["writing", "at a dialog"])
def test_a_file_that_was_sent_takes_nobody_from_what_they_are_at(
    page: Page, studio: ScriptedStudio, tmp_path: Path, busy: str
) -> None:
    job_id = played(studio, options={"review": ["images"]})
    page.goto(f"/#/jobs/{job_id}")
    picture = tmp_path / "harbour.jpg"
    artwork.picture(3, 1280, 720).save(picture)
    held = hold(page, "**/v1/files")
    with page.expect_request("**/v1/files"):
        page.get_by_label("Your own picture, clip or voice for scene 2").set_input_files(picture)
    if busy == "writing":
        field = page.get_by_label("Words of scene 1")
        field.fill("The harbour at ")
    else:
        page.get_by_role("button", name="Rename").click()
        field = page.get_by_role("dialog", name="Rename").get_by_label("Name")
        field.fill("The harbour at ")
    held[0].continue_()
    card = page.locator(".board-card").nth(1)
    expect(card.get_by_text("harbour.jpg is here.")).to_be_visible(timeout=OPENED_MS)
    expect(field).to_be_focused()
    page.keyboard.type("noon.")
    expect(field).to_have_value("The harbour at noon.")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Use it …").click()
    expect(page.get_by_role("dialog", name="harbour.jpg as picture")).to_be_visible()
    expect(card.get_by_text("harbour.jpg is here.")).to_have_count(0)


def test_a_finished_film_is_translated_and_taken_to_an_editing_program(
    page: Page, studio: ScriptedStudio, site: Site
) -> None:
    page.goto(f"/#/jobs/{played(studio)}")
    page.get_by_role("button", name="Translate").click()
    dialog = page.get_by_role("dialog", name="Translate this film")
    expect(dialog.get_by_role("alert")).to_have_text("Name a language.")
    dialog.get_by_label("Language").fill("fr")
    expect(dialog.locator(".price")).to_contain_text("to make: about $")
    dialog.get_by_role("button", name="Close").click()
    address = page.get_by_role("link", name="Edit for an editing program").get_attribute("href")
    assert page.request.get(f"{site.url}{address}").json()["OTIO_SCHEMA"] == "Timeline.1"
