"""Dialogs: what is asked first, what is sent and how often, and what comes late for one that was closed."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.asset import AssetKey
from tests.api.web.page.answers import hold, lose, settled
from tests.api.web.page.scripted import MODELS, ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["A lighthouse stands at the edge of the sea.", "A boat comes in the storm."]


@pytest.fixture
def film(page: Page, studio: ScriptedStudio) -> UUID:
    """A finished film with music by a model; it is open."""
    return opened(page, studio)


def opened(page: Page, studio: ScriptedStudio) -> UUID:
    job_id = studio.film("The light", WORDS, models=MODELS | {"music": "lyria-3.5"})
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("The light")
    return job_id


def press(page: Page, name: str) -> Locator:
    """A button of the film; gives the dialog."""
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("dialog")


def priced(page: Page, name: str) -> Locator:
    dialog = press(page, name)
    expect(dialog.locator(".price")).to_contain_text(" to make: ")
    return dialog


def close(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def renaming(page: Page) -> Locator:
    """Somebody writes another name."""
    name = press(page, "Rename").get_by_label("Name")
    name.fill("Holidays")
    return name


def is_undisturbed(page: Page, name: Locator) -> None:
    settled(page)
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_accessible_name("Rename")
    expect(name).to_have_value("Holidays")
    expect(name).to_be_focused()


def test_words_for_one_picture_are_not_sent_for_another(page: Page, studio: ScriptedStudio) -> None:
    studio.beats = 3
    film = opened(page, studio)
    asked: list[tuple[str, object]] = []
    page.on(
        "request",
        lambda sent: asked.append((sent.url, sent.post_data_json)) if "/regenerate" in sent.url else None,
    )
    dialog = press(page, "Make again (scene 1)")
    dialog.get_by_label("Prompt").fill("A red boat.")
    dialog.get_by_label("What").select_option("Picture 3")
    expect(dialog.get_by_label("Prompt")).to_have_value("Prompt of image:1.3.")
    expect(dialog.locator(".price")).to_contain_text(" to make: ")
    dialog.get_by_role("button", name="Make it again").click()
    expect(dialog).to_be_hidden()
    third = str(AssetKey.parse("image:1.3").id_in(film))
    assert [body for url, body in asked if third in url] == [{"dry_run": True}, {}]
    asset = studio.studio.find_asset(film, AssetKey.parse("image:1.3"))
    assert asset is not None
    assert asset.recipe.prompt_version != "edited"


def test_a_fork_whose_answer_was_lost_is_made_once(page: Page, film: UUID, studio: ScriptedStudio) -> None:
    keys = lose(page, "**/fork", 1)
    dialog = priced(page, "Fork")
    dialog.get_by_role("button", name="Make the fork").click()
    expect(dialog.get_by_role("alert")).to_have_text("The server does not answer.")
    page.reload()
    priced(page, "Fork").get_by_role("button", name="Make the fork").click()
    expect(page).not_to_have_url(re.compile(str(film)))
    expect(page.locator(".state")).to_contain_text("Queued")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(page.request.get("/v1/jobs").json()["data"]) == 2
    # Who wants another one gets it.
    page.goto(f"/#/jobs/{film}")
    with page.expect_response(lambda answer: answer.url.endswith("/fork") and answer.status == 201):
        priced(page, "Fork").get_by_role("button", name="Make the fork").click()
    assert len(set(keys)) == 2
    assert studio.studio.job(film).status == "completed"


def test_what_is_asked_first_is_done_once_however_often_it_is_pressed(page: Page, film: UUID) -> None:
    held = hold(page, f"**/v1/jobs/{film}", "PATCH")
    name = renaming(page)
    with page.expect_request(lambda sent: sent.method == "PATCH"):
        page.get_by_role("dialog").get_by_role("button", name="Rename").dblclick()
    settled(page)
    assert len(held) == 1
    # Refused, it can be pressed again, and what was written is still there.
    held[0].fulfill(status=503, json={"code": "behind", "detail": "The read models are behind."})
    expect(page.get_by_role("alert")).to_have_text("The read models are behind.")
    expect(name).to_have_value("Holidays")
    page.unroute_all()
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Holidays")


@pytest.mark.usefixtures("film")
def test_the_synthesiser_can_be_chosen_where_a_model_composed(page: Page) -> None:
    dialog = priced(page, "Fork")
    dialog.get_by_text("Models", exact=True).click()
    with page.expect_request("**/fork") as asked:
        dialog.get_by_label("Music model").select_option("The synthesiser · free")
    assert asked.value.post_data_json["changes"] == {"models": {"music": None}}


@pytest.mark.usefixtures("film")
def test_a_price_that_comes_late_is_not_drawn_over_the_next_dialog(page: Page) -> None:
    held = hold(page, "**/fork")
    with page.expect_request("**/fork"):
        dialog = press(page, "Fork")
    close(dialog)
    name = renaming(page)
    with page.expect_response("**/fork"):
        held[0].continue_()
    is_undisturbed(page, name)


@pytest.mark.usefixtures("film")
def test_a_dialog_that_opens_late_does_not_take_the_place_of_the_next(page: Page) -> None:
    held = hold(page, "**/v1/models", "GET")
    with page.expect_request("**/v1/models"):
        press(page, "Fork")
    name = renaming(page)
    with page.expect_response("**/v1/models"):
        held[0].continue_()
    is_undisturbed(page, name)


def test_what_is_done_late_closes_no_other_dialog_and_leads_nobody_away(page: Page, film: UUID) -> None:
    dialog = priced(page, "Fork")
    held = hold(page, "**/fork")
    with page.expect_request("**/fork"):
        dialog.get_by_role("button", name="Make the fork").click()
    close(dialog)
    name = renaming(page)
    with page.expect_response("**/fork"):
        held[0].continue_()
    is_undisturbed(page, name)
    assert page.url.endswith(str(film))


@pytest.mark.usefixtures("film")
def test_a_price_that_fails_late_is_not_told_where_nothing_is_asked(page: Page) -> None:
    held = hold(page, "**/fork")
    with page.expect_request("**/fork"):
        dialog = press(page, "Fork")
    close(dialog)
    dialog = press(page, "Provenance (scene 1)")
    expect(dialog).to_have_accessible_name("Provenance: Scene 1")
    with page.expect_event("requestfailed"):
        held[0].abort()
    expect(dialog).to_have_accessible_name("Provenance: Scene 1")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    # What the page complains of is told by the time that another price has come.
    page.unroute_all()
    close(dialog)
    priced(page, "Fork")
