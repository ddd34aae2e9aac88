"""Who works on the job of ``make``: a server that is there anyway, or a crew of our own.

A server holds the presence ``serving:PROVIDER`` for as long as it lives and its actors have not failed. The
Director's own lease does not tell enough: another ``make`` holds it too and works for nobody else, and a
server for the other provider never takes this job.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from actors.work.crew_status import STANDING_BY, WITHOUT_LEASE
from api.cli.errors import InputError, UnreachableError
from api.cli.log_lines import adopt
from api.cli.progress import Story
from api.composition import Actors, Provider, System, open_cluster
from domain.ports import Presence
from domain.store import EventStore

PROVIDERS: tuple[Provider, ...] = ("gemini", "emulator")
log = logging.getLogger("api.crew")

_LOOK_S = 1.0
_START_LOOK_S = 0.5
ABLE_LOOK_S = 5.0
_TRIES = 5
"""A job that was set aside so often is given up by the command that waits for it."""


def serving_name(provider: Provider) -> str:
    return f"serving:{provider}"


def standby_name(provider: Provider) -> str:
    """Held by one of those whose Directors wait for the lease."""
    return f"standby:{provider}"


def announce(store: EventStore, provider: Provider) -> Presence:
    """Tell others that a server of ``provider`` works here; a second one need not, while the first lives."""
    presence = store.presence(serving_name(provider))
    presence.acquire()
    return presence


def check_server(system: System, ways: Iterable[str] = ()) -> None:
    """Refuse what a server on this data folder would not do as asked, before it is on record.

    A job of one provider would wait for ever behind a server of the other; and who takes the job does it in
    its own ways, not in those that the options ``ways`` name.
    """
    elsewhere = "Stop it, or name another folder in REELOG_DATA_DIR."
    for provider in PROVIDERS:
        if not system.store.is_present(serving_name(provider)):
            continue
        if provider != system.provider:
            raise InputError(
                f"a server on this data folder works for the provider {provider}, "
                f"and this job is for {system.provider}",
                elsewhere,
            )
        for way in ways:
            raise InputError(
                f"{way}: a server works on this data folder, and makes the film in its own way", elsewhere
            )


class _Announcement:
    """What others know of the actors of this process: whether they work, stand by, and who sits where.

    The latter is said where processes may ask that have no actors of their own.
    """

    def __init__(self, system: System) -> None:
        store, provider = system.store, system.provider
        self._presence, self._standby = announce(store, provider), store.presence(standby_name(provider))
        self._crews = None if store.url.startswith("sqlite") else system.crews
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._reported_at = 0.0
        self.state = "starting"

    def make(self, status: dict[str, Any]) -> None:
        before, self.state = self.state, status["state"]
        _hold(self._standby, held=self.state == STANDING_BY)
        if self.state == "ready" != before:
            log.info("the actors are ready")
        _hold(self._presence, held=self.state != "failed")
        due = self.state != before or time.monotonic() - self._reported_at >= ABLE_LOOK_S
        if self._crews is not None and due:
            self._crews.report(self._process, status)
            self._reported_at = time.monotonic()

    def end(self) -> None:
        for take_back in (self._standby.release, self._presence.release, self._forget):
            with contextlib.suppress(Exception):
                take_back()

    def _forget(self) -> None:
        if self._crews is not None:
            self._crews.forget(self._process)


def _hold(presence: Presence, *, held: bool) -> None:
    if not held:
        presence.release()
    elif not presence.held:
        presence.acquire(0)


@contextlib.contextmanager
def announced(system: System, actors: Actors) -> Iterator[None]:
    """Tell others meanwhile that a server works here, for as long as its actors have not failed.

    Or that it stands by: then it is looked at often, as it may be at work at any time.
    """
    announcement, ending = _Announcement(system), threading.Event()

    def look_after() -> None:
        while not ending.wait(
            _START_LOOK_S if announcement.state in ("starting", STANDING_BY) else ABLE_LOOK_S
        ):
            try:
                announcement.make(actors.status())
            except Exception as error:  # noqa: BLE001 - a store that is away may be back at the next look
                log.info("others cannot be told whether work is done here: %s", error)

    thread = threading.Thread(target=look_after, name="announcement", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        announcement.end()


class Crew:
    """Sees to it that somebody works on one job."""

    def __init__(
        self,
        system: System,
        job_id: UUID,
        open_actors: Callable[..., Actors] = open_cluster,
    ) -> None:
        self._system = system
        self._job_id = job_id
        self._open_actors = open_actors
        self._actors: Actors | None = None
        self._failed: str | None = None
        self.trouble: str | None = None
        """What keeps the actors from working now; None when they work, or a server does."""
        self._awaited = ""
        self._noted = ""
        self._looked_at = 0.0
        self._stopping = threading.Event()

    def look(self, story: Story) -> None:
        """Start a crew of our own unless a server works; UnreachableError when it cannot be started."""
        if self._failed is not None:
            raise UnreachableError(self._failed, "`reelog doctor` looks at Ray and the rest.")
        story.trouble = self.trouble or ""
        self._note(story, self._awaited)
        if self._actors is not None or time.monotonic() - self._looked_at < _LOOK_S:
            return
        self._looked_at = time.monotonic()
        system = self._system
        if system.store.is_present(serving_name(system.provider)):
            self._awaited = "A server on this data folder takes the job."
            self._note(story, self._awaited)
            return
        self._awaited = "Starting Ray"
        self._note(story, self._awaited)
        self.trouble = ""
        self._actors = self._open_actors(
            system.settings, system.provider, system.prices, frozenset({self._job_id})
        )
        adopt("ray")
        self._actors.start()
        threading.Thread(target=self._watch, args=(self._actors,), name="crew-watch", daemon=True).start()

    def close(self) -> None:
        self._stopping.set()
        if self._actors is not None:
            self._actors.stop()

    def _watch(self, actors: Actors) -> None:
        """Learn of a Ray that could not be started, and of what goes wrong later; asking may block."""
        while True:
            self._take_note(actors.status())
            if self._stopping.wait(_LOOK_S):
                return

    def _take_note(self, status: dict[str, Any]) -> None:
        """What there is to tell of the actors; ``_failed`` when they are given up."""
        troubles = [str(status["error"])] if status.get("error") else []
        for name, seat in status.get("crew", {}).items():
            if seat.get("error"):
                troubles.append(f"the {name} are started again: {seat['error']}")
        for job in status.get("director", {}).get("set_aside", []):
            if job["job"] == str(self._job_id):
                troubles.append(f"the job cannot be directed: {job['reason']}")
                if job["tries"] >= _TRIES:
                    self._failed = troubles[-1]
        if status["state"] == "failed":
            self._failed = troubles[0] if troubles else "the actors have failed"
        starting = "" if status["state"] == "starting" else None
        self.trouble = "; ".join(troubles) or starting
        self._awaited = _awaited(status)

    def _note(self, story: Story, awaited: str) -> None:
        """Say what the job waits for, unless somebody else has something to say."""
        if story.note in ("", self._noted):
            story.note = self._noted = awaited


def _awaited(status: dict[str, Any]) -> str:
    """What a job that is not begun waits for, as the actors tell it."""
    if status["state"] == "starting":
        return f"Starting {status.get('awaited', 'the actors')}"
    if status.get("director", {}).get("state") == WITHOUT_LEASE:
        return (
            "Another `reelog make` or server works on this data folder; this film begins when that has ended."
        )
    return ""
