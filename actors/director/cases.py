"""A case: one unfinished job on the Director's desk."""

from dataclasses import dataclass
from datetime import timedelta

from domain.film import Film
from domain.job import Job

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

    @property
    def rank(self) -> tuple[int, int]:
        return PRIORITIES.get(self.job.priority, PRIORITIES["normal"]), self.opened
