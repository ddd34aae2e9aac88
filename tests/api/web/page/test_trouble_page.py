"""What is wrong with the server is said where one looks, with what goes on all the same."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.api.web.page.scripted import ScriptedStudio

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = ["First.", "Second."]


def tell(page: Page, projector: Mapping[str, Any] = MappingProxyType({}), **changes: Any) -> None:
    """The server of these films is well: it answers as one that is not."""

    def answer(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json=told | changes | {"projector": told["projector"] | projector})

    page.route("**/readyz", answer)


def test_a_full_disk_is_said_and_goes_when_it_is_mended(page: Page) -> None:
    page.clock.install()
    tell(page, status="not ready", reasons=["the blob store: No space left on device"])
    page.goto("/")
    notice = page.locator("#notice")
    expect(notice).to_contain_text("New films cannot be taken now: the blob store: No space left on device.")
    expect(notice).to_contain_text("What is finished can be watched")
    page.unroute_all(behavior="ignoreErrors")
    page.clock.run_for(4_000)
    expect(notice).to_be_empty()


def test_a_film_with_an_event_that_cannot_be_read_says_so_and_others_do_not(
    page: Page, studio: ScriptedStudio
) -> None:
    bad, good = studio.film("Set aside", WORDS), studio.film("Well", WORDS)
    aside = {"job_id": str(bad), "position": 7, "type": "asset.generated", "reason": "no such kind"}
    tell(page, projector={"set_aside": [aside]})
    page.goto(f"/#/jobs/{good}")
    expect(page.locator(".state")).to_contain_text("Queued")
    expect(page.locator("#notice")).to_be_empty()
    page.goto(f"/#/jobs/{bad}")
    expect(page.locator("#notice")).to_contain_text(
        "Event 7 of this film (asset.generated) cannot be read by this version: no such kind."
    )


def test_who_writes_when_the_key_is_revoked_loses_nothing(page: Page, studio: ScriptedStudio) -> None:
    job_id = studio.film("Being forked", WORDS)
    for _ in studio.play(job_id):
        pass
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Fork").click()
    dialog = page.get_by_role("dialog", name="Fork this film")
    expect(dialog.locator(".price")).to_contain_text("to make: ")
    refused = {"code": "not_authenticated", "detail": "That key is not good.", "errors": []}
    page.route(
        "**/fork",
        lambda route: route.fulfill(
            status=401, content_type="application/problem+json", body=json.dumps(refused)
        ),
    )
    dialog.get_by_label("Another style").fill("In charcoal")
    expect(dialog.get_by_role("alert")).to_contain_text("You are signed out. What you wrote is still here")
    # Beside a dialog nothing else of the page can be pressed.
    expect(dialog.get_by_role("link", name="sign in beside")).to_have_attribute("target", "_blank")
    expect(page.locator("#notice")).to_contain_text("You are signed out")
    expect(dialog.get_by_label("Another style")).to_have_value("In charcoal")
    # Signed in beside it, it is sent as it was written.
    page.unroute_all(behavior="ignoreErrors")
    dialog.get_by_label("Another style").fill("In charcoal, dark")
    expect(dialog.locator(".price")).to_contain_text("to make: ")
