"""Stores of any age: one film's history, copied under new ids until there are as many events as asked for.

Ids of the job and of its assets stand all over the stored events, so each event is cut at its ids once and
put together again for each copy. Events go in through the recorder, as in life but thousands to a
transaction; the read models are then built from the log, as by ``reelog rebuild``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from actors.blobs.folder import LocalBlobs
from api.settings import Settings, load_settings
from domain.asset import AssetKey
from domain.film_graph import Graph, guessed_scenes
from domain.store import EventLog, Studio, open_event_store
from projections.database import open_database
from projections.rebuild import rebuild
from tests.projections.filming import Filming

SCENES = 5
"""Which makes about a hundred events a job."""
BATCH_EVENTS = 5_000


def settings_of(folder: Path) -> Settings:
    return load_settings({}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0)


@dataclass(frozen=True)
class Piece:
    """A stored event, cut: between two texts stands the id of this name, written with or without dashes."""

    about: str
    version: int
    topic: str
    texts: tuple[str, ...]
    ids: tuple[tuple[str, bool], ...]

    def of(self, ids: dict[str, UUID]) -> StoredEvent:
        parts = [self.texts[0]]
        for (name, dashed), text in zip(self.ids, self.texts[1:], strict=True):
            parts += [str(ids[name]) if dashed else ids[name].hex, text]
        return StoredEvent(ids[self.about], self.version, self.topic, "".join(parts).encode())


class Template:
    """The history of one completed film."""

    def __init__(self, folder: Path) -> None:
        store = open_event_store(f"sqlite:///{folder}/template.db")
        filming = Filming(store, LocalBlobs(folder / "blobs"))
        filming.scenes = SCENES
        try:
            job_id = filming.submit()
            assert filming.finish(job_id) == "completed"
            job = filming.studio.job(job_id)
            self._names = [key.name for key in Graph.of(job.options, guessed_scenes(SCENES)).nodes]
            own = self._ids(job_id)
            marks = {
                text: (name, dashed)
                for name, id_ in own.items()
                for text, dashed in ((str(id_), True), (id_.hex, False))
            }
            cut = re.compile("|".join(marks))
            names: dict[object, str] = {id_: name for name, id_ in own.items()}
            self.pieces = []
            for event in filming.studio.recorder.select_notifications(None, 10_000):
                state = event.state.decode()
                self.pieces.append(
                    Piece(
                        names[event.originator_id],
                        event.originator_version,
                        event.topic,
                        tuple(cut.split(state)),
                        tuple(marks[found[0]] for found in cut.finditer(state)),
                    )
                )
        finally:
            filming.studio.close()
            store.close()

    def _ids(self, job_id: UUID) -> dict[str, UUID]:
        return {"job": job_id} | {name: AssetKey.parse(name).id_in(job_id) for name in self._names}

    def copy(self) -> tuple[UUID, list[StoredEvent]]:
        """The same history of another job."""
        ids = self._ids(uuid4())
        return ids["job"], [piece.of(ids) for piece in self.pieces]


def build(folder: Path, events: int) -> Sequence[UUID]:
    """A data folder whose log holds at least so many events, and read models of it; gives its jobs."""
    folder.mkdir(parents=True)
    template = Template(folder)
    store = open_event_store(settings_of(folder).store)
    studio = Studio(store)
    database = open_database(store.url)
    try:
        jobs: list[UUID] = []
        for batch in _batches(template, events, jobs):
            studio.recorder.insert_events(batch)
        rebuild(database, store, EventLog(studio))
    finally:
        database.close()
        studio.close()
        store.close()
    return jobs


def _batches(template: Template, events: int, jobs: list[UUID]) -> Iterator[list[StoredEvent]]:
    made, batch = 0, list[StoredEvent]()
    while made < events:
        job_id, history = template.copy()
        jobs.append(job_id)
        batch += history
        made += len(history)
        if len(batch) >= BATCH_EVENTS:
            yield batch
            batch = []
    if batch:
        yield batch
