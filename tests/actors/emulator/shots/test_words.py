"""What is to move, and how the camera goes, by the words of a prompt."""

from itertools import pairwise

import pytest

from actors.emulator.pictures.motifs import MOTIFS
from actors.emulator.shots.camera import MOVES, move_of, view
from actors.emulator.shots.words import SUBJECT_MOTIONS, motions_of
from actors.emulator.vocabulary.subjects import SUBJECTS
from actors.emulator.writing.motion import CAMERAS


@pytest.mark.parametrize(
    ("words", "moves"),
    [
        ("the open sea", {"water", "birds"}),
        ("a street in the rain", {"rain", "shimmer"}),
        ("mountains in the snow", {"snow"}),
        ("a campfire with sparks", {"fire", "sparks", "smoke"}),
        ("wheat in the wind", {"sway"}),
        ("a market with people", {"people", "lanterns"}),
    ],
)
def test_what_is_named_moves(words: str, moves: set[str]) -> None:
    assert moves <= motions_of(words).names


def test_what_must_not_be_seen_is_not_called_for() -> None:
    assert "birds" not in motions_of("A room with a lamp. No birds, no rain. Keep fire out of it.")
    assert "fire" not in motions_of("A room with a lamp.\nNo fire")


def test_no_bird_flies_by_night() -> None:
    night = motions_of("the sea at night, birds")
    assert "birds" not in night
    assert "twinkle" in night
    assert night.night


def test_every_motif_knows_what_moves_in_it() -> None:
    assert set(SUBJECT_MOTIONS) == set(MOTIFS) == set(MOTIFS) & set(SUBJECTS)


@pytest.mark.parametrize(
    ("words", "move"),
    [
        ("The camera pushes in slowly", "push"),
        ("slow dolly out", "pull"),
        ("zoom slowly out of the scene", "pull"),
        ("pan to the left", "pan left"),
        ("a slow pan", "pan right"),
        ("the camera drifts slowly to the left", "pan left"),
        ("tilts down to the street", "tilt down"),
        ("The camera rises slowly", "crane"),
        ("locked-off camera", "still"),
        ("The camera stands still", "still"),
        ("nothing is said", "push"),
    ],
)
def test_the_camera_follows_the_words(words: str, move: str) -> None:
    assert move_of(words) == move


def test_each_camera_of_the_storyboard_is_another_move() -> None:
    assert len({move_of(words) for words in CAMERAS}) == len(CAMERAS)


@pytest.mark.parametrize("move", sorted({move for _, move in MOVES} | {"push"}))
def test_a_camera_begins_where_the_picture_is_and_never_jumps(move: str) -> None:
    first = view(move, 0, 5)
    assert (first.zoom, first.x, first.y) == (0, 0, 0)
    zooms = [view(move, n / 120, 5) for n in range(121)]
    steps = [abs(b.zoom - a.zoom) + abs(b.x - a.x) for a, b in pairwise(zooms)]
    assert max(steps) < 0.004
