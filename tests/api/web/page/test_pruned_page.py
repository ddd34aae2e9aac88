"""Films whose texts and files were removed: every view says so, and offers nothing that is not there."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, Response, expect

from domain.failures import Code, Failure
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site, prune

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["A lighthouse stands above the sea.", "A boat comes home."]
GONE = re.compile(r"^Its texts and files were removed on ")


def pruned(site: Site, studio: ScriptedStudio) -> UUID:
    """A finished film of long ago, after retention went over it."""
    job_id = studio.film("The light", WORDS)
    for _ in studio.play(job_id):
        pass
    prune(site)
    return job_id


def test_a_film_that_was_removed_says_so_and_offers_nothing_that_is_gone(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = pruned(site, studio)
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(answer.url)

    page.on("response", note)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".gone")).to_have_text(GONE)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Removed on "))
    page.get_by_label("Arranged").select_option("In order")
    expect(page.locator(".events tbody tr").first).to_be_visible()
    expect(page.locator("#connection")).to_have_text("Live")
    for gone in ("video", "audio", ".downloads", ".scene", ".script", ".failure", ".actions"):
        expect(page.locator(gone)).to_have_count(0)
    assert "[pruned" not in page.locator("main").inner_text()
    page.locator(".events tbody th a").last.click()
    expect(page.get_by_text("This is the past.")).to_be_visible()
    expect(page.locator(".gone")).to_have_text(GONE)
    assert "[pruned" not in page.locator("main").inner_text()
    expect(page.locator(".actions")).to_have_count(0)
    assert refused == []


def test_in_the_list_it_has_no_picture_and_no_marker(page: Page, site: Site, studio: ScriptedStudio) -> None:
    job_id = pruned(site, studio)
    page.goto("/#/jobs")
    film = page.locator(f".films a[href='#/jobs/{job_id}']")
    expect(film).to_contain_text("Removed on")
    expect(film.locator("img")).to_have_count(0)
    expect(film).not_to_contain_text("[pruned")


def test_a_failed_film_that_was_removed_is_not_to_be_retried(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("The light", WORDS)
    studio.faults["image:2"] = [Failure.of(Code.SAFETY, "Blocked.")]
    for _ in studio.play(job_id):
        pass
    prune(site)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".gone")).to_have_text(GONE)
    expect(page.locator(".state")).to_contain_text("Failed")
    expect(page.get_by_role("button", name=re.compile("Retry|Fork|Change"))).to_have_count(0)


def test_it_is_pruned_while_one_looks_at_it(page: Page, site: Site, studio: ScriptedStudio) -> None:
    job_id = studio.film("The light", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".screen video")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("Live")
    prune(site)
    expect(page.locator(".gone")).to_have_text(GONE)
    expect(page.locator("video")).to_have_count(0)


def test_without_script_it_says_so_too(page: Page, site: Site, studio: ScriptedStudio) -> None:
    job_id = pruned(site, studio)
    for address in ("/jobs", f"/jobs/{job_id}"):
        page.goto(address)
        expect(page.locator("main")).to_contain_text("Removed on")
        assert "[pruned" not in page.content()
    expect(page.get_by_text(GONE)).to_be_visible()
    expect(page.locator("img, video, audio")).to_have_count(0)
