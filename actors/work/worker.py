"""A worker process of the crew: it makes the attempts that it is ordered to make."""

import logging
import os
import threading
from typing import Any
from uuid import UUID, uuid4

from actors.blobs.opening import open_blobs
from actors.gemini.connect import load_sdk
from actors.work.attempt import Attempts
from actors.work.crash import arm
from actors.work.crew import asks_provider, stage_actors
from actors.work.crew_settings import CrewSettings, clock, provider_of
from actors.work.log_forwarding import LogForwarder
from actors.work.presence import StandingPresence
from actors.work.stage import Order
from actors.work.workshop import Workshop
from domain.store import EventStore, Studio, open_event_store


class Worker:
    """Opens all that it needs in its own process. Where it runs is the cluster's matter."""

    def __init__(self, settings: CrewSettings, seat: str) -> None:
        arm(settings.crash)
        self._relay = LogForwarder()
        logging.getLogger().addHandler(self._relay)
        self._store: EventStore = open_event_store(settings.store_url)
        self._boot_id = f"worker:{seat}:{uuid4().hex}"
        # Held before the first attempt and until the process ends: whoever obtains it knows we are gone.
        self._presence = StandingPresence(self._store.presence(self._boot_id))
        self._presence.keep()
        studio = Studio(self._store)
        self._attempts = Attempts(
            Workshop(
                studio=studio,
                blobs=open_blobs(settings.blobs_url, settings.bucket_access),
                worker=self._boot_id,
                stages=stage_actors(provider_of(settings), studio, clock, settings.signing),
                present=self._presence.ensure,
                policy=settings.policy,
            )
        )
        if asks_provider(seat):
            # Beside the rest of the start, so that the first call finds it loaded or loading.
            threading.Thread(target=load_sdk, args=(settings.gateway.sdk,), daemon=True).start()

    async def perform(self, order: Order) -> str:
        return await self._attempts.perform(order)

    async def cancel(self, job_id: UUID) -> int:
        return self._attempts.cancel(job_id)

    async def status(self) -> dict[str, Any]:
        return {"worker": self._boot_id, "pid": os.getpid(), "attempts": self._attempts.running}

    async def look(self) -> dict[str, Any]:
        """The status, and what was logged here since the last look."""
        return {**await self.status(), "log": self._relay.take()}
