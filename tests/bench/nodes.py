"""Films of many scenes on one, two, three and four Ray nodes of one machine, each with room for one renderer.

Log, Director, pools and placing are the product's; what it is placed for is replaced: an order to a renderer
waits for a fixed time instead of computing, so that nodes that share two cores can be told apart as machines
of their own would be. Models are not asked. A last row renders for real on one node and on two, as far as
the cores of one machine allow.
"""

import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import UUID

from pydantic import SecretStr

from actors.gemini.gateway import GatewaySettings
from actors.work.crew_settings import CrewSettings
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from api.composition import load_prices
from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import Stage
from domain.store import EventLog
from tests.actors import conftest as without_ray
from tests.actors.conftest import Board, Crew, TextStage
from tests.bench.report import Bench, Row
from tests.bench.start import running
from tests.processes import Server

if TYPE_CHECKING:
    from tests.nodes import RayCluster

SCENES, FILMS, QUICK_FILMS = 24, 4, 1
WAIT_S = 0.5
"""What an order to a renderer takes: many times what its way there and back does."""
AT_LEAST = {2: 1.9, 3: 2.7, 4: 3.5}
DEADLINE_S = 900.0
SEGMENTS = ("clip", "transition")
RENDERED = (Stage.MUSIC, Stage.COMPOSITION)
REAL_SCENES, REAL_QUICK_SCENES = 12, 6


class WaitingStage(TextStage):
    """A line of text for each asset; what is rendered takes its time, and nobody's processor."""

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        return replace(super().plan(brief, key, inputs), parameters={"max_output_tokens": 64})

    async def make(self, task: Task) -> Made:
        import asyncio  # noqa: PLC0415 - this class travels to the nodes without its module

        if task.key.stage in RENDERED:
            await asyncio.sleep(WAIT_S)
        return await super().make(task)


def waiting_stages(*_: Any) -> dict[Stage, Any]:
    return dict.fromkeys(Stage, WaitingStage(SCENES))


@contextmanager
def _replaced() -> Iterator[Any]:
    """`actors.cluster` with a Director and workers whose stages wait, in whatever process they are."""
    from actors import cluster  # noqa: PLC0415 - sets what Ray reads when it is imported

    pickling: Any = vars(cluster)["ray"].cloudpickle

    class WaitingDirector(cluster.DirectorActor):
        def __init__(self, settings: CrewSettings) -> None:
            with patch("actors.director.opening.stage_actors", waiting_stages):
                super().__init__(settings)

    class WaitingWorker(cluster.WorkerActor):
        def __init__(self, settings: CrewSettings, seat: str) -> None:
            with patch("actors.work.worker.stage_actors", waiting_stages):
                super().__init__(settings, seat)

    here = [sys.modules[__name__], without_ray]
    for module in here:
        pickling.register_pickle_by_value(module)  # nodes have the product's code and no tests
    try:
        with (
            patch.object(cluster, "DirectorActor", WaitingDirector),
            patch.object(cluster, "WorkerActor", WaitingWorker),
        ):
            yield cluster
    finally:
        for module in here:
            pickling.unregister_pickle_by_value(module)


def _until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _direct(crew: Crew, films: int) -> float:
    """Submit so many films of many scenes; seconds until the last has ended."""
    began = time.monotonic()
    head = crew.log.head()
    left = {crew.submit(options={"max_scenes": SCENES}).id for _ in range(films)}
    follower = crew.store.follower(head)
    log = EventLog(crew.studio)
    try:
        while left:
            assert time.monotonic() - began < DEADLINE_S
            for recorded in log.decode(follower.next_batch(1.0)):
                event = recorded.event
                assert not isinstance(event, Job.Failed | Asset.AttemptFailed), event
                if isinstance(event, Job.Completed):
                    left.discard(event.job_id)
    finally:
        follower.close()
    return time.monotonic() - began


@contextmanager
def _ray(folder: Path, nodes: int) -> Iterator["RayCluster"]:
    import actors.cluster  # noqa: F401, PLC0415 - sets what Ray reads when it is imported
    from tests.nodes import RayCluster  # noqa: PLC0415 - imports Ray

    ray = RayCluster(folder)
    try:
        for _ in range(nodes):
            ray.add(cpus=2)
        yield ray
    finally:
        ray.close()


