"""Progress is counted from finished work; what is learnt later scales only what remains."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.asset import AssetKey
from domain.film_graph import LATEST_GRAPH, SOUND_IN_FILM, SOUNDTRACK, Graph, Scene, guessed_scenes
from domain.progress import ALMOST, Progress
from domain.script import Kind
from domain.submission import Options
from tests.domain.language import START

SILENT = Options(include_audio=False)
ANALYSIS, STORYBOARD = AssetKey(Kind.ANALYSIS), AssetKey(Kind.STORYBOARD)
SECONDS = {k.value: 0.0 for k in Kind} | {"analysis": 4.0, "storyboard": 4.0, "image": 6.0}


def new(options: Options = SILENT, scenes: int = 2, *, measured: bool = True, **seconds: float) -> Progress:
    return Progress({"seconds": SECONDS | seconds, "scenes": scenes, "measured": measured}, options)


def make_all(progress: Progress, scenes: int, **more: Any) -> list[float]:
    shown = []
    for n, key in enumerate(Graph.of(progress.options, guessed_scenes(scenes)).keys, 1):
        progress.made(
            key, START + timedelta(seconds=n), guessed_scenes(scenes) if key == ANALYSIS else None, **more
        )
        shown.append(progress.shown)
    return shown


def test_a_job_that_has_made_nothing_stands_at_zero() -> None:
    assert (new().shown, new().eta_s) == (0.0, None)


def test_an_asset_moves_it_by_its_share_of_the_measured_work() -> None:
    progress = new()  # 4 + 4 + 2 * 6 seconds, and a little for the rest
    progress.made(ANALYSIS, START, guessed_scenes(2))
    assert progress.shown == pytest.approx(4 / 20, abs=0.0015)
    progress.made(STORYBOARD, START)
    assert progress.shown == pytest.approx(8 / 20, abs=0.0015)
    progress.made(AssetKey(Kind.IMAGE, 2), START)
    assert progress.shown == pytest.approx(14 / 20, abs=0.0015)


def test_every_picture_of_a_scene_is_work_of_its_own() -> None:
    progress = new(scenes=1)
    progress.made(ANALYSIS, START, (Scene(1, beats=3),))
    before = progress.shown
    progress.made(AssetKey(Kind.IMAGE, 1, 3), START)
    assert progress.shown == pytest.approx(before + (1 - before) * 6 / 22, abs=0.0015)


def test_more_pictures_than_scenes_are_expected_where_the_job_was_accepted_with_them() -> None:
    few = new(scenes=1)
    many = Progress({"seconds": SECONDS, "scenes": 1, "images": 4, "measured": True}, SILENT)
    for progress in (few, many):
        progress.made(ANALYSIS, START)
    assert few.shown == pytest.approx(4 / 14, abs=0.0015)
    assert many.shown == pytest.approx(4 / 32, abs=0.0015)


def test_an_asset_counts_once() -> None:
    progress = new()
    progress.made(ANALYSIS, START, guessed_scenes(2))
    before = progress.shown
    progress.made(ANALYSIS, START, guessed_scenes(2))
    assert progress.shown == before


def test_more_scenes_than_expected_make_later_steps_smaller() -> None:
    few, many = new(scenes=1), new(scenes=1)
    few.made(ANALYSIS, START, guessed_scenes(1))
    many.made(ANALYSIS, START, guessed_scenes(10))
    assert 0 < many.shown < few.shown


def test_with_everything_made_it_is_almost_one_until_the_job_has_completed() -> None:
    progress = new()
    progress.stage_started(START)
    assert make_all(progress, 2)[-1] == ALMOST
    assert progress.eta_s == 0.0
    progress.completed()
    assert progress.shown == 1.0


def test_it_stays_where_it_was_when_the_job_fails() -> None:
    progress = new()
    progress.made(ANALYSIS, START, guessed_scenes(2))
    before = progress.shown
    progress.stopped()
    assert (progress.shown, progress.eta_s) == (before, None)


def test_a_new_run_begins_at_zero_and_counts_only_what_is_left() -> None:
    progress = new()
    progress.made(ANALYSIS, START, guessed_scenes(2))
    progress.stopped()
    progress.reopened()
    assert progress.shown == 0.0
    progress.made(STORYBOARD, START)
    assert progress.shown == pytest.approx(4 / 16, abs=0.0015)


def test_the_next_run_of_an_old_job_counts_what_is_made_today() -> None:
    progress = Progress({"seconds": SECONDS, "scenes": 1, "measured": True}, Options(), SOUND_IN_FILM)
    for key in Graph.of(Options(), guessed_scenes(1), SOUND_IN_FILM).keys:
        progress.made(key, START, guessed_scenes(1) if key == ANALYSIS else None)
    assert progress.value == pytest.approx(1.0)
    progress.completed()
    progress.reopened(LATEST_GRAPH)
    assert progress.shown == 0.0
    progress.made(SOUNDTRACK, START)
    assert progress.value == pytest.approx(1.0)


def test_a_completed_job_that_is_reopened_is_not_complete() -> None:
    progress = new()
    make_all(progress, 2)
    progress.completed()
    progress.reopened()
    assert progress.shown == 0.0


def test_a_new_revision_undoes_what_is_made_from_it_and_never_takes_back_what_was_shown() -> None:
    progress = new(clip=3.0)
    make_all(progress, 2)
    progress.completed()
    progress.reopened()
    progress.requested(AssetKey(Kind.IMAGE, 1), 2)
    assert progress.shown == 0.0
    progress.made(AssetKey(Kind.IMAGE, 1), START)
    assert progress.shown == pytest.approx(6 / 9, abs=0.01), "image and clip of scene 1 were left to make"


def test_there_is_no_estimate_before_anything_measured_supports_one() -> None:
    guessed = new(measured=False)
    guessed.stage_started(START)
    make_all(guessed, 2)
    assert guessed.eta_s is None


def test_the_estimate_follows_the_pace_so_far() -> None:
    progress = new()
    progress.stage_started(START)
    progress.made(ANALYSIS, START + timedelta(seconds=8), guessed_scenes(2))  # 8 s for what was measured as 4
    assert progress.eta_s == pytest.approx(2 * 16, abs=0.1)


def test_what_is_taken_over_says_nothing_of_the_pace() -> None:
    """A fork that keeps its pictures: each asset that is left takes exactly what was measured."""
    progress = Progress(
        {"seconds": {kind.value: 10.0 for kind in Kind}, "scenes": 10, "measured": True}, Options()
    )
    keys = Graph.of(Options(), guessed_scenes(10)).keys
    kept = [key for key in keys if key.kind in (Kind.ANALYSIS, Kind.STORYBOARD, Kind.IMAGE, Kind.POSTER)]
    left = [key for key in keys if key not in kept]
    for key in kept:
        progress.made(key, START, guessed_scenes(10) if key == ANALYSIS else None, reused=True)
    shown = progress.shown
    assert shown > 0
    assert progress.eta_s is None
    progress.stage_started(START)
    for number, key in enumerate(left, 1):
        progress.made(key, START + timedelta(seconds=10 * number))
        assert progress.eta_s == pytest.approx(10 * (len(left) - number), abs=0.1)
    assert progress.shown == ALMOST


def test_what_is_taken_over_after_the_start_is_not_left_to_do_either() -> None:
    progress = new()
    progress.stage_started(START)
    progress.made(ANALYSIS, START + timedelta(seconds=4), guessed_scenes(2))
    progress.made(STORYBOARD, START + timedelta(seconds=4), reused=True)
    assert progress.eta_s == pytest.approx(12, abs=0.1), "two pictures of 6 s are left"


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.dictionaries(st.sampled_from([k.value for k in Kind]), st.floats(0, 1e6)),
    st.randoms(use_true_random=False),
)
def test_it_never_falls_whatever_the_weights_the_surprise_and_the_order(
    expected: int, found: int, weights: dict[str, float], random: Any
) -> None:
    progress = Progress({"seconds": weights, "scenes": expected, "measured": True}, Options())
    progress.stage_started(START)
    rest = Graph.of(Options(), guessed_scenes(found)).keys[1:]
    random.shuffle(rest)
    last = 0.0
    for second, key in enumerate([ANALYSIS, *rest]):
        scenes = guessed_scenes(found) if key == ANALYSIS else None
        progress.made(key, START + timedelta(seconds=second), scenes)
        assert last <= progress.shown <= ALMOST
        last = progress.shown
    assert last == ALMOST
    progress.completed()
    assert progress.shown == 1.0
