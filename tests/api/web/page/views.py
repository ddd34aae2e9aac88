"""Every view of the page, with films in the states that it shows: for axe, and for people who look.

``python -m tests.api.web.page.views FOLDER [VIEW …]`` takes a picture of each, or of those that are named,
in every one of ``LOOKS`` (needs Chromium). The films are scripted (``scripted.py``); those of the README are
of a real one.
"""

import argparse
import json
import sys
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from domain.failures import Code, Failure
from tests.api.web.page import failing
from tests.api.web.page.browser import chromium, launch
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site, open_site, prune

WORDS = ["في قرية صغيرة تعيش فتاة.", "A letter comes in spring."]
Theme = Literal["light", "dark"]
REFUSED = Failure.of(Code.SAFETY, "The answer was withheld for safety.", model="gemini-3.8-flash-tts")
FILM = ".job .state"
FOLDED = "details:not(.groups > details ~ details ~ details)"
"""All that can be unfolded, of events by asset the first two groups: the others are alike."""
THEMES: tuple[Theme, Theme] = ("light", "dark")
LOOKS: Mapping[str, Mapping[str, Any]] = {
    f"{theme}-{width}": {"width": width, "color_scheme": theme} for theme in THEMES for width in (360, 1280)
} | {
    "wide": {"width": 1920, "color_scheme": "light"},
    "widest": {"width": 2560, "color_scheme": "dark"},
    "forced": {"width": 1280, "color_scheme": "dark", "forced_colors": "active"},
    "print": {"width": 800, "color_scheme": "light", "media": "print"},
}
"""How a view may be looked at: its window, its colours, and whether it is on paper."""

LOAD_PICTURES = """Promise.all([...document.images].map((image) => {
  image.loading = 'eager'
  return image.decode()
}))"""


PLACES: dict[str, Any] = {
    "artists": {"stages": ["image_generation"], "places": [
        {"place": "artists:1", "state": "working", "cpus": 0, "address": "10.0.0.4", "pid": 4711,
         "worker": "worker:artists:5b1f0c9e7a3d", "attempts": ["image:2", "image:3", "narration:1"]},
    ]},
    "renderers": {"stages": ["composition"], "waiting": 2, "places": [
        {"place": "renderers:1", "state": "working", "cpus": 2, "address": "10.0.0.4", "pid": 4712,
         "worker": "worker:renderers:c81e728d9d4c", "attempts": ["clip:1"]},
        {"place": "renderers:2", "state": "idle", "cpus": 2, "address": "10.0.0.5", "pid": 1207,
         "worker": "worker:renderers:eccbc87e4b5c", "attempts": []},
        {"place": "renderers:3", "state": "starting", "cpus": 2, "since_s": 1.4},
        {"place": "renderers:4", "state": "pending", "cpus": 4, "since_s": 41.0,
         "reason": "it needs 4 CPUs, and 10.0.0.5 has most free: 2 of 4"},
    ]},
}  # fmt: skip
"""A crew on two machines, as ``/readyz`` shows it, with a place that fits on neither."""


def tell_of_a_crew(page: Page) -> None:
    """The server of these films has no actors: it answers as one of which others work elsewhere."""

    def tell(route: Route) -> None:
        told = route.fetch().json()
        told["crew"] = {"process": "work-1:31", "at_work": "ready", "standing_by": 1, "crew": PLACES}
        told["crew"]["director"] = {"state": "directing", "jobs": 2, "boot_id": "director:9f86d0"}
        route.fulfill(json=told)

    page.route("**/readyz", tell)


