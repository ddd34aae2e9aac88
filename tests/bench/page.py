"""How much of a browser's time the page takes, beside what people notice.

Chromium opens each view of a real server in this process, over loopback, with nothing cached. ``script`` is
all JavaScript (compiled and run, by Chromium's own count) from the request until the view can be used; it is
to be under 100 ms. A task that keeps a browser busy for more than 50 ms is one that people feel (W3C Long
Tasks): the longest is taken while an event comes in, and while somebody goes back in the history.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from uuid import UUID

from playwright.sync_api import Browser, Page, sync_playwright

from domain.script import Kind
from tests.api.web.page.browser import chromium
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import open_site
from tests.api.web.page.weight import MOST_BYTES, MOST_REQUESTS, asked_for, weigh
from tests.bench.report import Bench, Row, SkippedError, spread

ROUNDS, QUICK_ROUNDS = 15, 3
EVENTS, FILMS, STEPS = 2000, 500, 10
SCRIPT_MS = 100.0
LONG_TASK_MS = 50.0
WORDS = ["A lighthouse stands at the edge of the sea.", "A boat comes in the storm."]
WATCH_TASKS = """() => {
  window.longest = 0
  // Tasks under 50 ms are not reported, so the time between two turns of a timer is taken.
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    window.longest = Math.max(window.longest, now - last)
    last = now
  }, 0)
}"""


def _long_film(studio: ScriptedStudio) -> UUID:
    job_id = studio.film("Long", WORDS)
    studio.until(studio.play(job_id), "analysis begun")
    studio.lose(job_id, Kind.ANALYSIS, *range(1, EVENTS // 2 + 1))
    return job_id


def _script_ms(browser: Browser, url: str, usable: str) -> float:
    """JavaScript from the request until what ``usable`` names can be seen."""
    context = browser.new_context()
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        page.goto(url)
        page.locator(usable).first.wait_for()
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["ScriptDuration"] + metrics.get("V8CompileDuration", 0))
    finally:
        context.close()


def _longest_ms(page: Page, act: Callable[[], None]) -> float:
    page.evaluate("window.longest = 0")
    act()
    return float(page.evaluate("window.longest"))


def measure(quick: bool) -> Sequence[Row]:
    path = chromium()
    if path is None:
        raise SkippedError("Chromium is not installed")
    rounds = QUICK_ROUNDS if quick else ROUNDS
    with open_site() as (site, studio), sync_playwright() as playwright:
        long = _long_film(studio)
        for number in range(FILMS):
            studio.film(f"Film {number}", WORDS)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            return [
                *_weight(browser, site.url),
                *_scripts(browser, site.url, long, rounds),
                *_tasks(browser, site.url, long, studio, rounds),
            ]
        finally:
            browser.close()


def _weight(browser: Browser, url: str) -> Iterator[Row]:
    page = browser.new_page()
    answers = asked_for(page, url)
    yield Row("first load, requests", len(answers), MOST_REQUESTS, "", at_most=1)
    yield Row("first load, unpacked", weigh(answers) / 1000, MOST_BYTES / 1000, "kB", at_most=1)
    page.close()


def _scripts(browser: Browser, url: str, long: UUID, rounds: int) -> Iterator[Row]:
    views = {
        "script until the form can be used": ("/", ".primary"),
        f"… the list of {FILMS} films": ("/#/jobs", ".films li"),
        f"… a film of {EVENTS} events": (f"/#/jobs/{long}", ".groups summary"),
    }
    for name, (path, usable) in views.items():
        _script_ms(browser, url + path, usable)
        found = [_script_ms(browser, url + path, usable) for _ in range(rounds)]
        yield Row(name, median(found), SCRIPT_MS, "ms", f"median of {rounds}, {spread(found)}", at_most=1)


def _tasks(browser: Browser, url: str, long: UUID, studio: ScriptedStudio, rounds: int) -> Iterator[Row]:
    page = browser.new_page()
    page.goto(f"{url}/#/jobs/{long}")
    page.locator("#connection[data-state=live]").wait_for()
    page.get_by_label("Arranged").select_option("In order")
    page.evaluate(WATCH_TASKS)
    attempts = iter(range(EVENTS // 2 + 1, EVENTS))

    def one_event() -> None:
        studio.lose(long, Kind.ANALYSIS, next(attempts))
        newest = studio.positions(long)[-1]
        page.locator(f"#event-{newest}").wait_for()

    def steps() -> None:
        for _ in range(STEPS):
            page.keyboard.press("ArrowLeft")
            page.evaluate("new Promise(requestAnimationFrame)")

    one_event()
    coming = [_longest_ms(page, one_event) for _ in range(rounds)]
    page.get_by_role("slider").focus()
    steps()
    going = [_longest_ms(page, steps) for _ in range(rounds)]
    assert re.search(r"\?at=\d+$", page.url), "the history did not go back"
    page.close()
    for name, found in (
        (f"longest task as an event comes, {EVENTS} there", coming),
        (f"… as the history goes {STEPS} steps back", going),
    ):
        yield Row(
            name,
            median(found),
            LONG_TASK_MS,
            "ms",
            f"median of {rounds}, worst {max(found):.0f} ms",
            at_most=1,
        )


BENCH = Bench("page", "the page in Chromium, beside what people notice", ("measured", "at most"), measure)
