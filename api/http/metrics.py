"""What Prometheus asks: how many jobs there are, what attempts came to and cost, who watches, what lags.

What the log knows is counted by the projector, so the counters survive restarts and two servers on one store
tell the same: take one, or the maximum, never the sum. The rest (streams, lags) is this process's own.

Never a label with a job's id: each would be a series for ever.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.composition import System
from api.http.parameters import STATUSES
from projections.totals import BUCKETS, Histogram, Totals

MEDIA_TYPE = "text/plain; version=0.0.4"
CREW_TIMEOUT_S = 1.0
"""A crew that is starting answers late; what it does is not worth a scrape that fails."""
LAG_PERIOD_S = 0.25
LAG_WINDOW = 60

MOST_CALLERS = 100

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


# ---- of this process ------------------------------------------------------------------------------------


class Meter:
    """Counts what this process does; ``running`` measures how late its event loop is."""

    def __init__(self) -> None:
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


# ---- handed out ----------------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """GET /metrics."""
    state = request.app.state
    try:
        at_work = await state.crew.answer(CREW_TIMEOUT_S, state.system)
    except TimeoutError:
        at_work = {}
    text = await to_thread.run_sync(lambda: "".join(_samples(state.system, state.meter, at_work)))
    return Response(text, 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def _samples(system: System, meter: Meter, at_work: Mapping[str, Any]) -> Iterator[str]:
    totals = system.readers.totals()
    head, projected = system.log.head(), system.readers.position()
    build = (("version", version("reelog")), ("provider", system.provider))
    yield from _metric("reelog_build_info", "gauge", "Which build this is", [(build, 1)])
    jobs = [((("status", status),), float(totals.jobs.get(status, 0))) for status in STATUSES]
    yield from _metric("reelog_jobs", "gauge", "Jobs by status", jobs)
    aside = len(system.readers.set_aside())
    yield from _single("reelog_jobs_set_aside", "Jobs with an event that cannot be folded", aside)
    yield from _single("reelog_queue_depth", "Jobs that wait to be begun", totals.jobs.get("queued", 0))
    names = ("stage", "model", "outcome", "code")
    attempts = [(tuple(zip(names, k, strict=True)), float(n)) for k, n in totals.attempts.items()]
    yield from _metric("reelog_attempts_total", "counter", "Ended attempts by outcome", attempts)
    cost = [((("model", model),), usd) for model, usd in totals.cost_usd.items()]
    yield from _metric("reelog_cost_usd_total", "counter", "What attempts cost, as far as priced", cost)
    yield from _by_caller(totals)
    yield from _histograms("reelog_stage_seconds", "How long stages took", totals.stages)
    yield from _single("reelog_sse_clients", "Streams that are open", meter.streams)
    yield from _single("reelog_log_events", "Events in the log", head)
    lag = max(0, head - projected)
    yield from _single("reelog_projection_lag_events", "Events that the read models do not hold yet", lag)
    yield from _single(
        "reelog_event_loop_lag_seconds", "How late the event loop was lately", meter.loop_lag_s
    )
    yield from _places(at_work.get("crew") or {})


def _by_caller(totals: Totals) -> Iterator[str]:
    """By key: of those that cost most, so that there are no more series than can be looked at."""
    told = sorted(totals.caller_jobs, key=lambda c: (-totals.caller_cost_usd.get(c, 0.0), c))[:MOST_CALLERS]
    submitted = [((("caller", c),), float(totals.caller_jobs[c])) for c in told]
    yield from _metric("reelog_caller_jobs_total", "counter", "Jobs by the key of who submitted", submitted)
    cost = [((("caller", c),), totals.caller_cost_usd.get(c, 0.0)) for c in told]
    yield from _metric("reelog_caller_cost_usd_total", "counter", "What the jobs of each key cost", cost)


def _places(pools: Mapping[str, Any]) -> Iterator[str]:
    """Who works where, as the actors of this process tell: none where it has none."""
    names = ("seat", "node", "state")
    places = Counter(
        (name, place.get("address") or "", place["state"])
        for name, pool in pools.items()
        for place in pool.get("places", ())
    )
    counted = [(tuple(zip(names, labels, strict=True)), float(n)) for labels, n in places.items()]
    yield from _metric("reelog_places", "gauge", "Worker processes by seat, node and state", counted)
    waiting = [((("seat", name),), float(pool.get("waiting", 0))) for name, pool in pools.items()]
    yield from _metric("reelog_attempts_waiting", "gauge", "Attempts that wait for a place", waiting)


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
        yield _line(f"{name}_sum", (label,), histogram.total_s)
        yield _line(f"{name}_count", (label,), below)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    number = str(int(value)) if float(value).is_integer() else repr(float(value))
    return f"{name}{{{inside}}} {number}\n" if inside else f"{name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
