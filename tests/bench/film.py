"""Long films: what a decision and a projected event cost in a film of a hundred scenes, beside one of eight.

Both sides live the same life (a few workers, every attempt makes what it should) and each figure is the mean
over all of it, so that the few events that concern every scene are in it too. The contract is at most three
times. That neither looks at more of a long film is held by ``tests/domain/test_film.py``, without a clock.
"""

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from domain.film_graph import ANALYSIS
from domain.store import Recorded
from domain.workflow import workflow
from projections.job_fold import JobFold
from projections.wire import encode
from tests.bench.report import Bench, Row, spread
from tests.domain.simulation import World
from tests.projections.costs import Story

LONG, SHORT = 100, 8
ROUNDS = 5
MILLISECONDS = 1e3


def _timed(function: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def _decisions(scenes: int) -> float:
    """Milliseconds for one decision, asked after each thing that happens."""
    took: list[float] = []

    def ask(world: World) -> None:
        ordered = {order.key: 0.0 for order in world.queue}
        took.append(_timed(lambda: workflow(world.film, world.now, ordered)))

    story = Story(scenes)
    story.watch = ask
    story.run()
    return MILLISECONDS * sum(took) / len(took)


def _projected(events: Sequence[Any], first: int = 0) -> float:
    """Milliseconds for one event: folded, and all that it changes encoded as it is stored."""
    fold, took = JobFold(), []
    for position, event in enumerate(events, 1):
        took.append(_timed(lambda: _project(fold, Recorded(position, event))))  # noqa: B023 - called at once
    return MILLISECONDS * sum(took[first:]) / len(took[first:])


def _project(fold: JobFold, recorded: Recorded) -> None:
    fold.apply(recorded)
    fold.body()
    fold.take_scenes()
    for _, page, revisions in fold.take_changed().values():
        encode(page)
        encode(revisions)


def measure(quick: bool) -> list[Row]:
    rounds = 1 if quick else ROUNDS
    lives = {scenes: Story(scenes).run() for scenes in (LONG, SHORT)}
    ends = {scenes: len(story.log) for scenes, story in lives.items()}
    for story in lives.values():
        story.regenerate(ANALYSIS)
        story.run()
    sides: dict[str, Callable[[int], float]] = {
        "one decision": _decisions,
        "one projected event": lambda scenes: _projected(lives[scenes].log[: ends[scenes]]),
        "one of a regenerated analysis": lambda scenes: _projected(lives[scenes].log, ends[scenes]),
    }
    taken: dict[str, dict[int, list[float]]] = {name: {LONG: [], SHORT: []} for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            for scenes in (LONG, SHORT):
                gc.collect()
                taken[name][scenes].append(side(scenes))
    return [
        Row(name, median(took[LONG]), median(took[SHORT]), "ms", spread(took[LONG]), at_most=3)
        for name, took in taken.items()
    ]


BENCH = Bench(
    "film",
    f"a film of {LONG} scenes beside one of {SHORT}",
    (f"{LONG} scenes", f"{SHORT} scenes"),
    measure,
)
