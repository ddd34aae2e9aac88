"""What a browser that has nothing yet asks for, until a view is there."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

MOST_BYTES = 130_000
MOST_REQUESTS = 8


def asked_for(page: Page, address: str) -> list[tuple[str, Response]]:
    """Each path and its answer."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a builtin takes no handler
    page.goto(address, wait_until="networkidle")
    return [(urlsplit(answer.url).path, answer) for answer in answers]


def weigh(answers: list[tuple[str, Response]]) -> int:
    """All bytes, unpacked."""
    return sum(len(answer.body()) for _, answer in answers)
