import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.page.scripted import ScriptedStudio, a_film

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCENES = [
    "A lighthouse stands at the edge of the sea.",
    "A boat comes in the storm.",
    "A letter comes in spring.",
]


def test_a_script_is_submitted_watched_and_becomes_a_film(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    page.get_by_label("Script").fill("\n\n".join(SCENES))
    page.get_by_text("Tall").click()
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile(r"#/jobs/[0-9a-f-]{36}$"))
    job_id = page.url.rsplit("/", 1)[1]
    assert studio.submissions[job_id] == {"script": "\n\n".join(SCENES), "options": {"aspect_ratio": "9:16"}}

    expect(page.locator(".state")).to_have_text(re.compile("Queued"))
    play = a_film(studio, job_id, "The light", SCENES)
    next(play)
    expect(page.locator(".state")).to_contain_text("Reading the script")
    next(play)
    expect(page.get_by_role("heading", level=1)).to_have_text("The light")
    cards = page.locator(".scene")
    expect(cards).to_have_count(3)
    expect(cards.first.locator("img")).to_have_count(0)
    next(play)
    expect(cards.first.locator(".notes")).to_contain_text("Drawing")
    next(play)
    expect(cards.first.get_by_role("img", name="Picture of scene 1")).to_be_visible()
    next(play)
    expect(cards.first.get_by_role("button", name="Hear the narration of scene 1")).to_be_visible()
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    film = page.locator(".screen video")
    expect(film).to_be_visible()
    film.evaluate(
        "video => new Promise((done, bad) => { video.ontimeupdate = () => video.currentTime > 0.3 && done();"
        "video.onerror = () => bad(video.error.message); video.muted = true; video.play().catch(bad) })"
    )
    for name in ("Film", "Captions", "Poster", "Manifest"):
        expect(page.locator(".downloads").get_by_role("link", name=name)).to_be_visible()
