"""One film from the form to the player through everything that is real: server, Ray, actors, emulator."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where ``reelog serve --emulate`` listens, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REELOG_")}
    command = [sys.executable, "-m", "api", "serve", "--emulate", "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env=environment | {"REELOG_DATA_DIR": str(tmp_path / "data")},
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            assert line.startswith("http://127.0.0.1:"), f"it said {line!r}"
            yield line
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)
            finally:
                process.kill()


def test_a_film_is_made_by_the_whole_product_while_the_page_watches(browser: Browser, url: str) -> None:
    page = browser.new_page()
    try:
        page.goto(url)
        page.get_by_label("Script").fill(
            "A lighthouse stands at the edge of the sea.\n\nA boat comes in the storm."
        )
        page.get_by_text("More options").click()
        page.get_by_label("Quality").select_option("low")
        page.get_by_role("button", name="Make the film").click()
        page.wait_for_url(re.compile("#/jobs/"))
        expect(page.locator(".frame img, .frame video").first).to_be_visible(timeout=120_000)
        expect(page.locator(".state")).to_contain_text("Finished", timeout=280_000)
        length = page.locator(".screen video").evaluate(
            "v => v.duration || new Promise((done) => (v.onloadedmetadata = () => done(v.duration)))"
        )
        assert length > 4
        expect(page.locator(".scene [data-look=done]").first).to_contain_text("$")
        expect(page.locator("#provider")).to_contain_text("Emulator")
    finally:
        page.close()
