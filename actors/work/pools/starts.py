"""How often the start of a pool's workers has failed, and when the next may be tried.

A worker whose constructor raises is gone for good: Ray starts it no second time. So another is asked for in
its place, after a pause that grows with each failure. What failed is told until a worker of the pool has
answered.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger("reelog.director")

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
TRIES = 5
"""After so many failures in a row a pool passes for one that cannot be filled. It is tried further."""


def pause_s(failures: int) -> float:
    """How long to wait after so many failures in a row."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 30))


class Starts:
    """``name`` is the pool's, for the log."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._failures = 0
        self._error = ""
        self._free_from = 0.0

    @property
    def may_be_tried(self) -> bool:
        return self.wait_s <= 0

    @property
    def wait_s(self) -> float:
        return self._free_from - self._clock()

    def failed(self, error: str) -> None:
        self._failures += 1
        self._error = error
        self._free_from = self._clock() + pause_s(self._failures)
        log.warning("a worker of the %s failed (%d in a row): %s", self._name, self._failures, error)

    def succeeded(self) -> None:
        self._failures, self._error, self._free_from = 0, "", 0.0

    def state(self) -> dict[str, Any]:
        """``{"state", "failures", "error"}`` where the last start failed, else nothing."""
        if not self._failures:
            return {}
        state = "cannot be started" if self._failures >= TRIES else "starting again"
        return {"state": state, "failures": self._failures, "error": self._error}
