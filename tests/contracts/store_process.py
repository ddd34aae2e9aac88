"""What the tests of the event stores have another process do: ``store_process.py URL COMMAND …``.

Each command says ``ready`` on stdout, waits for a line on stdin where it has to keep step with others, and
says what came of it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    StoredEvent,
)
from eventsourcing.utils import Environment

from domain.store import EventStore, open_event_store


def recorder_of(store: EventStore) -> ApplicationRecorder:
    factory: InfrastructureFactory = InfrastructureFactory.construct(Environment(env=store.environment()))
    return factory.application_recorder()


def stored(stream: UUID, version: int, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(originator_id=stream, originator_version=version, topic="tested", state=state)


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - it is what the test listens to


def write(store: EventStore, appends: str, events_each: str) -> None:
    """Append so many times, so many events each, to a stream of one's own; 0 appends means for ever."""
    recorder, stream, version = recorder_of(store), uuid4(), 0
    say("ready")
    sys.stdin.readline()
    done = 0
    while not int(appends) or done < int(appends):
        events = [stored(stream, version + n) for n in range(1, int(events_each) + 1)]
        recorder.insert_events(events)
        version += len(events)
        done += 1
        if done == 1:
            say("first")
    say("done", stream)


def race(store: EventStore, *streams: str) -> None:
    """Try to be the one who writes version 1 of each stream; tell of each who won."""
    recorder = recorder_of(store)
    say("ready")
    sys.stdin.readline()
    for stream in streams:
        try:
            recorder.insert_events([stored(UUID(stream), 1, str(os.getpid()).encode())])
        except IntegrityError:
            say("lost")
        else:
            say("won")


def hold(store: EventStore, name: str) -> None:
    """Hold a presence until told to answer whether it is still held."""
    presence = store.presence(name)
    say("ready", presence.acquire(timeout_s=5))
    for _ in sys.stdin:
        say(presence.held)


def ask(store: EventStore, name: str) -> None:
    """Ask for ever whether the presence is held, and sweep."""
    say("ready")
    while True:
        store.is_present(name)
        store.sweep_presence()


def hold_with_child(store: EventStore, name: str, how: str) -> None:
    """Hold a presence and have a child that outlives this process: forked, or spawned with open files."""
    presence = store.presence(name)
    assert presence.acquire(timeout_s=5)
    if how == "spawned":
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
        say("ready", child.pid)
    else:
        pid = os.fork()
        if pid == 0 and how == "executed":
            os.execvp("sleep", ["sleep", "60"])  # noqa: S606 - exec without a shell is what is tested
        if pid == 0:
            time.sleep(60)
        say("ready", pid)
    sys.stdin.readline()


def raise_signal(store: EventStore, name: str) -> None:
    """Raise the signal once for each line."""
    signal = store.signal(name)
    say("ready")
    for _ in sys.stdin:
        signal.raise_()
        say("raised")


def open_only(store: EventStore) -> None:
    """Tell what is in the store that was just opened."""
    say("ready", recorder_of(store).max_notification_id())


COMMANDS: dict[str, Callable[..., None]] = {
    "write": write,
    "race": race,
    "hold": hold,
    "ask": ask,
    "hold-with-child": hold_with_child,
    "raise": raise_signal,
    "open": open_only,
}

if __name__ == "__main__":
    url, command, *arguments = sys.argv[1:]
    COMMANDS[command](open_event_store(url), *arguments)
