"""One job's fold makes again only what an event concerns, and what it hands out is whole at every moment."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.film_graph import ANALYSIS
from domain.store import Recorded
from projections import job_fold
from projections.job_fold import JobFold, has_gap, with_scenes
from projections.wire import encode
from tests.domain.simulation import World


class Worded(World):
    """Its scenes have words, which pages show."""

    def found(self) -> list[dict[str, Any]]:
        return [scene | {"text": f"Words of scene {n}."} for n, scene in enumerate(super().found(), 1)]


def life(scenes: int, seed: int, *, accidents: bool = True) -> Worded:
    random = Random(seed)  # noqa: S311 - chance in a test, not a secret
    world = Worded(
        options={},
        scenes=scenes,
        choose=lambda _question, answers: random.choice(answers),
        accidents=accidents,
    )
    world.run()
    world.accidents = False
    world.reopen()
    world.run()
    world.scenes = 1 + scenes % 3
    world.regenerate(ANALYSIS)
    world.run()
    return world


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_what_was_handed_out_piece_by_piece_is_what_the_whole_fold_shows(scenes: int, seed: int) -> None:
    fold, stored = JobFold(), {}
    stored_scenes: dict[int, bytes] = {}
    for position, event in enumerate(life(scenes, seed).log, 1):
        fold.apply(Recorded(position, event))
        taken = fold.take_scenes()
        if taken.all_of_them:
            stored_scenes = {place: body for place, body in stored_scenes.items() if place < taken.count}
        stored_scenes |= taken.changed
        bodies = [stored_scenes[place] for place in sorted(stored_scenes)]
        assert has_gap(fold.body())
        assert with_scenes(fold.body(), bodies) == encode(fold.page())
        stored |= {asset_id: encode(page) for asset_id, page in fold.take_changed().items()}
        assert stored == {asset_id: encode(page) for asset_id, page in fold.asset_pages().items()}


def test_a_fold_shows_the_same_whenever_it_was_asked_before() -> None:
    events = [Recorded(n, event) for n, event in enumerate(life(3, 1).log, 1)]
    asked = JobFold()
    for recorded in events:
        asked.apply(recorded)
        asked.body()
        asked.film.is_complete  # noqa: B018 - a question, which settles what is current
    assert asked.page() == JobFold.of(events).page()


def pages_made(scenes: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """How many pages of scenes and assets an event makes, on the average of a film's life."""
    made = []

    def counted(*arguments: Any) -> Any:
        made.append(arguments)
        return scene_page(*arguments)

    scene_page = job_fold.scene_page
    fold, taken = JobFold(), 0
    log = life(scenes, 1, accidents=False).log
    with monkeypatch.context() as patch:
        patch.setattr(job_fold, "scene_page", counted)
        for position, event in enumerate(log, 1):
            fold.apply(Recorded(position, event))
            fold.take_scenes()
            taken += len(fold.take_changed())
    return (len(made) + taken) / len(log)


def test_an_event_makes_no_more_pages_of_a_long_film_than_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short, long = pages_made(4, monkeypatch), pages_made(24, monkeypatch)
    assert long <= 1.5 * short, (short, long)
