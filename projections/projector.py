"""The projector: follows the log and keeps the read models up to date, in one process at a time.

Whoever obtains the lease ``projector`` is it; every server runs one of these, and the others wait in case it
dies. Even without the lease nothing could be written twice: the position moves in the same transaction as
the tables, and only from the value that the writer knows.

Signals are raised after the commit, so whoever is woken finds what it was woken for. An event that cannot be
folded sets its job aside (``Projection``) and everything else goes on. Only a defect that is no event's fault
stops the projector; it says so (status, log, read-model registry) until one goes on again.

After an update of the folds the old generation goes on being written while a second thread builds the new one
beside it and switches: what is submitted meanwhile is seen, and an end is not waited for.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from eventsourcing.persistence import Notification, PersistenceError

from domain.checkpoints import reached
from domain.store import EventLog, EventStore, Follower
from projections import tables
from projections.database import Database, ReadModelsUnavailableError
from projections.projection import TRANSIENT_ERRORS, Projection, SupersededError
from projections.rebuild import RebuildEndedError, create_generation, drop_abandoned, in_words_of, rebuild

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
        self._told: str | None = None  # what keeps it from projecting: said once until something is projected
        self._ending = threading.Event()
        self._follower: Follower | None = None
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._builder = threading.Thread(target=self._build, name="rebuild", daemon=True)
        self._outdated = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Finish the batch at hand, give back the lease, end the thread."""
        self._ending.set()
        if self._follower is not None:
            self._follower.wake()
        self._outdated.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._builder.is_alive():
            self._builder.join()

    # ---- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ending.is_set() and self.status.state != "stopped":
                self._serve_once()
        finally:
            self._lease.release()
            if self.status.state != "stopped":
                self._set_state("ended")

    def _serve_once(self) -> None:
        """Project until the end, a defect, or a change that calls for a fresh start."""
        try:
            if not self._lease.acquire(0):
                self._set_state("waiting")
                self._ending.wait(LEASE_WAIT_S)
                return
            self._follow(self._open())
        except SupersededError:
            logger.info("the read models were rebuilt; going on with the new ones")
        except (PersistenceError, ReadModelsUnavailableError, OSError) as error:
            if str(error) != self._told:
                logger.warning("the projector tries again every %s s: %s", RETRY_S, error)
            self._told = str(error)
            self._set_state("retrying", str(error))
            self._ending.wait(RETRY_S)
        except Exception as error:  # noqa: BLE001 - the projector is supervised: what it meets is told
            self._stop(error)

    def _open(self) -> Projection:
        """The live generation, made when there is none; one of other folds until a new one is built."""
        if not self._builder.is_alive():
            self._builder = threading.Thread(target=self._build, name="rebuild", daemon=True)
            self._builder.start()
        with self._database.read() as transaction:
            live = transaction.one(tables.LIVE)
        if live is None:
            return create_generation(self._database, self._log, live=True)
        generation, position, fold, stopped = live
        if fold != tables.FOLD:
            with self._database.write() as transaction:
                for statement in tables.ADDED:
                    transaction.run(in_words_of(self._database, statement, generation))
            self._outdated.set()
        if stopped is not None:
            # Whatever it was is cured, or it will be met again.
            with self._database.write() as transaction:
                transaction.run(tables.GO_ON, generation)
        return Projection(self._database, self._log, generation, position)

    def _follow(self, projection: Projection) -> None:
        self._set_state("projecting", position=projection.position)
        with contextlib.closing(self._store.follower(projection.position)) as follower:
            # The signal tells readers of a generation that a rebuild has just switched to.
            self._signal.raise_()
            self._follower = follower
            while not self._ending.is_set() and self._lease.held:
                batch = follower.next_batch(IDLE_S)
                if batch:
                    self._project(projection, batch)
                else:
                    self._see_that_it_is_live(projection)

    def _project(self, projection: Projection, batch: list[Notification]) -> None:
        reached("before:projection", batch[-1].id)
        projection.project(self._log.decode(batch))
        reached("after:projection", batch[-1].id)
        self._told = None
        self._set_state("projecting", position=projection.position)
        self._signal.raise_()

    def _see_that_it_is_live(self, projection: Projection) -> None:
        """When nothing happens, a switch or a file that was thrown away would go unnoticed."""
        with self._database.read() as transaction:
            live = transaction.one(tables.LIVE)
        if live is None or live[:2] != (projection.generation, projection.position):
            raise SupersededError

    # ---- the builder's thread -----------------------------------------------------------------------

    def _build(self) -> None:
        """Drop what dead builders have left; build anew whenever the live tables are of other folds."""
        cleaned = False
        while not self._ending.is_set():
            try:
                if not cleaned:
                    drop_abandoned(self._database, self._store)
                    cleaned = True
                if self._is_outdated():
                    logger.info("building the read models anew, beside those of another version of the folds")
                    rebuild(
                        self._database,
                        self._store,
                        self._log,
                        self._give_way(),
                        self._ending.is_set,
                        processes=1,  # this one has readers to serve
                    )
                    self._wake()
            except RebuildEndedError:
                return
            except TRANSIENT_ERRORS as error:
                logger.warning("building the read models anew is tried again: %s", error)
                self._ending.wait(RETRY_S)
                continue
            except Exception:
                # The live tables are not concerned: they go on as they are.
                logger.exception("the read models cannot be built anew")
                return
            self._outdated.wait()
            self._outdated.clear()

    def _give_way(self) -> Callable[[int, int], None]:
        """Rest after each batch for as long as it took: the process has readers to serve meanwhile."""
        begun = time.monotonic()

        def rest(_position: int, _head: int) -> None:
            nonlocal begun
            self._ending.wait(time.monotonic() - begun)
            begun = time.monotonic()

        return rest

    def _is_outdated(self) -> bool:
        with self._database.read() as transaction:
            live = transaction.one(tables.LIVE)
        return live is not None and live[2] != tables.FOLD

    def _wake(self) -> None:
        """Have the live projection notice the switch."""
        if self._follower is not None:
            self._follower.wake()

    # ---- what is told -------------------------------------------------------------------------------

    def _stop(self, error: Exception) -> None:
        logger.error("the projector has stopped: %s", error, exc_info=error)
        # What cannot be noted for the other processes is at least in this one's log and status.
        with contextlib.suppress(ReadModelsUnavailableError), self._database.write() as transaction:
            live = transaction.one(tables.LIVE)
            if live is not None:
                transaction.run(tables.STOP, str(error), live[0])
        self._set_state("stopped", str(error))

    def _set_state(self, state: str, reason: str | None = None, position: int | None = None) -> None:
        at = self.status.position if position is None else position
        self.status = replace(self.status, state=state, reason=reason, position=at)
