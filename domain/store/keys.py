"""The keys, as the log has them: found by name or by secret, in memory.

No read model: there are few, and each request asks for one. What the log has of them is folded once and then
followed (`catch_up`), so that a key that was revoked elsewhere is known here with the next look. A look reads
one stream, beyond what was read of it, whatever else the log holds.
"""

import copy
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError, PersistenceError

from domain.key import KEY_LIST, Key, KeyList, Scope, key_id
from domain.store.studio import CONFLICT_RETRIES, ConflictError, Saveable, Saved, Studio

logger = logging.getLogger(__name__)


class Keys:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock = threading.Lock()
        self._listed = 0
        self._keys: dict[UUID, Key] = {}
        self._by_digest: dict[str, Key] = {}

    def catch_up(self) -> None:
        """Take in which keys were given and revoked since the last look, by whichever process. Blocks."""
        with self._lock:
            for event in self._studio.events.get(KEY_LIST, gt=self._listed):
                noted = cast("Any", event)
                self._refresh(key_id(noted.name))
                self._listed = noted.originator_version

    def _refresh(self, of: UUID) -> None:
        """Take in what became of one key."""
        known = self._keys.get(of)
        try:
            new: list[Any] = list(self._studio.events.get(of, gt=None if known is None else known.version))
            if not new:
                return
            # Whoever was given the key as it was keeps that.
            key = copy.deepcopy(known)
            for event in new:
                key = event.mutate(key)
        except PersistenceError:
            raise
        except Exception:
            # A newer version may have taken something away: nobody is let in by what is not understood.
            logger.exception("what became of a key cannot be read; it opens nothing")
            if known is not None:
                self._by_digest.pop(known.digest, None)
            return
        assert key is not None
        self._keys[of] = key
        if key.is_good:
            self._by_digest[key.digest] = key
        else:
            self._by_digest.pop(key.digest, None)

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
        with self._lock:
            self._refresh(key_id(name))
        return self.known(name)

    def all(self) -> list[Key]:
        """Every key that was ever given, in the order in which they were."""
        self.catch_up()
        with self._lock:
            for of, key in list(self._keys.items()):
                if key.usd_per_day is not None:
                    self._refresh(of)
            return list(self._keys.values())

    # ---- changed ------------------------------------------------------------------------------------

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
        for _ in range(CONFLICT_RETRIES):
            if self.find(name) is not None:
                return None
            key = Key.add(name, scope, digest, now=now, rate=rate, usd_per_day=usd_per_day)
            try:
                self._studio.append(key, self._noted(name, now))
            except IntegrityError:
                continue
            self.catch_up()
            return key
        raise _gave_up()

    def revoke(self, name: str, *, now: datetime) -> Key:
        """The key, which opens nothing any more. LookupError where there is none of this name."""

        def decide(key: Key) -> Sequence[Saveable]:
            return [self._noted(name, now)] if key.revoke(now=now) else []

        key, _ = self.change(name, decide)
        self.catch_up()
        return key

    def _noted(self, name: str, now: datetime) -> KeyList:
        """The list, unsaved, with a note that something became of this key."""
        try:
            listed = cast("KeyList", self._studio.repository.get(KEY_LIST))
        except AggregateNotFoundError:
            return KeyList.begin(name, now=now)
        listed.note(name, now=now)
        return listed

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
                return key, self._studio.append(*others, key)
            except IntegrityError:
                continue
        raise _gave_up()


def _gave_up() -> ConflictError:
    return ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")
