"""What is counted over all jobs: jobs by status, attempts by outcome, their cost, how long stages took.

Counted when an event is projected, so asking costs the same however long the log is. Whole numbers only: sums
of fractions depend on the order of the summands, and a rebuild must come to the same. A count that was ever
touched keeps its row, also at zero, for the same reason.
"""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from domain.asset import Asset
from domain.job import Job

LOCAL = "local"
"""Named as the model where no model does the work."""
BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Upper bounds in seconds. They are stored: raise ``tables.FOLD`` when they change."""


class Total(StrEnum):
    JOBS = "jobs"
    ATTEMPTS = "attempts"
    NANO_USD = "nano_usd"
    CALLER_JOBS = "caller_jobs"
    CALLER_NANO_USD = "caller_nano_usd"
    STAGE_MICROSECONDS = "stage_microseconds"
    STAGES_BY_BUCKET = "stages_by_bucket"


OUTCOMES: Mapping[type[Any], str] = {
    Asset.Generated: "succeeded",
    Asset.AttemptFailed: "failed",
    Asset.AttemptLost: "lost",
}
"""The events that end an attempt, and how they count."""

Key = tuple[str, str]
"""The name of what is counted, and its labels as a JSON list."""


@dataclass
class Histogram:
    """How many stages fell into each bucket, beyond all bounds in the last, and how long all took."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total_s: float = 0.0


@dataclass(frozen=True)
class Totals:
    """All counts, as they are read."""

    jobs: dict[str, int] = field(default_factory=dict)
    attempts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """By stage, model, outcome, code of the failure."""
    cost_usd: dict[str, float] = field(default_factory=dict)
    """By model, as far as it is priced."""
    caller_jobs: dict[str, int] = field(default_factory=dict)
    """Jobs that were submitted, by whose they are."""
    caller_cost_usd: dict[str, float] = field(default_factory=dict)
    stages: dict[str, Histogram] = field(default_factory=dict)

    def put(self, name: str, labels: list[Any], value: int) -> None:
        match name, labels:
            case (Total.JOBS, [status]):
                self.jobs[status] = value
            case (Total.ATTEMPTS, [stage, model, outcome, code]):
                self.attempts[stage, model, outcome, code] = value
            case (Total.NANO_USD, [model]):
                self.cost_usd[model] = value / 1e9
            case (Total.CALLER_JOBS, [caller]):
                self.caller_jobs[caller] = value
            case (Total.CALLER_NANO_USD, [caller]):
                self.caller_cost_usd[caller] = value / 1e9
            case (Total.STAGE_MICROSECONDS, [stage]):
                self.stages.setdefault(stage, Histogram()).total_s = value / 1e6
            case (Total.STAGES_BY_BUCKET, [stage, bucket]):
                self.stages.setdefault(stage, Histogram()).counts[bucket] = value


def changes(
    event: Any, asset: Asset | None, spent_usd: float, was: str | None, status: str, caller: str
) -> list[tuple[Key, int]]:
    """What an event changes.

    The job's status was ``was`` before it (None: there was no job), and the asset had cost ``spent_usd``.
    What an attempt costs is what the asset's page says: a lost call what was reserved.
    """
    found: list[tuple[Key, int]] = []
    if was is None:
        found.append((_key(Total.CALLER_JOBS, caller), 1))
    if status != was:
        found.append((_key(Total.JOBS, status), 1))
        if was is not None:
            found.append((_key(Total.JOBS, was), -1))
    if isinstance(event, Job.StageCompleted):
        found.append((_key(Total.STAGE_MICROSECONDS, event.stage), round(event.elapsed_s * 1e6)))
        found.append((_key(Total.STAGES_BY_BUCKET, event.stage, bisect_left(BUCKETS, event.elapsed_s)), 1))
    elif asset is not None and type(event) in OUTCOMES:
        model = asset.recipe.model or LOCAL
        code = event.failure["code"] if isinstance(event, Asset.AttemptFailed) else ""
        outcome = OUTCOMES[type(event)]
        found.append((_key(Total.ATTEMPTS, asset.key.stage.value, model, outcome, code), 1))
        nano_usd = round(asset.spent_usd * 1e9) - round(spent_usd * 1e9)
        found.append((_key(Total.NANO_USD, model), nano_usd))
        found.append((_key(Total.CALLER_NANO_USD, caller), nano_usd))
    return found


def rows(counted: Counter[Key]) -> Iterator[tuple[str, str, int]]:
    return ((*key, value) for key, value in counted.items())


@lru_cache(1024)
def _key(name: Total, *labels: Any) -> Key:
    return name.value, json.dumps(labels)
