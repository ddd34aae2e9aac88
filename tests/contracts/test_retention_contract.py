"""Pruning on both stores: texts and bytes go, the record stays and replays.

Each was seen to fail with its mechanism taken out: ``is_used`` that looks at no other job, ``remove`` that
looks at no time, ``put`` that marks none, the hour that is spared, files of one's own that are taken for
bytes like others, ``due`` without the jobs that were begun, ``job.pruned`` while bytes wait,
``Projection._fold_again``, ``Job.require_content``, ``bytes_in`` a marker, ``secure_delete`` (off) on
either database, the checkpoint of the write-ahead log, and ``forget_retired``.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs
from domain.asset import AssetKey
from domain.failures import Failure
from domain.file import File, FileKind
from domain.film import Film
from domain.given_scenes import Given
from domain.history import explain, replay_decisions
from domain.job import Job
from domain.job_pruned import JobPrunedError
from domain.ports import BlobStore
from domain.script import Kind
from domain.store import EventStore, Files, Pruning, Retention
from projections.database import Database, open_database
from projections.projector import Projector
from projections.readers import ReadModels
from projections.rebuild import forget_retired, rebuild, verify
from tests.object_store import S3
from tests.projections.filming import Filming
from tests.projections.wordy import WORDS as ALL_WORDS
from tests.projections.wordy import WordyFilming

pytestmark = pytest.mark.slow

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
SCRIPT = "Xylophone quartets rehearse. Nobody listens but Ada Lovelace.\n\nThen the janitor applauds."
WORDS = (b"Xylophone", b"Lovelace", b"The Boat", b"Words of scene", b"Quincunx", b"customer")
QUARTER = timedelta(days=90)


class Folder:
    """Blobs as they lie in a folder."""

    def __init__(self, root: Path) -> None:
        self.blobs = LocalBlobs(root)

    def files(self) -> dict[Path, int]:
        """All that is there, with sizes."""
        return {path: path.stat().st_size for path in self.blobs.root.rglob("*") if path.is_file()}

    def age(self) -> None:
        for path in self.files():
            os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


class Bucket:
    """Blobs as they lie in a bucket."""

    def __init__(self, s3: S3, cache: Path) -> None:
        self._s3 = s3
        self._url = s3.bucket()
        self.blobs = s3.open(self._url, cache)

    def files(self) -> dict[str, int]:
        """What was said of them (``kept/…``) is no part of them."""
        return {key: size for key, size in self._s3.sizes(self._url).items() if not key.startswith("kept/")}

    def age(self) -> None:
        for key in self._s3.keys(self._url):
            self._s3.make_older(self._url, key, datetime.now(UTC) - LONG_AGO)


@dataclass
class Archive:
    """A store, its read models and blobs; ``filming`` works a hundred days ago."""

    store: EventStore
    filming: Filming
    database: Database
    readers: ReadModels
    place: Folder | Bucket
    sent: Files
    retention: Retention

    def film(self, **changes: Any) -> UUID:
        job_id = self.filming.submit(
            **{"script": SCRIPT, "metadata": {"customer": "Quincunx"}, "forked_from": None} | changes
        )
        self.filming.finish(job_id)
        self.age()
        return job_id

    @property
    def blobs(self) -> BlobStore:
        return self.place.blobs

    def age(self) -> None:
        """As if the bytes had been stored when the films were made."""
        self.place.age()

    def files(self) -> list[Any]:
        return list(self.place.files())

    def prune(self, older_than: timedelta = QUARTER) -> list[Pruning]:
        return list(self.retention.prune(older_than))

    def settle(self) -> None:
        assert self.readers.wait_for(self.filming.head(), 20)

    def stored(self, job_id: UUID) -> list[Any]:
        self.settle()
        return list(self.filming.log.stored(self.readers.positions_of(job_id)))

    def page(self, job_id: UUID) -> Any:
        self.settle()
        body = self.readers.job(job_id)
        assert body is not None
        return json.loads(body)

    def everything(self, job_id: UUID) -> bytes:
        """All that the store and the read models say of a job."""
        self.settle()
        entries, _ = self.readers.entries(after=0, limit=1000, job_ids=[job_id])
        told = [e.body for e in entries] + [b"".join(x) for x in self.readers.assets_with_revisions(job_id)]
        page = self.readers.job(job_id)
        assert page is not None
        return b"".join([*(e.state for e in self.stored(job_id)), *told, page])


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Folder | Bucket:
    if request.param == "folder":
        return Folder(tmp_path / "blobs")
    return Bucket(request.getfixturevalue("s3"), tmp_path / "cache")


@pytest.fixture
def archive(store: EventStore, place: Folder | Bucket) -> Iterator[Archive]:
    blobs = place.blobs
    filming = Filming(store, blobs)
    filming.now = LONG_AGO
    database = open_database(store.url)
    projector = Projector(store, filming.log, database)
    readers = ReadModels(store, filming.log, database)
    projector.start()
    clock = lambda: datetime.now(UTC)  # noqa: E731
    files = Files(filming.studio, filming.log)
    retention = Retention(filming.studio, filming.log, files, readers, blobs, clock)
    try:
        yield Archive(store, filming, database, readers, place, files, retention)
    finally:
        projector.close()
        filming.studio.close()
        database.close()


def test_texts_and_bytes_go_and_everything_else_stays(archive: Archive) -> None:
    fault = Failure.of("overloaded", "Too many Quincunx.", details={"said": "Lovelace"})
    archive.filming.faults["image:1"] = [fault]
    job_id = archive.film()
    before, page = archive.stored(job_id), archive.page(job_id)
    assert all(word in archive.everything(job_id) for word in WORDS)

    [done] = archive.prune()

    assert (done.job_id, done.finished, done.kept) == (job_id, True, ())
    assert archive.files() == []
    left = archive.everything(job_id)
    assert [word for word in WORDS if word in left] == []
    after = archive.stored(job_id)
    assert [(e.id, e.originator_id, e.originator_version, e.topic) for e in after[:-2]] == [
        (e.id, e.originator_id, e.originator_version, e.topic) for e in before
    ]
    assert [e.topic for e in after[-2:]] == ["job.prune_started", "job.pruned"]
    now = archive.page(job_id)
    assert now["pruned_at"] is not None
    assert {k: now[k] for k in ("status", "cost", "stages", "finished_at", "progress")} == {
        k: page[k] for k in ("status", "cost", "stages", "finished_at", "progress")
    }
    assert now["links"]["video"] is None


def test_no_word_is_left_of_films_that_are_full_of_them(archive: Archive) -> None:
    wordy = WordyFilming(archive.store, archive.blobs)
    wordy.now = LONG_AGO
    try:
        films = wordy.translated(), wordy.on_a_topic()
        archive.age()
        told = b"".join(map(archive.everything, films))
        assert [word for word in ALL_WORDS if word.encode() not in told] == []

        assert {done.job_id for done in archive.prune() if done.finished} == {*films}

        left = b"".join(map(archive.everything, films))
        assert [word for word in ALL_WORDS if word.encode() in left] == []
        assert archive.files() == []  # prompts of one's own are there, too
        # As many characters as there were, and what a fold counts by.
        cast = [
            json.loads(e.state)["facts"]["cast"] for e in archive.stored(films[0]) if b'"cast":{' in e.state
        ]
        assert [list(each) for each in cast] == [["1", "2"]]
        rebuild(archive.database, archive.filming.store, archive.filming.log)
        assert b"".join(map(archive.everything, films)) == left
    finally:
        wordy.studio.close()


def test_the_log_still_replays_and_the_read_models_are_what_a_build_from_zero_makes(archive: Archive) -> None:
    job_id = archive.film()
    archive.prune()
    archive.settle()
    events = archive.filming.log.at(archive.readers.positions_of(job_id))
    assert replay_decisions([(r.position, r.event) for r in events]) == []
    history = Film(r.event for r in events)
    assert history.job is not None
    assert "pruned" in explain(history)[0]
    assert verify(archive.database, archive.filming.store, archive.filming.log).equal
    rebuild(archive.database, archive.filming.store, archive.filming.log)
    assert archive.page(job_id)["pruned_at"] is not None


def test_what_the_calls_tell_of_lengths_is_not_forgotten(archive: Archive) -> None:
    archive.film()
    archive.settle()
    before = archive.readers.calls("emulator", "analysis-model", Kind.ANALYSIS)
    archive.prune()
    rebuild(archive.database, archive.filming.store, archive.filming.log)
    assert archive.readers.calls("emulator", "analysis-model", Kind.ANALYSIS) == before
    assert before[0].sample.text_bytes == len(SCRIPT)


def test_a_plan_says_what_would_go_and_changes_nothing(archive: Archive) -> None:
    job_id = archive.film()
    files, before = len(archive.files()), archive.everything(job_id)
    [planned] = archive.retention.plan(QUARTER)
    assert (len(planned.removed), planned.kept, planned.finished) == (files, (), False)
    assert (len(archive.files()), archive.everything(job_id)) == (files, before)
    [done] = archive.prune()
    assert (done.removed, done.texts) == (planned.removed, planned.texts)


def test_jobs_that_ended_later_or_are_under_way_are_left_alone(archive: Archive) -> None:
    old = archive.film()
    archive.filming.now = datetime.now(UTC) - timedelta(days=10)
    young = archive.film()
    running = archive.filming.submit(script="Not done yet.")
    archive.filming.step(running)
    before = archive.everything(young) + archive.everything(running)
    assert [done.job_id for done in archive.prune()] == [old]
    assert archive.everything(young) + archive.everything(running) == before


def test_bytes_that_another_job_names_stay_until_that_is_pruned_too(archive: Archive) -> None:
    first = archive.film()
    archive.filming.now = datetime.now(UTC) - timedelta(days=10)
    second = archive.film()  # the same bytes, hence the same digests
    files = len(archive.files())
    [done] = archive.prune()
    assert (done.job_id, done.removed, len(done.kept), done.freed_bytes) == (first, (), files, 0)
    assert len(archive.files()) == files
    [done] = archive.prune(timedelta(days=5))
    assert (done.job_id, len(done.removed), done.kept) == (second, files, ())
    assert archive.files() == []


def test_jobs_that_share_bytes_and_are_pruned_together_keep_none(archive: Archive) -> None:
    """The plan fails when it asks for each job by itself who uses its bytes."""
    archive.film()
    archive.film()
    planned = list(archive.retention.plan(QUARTER))
    done = archive.prune()
    assert [(p.removed, p.kept) for p in planned] == [(d.removed, d.kept) for d in done]
    assert len(done) == 2
    assert archive.files() == []


def test_bytes_that_somebody_has_just_stored_again_wait_for_the_next_time(archive: Archive) -> None:
    job_id = archive.film()
    image, _ = archive.filming.content(AssetKey(Kind.IMAGE, 1), 1)
    digest = archive.blobs.put(image)  # no event names it yet
    [done] = archive.prune()
    assert (done.waiting, done.finished) == ((digest,), False)
    assert archive.blobs.get(digest) == image
    archive.age()
    [done] = archive.prune()
    assert (done.job_id, done.waiting, done.finished) == (job_id, (), True)
    assert archive.files() == []


def test_bytes_of_a_job_that_has_just_ended_are_spared_for_the_hour_in_either_place(archive: Archive) -> None:
    """Somebody who was told that they are there may be about to name them."""
    archive.filming.now = datetime.now(UTC)
    job_id = archive.filming.submit()
    archive.filming.finish(job_id)
    image, _ = archive.filming.content(AssetKey(Kind.IMAGE, 1), 1)
    digest = archive.blobs.put(image)
    assert archive.blobs.keep(digest)
    done = archive.retention.remove(job_id)
    assert done is not None
    assert (done.removed, digest in done.waiting) == ((), True)
    assert archive.blobs.exists(digest)


OWN = b"a picture of one's own"


def send(archive: Archive, added: datetime, *callers: str) -> str:
    """The picture, sent by each of the callers."""
    digest = archive.blobs.put(OWN)
    about: dict[str, Any] = {"media_type": "image/png", "size": len(OWN), "facts": {}, "notes": []}
    for caller in callers or ("local",):
        archive.sent.add(File.add(caller, digest, FileKind.IMAGE, now=added, **about), added)
    return digest


def test_a_file_that_was_sent_today_outlives_the_job_that_used_it(archive: Archive) -> None:
    digest = send(archive, datetime.now(UTC))
    job_id = archive.film(given=Given(files={"logo": digest}))
    [planned] = archive.retention.plan(QUARTER)
    [done] = archive.prune()
    assert (done.job_id, done.finished, done.removed) == (job_id, True, planned.removed)
    assert digest not in (*done.removed, *done.kept)
    assert archive.blobs.get(digest) == OWN
    assert archive.sent.find("local", digest) is not None
    assert len(archive.files()) == 1


def test_a_file_that_somebody_sent_again_or_used_today_stays_too(archive: Archive) -> None:
    digest = send(archive, LONG_AGO)
    archive.film(given=Given(files={"logo": digest}))
    assert archive.blobs.keep(digest)
    [done] = archive.prune()
    assert (done.finished, digest in done.removed) == (True, False)
    assert archive.blobs.get(digest) == OWN
    assert archive.sent.find("local", digest) is not None


def test_a_file_of_long_ago_goes_with_the_job_and_every_caller_is_told(
    archive: Archive,
) -> None:
    digest = send(archive, LONG_AGO, "local", "web")
    archive.film(given=Given(files={"logo": digest}))
    [done] = archive.prune()
    assert (done.finished, digest in done.removed) == (True, True)
    assert archive.files() == []
    assert [archive.sent.find(caller, digest) for caller in ("local", "web")] == [None, None]


def test_a_file_that_another_job_uses_stays_and_is_told_as_kept(archive: Archive) -> None:
    digest = send(archive, LONG_AGO)
    archive.film(given=Given(files={"logo": digest}))
    archive.filming.now = datetime.now(UTC) - timedelta(days=10)
    archive.film(script="Another.", given=Given(files={"logo": digest}))
    [done] = archive.prune()
    assert digest in done.kept
    assert archive.blobs.get(digest) == OWN
    assert archive.sent.find("local", digest) is not None


def test_again_there_is_nothing_to_do(archive: Archive) -> None:
    archive.film()
    archive.prune()
    head = archive.filming.head()
    assert archive.prune() == []
    assert archive.filming.head() == head


def test_what_was_stopped_between_texts_and_bytes_is_finished_the_next_time(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = archive.film()
    removed: list[str] = []
    remove = archive.blobs.remove

    def give_up(digest: str, *, put_before: datetime) -> int | None:
        if len(removed) == 3:
            raise BlobStoreUnavailableError("the disk is away", "plug it in")
        removed.append(digest)
        return remove(digest, put_before=put_before)

    monkeypatch.setattr(archive.blobs, "remove", give_up)
    with pytest.raises(BlobStoreUnavailableError):
        archive.prune()
    monkeypatch.undo()
    assert not any(word in archive.everything(job_id) for word in WORDS)
    assert archive.files() != []
    # The age asked for does not matter any more: it was begun.
    [done] = archive.prune(timedelta(days=1000))
    assert (done.job_id, done.finished) == (job_id, True)
    assert set(removed) < set(done.removed)
    assert archive.files() == []


def test_a_pruned_job_cannot_be_gone_on_with(archive: Archive) -> None:
    archive.filming.faults["image:1"] = [Failure.of("safety", "No.")]
    job_id = archive.film()
    archive.prune()
    with pytest.raises(JobPrunedError, match="was pruned on"):
        archive.filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=archive.filming.now))


def test_a_job_that_is_retried_at_the_last_moment_is_not_pruned(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.filming.faults["image:1"] = [Failure.of("safety", "No.")]
    job_id = archive.film()
    files = len(archive.files())
    start, calls = Job.start_pruning, []

    def retried_meanwhile(job: Job, texts: int, *, now: datetime) -> None:
        if not calls:
            calls.append(texts)
            archive.filming.studio.change_job(job_id, lambda other: other.reopen("retry", now=now))
        start(job, texts, now=now)

    monkeypatch.setattr(Job, "start_pruning", retried_meanwhile)
    assert archive.prune() == []
    assert calls
    assert b"Xylophone" in archive.everything(job_id)
    assert len(archive.files()) == files


@pytest.mark.parametrize("other_ends", ["completed", "failed"])
def test_a_job_that_was_retried_and_has_ended_again_meanwhile_is_not_pruned(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, other_ends: str
) -> None:
    """Fails when only *that* a job has ended is looked at again, and not when."""
    archive.filming.faults["image:1"] = [Failure.of("safety", "No.")]
    job_id = archive.film()
    files = len(archive.files())
    due, calls = archive.readers.due, []

    def retried_and_ended_after_the_look(ended_before: datetime) -> Any:
        found = due(ended_before)
        calls.append(found)
        if other_ends == "failed":
            archive.filming.faults["image:1"] = [Failure.of("safety", "Again no.")]
        archive.filming.studio.change_job(job_id, lambda j: j.reopen("retry", now=archive.filming.now))
        assert archive.filming.finish(job_id) == other_ends
        archive.age()
        return found

    monkeypatch.setattr(archive.readers, "due", retried_and_ended_after_the_look)
    assert archive.prune() == []
    assert [job.job_id for job in calls[0]] == [job_id]
    assert b"Xylophone" in archive.everything(job_id)
    assert len(archive.files()) >= files


def test_the_name_that_a_person_gave_goes_with_the_texts_also_when_it_comes_at_the_last_moment(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when events are overwritten that the read models knew before the job was looked at."""
    job_id = archive.film()
    archive.filming.rename(job_id, "Quincunx")
    studio = archive.filming.studio
    load, calls = studio.job, []

    def renamed_meanwhile(asked: UUID) -> Job:
        if not calls:
            calls.append(asked)
            archive.filming.rename(asked, "Lovelace")
        return load(asked)

    monkeypatch.setattr(studio, "job", renamed_meanwhile)
    [done] = archive.prune()
    assert (done.job_id, done.finished) == (job_id, True)
    assert calls
    left = archive.everything(job_id)
    assert [word for word in WORDS if word in left] == []


