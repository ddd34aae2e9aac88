"""One worker process: where it reads and writes, who it is, and how patient it is."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from actors.work.stage import StageActor
from domain.failures import RetryPolicy
from domain.ports import BlobStore
from domain.script import Stage
from domain.store import Studio

APPEND_RETRY_S: Final = 1.0
"""Pause between tries to record something while the store cannot be written."""
STORE_TRIES: Final = 3
"""How often a paid answer is offered to a store that does not take it."""


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Workshop:
    studio: Studio
    blobs: BlobStore
    worker: str
    stages: Mapping[Stage, StageActor]
    present: Callable[[], bool] = lambda: True
    """Sees to it that this worker's presence is held; nothing is begun by a worker that passes for dead."""
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    clock: Callable[[], datetime] = now_utc
    jitter: Callable[[], float] = random.random
