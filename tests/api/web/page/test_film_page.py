import re
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from domain.asset import AssetKey
from domain.script import Kind
from tests.api.web.page import artwork
from tests.api.web.page.form import unfold
from tests.api.web.page.scripted import MODELS, ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["A lighthouse stands at the edge of the sea.", "A boat comes in the storm."]

PLAYS = """video => new Promise((done, bad) => {
  video.ontimeupdate = () => video.currentTime > 0.3 && done(true)
  video.onerror = () => bad(video.error.message)
  video.muted = true
  video.play().catch(bad)
})"""


PLAYS_MUTED = "document.querySelector('.scene video').muted"


def test_a_shot_is_seen_in_place_of_its_picture_until_the_clip_is_there(
    page: Page, studio: ScriptedStudio
) -> None:
    moving = {"options": {"motion": "generated"}, "models": MODELS | {"video": "gemini-omni-1.2-flash"}}
    job_id = studio.film("The light", WORDS, **moving)
    play = studio.play(job_id)
    studio.until(play, "image:1")
    page.goto(f"/#/jobs/{job_id}")
    card = page.locator(".scene").first
    expect(card.get_by_role("img", name=f"Picture of scene 1: {WORDS[0]}")).to_be_visible()
    studio.until(play, "shot:1 begun")
    expect(card.locator(".notes")).to_contain_text("Filming")
    studio.until(play, "shot:1")
    expect(card.get_by_role("button", name="Play the shot of scene 1")).to_be_visible()
    assert page.evaluate(PLAYS_MUTED) is True
    studio.until(play, "clip:1")
    expect(card.get_by_role("button", name="Play the clip of scene 1")).to_be_visible()
    expect(page.locator(".stages, nav, aside, main").get_by_text("Shots").first).to_be_visible()


