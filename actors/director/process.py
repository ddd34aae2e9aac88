"""The Director's process: a Director, the pools of its crew, and what is asked of both from outside."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from actors.director.opening import open_director
from actors.work.crash import arm
from actors.work.crew_settings import CrewSettings
from actors.work.log_forwarding import Line, LogForwarder
from actors.work.pools.crew import Loss, PooledCrew
from actors.work.pools.machines import Surroundings
from actors.work.pools.place import End, Start


class DirectorProcess:
    """See `PooledCrew` for what it is given.

    The crew's workers belong to the process that started the cluster: they would die with a Director that
    owned them, and their calls in flight with them.
    """

    def __init__(
        self,
        settings: CrewSettings,
        call: Callable[..., Awaitable[Any]],
        loss_of: Callable[[BaseException], Loss | None],
        surroundings: Surroundings,
    ) -> None:
        arm(settings.crash)
        self._relay = LogForwarder()
        logging.getLogger().addHandler(self._relay)
        self._crew = PooledCrew(call, loss_of, surroundings, start_s=settings.start_s, limits=settings.places)
        self._director = open_director(
            settings,
            perform=self._crew.perform,
            cancel=self._crew.cancel,
            at_work=self._crew.at_work,
            withdraw=self._crew.withdraw,
            of_seat=self._crew.capacity,
        )

    async def run(self) -> None:
        keeping = asyncio.ensure_future(self._crew.keep(lambda: self._director.stands_by))
        try:
            await self._director.run()
        finally:
            keeping.cancel()

    async def stop(self, grace_s: float) -> None:
        self._director.stop(grace_s)

    async def status(self) -> dict[str, Any]:
        """Who sits where: the Director's state, and each place of each pool."""
        return {"director": {**self._director.status(), "pid": os.getpid()}, "crew": self._crew.status()}

    async def wanted(self) -> Start | End:
        """The next place that somebody is needed for, or is needed for no longer."""
        return await self._crew.wanted()

    async def said(self) -> list[Line]:
        """What was logged here since the last call."""
        return await self._relay.lines()

    async def seat(self, place: Start, worker: Any) -> None:
        await self._crew.seat(place, worker)
