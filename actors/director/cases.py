"""A case: one unfinished job on the Director's desk; and what a look at the desk comes to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from actors.work.stage import Order
from domain.asset import AssetKey
from domain.film import Film
from domain.job import Job
from domain.store import Recorded

PRIORITIES = {"high": 0, "normal": 1, "low": 2}


@dataclass
class Case:
    """One unfinished job: its film as of the last event seen."""

    film: Film
    opened: int  # order of arrival
    ahead: timedelta = timedelta()  # how far the clock of its events is ahead of ours
    stale: bool = False  # an append failed: what is held here is ahead of the log

    @property
    def job(self) -> Job:
        return self.film.job

    def may_order(self, key: AssetKey) -> bool:
        """Whether an order that is no longer under way kept others from being ordered, or itself."""
        if self.stale or self.job.max_cost_usd is not None:
            return True
        return key in self.film.ready or key in self.film.open

    @property
    def is_under_way(self) -> bool:
        """Whether work on it has begun since it was submitted, reopened, approved or changed."""
        return self.job.begun or bool(self.film.open)

    @property
    def rank(self) -> tuple[int, int]:
        return PRIORITIES.get(self.job.priority, PRIORITIES["normal"]), self.opened


@dataclass
class Aside:
    """A job that the desk cannot deal with: why, how often that was found, and when it is tried again."""

    reason: str
    tries: int
    again_at: float  # of the monotonic clock
    cause: int | None = None  # the position of what happened to it last, as far as that is known


@dataclass(frozen=True)
class Step:
    """What came of asking the workflow: orders to give, and when to ask again without a new event."""

    orders: list[Order] = field(default_factory=list)
    wake_at: datetime | None = None
    draining: bool = False  # nothing new may be begun for this job
    cancelling: bool = False  # and what is under way is to be stopped
    ended: bool = False


@dataclass(frozen=True)
class Look:
    """What one look found and did: the steps by job, in the order of their turns."""

    news: list[Recorded]
    steps: dict[UUID, Step]
