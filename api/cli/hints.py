"""How the commands are written that may be typed next: each finds the same store or server as this one."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
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
    environ = dict(os.environ)
    for name in ("STORE", "STORE_FILE", "BLOBS"):
        read = load_settings(environ, DATA_DIR=settings.data_dir)
        field = "blobs" if name == "BLOBS" else "store"
        if getattr(read, field) != getattr(settings, field):
            environ[f"REELOG_{name}"] = ""
            words.append(f"REELOG_{name}=")
    return "".join(f"{word} " for word in words)


@dataclass(frozen=True)
class Hints:
    """``before`` is what goes before each command, ``at`` behind it.

    ``serve`` is the command that works on the store here; where it is empty, a server is asked.
    """

    before: str = ""
    at: str = ""
    serve: str = ""

    @classmethod
    def of_server(cls, url: str | None) -> "Hints":
        return cls(at=f" --url {shlex.quote(url)}" if url else "")

    @classmethod
    def of_store(cls, settings: Settings, provider: str) -> "Hints":
        # The server that settings name knows nothing of what is done here.
        named = "REELOG_URL= " if settings.url_is_given else ""
        words = store_words(settings)
        emulate = " --emulate" if provider == "emulator" else ""
        return cls(before=f"{named}{words}", serve=f"{words}reelog serve{emulate}")

    def command(self, words: str) -> str:
        return f"{self.before}reelog {words}{self.at}"

    def watch(self, job_id: UUID | str) -> str:
        """Follows a job: ``reelog watch`` asks a server, ``reelog events`` reads the store."""
        return self.command(f"events {job_id} -f" if self.serve else f"watch {job_id}")

    def to_go_on(self, job_id: UUID | str) -> str:
        return f"To go on from what is made: {self.serve}, then {self.command(f'retry {job_id}')}"

    def get(self, job_id: UUID | str, folder: Path) -> str:
        """Has what is recorded in the store worked on, and the film brought."""
        bring = self.command(f"get {job_id} --out {shlex.quote(relative(folder))}")
        return f"{self.serve}, and {bring}"
