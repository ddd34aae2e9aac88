"""The camera moves slowly, smoothly, and never out of the picture."""

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from actors.media.interest import find_focus
from actors.media.motion import Motion, Move, choose_motion

share = st.floats(0, 1, allow_nan=False)


@given(st.sampled_from(Move), st.floats(0.001, 0.5), share, share, share)
def test_the_window_never_leaves_the_picture(
    move: Move, strength: float, x: float, y: float, at: float
) -> None:
    view = Motion(move, strength, (x, y)).view(at)
    for centre in (view.x, view.y):
        assert centre - view.size / 2 >= -1e-9
        assert centre + view.size / 2 <= 1 + 1e-9


@given(st.sampled_from(Move), st.floats(0.001, 0.5), st.floats(0.22, 0.78), st.floats(0.22, 0.78), share)
def test_what_is_not_in_the_outer_eighth_is_always_seen_whole(
    move: Move, strength: float, x: float, y: float, at: float
) -> None:
    """Where models are asked to keep faces; a focus is never nearer to an edge than 0.22."""
    view = Motion(move, strength, (x, y)).view(at)
    for centre in (view.x, view.y):
        assert centre - view.size / 2 <= 1 / 8
        assert centre + view.size / 2 >= 7 / 8


def test_the_focus_keeps_away_from_the_edges() -> None:
    """A single bright thing in a corner, which draws all interest."""
    picture = Image.new("RGB", (320, 180), (20, 30, 40))
    picture.paste((250, 240, 90), (300, 0, 320, 20))
    target = BytesIO()
    picture.save(target, "PNG")
    assert find_focus(target.getvalue()) == (0.78, 0.22)


@given(st.integers(1, 40), st.sampled_from(["calm", "tense", "hopeful", "neutral"]), st.floats(2, 120))
def test_every_scene_moves_all_the_time(scene: int, mood: str, seconds: float) -> None:
    motion = choose_motion(scene, mood, seconds)
    views = [motion.view(step / 20) for step in range(21)]
    for before, after in pairwise(views):
        moved = abs(after.x - before.x) + abs(after.y - before.y) + abs(after.size - before.size)
        assert moved > 0.0005


@given(st.integers(1, 40), st.floats(2, 30))
def test_no_move_is_hasty(scene: int, seconds: float) -> None:
    motion = choose_motion(scene, "joyful", seconds)
    step = 1 / (30 * seconds)
    for at in (0.0, 0.25, 0.5, 0.75):
        before, after = motion.view(at), motion.view(at + step)
        assert abs(after.size - before.size) + abs(after.x - before.x) < 0.0025


def test_neighbours_of_one_mood_move_differently() -> None:
    moves = [choose_motion(scene, "calm", 5).move for scene in range(1, 9)]
    assert all(a != b for a, b in pairwise(moves))


def test_the_same_scene_always_moves_the_same_way() -> None:
    assert choose_motion(3, "calm", 5, seed="job") == choose_motion(3, "calm", 5, seed="job")
    assert len({choose_motion(3, "calm", 5, seed=str(n)).move for n in range(20)}) > 1


@pytest.mark.parametrize("focus", [(0.2, 0.3), (0.8, 0.6)])
def test_zooming_in_keeps_the_focus_where_it_is_in_the_frame(focus: tuple[float, float]) -> None:
    motion = Motion(Move.ZOOM_IN, 0.16, focus)
    places = [
        ((focus[0] - view.x) / view.size, (focus[1] - view.y) / view.size)
        for view in (motion.view(0), motion.view(0.5), motion.view(1))
    ]
    for place in places[1:]:
        assert place == pytest.approx(places[0], abs=1e-9)
