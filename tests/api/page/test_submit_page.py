import re

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.api.page.conftest import Site
from tests.api.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STORY = "One sentence is a script."


def test_an_impatient_double_click_makes_one_job(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    page.get_by_role("button", name="Make the film").dblclick()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert studio.log.head() == 1


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again_with_the_same_key(
    page: Page, studio: ScriptedStudio
) -> None:
    keys: list[str] = []

    def lose_the_first(route: object, request: Request) -> None:
        if request.method != "POST":
            route.continue_()  # type: ignore[attr-defined]
            return
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            request.frame.page.request.post(
                request.url, headers=request.headers, data=request.post_data or ""
            )
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/v1/jobs", lose_the_first)
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    page.get_by_role("button", name="Make the film").click()
    expect(page.get_by_role("alert")).to_have_text("The server does not answer.")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert len(set(keys)) == 1
    assert studio.log.head() == 1


def test_what_the_server_objects_to_stands_beside_its_field_and_the_first_one_is_focused(
    page: Page,
) -> None:
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    page.get_by_label("Pictures by").fill("gemini-9-brush")
    page.get_by_text("More options").click()
    page.get_by_label("Most scenes").fill("101")
    page.get_by_role("button", name="Make the film").click()
    image = page.get_by_label("Pictures by")
    expect(image).to_be_focused()
    expect(image).to_have_attribute("aria-invalid", "true")
    expect(image).to_have_accessible_description(
        re.compile("gemini-9-brush.*these would do: .*gemini-nano-banana-2.1")
    )
    expect(page.get_by_label("Most scenes")).to_have_attribute("aria-invalid", "true")

    image.fill("")
    page.get_by_label("Most scenes").fill("")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))


def test_the_submission_can_be_copied_as_curl_and_means_the_same(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("Script").fill('It\'s "quoted" & $HOME `x`\nsecond line')
    page.get_by_role("button", name="Copy as curl").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f"curl -sS '{site.url}/v1/jobs' -H 'Content-Type: application/json' \\\n"
        '  --data-raw \'{"script":"It\'\\\'\'s \\"quoted\\" & $HOME `x`\\nsecond line"}\''
    )


def test_a_sample_reads_from_right_to_left_and_is_counted(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="رسالة إلى البحر").click()
    script = page.get_by_label("Script")
    assert script.evaluate("e => getComputedStyle(e).direction") == "rtl"
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ characters · about \d scenes"))


def test_a_script_that_is_too_long_is_said_to_be_so_while_it_is_written(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Script").fill("x" * 50_007)
    expect(page.locator(".count")).to_have_text("50,007 characters: 7 too many")


def test_a_draft_survives_a_reload(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    page.reload()
    expect(page.get_by_label("Script")).to_have_value(STORY)
