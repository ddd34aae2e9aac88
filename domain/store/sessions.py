"""The sessions of browsers that were ended before their time, as the log has them: asked for in memory.

Followed as keys are (``keys.py``): what was ended elsewhere is known here with the next look, which reads the
streams of the weeks in which a session that is still good can expire.

Rejected: a table. It would need an expiry, somebody who cleans it, and a place that outlives the read models;
the log is all that servers share, is copied with the store, and takes one event for each time that a person
signs out.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError

from domain.session import WEEK_S, EndedSessions, ended_sessions_id
from domain.store.studio import Studio

_DAY_S = 24 * 3600
"""By less than this the clocks of servers differ."""


class Sessions:
    def __init__(self, studio: Studio, clock: Callable[[], datetime]) -> None:
        self._studio = studio
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[UUID, int] = {}
        """How far each week's stream was read."""
        self._ended: dict[str, int] = {}
        """When each would have expired."""

    def is_ended(self, name: str) -> bool:
        """Whether it was ended, as far as the last look has told."""
        return name in self._ended

    def catch_up(self) -> None:
        """Take in which were ended since the last look, by whichever process. Blocks."""
        now_s = int(self._clock().timestamp())
        weeks = {ended_sessions_id(now_s + later) for later in (0, WEEK_S, WEEK_S + _DAY_S)}
        with self._lock:
            for week in weeks:
                for event in self._studio.events.get(week, gt=self._read.get(week, 0)):
                    ended = cast("Any", event)
                    self._ended[ended.name] = ended.expires_s
                    self._read[week] = ended.originator_version
            self._read = {week: version for week, version in self._read.items() if week in weeks}
            self._ended = {name: end for name, end in self._ended.items() if end > now_s}

    def end(self, name: str, expires_s: int) -> None:
        """From now on it lets nobody in: here at once, elsewhere with the next look. The store's errors."""
        self._studio.change_together(lambda: [self._with(name, expires_s)])
        with self._lock:
            self._ended[name] = expires_s

    def _with(self, name: str, expires_s: int) -> EndedSessions:
        """The sessions of its week, unsaved, with this one among them."""
        now = self._clock()
        try:
            week = cast("EndedSessions", self._studio.repository.get(ended_sessions_id(expires_s)))
        except AggregateNotFoundError:
            return EndedSessions.begin(name, expires_s, now=now)
        week.end(name, expires_s, now=now)
        return week