def test_only_the_jobs_that_were_shown_are_pruned(archive: Archive) -> None:
    shown, other = archive.film(), archive.film(script="Another story altogether. It is told once.")
    done = list(archive.retention.prune(QUARTER, frozenset([shown])))
    assert [pruning.job_id for pruning in done] == [shown]
    assert archive.page(other)["pruned_at"] is None


def test_a_plan_tells_the_size_of_what_would_go(archive: Archive) -> None:
    archive.film()
    [planned] = archive.retention.plan(QUARTER)
    assert planned.bytes == sum(archive.place.files().values()) > 0
    [done] = archive.prune()
    assert done.freed_bytes == planned.bytes


def test_texts_are_overwritten_with_the_event_or_not_at_all(archive: Archive) -> None:
    job_id = archive.film()
    studio = archive.filming.studio
    mine, theirs = studio.job(job_id), studio.job(job_id)
    theirs.start_pruning(1, now=archive.filming.now)
    studio.append(theirs)
    mine.start_pruning(1, now=archive.filming.now)
    [first, *_] = studio.recorder.select_events(job_id)
    with pytest.raises(IntegrityError):
        studio.save(mine, tombstones=[StoredEvent(job_id, 1, first.topic, b"{}")])
    assert studio.recorder.select_events(job_id)[0].state == first.state


@pytest.mark.parametrize("large", [False, True])
def test_nothing_of_a_text_stays_in_the_files_of_the_databases(
    archive: Archive, tmp_path: Path, large: bool
) -> None:
    if not archive.store.url.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps old versions of rows in its own way")
    job_id = archive.film(script=SCRIPT * (400 if large else 1))
    rebuild(archive.database, archive.filming.store, archive.filming.log)
    archive.settle()
    archive.prune()
    archive.settle()
    assert b"Xylophone" not in archive.everything(job_id)
    forget_retired(archive.database, archive.filming.store)
    archive.database.settle()
    archive.store.settle()
    data = tmp_path / "data"
    files = [path for path in data.glob("*") if path.is_file()]
    found = {path.name: [word for word in WORDS if word in path.read_bytes()] for path in files}
    assert {name: words for name, words in found.items() if words} == {}
