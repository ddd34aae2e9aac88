"""What Prometheus asks: how many jobs there are, what attempts came to and cost, who watches, what lags.

What the log knows is counted from the log, so the counters survive restarts and two servers on one store
tell the same: take one, or the maximum, never the sum. The rest (streams, lags) is this process's own.
Counting begins at the first scrape and goes on from where it was; a long log is caught up over several
scrapes, and ``reelog_metrics_behind_events`` says how far it still is.

Never a label with a job's id: each would be a series for ever.
"""

import asyncio
import contextlib
import json
import threading
import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.composition import System
from api.parameters import STATUSES
from projections.job_fold import Entry
from projections.readers import ReadModels

MEDIA_TYPE = "text/plain; version=0.0.4"
PAGE = 1000
CATCH_UP_S = 2.0
LAG_PERIOD_S = 0.25
LAG_WINDOW = 60
LOCAL = "local"
"""The label of work that no model does."""
BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


# ---- counted from the log -------------------------------------------------------------------------------


@dataclass
class Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Totals:
    """A fold over the timeline of all jobs."""

    def __init__(self) -> None:
        self.position = 0
        self.attempts: Counter[Labels] = Counter()
        self.cost_usd: dict[Labels, float] = {}
        self.stages: dict[str, Histogram] = {}
        self._models: dict[tuple[str, int, int], str] = {}
        self._lock = threading.Lock()

    def catch_up(self, readers: ReadModels, patience_s: float = CATCH_UP_S) -> None:
        """Fold what is new, for so many seconds. Blocks; call it in a thread."""
        deadline = time.monotonic() + patience_s
        with self._lock:
            more = True
            while more and time.monotonic() < deadline:
                entries, seen = readers.entries(after=self.position, limit=PAGE)
                for entry in entries:
                    self.add(entry)
                self.position = seen
                more = len(entries) == PAGE

    def add(self, entry: Entry) -> None:
        match entry.type:
            case "asset.attempt_started" | "asset.generated" | "asset.attempt_failed" | "asset.attempt_lost":
                self._attempt(entry.type, json.loads(entry.body))
            case "job.stage_completed":
                data = json.loads(entry.body)["data"]
                self.stages.setdefault(data["stage"], Histogram()).add(data["elapsed_s"])

    def _attempt(self, kind: str, event: Mapping[str, Any]) -> None:
        data = event["data"]
        key = (event["asset"]["id"], event["asset"]["revision"], data["attempt"])
        if kind == "asset.attempt_started":
            self._models[key] = data["model"] or LOCAL
            return
        model = self._models.pop(key, LOCAL)
        outcome = {"asset.generated": "succeeded", "asset.attempt_lost": "lost"}.get(kind, "failed")
        code = data["failure"]["code"] if kind == "asset.attempt_failed" else ""
        self.attempts[("stage", event["stage"]), ("model", model), ("outcome", outcome), ("code", code)] += 1
        cost = (("model", model),)
        self.cost_usd[cost] = self.cost_usd.get(cost, 0.0) + (data.get("cost_usd") or 0.0)


# ---- of this process ------------------------------------------------------------------------------------


class Meter:
    """Counts what this process does; ``running`` measures how late its event loop is."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.streams = 0
        self._lags: deque[float] = deque([0.0], maxlen=LAG_WINDOW)

    @property
    def loop_lag_s(self) -> float:
        """The worst of the last quarter of a minute."""
        return max(self._lags)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._measure(), name="event-loop-lag")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_PERIOD_S
            await asyncio.sleep(LAG_PERIOD_S)
            self._lags.append(max(0.0, loop.time() - due))


# ---- told -----------------------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """GET /metrics."""
    state = request.app.state
    text = await to_thread.run_sync(lambda: "".join(_told(state.system, state.meter)))
    return Response(text, 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def _told(system: System, meter: Meter) -> Iterator[str]:
    totals = meter.totals
    totals.catch_up(system.readers)
    head, projected = system.log.head(), system.readers.position()
    counts = system.readers.job_counts()
    build = (("version", version("reelog")), ("provider", system.provider))
    yield from _metric("reelog_build_info", "gauge", "Which build this is", [(build, 1)])
    jobs = [((("status", status),), float(counts.get(status, 0))) for status in STATUSES]
    yield from _metric("reelog_jobs", "gauge", "Jobs by status", jobs)
    yield from _single("reelog_queue_depth", "Jobs that wait to be begun", counts.get("queued", 0))
    attempts = [(labels, float(n)) for labels, n in totals.attempts.items()]
    yield from _metric("reelog_attempts_total", "counter", "Ended attempts by outcome", attempts)
    cost = totals.cost_usd.items()
    yield from _metric("reelog_cost_usd_total", "counter", "What attempts cost, as far as priced", cost)
    yield from _histograms("reelog_stage_seconds", "How long stages took", totals.stages)
    yield from _single("reelog_sse_clients", "Streams that are open", meter.streams)
    yield from _single("reelog_log_events", "Events in the log", head)
    lag = max(0, head - projected)
    yield from _single("reelog_projection_lag_events", "Events that the read models do not hold yet", lag)
    behind = max(0, projected - totals.position)
    yield from _single("reelog_metrics_behind_events", "Events that are not counted here yet", behind)
    yield from _single(
        "reelog_event_loop_lag_seconds", "How late the event loop was lately", meter.loop_lag_s
    )


def _single(name: str, said: str, value: float) -> Iterator[str]:
    return _metric(name, "gauge", said, [((), value)])


def _metric(name: str, kind: str, said: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {said}\n# TYPE {name} {kind}\n"
    for labels, value in sorted(samples):
        yield _line(name, labels, value)


def _histograms(name: str, said: str, stages: Mapping[str, Histogram]) -> Iterator[str]:
    yield f"# HELP {name} {said}\n# TYPE {name} histogram\n"
    for stage, histogram in sorted(stages.items()):
        label = ("stage", stage)
        below = 0
        for bound, count in zip((*BUCKETS, float("inf")), histogram.counts, strict=True):
            below += count
            shown = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield _line(f"{name}_bucket", (label, ("le", shown)), below)
        yield _line(f"{name}_sum", (label,), histogram.total)
        yield _line(f"{name}_count", (label,), below)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    number = str(int(value)) if float(value).is_integer() else repr(float(value))
    return f"{name}{{{inside}}} {number}\n" if inside else f"{name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
