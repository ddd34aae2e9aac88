"""The projector: follows the log and keeps the read models up to date, in one process at a time.

Whoever obtains the lease ``projector`` is it; every server runs one of these, and the others wait in case it
dies. Even without the lease nothing could be written twice: the position moves in the same transaction as
the tables, and only from the value that the writer knows.

Signals are raised after the commit, so whoever is woken finds what it was woken for. An event that cannot be
folded stops the projector and says so (status, log, read-model registry): going on without it would show
something that did not happen. It starts again with the process, after an update that can read the event.
"""

import contextlib
import logging
import threading
from dataclasses import dataclass, replace

from eventsourcing.persistence import Notification, PersistenceError

from domain.checkpoints import reached
from domain.event_log import EventLog, Follower, Recorded
from domain.event_store_base import EventStore
from projections import tables
from projections.database import Database, ReadModelsUnavailableError
from projections.projection import Projection, SupersededError, UnfoldableEventError
from projections.rebuild import create_generation, rebuild

LEASE = "projector"
SIGNAL = "projected"
LEASE_WAIT_S = 0.5
IDLE_S = 5.0
RETRY_S = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProjectorStatus:
    """``state``: starting, waiting (another process projects), projecting, retrying, stopped, ended."""

    state: str = "starting"
    position: int = 0
    reason: str | None = None


class Projector:
    """Runs in a thread of its own between ``start`` and ``close``."""

    def __init__(self, store: EventStore, log: EventLog, database: Database) -> None:
        self.status = ProjectorStatus()
        self._store = store
        self._log = log
        self._database = database
        self._signal = store.signal(SIGNAL)
        self._lease = store.presence(LEASE)
        self._ending = threading.Event()
        self._follower: Follower | None = None
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Finish the batch at hand, give back the lease, end the thread."""
        self._ending.set()
        if self._follower is not None:
            self._follower.wake()
        if self._thread.is_alive():
            self._thread.join()

    # ---- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ending.is_set() and self.status.state != "stopped":
                self._serve_once()
        finally:
            self._lease.release()
            if self.status.state != "stopped":
                self._tell("ended")

    def _serve_once(self) -> None:
        """Project until the end, a defect, or a change that calls for a fresh start."""
        try:
            if not self._lease.acquire(0):
                self._tell("waiting")
                self._ending.wait(LEASE_WAIT_S)
                return
            self._follow(self._open())
        except SupersededError:
            logger.info("the read models were rebuilt; going on with the new ones")
        except UnfoldableEventError as error:
            self._stop(error)
        except (PersistenceError, ReadModelsUnavailableError, OSError) as error:
            if str(error) != self.status.reason:
                logger.warning("the projector tries again every %s s: %s", RETRY_S, error)
            self._tell("retrying", str(error))
            self._ending.wait(RETRY_S)
        except Exception as error:  # noqa: BLE001 - the projector is supervised: what it meets is told
            self._stop(error)

    def _open(self) -> Projection:
        """The live generation; made when there is none, and anew when other folds have written it."""
        with self._database.read() as transaction:
            live = transaction.one(tables.LIVE)
        if live is None:
            return create_generation(self._database, self._log, live=True)
        generation, position, fold, _ = live
        if fold != tables.FOLD:
            logger.info("building the read models anew: they were made by version %s of the folds", fold)
            rebuilt = rebuild(self._database, self._log)
            generation, position = rebuilt.generation, rebuilt.position
        return Projection(self._database, self._log, generation, position)

    def _follow(self, projection: Projection) -> None:
        self._tell("projecting", position=projection.position)
        with contextlib.closing(self._store.follower(projection.position)) as follower:
            # The signal tells readers of a generation that a rebuild has just switched to.
            self._signal.raise_()
            self._follower = follower
            while not self._ending.is_set() and self._lease.held:
                batch = follower.next_batch(IDLE_S)
                if batch:
                    self._project(projection, batch)

    def _project(self, projection: Projection, batch: list[Notification]) -> None:
        events, unreadable = self._decode(batch)
        reached("before:projection", batch[-1].id)
        try:
            projection.project(events)
            reached("after:projection", batch[-1].id)
        except UnfoldableEventError as error:
            # What came before the event is sound: it is shown.
            projection.project([r for r in events if r.position < error.position])
            raise
        finally:
            self._tell("projecting", position=projection.position)
            self._signal.raise_()
        if unreadable:
            raise unreadable

    def _decode(self, batch: list[Notification]) -> tuple[list[Recorded], UnfoldableEventError | None]:
        events: list[Recorded] = []
        for notification in batch:
            try:
                events += self._log.decode([notification])
            except Exception as error:  # noqa: BLE001 - the projector is supervised: what it meets is told
                return events, UnfoldableEventError(notification.id, notification.topic, error)
        return events, None

    def _stop(self, error: Exception) -> None:
        logger.error("the projector has stopped: %s", error, exc_info=error)
        # What cannot be noted for the other processes is at least in this one's log and status.
        with contextlib.suppress(ReadModelsUnavailableError), self._database.write() as transaction:
            live = transaction.one(tables.LIVE)
            if live is not None:
                transaction.run(tables.STOP, str(error), live[0])
        self._tell("stopped", str(error))

    def _tell(self, state: str, reason: str | None = None, position: int | None = None) -> None:
        at = self.status.position if position is None else position
        self.status = replace(self.status, state=state, reason=reason, position=at)