def waiting_films(nodes: int, films: int) -> tuple[float, str]:
    """Films a minute on so many nodes, and how many segments each node made."""
    with (
        tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root,
        _ray(Path(root), nodes) as ray,
        _replaced() as module,
    ):
        crew = Crew(Path(root))
        settings = CrewSettings(
            store_url=crew.store.url,
            blobs_url=f"file://{root}/blobs",
            gateway=GatewaySettings(SecretStr("none is asked")),
            provider="emulator",
            prices=load_prices(None),
            active_jobs=functools.partial(Board),
            max_active_jobs=films,
            grace_s=0.0,
        )
        cluster = module.Cluster(settings, ray.address, lambda: True)

        def places() -> list[dict[str, Any]]:
            told = cluster.status().get("crew", {}).get("renderers", {}).get("places", [])
            return [place for place in told if place["state"] in ("working", "idle")]

        try:
            cluster.start()
            _direct(crew, 1)  # every place is asked for, and starts, before anything is measured
            _until(lambda: len(places()) == nodes)
            before = crew.log.head()
            took = _direct(crew, films)
            made = _segments_by_worker(crew, before)
            return 60 * films / took, "+".join(str(number) for number in sorted(made.values()))
        finally:
            cluster.stop()
            crew.close()


def _segments_by_worker(crew: Crew, after: int) -> dict[str, int]:
    """How many clips and transitions each renderer began."""
    made: dict[str, int] = {}
    keys: dict[UUID, str] = {}
    position, head = after, crew.log.head()
    while position < head:
        for recorded in crew.log.read(position, 1000):
            position, event = recorded.position, recorded.event
            if isinstance(event, Asset.Requested):
                keys[event.originator_id] = event.kind
            if isinstance(event, Asset.AttemptStarted) and keys[event.originator_id] in (
                "clip",
                "transition",
            ):
                made[event.worker] = made.get(event.worker, 0) + 1
    return made


# ---- for real ---------------------------------------------------------------------------------------


def rendered_film(nodes: int, scenes: int) -> float:
    """Seconds from the first clip's beginning to the end of the last, of a film that is really rendered."""
    with (
        tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root,
        _ray(Path(root), nodes) as ray,
        running(Path(root), "emulate", "--port", "0", "--json") as emulating,
        running(
            Path(root), "serve", "--port", "0", "--json",
            REELOG_GEMINI_BASE_URL=emulating.first_line()["url"], REELOG_RAY_ADDRESS=ray.address,
            REELOG_GRACE="0",
        ) as serving,
    ):  # fmt: skip
        server = Server(serving, serving.first_line()["url"])
        try:
            script = "\n\n".join(f"In scene {n} the keeper climbs the stairs." for n in range(1, scenes + 1))
            options = {"quality": "low", "fps": 24, "max_scenes": scenes, "music": False}
            _warm_up(server, nodes)
            job = server.submit(script=script, options=options)
            clips = [
                event
                for event in server.follow(job["id"])
                if (event.get("asset") or {}).get("kind") == "clip"
            ]
        finally:
            server.close()
    begun = [event["occurred_at"] for event in clips if event["type"] == "asset.attempt_started"]
    ended = [event["occurred_at"] for event in clips if event["type"] == "asset.generated"]
    assert ended
    return (datetime.fromisoformat(max(ended)) - datetime.fromisoformat(min(begun))).total_seconds()


def _warm_up(server: Server, nodes: int) -> None:
    """A short film: every renderer has begun and loaded what it renders with."""
    server.follow(server.submit()["id"])

    def seated() -> bool:
        told = server.http.get("/readyz").json()["crew"].get("crew", {}).get("renderers", {})
        return len([place for place in told.get("places", []) if place["state"] == "idle"]) >= nodes

    _until(seated)


def _waiting_rows(films: int) -> Iterator[Row]:
    one, _ = waiting_films(1, films)
    for nodes, target in AT_LEAST.items():
        rate, made = waiting_films(nodes, films)
        note = f"segments by node {made}"
        yield Row(f"{nodes} nodes", rate, one, "films/min", note, at_least=target)


def _rendered_row(scenes: int) -> Row:
    one, two = rendered_film(1, scenes), rendered_film(2, scenes)
    note = f"{scenes} scenes, {len(os.sched_getaffinity(0))} cores in all"
    return Row("2 nodes, really rendered", scenes / two, scenes / one, "clips/s", note)


def measure(quick: bool) -> Sequence[Row]:
    rows = [*_waiting_rows(QUICK_FILMS if quick else FILMS)]
    return [*rows, _rendered_row(REAL_QUICK_SCENES if quick else REAL_SCENES)]


BENCH = Bench(
    "nodes",
    f"films of {SCENES} scenes, each order to a renderer a wait of {WAIT_S} s, on nodes of two CPUs",
    ("nodes", "one node"),
    measure,
)
