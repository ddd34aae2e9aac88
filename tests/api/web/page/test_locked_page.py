"""A server with a key: people type it once, and then everything works, the stream and the pictures too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from api.http.authentication import COOKIE
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = "a-long-secret"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, settings={"API_KEY": KEY})
    site.start()
    try:
        yield site
    finally:
        site.stop()
    assert site.complaints == []


def enter(page: Page) -> None:
    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Sign in").click()


def test_who_sees_only_their_own_films_is_told_no_place_in_the_queue(
    page: Page, studio: ScriptedStudio
) -> None:
    """Those of others that are before it are not theirs to see."""
    administrator = {"Authorization": f"Bearer {KEY}"}
    body = {"name": "ana", "scope": "submit"}
    given = page.request.post("/v1/keys", headers=administrator, data=body).json()
    studio.film("Before it", ["First."])
    page.goto("/login")
    page.get_by_label("Key").fill(given["key"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Script").fill("Mine.")
    page.get_by_role("button", name="Make the film").click()
    expect(page.locator(".state")).to_contain_text("Queued")
    page.goto("/#/jobs")
    expect(page.locator(".films li")).to_have_count(1)
    expect(page.locator(".films .state")).to_have_text("Queued")
    page.context.clear_cookies()
    page.goto("/login")
    enter(page)
    page.goto("/#/jobs")
    expect(page.locator(".films .state").first).to_have_text("Queued · place 2 of 2")


def test_who_types_the_key_comes_to_the_film_and_sees_it_being_made(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Behind the door", ["First.", "Second."])
    play = studio.play(job_id)
    page.goto(f"/#/jobs/{job_id}")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Key").fill("guessed")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    enter(page)
    expect(page).to_have_url(re.compile(f"/#/jobs/{job_id}$"))
    expect(page.locator("#connection")).to_have_text("Live")
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    assert (
        page.locator(".scene video").first.evaluate("v => fetch(v.poster).then((answer) => answer.status)")
        == 200
    )
    page.goto("/#/")
    page.get_by_label("Script").fill("Mine.")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/(?!" + str(job_id) + ")"))


def test_who_signs_out_is_no_longer_let_in(context: BrowserContext, page: Page) -> None:
    page.goto("/")
    enter(page)
    expect(page).to_have_url(re.compile(r"/$"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    assert context.cookies() == []
    page.goto("/")
    expect(page).to_have_url(re.compile("/login"))


def test_who_is_no_longer_let_in_is_led_to_the_login_and_back(
    context: BrowserContext, page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Expired", ["First."])
    page.goto("/")
    enter(page)
    expect(page).to_have_url(re.compile(r"/$"))
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator("#connection")).to_have_text("Live")
    context.clear_cookies(name=COOKIE)
    site.stop()
    site.start()
    expect(page).to_have_url(re.compile("/login"), timeout=30_000)
    enter(page)
    expect(page).to_have_url(re.compile(f"/#/jobs/{job_id}$"))
    expect(page.locator("#connection")).to_have_text("Live")
