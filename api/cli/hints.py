"""How the commands are written that may be typed next: each finds the same store or server as this one."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from api.settings import Settings, load_settings


def relative(path: Path) -> str:
    """As short as a person would write it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def store_words(settings: Settings) -> str:
    """What goes before a command that is to work on the store of these settings; ends with a space."""
    words = []
    if settings.data_dir != Path("reelog-data").absolute():
        words.append(f"REELOG_DATA_DIR={shlex.quote(relative(settings.data_dir))}")
    # Where other settings name another store, they go before the folder.
    empty: dict[str, Any] = {}
    for name in ("STORE", "STORE_FILE", "BLOBS"):
        read = load_settings(DATA_DIR=settings.data_dir, **empty)
        field = "blobs" if name == "BLOBS" else "store"
        if getattr(read, field) != getattr(settings, field):
            empty[name] = ""
            words.append(f"REELOG_{name}=")
    return "".join(f"{word} " for word in words)


@dataclass(frozen=True)
class Hints:
    """``place`` is what goes before each command on the store here, ``no_url`` before all, ``at`` behind.

    ``serve`` is the command that works on that store; where it is empty, a server is asked.
    """

    no_url: str = ""
    place: str = ""
    at: str = ""
    serve: str = ""

    @classmethod
    def of_server(cls, url: str | None) -> "Hints":
        return cls(at=f" --url {shlex.quote(url)}" if url else "")

    @classmethod
    def of_store(cls, settings: Settings, provider: str) -> "Hints":
        # The server that settings name knows nothing of what is done here.
        no_url = "REELOG_URL= " if settings.url_is_given else ""
        place = store_words(settings)
        emulate = " --emulate" if provider == "emulator" else ""
        return cls(no_url=no_url, place=place, serve=f"{place}reelog serve{emulate}")

    def command(self, words: str) -> str:
        return f"{self.no_url}{self.place}reelog {words}{self.at}"

    def watch(self, job_id: UUID | str) -> str:
        """Follows a job: ``reelog watch`` asks a server, ``reelog events`` reads the store."""
        return self.command(f"events {job_id} -f" if self.serve else f"watch {job_id}")

    def to_go_on(self, job_id: UUID | str) -> str:
        return f"To go on from what is made: {self.serve}, then {self.no_url}reelog retry {job_id}"

    def get(self, job_id: UUID | str, folder: Path) -> str:
        """Has what is recorded in the store worked on, and the film brought."""
        out = shlex.quote(relative(folder))
        return f"{self.serve}, and {self.no_url}reelog get {job_id} --out {out}"
