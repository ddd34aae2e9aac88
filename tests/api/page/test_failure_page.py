import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from domain.failures import Failure
from tests.api.page import failing
from tests.api.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def fail(studio: ScriptedStudio, failure: Failure) -> UUID:
    """A film whose second picture is refused as often as it is tried."""
    job_id = studio.film("The harbour", failing.WORDS)
    studio.faults["image:2"] = [failure] * 10
    for _ in studio.play(job_id):
        pass
    return job_id


def test_a_failure_is_told_in_full(page: Page, studio: ScriptedStudio) -> None:
    failure = failing.refusal(retryable=False)
    page.goto(f"/#/jobs/{fail(studio, failure)}")
    panel = page.get_by_role("region", name="What failed")
    expect(panel.get_by_role("heading")).to_have_text("Scene 2 image failed: rate limited (HTTP 429)")
    expect(panel.locator("blockquote")).to_have_text(failure.message)
    expect(panel).to_contain_text("Images · attempt 1")
    expect(panel).to_contain_text(failure.hint)
    names, values = panel.locator(".facts dt").all_inner_texts(), panel.locator(".facts dd").all_inner_texts()
    assert dict(zip(names, values, strict=True)) == {
        "Code": "rate_limited",
        "Stage": "Images",
        "Asset": "Scene 2 image",
        "Attempt": "1",
        "Model": "gemini-nano-banana-2.1",
        "HTTP status": "429",
        "Provider’s status": "RESOURCE_EXHAUSTED",
        "Finish reason": "–",
        "Response id": "resp-77",
        "Provider asks to wait": "12 s",
        "Another attempt may help": "No",
        "May have been billed": "No",
        "Took": "0.2 s",
        "Prompt": failure.prompt_digest,
        "Raw answer": failure.raw_digest,
    }
    expect(panel.get_by_role("table").get_by_role("row")).to_have_count(2)
    assert json.loads(panel.locator("pre").last.inner_text()) == failure.details
    expect(page.locator(".stages li[data-status=failed]")).to_contain_text("Images")


def test_the_prompt_and_the_raw_answer_are_there_to_read(page: Page, studio: ScriptedStudio) -> None:
    assert studio.blobs is not None
    prompt, raw = studio.blobs.put(b"A harbour at dusk."), studio.blobs.put(b'{"error": "<b>no</b>"}')
    page.goto(
        f"/#/jobs/{fail(studio, failing.refusal(retryable=False, prompt_digest=prompt, raw_digest=raw))}"
    )
    page.get_by_text("The prompt", exact=True).click()
    expect(page.get_by_text("A harbour at dusk.")).to_be_visible()
    page.get_by_text("The raw answer", exact=True).click()
    expect(page.get_by_text('{"error": "<b>no</b>"}')).to_be_visible()


def test_a_failure_comes_up_while_one_watches(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Watched", failing.WORDS)
    studio.faults["analysis"] = [failing.refusal(retryable=False)]
    play = studio.play(job_id)
    studio.until(play, "analysis begun")
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".state")).to_contain_text("Reading the script")
    for _ in play:
        pass
    expect(page.get_by_role("alert").filter(has_text="Rate limited")).to_be_visible()


def test_a_failure_is_copied_as_markdown_for_an_issue(page: Page, studio: ScriptedStudio) -> None:
    failure = failing.refusal(retryable=False)
    job_id = fail(studio, failure)
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"## Scene 2 image failed: rate limited (HTTP 429)\n\nJob `{job_id}`")
    assert failure.message in copied
    assert "| Response id | resp-77 |" in copied
    assert copied.count("| failed | rate_limited 429:") == 1


def test_a_failed_film_is_retried(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, failing.refusal(retryable=False))
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator(".failure")).to_be_hidden()
    expect(page.locator(".state")).not_to_contain_text("Failed")
    assert studio.topics(job_id)[-1] == "job.reopened"


def test_a_failed_film_is_retried_with_another_budget(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, failing.refusal(retryable=False))
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Retry with another budget").click()
    dialog = page.get_by_role("dialog")
    budget = dialog.get_by_label("Budget in US dollars")
    budget.fill("-1")
    dialog.get_by_role("button", name="Retry").click()
    expect(budget).to_be_focused()
    expect(budget).to_have_accessible_description(re.compile("greater than 0"))
    budget.fill("2.5")
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".figures")).to_contain_text("of $2.50")
    assert studio.studio.job(job_id).max_cost_usd == 2.5
    assert studio.topics(job_id)[-1] == "job.reopened"


def test_waiting_for_another_attempt_is_seen_and_counted_down(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Patience", failing.WORDS)
    play = studio.play(job_id)
    studio.until(play, "image:2 begun")
    page.goto(f"/#/jobs/{job_id}")
    retry_at = datetime.now(UTC) + timedelta(seconds=600)
    studio.refuse(job_id, "image:2", 1, failing.refusal(), retry_at=retry_at)
    note = page.locator("#scene-2 .notes [data-look=wait]")
    expect(note).to_contain_text("429 from gemini-nano-banana-2.1, attempt 2 in")
    expect(note).not_to_have_text(note.inner_text())
    studio.start(job_id, "image:2", 2)
    expect(page.locator("#scene-2 .notes")).to_contain_text("Drawing, attempt 2 …")


def test_what_a_script_or_a_provider_says_is_never_markup(page: Page, studio: ScriptedStudio) -> None:
    trap = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>"
    job_id = studio.film(trap, [trap])
    studio.faults["storyboard"] = [failing.refusal(message=trap, hint=trap, model=trap, retryable=False)]
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(trap)
    expect(page.locator("blockquote")).to_have_text(trap)
    expect(page.locator(".scene").first).to_contain_text("onerror")
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == f"Failed · {trap} · Reelog"
