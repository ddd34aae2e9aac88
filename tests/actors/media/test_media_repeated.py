"""Music that is shorter than its film is heard again, without a gap and without a step."""

import numpy as np
import pytest

from actors.media.repeated import Repeated
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE
from tests.actors.files.material import tone


class Piece:
    def __init__(self, wave: Samples) -> None:
        self._wave = wave

    def __len__(self) -> int:
        return len(self._wave)

    def read(self, start: int, stop: int) -> Samples:
        part = self._wave[max(0, start) : max(0, stop)]
        return np.pad(part, ((0, stop - start - len(part)), (0, 0)))

    def close(self) -> None:
        pass


@pytest.fixture
def song() -> Samples:
    wave = tone(9)
    return np.stack([wave, wave], axis=1)


def test_it_begins_as_it_is_and_is_as_long_as_asked(song: Samples) -> None:
    repeated = Repeated(Piece(song), 30 * SAMPLE_RATE)
    assert len(repeated) == 30 * SAMPLE_RATE
    assert np.array_equal(repeated.read(0, 6 * SAMPLE_RATE), song[: 6 * SAMPLE_RATE])


def test_no_second_of_it_is_silent_and_none_is_loud(song: Samples) -> None:
    heard = Repeated(Piece(song), 30 * SAMPLE_RATE).read(0, 30 * SAMPLE_RATE)
    loud = np.abs(heard).reshape(30, -1).max(axis=1)
    assert loud.min() > 0.15
    assert loud.max() < 0.45
    assert np.abs(np.diff(heard[:, 0])).max() < 0.05, "a step would be heard as a click"


def test_a_piece_of_it_is_the_same_wherever_it_is_read(song: Samples) -> None:
    repeated = Repeated(Piece(song), 30 * SAMPLE_RATE)
    whole = repeated.read(0, 30 * SAMPLE_RATE)
    for start in range(0, 30 * SAMPLE_RATE, 50_000):
        stop = start + 50_000
        part = repeated.read(start, stop)
        end = min(stop, len(whole))
        assert np.array_equal(part[: end - start], whole[start:end])
