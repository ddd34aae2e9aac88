"""Recorded jobs, gone through again: the Director, the stages that ask models, the gateway and the readers.

A server gives the recorded answer to each request. Every attempt must end as it did, and every picture and
voice must be the bytes that were made then; only music and film, which no model is asked for, are left out.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
from actors.work.crew import stage_actors
from actors.work.provider_call import Provider
from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Stage
from tests.actors.conftest import Crew, now
from tests.recorded import body_of, cases, folders, job, texts_of

Json = dict[str, Any]

JOBS = [folder for folder in folders() if job(folder)]
CRAFTS = (Stage.MUSIC, Stage.COMPOSITION)


class Replay(ThreadingHTTPServer):
    """Answers each request as its recording says: by its words, in the order of the attempts."""

    def __init__(self, recorded: list[Json]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.left = list(recorded)
        self.unknown: list[Json] = []
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def take(self, body: Json) -> Json | None:
        with self.lock:
            same = [case for case in self.left if texts_of(case["request"]["body"]) == texts_of(body)]
            # Prompts are reworded between versions; what is asked for stays.
            alike = [case for case in self.left if form_of(case["request"]["body"]) == form_of(body)]
            found = next(iter([*same, *alike]), None)
            if found is None:
                self.unknown.append(body)
            else:
                self.left.remove(found)
            return found


def form_of(body: Json) -> object:
    """The document or the kind of media that a request asks for."""
    asked = body["generationConfig"]
    schema = asked.get("responseJsonSchema") or asked.get("responseSchema") or {}
    return schema.get("title") or asked.get("responseModalities")


class Handler(BaseHTTPRequestHandler):
    server: Replay

    def do_POST(self) -> None:
        case = self.server.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = body_of(case) if case else b'{"error": {"code": 404, "message": "Not recorded"}}'
        self.send_response(case["response"]["status"] if case else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=JOBS, ids=[folder.name for folder in JOBS])
def replay(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Replay]]:
    server = Replay(cases(request.param))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield request.param, server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_a_recorded_job_goes_as_it_went(replay: tuple[Path, Replay], crew: Crew) -> None:
    folder, server = replay
    asked = job(folder)
    assert asked is not None
    prices = PriceBook.parse(SHIPPED_PRICES.read_text("utf-8"))
    connection = GatewaySettings(SecretStr("recorded"), server.url)
    provider = Provider(lambda: open_gateway(connection), prices, now)
    actors = stage_actors(provider, crew.studio, now)
    crew.stages = {stage: crew.stage if stage in CRAFTS else actor for stage, actor in actors.items()}
    try:
        async with crew.directing():
            submitted = crew.submit(**asked)
            await crew.until_ended(submitted)
    finally:
        await provider.close()

    assert server.unknown == [], "everything that was asked for is recorded"
    assert [case["id"] for case in server.left] == []
    recorded = cases(folder)
    outcomes = {(key, n): outcome for key, n, outcome in attempts(crew, submitted)}
    for case in recorded:
        attempt = int(case["id"].rpartition("-")[2])
        outcome = outcomes.pop((case["asset"], attempt))
        if case["kind"] in {"image", "tts"} or "failure" in case["outcome"]:
            assert outcome == case["outcome"], case["id"]
        else:
            assert "digest" in outcome, case["id"]
    assert outcomes == {}, "no attempt more than there were"


def attempts(crew: Crew, submitted: Job) -> Iterator[tuple[str, int, Json]]:
    """How each attempt that asked a model ended."""
    made = {order.key.name for order in crew.orders if order.key.stage not in CRAFTS}
    names = {AssetKey.parse(name).id_in(submitted.id): name for name in made}
    for event in crew.events(Asset.Generated, Asset.AttemptFailed):
        name = names.get(event.originator_id)
        if name is None:
            continue
        if isinstance(event, Asset.Generated):
            yield name, event.attempt, {"digest": event.digest}
        else:
            yield name, event.attempt, {"failure": event.failure["code"]}
