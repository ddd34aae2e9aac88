"""store copy: all arrives, proved, or nothing is there; the log of a release goes on in its copy."""

import contextlib
import json
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import Notification

from actors.director.director import LEASE
from api.composition import open_system
from api.settings import load_settings
from domain.store import open_event_store
from tests.api.cli.conftest import Floor, Run
from tests.golden.test_golden_logs import LOGS, expected_of, holds, rows_of
from tests.projections.filming import Filming

pytestmark = pytest.mark.slow


def url(name: str) -> str:
    return f"sqlite:///{Path(name).absolute()}/events.sqlite3"


def blobs(name: str) -> str:
    return f"file://{Path(name).absolute()}/blobs"


@pytest.fixture
def made(floor: Floor) -> UUID:
    """A film in ``reelog-data``, on which nobody works."""
    job_id = floor.filming.submit()
    floor.filming.finish(job_id)
    floor.settle()
    floor.filming.studio.close()
    floor.system.close()
    return job_id


@pytest.mark.usefixtures("made")
def test_a_film_and_its_bytes_are_there_and_work_goes_on(run: Run, postgresql_url: str) -> None:
    done = run(
        "store",
        "copy",
        url("reelog-data"),
        postgresql_url,
        "--blobs",
        blobs("reelog-data"),
        blobs("new"),
        "--json",
    )
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    before = {p.name: p.read_bytes() for p in Path("reelog-data/blobs").rglob("*") if p.is_file()}
    after = {p.name: p.read_bytes() for p in Path("new/blobs").rglob("*") if p.is_file()}
    assert {name for name in before if len(name) == 64} == {name for name in after if len(name) == 64}
    assert told["blobs"]["copied"] == len({name for name in after if len(name) == 64}) > 0
    settings = load_settings(DATA_DIR="new", STORE=postgresql_url, BLOBS=blobs("new"))
    system = open_system(settings, provider="emulator")
    system.projector.start()
    try:
        assert system.log.head() == told["position"]
        filming = Filming(system.store, system.blobs)
        another = filming.submit()
        assert filming.finish(another) == "completed"
        assert system.readers.wait_for(system.log.head(), 20)
        filming.studio.close()
    finally:
        system.close()
    # And back.
    back = run(
        "store", "copy", postgresql_url, url("back"), "--blobs", blobs("new"), blobs("reelog-data"), "--json"
    )
    assert back.exit_code == 0, back.stderr
    again = json.loads(back.stdout)
    assert again["position"] > told["position"]
    assert again["blobs"]["there"] >= told["blobs"]["copied"]


@pytest.mark.usefixtures("made")
def test_keys_beside_the_old_log_are_named_as_the_new_store_needs_them(run: Run, postgresql_url: str) -> None:
    Path("reelog-data/webhook-key").write_text("k" * 64)

    done = run("store", "copy", url("reelog-data"), postgresql_url)

    assert done.exit_code == 0, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("Secrets of webhooks were made with the key in ")
    assert line.endswith(
        "reelog-data/webhook-key: keep it in the folder of REELOG_DATA_DIR, or set REELOG_WEBHOOK_KEY to it."
    )
    assert "kkk" not in done.output


@pytest.mark.usefixtures("made")
def test_what_is_not_empty_is_not_written_to(run: Run) -> None:
    first = run("store", "copy", url("reelog-data"), url("new"))
    assert first.exit_code == 0, first.stderr
    assert "equal in both, sha256:" in first.stdout
    again = run("store", "copy", url("reelog-data"), url("new"))
    assert again.exit_code == 2
    assert "holds a log already" in again.stderr


@pytest.mark.parametrize("busy", ["FROM", "TO"])
@pytest.mark.usefixtures("made")
def test_a_store_that_somebody_works_on_is_left_alone(run: Run, busy: str) -> None:
    store = open_event_store(url("reelog-data" if busy == "FROM" else "new"))
    lease = store.presence(LEASE)
    assert lease.acquire(0)
    done = run("store", "copy", url("reelog-data"), url("new"))
    assert done.exit_code == 2
    assert f"{busy}: somebody works on" in done.stderr
    lease.release()
    store.close()
    assert run("store", "copy", url("reelog-data"), url("new")).exit_code == 0


@pytest.mark.usefixtures("made")
def test_bytes_that_are_damaged_stop_the_copy_before_the_log(run: Run) -> None:
    damaged = next(p for p in Path("reelog-data/blobs").rglob("*") if p.is_file() and len(p.name) == 64)
    damaged.chmod(0o600)
    damaged.write_bytes(b"not what it was")
    done = run("store", "copy", url("reelog-data"), url("new"), "--blobs", blobs("reelog-data"), blobs("new"))
    assert done.exit_code == 2
    assert damaged.name[:8] in done.stderr
    assert run("store", "copy", url("reelog-data"), url("new")).exit_code == 0, (
        "the log's new place is empty yet"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mysql://secret@x", "sqlite:////tmp/x"), "mysql:…: write sqlite"),
        (("sqlite:////nonexistent/x", "sqlite:////tmp/x"), "there is no event store"),
    ],
)
def test_what_is_no_store_is_said(run: Run, arguments: tuple[str, str], said: str) -> None:
    done = run("store", "copy", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("log", LOGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_log_of_a_release_is_restored_into_another_store_and_shown_as_it_was(
    run: Run, log: Path, postgresql_url: str
) -> None:
    rows = rows_of(log)
    released = open_event_store(url("released"))
    with released.incoming() as incoming:
        incoming.write(
            [
                Notification(
                    originator_id=UUID(row["originator_id"]),
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=json.dumps(row["state"]).encode(),
                    id=row["position"],
                )
                for row in rows
            ]
        )
        incoming.finish(released.id)
    released.close()
    # A backup of it, as the sqlite3 command makes one.
    Path("backup").mkdir()
    with (
        contextlib.closing(sqlite3.connect("released/events.sqlite3")) as live,
        contextlib.closing(sqlite3.connect("backup/events.sqlite3")) as backup,
    ):
        live.backup(backup)
    assert run("store", "copy", url("backup"), postgresql_url).exit_code == 0
    settings = load_settings(DATA_DIR="restored", STORE=postgresql_url)
    system = open_system(settings, provider="emulator")
    system.projector.start()
    try:
        assert system.readers.wait_for(rows[-1]["position"], 30)
        expected = expected_of(log)["job"]
        page = system.readers.job(UUID(expected["id"]))
        assert page is not None
        assert holds(expected, json.loads(page))
    finally:
        system.close()
