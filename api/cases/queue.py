"""How many jobs may wait for those who do the work; a refusal says when to come back."""

import math
import threading
import time

from api.cases.errors import Refusal
from projections.readers import ReadModels

QUEUE_RETRY_S = 30
COUNT_VALID_S = 1.0


class Queue:
    """Counts the jobs that wait, with the board's number of a moment ago and what was let in since."""

    def __init__(self, readers: ReadModels, limit: int) -> None:
        self._readers = readers
        self._limit = limit
        self._lock = threading.Lock()
        self._counted_at = -math.inf
        self._waiting = 0

    def enter(self, jobs: int = 1) -> None:
        """Count so many more in. Raises Refusal when more would wait than may.

        Blocks; call it in a thread of those that may wait. Two that counted at once would let in one too
        many, so they count in turn.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._counted_at > COUNT_VALID_S or self._waiting + jobs > self._limit:
                self._waiting = self._readers.job_counts().get("queued", 0)
                self._counted_at = now
            if self._waiting + jobs > self._limit:
                raise Refusal(
                    "queue_full",
                    f"{self._waiting} jobs are waiting, and {self._limit} may.",
                    retry_after_s=QUEUE_RETRY_S,
                )
            self._waiting += jobs
