"""How bytes in a bucket are removed while others may just be about to use them.

A folder has a lock that all who put share and who removes holds alone. A bucket has none, so each side says
what it is about to do before it looks at what the other has said:

- whoever uses bytes that are there already writes ``kept/DIGEST``, and then waits until there is no
  ``removing/DIGEST``;
- whoever removes creates ``removing/DIGEST`` (only one can), and then looks whether the bytes or
  ``kept/DIGEST`` are younger than the grace period. If so it leaves them alone.

A store gives what was last written, so at least one of the two sees the other. Who removes has
``ACTS_WITHIN_S`` from its word to its deed and does not repeat the deed; who has waited for that long and the
time of a request waits for a dead one, and takes its word back. Ages are told by the store's clock alone.

Rejected: the grace period alone (a process may be stopped between its look and its deed); a lease in the
event store, which no part of a blob store knows.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from actors.blobs.bucket import REQUEST_S, Bucket
from domain.checkpoints import reached

GRACE: Final = timedelta(hours=1)
"""Bytes that were put or kept within it are never removed."""
ACTS_WITHIN_S: Final = 20.0
_LOOK_S: Final = 0.1


class Removal:
    def __init__(
        self,
        bucket: Bucket,
        *,
        grace: timedelta = GRACE,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bucket = bucket
        self._grace = grace
        self._clock = clock
        self._pause = pause

    def keep(self, name: str) -> None:
        """From now on nobody removes what has this name; what was being removed may be gone."""
        self._bucket.overwrite(_kept(name), b"")
        self._wait_for_others(name)

    def forget(self, name: str) -> None:
        """Take back that it is kept: there is nothing of this name."""
        self._bucket.delete(_kept(name))

    def remove(self, name: str, key: str, put_before: datetime) -> int | None:
        """How many bytes went with ``key``; None where they are young or kept, 0 where they are gone."""
        found = self._bucket.find(key)
        if found is not None and found["last_modified"] >= put_before:
            return None
        began = self._begin(name)
        # What is raised here leaves our word behind: a request without an answer may still be carried out.
        removed = self._remove(name, key, put_before, began)
        self._bucket.delete(_removing(name))
        return removed

    def _remove(self, name: str, key: str, put_before: datetime, began: float) -> int | None:
        keys = (key, _kept(name), _removing(name))
        found, kept, ours = map(self._bucket.find_in_bucket, keys)
        if found is None:
            self.forget(name)
            return 0
        if ours is None:
            return None  # somebody has given us up
        newest = max(each["last_modified"] for each in (found, kept) if each is not None)
        if newest >= put_before or newest > ours["last_modified"] - self._grace:
            return None
        if self._clock() - began > ACTS_WITHIN_S:
            return None  # whoever waits for us is about to give us up
        reached("before:blob_remove", f"sha256:{name}")
        self._bucket.delete(key)
        reached("after:blob_remove", f"sha256:{name}")
        self.forget(name)
        return int(found["size"])

    def _begin(self, name: str) -> float:
        while True:
            began = self._clock()
            if self._bucket.create(_removing(name), b""):
                return began
            self._wait_for_others(name)

    def _wait_for_others(self, name: str) -> None:
        """Until nobody removes it; what a dead process has said is taken back."""
        deadline = self._clock() + ACTS_WITHIN_S + REQUEST_S
        while self._bucket.find_in_bucket(_removing(name)) is not None:
            if self._clock() >= deadline:
                self._bucket.delete(_removing(name))
                return
            self._pause(_LOOK_S)


def _kept(name: str) -> str:
    return f"kept/{name}"


def _removing(name: str) -> str:
    return f"removing/{name}"
