"""A thousand small submissions by twenty clients: how long each takes, and what the checks of it cost.

One server without actors in a process of its own, and twenty clients in this one, each over a connection that
stays open and with a key of its own. The kinds of submission take turns, so that the machine's other work and
the growing store fall on all alike; beside them the same jobs are inserted by twenty threads into a store of
their own, durable in the same way, with nothing before or around it.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.configuration.values import MOST_REQUESTS
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.actors.conftest import Crew
from tests.bench.report import Bench, Row
from tests.processes import SHORT, SMALL

CLIENTS = 20
EACH, QUICK_EACH = 10, 2
ROUNDS, QUICK_ROUNDS = 5, 1
TIMEOUT_S = 120
ADMINISTRATOR = "the-administrators-own-key"
QUEUED = 1_000_000
BODY = {"script": SHORT, "options": SMALL, "max_cost_usd": 0.5}
USD_PER_DAY = 1_000.0
"""More than all of its jobs may cost, as nothing is measured of what is refused."""
NO_FILE = Path("/nonexistent.env")


@dataclass(frozen=True)
class Kind:
    """What is checked of a submission; a key has a rate, and may have a budget."""

    key: bool = False
    budget: bool = False
    once: bool = False


PLAIN, KEYED, BUDGETED = Kind(), Kind(key=True), Kind(key=True, budget=True)
ONCE, ALL = Kind(once=True), Kind(key=True, budget=True, once=True)
KINDS = (PLAIN, KEYED, BUDGETED, ONCE, ALL)


def serve(folder: str) -> None:
    """The server; prints its address. Its limits are those of a server that refuses none of these."""
    limits = {"RATE_LIMIT": MOST_REQUESTS, "QUEUE_LIMIT": QUEUED}
    settings = load_settings({}, NO_FILE, DATA_DIR=folder, PORT=0, API_KEY=ADMINISTRATOR, **limits)
    catalogue = partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=partial(print, flush=True)).run()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    program = "import sys; from tests.bench.submissions import serve; serve(sys.argv[1])"
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().strip()
            if not address:
                raise RuntimeError("the server has ended")
            yield address
        finally:
            server.terminate()


class Clients:
    """Twenty of them, or as many as are asked for, each with its keys."""

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self._numbers = range(count)
        administrator = self._open(ADMINISTRATOR)
        with administrator:
            self._keys = {
                kind: [self._given(administrator, kind) for _ in self._numbers]
                for kind in (KEYED, BUDGETED, ALL)
            }

    def _open(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self._url, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    @staticmethod
    def _given(administrator: httpx.Client, kind: Kind) -> str:
        asked: dict[str, Any] = {"name": f"bench-{uuid4().hex}", "scope": "submit", "rate": MOST_REQUESTS}
        if kind.budget:
            asked["usd_per_day"] = USD_PER_DAY
        answer = administrator.post("/v1/keys", json=asked).raise_for_status()
        return str(answer.json()["key"])

    def submit(self, kind: Kind, each: int) -> list[float]:
        """So many by each client, all at once; milliseconds of each."""
        keys = self._keys.get(kind, [ADMINISTRATOR] * len(self._numbers))

        def one_after_the_other(key: str) -> list[float]:
            took = []
            with self._open(key) as client:
                client.get("/healthz").raise_for_status()  # the connection is opened before
                for _ in range(each):
                    headers = {"Idempotency-Key": uuid4().hex} if kind.once else {}
                    begun = time.perf_counter()
                    answer = client.post("/v1/jobs", json=BODY, headers=headers)
                    took.append(1000 * (time.perf_counter() - begun))
                    answer.raise_for_status()
            return took

        return _at_once(one_after_the_other, keys)


def inserted(folder: Path, threads: int, each: int) -> list[float]:
    """The same number of jobs, straight into a store; milliseconds of each."""
    crew = Crew(folder)

    def one_after_the_other(_: str) -> list[float]:
        took = []
        for _ in range(each):
            begun = time.perf_counter()
            crew.submit()
            took.append(1000 * (time.perf_counter() - begun))
        return took

    try:
        return _at_once(one_after_the_other, [""] * threads)
    finally:
        crew.close()


def _at_once(work: Any, given: Sequence[str]) -> list[float]:
    with ThreadPoolExecutor(len(given)) as threads:
        return [took for mine in threads.map(work, given) for took in mine]


def _at(took: Sequence[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def measure(quick: bool) -> Sequence[Row]:
    each, rounds = (QUICK_EACH, QUICK_ROUNDS) if quick else (EACH, ROUNDS)
    took: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
    raw: list[float] = []
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as root, serving(Path(root, "served")) as url:
        clients = Clients(url, CLIENTS)
        for kind in KINDS:
            clients.submit(kind, 1)  # what is loaded once
        for number in range(rounds):
            raw += inserted(Path(root, f"raw-{number}"), CLIENTS, each)
            for kind in KINDS:
                took[kind] += clients.submit(kind, each)
    note = f"{len(raw):,} by {CLIENTS} clients"
    pairs = {
        "all checks": (took[ALL], took[PLAIN], note),
        "a key and its rate": (took[KEYED], took[PLAIN], note),
        "a key's budget": (took[BUDGETED], took[KEYED], f"{note}, beside a key without"),
        "an idempotency key": (took[ONCE], took[PLAIN], note),
        "over HTTP, all checks": (took[ALL], raw, f"{note}, beside an insert by as many threads"),
    }
    return [
        Row(f"{what}, {name}", _at(ours, share), _at(other, share), "ms", said)
        for what, (ours, other, said) in pairs.items()
        for name, share in (("p50", 0.5), ("p99", 0.99))
    ]


BENCH = Bench(
    "submissions",
    f"a small submission, of {CLIENTS * EACH * ROUNDS:,} by {CLIENTS} clients",
    ("with it", "without"),
    measure,
)
