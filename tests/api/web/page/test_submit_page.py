import json
import re
import shlex
from uuid import UUID

import click
import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from api.cli.options import FLAGS, body, job_options
from tests.api.web.page.answers import lose
from tests.api.web.page.form import unfold
from tests.api.web.page.scripted import VOICE, ScriptedStudio
from tests.api.web.page.site import Site

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
    keys = lose(page, "**/v1/jobs", 2)
    make = page.get_by_role("button", name="Make the film")
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    for _ in range(2):
        with page.expect_event("requestfailed", lambda sent: sent.url.endswith("/v1/jobs")):
            make.click()
        expect(page.get_by_role("alert")).to_have_text("The server does not answer.")
        expect(make).not_to_have_class(re.compile("busy"))
    # Whoever loads the page anew meanwhile finds the draft, and pays once all the same.
    page.reload()
    expect(page.get_by_label("Script")).to_have_value(STORY)
    make.click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert studio.log.head() == 1
    # The same film once more, after that, is another one.
    page.get_by_role("link", name="New film").click()
    page.get_by_label("Script").fill(STORY)
    make.click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert studio.log.head() == 2


def test_half_a_number_is_objected_to_and_nothing_is_sent_without_it(
    page: Page, studio: ScriptedStudio
) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)

    def named(asked: Dialog) -> None:
        sent.append(asked.message)
        asked.accept("half")

    page.on("dialog", named)
    page.goto("/")
    unfold(page)
    budget = page.get_by_label("Budget in US dollars")
    budget.press_sequentially("1e")
    expect(budget).to_have_accessible_description(re.compile("A number, please."))
    page.get_by_label("Script").fill(STORY)
    expect(page.get_by_label("Script")).to_be_focused()
    for name in ("Make the film", "Keep these choices …", "Copy as curl", "Copy as command"):
        page.get_by_label("Script").focus()
        page.get_by_role("button", name=name).click()
        expect(budget).to_be_focused()
        expect(budget).to_have_attribute("aria-invalid", "true")
    assert sent == []
    budget.press_sequentially("1")
    expect(budget).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert studio.studio.job(UUID(page.url.rsplit("/", 1)[1])).max_cost_usd == 10


def test_names_that_look_like_numbers_are_names(page: Page, site: Site) -> None:
    names = ["2024", "null"]
    for name in names:
        page.request.put(f"{site.url}/v1/presets/{name}", data={"priority": "low"})
        page.request.put(f"{site.url}/v1/casts/{name}", data=[{"name": "Ada", "look": "tall"}])
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    unfold(page)
    page.get_by_label("Frames a second").select_option("24")
    page.get_by_label("Pace").select_option("Slower")
    for name in names:
        page.get_by_label("Preset", exact=True).select_option(name)
        page.get_by_label("A kept cast").select_option(name)
        copied(page, "Copy as curl")
        curl = shlex.split(page.evaluate("navigator.clipboard.readText()").replace("\\\n", ""))
        asked = json.loads(curl[curl.index("--data-raw") + 1])
        assert (asked["preset"], asked["cast"]) == (name, name)
        assert asked["options"] == {"fps": 24, "pace": 0.9}
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))


def test_what_the_server_objects_to_stands_beside_its_field_and_the_first_one_is_focused(
    page: Page,
) -> None:
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    unfold(page)
    page.get_by_label("Most scenes").fill("101")
    page.get_by_label("Language").fill("the usual")
    page.get_by_role("button", name="Make the film").click()
    scenes = page.get_by_label("Most scenes")
    expect(scenes).to_be_focused()
    expect(scenes).to_have_attribute("aria-invalid", "true")
    expect(scenes).to_have_accessible_description("At most 100, please.")
    expect(page.get_by_label("Language")).to_have_attribute("aria-invalid", "true")

    scenes.fill("")
    page.get_by_label("Language").fill("")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))


def test_an_objection_goes_as_soon_as_it_is_mended(page: Page) -> None:
    page.goto("/")
    script, error = page.get_by_label("Script"), page.locator("[id='/script-error']")
    for mend in (
        lambda: script.fill("A boat."),
        lambda: page.get_by_role("button", name="The lighthouse").click(),
    ):
        script.fill("")
        page.get_by_role("button", name="Make the film").click()
        expect(error).to_have_text("Write a script first, or take a sample.")
        expect(script).to_have_attribute("aria-invalid", "true")
        mend()
        expect(error).to_be_hidden()
        expect(script).not_to_have_attribute("aria-invalid", "true")
    unfold(page)
    budget = page.get_by_label("Budget in US dollars")
    budget.fill("-1")
    page.get_by_role("button", name="Make the film").click()
    expect(budget).to_have_accessible_description(re.compile("More than 0, please."))
    # What is changed elsewhere mends nothing here.
    script.fill("Another boat.")
    expect(budget).to_have_attribute("aria-invalid", "true")
    budget.fill("1")
    expect(budget).not_to_have_attribute("aria-invalid", "true")


