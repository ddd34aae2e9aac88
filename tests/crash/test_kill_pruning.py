"""``reelog prune`` is killed, for real, at each of its moments; run again, it finishes and all is whole.

Seen to fail with ``due`` that names no job whose pruning was begun.
"""

import json
import os
import signal
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from actors.blobs.folder import LocalBlobs
from domain.job import Job
from domain.store import open_event_store
from projections.database import open_database
from projections.rebuild import verify
from tests.crash import crew_process
from tests.projections.filming import Filming

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
LONG_AGO = datetime.now(UTC) - timedelta(days=100)
MOMENTS = (
    "before:job.prune_started",
    "after:job.prune_started",
    "before:projection",
    "after:projection",
    "before:blob_remove",
    "after:blob_remove",
    "after:blob_remove#7",
    "before:job.pruned",
    "after:job.pruned",
)
OF_FILES = ("before:blob_remove", "after:blob_remove")
"""The store has no part in these; on PostgreSQL the last of them stands for all."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended, by itself or killed."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class House:
    """A data folder with one film of long ago."""

    folder: Path
    url: str
    job_id: UUID
    processes: Any

    def run(self, *arguments: str, crash_at: str | None = None) -> Ended:
        own = {"REELOG_DATA_DIR": str(self.folder), "REELOG_STORE": self.url}
        crash = {"REELOG_CRASH_AT": crash_at} if crash_at else {}
        said = Path(tempfile.mkdtemp(dir=self.folder))
        process = self.processes.Process(target=crew_process.command, args=(arguments, own | crash, said))
        process.start()
        process.join(120)
        assert process.exitcode is not None
        return Ended(process.exitcode, (said / "stdout").read_text(), (said / "stderr").read_text())

    def files(self) -> list[Path]:
        return [path for path in Path(self.folder, "blobs").rglob("*") if path.is_file()]


@pytest.fixture
def house(request: pytest.FixtureRequest, store_kind: str, tmp_path: Path, processes: Any) -> House:
    folder = tmp_path / "data"
    sqlite = store_kind == "sqlite"
    url: str = f"sqlite:///{folder}/events.db" if sqlite else request.getfixturevalue("postgresql_url")
    store = open_event_store(url)
    filming = Filming(store, LocalBlobs(folder / "blobs"))
    filming.now = LONG_AGO
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    filming.studio.close()
    store.close()
    made = House(folder, url, job_id, processes)
    for path in made.files():
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    # What is projected before has no part in this.
    assert made.run("show", str(job_id)).returncode == 0
    return made


@pytest.mark.parametrize(
    ("store_kind", "moment"),
    [
        *(("sqlite", moment) for moment in MOMENTS),
        *(("postgresql", moment) for moment in MOMENTS if moment not in OF_FILES),
    ],
)
def test_killed_at_any_moment_it_is_finished_by_the_next_run(house: House, moment: str) -> None:
    before = len(house.files())
    killed = house.run("prune", "--older-than", "90d", "--yes", crash_at=moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    shown = house.run("show", str(house.job_id), "--json")
    assert shown.returncode == 0, shown.stderr
    pruned_at, left = json.loads(shown.stdout)["pruned_at"], len(house.files())
    # As long as nothing is recorded nothing is gone, and what is recorded is so everywhere.
    assert pruned_at is not None or left == before
    assert ("The Boat" in shown.stdout) == (pruned_at is None)

    again = house.run("prune", "--older-than", "90d", "--yes", "--json")

    assert again.returncode == 0, again.stderr
    assert house.files() == []
    assert _story(house)[-3:] == [Job.Completed, Job.PruneStarted, Job.Pruned]
    once_more = house.run("prune", "--older-than", "90d", "--yes", "--json")
    assert (once_more.returncode, once_more.stdout) == (0, "")


def _story(house: House) -> list[Any]:
    """The kinds of all events; log and read models agree."""
    store = open_event_store(house.url)
    filming = Filming(store)
    database = open_database(store.url)
    try:
        assert verify(database, filming.store, filming.log).equal
        return [type(recorded.event) for recorded in filming.log.read(0, 1000)]
    finally:
        database.close()
        filming.studio.close()
        store.close()
