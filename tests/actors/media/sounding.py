"""Sound in memory, where the tests want to look at all of it at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np

from actors.media import mix, music
from actors.media.listening import Listener
from actors.media.soundtrack import encode, write_soundtrack
from actors.media.speech import Speech
from actors.media.tape import Samples, padded
from domain.script import MusicPlan


class InMemory:
    """Samples (n, channels) that can be read like a tape."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def read(self, start: int, stop: int) -> Samples:
        return padded(start, stop, len(self), self._samples[max(0, start) : max(0, stop)])


def placed(speech: Speech, at_s: float | Fraction) -> mix.Placed:
    """A narration at a moment of the film."""
    return mix.Placed(InMemory(mix.levelled(speech)), Fraction(at_s).limit_denominator(1000))


def new_files(folder: Path) -> Callable[[], Path]:
    numbers = count(len(list(folder.glob("*.raw"))))
    return lambda: folder / f"{next(numbers)}.raw"


def composed(
    folder: Path, plan: MusicPlan, duration_s: float, starts: Sequence[float] = (0.0,), seed: int = 0
) -> Samples:
    """All of the music at once."""
    pieces = music.compose(plan, duration_s, starts, new_file=new_files(folder), seed=seed)
    return np.concatenate([*pieces])


@contextmanager
def master_of(folder: Path, pieces: Iterable[Samples]) -> Iterator[mix.Master]:
    master = mix.Master(new_files(folder))
    try:
        master.record(pieces)
        yield master
    finally:
        master.close()


def mastered(
    folder: Path, samples: int, voices: Sequence[mix.Placed] = (), bed: Samples | None = None
) -> Samples:
    """The film's sound as it goes to the encoder."""
    with master_of(folder, mix.mix(samples, voices, None if bed is None else InMemory(bed))) as master:
        return np.concatenate([*master.pieces()])


def soundtrack_of(folder: Path, sound: Samples, quality: str = "medium") -> tuple[Path, Listener]:
    """A file of this sound, mastered; and what is heard of it."""
    target = folder / "soundtrack.m4a"
    with master_of(folder, [sound]) as master:
        return target, write_soundtrack(master, quality, target)


def encoded(target: Path, sound: Samples, quality: str = "medium") -> Path:
    """A file of this sound as it is, however loud."""
    for _ in encode([sound], quality, str(target)):
        pass
    return target
