"""Answers of the server that come late, or say that it cannot be done now."""

import json
import re

from playwright.sync_api import Page, Route


def refuse_once(page: Page, address: str | re.Pattern[str], status: int = 429) -> list[str]:
    """The first request there is to be sent again after a second; who was refused is in the list."""
    refused: list[str] = []
    problem = {"code": "not_now", "detail": "Not now.", "errors": []}

    def refuse(route: Route) -> None:
        if refused:
            route.fallback()
            return
        refused.append(route.request.url)
        route.fulfill(
            status=status,
            headers={"Content-Type": "application/problem+json", "Retry-After": "1"},
            body=json.dumps(problem),
        )

    page.route(address, refuse)
    return refused


def hold(page: Page, address: str | re.Pattern[str]) -> list[Route]:
    """What is asked there waits in the list until a test answers it."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))  # noqa: PLW0108 - a builtin takes no handler
    return held
