"""Many slow calls at once through one worker's Attempts: how much longer than one call do they take in all?

Everything of an attempt is in it: two appends to the event store, prompt, request, answer and asset as blobs.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from actors.blobs.opening import open_blobs
from actors.director.desk import Desk
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
from actors.work.attempt import Attempts
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Order, Plan, Task
from actors.work.workshop import Workshop
from domain.asset import AssetKey
from domain.job import Job
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Stage, Storyboard
from domain.store import EventLog, Studio, open_event_store
from domain.submission import Models, Options
from tests.bench.plain_server import plain_server
from tests.bench.report import Bench, Row

CALLS = 200
CALL_S = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


class _Writer:
    """Writes a storyboard for each job, whatever it is asked for."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - a stage's form
        return Plan(brief.models["text"], "Draw a lighthouse.", "bench@1", {"max_output_tokens": 1024}, 0.01)

    async def make(self, task: Task) -> Made:
        return await self._provider.write_document(
            task, Storyboard, lambda _: None, lambda board: (board, {"scenes": []})
        )


def _orders(desk: Desk, studio: Studio, calls: int) -> list[Order]:
    """The first order of so many jobs."""
    jobs = [
        Job.submit(
            uuid4(),
            now=_now(),
            script="A lighthouse.",
            models=Models().model_dump(exclude_none=True),
            options=Options().model_dump(),
            provider="emulator",
            weights={"seconds": {}, "scenes": 1, "measured": False},
        )
        for _ in range(calls)
    ]
    for job in jobs:
        studio.submit(job)
    desk.fold(EventLog(studio).read(0, calls))
    return [order for job in jobs for order in desk.step(job.id, {}).orders]


async def _perform_all(folder: Path, url: str, calls: int) -> float:
    """Seconds from the first order to the last outcome."""
    store = open_event_store(f"sqlite:///{folder}/events.db")
    studio, blobs = Studio(store), open_blobs(f"file://{folder}/blobs")
    gateway = open_gateway(GatewaySettings(SecretStr("bench"), url))
    prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    stages = dict.fromkeys(Stage, _Writer(Provider(lambda: gateway, prices, _now)))
    desk = Desk(studio, blobs, stages, "emulator", "director:bench", _now, store.presence)
    attempts = Attempts(Workshop(studio, blobs, "worker:bench", stages))
    orders = _orders(desk, studio, calls)
    began = time.monotonic()
    outcomes = await asyncio.gather(*(attempts.perform(order) for order in orders))
    elapsed = time.monotonic() - began
    assert set(outcomes) == {"generated"}, set(outcomes)
    await gateway.close()
    studio.close()
    store.close()
    return elapsed


def measure(quick: bool) -> Sequence[Row]:
    calls, call_s = (20, 0.5) if quick else (CALLS, CALL_S)
    with plain_server(call_s) as url, tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        elapsed = asyncio.run(_perform_all(Path(folder), url, calls))
    return [Row(f"{calls} calls of {call_s:g} s", elapsed, call_s, "s", "start, store and record included")]


BENCH = Bench("one_actor", "calls at once through one worker", ("all of them", "one call"), measure)
