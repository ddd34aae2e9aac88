"""What the attempts of one event loop record: those that end, or begin, at one time are saved together.

One visit to a thread, one statement that reads and one transaction for all that came while the one before was
made; an attempt that is alone waits for nobody.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.asset import Asset
from domain.store import AssetChange, Saved, Studio

_Changed = tuple[Asset, Saved]


class AssetChanges:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._waiting: list[tuple[AssetChange, asyncio.Future[_Changed]]] = []
        self._saving: asyncio.Task[None] | None = None

    async def change(
        self, asset_id: UUID, decide: Callable[[Asset], Any], begin_with: Asset | None = None
    ) -> _Changed:
        """As ``Studio.change_asset``, which see; ``decide`` runs in a thread."""
        changed: asyncio.Future[_Changed] = asyncio.get_running_loop().create_future()
        self._waiting.append((AssetChange(asset_id, decide, begin_with), changed))
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save())
        return await changed

    async def _save(self) -> None:
        while self._waiting:
            # Of each asset the first; what else is to become of it is decided after that.
            together = {one[0].asset_id: one for one in reversed(self._waiting)}
            self._waiting = [one for one in self._waiting if together[one[0].asset_id] is not one]
            changes, waiting = zip(*reversed(together.values()), strict=True)
            try:
                outcomes = await asyncio.to_thread(self._studio.change_assets, changes)
            except Exception as error:  # noqa: BLE001 - each of them raises it
                outcomes = [error] * len(changes)
            for changed, outcome in zip(waiting, outcomes, strict=True):
                if changed.done():  # who waited has ended
                    continue
                if isinstance(outcome, Exception):
                    changed.set_exception(outcome)
                else:
                    changed.set_result(outcome)
