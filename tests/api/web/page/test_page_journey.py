"""From the form to the player and on from there, through all that is real: server, Ray, actors, emulator.

One server and one film for all of them, because a film takes its time.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.web.page.form import unfold
from tests.api.web.page.whole_product import whole_product

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.ray]

SCRIPT = """A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk.

One night a small red boat comes in the storm."""
FILM_MS = 280_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with whole_product(tmp_path_factory.mktemp("product")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(base_url=url)
    try:
        yield context.new_page()
    finally:
        context.close()


def submit(page: Page, script: str) -> str:
    """Where the film is shown."""
    page.goto("/")
    page.get_by_label("Script").fill(script)
    unfold(page)
    page.get_by_label("Quality").select_option("low")
    page.get_by_role("button", name="Make the film").click()
    page.wait_for_url(re.compile("#/jobs/"))
    return page.url


def finished(page: Page) -> None:
    expect(page.locator(".state")).to_contain_text("Finished", timeout=FILM_MS)


def forked(page: Page, dialog: Locator) -> str:
    before = page.url
    dialog.get_by_role("button", name="Make the fork").click()
    page.wait_for_url(lambda url: "#/jobs/" in url and url.split("?")[0] != before.split("?")[0])
    return page.url


@pytest.fixture(scope="module")
def film(browser: Browser, url: str) -> str:
    """The id of a finished film that was made while a page watched."""
    page = browser.new_page(base_url=url)
    try:
        submit(page, SCRIPT)
        expect(page.locator(".frame img, .frame video").first).to_be_visible(timeout=120_000)
        finished(page)
        return page.url.rsplit("/", 1)[1]
    finally:
        page.close()


def test_a_film_is_made_by_the_whole_product_while_the_page_watches(page: Page, film: str) -> None:
    page.goto(f"/#/jobs/{film}")
    finished(page)
    length = page.locator(".screen video").evaluate(
        "v => v.duration || new Promise((done) => (v.onloadedmetadata = () => done(v.duration)))"
    )
    assert length > 4
    expect(page.locator(".scene [data-look=done]").first).to_contain_text("$")
    expect(page.locator("#provider")).to_contain_text("Emulator")


def test_a_chapter_plays_the_film_from_its_scene_on(page: Page, film: str) -> None:
    page.goto(f"/#/jobs/{film}")
    chapter = page.get_by_role("navigation", name="Chapters").get_by_role("button").nth(1)
    minutes, seconds = chapter.locator(".at").inner_text().split(":")
    begins = int(minutes) * 60 + int(seconds)
    assert begins > 0
    video = page.locator(".screen video")
    video.evaluate("v => (v.muted = true)")
    chapter.click()
    page.wait_for_function(f"() => document.querySelector('.screen video').currentTime > {begins + 0.5}")
    assert video.evaluate("v => !v.paused && v.currentTime") < begins + 10


def test_a_picture_is_made_again_by_an_edited_prompt_and_its_price_told_first(page: Page, film: str) -> None:
    page.goto(f"/#/jobs/{film}")
    page.get_by_role("button", name="Make again (scene 1)").click()
    dialog = page.get_by_role("dialog", name="Make scene 1 again")
    prompt = dialog.get_by_label("Prompt")
    expect(prompt).to_have_value(re.compile("lighthouse", re.IGNORECASE))
    price = dialog.get_by_role("status")
    expect(price).to_have_text(re.compile(r"^\d+ things to make: about \$[\d.]+, at most \$[\d.]+$"))
    expect(dialog).to_contain_text("Scene 1 image, scene 1 clip")
    prompt.fill("A red lighthouse at noon, seen from the sea")
    dialog.get_by_role("button", name="Make it again").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#scene-1 .notes")).to_contain_text("revision 2", timeout=FILM_MS)
    expect(page.locator("#scene-2 .notes")).not_to_contain_text("revision")
    finished(page)


def test_a_fork_by_another_model_keeps_the_rest_and_is_compared_with_its_origin(
    page: Page, film: str
) -> None:
    page.goto(f"/#/jobs/{film}")
    page.get_by_role("button", name="Fork", exact=True).click()
    dialog = page.get_by_role("dialog", name="Fork this film")
    expect(dialog.get_by_role("status")).to_have_text(
        re.compile(r"^1 thing to make: about \$0, at most \$0$")
    )
    dialog.get_by_text("Models", exact=True).click()
    dialog.get_by_label("Image model").select_option("gemini-3-pro-image")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^\d+ things to make: about \$[\d.]+"))
    assert UUID(forked(page, dialog).rsplit("/", 1)[1]) != UUID(film)
    finished(page)
    expect(page.locator("#scene-1 .notes")).to_contain_text("gemini-3-pro-image")

    scenes = page.locator(".scene").count()

    page.get_by_role("link", name="Compare with its origin").click()
    rows = page.locator(".compare tbody tr")
    expect(rows.filter(has=page.get_by_role("rowheader", name="Image differs"))).to_contain_text(
        "gemini-3-pro-image"
    )
    expect(page.get_by_role("rowheader", name="Scene 1 differs")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Speech", exact=True)).to_be_visible()
    expect(page.locator(".compare .frame img")).to_have_count(2 * scenes)


def test_a_fork_from_a_moment_of_the_past_makes_only_what_was_not_made_then(page: Page, film: str) -> None:
    record = page.request.get(f"/v1/jobs/{film}/events").json()["data"]
    position = next(event["position"] for event in record if event["type"] == "asset.generated")
    page.goto(f"/#/jobs/{film}?at={position}")
    expect(page.get_by_text("This is the past.")).to_be_visible()
    scenes = page.locator(".scene").count()
    page.get_by_role("button", name="Fork from here").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"from what was made by event {position}")
    expect(dialog).to_contain_text(re.compile("storyboard", re.IGNORECASE))
    expect(dialog).to_contain_text("Kept: 1.")
    forked(page, dialog)
    expect(page.get_by_text("This is the past.")).to_be_hidden()
    expect(page.locator(".scene")).to_have_count(scenes)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".state")).to_contain_text("Cancelled", timeout=60_000)


def test_the_cause_of_an_event_is_found_from_it_though_it_is_filtered_away(page: Page, film: str) -> None:
    page.goto(f"/#/jobs/{film}")
    finished(page)
    page.get_by_label("Which events").select_option("What was made")
    link = page.get_by_role("button", name=re.compile("^Caused by event")).first
    cause = int(link.inner_text().removeprefix("← "))
    link.click()
    row = page.locator(f"#event-{cause}")
    expect(row).to_have_class("cause")
    expect(row).to_be_in_viewport()
    expect(row.get_by_role("link")).to_be_focused()
    expect(page.get_by_label("Which events")).to_have_value("")


def test_a_film_that_one_model_cannot_make_is_made_by_another(page: Page) -> None:
    fault = "[[fault: 403 image_generation scene=1 model=gemini-nano-banana-2.1 times=always]]"
    submit(page, f"{fault} {SCRIPT}")
    panel = page.get_by_role("region", name="What failed")
    expect(panel).to_be_visible(timeout=FILM_MS)
    expect(panel.get_by_role("heading")).to_contain_text("(HTTP 403)")
    panel.get_by_role("button", name="Try another model").click()
    dialog = page.get_by_role("dialog", name="The same film by another model")
    expect(dialog.get_by_label("Text model")).to_have_count(0)
    dialog.get_by_label("Image model").select_option("gemini-3-pro-image")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"about \$0\.\d+"))
    forked(page, dialog)
    finished(page)