def test_a_script_is_submitted_watched_and_becomes_a_film(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    expect(page.locator("#provider")).to_contain_text("Emulator")
    page.get_by_label("Script").fill("\n\n".join(WORDS))
    unfold(page)
    page.get_by_text("Square").click()
    page.get_by_role("button", name="Make the film").click()
    expect(page).to_have_url(re.compile(r"#/jobs/[0-9a-f-]{36}$"))
    state = page.locator(".state")
    expect(state).to_contain_text("Queued")
    expect(state).to_contain_text("Emulator")
    expect(page.locator(".words-first")).to_have_text("\n\n".join(WORDS))

    job_id = studio.named(UUID(page.url.rsplit("/", 1)[1]), "The light", WORDS)
    assert studio.studio.job(job_id).options.aspect_ratio == "1:1"
    play = studio.play(job_id)
    studio.until(play, "analysis begun")
    expect(state).to_contain_text("Reading the script")
    studio.until(play, "analysis")
    expect(page.get_by_role("heading", level=1)).to_have_text("The light")
    card = page.locator(".scene").first
    expect(page.locator(".scene")).to_have_count(2)
    expect(card.locator("img")).to_have_count(0)
    expect(card).to_contain_text(WORDS[0])
    studio.until(play, "image:1 begun")
    expect(card.locator(".notes")).to_contain_text("Drawing")
    studio.until(play, "image:1")
    expect(card.get_by_role("img", name=f"Picture of scene 1: {WORDS[0]}")).to_be_visible()
    expect(card.locator(".notes")).to_contain_text("gemini-nano-banana-2.1")
    studio.until(play, "narration:1")
    expect(card.get_by_role("button", name="Hear the narration of scene 1")).to_be_visible()
    studio.until(play, "clip:1")
    expect(card.get_by_role("button", name="Play the clip of scene 1")).to_be_visible()
    assert card.locator("video").evaluate(PLAYS)
    for _ in play:
        pass
    expect(state).to_contain_text("Finished")
    expect(page.locator(".stages li[data-status=completed]")).to_have_count(7)
    assert page.locator(".screen video").evaluate(PLAYS)
    assert page.locator(".screen track").evaluate("t => t.kind") == "captions"
    for name in ("Film", "Captions", "Poster", "Manifest"):
        expect(page.locator(".downloads").get_by_role("link", name=name)).to_be_visible()


def test_a_film_without_narration_says_which_stage_is_left_out(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/")
    page.get_by_label("Script").fill("Silent.")
    unfold(page)
    page.get_by_label("Narration").uncheck()
    page.get_by_role("button", name="Make the film").click()
    expect(page.locator(".stages li[data-status=skipped]")).to_have_text(re.compile("Narration"))
    job_id = studio.named(UUID(page.url.rsplit("/", 1)[1]), "Silent", ["Silent."])
    for _ in studio.play(job_id):
        pass
    expect(page.locator(".state")).to_contain_text("Finished")


def test_the_pictures_of_a_scene_are_a_strip_and_any_of_them_is_made_again(
    page: Page, studio: ScriptedStudio
) -> None:
    studio.beats = 3
    job_id = studio.film("Strips", WORDS)
    play = studio.play(job_id)
    page.goto(f"/#/jobs/{job_id}")
    studio.until(play, "image:1.2")
    card = page.locator(".scene").first
    strip = card.locator(".strip > *")
    expect(strip).to_have_count(3)
    expect(card.get_by_role("img", name="Picture 2 of scene 1")).to_be_visible()
    expect(strip.nth(2).locator("img")).to_have_count(0)
    for _ in play:
        pass
    expect(strip.locator("img")).to_have_count(3)
    assert len({img.get_attribute("src") for img in strip.locator("img").all()}) == 3
    page.get_by_role("button", name="Make again (scene 1)").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What").select_option("Picture 3")
    expect(dialog.get_by_label("Prompt")).to_have_value("Prompt of image:1.3.")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Provenance (scene 1)").click()
    expect(page.get_by_role("dialog", name="Scene 1").get_by_text("Scene 1.2 image")).to_be_visible()


def test_a_scene_of_one_picture_has_no_strip(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("One each", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".scene")).to_have_count(2)
    expect(page.locator(".strip")).to_have_count(0)


def test_a_scene_tells_what_it_was_made_from_down_to_the_prompt(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Origins", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Provenance (scene 2)").click()
    dialog = page.get_by_role("dialog", name="Provenance: Scene 2")
    clip = dialog.locator(".tree > li")
    expect(clip).to_have_count(1)
    expect(clip.locator("summary").first).to_contain_text("Scene 2 clip made by Reelog itself")
    picture = dialog.locator("li").filter(has_text="Scene 2 image").last
    expect(picture.locator("summary").first).to_contain_text("gemini-nano-banana-2.1")
    assert picture.locator("img").first.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    picture.get_by_text("Details").first.click()
    provider = picture.get_by_text("Provider", exact=True).first.locator("xpath=following-sibling::dd")
    expect(provider).to_have_text("emulator")
    picture.get_by_text("The prompt").first.click()
    expect(picture.get_by_text("Prompt of image:2.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Provenance (scene 2)")).to_be_focused()


def test_the_films_tree_goes_back_to_all_that_it_was_made_from(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Origins", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Provenance", exact=True).click()
    dialog = page.get_by_role("dialog", name="Provenance: The film")
    expect(dialog.locator(".tree > li > details > summary")).to_contain_text("Video")
    named = dialog.locator("summary > span").evaluate_all(
        "all => all.map((one) => one.firstChild.textContent)"
    )
    assert len(named) == len(set(named)), "what several are made from is unfolded once"
    documents, sound = {"Analysis", "Storyboard", "Audio plan"}, {"Music", "Soundtrack"}
    scenes = {f"Scene {n} {kind}" for n in (1, 2) for kind in ("image", "narration", "clip")}
    assert {*documents, *sound, *scenes, "Captions", "Video", "Scene 1 transition"} == set(named)


def test_a_finished_film_is_seen_whole_first_and_its_history_is_shut(
    page: Page, studio: ScriptedStudio
) -> None:
    films = {shape: studio.film(shape, WORDS, options={"aspect_ratio": shape}) for shape in ("16:9", "9:16")}
    page.set_viewport_size({"width": 1280, "height": 800})
    for shape, job_id in films.items():
        for _ in studio.play(job_id):
            pass
        page.goto(f"/#/jobs/{job_id}")
        expect(page.get_by_role("heading", level=1)).to_have_text(shape)
        places = [
            page.locator(".screen"),
            page.get_by_role("region", name="History"),
            page.get_by_role("navigation", name="Chapters"),
        ]
        for place in places:
            expect(place).to_be_visible()
        screen, history, chapters = (place.bounding_box() for place in places)
        assert screen is not None
        assert history is not None
        assert chapters is not None
        assert screen["y"] > 0
        assert screen["y"] + screen["height"] <= history["y"], "the film's controls are in view"
        assert chapters["x"] >= screen["x"] + screen["width"]
        assert chapters["y"] < 400
        expect(page.get_by_role("slider", name="Moment of the history")).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
        expect(page.locator(".figures")).to_contain_text("Cost")


def test_the_history_is_open_while_a_film_is_made_and_shut_when_it_is_done(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Followed", WORDS)
    play = studio.play(job_id)
    studio.until(play, "analysis")
    page.goto(f"/#/jobs/{job_id}")
    slider = page.get_by_role("slider", name="Moment of the history")
    expect(slider).to_be_visible()
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    expect(slider).to_be_hidden()


IN_STEP = """([one, two]) => new Promise((done) => {
  const told = () => done([one.muted, two.muted, Math.abs(one.currentTime - two.currentTime) < 1])
  two.ontimeupdate = () => two.currentTime > 0.2 && told()
  one.play()
})"""


def figure(page: Page, name: str) -> Locator:
    return page.locator(".figures dt", has_text=name).locator("xpath=following-sibling::dd[1]")


def test_what_a_film_waits_is_told_beside_the_time_of_work_on_it(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Waits", WORDS)
    play = studio.play(job_id)
    begun = studio.tick(65)
    studio.until(play, "analysis")
    studio.studio.change_job(job_id, lambda job: job.request_review("script", now=studio.now))
    waits_at = studio.head()
    worked = round((studio.now - begun).total_seconds(), 1)
    studio.studio.change_job(job_id, lambda job: job.approve(now=studio.tick(7200)))
    page.goto(f"/#/jobs/{job_id}")
    expect(figure(page, "Queued")).to_have_text("1 min 05 s")
    expect(figure(page, "In review")).to_have_text("2 h 00 min")
    page.goto(f"/#/jobs/{job_id}?at={waits_at}")
    expect(page.locator(".state")).to_contain_text("Waiting for you")
    expect(figure(page, "Elapsed")).to_have_text(f"{worked} s")
    expect(figure(page, "In review")).to_have_count(0)


def test_films_are_compared_by_the_work_of_their_latest_run(page: Page, studio: ScriptedStudio) -> None:
    films = [studio.film(title, WORDS) for title in ("Once", "Twice")]
    for job_id in films:
        for _ in studio.play(job_id):
            pass
    began = studio.tick(86_400)
    studio.studio.change_job(films[1], lambda job: job.reopen("retry", now=began))
    for _ in studio.play(films[1]):
        pass
    assert studio.studio.job(films[1]).status == "completed"
    page.goto(f"/#/compare/{films[0]}/{films[1]}")
    took = page.get_by_role("row", name="Took").locator("td")
    expect(took.first).to_have_text(re.compile(r"^\d+(\.\d)? s$"))
    expect(took.last).to_have_text(re.compile(r"^\d+(\.\d)? s$"))


def test_two_films_play_in_step_and_only_what_matters_is_marked(page: Page, studio: ScriptedStudio) -> None:
    films = [studio.film(title, WORDS) for title in ("One", "Two")]
    for job_id in films:
        for _ in studio.play(job_id):
            pass
    page.goto(f"/#/compare/{films[0]}/{films[1]}")
    videos = page.locator(".compare video")
    expect(videos).to_have_count(2)
    assert videos.evaluate_all(IN_STEP) == [False, True, True]
    videos.first.evaluate("video => video.pause()")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.compare video')].every((video) => video.paused)"
    )
    expect(page.get_by_role("rowheader", name="Took", exact=True)).to_be_visible()
    expect(page.get_by_role("rowheader", name="Cost", exact=True)).to_be_visible()


BESIDE_A_SHORTER = """async ([long, short]) => {
  const told = (video, name) => new Promise((done) => video.addEventListener(name, done, { once: true }))
  const both = (name) => Promise.all([long, short].map((video) => told(video, name)))
  const times = [[long.duration, short.duration]]
  const look = () => times.push([long, short].map((video) => Math.round(10 * video.currentTime) / 10))
  let seen = both('seeked')
  long.currentTime = 2.2
  await seen
  look()
  seen = told(long, 'timeupdate')
  await long.play()
  await seen
  seen = told(long, 'pause')
  long.pause()
  await seen
  times.push([long.currentTime >= 2.2, short.paused])
  seen = both('seeked')
  long.currentTime = 0.2
  await seen
  look()
  seen = both('play')
  short.play()
  await seen
  return times
}"""


def test_the_longer_of_two_films_is_sought_played_and_paused_where_the_shorter_has_ended(
    page: Page, studio: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = studio.film("Long", WORDS)
    for _ in studio.play(long):
        pass
    as_ever = studio.content

    def shorter(key: AssetKey, revision: int) -> tuple[bytes, str]:
        if key.kind is Kind.VIDEO:
            return artwork.file_for("clip", 1).read_bytes(), "video/mp4"
        return as_ever(key, revision)

    monkeypatch.setattr(studio, "content", shorter)
    short = studio.film("Short", WORDS)
    for _ in studio.play(short):
        pass
    page.goto(f"/#/compare/{long}/{short}")
    videos = page.locator(".compare video")
    expect(videos).to_have_count(2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.compare video')].every((one) => one.readyState > 1)"
    )
    lengths, *times = videos.evaluate_all(BESIDE_A_SHORTER)
    assert lengths == [3, 1]
    assert times == [[2.2, 1], [True, True], [0.2, 0.2]]


def test_the_tab_shows_how_far_it_is_and_a_word_comes_when_it_is_done_if_asked_for(
    context: BrowserContext, page: Page, studio: ScriptedStudio
) -> None:
    context.grant_permissions(["notifications"])
    page.add_init_script(
        "globalThis.said = []; globalThis.Notification = class { static permission = 'default';"
        " static requestPermission = async () => 'granted';"
        " constructor(title, { body }) { said.push(`${title}: ${body}`) } }"
    )
    job_id = studio.film("Told of", WORDS)
    play = studio.play(job_id)
    page.goto(f"/#/jobs/{job_id}")
    icon = page.locator("link[rel=icon]")
    studio.until(play, "analysis")
    expect(page.get_by_role("heading", level=1)).to_have_text("Told of")
    expect(icon).to_have_attribute("href", re.compile("stroke-dasharray%3D%22[1-9]"))
    page.get_by_role("button", name="Notify me when it is done").click()
    expect(page.get_by_role("button", name="You will be notified")).to_be_visible()
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    expect(icon).to_have_attribute("href", re.compile("3f8f5f"))
    assert page.evaluate("said") == ["Told of: Finished"]
    page.get_by_role("link", name="Films").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Films")
    expect(icon).not_to_have_attribute("href", re.compile("3f8f5f"))


def test_where_a_topics_facts_are_from_is_said_to_be_unchecked(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Light", WORDS)
    for _ in studio.play(job_id):
        pass

    def written_here(route: Route) -> None:
        job = route.fetch().json()
        job["topic"] = {"about": "lighthouses", "audience": "children", "tone": None}
        fact = {"fact": "The first stood at Alexandria.", "source": "an encyclopaedia", "checked": False}
        route.fulfill(json=job | {"sources": [fact]})

    page.route(f"**/v1/jobs/{job_id}", written_here)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator(".topic")).to_have_text("On the topic: lighthouses · for children")
    expect(page.locator(".sources")).to_contain_text("Sources, not checked")
    expect(page.locator(".sources li")).to_have_text("The first stood at Alexandria. an encyclopaedia")
