"""The keys, as the log has them: found by name or by secret, in memory.

No read model: there are few, and each request asks for one. What the log has of them is folded once and then
followed (`catch_up`), so that a key that was revoked elsewhere is known here with the next look.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.key import Key, Scope, key_id
from domain.store.log import BATCH_LIMIT, EventLog, NotificationSource, Unreadable
from domain.store.studio import CONFLICT_RETRIES, ConflictError, Saveable, Saved, Studio

TOPICS = [event.TOPIC for event in (Key.Added, Key.Revoked, Key.Reserved, Key.Settled)]


class Keys:
    def __init__(self, studio: Studio, log: EventLog) -> None:
        self._studio = studio
        self._log = log
        self._lock = threading.Lock()
        self._seen = 0
        self._keys: dict[UUID, Key] = {}
        self._by_digest: dict[str, Key] = {}

    def catch_up(self) -> None:
        """Take in what was recorded since the last look, by whichever process. Blocks."""
        source = cast("NotificationSource", self._studio.recorder)
        with self._lock:
            head = self._log.head()
            while self._seen < head:
                batch = source.select_notifications(
                    self._seen, BATCH_LIMIT, head, TOPICS, inclusive_of_start=False
                )
                for recorded in self._log.decode(batch):
                    self._take(recorded.event)
                self._seen = batch[-1].id if len(batch) == BATCH_LIMIT else head

    def _take(self, event: Any) -> None:
        of: UUID = event.originator_id
        known = self._keys.get(of)
        if isinstance(event, Unreadable):
            # A newer version may have taken something away: nobody is let in by what is not understood.
            if known is not None:
                self._by_digest.pop(known.digest, None)
            return
        # Whoever was given the key as it was keeps that.
        key: Key = event.mutate(copy.deepcopy(known))
        self._keys[of] = key
        self._by_digest.pop(key.digest, None)
        if key.is_good:
            self._by_digest[key.digest] = key

    # ---- asked without a look at the log ------------------------------------------------------------

    def with_digest(self, digest: str) -> Key | None:
        """The key whose secret has this digest, unless it was revoked."""
        return self._by_digest.get(digest)

    def is_good(self, name: str) -> bool:
        """Whether there is a key of this name that was not revoked."""
        key = self._keys.get(key_id(name))
        return key is not None and key.digest in self._by_digest

    def known(self, name: str) -> Key | None:
        return self._keys.get(key_id(name))

    @staticmethod
    def copy_of(key: Key) -> Key:
        """One to decide on: what is known here stays as it is on record."""
        return copy.deepcopy(key)

    # ---- as of now ----------------------------------------------------------------------------------

    def find(self, name: str) -> Key | None:
        """The key of this name, revoked or not."""
        self.catch_up()
        return self.known(name)

    def all(self) -> list[Key]:
        """Every key that was ever given, in the order in which they were."""
        self.catch_up()
        return list(self._keys.values())

    def add(
        self,
        name: str,
        scope: Scope,
        digest: str,
        *,
        now: datetime,
        rate: int | None = None,
        usd_per_day: float | None = None,
    ) -> Key | None:
        """The new key; None where the name was given before."""
        key = Key.add(name, scope, digest, now=now, rate=rate, usd_per_day=usd_per_day)
        try:
            self._studio.append(key)
        except IntegrityError:
            return None
        self.catch_up()
        return key

    def change(self, name: str, decide: Callable[[Key], Sequence[Saveable]]) -> tuple[Key, Saved]:
        """Save what ``decide`` changes of a key, with what it gives, at once; anew if others were first.

        LookupError where there is no key of this name.
        """
        for _ in range(CONFLICT_RETRIES):
            found = self.find(name)
            if found is None:
                raise LookupError(name)
            key = self.copy_of(found)
            others = decide(key)
            try:
                saved = self._studio.append(*others, key)
            except IntegrityError:
                continue
            self.catch_up()
            return key, saved
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")
