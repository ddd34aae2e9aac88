"""What axe finds on a page: all rules of WCAG 2.2 at AA, and its best practices; and ids that occur twice.

Of those it finds only some, and a label would be of the first of the fields that share one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Of all that is well it would write down each element.
    "resultTypes": ["violations"],
}
RUN = "([context, options]) => axe.run(context ?? document, options).then((told) => told.violations)"
IDS = "[...document.querySelectorAll('[id]')].map(({ id }) => id)"
IS_THERE = "typeof axe !== 'undefined'"


def violations(page: Page, context: Mapping[str, Sequence[Sequence[str]]] | None = None) -> list[Any]:
    """Of the whole page, or of the parts that ``context`` includes."""
    if not page.evaluate(IS_THERE):
        page.evaluate(Axe().axe_script)
    found: list[Any] = page.evaluate(RUN, [context, OPTIONS])
    return found


def shared_ids(page: Page) -> list[str]:
    """Ids that more than one element has."""
    return sorted(one for one, times in Counter(page.evaluate(IDS)).items() if times > 1)
