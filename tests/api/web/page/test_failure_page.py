import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from domain.asset import AssetKey
from domain.failures import CAUSES, Code, Failure
from tests.api.web.page import failing
from tests.api.web.page.scripted import ScriptedStudio

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
    prompt, raw = failure.prompt_digest, failure.raw_digest
    assert prompt
    assert raw
    names, values = panel.locator(".facts dt").all_inner_texts(), panel.locator(".facts dd").all_inner_texts()
    assert dict(zip(names, values, strict=True)) == {
        "Code": "rate_limited",
        "Stage": "Images",
        "Asset": "Scene 2 image",
        "Attempt": "1",
        "Model": "gemini-nano-banana-2.1",
        "HTTP status": "429",
        "Provider’s status": "RESOURCE_EXHAUSTED",
        "Response id": "resp-77",
        "Provider asks to wait": "12 s",
        "Another attempt may help": "No",
        "May have been billed": "No",
        "Took": "0.2 s",
        "Prompt": f"{prompt[:19]} …",
        "Raw answer": f"{raw[:19]} …",
    }
    whole = [span.get_attribute("title") for span in panel.locator(".facts span[title]").all()]
    assert whole == [prompt, raw]
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
    # It says so for a moment, which a busy machine looks away from: the page notes it by itself.
    page.evaluate(
        """() => {
            window.said = []
            const note = () => document.querySelectorAll('button').forEach((b) => said.push(b.textContent))
            const everything = { subtree: true, childList: true, characterData: true }
            new MutationObserver(note).observe(document.body, everything)
        }"""
    )
    page.get_by_role("button", name="Copy as Markdown").click()
    page.wait_for_function("() => said.includes('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"## Scene 2 image failed: rate limited (HTTP 429)\n\nJob `{job_id}`")
    assert failure.message in copied
    assert "| Response id | resp-77 |" in copied
    assert copied.count("| failed | rate_limited 429:") == 1


def test_what_is_made_days_later_took_the_time_since_then(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, failing.refusal(retryable=False))
    studio.faults.clear()
    studio.now += timedelta(days=3)
    studio.studio.change_job(job_id, lambda job: job.reopen("retry", now=studio.now))
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".state")).to_contain_text("Finished")
    elapsed = page.locator(".figures dt", has_text="Elapsed").locator("xpath=following-sibling::dd[1]")
    expect(elapsed).to_have_text(re.compile(r"^\d+(\.\d+)? s$"))


def test_a_failed_film_is_retried(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, failing.refusal(retryable=False))
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Retry", exact=True).click()
    dialog = page.get_by_role("dialog", name="Retry")
    expect(dialog.locator(".price")).to_contain_text("to make: about")
    assert studio.topics(job_id)[-1] == "job.failed"
    with page.expect_request("**/retry") as sent:
        dialog.get_by_role("button", name="Retry").click()
    assert sent.value.headers["idempotency-key"]
    expect(dialog).to_be_hidden()
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
    expect(budget).to_have_accessible_description(re.compile("More than 0"))
    expect(budget).to_be_focused()
    expect(dialog.get_by_role("button", name="Retry")).to_be_disabled()
    # Half a number is none, and is not left out: no price is told without it.
    budget.fill("")
    budget.press_sequentially("1e")
    expect(budget).to_have_accessible_description(re.compile("A number, please."))
    expect(dialog.locator(".price")).to_have_text("")
    expect(dialog.get_by_role("button", name="Retry")).to_be_disabled()
    budget.fill("2.5")
    expect(dialog.locator(".price")).to_contain_text("to make: about")
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".figures")).to_contain_text("of $2.50")
    assert studio.studio.job(job_id).max_cost_usd == 2.5
    assert studio.topics(job_id)[-1] == "job.reopened"


def offered(page: Page) -> tuple[list[str], str | None]:
    """What the panel offers, in order, and which of it comes first in black."""
    actions = page.locator(".failure .actions")
    expect(actions).to_be_visible()
    primary = actions.locator(".primary")
    return actions.get_by_role("button").all_inner_texts(), (
        primary.inner_text() if primary.count() else None
    )


WAYS = {
    "budget": r"^Raise max_cost_usd",
    "words": r"make the asset again with another prompt",
    "script": r"another script|a script without",
    "model": r"another model",
    "retry": r"[Rr]etry",
}
"""What the page offers, by the words of the advice that ask for it."""


def test_no_advice_asks_for_what_the_page_does_not_offer(page: Page) -> None:
    page.goto("/")
    for code, cause in CAUSES.items():
        for asset, stage in (("image:2", "image_generation"), ("analysis", "script_analysis")):
            failure = Failure.of(code, "No.", asset=asset, stage=stage).to_dict()
            best, ways = page.evaluate(
                "async (failure) => { const { best, ways } = (await import('/static/views/failure.js'))"
                ".waysOn(failure); return [best ?? null, [...ways]] }",
                failure,
            )
            asked = [way for way, words in WAYS.items() if re.search(words, cause.hint)]
            possible = [way for way in asked if way in ways]
            assert possible or not asked, f"{code}: {cause.hint}"
            # The same request again comes first only where it may help.
            assert (best == "retry") == failure["retryable"], code
            assert best is None or best == ways[0], code
            assert best is None or {best, "words" if best == "scene" else best} & {*asked, "retry"}, (
                f"{code} offers {best} first: {cause.hint}"
            )
            if not failure["retryable"]:
                fixes = [way for way in possible if way != "retry"]
                assert (best is not None) == bool(fixes), f"{code}: {cause.hint}"


