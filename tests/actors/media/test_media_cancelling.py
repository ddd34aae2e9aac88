"""What nobody waits for any longer stops: each part of a film's last step looks, again and again."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from actors.media.cancelling import go_on, stopping_when
from actors.media.check import Expected, check
from actors.media.encode import encode_segment
from actors.media.errors import RenderCancelled
from actors.media.film import join
from actors.media.formats import film_format
from actors.media.mix import mix
from actors.media.soundtrack import write_soundtrack
from actors.media.timeline import SAMPLE_RATE
from domain.script import MusicPlan
from tests.actors.media.sounding import InMemory, composed, encoded, master_of

FORMAT = film_format("16:9", "720p", "low", 24)


@pytest.fixture(scope="module")
def segment() -> bytes:
    noise = np.random.default_rng(1).integers(16, 235, (FORMAT.height * 3 // 2, FORMAT.width), dtype=np.uint8)
    return encode_segment((noise for _ in range(6)), FORMAT, threads=1)


def after(looks: int) -> Callable[[], bool]:
    """Cancelled at the look after so many."""
    counted = itertools.count()
    return lambda: next(counted) >= looks


def test_nothing_is_cancelled_but_what_is_called_meanwhile() -> None:
    go_on()
    with stopping_when(lambda: True), pytest.raises(RenderCancelled):
        go_on()
    go_on()


@pytest.mark.slow
@pytest.mark.parametrize("looks", [0, 1, 3])
def test_joining_stops_between_segments(segment: bytes, tmp_path: Path, looks: int) -> None:
    sound = encoded(tmp_path / "sound.m4a", np.zeros((SAMPLE_RATE, 2), np.float32))
    with stopping_when(after(looks)), pytest.raises(RenderCancelled):
        join([segment] * 4, FORMAT, tmp_path / "film.mp4", sound=sound)


@pytest.mark.parametrize("looks", range(5))
def test_what_is_mixed_mastered_and_encoded_stops(tmp_path: Path, looks: int) -> None:
    """A piece is mixed, a gain tried, another, the whole written: each looks before each piece."""
    sound = np.random.default_rng(1).normal(0, 0.1, (SAMPLE_RATE, 2)).astype(np.float32)

    def soundtrack() -> None:
        with master_of(tmp_path, mix(len(sound), [], InMemory(sound))) as master:
            write_soundtrack(master, FORMAT.quality, tmp_path / "sound.m4a")

    with stopping_when(after(looks)), pytest.raises(RenderCancelled):
        soundtrack()


def test_composing_stops(tmp_path: Path, plan: MusicPlan) -> None:
    with stopping_when(after(1)), pytest.raises(RenderCancelled):
        composed(tmp_path, plan, 12.0)


@pytest.mark.slow
def test_the_check_stops_in_mid_film(segment: bytes, tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    join([segment] * 4, FORMAT, target)
    with stopping_when(after(3)), pytest.raises(RenderCancelled):
        check(target, Expected(FORMAT, 1.0, sound=False))
