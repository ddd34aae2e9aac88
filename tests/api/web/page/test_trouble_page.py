"""What is wrong with the server is said where one looks, with what goes on all the same."""

import errno
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]
KEY = "a-long-secret"
SMALL = 16 << 20


def asked_again(page: Page) -> None:
    """While something is wrong the page asks every three seconds how it is."""
    page.clock.run_for(4_000)


def fill(path: Path) -> None:
    """The disk that it is on, to the last block."""
    with path.open("wb", buffering=0) as file:
        for _ in range(SMALL):
            try:
                file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()


class TestFolderThatIsGone:
    def test_it_is_said_and_no_more_once_it_is_back(self, page: Page, site: Site) -> None:
        """A disk that was unmounted under the server."""
        blobs = site.folder / "data" / "blobs"
        page.clock.install()
        away = blobs.rename(blobs.with_name("elsewhere"))
        page.goto("/")
        notice = page.locator("#notice")
        expect(notice).to_contain_text("New films cannot be taken now: ")
        expect(notice).to_contain_text("the folder is gone")
        expect(notice).to_contain_text("What is finished can be watched")
        away.rename(blobs)
        asked_again(page)
        expect(notice).to_be_empty()


def test_who_opens_a_page_while_much_is_still_folded_is_told_that_it_is_not_the_newest(
    page: Page, studio: ScriptedStudio
) -> None:
    job_id = studio.film("The harbour", WORDS)
    behind = 5000

    def tell(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["projector"]["lag_events"] = behind
        route.fulfill(response=answer, json=told)

    page.route("**/readyz", tell)
    page.clock.install()
    page.goto(f"/#/jobs/{job_id}")
    notice = page.locator("#notice")
    expect(notice).to_have_text(re.compile("the newest of it is not shown yet. The page follows by itself."))
    behind = 3  # as at any moment
    asked_again(page)
    expect(notice).to_be_empty()


class TestFullDisk:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[Site]:
        """A server whose data is on a small disk of its own."""
        disk = tmp_path / "data"
        disk.mkdir()
        how = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)]
        if subprocess.run(how, check=False, capture_output=True).returncode:
            pytest.skip("disks cannot be mounted here")
        site = Site(tmp_path)
        try:
            site.start()
            yield site
        finally:
            site.stop()
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
        assert site.complaints == []

    def test_it_is_said_what_was_written_stays_and_it_is_taken_when_there_is_room(
        self, page: Page, site: Site
    ) -> None:
        page.clock.install()
        page.goto("/")
        page.get_by_label("Script").fill("Written before the disk was full.")
        filler = site.folder / "data" / "filler"
        fill(filler)
        page.get_by_role("button", name="Make the film").click()
        problem = page.get_by_role("alert").filter(has_text="full")
        expect(problem).to_be_visible()
        expect(page.get_by_label("Script")).to_have_value("Written before the disk was full.")
        page.reload()
        expect(page.get_by_label("Script")).to_have_value("Written before the disk was full.")
        notice = page.locator("#notice")
        expect(notice).to_contain_text(re.compile("New films cannot be taken now: .*the disk is full"))
        filler.unlink()
        asked_again(page)
        expect(notice).to_be_empty()
        page.get_by_role("button", name="Make the film").click()
        page.wait_for_url(re.compile("#/jobs/"))
        expect(page.locator(".state")).to_contain_text("Queued")


class TestEventFromTheFuture:
    def test_its_film_says_so_and_others_do_not(self, page: Page, studio: ScriptedStudio) -> None:
        bad, good = studio.film("Set aside", WORDS), studio.film("Well", WORDS)
        job = studio.studio.job(bad)
        studio.studio.recorder.insert_events(
            [StoredEvent(job.id, job.version + 1, "job.from_the_future", b"{}")]
        )
        page.goto(f"/#/jobs/{good}")
        expect(page.locator(".state")).to_contain_text("Queued")
        expect(page.locator("#notice")).to_be_empty()
        page.goto(f"/#/jobs/{bad}")
        page.reload()
        expect(page.locator("#notice")).to_contain_text(
            re.compile(r"Event \d+ of this film \(job.from_the_future\) cannot be read by this version: .+")
        )
        expect(page.locator("#notice")).to_contain_text("other films go on")
        expect(page.locator(".state")).to_contain_text("Queued")


class TestRevokedKey:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[Site]:
        site = Site(tmp_path, settings={"API_KEY": KEY})
        site.start()
        try:
            yield site
        finally:
            site.stop()
        assert site.complaints == []

    def test_who_writes_meanwhile_loses_nothing(
        self, page: Page, context: BrowserContext, studio: ScriptedStudio
    ) -> None:
        administrator = {"Authorization": f"Bearer {KEY}"}
        given = page.request.post(
            "/v1/keys", headers=administrator, data={"name": "ana", "scope": "submit"}
        ).json()
        page.goto("/login")
        sign_in(page, given["key"])
        page.wait_for_url(re.compile("/#?/?$"))
        script = "\n\n".join(WORDS)
        job_id = UUID(page.request.post("/v1/jobs", data={"script": script}).json()["id"])
        for _ in studio.play(studio.named(job_id, "Being forked", WORDS)):
            pass
        page.goto(f"/#/jobs/{job_id}")
        page.get_by_role("button", name="Fork").click()
        dialog = page.get_by_role("dialog", name="Fork this film")
        expect(dialog.locator(".price")).to_contain_text("to make: ")
        page.request.delete("/v1/keys/ana", headers=administrator)
        dialog.get_by_label("Another style").fill("In charcoal")
        expect(dialog.get_by_role("alert")).to_contain_text(
            "You are signed out. What you wrote is still here"
        )
        expect(page.locator("#notice")).to_contain_text("You are signed out")
        # Beside a dialog nothing else of the page can be pressed.
        with context.expect_page() as opened:
            dialog.get_by_role("link", name="sign in beside").click()
        sign_in(opened.value, KEY)
        opened.value.wait_for_url(re.compile("/#?/?$"))
        opened.value.close()
        # Signed in beside it, it is sent as it was written.
        dialog.get_by_label("Another style").fill("In charcoal, dark")
        expect(dialog.locator(".price")).to_contain_text("to make: ")
