"""Disks, files, servers and clocks fail in mid-job. Work pauses, says why, and goes on.

Each test stops the job in a provider call that the emulator holds back, so that what gives way does so at a
moment that is known, and nothing depends on how fast the machine is.
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.work.attempt import Attempts
from actors.work.stage import Task
from domain.asset import Asset
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.script import Kind
from domain.store import EventLog, Studio, open_event_store
from projections.job_fold import JobFold
from tests.actors.conftest import Crew, crew
from tests.actors.conftest import now as wall_clock
from tests.crash.conftest import ROOT, Story
from tests.crash.test_crash_points import SPOKEN, lost
from tests.domain.store.pg_proxies import Stalling, standing, through
from tests.emulating import Pictures
from tests.postgresql import crash as crash_server

__all__ = ["crew"]

Begin = Callable[..., Story]
DEADLINE_S = 180

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a disk of its own, which takes root")
slow = pytest.mark.slow
crash = pytest.mark.crash


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An empty disk of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(disk)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, leave: int = 0) -> None:
    """Write until the disk is full but for ``leave`` bytes."""
    with (disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while shutil.disk_usage(disk).free > leave:
            file.write(b"x" * min(65536, shutil.disk_usage(disk).free - leave))


def make_room(disk: Path) -> None:
    (disk / "filler").unlink()


def drawing(story: Story) -> None:
    """Wait until the picture's call is under way."""
    seen(
        story, lambda e: isinstance(e, Asset.AttemptStarted) and e.originator_id == story.asset_id("image:1")
    )


def seen(story: Story, wanted: Callable[[Any], bool]) -> None:
    store = open_event_store(story.life.store)
    studio = Studio(store)
    follower = store.follower()
    try:
        log = EventLog(studio)
        while True:
            batch = follower.next_batch(DEADLINE_S)
            assert batch, "it did not happen"
            if any(wanted(recorded.event) for recorded in log.decode(batch)):
                return
    finally:
        follower.close()
        studio.close()
        store.close()


def says(story: Story, words: str) -> None:
    """Wait until the process's log says so."""
    assert story.life.log is not None
    deadline = time.monotonic() + DEADLINE_S
    while not (story.life.log.exists() and words in story.life.log.read_text()):
        assert time.monotonic() < deadline, f"it never said {words!r}"
        time.sleep(0.05)


def goes_on(story: Story, process: Any) -> list[Any]:
    process.join(DEADLINE_S)
    assert process.exitcode == 0
    return story.finished()


# ---- disks ------------------------------------------------------------------------------------------------


@slow
@crash
@needs_root
def test_a_full_disk_for_blobs_pauses_planning_and_says_what_to_do(
    story: Begin, small_disk: Path, tmp_path: Path
) -> None:
    """Fails when the desk takes a blob store that is full for a defect of the job: it ends as failed."""
    fill(small_disk)
    one = story()
    process = one.begin(options=SPOKEN, blobs=f"file://{small_disk}/blobs", log=tmp_path / "log")
    says(one, "work pauses: blobs in")
    says(one, "the disk is full (make room on the disk")
    make_room(small_disk)
    assert lost(goes_on(one, process)) == []


@slow
@crash
@needs_root
def test_an_answer_that_finds_the_disk_full_fails_by_name_with_its_cost_and_can_be_retried(
    story: Begin, small_disk: Path, tmp_path: Path
) -> None:
    """Fails when a full disk is an internal error, or the paid answer is forgotten."""
    one = story()
    # Room for prompts and documents, none for a picture or a minute of speech.
    fill(small_disk, leave=256 * 1024)
    assert one.live(options=SPOKEN, blobs=f"file://{small_disk}/blobs", log=tmp_path / "log") == 0
    ended = one.check()[-1].event
    assert isinstance(ended, Job.Failed)
    assert ended.failure["code"] == "blob_store_full"
    assert "make room" in ended.failure["hint"]
    # The sound, which is mixed beside the pictures, may meet the full disk, too: it costs nothing.
    [paid] = [
        r.event
        for r in one.history()
        if isinstance(r.event, Asset.AttemptFailed)
        and r.event.failure["code"] == "blob_store_full"
        and r.event.usage is not None
    ]
    assert paid.cost_usd != 0.0
    make_room(small_disk)
    assert one.live(retry=True) == 0
    one.finished()


@slow
@crash
@needs_root
def test_a_full_disk_for_events_keeps_answers_until_there_is_room(
    story: Begin, pictures: Pictures, small_disk: Path, tmp_path: Path
) -> None:
    """Fails when an outcome that cannot be recorded is given up: the call is lost, or the job never ends."""
    one = story()
    with pictures.held():
        process = one.begin(
            options=SPOKEN,
            store=f"sqlite:///{small_disk}/events.sqlite3",
            blobs=f"file://{tmp_path}/blobs",
            log=tmp_path / "log",
        )
        drawing(one)
        fill(small_disk)
    says(one, "the disk is full (make room on the disk")
    says(one, f"the outcome of {one.life.job_id}/image:1/1/1 waits")
    make_room(small_disk)
    assert lost(goes_on(one, process)) == []


