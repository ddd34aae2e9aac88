"""Real commands in real processes: servers with Ray, each in a folder of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulating import emulator
from tests.journeys.sharing import STORES, House, MadeFilm
from tests.postgresql import new_database
from tests.processes import SHORT, run, serve, start

__all__ = ["emulator", "serve", "start"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A server with Ray takes all cores, and gives way to whatever else runs: one other such test at most."""
    for item in items:
        ours = item.path.is_relative_to(HERE) and item.get_closest_marker("slow")
        if ours and not item.get_closest_marker("beside"):
            item.add_marker(pytest.mark.ray)


@pytest.fixture(scope="package", params=STORES)
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
