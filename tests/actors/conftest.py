"""A crew without Ray and without a provider: real stores, the real Director, stages made for the tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.blobs.opening import open_blobs
from actors.director.desk import Desk
from actors.director.director import Director
from actors.director.dispatch import Lane
from actors.director.losses import LOOKS_APART_S
from actors.work.attempt import Attempts
from actors.work.stage import Brief, Inputs, Made, Order, Plan, Task
from actors.work.workshop import Workshop
from domain.asset import Asset, AssetKey
from domain.failures import RetryPolicy
from domain.job import Job
from domain.ports import Unfinished
from domain.script import PROVIDER_KINDS, Kind, Stage
from domain.store import EventLog, Recorded, Studio, open_event_store
from domain.submission import Models, Options
from domain.topic import script_facts

DEADLINE_S = 120


def now() -> datetime:
    return datetime.now(UTC)


Hook = Callable[[Task], Awaitable[None]]


class TextStage:
    """Makes each asset as a line of text that names it; ``before`` may fail, wait, or count calls."""

    def __init__(self, scenes: int = 2, price: float | None = 0.01) -> None:
        self.scenes = scenes
        self.price = price
        self.calls: list[str] = []
        self.before: Hook | None = None

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - a stage's form
        paid = key.kind in PROVIDER_KINDS
        return Plan(
            model="text-model" if paid else None,
            prompt=f"make {key.name}" if paid else None,
            prompt_version="test@1" if paid else None,
            reservation_usd=self.price if paid else 0.0,
        )

    async def make(self, task: Task) -> Made:
        self.calls.append(task.key.name)
        if self.before is not None:
            await self.before(task)
        facts: dict[str, Any] = {}
        if task.key.kind is Kind.SCRIPT:
            facts = dict(script_facts("Scene 1. Scene 2."))
        if task.key.kind is Kind.ANALYSIS:
            facts = {
                "title": "A test",
                "language": "en",
                "scenes": [{"scene": n, "text": f"Scene {n}."} for n in range(1, self.scenes + 1)],
            }
        used = "+".join(str(task.inputs.source(n).digest[7:11]) for n in sorted(task.inputs.names()))
        line = f"{task.key.name} of revision {task.order.revision} from {used}"
        return Made(line.encode(), "text/plain", facts, cost_usd=self.price, usage={"total_tokens": 10})


class Board:
    def __init__(
        self, *job_ids: UUID, position: int = 0, latest: Mapping[UUID, int] = MappingProxyType({})
    ) -> None:
        self._unfinished = Unfinished(job_ids, position, latest)

    def unfinished(self) -> Unfinished:
        return self._unfinished


class Crew:
    """One folder, any number of Directors and workers on it."""

    def __init__(self, folder: Path, store_url: str | None = None) -> None:
        self.folder = folder
        self.store = open_event_store(store_url or f"sqlite:///{folder}/events.db")
        self.studio = Studio(self.store)
        self.blobs = open_blobs(f"file://{folder}/blobs")
        self.log = EventLog(self.studio)
        self.stage = TextStage()
        self.stages = dict.fromkeys(Stage, self.stage)
        self.orders: list[Order] = []
        # Threads of their own: those of the loop are few, and the Director and its workers need them.
        self._watchers = ThreadPoolExecutor(32, thread_name_prefix="watcher")

    def close(self) -> None:
        self._watchers.shutdown()
        self.studio.close()
        self.store.close()

    def submit(self, **changes: Any) -> Job:
        options = Options.model_validate(changes.pop("options", {}))
        job = Job.submit(
            changes.pop("job_id", uuid4()),
            now=now(),
            script=changes.pop("script", "Scene 1. Scene 2."),
            models=changes.pop("models", None) or Models().model_dump(exclude_none=True),
            options=options.model_dump(),
            provider=changes.pop("provider", "emulator"),
            weights={"seconds": {}, "scenes": 2, "measured": False},
            **changes,
        )
        self.studio.submit(job)
        return job

    def workshop(self, name: str = "worker:test", **changes: Any) -> Workshop:
        return Workshop(
            studio=self.studio,
            blobs=self.blobs,
            worker=name,
            stages=self.stages,
            policy=changes.pop("policy", RetryPolicy(patience_s=0.2, base_s=0.01, cap_s=0.02)),
            **changes,
        )

    def desk(self, **changes: Any) -> Desk:
        return Desk(
            studio=self.studio,
            blobs=self.blobs,
            stages=self.stages,
            provider=changes.pop("provider", "emulator"),
            boot_id=changes.pop("boot_id", f"director:{uuid4().hex}"),
            clock=now,
            presence=self.store.presence,
            **changes,
        )

    def lose_dead(self, desk: Desk) -> set[UUID]:
        """What two looks find, of which the first is never enough."""
        assert desk.lose_dead() == set()
        clock = desk.monotonic
        desk.monotonic = lambda: clock() + LOOKS_APART_S
        try:
            return desk.lose_dead()
        finally:
            desk.monotonic = clock

    @asynccontextmanager
    async def directing(
        self,
        board: Board | None = None,
        *,
        perform: Callable[[Order], Awaitable[str]] | None = None,
        places: Callable[[Lane], int] = lambda _: 8,
        desk: Desk | None = None,
        **changes: Any,
    ) -> Any:
        """A Director at work with one live worker, until the block ends."""
        name = f"worker:{uuid4().hex}"
        presence = self.store.presence(name)
        assert presence.acquire(1)
        attempts = Attempts(self.workshop(name))

        async def record(order: Order) -> str:
            self.orders.append(order)
            return await (perform or attempts.perform)(order)

        async def cancel(job_id: UUID) -> None:
            attempts.cancel(job_id)

        director = Director(
            desk
            or self.desk(monotonic=lambda: 30 * time.monotonic()),  # so that nobody waits for a second look
            self.store,
            board or Board(),
            perform=record,
            cancel=cancel,
            lane_of=lambda order: (order.key.stage.value, order.recipe.model),
            places=places,
            **changes,
        )
        running = asyncio.create_task(director.run())
        try:
            yield director
        finally:
            director.stop()
            await asyncio.wait_for(running, DEADLINE_S)
            presence.release()

    async def until(self, wanted: Callable[[Recorded], bool], after: int = 0) -> list[Recorded]:
        """Follow the log until an event is wanted; gives all events up to it."""
        loop = asyncio.get_running_loop()
        seen: list[Recorded] = []
        follower = self.store.follower(after)
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    batch = await loop.run_in_executor(self._watchers, follower.next_batch, 1.0)
                    for recorded in self.log.decode(batch):
                        seen.append(recorded)
                        if wanted(recorded):
                            return seen
        finally:
            await asyncio.to_thread(follower.close)

    async def until_ended(self, job: Job, after: int = 0) -> list[Recorded]:
        terminal = (Job.Completed, Job.Failed, Job.Cancelled)
        return await self.until(lambda r: isinstance(r.event, terminal) and r.event.job_id == job.id, after)

    def events(self, *types: type) -> list[Any]:
        return [r.event for r in self.log.read(0, 10_000) if isinstance(r.event, types or (object,))]

    def asset(self, job: Job, name: str) -> Asset:
        asset = self.studio.find_asset(job.id, AssetKey.parse(name))
        assert asset is not None
        return asset


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    crew = Crew(tmp_path)
    yield crew
    crew.close()
