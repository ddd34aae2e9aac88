"""How far one of everything reaches, and what it takes to make 10^3, 10^5 and 10^7 films a day.

A queueing model whose inputs are what one film costs and what one store bears, as `film_costs.py` measured
them. What a station does for a film, times the films that come in a second, is how many of it are kept busy;
where that is above one, one of it does not do. A discrete-event simulation of one cell (a store with all that
works on it) then says how long films take and how many are under way; the same seed gives the same figures.
``python -m tests.bench.scale`` prints the tables of ``docs/SCALE.md``.

Longer than other files: the model, its simulation and its tables are read together.
"""

import heapq
import json
import math
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.bench.film_costs import COSTS, SCENES, FilmCosts

LOADS = (1_000, 100_000, 10_000_000)
"""Films a day."""
DAY_S = 86_400.0
PEAK = 3.0
"""Assumed: the busiest hour brings three times the mean."""
WATCHERS = 2
"""Assumed: streams that follow each film while it is made."""
BUSY = 0.7
"""No station is to be busier: queues grow fast beyond."""
CALL_S = {"analysis": 8.0, "storyboard": 8.0, "audio_plan": 6.0, "image": 10.0, "narration": 5.0}
"""Assumed: what a model takes to answer. It decides how many films are under way, and no station's work."""
PLACE_CPUS = 2
DELIVERIES_S, CLIENTS = 20_000, 1_000
"""Of one API process, by ``python -m tests.bench sse`` (docs/STREAMS.md)."""
SUBMIT_S = 0.006
"""Of one API process, by ``python -m tests.bench long_life`` (docs/LONG_LIFE.md)."""
FILM_MB = 0.15
"""What a film of eight scenes takes of the Director's memory, held by its test."""
SIMULATED = 400
SINGLE = ("log", "projector")
"""There is one of these for each store: more of them means more stores."""


@dataclass(frozen=True)
class Station:
    """Somebody who does something for each film; ``work_s`` is what it takes one of them."""

    name: str
    work_s: float

    def busy(self, films_s: float) -> float:
        """How many of it are kept busy all the time."""
        return films_s * self.work_s

    def needed(self, films_s: float) -> int:
        return max(1, math.ceil(self.busy(films_s) / BUSY))

    @property
    def films_a_day(self) -> float:
        """The most that one of it does, at ``BUSY``, when the peak is as assumed."""
        return DAY_S * BUSY / (PEAK * self.work_s)


def films_s(films_a_day: float) -> float:
    """Films a second in the busiest hour."""
    return PEAK * films_a_day / DAY_S


def stations(costs: FilmCosts) -> dict[str, Station]:
    works = {
        "log": costs.appends / costs.postgresql_appends_s,
        "Director": costs.desk_cpu_s,
        "projector": costs.events / costs.projector_events_s,
        "renderers": costs.renderer_cpu_s / PLACE_CPUS,
        "artists": costs.artist_cpu_s,
        "streams": costs.events * WATCHERS / DELIVERIES_S,
        "submissions": SUBMIT_S,
    }
    return {name: Station(name, work_s) for name, work_s in works.items()}


@dataclass(frozen=True)
class Plan:
    """How many of each a load takes; a cell is one store with what works on it."""

    films_s: float
    cells: int
    shares: int
    """Directors of a cell, each with the lease of its share."""
    renderers: int
    artists: int
    """Places of a cell."""

    @property
    def films_s_of_cell(self) -> float:
        return self.films_s / self.cells


def plan(costs: FilmCosts, films_a_day: float) -> Plan:
    rate, all_of = films_s(films_a_day), stations(costs)
    cells = max(all_of[name].needed(rate) for name in SINGLE)
    of_cell = rate / cells
    shares, renderers, artists = (
        all_of[name].needed(of_cell) for name in ("Director", "renderers", "artists")
    )
    return Plan(rate, cells, shares, renderers, artists)


# ---- the simulation ---------------------------------------------------------------------------------


class Clock:
    """What is to happen, in the order of time; at one time in the order in which it was arranged."""

    def __init__(self) -> None:
        self.now = 0.0
        self._next: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._next, (self.now + seconds, self._number, do))

    def run(self) -> None:
        while self._next:
            self.now, _, do = heapq.heappop(self._next)
            do()


