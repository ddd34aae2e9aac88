"""What the API knows of the crew of its process."""

from typing import Any, Protocol


class Actors(Protocol):
    """The crew as the API sees it: started and stopped with the server, and asked how it is."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def status(self) -> dict[str, Any]:
        """``{"state": "starting" | "standing by" | "ready" | "failed" | "stopped", …}``; may take seconds."""
        ...