HOOKS = "/v1/webhooks"
HOOK, WENT, FAILS = (f"7fa1b2c3-0000-4000-8000-00000000000{number}" for number in range(3))
TRIED = {"turn": 1, "at": "2026-11-22T10:00:05.000Z"}
TOLD: dict[str, Any] = {
    HOOKS: {"data": [
        {"id": HOOK, "url": "https://example.org/hook", "events": ["job.completed", "job.failed"]},
        {"id": WENT, "url": "https://hooks.example.net/films/a-long-address-that-has-no-end-in-sight",
         "events": ["job.completed"], "enabled": False, "disabled_for": "gone"},
    ], "has_more": False},
    f"{HOOKS}/{HOOK}": {},
    f"{HOOKS}/{HOOK}/secret": {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    f"{HOOKS}/{HOOK}/deliveries": {"data": [
        {"id": FAILS, "type": "job.failed", "status": "pending", "tried": 4, "turn": 1,
         "next_try_at": "2026-11-22T10:30:00.000Z",
         "last_try": {**TRIED, "number": 4, "status": 500, "error": "it answered 500", "elapsed_s": 0.4}},
        {"id": WENT, "type": "job.completed", "status": "delivered", "tried": 1, "turn": 2,
         "last_try": {**TRIED, "number": 1, "status": 204, "error": None, "elapsed_s": 0.1}},
        {"id": HOOK, "type": "job.completed", "status": "failed", "tried": 11, "turn": 1,
         "last_try": {**TRIED, "number": 11, "status": None, "error": "no answer within 15 s",
                      "elapsed_s": 15.0}},
    ], "has_more": True},
}  # fmt: skip
"""Endpoints and what they were told, as the API answers; what all alike have is added."""
LIKE = {"enabled": True, "disabled_for": None, "job_id": None, "created_at": "2026-11-20T08:00:00.000Z"}
FILM_ID = {"job_id": "1ee308bd-0000-4000-8000-000000000001", "next_try_at": None}


def tell_of_webhooks(page: Page) -> None:
    """No server of these films is told of them: it answers as one whose endpoints are."""

    def tell(route: Route) -> None:
        address = urlsplit(route.request.url).path
        told = TOLD[address]
        if address == f"{HOOKS}/{HOOK}" or address.endswith("/secret"):
            told = {**LIKE, **TOLD[HOOKS]["data"][0], **told}
        elif "data" in told:
            told = {**told, "data": [{**(FILM_ID if "type" in one else LIKE), **one} for one in told["data"]]}
        route.fulfill(json=told)

    page.route("**/v1/webhooks**", tell)
    page.route("**/v1/webhooks/**", tell)


def draft(source: str, *fields: str) -> Callable[[Page], None]:
    """A form that was begun, with what the film is made from, and left."""
    kept = {"source": source, "values": dict.fromkeys(fields, "Why there are tides")}
    if source == "scenes":
        kept["material"] = {"scenes": [{}, {}], "cast": [], "files": {}}
    begun = f"sessionStorage.setItem('reelog-draft', {json.dumps(json.dumps(kept))})"
    return lambda page: page.add_init_script(begun)


class View(NamedTuple):
    """``shows`` is there when it is drawn; ``press`` names a button that opens a dialog over it.

    Its address names the films that it shows (``films``).
    """

    address: str
    shows: str
    press: str | None = None
    before: Callable[[Page], None] | None = None
    pick: str | None = None
    """A button of the timeline, beside which all of its asset is shown then."""
    board: bool = False
    """Whether its scenes are edited."""

    def open(self, page: Page, films: Mapping[str, str], *, unfold: bool = False) -> None:
        """Go there and wait until all is drawn; ``unfold`` whatever can be unfolded."""
        if self.before is not None:
            self.before(page)
        page.goto(self.address.format_map(films))
        expect(page.locator(self.shows).first).to_be_visible()
        if self.shows == FILM:
            expect(page.locator("#connection")).to_have_text("Live")
        page.evaluate(LOAD_PICTURES)
        if unfold:
            page.evaluate(f"document.querySelectorAll('{FOLDED}').forEach((d) => (d.open = true))")
        if self.board:
            page.get_by_role("button", name="Edit scenes").click()
            expect(page.locator(".board-card").first).to_be_visible()
        if self.pick:
            page.get_by_role("button", name=self.pick, exact=True).click()
            expect(page.locator(".inspector")).to_be_visible()
        if self.press:
            page.get_by_role("button", name=self.press, exact=True).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            if page.get_by_role("dialog").locator("form").count():
                priced = page.get_by_role("dialog").locator(".primary:enabled, [role=alert]:visible")
                expect(priced.first).to_be_visible()


DONE = "/#/jobs/{done}"
VIEWS: Mapping[str, View] = {
    "form": View("/#/", ".writing .count"),
    "scenes": View("/#/", ".scene-rows textarea", before=draft("scenes", "/scenes/0/text")),
    "topic": View("/#/", ".topic-box textarea", before=draft("topic", "/topic/about")),
    "board": View("/#/jobs/{looked_at}", ".board-card"),
    "films": View("/#/jobs", ".films li"),
    "pruned": View("/#/jobs/{gone}", ".gone"),
    "withheld": View("/#/jobs/{worded}", FILM),
    "wording": View("/#/jobs/{worded}", FILM, "Change the wording"),
    "reword": View("/#/jobs/{worded}", FILM, "Reword scene 1", board=True),
    "making": View("/#/jobs/{waiting}", FILM),
    "failed": View("/#/jobs/{failed}", FILM),
    "finished": View(DONE, FILM),
    "strips": View("/#/jobs/{strips}", FILM),
    "retry": View("/#/jobs/{failed}", FILM, "Retry"),
    "picked": View(DONE, FILM, pick="Image of scene 2"),
    "why": View(f"{DONE}?at={{moment}}", FILM, "Why: the moment that is shown"),
    "past": View(f"{DONE}?at={{moment}}", FILM),
    "compare": View("/#/compare/{done}/{failed}", "tbody tr"),
    "workers": View("/#/workers", ".workers td", before=tell_of_a_crew),
    "nobody": View("/#/workers", ".workers .hint"),
    "webhooks": View("/#/webhooks", ".endpoints li", before=tell_of_webhooks),
    "webhook": View(f"/#/webhooks/{HOOK}", ".deliveries li", before=tell_of_webhooks),
    "secret": View(f"/#/webhooks/{HOOK}", ".deliveries li", "New secret", before=tell_of_webhooks),
    "untold": View("/#/webhooks", ".webhooks .hint"),
    "missing": View("/#/jobs/none", "h1:has-text('no such film')"),
    "again": View(DONE, FILM, "Make again (scene 1)"),
    "fork": View(DONE, FILM, "Fork"),
    "origin": View(DONE, FILM, "Provenance (scene 1)"),
    "provenance": View(DONE, FILM, "Provenance"),
    "nowhere": View("/nope", "h1:has-text('nothing here')"),
    "plain-pruned": View("/jobs/{gone}", "td"),
    "plain-films": View("/jobs", "td"),
    "plain-finished": View("/jobs/{done}", "td"),
    "plain-failed": View("/jobs/{failed}", "td"),
}
"""All of them, by name."""


def films(site: Site, studio: ScriptedStudio) -> Mapping[str, str]:
    """What the views show together: films by how they stand, and a moment in the middle of a finished one."""
    gone = studio.film("Long ago", WORDS)
    for _ in studio.play(gone):
        pass
    prune(site)
    done = studio.film("A film", WORDS, max_cost_usd=1.0)
    looked_at = studio.film("Looked at", WORDS, options={"review": ["images"]})
    for _ in studio.play(looked_at):
        pass
    studio.beats = 3
    strips = studio.film("Strips", WORDS)
    for _ in studio.play(strips):
        pass
    studio.beats = 1
    studio.faults = {"image:2": [failing.refusal(retryable=False)]}
    failed = studio.film("Refused", WORDS)
    worded = studio.film("Withheld", WORDS)
    waiting = studio.film("Waiting", WORDS)
    for _ in studio.play(failed):
        pass
    studio.faults = {"narration:1": [REFUSED]}
    for job_id in (worded, done):
        for _ in studio.play(job_id):
            pass
    studio.until(studio.play(waiting), "image:1 begun")
    retry_at = datetime.now(UTC) + timedelta(seconds=90)
    studio.refuse(waiting, "image:1", 1, failing.refusal(), retry_at=retry_at)
    positions = studio.positions(done)
    shown = {
        "gone": gone,
        "done": done,
        "looked_at": looked_at,
        "strips": strips,
        "failed": failed,
        "worded": worded,
        "waiting": waiting,
        "moment": positions[len(positions) // 2],
    }
    return {name: str(value) for name, value in shown.items()}


def _take(browser: Browser, url: str, shown: Mapping[str, str], names: Collection[str], folder: Path) -> None:
    for look, how in LOOKS.items():
        media = {name: value for name, value in how.items() if name != "width"}
        context = browser.new_context(base_url=url, viewport={"width": how["width"], "height": 860})
        for name in names:
            view = VIEWS[name]
            # What is pressed is not on paper.
            if how.get("media") == "print" and (view.press or view.pick):
                continue
            page = context.new_page()
            page.emulate_media(**media)
            view.open(page, shown)
            # A dialog stands in the window; all else is taken as long as it is.
            path = folder / f"{name}-{look}.png"
            page.screenshot(path=path, full_page=view.press is None, animations="disabled")
            sys.stdout.write(f"{path}\n")
            page.close()
        context.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.api.web.page.views", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("view", nargs="*", help="the views that are wanted; else all")
    asked = parser.parse_args()
    unknown = set(asked.view) - set(VIEWS)
    if unknown:
        parser.error(f"view is {min(unknown)}, and must be one of {', '.join(VIEWS)}")
    folder: Path = asked.folder
    path = chromium()
    if path is None:
        sys.stderr.write("Chromium is needed; install it (apt-get install chromium)\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with open_site() as (site, studio), sync_playwright() as playwright:
        browser = launch(playwright, path)
        try:
            _take(browser, site.url, films(site, studio), asked.view or VIEWS, folder)
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
