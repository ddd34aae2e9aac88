"""When a delivery is tried again: soon, then more and more rarely, for a little more than a day."""

import random

PAUSES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 25_200, 36_000)
"""After the first try, the second …; after the last of these it has failed."""
MOST_TRIES = len(PAUSES_S) + 1
SPREAD = 0.1
"""Endpoints that failed together come back spread over so much of a pause."""


def pause_s(tries: int, retry_after_s: float | None = None) -> float | None:
    """How long to wait after so many tries; None: no more. ``retry_after_s`` is what was asked for."""
    if tries >= MOST_TRIES:
        return None
    pause = PAUSES_S[tries - 1]
    asked = min(retry_after_s or 0, PAUSES_S[-1])
    return max(pause, asked) * (1 + random.random() * SPREAD)  # noqa: S311 - no secret
