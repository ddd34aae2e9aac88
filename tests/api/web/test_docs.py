"""The API's description for people: complete, without script, and no link that leads nowhere."""

from html.parser import HTMLParser

import pytest

from api.http.app import ENDPOINTS
from api.http.openapi.document import described
from api.http.problems import TITLES
from domain.causes import Code
from tests.api.conftest import Site


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs).get("src"))
        for name, value in attrs:
            assert not name.startswith(("on", "style")), "the policy forbids it"
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value:
                self.links.append(value)


@pytest.mark.parametrize("path", ["/docs", "/docs/problems"])
def test_the_pages_need_no_script_and_their_links_lead_somewhere(site: Site, path: str) -> None:
    pages = {p: Reader(site.client.get(p).text) for p in ("/docs", "/docs/problems")}
    page = pages[path]
    assert page.scripts == ["/static/docs.js"], "what it says is all in the page"
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        target, _, fragment = link.partition("#")
        if fragment:
            assert fragment in pages[target or path].ids, link
        else:
            assert site.client.get(link).status_code == 200, link


def test_every_operation_and_every_code_is_on_the_pages(site: Site) -> None:
    page = Reader(site.client.get("/docs").text)
    assert {endpoint.operation.id for endpoint in described(ENDPOINTS)} <= set(page.ids)
    assert {"JobDocument", "Submission", "EventDocument", "streams", "errors"} <= set(page.ids)
    explained = Reader(site.client.get("/docs/problems").text)
    assert set(TITLES) | {f"failure-{code}" for code in Code} <= set(explained.ids)
    assert site.client.get("/docs.css").headers["content-type"].startswith("text/css")


def test_a_problem_points_at_its_explanation(site: Site) -> None:
    page, _, fragment = site.client.get("/v1/jobs/none").json()["type"].partition("#")
    assert fragment in Reader(site.client.get(page).text).ids
