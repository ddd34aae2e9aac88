"""What one film of a minute costs, and what one store bears: the inputs of `scale.py`, measured here.

``python -m tests.bench.film_costs`` writes them to ``tests/bench/film_costs.json``. The film is made by a
server with Ray, against the emulator, and really rendered; what its processes used is read from the system.
What the Director, the projector and the stores bear is measured on films whose stages do nothing. Counts are
the same on every machine; seconds are of the machine that ``machine`` names, under the load that it names.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import psutil

from domain.checkpoints import watch
from domain.job import Job
from domain.store import Studio, open_event_store
from domain.submission import Models, Options
from projections.database import open_database
from projections.projector import Projector
from projections.readers import ReadModels
from tests.actors.conftest import Crew, now
from tests.bench.report import machine
from tests.bench.start import running
from tests.postgresql import new_database, postgresql_server
from tests.processes import Server

COSTS = Path(__file__).with_name("film_costs.json")
SCENES = 8
WORDS = (
    "In scene {} the keeper of the light climbs the stairs again and looks over the grey sea for any ships."
)
"""Twenty words, eight seconds: eight scenes are a film of a minute."""
FILMS, APPENDS, WRITERS = 20, 400, 8
FILM_S = 900.0
SERVER = "server"


@dataclass(frozen=True)
class FilmCosts:
    """Of one film of ``film_s`` seconds in eight scenes, and of one store."""

    film_s: float
    events: int
    log_bytes: int
    read_model_bytes: int
    blob_bytes: int
    calls: int
    cost_usd: float
    renderer_cpu_s: float
    artist_cpu_s: float
    server_cpu_s: float
    appends: int
    """Transactions on the log, each flushed to the disk once; the read models' come beside them."""
    desk_cpu_s: float
    """Of the one thread on which a Director decides."""
    projector_events_s: float
    sqlite_appends_s: float
    postgresql_appends_s: float


def script() -> str:
    return "\n\n".join(WORDS.format(n) for n in range(1, SCENES + 1))


# ---- a film that is rendered ------------------------------------------------------------------------


def _cpu_s(server: Server) -> dict[str, dict[int, float]]:
    """Processor seconds of the server's process and of each worker, by seat."""
    crew = server.http.get("/readyz").json()["crew"]
    pids = {name: [place["pid"] for place in seat["places"]] for name, seat in crew["crew"].items()}
    return {
        name: {pid: _used_s(pid) for pid in of} for name, of in {**pids, SERVER: [server.process.pid]}.items()
    }


def _used_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rendered() -> dict[str, Any]:
    """A film after a short one, so that nothing has to be loaded any more."""
    with (
        tempfile.TemporaryDirectory(prefix="reelog-bench-", ignore_cleanup_errors=True) as root,
        running(Path(root), "emulate", "--port", "0", "--json") as emulating,
        running(
            Path(root), "serve", "--port", "0", "--json",
            REELOG_GEMINI_BASE_URL=emulating.first_line()["url"],
            REELOG_DATA_DIR=f"{root}/data", REELOG_GRACE="0",
        ) as serving,
    ):  # fmt: skip
        server = Server(serving, serving.first_line()["url"])
        try:
            server.follow(server.submit()["id"])
            blobs = _folder_bytes(Path(root, "data", "blobs"))
            before = _cpu_s(server)
            job = server.submit(script=script(), options={"max_scenes": SCENES})
            events = server.follow(job["id"])
            after = _cpu_s(server)
            told = server.job(job["id"])
            assert told["status"] == "completed", told
        finally:
            server.close()
        [video] = [e for e in events if e["type"] == "asset.generated" and e["asset"]["kind"] == "video"]
        with closing(sqlite3.connect(Path(root, "data", "events.sqlite3"))) as log:
            bytes_of = "SELECT SUM(LENGTH(state) + LENGTH(topic) + 40) / COUNT(*) FROM stored_events"
            log_bytes = log.execute(bytes_of).fetchone()[0] * len(events)
        used = {
            name: round(sum(used_s - before[name].get(pid, 0) for pid, used_s in of.items()), 2)
            for name, of in after.items()
        }
        return {
            "film_s": video["data"]["duration_s"],
            "events": len(events),
            "log_bytes": log_bytes,
            "blob_bytes": _folder_bytes(Path(root, "data", "blobs")) - blobs,
            "calls": told["cost"]["requests"],
            "cost_usd": told["cost"]["usd"],
            "renderer_cpu_s": used["renderers"],
            "artist_cpu_s": used["artists"],
            "server_cpu_s": used[SERVER],
        }


