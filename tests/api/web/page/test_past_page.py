import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.page import failing
from tests.api.web.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]


@pytest.fixture
def job_id(studio: ScriptedStudio) -> UUID:
    job_id = studio.film("Remembered", WORDS)
    for _ in studio.play(job_id):
        pass
    return job_id


def test_an_address_with_a_position_shows_the_film_as_it_was_then(
    page: Page, studio: ScriptedStudio, job_id: UUID
) -> None:
    position = studio.topics(job_id).index("asset.generated") + 1
    page.goto(f"/#/jobs/{job_id}?at={position}")
    expect(page.get_by_text("This is the past.")).to_be_visible()
    expect(page.locator(".scene")).to_have_count(2)
    expect(page.locator(".scene img")).to_have_count(0)
    expect(page.locator(".state")).not_to_contain_text("Finished")
    page.get_by_label("Arranged").select_option("In order")
    expect(page.locator(".events tbody tr")).to_have_count(position)
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator(".state")).to_contain_text("Finished")
    expect(page.get_by_text("This is the past.")).to_be_hidden()
    expect(page).to_have_url(re.compile(f"#/jobs/{job_id}$"))


def test_the_scrubber_goes_event_by_event_with_the_arrow_keys(page: Page, job_id: UUID) -> None:
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_text("History").click()
    scrubber = page.get_by_role("slider", name="Moment of the history")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(r"\?at=1$"))
    expect(scrubber).to_have_attribute("aria-valuetext", re.compile(r"^Event 1 of \d+"))
    expect(page.locator(".state")).to_contain_text("Queued")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?at=2$"))
    expect(page.locator(".state")).to_contain_text("Reading the script")
    page.keyboard.press("End")
    expect(page.locator(".state")).to_contain_text("Finished")


def test_the_record_plays_from_its_beginning_to_now(page: Page, job_id: UUID) -> None:
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_text("History").click()
    page.get_by_label("Speed").select_option("16")
    page.get_by_role("button", name="Replay the history").click()
    expect(page.get_by_text("This is the past.")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Replay the history")).to_be_visible(timeout=60_000)
    expect(page.locator(".state")).to_contain_text("Finished")


def test_the_past_stays_as_it_was_while_the_film_goes_on(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Then", WORDS)
    page.goto(f"/#/jobs/{job_id}?at=1")
    expect(page.get_by_text("This is the past.")).to_be_attached()
    expect(page.locator("#connection")).to_have_text("Live")
    play = studio.play(job_id)
    studio.until(play, "analysis begun")
    expect(page.get_by_text(f"Event 1 of {len(studio.positions(job_id))}")).to_be_visible()
    expect(page.locator(".state")).to_contain_text("Queued")


def test_a_wait_of_the_past_is_counted_from_then(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Waited", failing.WORDS)
    studio.until(studio.play(job_id), "image:2 begun")
    refused_at = studio.now + timedelta(seconds=0.2)
    failure, retry_at = failing.refusal(), refused_at + timedelta(seconds=24.5)
    studio.refuse(job_id, "image:2", 1, failure, retry_at=retry_at)
    position = studio.positions(job_id)[-1]
    studio.tick(3600)
    studio.start(job_id, "image:2", 2)
    page.goto(f"/#/jobs/{job_id}?at={position}")
    expect(page.locator("#scene-2 .notes")).to_contain_text(
        "429 from gemini-nano-banana-2.1, attempt 2 in 25 s"
    )


def test_attempts_stand_to_scale_beside_each_other(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("To scale", failing.WORDS)
    studio.faults = {"image:2": [failing.refusal()]}
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    record = page.request.get(f"/v1/jobs/{job_id}/events").json()["data"]
    times = {event["position"]: datetime.fromisoformat(event["occurred_at"]) for event in record}
    begin, end = min(times.values()), max(times.values())
    assert (end - begin).total_seconds() > 1, "a shorter film is drawn as if it took a second"
    image_2 = {"kind": "image", "scene": 2}
    mine = [event for event in record if event["asset"] and image_2.items() <= event["asset"].items()]
    starts = [times[e["position"]] for e in mine if e["type"] == "asset.attempt_started"]
    ends = [times[e["position"]] for e in mine if re.search(r"attempt_failed|generated", e["type"])]
    lane = page.locator(".bars li.row").filter(has_text="Image of scene 2").locator(".lane")
    bars = lane.locator(".bar")
    expect(bars).to_have_count(2)
    assert [bar.get_attribute("data-status") for bar in bars.all()] == ["failed", "succeeded"]
    whole = lane.bounding_box()
    assert whole is not None
    for bar, begun, ended in zip(bars.all(), starts, ends, strict=True):
        box = bar.bounding_box()
        assert box is not None
        assert box["x"] - whole["x"] == pytest.approx(
            whole["width"] * ((begun - begin) / (end - begin)), abs=2
        )
        width = whole["width"] * ((ended - begun) / (end - begin))
        assert box["width"] == pytest.approx(max(3, width), abs=2)


def test_each_event_shows_its_json(page: Page, job_id: UUID) -> None:
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_label("Arranged").select_option("In order")
    page.get_by_label("JSON of event 1", exact=True).click()
    json_shown = page.locator("#event-1 pre")
    expect(json_shown).to_contain_text('"type": "job.submitted"')
    boxes = json_shown.bounding_box(), page.locator(".events").bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["width"] > 0.9 * boxes[1]["width"], "it is read across the table, not in its last column"
    page.get_by_label("Which events").select_option("What was made")
    expect(page.locator(".events tbody code").first).to_have_text("asset.generated")
    expect(page.locator("#event-1")).to_have_count(0)
