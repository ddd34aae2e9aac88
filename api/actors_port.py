"""What the API knows of the crew of its process."""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

logger = logging.getLogger(__name__)


class Actors(Protocol):
    """The crew as the API sees it: started and stopped with the server, and asked how it is."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def status(self) -> dict[str, Any]:
        """``{"state": "starting" | "standing by" | "ready" | "failed" | "stopped", …}``; may take seconds."""
        ...


@dataclass
class UnavailableActors:
    """Actors that cannot be had, and why."""

    error: str

    def start(self) -> None:
        logger.error("%s", self.error)

    def stop(self) -> None:
        """Nothing was started."""

    def status(self) -> dict[str, Any]:
        return {"state": "failed", "error": self.error}
