"""What journeys share, because it takes long: a server, and a film that was made by a command."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.processes import Process, Server

STORES = ("sqlite", "postgresql")


class House:
    """A store whose server outlives a test: the next test begins with what this one left running.

    A server with Ray takes longer to start than most films take to be made.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._servers: list[Server] = []

    def server(self) -> Server:
        """The one that runs, or a new one."""
        if self._servers and self._servers[-1].process.running():
            return self._servers[-1]
        process = Process(
            "serve", "--port", "0", "--json", folder=self._folder, environment=self._environment
        )
        try:
            self._servers.append(Server(process, process.first_line()["url"]))
        except BaseException:
            process.stop()
            raise
        return self._servers[-1]

    def close(self) -> None:
        """As an operator ends a server that has seen much: it says that all went well."""
        for server in self._servers:
            server.close()
            lives = server.process.running()
            code = server.process.stop()
            assert code == 0 or not lives, server.process.told()


@dataclass(frozen=True)
class MadeFilm:
    """What ``reelog make`` left in a folder: the film in ``film``, and the store beside it."""

    folder: Path
    done: "subprocess.CompletedProcess[str]"
    temporary: Path
    """Where it put its temporary files."""
