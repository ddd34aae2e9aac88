"""What the Director holds: bytes are counted as Python allocates them, so no machine matters."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from domain.film import Film
from domain.ports import Unfinished
from tests.actors.conftest import Crew
from tests.domain.simulation import World

pytestmark = pytest.mark.slow

JOBS = 50
WAITING_BYTES = 50_000
"""A quarter of what a waiting job may take in all processes."""
SCENE_BYTES = 20_000
"""A scene is some four assets: of each its state, and what it is made from."""


@pytest.fixture
def growth() -> Iterator[Callable[[], int]]:
    """Bytes that were allocated since the last call and are still held."""
    tracemalloc.start()
    before = 0

    def since() -> int:
        nonlocal before
        gc.collect()
        now, _ = tracemalloc.get_traced_memory()
        grown, before = now - before, now
        return grown

    since()
    yield since
    tracemalloc.stop()


def test_a_waiting_job_takes_little_more_than_its_script(crew: Crew, growth: Callable[[], int]) -> None:
    jobs = [crew.submit().id for _ in range(JOBS + 1)]
    desk = crew.desk()
    desk.take_over(Unfinished((jobs[0],), 0))  # what every job needs is had with the first
    growth()
    desk.take_over(Unfinished(tuple(jobs), 0))
    assert len(desk.cases) == JOBS + 1
    assert growth() / JOBS < WAITING_BYTES


@pytest.mark.parametrize("scenes", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_a_film_takes_so_much_for_each_scene(scenes: int, growth: Callable[[], int]) -> None:
    """Some megabytes for a hundred of them: next to the process, the film's length does not show."""
    made(scenes)  # what every film needs is had with the first
    growth()
    film = made(scenes)
    assert len(film.assets) > 3 * scenes
    assert growth() / scenes < SCENE_BYTES


def made(scenes: int) -> Film:
    return World(options={}, scenes=scenes, choose=lambda _, answers: answers[0], accidents=False).run().film
