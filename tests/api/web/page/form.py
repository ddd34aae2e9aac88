"""The form of a new film, as tests use it."""

from playwright.sync_api import Page, expect


def unfold(page: Page) -> None:
    """Open all groups of choices, and wait for the models in theirs."""
    page.locator("details.group").evaluate_all("all => all.forEach((one) => (one.open = true))")
    expect(page.locator("#group-models select").first).to_be_visible()
    expect(page.get_by_role("button", name="Add a character")).to_be_visible()
