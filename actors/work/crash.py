"""Dying on purpose: SIGKILL to this very process at a named moment, once.

For the crash suite alone, which sets ``REELOG_CRASH_AT``. The process gets no chance to tidy up, as in a
power cut or an out-of-memory kill. A marker file makes it happen once in the life of a data folder, however
many processes are armed and however often they are started again.
"""

import itertools
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

from domain import checkpoints


@dataclass(frozen=True)
class Crash:
    """Where to die: ``POINT``, ``POINT@ABOUT``, and ``#N`` for the N-th time that this process gets there.

    ``about`` empty is any. Picklable, so that it reaches the processes of the crew.
    """

    point: str
    about: str
    nth: int
    marker: Path

    @classmethod
    def parse(cls, text: str, folder: Path) -> "Crash":
        """``after:making@image:1#2``; the marker lies in ``folder``. ValueError says what is wrong."""
        where, _, nth = text.partition("#")
        point, _, about = where.partition("@")
        moment, _, what = point.partition(":")
        if point not in checkpoints.SIDE_EFFECTS and (moment not in {"before", "after"} or "." not in what):
            known = ", ".join(checkpoints.SIDE_EFFECTS)
            raise ValueError(f"write before:TOPIC or after:TOPIC of an event, or one of {known}")
        if nth and not (nth.isdecimal() and int(nth)):
            raise ValueError("write a number from 1 after #")
        return cls(point, about, int(nth or 1), folder / f"crashed-at-{text.replace('/', '-')}")


def arm(crash: Crash | None) -> None:
    """Have this process die there, unless one did before."""
    if crash is None:
        return
    times = itertools.count(1)
    turn = threading.Lock()

    def die(point: str, about: str) -> None:
        if point != crash.point or crash.about not in {"", about}:
            return
        with turn:
            if next(times) != crash.nth:
                return
            try:
                crash.marker.touch(exist_ok=False)
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoints.watch(die)
