"""What Prometheus asks: how many jobs there are, what attempts came to and cost, who watches, what lags.

What the log knows is counted by the projector, so the counters survive restarts and two servers on one store
tell the same: take one, or the maximum, never the sum. The rest (requests, streams, lags, the process) is
this process's own. `deploy/grafana/reelog.json` shows all of it.

Never a label with a job's id: each would be a series for ever.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import Counter as RequestCounter
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.composition import System
from api.http.parameters import STATUSES
from api.webhooks.deliveries import PENDING
from projections.totals import BUCKETS, Totals

MEDIA_TYPE = "text/plain; version=0.0.4"
CREW_TIMEOUT_S = 1.0
"""A crew that is starting answers late; what it does is not worth a scrape that fails."""
LAG_PERIOD_S = 0.25
LAG_WINDOW = 60
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

MOST_CALLERS = 100
OPERATION = "reelog.operation"
"""In the scope of a request: the id of the operation that answers it."""
NO_OPERATION = "none"
"""Of a request that was refused before it came to one, or for which there is none."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each series, which nobody asks for

# ---- of this process ------------------------------------------------------------------------------------


class Meter:
    """Counts what this process does; ``running`` measures how late its event loop is."""

    def __init__(self) -> None:
        self.streams = 0
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = RequestCounter(
            "reelog_http_requests",
            "Requests by operation and status",
            ("operation", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "reelog_http_request_seconds",
            "How long requests waited until their answer began, by operation",
            ("operation",),
            registry=self.registry,
            buckets=REQUEST_BUCKETS,
        )
        self._lags: deque[float] = deque([0.0], maxlen=LAG_WINDOW)

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request whose answer begins."""
        operation = scope.get(OPERATION, NO_OPERATION)
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

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
    text = await to_thread.run_sync(_text, Asked(state.system, state.meter, at_work))
    return Response(text, 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def _text(asked: "Asked") -> bytes:
    return generate_latest(asked) + generate_latest(asked.meter.registry)


@dataclass(frozen=True)
class Asked(Collector):
    """All that is counted elsewhere, as it is when it is asked for."""

    system: System
    meter: Meter
    at_work: Mapping[str, Any]

    def collect(self) -> Iterator[Metric]:
        system = self.system
        totals = system.readers.totals()
        head, projected = system.log.head(), system.readers.position()
        build = (version("reelog"), system.provider)
        yield _gauge("reelog_build_info", "Which build this is", ("version", "provider"), {build: 1})
        jobs = {(status,): totals.jobs.get(status, 0) for status in STATUSES}
        yield _gauge("reelog_jobs", "Jobs by status", ("status",), jobs)
        aside = len(system.readers.set_aside())
        yield _single("reelog_jobs_set_aside", "Jobs with an event that cannot be folded", aside)
        yield _single("reelog_queue_depth", "Jobs that wait to be begun", totals.jobs.get("queued", 0))
        names = ("stage", "model", "outcome", "code")
        yield _counter("reelog_attempts", "Ended attempts by outcome", names, totals.attempts)
        cost = {(model,): usd for model, usd in totals.cost_usd.items()}
        yield _counter("reelog_cost_usd", "What attempts cost, as far as priced", ("model",), cost)
        yield from _by_caller(totals)
        yield _stages(totals)
        told = system.webhooks.deliveries.counts()
        pending = told.pop(PENDING)
        yield _single("reelog_webhook_deliveries_pending", "Deliveries that are to be made", pending)
        ended = {(outcome,): n for outcome, n in told.items()}
        yield _counter("reelog_webhook_deliveries", "Ended deliveries by outcome", ("outcome",), ended)
        yield from _traces(system)
        yield _single("reelog_sse_clients", "Streams that are open", self.meter.streams)
        yield _single("reelog_log_events", "Events in the log", head)
        lag = max(0, head - projected)
        yield _single("reelog_projection_lag_events", "Events that the read models do not hold yet", lag)
        late_s = self.meter.loop_lag_s
        yield _single("reelog_event_loop_lag_seconds", "How late the event loop was lately", late_s)
        yield from _places(self.at_work.get("crew") or {})


def _by_caller(totals: Totals) -> Iterator[Metric]:
    """By key: of those that cost most, so that there are no more series than can be looked at."""
    told = sorted(totals.caller_jobs, key=lambda c: (-totals.caller_cost_usd.get(c, 0.0), c))[:MOST_CALLERS]
    submitted = {(caller,): totals.caller_jobs[caller] for caller in told}
    yield _counter("reelog_caller_jobs", "Jobs by the key of who submitted", ("caller",), submitted)
    cost = {(caller,): totals.caller_cost_usd.get(caller, 0.0) for caller in told}
    yield _counter("reelog_caller_cost_usd", "What the jobs of each key cost", ("caller",), cost)


def _traces(system: System) -> Iterator[Metric]:
    """Nothing where no spans are exported."""
    exporter, status = system.traces.exporter, system.traces.status()
    if exporter is None or status is None:
        return
    lag = status["lag_events"] or 0
    yield _single("reelog_trace_lag_events", "Events beyond those whose spans were sent", lag)
    spans = {("sent",): exporter.sent, ("refused",): exporter.refused}
    yield _counter("reelog_trace_spans", "Spans that this process exported", ("outcome",), spans)


def _places(pools: Mapping[str, Any]) -> Iterator[Metric]:
    """Who works where, as the actors of this process tell: none where it has none."""
    places = Counter(
        (name, place.get("address") or "", place["state"])
        for name, pool in pools.items()
        for place in pool.get("places", ())
    )
    names = ("seat", "node", "state")
    yield _gauge("reelog_places", "Worker processes by seat, node and state", names, places)
    waiting = {(name,): pool.get("waiting", 0) for name, pool in pools.items()}
    yield _gauge("reelog_attempts_waiting", "Attempts that wait for a place", ("seat",), waiting)


def _single(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


def _gauge(name: str, said: str, labels: Iterable[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=list(labels))
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _counter(name: str, said: str, labels: Iterable[str], values: Mapping[Any, float]) -> Metric:
    """The library adds ``_total`` to the name."""
    family = CounterMetricFamily(name, said, labels=list(labels))
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _stages(totals: Totals) -> Metric:
    family = HistogramMetricFamily("reelog_stage_seconds", "How long stages took", labels=["stage"])
    for stage, histogram in sorted(totals.stages.items()):
        below, buckets = 0, []
        for bound, count in zip((*BUCKETS, float("inf")), histogram.counts, strict=True):
            below += count
            buckets.append(("+Inf" if bound == float("inf") else f"{bound:g}", float(below)))
        family.add_metric([stage], buckets, histogram.total_s)
    return family
