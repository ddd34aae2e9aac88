"""What people bring to a new film: a topic, scenes, files, a cast; and that none of it is lost on the way."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.page import artwork
from tests.api.web.page.answers import settled
from tests.api.web.page.form import unfold
from tests.api.web.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """(form, [name, type, text]) => {
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([text], name, { type }))
  for (const type of ['dragover', 'drop'])
    form.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
}"""


def made(page: Page) -> UUID:
    """Submit the form; gives the id of its job."""
    page.get_by_role("button", name="Make the film").click()
    page.wait_for_url(re.compile("#/jobs/"))
    return UUID(page.url.rsplit("/", 1)[1])


def drop(page: Page, name: str, kind: str, text: str) -> None:
    page.locator("form.submit").evaluate(DROP, [name, kind, text])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.jpg"
    artwork.picture(3, 1280, 720).save(path)
    return path


def test_a_film_is_made_with_a_picture_of_ones_own(page: Page, studio: ScriptedStudio, picture: Path) -> None:
    page.goto("/")
    drop(page, "story.md", "", "The sea is wide.\n\nA boat sets out.")
    expect(page.get_by_label("Script")).to_have_value("The sea is wide.\n\nA boat sets out.")
    drop(page, "holiday.heic", "image/heic", "no picture at all")
    expect(page.get_by_role("alert").filter(has_text="holiday.heic: ")).to_be_visible()
    page.get_by_role("button", name="Leave out holiday.heic").click()

    unfold(page)
    page.get_by_label("Files of your own").set_input_files(picture)
    page.get_by_role("button", name="In a scene").click()
    expect(page.get_by_label("Words of scene 2")).to_have_value("A boat sets out.")
    first = page.locator("[data-scene]").first
    expect(first).to_contain_text("Picture harbour.jpg")
    # Where its scene goes the picture goes, too.
    page.get_by_role("button", name="Move scene 1 down").click()
    expect(page.locator("[data-scene]").nth(1)).to_contain_text("Picture harbour.jpg")
    given = studio.studio.job(made(page)).given.scenes
    assert [scene.text for scene in given] == ["A boat sets out.", "The sea is wide."]
    assert [scene.image is None for scene in given] == [True, False]


def test_what_was_chosen_stays_when_a_file_comes_beside_it(page: Page, picture: Path) -> None:
    assert page.request.put("/v1/casts/crew", data=[{"name": "Mara"}]).ok
    page.goto("/")
    page.get_by_role("button", name="Scenes", exact=True).click()
    moves = page.get_by_label("How scene 1 moves")
    moves.select_option("Becomes a shot")
    page.get_by_label("A picture, clip or voice-over for scene 1").set_input_files(picture)
    expect(page.locator("[data-scene]")).to_contain_text("Picture harbour.jpg")
    expect(moves).to_have_value("generated")
    unfold(page)
    cast = page.get_by_label("A kept cast")
    cast.select_option("crew")
    page.get_by_label("Files of your own").set_input_files(picture)
    page.get_by_role("button", name="As the style of all pictures").click()
    expect(page.locator("#group-material")).to_contain_text("Style of all pictures harbour.jpg")
    expect(cast).to_have_value("crew")


def test_who_removes_a_file_and_presses_once_more_removes_no_other(page: Page, picture: Path) -> None:
    page.goto("/")
    unfold(page)
    for use in ("As the style of all pictures", "As the logo"):
        page.get_by_label("Files of your own").set_input_files(picture)
        page.get_by_role("button", name=use).click()
    page.get_by_role("button", name="Remove the style of all pictures").press("Enter")
    expect(page.locator("#group-material .given")).to_have_count(1)
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator("#group-material .given")).to_contain_text("Logo harbour.jpg")


def test_who_moves_a_scene_by_key_goes_on_from_there(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Script").fill("First.\n\nSecond.\n\nThird.")
    page.get_by_role("button", name="Scenes", exact=True).click()
    page.get_by_role("button", name="Move scene 3 up").press("Enter")
    expect(page.get_by_label("Words of scene 2")).to_have_value("Third.")
    up = page.get_by_role("button", name="Move scene 2 up")
    expect(up).to_be_focused()
    up.press("Enter")
    expect(page.get_by_label("Words of scene 1")).to_have_value("Third.")
    expect(page.get_by_role("button", name="Move scene 1 down")).to_be_focused()


def test_what_was_chosen_stays_when_one_leaves(page: Page, studio: ScriptedStudio, picture: Path) -> None:
    page.goto("/")
    page.get_by_role("button", name="A topic").click()
    page.get_by_label("Topic").fill("Why there are tides")
    page.get_by_label("Tone").fill("warm")
    unfold(page)
    page.get_by_text("Tall").click()
    page.get_by_label("Image model").select_option("gemini-3-pro-image")
    page.get_by_label("Who speaks", exact=True).select_option("cast")
    page.get_by_label("The pictures").check()
    page.get_by_label("Files of your own").set_input_files(picture)
    page.get_by_role("button", name="As a character").click()
    page.get_by_label("Name of character 1").fill("Mara")

    page.get_by_role("link", name="Films").click()
    expect(page).to_have_url(re.compile("#/jobs"))
    page.get_by_role("link", name="New film").click()
    page.reload()
    expect(page.locator("#group-picture summary")).to_have_text("PictureTall")
    expect(page.locator("#group-models summary")).to_contain_text("gemini-3-pro-image")
    job = studio.studio.job(made(page))
    assert job.given.topic is not None
    assert (job.given.topic.about, job.given.topic.tone) == ("Why there are tides", "warm")
    assert (job.options.aspect_ratio, job.options.voices) == ("9:16", "cast")
    assert job.options.review == ("script", "images")
    assert job.models["image"] == "gemini-3-pro-image"
    assert [(one.name, one.image is None) for one in job.given.cast] == [("Mara", False)]
    page.get_by_role("link", name="New film").click()
    expect(page.get_by_label("Script")).to_have_value("")
