"""Prompts of what is asked for in one look: stored side by side, all of them before any event names one."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from domain.ports import BlobStore

AT_ONCE = 8
"""Each waits for the disk, or for a store elsewhere, most of its time."""


class Prompts:
    """Takes prompts for ``blobs``; they are there once ``store`` has returned."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._taken: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = f"sha256:{sha256(data).hexdigest()}"
        self._taken[digest] = data
        return digest

    def store(self) -> None:
        """Raises BlobStoreUnavailableError; who asks for an asset again gives its prompt again, too."""
        taken, self._taken = list(self._taken.values()), {}
        if len(taken) == 1:
            self._blobs.put(taken[0])
        elif taken:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="prompts") as threads:
                for _ in threads.map(self._blobs.put, taken):
                    pass