@slow
@needs_root
@pytest.mark.parametrize("command", ["serve", "make"])
def test_a_read_only_data_folder_is_refused_at_start_with_what_to_do(
    small_disk: Path, tmp_path: Path, command: str
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    (tmp_path / "story.txt").write_text("A lamp burns on the cliff.")
    arguments = ["serve", "--port", "0"] if command == "serve" else ["make", "story.txt", "--out", "film"]
    done = subprocess.run(
        [sys.executable, "-m", "api", *arguments, "--emulate"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "REELOG_DATA_DIR": f"{small_disk}/data"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "REELOG_DATA_DIR" in done.stderr
    assert "read-only" in done.stderr.lower()


# ---- the database -----------------------------------------------------------------------------------------


@slow
@crash
def test_a_database_that_is_locked_for_longer_than_sqlite_waits_loses_nothing(
    story: Begin, pictures: Pictures, tmp_path: Path
) -> None:
    """Fails without the recorder's retry and the worker's: the library gives up after its busy timeout."""
    one = story()
    with pictures.held():
        process = one.begin(options=SPOKEN, log=tmp_path / "log", busy_timeout_s=1)
        drawing(one)
        foreign = sqlite3.connect(one.life.store.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        foreign.execute("BEGIN IMMEDIATE")
        (before,) = foreign.execute("SELECT count(*) FROM stored_events").fetchone()
    # Waiting is the point: the outcome of the call waits for the lock, and again when SQLite gives that up.
    time.sleep(4)
    assert foreign.execute("SELECT count(*) FROM stored_events").fetchone() == (before,)
    foreign.execute("ROLLBACK")
    foreign.close()
    assert lost(goes_on(one, process)) == []


@slow
@crash
def test_a_database_replaced_by_garbage_pauses_work_until_the_right_file_is_back(
    story: Begin, pictures: Pictures, tmp_path: Path
) -> None:
    """Fails when the store does not look at its file before each use: appends go where nobody finds them."""
    one = story()
    with pictures.held():
        process = one.begin(options=SPOKEN, log=tmp_path / "log")
        drawing(one)
        path = Path(one.life.store.removeprefix("sqlite:///"))
        aside = path.with_name("aside")
        path.rename(aside)
        path.write_bytes(b"These are not the events that you are looking for. " * 100)
    says(one, "the file is not a SQLite database (put back the right file")
    says(one, f"the outcome of {one.life.job_id}/image:1/1/1 waits")
    aside.replace(path)
    assert lost(goes_on(one, process)) == []


@slow
@crash
def test_a_crash_of_postgresql_in_mid_call_loses_neither_the_call_nor_the_office_nor_a_life(
    story: Begin, pictures: Pictures, restartable_postgresql: Any, tmp_path: Path
) -> None:
    """Fails when a worker does not take its presence again (all that it begins is told as lost), when the
    Director does not take its lease again, or when an outcome that cannot be recorded is given up.
    """
    one = story()
    with pictures.held():
        process = one.begin(
            options=SPOKEN, store=restartable_postgresql.get_uri(), log=tmp_path / "log", hurry=1
        )
        drawing(one)
        crash_server(restartable_postgresql)
    says(one, "work pauses")
    restartable_postgresql.ensure_postgres_running()
    assert lost(goes_on(one, process)) == []


@slow
@crash
def test_a_worker_that_is_cut_off_from_the_store_for_half_a_minute_loses_nothing(
    story: Begin, pictures: Pictures, postgres_server: Any, postgresql_url: str, tmp_path: Path
) -> None:
    """Nobody is told of the cut, as where packets are lost: its lock stays its own, and its answer waits."""
    socket = Path(postgres_server.get_postmaster_info().socket_dir) / ".s.PGSQL.5432"
    with standing(Stalling(socket)) as proxy:
        one = story()
        with pictures.held():
            process = one.begin(
                options=SPOKEN,
                store=postgresql_url,
                worker_store=through(proxy, postgresql_url),
                log=tmp_path / "log",
                hurry=1,
            )
            drawing(one)
            proxy.flows.clear()
        # Waiting is the point: longer than any time limit of connections, and than two looks for the dead.
        time.sleep(30)
        made = [r.event.originator_id for r in one.history() if isinstance(r.event, Asset.Generated)]
        assert one.asset_id("image:1") not in made
        proxy.flows.set()
        assert lost(goes_on(one, process)) == []


# ---- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_clock_set_back_by_an_hour_delays_nothing_and_keeps_progress(crew: Crew) -> None:
    """Fails without ``Desk._now`` and ``Director._whose_time_has_come``: the retry waits for an hour."""
    set_back = timedelta()

    def clock() -> Any:
        return wall_clock() - set_back

    async def busy(task: Task) -> None:
        if task.key.kind is Kind.ANALYSIS and task.order.attempt == 1:
            raise AttemptFailedError(Failure.of(Code.RATE_LIMITED, "slow down", retry_after_s=2.0))

    crew.stage.before = busy
    attempts = Attempts(crew.workshop("worker:clock", clock=clock))
    presence = crew.store.presence("worker:clock")
    assert presence.acquire(1)
    desk = crew.desk()
    desk.clock = clock
    async with crew.directing(desk=desk, perform=attempts.perform) as director:
        job = crew.submit(options={"patience_s": 60})
        async with asyncio.timeout(DEADLINE_S):
            while not director._wake_at:  # noqa: ASYNC110 - its timers tell nobody
                await asyncio.sleep(0.01)
        # It waits for nothing but the time, and the time goes back.
        set_back = timedelta(hours=1)
        await crew.until_ended(job)
    presence.release()

    assert crew.studio.job(job.id).status == "completed"
    times = [event.timestamp for event in crew.events()]
    assert max(times) - times[-1] > timedelta(minutes=59), "the clock did go back"
    fold = JobFold()
    shown = []
    for recorded in crew.log.read(0, 10_000):
        fold.apply(recorded)
        shown.append(fold.page())
    progress = [page["progress"] for page in shown]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert all(page["eta_s"] is None or page["eta_s"] >= 0 for page in shown)
    assert all(stage["elapsed_s"] >= 0 for stage in shown[-1]["stages"] if stage["elapsed_s"] is not None)
