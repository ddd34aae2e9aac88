"""Pruning: what a job was made of and what was made goes; what happened, when and at what cost stays.

Texts are overwritten in their events (``tombstones.py``) and bytes are removed that no other job uses. Three
steps, each of which another run finishes when this one dies:

1. ``job.prune_started`` and the overwritten events are saved in one transaction. From then on the job cannot
   be retried, regenerated or forked, so nobody begins to use what is about to go.
2. The projector meets that event and makes the job's rows anew, from events that hold no texts any more.
3. Bytes go, digest by digest, then ``job.pruned`` says which. Bytes that another job's events name are kept.
   So are bytes that somebody has put or kept within the hour, as an event that names them may be on its way:
   those go the next time. A file of somebody's own stays as long as it would without this job, and is told as
   removed where its bytes go (``files.py``).

Rejected: crypto-shredding (keys to manage and to lose; a log that cannot be read where it is debugged).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from eventsourcing.persistence import IntegrityError, Notification, StoredEvent

from domain.job import Job
from domain.ports import BlobStore
from domain.store.files import Files
from domain.store.log import EventLog
from domain.store.studio import Studio
from domain.store.uses import Due, Uses, catch_up
from domain.tombstones import digests_in, without_texts

SETTLED = timedelta(hours=1)
"""Whoever stores bytes has said so in an event by then."""
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_PRECISION = timedelta(milliseconds=1)
"""Of times in the read models."""
_ATTEMPTS = 20


@dataclass(frozen=True)
class Pruning:
    """What was done to one job, or would be."""

    job_id: UUID
    ended_at: datetime
    texts: int
    """Events whose texts are overwritten."""
    removed: tuple[str, ...]
    """Digests whose bytes are gone."""
    kept: tuple[str, ...]
    """Digests that other jobs use, too."""
    waiting: tuple[str, ...] = ()
    """Digests that somebody stored again a moment ago; the next run takes them."""
    freed_bytes: int | None = None
    """What this run freed; None where nothing was done."""
    bytes: int = 0
    """The size of what is removed, or would be."""

    @property
    def finished(self) -> bool:
        return self.freed_bytes is not None and not self.waiting


class Retention:
    def __init__(
        self,
        studio: Studio,
        log: EventLog,
        files: Files,
        uses: Uses,
        blobs: BlobStore,
        clock: Callable[[], datetime],
    ) -> None:
        self._studio = studio
        self._log = log
        self._files = files
        self._uses = uses
        self._blobs = blobs
        self._clock = clock

    def plan(self, older_than: timedelta) -> Iterator[Pruning]:
        """What ``prune`` would do; nothing is changed."""
        self._catch_up(self._log.head())
        all_due = self._uses.due(self._clock() - older_than)
        # What is shared by these alone would be used by none.
        together = frozenset(due.job_id for due in all_due)
        for due in all_due:
            stored = self._stored(due.job_id)
            removed, kept = self._divide(together, _digests(stored))
            texts = len(_tombstones(stored))
            size = sum(self._blobs.size(digest) or 0 for digest in removed)
            yield Pruning(due.job_id, due.ended_at, texts, tuple(removed), tuple(kept), bytes=size)

    def prune(self, older_than: timedelta, only: Collection[UUID] | None = None) -> Iterator[Pruning]:
        """Prune ended jobs, oldest first; each is told when it is done. May be stopped and run again anytime.

        ``only`` leaves out all others: those that became old enough after somebody was shown a plan.
        A job that has been retried meanwhile is left alone, also when it has ended again.

        Raises NotProjectedError, the store's and the blobs' errors; what was done until then stays done.
        """
        self._catch_up(self._log.head())
        all_due = self._uses.due(self._clock() - older_than)
        yield from self._prune([job for job in all_due if only is None or job.job_id in only])

    def remove(self, job_id: UUID) -> Pruning | None:
        """Prune this job, whenever it ended; None where it has not, or was pruned before. Raises as above."""
        self._catch_up(self._log.head())
        ended_at = self._studio.job(job_id).ended_at
        return next(self._prune([Due(job_id, ended_at)]), None) if ended_at is not None else None

    def finish(self) -> list[Pruning]:
        """Remove the bytes that were left when the texts went, as far as that is possible by now."""
        self._catch_up(self._log.head())
        done = self._prune(self._uses.due(_BEFORE_ALL))
        return [pruning for pruning in done if pruning.finished]

    def _prune(self, due: Sequence[Due]) -> Iterator[Pruning]:
        # All first: what two of these jobs share is then used by neither.
        texts = {job.job_id: self._remove_texts(job) for job in due}
        going = [job for job in due if texts[job.job_id] is not None]
        if not going:
            return
        self._catch_up(self._log.head())
        for job in going:
            yield self._remove_bytes(job, texts[job.job_id] or 0)

    def _catch_up(self, position: int) -> None:
        catch_up(self._uses, position)

    # ---- texts --------------------------------------------------------------------------------------

    def _remove_texts(self, due: Due) -> int | None:
        """How many events lost their texts; None when the job was reopened, or is done with."""
        for _ in range(_ATTEMPTS):
            job = self._studio.job(due.job_id)
            if not job.ended or job.content == "gone":
                return None
            if job.content == "going":
                return 0  # an earlier run has come to here
            if job.ended_at is None or job.ended_at - due.ended_at >= _PRECISION:
                return None  # somebody has retried the job, and it has ended again: it is young
            self._catch_up(self._log.head())  # somebody may just have renamed it: that is a text, too
            tombstones = _tombstones(self._stored(due.job_id))
            job.start_pruning(len(tombstones), now=self._clock())
            try:
                self._studio.save(job, tombstones=tombstones)
            except IntegrityError:
                continue  # somebody has retried or renamed the job: look again
            return len(tombstones)
        return None

    def _stored(self, job_id: UUID) -> Sequence[Notification]:
        return self._log.stored(self._uses.positions_of(job_id))

    # ---- bytes --------------------------------------------------------------------------------------

    def _divide(self, jobs: Collection[UUID], digests: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those that nobody else needs, and those that another job uses; of files of today neither."""
        free: list[str] = []
        used: list[str] = []
        for digest in digests:
            if self._uses.is_used(digest, besides=jobs):
                used.append(digest)
            elif not self._files.are_new(digest, self._clock()):
                free.append(digest)
        return free, used

    def _remove_bytes(self, due: Due, texts: int) -> Pruning:
        free, kept = self._divide({due.job_id}, _digests(self._stored(due.job_id)))
        removed: list[str] = []
        waiting: list[str] = []
        freed = 0
        for digest in free:
            files, now = self._files.of(digest), self._clock()
            if files:
                size = self._files.remove(files, self._blobs, now)
            else:
                size = self._blobs.remove(digest, put_before=now - SETTLED)
            if size is not None:
                removed.append(digest)
                freed += size
            elif not files:
                waiting.append(digest)
        if not waiting:
            self._studio.change_job(due.job_id, lambda job: _finish(job, removed, kept, self._clock()))
        return Pruning(
            due.job_id,
            due.ended_at,
            texts,
            tuple(removed),
            tuple(kept),
            tuple(waiting),
            freed_bytes=freed,
            bytes=freed,
        )


def _finish(job: Job, removed: list[str], kept: list[str], now: datetime) -> None:
    job.finish_pruning(removed, kept, now=now)


def _tombstones(stored: Sequence[Notification]) -> list[StoredEvent]:
    """The events that hold texts, as they are to be."""
    return [
        StoredEvent(event.originator_id, event.originator_version, event.topic, blank)
        for event in stored
        if (blank := without_texts(event.state)) != event.state
    ]


def _digests(stored: Sequence[Notification]) -> list[str]:
    """Every digest that the job's events name, in the order of their first mention."""
    # What a pruning told of itself (an earlier run) names nothing that is not named before.
    return list(dict.fromkeys(digest for event in stored for digest in digests_in(event.state)))