def test_models_that_will_not_do_cannot_be_chosen_and_say_why(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    unfold(page)
    pictures = page.get_by_label("Image model")
    gone = pictures.locator("option", has_text="gemini-2.5-flash-image")
    expect(gone).to_have_text("gemini-2.5-flash-image: gemini-2.5-flash-image was shut down on 2026-10-02")
    expect(gone).to_be_disabled()
    expect(pictures).to_have_accessible_description(
        re.compile(r"\$\S+ / \$\S+ for a million tokens in / out")
    )
    page.get_by_label("Script").fill(STORY)
    pictures.select_option("gemini-3-pro-image")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    job_id = UUID(page.url.rsplit("/", 1)[1])
    assert studio.studio.job(job_id).models["image"] == "gemini-3-pro-image"


def test_what_it_will_cost_and_take_is_said_while_one_writes(page: Page, site: Site) -> None:
    page.goto("/")
    estimate = page.locator(".estimate")
    expect(estimate).to_have_text("")
    page.get_by_label("Script").fill(STORY)
    expect(estimate).to_have_text(
        re.compile(
            r"^About \$[\d.]+, at most \$[\d.]+\d(\.\d)? s long · \d scenes? · \d+ pictures? · "
            r"with shots about \$[\d.]+, at most \$[\d.]+ more · how long it takes is not known yet · "
            r"by list prices$"
        )
    )
    told = page.request.post(f"{site.url}/v1/estimate", data={"script": STORY}).json()["cost"]["usd"]
    expect(estimate).to_contain_text(f"${told:.4f}" if told < 0.1 else f"${told:.2f}")
    before = estimate.inner_text()
    unfold(page)
    page.get_by_label("Narration").uncheck()
    expect(estimate).not_to_have_text(before)
    page.get_by_label("Most scenes").fill("101")
    expect(estimate).to_have_text(re.compile("^No estimate: .*100"))


def test_what_shots_cost_is_said_before_they_are_chosen_and_after(page: Page) -> None:
    page.goto("/")
    estimate = page.locator(".estimate")
    page.get_by_label("Script").fill(STORY)
    expect(estimate).to_contain_text("with shots about $")
    unfold(page)
    page.get_by_text("Each picture becomes a shot").click()
    expect(estimate).to_have_text(re.compile(r"of it about \$[\d.]+, at most \$[\d.]+ for shots"))
    expect(page.get_by_label("Video model")).to_be_visible()
    page.get_by_text("Square").click()
    expect(estimate).to_have_text(re.compile("^No estimate: .*No video model makes square shots"))


def test_how_the_script_is_read_is_said_while_one_writes_and_stays_with_the_film(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Script").fill("# The sea\n\nIt is wide.")
    read = page.get_by_label("How it is read")
    expect(read).to_contain_text("Read as Markdown: 1 direction is not spoken (1 heading)")
    unfold(page)
    page.get_by_label("Read it as").select_option("prose")
    expect(read).to_contain_text("read aloud as it stands")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    expect(page.get_by_label("How it is read")).to_contain_text("read aloud as it stands")


def test_a_voice_is_heard_from_a_film_that_has_it(page: Page, studio: ScriptedStudio) -> None:
    for _ in studio.play(studio.film("Spoken", ["One.", "Two."])):
        pass
    page.goto("/")
    unfold(page)
    page.get_by_role("button", name="Hear it").click()
    expect(page.get_by_text("Name a voice to hear it")).to_be_visible()
    voice = page.get_by_label("Voice", exact=True)
    voice.fill("Puck")
    page.get_by_role("button", name="Hear it").click()
    expect(page.get_by_text("No film here speaks with Puck yet")).to_be_visible()
    voice.fill(VOICE)
    with page.expect_response(lambda answer: answer.url.endswith("/content?revision=1")) as heard:
        page.get_by_role("button", name="Hear it").click()
    assert heard.value.headers["content-type"] == "audio/wav"


def test_a_silent_film_has_neither_voice_nor_music(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    unfold(page)
    page.get_by_label("Sound").uncheck()
    for name in ("Narration", "Music"):
        expect(page.get_by_label(name, exact=True)).to_be_disabled()
    page.get_by_label("call in flight").select_option("stop")
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    options = studio.studio.job(UUID(page.url.rsplit("/", 1)[1])).options
    assert (options.include_audio, options.on_lost_call) == (False, "stop")


def test_music_is_synthesised_unless_a_model_is_chosen_whose_price_stands_beside_it(
    page: Page, studio: ScriptedStudio
) -> None:
    page.goto("/")
    unfold(page)
    music = page.get_by_label("Music model")
    expect(music.locator("option:checked")).to_have_text("The synthesiser · free")
    expect(music.locator("option", has_text="lyria-3.5")).to_have_text("lyria-3.5 · $0.08 each")
    page.get_by_label("Script").fill(STORY)
    music.select_option("lyria-3.5")
    expect(music).to_have_accessible_description(re.compile(r"\$0\.08 each"))
    unfold(page)
    page.get_by_label("Music", exact=True).uncheck()
    page.get_by_role("button", name="Make the film").click()
    expect(music).to_have_accessible_description(re.compile("There is no music to compose"))
    page.get_by_label("Music", exact=True).check()
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile("#/jobs/"))
    assert studio.studio.job(UUID(page.url.rsplit("/", 1)[1])).models["music"] == "lyria-3.5"


def copied(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    # Its own name comes back: another copy begins from there.
    expect(page.get_by_role("button", name=name)).to_be_visible()


def parsed(command: str) -> dict[str, object]:
    """What the command line makes of a copied command, flags and quotes read by what reads them there."""
    script, _, rest = command.removeprefix("printf %s ").partition(" |\n")
    words = shlex.split(rest)
    assert words[:3] == ["reelog", "submit", "-"]

    @click.command()
    @click.option("--url")
    @job_options
    def submit(url: str, **job: object) -> dict[str, object]:
        assert url.startswith("http://127.0.0.1:")
        return body(shlex.split(script)[0], job)

    made: dict[str, object] = submit.main(words[3:], standalone_mode=False)
    return made


def test_the_copied_command_asks_for_the_same_as_the_form(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("Script").fill('It\'s "quoted" & $HOME `x`\nsecond line')
    page.request.put(f"{site.url}/v1/presets/serial", data={"max_cost_usd": 2})
    unfold(page)
    # Without sound there is no voice to ask for; patience is the server's, and a program's to ask for.
    left = {"/options/include_audio", "/options/patience_s"}
    for control in page.locator(".choosing :is(select, input)").all():
        match control.evaluate("e => e.type"):
            case "select-one":
                # Models that will do come with the list.
                expect(control.locator("option:enabled").nth(1)).to_be_attached()
                control.select_option(index=control.locator("option:enabled").nth(1).evaluate("o => o.index"))
            case "number":
                control.fill("7")
            case "radio":
                control.check(force=True)
            case "checkbox" if control.get_attribute("name") not in left:
                control.set_checked(not control.is_checked())
            case "text":
                control.fill("Kore")
    page.get_by_label("Style").fill("It's -- soft")
    page.get_by_label("Language").fill("pt-BR")
    copied(page, "Copy as command")
    command = page.evaluate("navigator.clipboard.readText()")
    copied(page, "Copy as curl")
    curl = shlex.split(page.evaluate("navigator.clipboard.readText()").replace("\\\n", ""))
    asked = json.loads(curl[curl.index("--data-raw") + 1])
    wanted = {flag.pointer for flag in FLAGS} - left
    assert {f"/{p}/{n}" for p in ("models", "options") for n in asked[p]} | {
        f"/{n}" for n in asked if n not in ("script", "models", "options")
    } == wanted
    assert asked["options"]["review"] == ["script", "storyboard", "narration", "images"]
    assert parsed(command) == asked
    page.get_by_label("Sound").uncheck()
    copied(page, "Copy as command")
    assert " --no-audio" in page.evaluate("navigator.clipboard.readText()")


def test_the_submission_can_be_copied_as_curl_and_means_the_same(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("Script").fill('It\'s "quoted" & $HOME `x`\nsecond line')
    copied(page, "Copy as curl")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == (
        f"curl -sS '{site.url}/v1/jobs' -H 'Content-Type: application/json' \\\n"
        '  --data-raw \'{"script":"It\'\\\'\'s \\"quoted\\" & $HOME `x`\\nsecond line"}\''
    )


def test_a_sample_reads_from_right_to_left_and_is_counted(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="رسالة إلى البحر").click()
    script = page.get_by_label("Script")
    expect(script).to_have_css("direction", "rtl")
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ characters · spoken in about \d+ s"))


def test_a_script_that_is_too_long_is_said_to_be_so_while_it_is_written(page: Page) -> None:
    page.goto("/")
    # In words: a browser looks long for where to break a single one of that length.
    page.get_by_label("Script").fill("word " * 10_001 + "xx")
    expect(page.locator(".count")).to_have_text("50,007 characters: 7 too many")


def test_a_draft_survives_a_reload(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Script").fill(STORY)
    page.reload()
    expect(page.get_by_label("Script")).to_have_value(STORY)
