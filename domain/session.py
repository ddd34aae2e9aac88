"""The EndedSessions aggregate: sessions of browsers that were ended before their time.

Not of any job: its events carry no ``job_id``, so that the Director, the folds of jobs and the streams pass
them over. A session that was not ended is on record nowhere, as its cookie says all of it and is signed.
Each week has a stream of those that would have expired in it: whoever follows them reads the last two or
three, and what has expired is read by nobody again, so nothing has to be cleaned.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from domain.first_or_later import FirstOrLater
from domain.plain import PlainEvents

_SESSIONS = UUID("5b7a0c0e-2f0c-5d86-a4a5-8c1d2e6f9b34")
WEEK_S = 7 * 24 * 3600


def ended_sessions_id(expires_s: int) -> UUID:
    """The stream of the sessions that expire in the same week, by seconds since 1970."""
    return uuid5(_SESSIONS, str(expires_s // WEEK_S))


class EndedSessions(PlainEvents, Aggregate):
    TOPIC = "ended_sessions"

    class Created(Aggregate.Created):
        """Never stored: the library derives a class of this name, and wants its topic named too."""

        TOPIC: ClassVar[str] = "ended_sessions.created"

    class Ended(FirstOrLater, Created):
        TOPIC: ClassVar[str] = "session.ended"
        name: str  # random, and of no use without its signature
        expires_s: int  # since 1970

    def __init__(self, name: str, expires_s: int) -> None:
        """Nothing is kept of them here."""

    @classmethod
    def begin(cls, name: str, expires_s: int, *, now: datetime) -> "EndedSessions":
        of = ended_sessions_id(expires_s)
        return cls._create(cls.Ended, id=of, timestamp=now, name=name, expires_s=expires_s)

    def end(self, name: str, expires_s: int, *, now: datetime) -> None:
        self.trigger_event(
            self.Ended, timestamp=now, originator_topic=self.TOPIC, name=name, expires_s=expires_s
        )
