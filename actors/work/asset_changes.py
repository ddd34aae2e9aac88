"""What the attempts of one event loop record: those that end, or begin, at one time are saved together.

One visit to a thread, one statement that reads and one transaction for all that came while the one before was
made; an attempt that is alone waits for nobody.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from actors.work.threads import Threads
from domain.asset import Asset
from domain.store import AssetChange, Saved, Studio

_Changed = tuple[Asset, Saved]


class AssetChanges:
    def __init__(self, studio: Studio, threads: Threads) -> None:
        self._studio = studio
        self._threads = threads
        self._waiting: list[tuple[AssetChange, asyncio.Future[_Changed]]] = []
        self._saving = False
        self._turn = threading.Lock()

    async def change(
        self, asset_id: UUID, decide: Callable[[Asset], Any], begin_with: Asset | None = None
    ) -> _Changed:
        """As ``Studio.change_asset``, which see; ``decide`` runs in a thread."""
        loop = asyncio.get_running_loop()
        changed: asyncio.Future[_Changed] = loop.create_future()
        with self._turn:
            self._waiting.append((AssetChange(asset_id, decide, begin_with), changed))
            begins, self._saving = not self._saving, True
        if begins:  # soon: what else is to be saved in this round of the loop goes along
            loop.call_soon(self._threads.give, self._save)
        return await changed

    def _save(self) -> None:
        while together := self._take():
            changes, waiting = zip(*together, strict=True)
            try:
                outcomes = self._studio.change_assets(changes)
            except Exception as error:  # noqa: BLE001 - each of them raises it
                outcomes = [error] * len(changes)
            for changed, outcome in zip(waiting, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    self._threads.answers.give(changed, None, outcome)
                else:
                    self._threads.answers.give(changed, outcome)
            self._threads.answers.tell()  # goes on with these while the next are saved

    def _take(self) -> list[tuple[AssetChange, asyncio.Future[_Changed]]]:
        """Of each asset the first; what else is to become of it is decided after that."""
        with self._turn:
            together = {one[0].asset_id: one for one in reversed(self._waiting)}
            taken = list(reversed(together.values()))
            self._waiting = (
                []
                if len(taken) == len(self._waiting)
                else [one for one in self._waiting if together[one[0].asset_id] is not one]
            )
            self._saving = bool(taken)
            return taken
