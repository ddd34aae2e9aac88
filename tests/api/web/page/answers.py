"""Requests that a test holds back, and answers that are lost on their way, or say that it is not now."""

import json
import re

from playwright.sync_api import Page, Request, Route


def hold(page: Page, address: str | re.Pattern[str], method: str = "POST") -> list[Route]:
    """Requests as they come; each goes on when the test lets it."""
    held: list[Route] = []

    def keep(route: Route, request: Request) -> None:
        if request.method == method:
            held.append(route)
        else:
            route.continue_()

    page.route(address, keep)
    return held


def lose(page: Page, address: str, times: int) -> list[str]:
    """The keys of what is sent; at first the server takes it and nobody hears so. Prices are told as ever."""
    keys: list[str] = []

    def answer(route: Route, request: Request) -> None:
        if request.method != "POST" or request.post_data_json.get("dry_run"):
            route.continue_()
            return
        keys.append(request.headers["idempotency-key"])
        if len(keys) > times:
            route.continue_()
            return
        page.request.post(request.url, headers=request.headers, data=request.post_data or "")
        route.abort()

    page.route(address, answer)
    return keys


def refuse_once(page: Page, address: str | re.Pattern[str], status: int = 429) -> list[str]:
    """The first request there is to be sent again after a second; who was refused is in the list."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        if refused:
            route.fallback()
            return
        refused.append(route.request.url)
        _refuse(route, status, after_s=1)

    page.route(address, refuse)
    return refused


def refuse_all(page: Page, address: str | re.Pattern[str], status: int = 429) -> list[str]:
    """Each request is to be sent again after a minute, until the test takes the route away."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        _refuse(route, status, after_s=60)

    page.route(address, refuse)
    return refused


def _refuse(route: Route, status: int, *, after_s: int) -> None:
    route.fulfill(
        status=status,
        headers={"Content-Type": "application/problem+json", "Retry-After": str(after_s)},
        body=json.dumps({"code": "not_now", "detail": "Not now.", "errors": []}),
    )


def settled(page: Page) -> None:
    """What an answer does to a page that has it is done."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
