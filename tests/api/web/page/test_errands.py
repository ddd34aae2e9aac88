"""Five people's errands, each from the first page on, by who sees it for the first time.

``docs/PAGE.md`` says how many presses and written fields each takes; who needs more fails here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from reelog_client import Client

from tests.api.web.page import artwork
from tests.api.web.page.whole_product import whole_product

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.ray]

DOC = Path(__file__).parents[4] / "docs" / "PAGE.md"
SCRIPT = """A lighthouse stands above the grey sea. [[fault: 500 image_generation scene=3]]

One night a small red boat comes in the storm.

In spring a letter comes from the land."""
REFUSED = "A harbour sleeps in the fog. [[fault: 403 image_generation scene=1 times=always]]"
FILM_MS = 280_000
DROP = """async (form, address) => {
  const bytes = await (await fetch(address)).blob()
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([bytes], 'harbour.jpg', { type: 'image/jpeg' }))
  for (const type of ['dragover', 'drop'])
    form.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
}"""


@dataclass
class Person:
    """Whoever does an errand on a page, and what it takes."""

    page: Page
    presses: int = 0
    fields: int = 0

    def press(self, what: Locator) -> None:
        what.click()
        self.presses += 1

    def button(self, name: str | re.Pattern[str]) -> None:
        self.press(self.page.get_by_role("button", name=name))

    def write(self, field: Locator, words: str) -> None:
        field.fill(words)
        self.fields += 1

    def open_film(self, title: str) -> None:
        """From wherever one is, by the list."""
        self.press(self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Films"))
        self.press(self.page.locator(".film").filter(has_text=title).first)
        self.page.wait_for_url(re.compile("#/jobs/"))

    def job(self) -> dict[str, Any]:
        job_id = self.page.url.rpartition("/")[2]
        answer: dict[str, Any] = self.page.request.get(f"/v1/jobs/{job_id}").json()
        return answer

    def cancel(self) -> None:
        """So that nothing of it is made while others go about theirs; no part of the errand."""
        self.page.request.post(f"/v1/jobs/{self.job()['id']}/cancel")

    def done(self, errand: str) -> None:
        row = re.search(
            rf"^\| {re.escape(errand)} \| (\d+) \| (\d+) \|", DOC.read_text("utf-8"), re.MULTILINE
        )
        assert row, f"docs/PAGE.md does not tell what it takes to {errand}"
        assert (self.presses, self.fields) == (int(row[1]), int(row[2]))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with whole_product(tmp_path_factory.mktemp("product")) as url:
        yield url


def made(url: str, script: str, status: str) -> str:
    """The title of a film, or what stands for it, once it has ended so."""
    with Client(url) as client:
        job = client.jobs.submit(script, options={"quality": "low"})
        for _ in job.watch():
            pass
        job.refresh()
        assert job.status == status
        return job.title or str(job.document["text"])


@pytest.fixture(scope="module")
def film(url: str) -> str:
    return made(url, SCRIPT, "completed")


@pytest.fixture(scope="module")
def failed(url: str) -> str:
    return made(url, REFUSED, "failed")


@pytest.fixture
def person(browser: Browser, url: str) -> Iterator[Person]:
    context = browser.new_context(base_url=url, permissions=["clipboard-read", "clipboard-write"])
    try:
        page = context.new_page()
        page.goto("/")
        yield Person(page)
    finally:
        context.close()


def test_a_film_is_made_with_a_picture_of_ones_own(person: Person, tmp_path: Path) -> None:
    page = person.page
    picture = tmp_path / "harbour.jpg"
    artwork.picture(3, 1280, 720).save(picture)
    page.route("**/on-the-disk", lambda route: route.fulfill(path=picture, content_type="image/jpeg"))
    person.write(page.get_by_label("Script"), "A harbour sleeps in the fog.\n\nA boat sets out.")
    page.locator("form.submit").evaluate(DROP, "/on-the-disk")
    person.presses += 1
    person.button("In a scene")
    person.button("Make the film")
    page.wait_for_url(re.compile("#/jobs/"))
    expect(page.locator("#scene-1 :is(img, video)").first).to_be_visible(timeout=FILM_MS)
    assets = page.request.get(f"/v1/jobs/{person.job()['id']}/assets").json()["data"]
    person.cancel()
    assert [one["name"] for one in assets if one["provided"]] == ["image:1"]
    person.done("make a film with a picture of one's own")


def test_what_made_a_scene_dear_is_found(person: Person, film: str) -> None:
    page = person.page
    person.open_film(film)
    person.button(re.compile(r"^Cost \$[\d.]+ \(scene 3\)"))
    inspector = page.get_by_role("complementary", name=re.compile("^Scene 3 "))
    expect(inspector).to_be_in_viewport()
    expect(inspector.locator(".facts").first).to_contain_text("Cost")
    attempts = inspector.get_by_role("table").get_by_role("row")
    expect(attempts).to_have_count(3)
    expect(attempts.last).to_contain_text("$")
    expect(attempts.last.get_by_role("button", name=re.compile("^Why"))).to_be_visible()
    person.done("see why scene 3 cost so much")


def test_a_scene_is_made_again_in_other_words(person: Person, film: str) -> None:
    page = person.page
    person.open_film(film)
    person.button("Reword (scene 2)")
    person.write(page.get_by_label("What is spoken"), "At noon a green boat leaves the harbour.")
    expect(page.get_by_role("dialog").locator(".price")).to_contain_text(" to make: ")
    person.button("Make it so")
    expect(page.locator("#scene-2 .words")).to_have_text("At noon a green boat leaves the harbour.")
    expect(page.locator(".state")).to_contain_text("Finished", timeout=FILM_MS)
    assert person.job()["scenes"][1]["text"] == "At noon a green boat leaves the harbour."
    person.done("make scene 2 again with other words")


def test_a_colleague_is_sent_the_moment_it_failed(person: Person, failed: str) -> None:
    page = person.page
    person.open_film(failed)
    person.button("Copy a link to the moment it failed")
    link = page.evaluate("navigator.clipboard.readText()")
    assert page.context.browser
    colleague = page.context.browser.new_page()
    try:
        colleague.goto(link)
        expect(colleague.get_by_text("This is the past.")).to_be_visible()
        expect(colleague.locator(".history .moment")).to_contain_text("failed")
    finally:
        colleague.close()
    person.done("send a colleague the moment it failed")


def test_a_film_is_found_and_translated(person: Person, film: str) -> None:
    page = person.page
    person.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Films"))
    person.write(page.get_by_role("searchbox", name="Search films"), "lighthouse")
    expect(page.locator(".film")).to_have_count(1)
    person.press(page.locator(".film").filter(has_text=film))
    person.button("Translate")
    before = page.url
    person.write(page.get_by_role("dialog").get_by_label("Language"), "fr")
    expect(page.get_by_role("dialog").locator(".price")).to_contain_text(" to make: ")
    person.button("Make the translation")
    page.wait_for_url(lambda url: url != before)
    assert person.job()["language"] == "fr"
    person.cancel()
    person.done("find last week's film and translate it")
