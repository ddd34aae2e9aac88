"""Traces as the rest of the API has them: whether they are exported, the exporter, and how it does."""

from functools import cached_property
from typing import Any

from api.configuration.tracing import collector_faults, collector_of
from api.settings import Settings, SettingsError
from api.traces.exporter import Exporter, Parts, SpanSink
from api.traces.tables import TABLES, Place
from domain.store import EventLog, EventStore
from projections.database import open_database
from projections.readers import ReadModels


def open_collector(settings: Settings) -> SpanSink | None:
    """Where spans go, None where nowhere; SettingsError names every variable that is wrong."""
    faults = collector_faults(settings.tracing)
    if faults:
        raise SettingsError(faults)
    endpoint = collector_of(settings.tracing)
    if endpoint is None:
        return None
    from api.traces.collector import Collector  # noqa: PLC0415 - an extra, which most do not install

    return Collector(endpoint)


class Traces:
    """Opened with its first use; ``close`` ends what was started and closes what was opened."""

    def __init__(
        self,
        store: EventStore,
        log: EventLog,
        readers: ReadModels,
        collector: SpanSink | None,
    ) -> None:
        self._store = store
        self._log = log
        self._readers = readers
        self._collector = collector
        self.exporter: Exporter | None = None

    @property
    def are_exported(self) -> bool:
        return self._collector is not None

    @cached_property
    def place(self) -> Place:
        return Place(open_database(self._store.url, TABLES))

    def start(self) -> None:
        """Begin to export, in one of the processes on this store, where there is a collector."""
        if self._collector is not None:
            parts = Parts(self._store, self._log, self._readers, self.place, self._collector)
            self.exporter = Exporter(parts)
            self.exporter.start()

    def finish(self, within_s: float) -> bool:
        """Have all that has happened by now sent; False where it takes longer. It is then sent later."""
        return self.exporter is None or self.exporter.finish(within_s)

    def status(self) -> dict[str, Any] | None:
        """How it does, and how far it is behind; None where nothing is exported."""
        if self.exporter is None:
            return None
        position = self.place.position()
        status = self.exporter.status
        behind = None if position is None else max(0, self._log.head() - position)
        return {"state": status.state, "position": position, "lag_events": behind, "reason": status.reason}

    def close(self) -> None:
        if self.exporter is not None:
            self.exporter.close()
        if "place" in self.__dict__:
            self.place.close()
