"""Removes files that nothing uses and what is left of deleted jobs, every hour while the system is open.

Of several servers each does so.
"""

import logging
import threading
from collections.abc import Callable, Sequence

FIRST_S = 60.0
PAUSE_S = 3600.0

logger = logging.getLogger(__name__)


class UnusedFiles:
    """``remove`` removes what is due, and gives what went."""

    def __init__(
        self, remove: Callable[[], Sequence[object]], first_s: float = FIRST_S, pause_s: float = PAUSE_S
    ) -> None:
        self._remove = remove
        self._first_s, self._pause_s = first_s, pause_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unused-files", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause_s = self._first_s
        while not self._ending.wait(pause_s):
            pause_s = self._pause_s
            try:
                gone = self._remove()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next hour may do better
                logger.warning("files that nothing uses could not be removed: %s", error)
            else:
                if gone:
                    logger.info("%s unused files and rests of deleted jobs were removed", len(gone))
