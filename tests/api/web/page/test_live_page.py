import json
import re
import shutil
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.api.web.page.answers import hold, refuse_once, settled
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]


COUNT_CHANGES = """
  globalThis.changes = 0
  new MutationObserver((records) => (changes += records.length))
    .observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})
"""


def shown(page: Page) -> list[int]:
    return [int(text) for text in page.locator(".events tbody th a").all_inner_texts()]


def in_order(page: Page) -> None:
    page.get_by_label("Arranged").select_option("In order")


def live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)


def test_after_a_server_restart_the_page_goes_on_with_no_event_lost_or_doubled(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Before and after", WORDS)
    play = studio.play(job_id)
    page.goto(f"/#/jobs/{job_id}")
    live(page)
    studio.until(play, "analysis")
    expect(page.get_by_role("heading", level=1)).to_have_text("Before and after")

    site.stop()
    expect(page.locator("#connection")).not_to_have_text("Live")
    expect(page.locator("#notice")).to_contain_text(
        "The server does not answer. What you see is as it was at"
    )
    studio.until(play, "image:1")
    site.start()
    live(page)
    for _ in play:
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    expect(page.locator("#notice")).to_be_empty()
    wanted = studio.positions(job_id)
    in_order(page)
    expect(page.locator(".events tbody tr")).to_have_count(len(wanted))
    assert shown(page) == wanted[::-1]


def test_after_an_hour_offline_everything_is_there_and_nothing_twice(
    context: BrowserContext, page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Asleep", WORDS)
    play = studio.play(job_id)
    page.clock.install()
    page.goto(f"/#/jobs/{job_id}")
    live(page)
    studio.until(play, "analysis")
    expect(page.get_by_role("heading", level=1)).to_have_text("Asleep")

    context.set_offline(True)
    for _ in play:
        pass
    page.clock.fast_forward("01:00:00")
    expect(page.locator("#connection")).to_have_text("Offline")
    expect(page.locator("#notice")).to_contain_text("You are offline")
    expect(page.locator(".state")).not_to_contain_text("Finished")
    context.set_offline(False)
    page.clock.run_for(30_000)
    live(page)
    page.clock.run_for(2_000)
    expect(page.locator(".state")).to_contain_text("Finished")
    wanted = studio.positions(job_id)
    in_order(page)
    expect(page.locator(".events tbody tr")).to_have_count(len(wanted))
    assert shown(page) == wanted[::-1]


def test_when_the_browser_gives_up_the_page_opens_the_stream_anew(page: Page, studio: ScriptedStudio) -> None:
    opened = 0

    def refuse_twice(route: Route) -> None:
        nonlocal opened
        opened += route.request.resource_type == "eventsource"
        if opened <= 2:
            route.fulfill(status=502, body="Bad gateway")
        else:
            route.continue_()

    job_id = studio.film("Refused", WORDS)
    page.route(re.compile(r"/v1/events\?"), refuse_twice)
    page.goto(f"/#/jobs/{job_id}")
    expect(page.locator("#connection")).to_have_text(re.compile("trying again"))
    live(page)
    studio.until(studio.play(job_id), "analysis begun")
    expect(page.locator(".state")).to_contain_text("Reading the script")
    assert opened == 3


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_film_that_could_not_be_asked_for_once_goes_on(
    page: Page, studio: ScriptedStudio, status: int
) -> None:
    job_id = studio.film("Busy", WORDS)
    page.goto(f"/#/jobs/{job_id}")
    live(page)
    refused = refuse_once(page, f"**/v1/jobs/{job_id}", status)
    for _ in studio.play(job_id):
        pass
    expect(page.locator(".state")).to_contain_text("Finished")
    assert refused


def behind_a_gap(page: Page, studio: ScriptedStudio) -> tuple[UUID, list[Route], str]:
    """A film whose page knows one event, its held streams, and its last event as a stream would tell it."""
    job_id = studio.film("With a gap", WORDS)
    streams = hold(page, re.compile(r"/v1/events\?"), "GET")
    with page.expect_request(re.compile(r"/v1/events\?")):
        page.goto(f"/#/jobs/{job_id}")
    expect(page.get_by_role("heading", name="Events 1")).to_be_visible()
    for _ in studio.play(job_id):
        pass
    record = page.request.get(f"/v1/jobs/{job_id}/events?limit=1000").json()
    last = record["data"][-1]
    told = log(record["store"], last["position"]) + f"event: {last['type']}\ndata: {json.dumps(last)}\n\n"
    return job_id, streams, told


def test_events_that_could_not_be_fetched_are_fetched_when_the_page_connects_again(
    page: Page, studio: ScriptedStudio
) -> None:
    """A stream that goes on behind a gap, as that of a tab which looks at another film as well."""
    job_id, streams, told = behind_a_gap(page, studio)
    wanted = studio.positions(job_id)
    refused = refuse_once(page, f"**/v1/jobs/{job_id}/events?*")
    with page.expect_response(f"**/v1/jobs/{job_id}/events?*"):
        streams.pop().fulfill(content_type="text/event-stream", body=told)
    assert refused
    page.unroute(re.compile(r"/v1/events\?"))
    for stream in streams:
        stream.continue_()
    live(page)
    expect(page.locator(".state")).to_contain_text("Finished")
    in_order(page)
    expect(page.locator(".events tbody tr")).to_have_count(len(wanted))
    assert shown(page) == wanted[::-1]


def test_what_is_heard_behind_a_gap_is_shown_with_what_is_before_it(
    page: Page, studio: ScriptedStudio
) -> None:
    """As where another tab begins to follow all films from further on, right after very much happened."""
    job_id, streams, told = behind_a_gap(page, studio)
    count = page.locator("#log .count")
    first: list[Route] = []
    page.route(
        f"**/v1/jobs/{job_id}/events?*", lambda route: route.continue_() if first else first.append(route)
    )
    with page.expect_request(f"**/v1/jobs/{job_id}/events?*"):
        streams.pop().fulfill(content_type="text/event-stream", body=told)
    settled(page)
    expect(count).to_have_text("1")
    page.unroute(re.compile(r"/v1/events\?"))
    for request in [*streams, *first]:
        request.continue_()
    expect(count).to_have_text(str(len(studio.positions(job_id))))


def test_a_film_that_was_left_before_it_came_takes_nothing_from_what_is_looked_at(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Slow to come", WORDS)
    page.clock.install()
    answers = hold(page, f"**/v1/jobs/{job_id}", "GET")
    with page.expect_request(f"**/v1/jobs/{job_id}"):
        page.goto(f"/#/jobs/{job_id}")
    page.goto("/#/jobs")
    films = page.locator(".films li")
    expect(films).to_have_count(1)
    live(page)
    with page.expect_response(f"**/v1/jobs/{job_id}"):
        answers.pop().continue_()
    # What the answer would begin has begun.
    page.clock.run_for(1_000)
    newest = studio.film("Just begun", WORDS)
    expect(page.locator(".films a").first).to_have_attribute("href", f"#/jobs/{newest}")
    assert [url for url in site.streams if "jobs=" in url] == []


def log(store: str, head: int = 0, retry_ms: int = 1) -> str:
    return f"retry: {retry_ms}\nevent: log\ndata: {json.dumps({'store': store, 'head': head})}\n\n"


@pytest.mark.parametrize(
    "second", [log("another", 1000), log("one", 0)], ids=["another log", "a shorter one"]
)
def test_when_the_log_is_another_the_page_begins_anew(
    page: Page, studio: ScriptedStudio, second: str
) -> None:
    """A folder that was reset, or a backup that was put back, under an open page."""
    studio.film("There before", WORDS)
    # The last one is not asked for a thousand times a second: no browser would be closed beside that.
    told = [log("one", 1), log("one", 1), second, log("another", 1000, retry_ms=60_000)]

    def stream(route: Route) -> None:
        body = told.pop(0) if len(told) > 1 else told[0]
        route.fulfill(content_type="text/event-stream", body=body)

    page.route(re.compile(r"/v1/events\?after"), stream)
    loads: list[str] = []
    page.on("load", lambda one: loads.append(one.url))
    with page.expect_event("load", lambda _: len(loads) == 2):
        page.goto("/#/jobs")
    expect(page.locator(".films li")).to_have_count(1)
    expect(page.locator("#connection")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("replaced or restored while the page was open")
    page.get_by_role("button", name="Understood").click()
    expect(page.locator("#notice")).to_be_empty()
    assert len(loads) == 2


def test_a_position_that_the_log_does_not_know_begins_the_page_anew(
    page: Page, studio: ScriptedStudio
) -> None:
    studio.film("There before", WORDS)
    refused = {"code": "position_unknown", "detail": "The log ends at 0.", "errors": []}
    loads: list[str] = []

    def refuse(route: Route) -> None:
        if len(loads) > 1:
            route.continue_()
        else:
            route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(refused))

    page.route(re.compile(r"/v1/events\?"), refuse)
    page.on("load", lambda one: loads.append(one.url))
    page.goto("/#/jobs")
    live(page)
    expect(page.locator(".films li")).to_have_count(1)
    assert len(loads) == 2


def test_tabs_share_one_stream_and_the_next_leads_when_the_first_goes(
    context: BrowserContext, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Shared", WORDS)
    play = studio.play(job_id)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"/#/jobs/{job_id}")
        live(page)
    studio.until(play, "analysis begun")
    for page in (first, second):
        expect(page.locator(".state")).to_contain_text("Reading the script")
    assert len(site.streams) == 1

    first.close()
    studio.until(play, "analysis")
    expect(second.get_by_role("heading", level=1)).to_have_text("Shared")
    assert len(site.streams) == 2
    wanted = studio.positions(job_id)
    in_order(second)
    expect(second.locator(".events tbody tr")).to_have_count(len(wanted))
    assert shown(second) == wanted[::-1]


def test_only_what_is_looked_at_is_streamed(
    context: BrowserContext, page: Page, site: Site, studio: ScriptedStudio
) -> None:
    mine, other = (studio.film(title, WORDS) for title in ("Looked at", "Looked at beside it"))
    page.goto("/")
    expect(page.get_by_label("Script")).to_be_visible()
    assert site.streams == []
    page.goto(f"/#/jobs/{mine}")
    live(page)
    assert [url.partition("jobs=")[2] for url in site.streams] == [str(mine)]
    # Another tab looks at another film, and the one stream brings both.
    second = context.new_page()
    second.goto(f"/#/jobs/{other}")
    expect(second.locator("#connection")).to_have_text("Live", timeout=30_000)
    for job_id, tab in ((mine, page), (other, second)):
        studio.until(studio.play(job_id), "analysis begun")
        expect(tab.locator(".state")).to_contain_text("Reading the script")
    assert site.streams[-1].partition("jobs=")[2] == ",".join(sorted(map(str, (mine, other))))
    second.goto("/#/jobs")
    expect(second.locator(".films li")).to_have_count(2)
    live(second)
    newest = studio.film("Just begun", WORDS)
    expect(second.locator(".films a").first).to_have_attribute("href", f"#/jobs/{newest}")
    assert "jobs=" not in site.streams[-1]


def test_five_hundred_films_are_drawn_a_part_at_a_time(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    for number in range(500):
        studio.film(f"Film {number}", WORDS)
    site.until_projected(studio.head())
    page.goto("/#/jobs")
    films = page.locator(".films li")
    expect(page.locator(".page > .count")).to_have_text("500 films begun today, $0")
    expect(films).to_have_count(50)
    live(page)
    page.evaluate(COUNT_CHANGES)
    newest = studio.film("One more", WORDS)
    expect(page.locator(".films a").first).to_have_attribute("href", f"#/jobs/{newest}")
    expect(films).to_have_count(51)
    # Its place is among all that wait, not among those that are drawn.
    expect(films.first).to_contain_text("place 501 of 501")
    expect(films.last).to_contain_text("place 451 of 501")
    # The list drawn anew would be five hundred and more.
    assert 0 < page.evaluate("changes") < 100
    page.get_by_role("button", name="Show more").click()
    expect(films).to_have_count(101)


def test_the_list_of_films_follows_them_all(page: Page, studio: ScriptedStudio) -> None:
    page.goto("/#/jobs")
    expect(page.get_by_text("No films yet.")).to_be_visible()
    live(page)
    job_id = studio.film("In the list", WORDS)
    film = page.locator(".films a")
    expect(film).to_contain_text("Queued")
    for _ in studio.play(job_id):
        pass
    expect(film).to_contain_text("In the list")
    expect(film).to_contain_text("Finished")
    expect(film.locator("img")).to_be_visible()
    page.get_by_role("button", name="Failed").click()
    expect(film).to_have_count(0)


def test_the_list_of_films_asks_again_for_what_it_was_refused(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Usual", WORDS)
    refused = refuse_once(page, "**/v1/jobs?*")
    with page.expect_response(lambda answer: "/v1/jobs?limit=50" in answer.url and answer.ok):
        page.goto("/#/jobs")
    film = page.locator(".films a")
    expect(film).to_contain_text(WORDS[0])
    expect(page.get_by_role("alert")).to_have_count(0)
    live(page)
    refused += refuse_once(page, f"**/v1/jobs/{job_id}")
    assert page.request.patch(f"/v1/jobs/{job_id}", data={"title": "Renamed"}).ok
    expect(film).to_contain_text("Renamed")
    assert len(refused) == 1


def test_cancel_ends_a_film_and_it_can_go_on(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Stopped", WORDS)
    page.goto(f"/#/jobs/{job_id}")
    live(page)
    with page.expect_response("**/cancel"):
        page.get_by_role("button", name="Cancel").click()
    for _ in studio.play(job_id):
        pass
    expect(page.locator(".state")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog", name="Retry")
    expect(dialog.locator(".price")).to_contain_text("to make: ")
    dialog.get_by_role("button", name="Retry").click()
    expect(page.locator(".state")).not_to_contain_text("Cancelled")
    assert "job.reopened" in studio.topics(job_id)


def test_a_film_is_cancelled_from_the_list_and_the_day_is_added_up(
    page: Page, studio: ScriptedStudio
) -> None:
    done, going = studio.film("Dear", WORDS), studio.film("Stopped here", WORDS)
    for _ in studio.play(done):
        pass
    play = studio.play(going)
    studio.until(play, "analysis")
    page.goto("/#/jobs")
    spent = sum(page.request.get(f"/v1/jobs/{job}").json()["cost"]["usd"] for job in (done, going))
    expect(page.locator(".page > .count")).to_have_text(f"2 films begun today, ${spent:.4f}")
    live(page)
    cancel = page.locator(".films").get_by_role("button")
    expect(cancel).to_have_count(1)
    expect(cancel).to_have_accessible_name("Cancel Stopped here")
    cancel.click()
    expect(page.locator(".films li").filter(has_text="Stopped here")).to_contain_text("Cancelling")
    for _ in play:
        pass
    expect(page.locator(".films li").filter(has_text="Stopped here")).to_contain_text("Cancelled")
    expect(cancel).to_have_count(0)


def test_a_film_that_does_not_exist_says_so(page: Page) -> None:
    page.goto("/#/jobs/00000000-0000-0000-0000-000000000000")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such film")


def test_a_data_folder_that_is_reset_under_an_open_page_is_noticed(
    page: Page, site: Site, studio: ScriptedStudio
) -> None:
    job_id = studio.film("Of before", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto("/#/jobs")
    live(page)
    expect(page.locator(".films")).to_contain_text("Of before")
    site.stop()
    studio.close()
    shutil.rmtree(site.folder / "data")
    site.start()
    live(page)
    expect(page.get_by_text("No films yet.")).to_be_visible()
    expect(page.locator(".films li")).to_have_count(0)
