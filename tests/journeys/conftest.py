"""Real commands in real processes: servers with Ray, each in a folder of its own."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.emulating import emulator
from tests.postgresql import new_database
from tests.processes import SHORT, Process, Server, run, serve, start

__all__ = ["emulator", "serve", "start"]


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


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, emulator_url: str
) -> Iterator[House]:
    """Its events are in its data folder, or in a database on a server."""
    environment = {"REELOG_GEMINI_BASE_URL": emulator_url}
    if request.param == "postgresql":
        environment["REELOG_STORE"] = new_database(request.getfixturevalue("postgres_server"))
    house = House(tmp_path_factory.mktemp("house"), environment)
    yield house
    house.close()


@dataclass(frozen=True)
class MadeFilm:
    """What ``reelog make`` left in a folder: the film in ``film``, and the store beside it."""

    folder: Path
    done: "subprocess.CompletedProcess[str]"
    temporary: Path
    """Where it put its temporary files."""


@pytest.fixture(scope="package")
def made_film(tmp_path_factory: pytest.TempPathFactory) -> MadeFilm:
    """One for all that look at it; who changes something works on a copy."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "story.txt").write_text(SHORT, encoding="utf-8")
    temporary = folder / "tmp"
    temporary.mkdir()
    options = ("--emulate", "--quality", "low", "--aspect-ratio", "9:16")
    # The paths of Ray's sockets must be short.
    places = {"TMPDIR": str(temporary), "RAY_TMPDIR": tempfile.gettempdir()}
    return MadeFilm(folder, run(folder, "make", "story.txt", "--out", "film", *options, **places), temporary)