@dataclass
class Queue:
    """So many servers, and who waits for them, first come first served."""

    clock: Clock
    servers: int
    busy_s: float = 0.0
    longest: int = 0
    _busy: int = 0
    _waiting: deque[tuple[float, Callable[[], None]]] = field(default_factory=deque)

    def arrive(self, work_s: float, then: Callable[[], None]) -> None:
        self._waiting.append((work_s, then))
        self.longest = max(self.longest, len(self._waiting))
        self._begin()

    def _begin(self) -> None:
        while self._busy < self.servers and self._waiting:
            work_s, then = self._waiting.popleft()
            self._busy += 1
            self.busy_s += work_s
            self.clock.after(work_s, lambda then=then: self._end(then))  # type: ignore[misc]

    def _end(self, then: Callable[[], None]) -> None:
        self._busy -= 1
        then()
        self._begin()


PHASES: tuple[tuple[str, ...], ...] = (
    ("analysis",),
    ("storyboard", "audio_plan"),
    ("image",) * SCENES + ("narration",) * SCENES,
    ("clip",) * SCENES,
    ("video",),
)
"""What a film waits for, one after the other. A clip is begun when all pictures are there, so it is later
than in truth; and what a renderer does for a film is shared alike by the clips and the film."""
ASSETS = sum(len(phase) for phase in PHASES)
RENDERED = SCENES + 1


@dataclass(frozen=True)
class Outcome:
    took_s: tuple[float, ...]
    """Of each film, in the order in which they came."""
    ended_s: float
    """When the last one was made."""
    arrived_s: float
    """When the last one came."""
    under_way: float
    """Films, on average over time."""
    busy_s: dict[str, float]
    longest: dict[str, int]

    def at(self, share: float) -> float:
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Cell:
    """One store with its log, Directors, renderers and projector, and the films that come to it."""

    def __init__(self, costs: FilmCosts, shares: int, renderers: int, seed: int) -> None:
        self.clock = Clock()
        self._random = random.Random(seed)  # noqa: S311 - a simulation
        self._work_s = {name: station.work_s for name, station in stations(costs).items()}
        # A film is always directed by the Director of its share.
        self._directors = [Queue(self.clock, 1) for _ in range(shares)]
        self.queues = {
            "log": Queue(self.clock, 1),
            "projector": Queue(self.clock, 1),
            "renderers": Queue(self.clock, renderers),
        }
        self.took_s: dict[int, float] = {}

    def run(self, rate: float, films: int) -> Outcome:
        """So many films, which come at random, ``rate`` a second; ends when all are made."""
        at = 0.0
        for number in range(films):
            at += self._random.expovariate(rate)
            self.clock.after(at, lambda number=number: self._begin(number))  # type: ignore[misc]
        self.clock.run()
        busy = {name: queue.busy_s for name, queue in self.queues.items()}
        longest = {name: queue.longest for name, queue in self.queues.items()}
        busy["Director"] = sum(queue.busy_s for queue in self._directors)
        longest["Director"] = max(queue.longest for queue in self._directors)
        took = tuple(self.took_s[number] for number in range(films))
        return Outcome(took, self.clock.now, at, sum(took) / self.clock.now, busy, longest)

    def _begin(self, number: int) -> None:
        began = self.clock.now
        director = self._directors[number % len(self._directors)]
        phases = iter(PHASES)

        def next_phase() -> None:
            phase = next(phases, None)
            if phase is None:
                self.took_s[number] = self.clock.now - began
                return
            left = len(phase)

            def made() -> None:
                nonlocal left
                left -= 1
                if not left:
                    next_phase()

            for kind in phase:
                self._make(director, kind, made)

        next_phase()

    def _make(self, director: Queue, kind: str, made: Callable[[], None]) -> None:
        """Decided, on record, made, on record: and each record is projected."""

        def work() -> None:
            if kind in CALL_S:
                # Around the mean, never below half of it.
                self.clock.after(
                    CALL_S[kind] * (0.5 + self._random.expovariate(2.0)), lambda: self._append(made)
                )
            else:
                share = self._work_s["renderers"] / RENDERED
                self.queues["renderers"].arrive(share, lambda: self._append(made))

        director.arrive(self._work_s["Director"] / ASSETS, lambda: self._append(work))

    def _append(self, then: Callable[[], None]) -> None:
        def appended() -> None:
            self.queues["projector"].arrive(self._work_s["projector"] / ASSETS / 2, lambda: None)
            then()

        self.queues["log"].arrive(self._work_s["log"] / ASSETS / 2, appended)


