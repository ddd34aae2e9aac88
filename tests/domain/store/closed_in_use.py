"""Close a studio again and again while other threads read and write; says what those were told."""

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from eventsourcing.persistence import PersistenceError

from domain.job import Job
from domain.store import EventLog, Studio, open_event_store

ROUNDS = 8
told: set[str] = set()


def job() -> Job:
    return Job.submit(
        uuid4(),
        now=datetime.now(UTC),
        script="word " * 2000,
        models={},
        options={},
        provider="emulator",
        weights={},
    )


def close_in_use(folder: Path) -> None:
    store = open_event_store(f"sqlite:///{folder}/events.db")
    studio = Studio(store)
    log = EventLog(studio)
    for _ in range(30):
        studio.submit(job())
    under_way = threading.Barrier(5)

    def until_told(use: "threading.Barrier", write: bool) -> None:
        use.wait()
        try:
            while True:
                _ = studio.submit(job()) if write else log.read(0, 300)
        except PersistenceError as error:
            told.add(type(error).__name__)

    threads = [
        threading.Thread(target=until_told, args=(under_way, write)) for write in (True, False, False, True)
    ]
    for thread in threads:
        thread.start()
    under_way.wait()
    log.read(0, 300)
    studio.close()
    store.close()
    for thread in threads:
        thread.join()


for number in range(ROUNDS):
    close_in_use(Path(sys.argv[1]) / str(number))
print(*told)  # noqa: T201 - it is what the test listens to