def test_words_that_were_not_spoken_are_reworded_from_where_they_failed(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("The harbour", failing.WORDS)
    studio.faults["narration:1"] = [Failure.of(Code.SAFETY, "Blocked.")]
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    ways, primary = offered(page)
    assert primary == ways[0] == "Reword scene 1"
    page.get_by_role("button", name="Reword scene 1").click()
    dialog = page.get_by_role("dialog", name="Reword scene 1")
    expect(dialog.get_by_role("button", name="Make it so")).to_be_disabled()
    expect(dialog.get_by_label("What is spoken")).to_have_value(failing.WORDS[0])
    with page.expect_request(lambda sent: sent.method == "PATCH") as asked:
        dialog.get_by_label("What is spoken").fill("The harbour by day.")
    assert asked.value.post_data_json == {
        "scenes": {"1": {"text": "The harbour by day."}},
        "dry_run": True,
    }


def test_who_asks_again_is_told_first_that_it_may_be_paid_again(page: Page, studio: ScriptedStudio) -> None:
    page.goto(f"/#/jobs/{fail(studio, Failure.of(Code.SAFETY, 'Blocked.', may_have_been_billed=True))}")
    assert offered(page)[1] != "Retry"
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_role("dialog", name="Retry")).to_contain_text("may have been billed all the same")


def test_the_moment_it_failed_is_a_link_to_send_and_says_why(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, failing.refusal(retryable=False))
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Why did it fail?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("rate_limited")
    expect(dialog.get_by_text(f"reelog explain {job_id} --at ")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Copy a link to the moment it failed").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(rf"#/jobs/{job_id}\?at=\d+$", copied)
    page.goto(copied)
    expect(page.get_by_text("This is the past.")).to_be_visible()


@pytest.mark.parametrize("name", ["image:2"])
def test_what_was_refused_is_asked_for_in_other_words_from_where_it_failed(
    page: Page, studio: ScriptedStudio, name: str
) -> None:
    job_id = studio.film("The harbour", failing.WORDS)
    studio.faults[name] = [Failure.of(Code.SAFETY, "Blocked.")]
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    ways, primary = offered(page)
    assert primary == ways[0] == "Change the wording"
    page.get_by_role("button", name="Change the wording").click()
    dialog = page.get_by_role("dialog", name="Ask in other words")
    expect(dialog.get_by_label("Prompt")).to_have_value(f"Prompt of {name}.")
    dialog.get_by_label("Prompt").fill("Something milder.")
    expect(dialog.locator(".price")).to_contain_text("to make: about")
    with page.expect_request("**/regenerate") as sent:
        dialog.get_by_role("button", name="Make it again").click()
    assert sent.value.headers["idempotency-key"]
    expect(dialog).to_be_hidden()
    expect(page.locator(".failure")).to_be_hidden()
    asset = studio.studio.find_asset(job_id, AssetKey.parse(name))
    assert asset is not None
    assert (asset.revision, asset.recipe.prompt_version) == (2, "edited")
    assert studio.blobs is not None
    assert studio.blobs.get(str(asset.recipe.prompt_digest)) == b"Something milder."


def test_a_budget_that_is_used_up_is_raised_first(page: Page, studio: ScriptedStudio) -> None:
    job_id = fail(studio, Failure.of(Code.OVER_BUDGET, "It would cost more."))
    page.goto(f"/#/jobs/{job_id}")
    ways, primary = offered(page)
    assert primary == ways[0] == "Retry with another budget"
    assert ways[1] == "Retry"


def test_a_script_that_will_not_do_is_changed_from_where_it_failed(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("The harbour", failing.WORDS)
    studio.faults["analysis"] = [Failure.of(Code.SPII, "A name.")]
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    assert offered(page)[1] == "Change the script"
    page.get_by_role("button", name="Change the script").click()
    dialog = page.get_by_role("dialog", name="The same film from another script")
    script = dialog.get_by_label("Script")
    expect(script).to_have_value("\n\n".join(failing.WORDS))
    script.fill("Somebody waves.")
    dialog.get_by_label("Another voice").fill("Puck")
    expect(dialog.get_by_role("button", name="Make the fork")).to_be_enabled()
    dialog.get_by_role("button", name="Make the fork").click()
    expect(page).not_to_have_url(re.compile(str(job_id)))
    forked = studio.studio.job(UUID(page.url.rsplit("/", 1)[1]))
    assert (forked.script, forked.options.voice) == ("Somebody waves.", "Puck")


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
