"""Reads the log for the desk: each event once, but for those that the desk has written itself."""

from collections.abc import Callable, Iterable

from domain.store import EventLog, Recorded, Studio


class LogReader:
    """Begins beyond ``position``, which is that of the last event that was folded."""

    def __init__(self, studio: Studio) -> None:
        self.position = 0
        self._log = EventLog(studio)
        self._own: set[int] = set()

    def begin(self, position: int) -> None:
        self.position = position
        self._own.clear()

    def leave_out(self, positions: Iterable[int]) -> None:
        """These were appended here: what holds them is up to date already."""
        self._own.update(positions)

    def read(self, fold: Callable[[list[Recorded]], None]) -> list[Recorded]:
        """All that is new, folded.

        Should it end in the middle, it begins there again: to fold what was folded changes nothing.
        """
        news: list[Recorded] = []
        for batch in self._log.batches(self.position):
            events = self._log.decode(n for n in batch if n.id not in self._own)
            fold(events)
            self.position = batch[-1].id
            self._own.difference_update(n.id for n in batch)
            news += events
        return news
