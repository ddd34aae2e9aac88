"""Models that asked to be called later: a provider's "later" is said to one call and meant for all."""

import logging
from collections.abc import Callable
from datetime import datetime

from actors.director.throttle import Throttle
from domain.asset import Asset
from domain.failures import Code, Failure
from domain.store import Recorded

log = logging.getLogger("reelog.director")

CLOSING = (Code.RATE_LIMITED, Code.OVERLOADED)
"""Failures that are told to one call and hold for its model."""


class ClosedModels:
    """Closes a model in ``throttle`` for as long as a failure in the log says."""

    def __init__(self, throttle: Throttle, clock: Callable[[], datetime]) -> None:
        self._throttle = throttle
        self._clock = clock

    async def note(self, events: list[Recorded]) -> None:
        for recorded in events:
            event = recorded.event
            if not isinstance(event, Asset.AttemptFailed):
                continue
            try:
                failure = Failure.from_dict(event.failure)
            except Exception:
                log.exception("the failure at position %s cannot be read", recorded.position)
                continue
            await self.close(failure, event.timestamp, event.retry_at)

    async def close(self, failure: Failure, said_at: datetime, retry_at: datetime | None) -> None:
        if retry_at is None or failure.model is None or failure.code not in CLOSING:
            return
        # From now, but no longer than was said: this clock may have been set back since.
        wait_s = min(retry_at - said_at, retry_at - self._clock()).total_seconds()
        if wait_s > 0:
            await self._throttle.back_off(failure.model, wait_s)