def simulate(
    costs: FilmCosts, rate: float, *, shares: int, renderers: int, films: int = SIMULATED, seed: int = 1
) -> Outcome:
    """One cell with films at this rate."""
    return Cell(costs, shares, renderers, seed).run(rate, films)


# ---- tables -----------------------------------------------------------------------------------------


def load_costs() -> FilmCosts:
    return FilmCosts(**json.loads(COSTS.read_text(encoding="utf-8"))["costs"])


def tables(costs: FilmCosts) -> Iterator[str]:
    """Of ``docs/SCALE.md``, in its order."""
    yield _table(("one of", "seconds a film", "films a day"), _reach(costs))
    yield _table(("a day", *(f"{load:,} films" for load in LOADS)), _volumes(costs))
    yield _table(("busy in the busiest hour", *(f"{load:,} films" for load in LOADS)), _busy(costs))
    yield _table(("what it takes", *(f"{load:,} films" for load in LOADS)), _needed(costs))


def _reach(costs: FilmCosts) -> Iterator[Sequence[str]]:
    for station in sorted(stations(costs).values(), key=lambda one: one.films_a_day):
        yield station.name, _figure(station.work_s), _figure(station.films_a_day)


def _volumes(costs: FilmCosts) -> Iterator[Sequence[str]]:
    of_a_film = {
        "events": (costs.events, 1, ""),
        "appends to the log (each a flush)": (costs.appends, 1, ""),
        "log": (costs.log_bytes, 1e9, " GB"),
        "read models": (costs.read_model_bytes, 1e9, " GB"),
        "blobs": (costs.blob_bytes, 1e12, " TB"),
        "provider calls": (costs.calls, 1, ""),
        "calls at catalogue prices": (costs.cost_usd, 1, " $"),
        "CPU hours of renderers": (costs.renderer_cpu_s, 3600, ""),
        f"stream deliveries ({WATCHERS} watchers a film)": (costs.events * WATCHERS, 1, ""),
    }
    for name, (each, unit, sign) in of_a_film.items():
        yield name, *(f"{_figure(each * load / unit)}{sign}" for load in LOADS)


def _busy(costs: FilmCosts) -> Iterator[Sequence[str]]:
    yield "films a second", *(_figure(films_s(load)) for load in LOADS)
    appends = [_figure(costs.appends * films_s(load)) for load in LOADS]
    yield f"appends a second, of {_figure(costs.postgresql_appends_s)}", *appends
    for station in stations(costs).values():
        yield station.name, *(_figure(station.busy(films_s(load))) for load in LOADS)


def _needed(costs: FilmCosts) -> Iterator[Sequence[str]]:
    plans = [plan(costs, load) for load in LOADS]
    runs = [simulate(costs, p.films_s_of_cell, shares=p.shares, renderers=p.renderers) for p in plans]
    median = [run.at(0.5) for run in runs]
    under_way = [p.films_s * sum(run.took_s) / len(run.took_s) for p, run in zip(plans, runs, strict=True)]
    all_of = stations(costs)

    def servers(plan: Plan, films: float) -> int:
        """API processes: each cell has its own."""
        rate = plan.films_s_of_cell
        clients = math.ceil(films / plan.cells * WATCHERS / CLIENTS / BUSY)
        return plan.cells * max(clients, all_of["streams"].needed(rate), all_of["submissions"].needed(rate))

    yield "stores (cells)", *(_figure(p.cells) for p in plans)
    yield "Directors of each", *(_figure(p.shares) for p in plans)
    yield "renderers in all, of two CPUs", *(_figure(p.renderers * p.cells) for p in plans)
    yield "artists in all", *(_figure(p.artists * p.cells) for p in plans)
    yield "API processes", *(_figure(servers(p, n)) for p, n in zip(plans, under_way, strict=True))
    in_flight = sum(CALL_S.get(kind, 0.0) for phase in PHASES for kind in phase)
    yield "calls in flight", *(_figure(p.films_s * in_flight) for p in plans)
    yield "films under way", *(_figure(number) for number in under_way)
    yield "the Directors' memory for them", *(f"{_figure(n * FILM_MB)} MB" for n in under_way)
    yield "simulated: half of the films within", *(f"{_figure(took)} s" for took in median)
    yield "simulated: 99 of 100 within", *(f"{_figure(run.at(0.99))} s" for run in runs)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(value: float) -> str:
    """Three figures that count."""
    if value >= 100 or value == int(value):
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def main() -> None:
    sys.stdout.write("\n\n".join(tables(load_costs())) + "\n")


if __name__ == "__main__":
    main()
