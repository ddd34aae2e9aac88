"""Which of a film's assets have an attempt under way, wait for one, or have failed.

Found before a question, not at each event: who only shows a film hardly asks.
"""

from collections.abc import Mapping

from domain.asset import Asset, AssetKey
from domain.statuses import AssetStatus


class Standings:
    def __init__(self) -> None:
        self._changed: set[AssetKey] = set()
        self.open: set[AssetKey] = set()
        """What has an attempt under way."""
        self.unstarted: set[AssetKey] = set()
        """What is asked for and has none, also between two attempts."""
        self.waiting: set[AssetKey] = set()
        """What has none since an attempt ended."""
        self.failed: set[AssetKey] = set()
        """What failed for good in the present run."""

    def change(self, key: AssetKey) -> None:
        """Something became of this one."""
        self._changed.add(key)

    def change_run(self) -> None:
        """What failed in an earlier run has not in this one."""
        self._changed |= self.failed

    def of(self, assets: Mapping[AssetKey, Asset], run: int) -> "Standings":
        """As these are now, in this run."""
        for key in self._changed:
            asset = assets[key]
            failed_now = asset.status == AssetStatus.FAILED and asset.failed_in_run == run
            for keys, belongs in (
                (self.open, asset.open_attempt is not None),
                (self.unstarted, asset.is_idle),
                (self.waiting, asset.status == AssetStatus.WAITING),
                (self.failed, failed_now),
            ):
                if belongs != (key in keys):
                    (keys.add if belongs else keys.discard)(key)
        self._changed.clear()
        return self
