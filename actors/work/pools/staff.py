"""The workers of the crew as the process knows them that started Ray, and that they belong to.

They would die with a Director that owned them, and their calls in flight with them. So the Director asks for
places, this process fills and ends them, and a Director that was started again is told of all.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from actors.work.crew import Seat
from actors.work.pools.place import End, Start


class Staff:
    """``hire`` starts a worker for a place, ``dismiss`` ends one, whatever state it is in."""

    def __init__(self, hire: Callable[[Start], Any], dismiss: Callable[[Any], None]) -> None:
        self._hire = hire
        self._dismiss = dismiss
        self._workers: dict[str, tuple[Start, Any]] = {}

    def seated(self) -> list[tuple[Start, Any]]:
        return list(self._workers.values())

    def fill(self, request: Start | End) -> tuple[Start, Any] | None:
        """Do what was asked; gives the place and who sits there now, None where it has ended."""
        if isinstance(request, End):
            if (held := self._workers.pop(request.place, None)) is not None:
                # What still starts is not to go on beside the next one; what cannot be ended is gone.
                with contextlib.suppress(Exception):
                    self._dismiss(held[1])
            return None
        if request.place not in self._workers:
            self._workers[request.place] = request, self._hire(request)
        return self._workers[request.place]

    def begin(self, seat: Seat) -> tuple[Start, Any]:
        """Start the first of a seat before it is asked for."""
        first = Start(f"{seat.name}:first", seat.name, seat.cpus)
        self._workers[first.place] = first, self._hire(first)
        return self._workers[first.place]

    def forget(self) -> None:
        """They are gone with the Ray that they were on."""
        self._workers.clear()
