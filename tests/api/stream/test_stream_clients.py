"""Clients that people use, each with its own parser and way to come back, on a line that keeps breaking.

Each follows a film from its submission to 204, while the line is cut at random bytes and the film goes on.
Chromium's EventSource and curl are tested where they are installed, npm's ``eventsource`` where
REELOG_TEST_EVENTSOURCE names a folder with it; all of them in CI.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from api.http.schema.events import EVENT_TYPES
from tests.api.stream.conftest import Running, events_url, made_meanwhile, page
from tests.api.stream.relay import Relay
from tests.api.web.page.browser import chromium as installed_chromium
from tests.projections.filming import Filming

TYPES = [*EVENT_TYPES, "end"]
PATIENCE_S = 120
LEAST_CUTS = 10
NODE_CLIENT = Path(__file__).with_name("eventsource.mjs")
IN_CI = bool(os.environ.get("CI"))
EVENTSOURCE = os.environ.get("REELOG_TEST_EVENTSOURCE")

pytestmark = pytest.mark.slow

Follow = Callable[[str], list[dict[str, Any]]]
"""Follows a stream until there is nothing left to tell; gives ``{type, id, data}`` for each event."""


@pytest.fixture
def line(server: Running) -> Iterator[Relay]:
    """A line to the server that lets a few events through at a time, and sometimes not even the head."""
    random = Random(7)  # noqa: S311 - reproducible cuts, no secret
    with Relay(server.url, lambda: int(random.expovariate(1 / 6000))) as relay:
        yield relay


def curl(url: str) -> list[dict[str, Any]]:
    """As the README has it: cut, and gone on with by the id of the last event that was whole."""
    told: list[dict[str, Any]] = []
    for _ in range(1000):
        last = ["-H", f"Last-Event-ID: {told[-1]['id']}"] if told else []
        done = subprocess.run(
            ["curl", "-sN", "-w", "%{stderr}%{http_code}", url, "-H", "Accept: text/event-stream", *last],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        if done.stderr.endswith("204"):
            return told
        for block in done.stdout.split("\n\n")[:-1]:
            fields = dict(field.split(": ", 1) for field in block.splitlines() if not field.startswith(":"))
            if "id" in fields:
                told.append({"type": fields["event"], "id": fields["id"], "data": json.loads(fields["data"])})
    raise AssertionError(f"curl came back a thousand times and was told {len(told)} events")


def eventsource(url: str) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "REELOG_TEST_EVENTSOURCE is set, and there is no node"
    assert EVENTSOURCE
    done = subprocess.run(
        [node, str(NODE_CLIENT), EVENTSOURCE, url, *TYPES],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert done.stderr == ""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told.pop() == {"closed": 204}
    return told


FOLLOW = """([url, types]) => new Promise((resolve, reject) => {
  const told = [];
  const source = new EventSource(url);
  for (const type of types)
    source.addEventListener(type, (event) =>
      told.push({ type, id: event.lastEventId, data: JSON.parse(event.data) }));
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) resolve(told); };
})"""


def chromium(url: str) -> list[dict[str, Any]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=["--no-sandbox"])
        try:
            tab = browser.new_page()
            tab.goto(url.partition("/v1/")[0] + "/docs")
            told: list[dict[str, Any]] = tab.evaluate(FOLLOW, [url, TYPES])
            return told
        finally:
            browser.close()


@pytest.fixture
def follows_to_the_end(
    line: Relay, server: Running, filming: Filming, http: httpx.Client
) -> Callable[[Follow], None]:
    def check(follow: Follow) -> None:
        job_id = filming.submit()
        direct = events_url(server, job_id)
        with made_meanwhile(filming, job_id):
            told = follow(direct.replace(server.url, line.url))
        wanted = page(http, direct)
        # The line may break between the last event and the end, but nothing is told after an end.
        if told[-1]["type"] == "end":
            told.pop()
        assert [event["data"] for event in told] == wanted
        assert [int(event["id"]) for event in told] == [event["position"] for event in wanted]
        assert [event["type"] for event in told] == [event["type"] for event in wanted]
        assert line.cuts >= LEAST_CUTS
        assert line.opened[0] == 0
        assert line.opened[-1] == wanted[-1]["position"], "it came back once more, and was told not to"

    return check


@pytest.mark.skipif(not (shutil.which("curl") or IN_CI), reason="no curl on this machine")
def test_curl(follows_to_the_end: Callable[[Follow], None]) -> None:
    follows_to_the_end(curl)


@pytest.mark.skipif(
    not (EVENTSOURCE or IN_CI), reason="REELOG_TEST_EVENTSOURCE names no folder with npm's eventsource"
)
def test_npm_eventsource(follows_to_the_end: Callable[[Follow], None]) -> None:
    follows_to_the_end(eventsource)


@pytest.mark.browser
@pytest.mark.skipif(not (installed_chromium() or IN_CI), reason="no Chromium on this machine")
def test_chromiums_eventsource(follows_to_the_end: Callable[[Follow], None]) -> None:
    follows_to_the_end(chromium)