# ---- films whose stages do nothing ------------------------------------------------------------------


def directed(films: int = FILMS, scenes: int = SCENES) -> dict[str, Any]:
    """Appends and the desk's seconds of a film, and how fast the projector follows."""
    return asyncio.run(_directed(films, scenes))


async def _directed(films: int, scenes: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        crew = Crew(Path(folder))
        try:
            crew.stage.scenes = scenes
            left = {crew.submit(options={"max_scenes": scenes}).id for _ in range(films)}
            appends = 0

            def ended(recorded: Any) -> bool:
                if isinstance(recorded.event, Job.Completed):
                    left.discard(recorded.event.job_id)
                return not left

            def count(point: str, _: str) -> None:
                nonlocal appends
                appends += point == "after:commit"

            desk = crew.desk(monotonic=time.monotonic)
            end_count = watch(count)
            try:
                with _desk_seconds() as spent:
                    async with crew.directing(max_active_jobs=films, desk=desk):
                        await crew.until(ended)
            finally:
                end_count()
            return {
                "appends": round(appends / films),
                "desk_cpu_s": round(spent() / films, 4),
                **_projected(crew, films),
            }
        finally:
            crew.close()


@contextmanager
def _desk_seconds() -> Iterator[Callable[[], float]]:
    """Processor time of all that runs on the Director's one thread."""
    from actors.director import director  # noqa: PLC0415 - it is changed here

    spent = 0.0
    at_desk = director.Director._at_desk

    async def timed(self: Any, function: Callable[..., Any], *arguments: Any) -> Any:
        def run(*given: Any) -> Any:
            nonlocal spent
            began = time.thread_time()
            try:
                return function(*given)
            finally:
                spent += time.thread_time() - began

        return await at_desk(self, run, *arguments)

    with patch.object(director.Director, "_at_desk", timed):
        yield lambda: spent


def _projected(crew: Crew, films: int) -> dict[str, Any]:
    """A projector that begins behind all these events: how fast it goes, and what it writes for a film."""
    database = open_database(crew.store.url)
    log = crew.log
    projector = Projector(crew.store, log, database)
    files = [path for path in crew.folder.iterdir() if path.is_file()]
    before = {path.name: path.stat().st_size for path in files}
    try:
        began = time.perf_counter()
        projector.start()
        assert ReadModels(crew.store, log, database).wait_for(log.head(), FILM_S)
        took = time.perf_counter() - began
    finally:
        projector.close()
        database.close()
    grown = sum(
        path.stat().st_size - before.get(path.name, 0) for path in crew.folder.iterdir() if path.is_file()
    )
    return {"projector_events_s": round(log.head() / took), "read_model_bytes": max(0, grown) // films}


# ---- stores -----------------------------------------------------------------------------------------


def appends_s(url: str) -> float:
    """Durable appends a second by eight threads, one event each, as large as a submission."""
    store = open_event_store(url)
    studio = Studio(store)

    def submit(_: int) -> None:
        studio.submit(
            Job.submit(
                uuid4(),
                now=now(),
                script=script(),
                models=Models().model_dump(exclude_none=True),
                options=Options().model_dump(mode="json"),
                provider="emulator",
                weights={"seconds": {}, "scenes": SCENES, "measured": False},
            )
        )

    try:
        with ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(submit, range(WRITERS)))
            began = time.perf_counter()
            list(threads.map(submit, range(APPENDS)))
            return round(APPENDS / (time.perf_counter() - began))
    finally:
        studio.close()
        store.close()


def stores() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as folder:
        sqlite = appends_s(f"sqlite:///{folder}/events.db")
    with postgresql_server() as server:  # which flushes, as the store's own does
        return {"sqlite_appends_s": sqlite, "postgresql_appends_s": appends_s(new_database(server))}


def main() -> None:
    costs = FilmCosts(**rendered(), **directed(), **stores())
    command = "python -m tests.bench.film_costs"
    document = {"command": command, "machine": machine(), "costs": asdict(costs)}
    COSTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
