"""Every reading command says the same, byte by byte, whether it reads a store itself or asks a server.

Seen to fail where one of them words a refusal of its own, where the store reads an attempt's blobs by digest
alone, and where a page of events of one of them ends one event early.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from eventsourcing.persistence import StoredEvent

from api.cli.read import source_of
from api.composition import System, open_system
from api.settings import load_settings
from domain.asset import AssetKey
from domain.failures import Failure
from domain.store import Retention
from tests.api.cli.conftest import Run
from tests.api.planned import PlannedFilming
from tests.api.serving import serving
from tests.projections.filming import outage

pytestmark = pytest.mark.slow

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
"""All that happened is old, so that what counts time until now says the same a second later."""


@dataclass
class Place:
    """One folder with jobs of every kind, and the address of a server that works on it."""

    folder: Path
    url: str
    names: dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=folder / "reelog-data", PORT=0)
    system = open_system(settings)
    with serving(system) as url:
        names = {kind: str(job_id) for kind, job_id in jobs_of_every_kind(system).items()}
        head = system.log.head()
        assert system.readers.wait_for(head, 30)
        yield Place(folder, url, {**names, "nobody": str(uuid4()), "head": head, "beyond": head + 1})


def jobs_of_every_kind(system: System) -> dict[str, UUID]:
    filming = PlannedFilming(system)
    filming.now = LONG_AGO - timedelta(days=1)
    found = {"pruned": filming.submit(provider="gemini")}
    filming.finish(found["pruned"])
    prune_all(system)
    filming.now = LONG_AGO

    refused: Any = Failure.of("safety", "Blocked.", raw_digest=system.blobs.put(b'{"blocked": "<b>"}'))
    refused = refused.within(details={"request_digest": system.blobs.put(b'{"contents": ["a boat"]}')})
    filming.faults["image:1"] = [outage(), refused]
    found["retried"] = filming.submit(provider="gemini", metadata={"title": "Ω <&> \u202e"})
    assert filming.finish(found["retried"]) == "failed"
    filming.studio.change_job(found["retried"], lambda job: job.reopen("retry", now=filming.tick(60)))
    assert filming.finish(found["retried"]) == "completed"

    filming.faults["image:1"] = [replace(refused, raw_digest="sha256:" + "0" * 64)]
    found["failed"] = filming.submit(provider="gemini")
    assert filming.finish(found["failed"]) == "failed"

    found["aside"] = filming.submit(provider="gemini")
    lost = uuid4()
    for stream, version in ((found["aside"], 2), (lost, 1)):
        odd = StoredEvent(stream, version, "job.from_the_future", b"{}")
        system.studio.recorder.insert_events([odd])
    found["unreadable"] = lost

    found["running"] = filming.submit(provider="gemini")
    filming.until_made(found["running"], "image:1")
    return found


def prune_all(system: System) -> None:
    for path in Path(system.settings.data_dir, "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    assert system.readers.wait_for(system.log.head(), 30)
    retention = Retention(system.studio, system.log, system.files, system.readers, system.blobs, system.clock)
    [done] = retention.prune(timedelta(days=90))
    assert done.finished


READ = (
    "ls --json",
    "ls --json --limit 2",
    "ls --json --status completed",
    "ls --wide",
    "ls --status queued",
    "ls --status cancelled",
    "ls --json --since 2000-01-01 --min-cost 0 --search boat --provider gemini",
    "ls --json --until 2100-01-01T00:00:00Z --max-cost 5 --caller local",
    "show latest --json",
    "show {retried} --json",
    "show {retried}",
    "show {failed} --json",
    "show {running} --json",
    "show {pruned} --json",
    "show {pruned}",
    "show {aside} --json",
    "show {aside}",
    "show {retried} --at {head} --json",
    "show {running} --at {head}",
    "show {aside} --at {head} --json",
    "events {retried} --json",
    "events {retried}",
    "events {running} --after 3 --json",
    "events {pruned} --json",
    "events {aside} --json",
    "events {retried} --after {head} --json",
    "events {retried} -f --json",
    "events {retried} -f --after {head} --json",
    "events {failed} -f",
    "events {pruned} -f --json",
    "events {aside} -f --json",
    "explain {retried} --json",
    "explain {running}",
    "explain {running} --json",
    "explain {failed} --at {head} --json",
    "explain {pruned} --json",
    "explain {aside} --json",
    "show {retried} --asset image:1 --json",
    "show {retried} --asset image:1 --revision 1 --attempt 2 --raw",
    "show {retried} --asset image:1 --revision 1 --attempt 2 --raw --json",
    "show {running} --asset analysis",
    "show {pruned} --asset image:1 --json",
    "replay {retried} --speed 0 --json",
    "trace {retried}",
    "trace {retried} --json",
    "trace {running}",
    "trace {pruned} --json",
    "audit {retried} --json",
    "audit {running}",
    "audit {pruned} --json",
    "audit {aside}",
    "models --json",
    "models",
)
REFUSED = (
    "show {nobody}",
    "show {nobody} --at 1 --json",
    "show ffffffffffffffffffffffffffff",
    "show {unreadable}",
    "show {unreadable} --at {head}",
    "show {retried} --at {beyond}",
    "show {running} --at 1",
    "events {nobody}",
    "events {nobody} -f",
    "events {unreadable}",
    "events {retried} --after {beyond}",
    "events {retried} -f --after {beyond}",
    "explain {nobody}",
    "explain {retried} --at {beyond}",
    "explain {running} --at 1",
    "show {retried} --asset picture",
    "show {retried} --asset image:9",
    "show {retried} --asset image:1 --attempt 7",
    "show {nobody} --asset image:1",
    "show {pruned} --asset image:1 --raw",
    "trace {nobody}",
    "trace {unreadable}",
    "audit {nobody}",
    "audit {unreadable}",
)
DAMAGED = "show {failed} --asset image:1 --raw"


@pytest.fixture
def both(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(place.folder)

    def both_of(command: str) -> tuple[Result, Result]:
        arguments = command.format(**place.names).split()
        return run(*arguments), run(*arguments, "--url", place.url)

    return both_of


def said(result: Result, place: Place) -> tuple[int, str, str]:
    """All that a command says; the name of what was read is the one thing that may differ."""
    nameless = result.stderr
    for name in (str(place.folder / "reelog-data"), place.url):
        nameless = nameless.replace(name, "HERE")
    return int(result.exit_code), result.stdout, nameless


@pytest.mark.parametrize("command", READ)
def test_what_is_read_is_the_same(both: Any, place: Place, command: str) -> None:
    here, served = both(command)

    assert said(here, place) == said(served, place)
    assert here.exit_code == 0, here.stderr
    assert here.stdout or "after {head}" in command or "cancelled" in command


@pytest.mark.parametrize("command", REFUSED)
def test_what_is_refused_is_the_same(both: Any, place: Place, command: str) -> None:
    here, served = both(command)

    assert said(here, place) == said(served, place)
    assert here.exit_code in (2, 4)
    assert here.stdout == ""
    assert here.stderr.startswith("Error: ")


def test_what_is_damaged_is_no_fault_of_who_asks(both: Any) -> None:
    here, served = both(DAMAGED)

    assert (here.exit_code, served.exit_code) == (4, 4)
    for result in (here, served):
        assert "sha256:0000" in result.stderr


def test_what_was_made_is_the_same_bytes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    analysis = AssetKey.parse("analysis").id_in(UUID(place.names["retried"]))
    with source_of(None) as here, source_of(place.url) as there:
        made = here.content(analysis, 1)
        assert there.content(analysis, 1) == made
    assert json.loads(made)["title"] == "The Boat"
