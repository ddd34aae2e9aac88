"""The page tells times as the commands do."""

from playwright.sync_api import Page

from api.durations import duration, roughly

EDGES = [edge + by for edge in (0, 10, 30.5, 60, 90, 3600, 5400, 86_400) for by in (-0.06, -0.05, 0, 0.25)]
SHORT = [thousandths / 1000 for thousandths in range(0, 61_000, 7)]
LONG = [1.07**power for power in range(60, 250)]


def test_the_page_tells_the_same_of_the_same_time(page: Page) -> None:
    page.goto("/")
    told = page.evaluate(
        "async (times) => { const { duration, roughly } = await import('/static/core.js'); "
        "return times.map((time) => [duration(time), roughly(time)]) }",
        times := [*EDGES, *SHORT, *LONG],
    )
    assert told == [[duration(time), roughly(time)] for time in times]
