"""The record: the timeline, what is picked in it, why things happened, and the log to take away."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from domain.asset import AssetKey
from domain.asset_parts import Receipt
from tests.api.web.page import failing
from tests.api.web.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def job_id(studio: ScriptedStudio) -> UUID:
    """A film whose second picture came at the second attempt."""
    job_id = studio.film("Remembered", failing.WORDS)
    studio.faults = {"image:2": [failing.refusal()]}
    for _ in studio.play(job_id):
        pass
    return job_id


def test_what_is_picked_in_the_timeline_says_what_was_asked_what_it_cost_and_why(
    page: Page, job_id: UUID
) -> None:
    page.goto(f"/#/jobs/{job_id}")
    row = page.locator(".bars li.row").filter(has_text="Image of scene 2")
    bars = row.locator(".bar")
    expect(bars).to_have_count(2)
    assert {bar.get_attribute("data-stage") for bar in bars.all()} == {"image_generation"}
    expect(bars.first).to_have_attribute(
        "title", re.compile("^Scene 2 image, attempt 1 failed .* rate limited")
    )
    expect(row.locator(".wait[title^='Waited for attempt 2']")).to_have_count(1)

    bars.last.click()
    picked = page.get_by_role("complementary", name="Scene 2 image")
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(picked.locator(".facts").first).to_contain_text("$0.0100 · 2 attempts")
    expect(picked.get_by_role("table").get_by_role("row")).to_have_count(3)
    expect(picked.get_by_role("table")).to_contain_text("rate limited")
    picked.get_by_text("The prompt").click()
    expect(picked.get_by_text("Prompt of image:2.")).to_be_visible()

    picked.get_by_role("button", name=re.compile("^Why: event")).last.click()
    why = page.get_by_role("dialog", name=re.compile(r"^Why: event \d+"))
    expect(why).to_contain_text("Scene 2: image requested")
    expect(why.locator(".decisions.about").first).to_contain_text("Request image:2 from storyboard")
    page.keyboard.press("Escape")
    picked.get_by_role("button", name="Close").click()
    expect(picked).to_be_hidden()


def test_who_goes_through_it_by_key_stays_where_they_are_as_more_becomes_known(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Being made", failing.WORDS)
    studio.until(studio.play(job_id), "image:2 begun")
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Image of scene 2").click()
    picked = page.get_by_role("complementary", name="Scene 2 image")
    why = picked.locator(".actions").get_by_role("button", name=re.compile("^Why: event"))
    why.focus()
    studio.refuse(job_id, "image:2", 1, failing.refusal(), retry_at=studio.now + timedelta(seconds=90))
    expect(picked.get_by_text("The raw answer")).to_be_visible()
    expect(why).to_be_focused()


def test_a_long_wait_leaves_room_for_the_work(page: Page, studio: ScriptedStudio) -> None:
    """An hour in the queue, and a day until somebody tried again."""
    job_id = studio.film("Waited for", failing.WORDS)
    studio.tick(3600)
    studio.faults = {"image:2": [failing.refusal(retryable=False)]}
    for _ in studio.play(job_id):
        pass
    studio.tick(86_400)
    studio.studio.change_job(job_id, lambda job: job.reopen("retry", now=studio.tick(0.1)))
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".bars .cut")).to_have_count(2)
    lanes = page.locator(".bars li.row .lane")
    width = lanes.first.bounding_box()
    bars = [bar.bounding_box() for bar in page.locator(".bars .bar").all()]
    assert width
    drawn = {(round(box["x"]), round(box["width"])) for box in bars if box}
    assert sum(wide for _, wide in drawn) > width["width"] / 2
    expect(page.get_by_text("Cut short, as nothing was under way: 1 h 00 min, 1 d 0 h.")).to_be_visible()


def test_a_call_that_was_accepted_is_marked_on_its_attempt(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Accepted", failing.WORDS)
    studio.until(studio.play(job_id), "image:2 begun")
    now = studio.tick(0.5)
    receipt = Receipt("call-77", now, now + timedelta(days=1))
    studio.studio.change_asset(
        AssetKey.parse("image:2").id_in(job_id),
        lambda a: a.accept_call(a.revision, 1, "worker-1", receipt, run=1, now=now),
    )
    page.goto(f"/#/jobs/{job_id}")
    row = page.locator(".bars li.row").filter(has_text="Image of scene 2")
    expect(row.locator(".receipt")).to_have_attribute(
        "title", re.compile("^Accepted as call call-77, 0.5 s after")
    )
    row.get_by_role("button").click()
    expect(page.get_by_role("complementary", name="Scene 2 image")).to_contain_text("call-77")


def test_every_event_says_why_and_is_a_moment_to_go_to(page: Page, job_id: UUID) -> None:
    page.goto(f"/#/jobs/{job_id}")
    group = page.locator(".groups > details").filter(has_text="Scene 2 image")
    expect(group.locator("summary").first).to_have_text(re.compile("5 events · generated"))
    group.locator("summary").first.click()
    rows = group.locator("tbody tr")
    expect(rows).to_have_count(5)
    failed = rows.filter(has_text="attempt 1 failed")
    position = failed.get_by_role("link").inner_text()
    failed.get_by_role("button", name=f"Why: event {position}").click()
    why = page.get_by_role("dialog", name=f"Why: event {position}")
    expect(why).to_contain_text("Wait until")
    expect(why.locator("code").last).to_contain_text(f"reelog explain {job_id} --at {position}")
    page.keyboard.press("Escape")
    failed.get_by_role("link").click()
    expect(page.get_by_text("This is the past.")).to_be_visible()


def test_events_are_found_by_their_words(page: Page, job_id: UUID) -> None:
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("searchbox", name="Search the events").fill("exceeded your current quota")
    rows = page.locator(".events tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("attempt 1 failed")
    page.get_by_role("searchbox", name="Search the events").fill("")
    expect(page.locator(".groups > details").first).to_be_visible()


def test_the_log_is_taken_away_as_the_command_prints_it(
    page: Page, studio: ScriptedStudio, job_id: UUID
) -> None:
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".about-job code")).to_have_text(str(job_id))
    page.get_by_role("button", name="Copy the job’s id").click()
    assert page.evaluate("navigator.clipboard.readText()") == str(job_id)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the log").click()
    assert download.value.suggested_filename == f"reelog-{job_id}.ndjson"
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["position"] for line in lines] == studio.positions(job_id)
    page.get_by_role("button", name="Copy as a command").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"reelog events {job_id}")
