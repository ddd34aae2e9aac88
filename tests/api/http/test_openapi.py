"""The API's description: complete, true, committed, and readable for people."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jsonschema.validators import Draft202012Validator
from starlette.routing import Route

from api.http.app import OPERATIONS, build_app
from api.http.openapi import document, models, rendered
from api.http.problems import ADVICE, TITLES
from api.http.schema import EventType
from domain.causes import Code
from tests.api.conftest import Site
from tests.api.contract import check

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_committed_description_is_the_one_that_is_served(site: Site) -> None:
    served = site.client.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    # How to write it anew: python -m api.http.openapi > docs/openapi.json
    assert COMMITTED.read_text(encoding="utf-8") == served.text == rendered(OPERATIONS)


def test_every_route_is_described_and_every_description_is_a_route(site: Site) -> None:
    app = build_app(site.system)
    routed = {route.path for route in app.routes if isinstance(route, Route)}
    assert routed == set(document(OPERATIONS)["paths"])
    # The page's own files are all that is not an operation.
    assert [route.path for route in app.routes if not isinstance(route, Route)] == ["/static"]


def test_every_operation_says_what_it_answers() -> None:
    for operation in OPERATIONS:
        assert operation.answers, f"{operation.method} {operation.path} says nothing of its answers"


def test_all_references_lead_somewhere_and_schemas_are_schemas() -> None:
    described = document(OPERATIONS)
    for reference in re.findall(r'"#/components/([^"]+)"', json.dumps(described)):
        kind, _, name = reference.partition("/")
        assert name in described["components"][kind]
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert len(models(OPERATIONS)) <= len(described["components"]["schemas"])


def test_every_problem_has_advice_and_every_named_one_exists() -> None:
    assert set(ADVICE) == set(TITLES)
    assert {code for operation in OPERATIONS for code in operation.all_problems} <= set(TITLES)


def test_every_type_of_event_is_described() -> None:
    topics = set()
    for name in ("job.py", "asset.py"):
        text = (COMMITTED.parents[1] / "domain" / name).read_text(encoding="utf-8")
        topics |= set(re.findall(r'TOPIC: ClassVar\[str\] = "([^"]+)"', text))
    assert len(topics) > 10
    assert topics - {"job.created", "asset.created"} <= set(EventType.__args__)


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
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
    assert "script" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        target, _, fragment = link.partition("#")
        if fragment:
            assert fragment in pages[target or path].ids, link
        else:
            assert site.client.get(link).status_code == 200, link


def test_every_operation_and_every_code_is_on_the_pages(site: Site) -> None:
    described = Reader(site.client.get("/docs").text)
    assert {operation.id for operation in OPERATIONS} <= set(described.ids)
    assert {"JobDocument", "Submission", "EventDocument"} <= set(described.ids)
    explained = Reader(site.client.get("/docs/problems").text)
    assert set(TITLES) | {f"failure-{code}" for code in Code} <= set(explained.ids)
    assert site.client.get("/docs.css").headers["content-type"].startswith("text/css")


def test_a_problem_points_at_its_explanation(site: Site) -> None:
    page, _, fragment = site.client.get("/v1/jobs/none").json()["type"].partition("#")
    assert fragment in Reader(site.client.get(page).text).ids


def test_answers_that_are_not_described_would_be_found(site: Site) -> None:
    answer = site.client.get(f"/v1/jobs/{site.submit()}")
    for changed in (
        answer.text.replace('"status":"queued"', '"status":"paused"'),
        answer.text.replace('"run":1', '"run":"1"'),
        answer.text.replace('"run":1', '"runs":1'),
    ):
        assert changed != answer.text
        answer._content = changed.encode()
        with pytest.raises(ValueError, match="validation error"):
            check(answer)
    answer.status_code = 206
    with pytest.raises(AssertionError, match="206 is not described"):
        check(answer)
