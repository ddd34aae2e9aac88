"""Webhooks on the page: added, tried, looked at, sent again, given another secret, removed.

Seen to fail with a secret that stays in the list, and with deliveries that are read once.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.api.web.page.answers import hold, settled
from tests.api.web.page.scripted import ScriptedStudio
from tests.api.web.page.site import Site
from tests.receiver import Receiver, receiving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def _may_be_called(site: Site) -> None:
    """The receiver stands on this machine, which a server calls only where it is told to."""
    site.stop()
    site.settings["WEBHOOK_NETWORKS"] = "127.0.0.1"
    site.start()


def added(page: Page, url: str) -> str:
    """The secret, as it is shown once; the endpoint is open then."""
    page.goto("/#/webhooks")
    page.get_by_label("Address").fill(url)
    page.get_by_role("button", name="Add it").click()
    secret = page.locator(".secret code").inner_text()
    page.get_by_role("link", name=url).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(url)
    return secret


def test_a_webhook_is_added_told_sent_again_and_removed(
    page: Page, studio: ScriptedStudio, receiver: Receiver
) -> None:
    secret = added(page, receiver.url)
    expect(page.locator(".secret")).to_have_count(0)
    expect(page.locator(".webhooks .state")).to_have_text("On")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").filter(has_text="It took the test: 204")).to_be_visible()
    Webhook(secret).verify((pinged := receiver.next()).body, pinged.headers)

    receiver.answer = lambda _: 500
    # By its own clock the film ends now, and not when it would have been made: nobody is told before.
    studio.latency_s = 0
    film = studio.film("Told of", ["A boat."])
    for _ in studio.play(film):
        pass
    first = receiver.next()
    row = page.locator(".deliveries li")
    expect(row).to_contain_text("Waits, again at")
    expect(row).to_contain_text("it answered 500")
    expect(row.get_by_role("link")).to_have_attribute("href", f"#/jobs/{film}")
    receiver.answer = lambda _: 204
    row.get_by_role("button", name=re.compile("^Send again")).click()
    assert receiver.next().headers["webhook-id"] == first.headers["webhook-id"]
    expect(row).to_contain_text("Taken")
    row.get_by_role("button", name="2 tries").click()
    expect(page.get_by_role("dialog").locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Nobody is told yet.")).to_be_visible()


def test_who_goes_elsewhere_while_one_is_removed_is_not_led_away(page: Page, receiver: Receiver) -> None:
    added(page, receiver.url)
    held = hold(page, "**/v1/webhooks/*", "DELETE")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    page.goto("/#/workers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Workers")
    with page.expect_response("**/v1/webhooks/*"):
        held[0].continue_()
    settled(page)
    assert page.url.endswith("#/workers")


def test_a_secret_is_shown_once_and_a_new_one_signs(page: Page, receiver: Receiver) -> None:
    secret = added(page, receiver.url)
    page.get_by_role("button", name="New secret").click()
    page.get_by_role("button", name="Make a new secret").click()
    shown = page.locator(".secret code")
    expect(shown).to_contain_text("whsec_")
    new = shown.inner_text()
    assert new != secret
    page.get_by_role("button", name="Copy the secret").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == new
    page.get_by_role("button", name="I have it").click()
    expect(shown).to_have_count(0)
    page.get_by_role("button", name="Send a test").click()
    Webhook(new).verify((got := receiver.next()).body, got.headers)
    page.reload()
    expect(page.locator(".webhooks .state")).to_have_text("On")
    expect(shown).to_have_count(0)


def test_who_presses_twice_adds_one_and_gets_one_secret(page: Page, receiver: Receiver) -> None:
    added_to = hold(page, "**/v1/webhooks")
    page.goto("/#/webhooks")
    page.get_by_label("Address").fill(receiver.url)
    with page.expect_request("**/v1/webhooks"):
        page.get_by_role("button", name="Add it").dblclick()
    settled(page)
    assert len(added_to) == 1
    added_to[0].continue_()
    expect(page.locator(".secret code")).to_contain_text("whsec_")
    page.get_by_role("link", name=receiver.url).click()

    rotated = hold(page, "**/secret")
    page.get_by_role("button", name="New secret").click()
    with page.expect_request("**/secret"):
        page.get_by_role("button", name="Make a new secret").dblclick()
    settled(page)
    assert len(rotated) == 1
    rotated[0].continue_()
    expect(page.locator(".secret code")).to_contain_text("whsec_")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_it_is_told_of_what_was_chosen_and_nothing_while_it_is_off(page: Page, receiver: Receiver) -> None:
    page.goto("/#/webhooks")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_text("What it is told of").click()
    for usual in ("Finished", "Failed", "Cancelled", "Waits for you"):
        page.get_by_label(usual, exact=True).uncheck()
    page.get_by_label("Submitted", exact=True).check()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".endpoints li")).to_contain_text("Submitted")
    page.get_by_role("link", name=receiver.url).click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".webhooks .state")).to_have_text("Off")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".webhooks .state")).to_have_text("On")


def test_who_is_told_is_seen_while_the_server_does_not_say_how_it_is(page: Page) -> None:
    hold(page, "**/readyz", "GET")
    page.goto("/#/webhooks")
    expect(page.get_by_text("Nobody is told yet.")).to_be_visible()


def test_nothing_is_asked_for_once_the_page_was_left(page: Page, receiver: Receiver) -> None:
    page.clock.install()
    added(page, receiver.url)
    pings = hold(page, "**/ping")
    with page.expect_request("**/ping"):
        page.get_by_role("button", name="Send a test").click()
    page.goto("/#/")
    expect(page.get_by_label("Script")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/v1/webhooks/" in request.url else None)
    with page.expect_response("**/ping"):
        pings.pop().continue_()
    page.clock.run_for(10_000)
    assert asked == []


def test_what_is_wrong_is_said_beside_the_address(page: Page) -> None:
    page.goto("/#/webhooks")
    address = page.get_by_label("Address")
    address.fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Add it").click()
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[id='/url-error']")).to_contain_text("REELOG_WEBHOOK_NETWORKS")
    page.goto("/#/webhooks/7fa1b2c3-0000-4000-8000-000000000001")
    expect(page.get_by_role("alert")).to_contain_text("There is no webhook")
