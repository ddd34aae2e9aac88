"""Cases driven directly: a system on a store of the test's own, and nobody who serves or works."""

import functools
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal


class Studio(PlannedFilming):
    """Films on one system, made by hand; what is recorded can be read when a method returns."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.system = system

    def settle(self) -> None:
        assert self.system.readers.wait_for(self.log.head(), 10)

    def completed(self, **changes: Any) -> UUID:
        return self._ended("completed", **changes)

    def failed(self, at: str = "image:1", **changes: Any) -> UUID:
        self.faults[at] = [refusal()]
        return self._ended("failed", **changes)

    def _ended(self, status: str, **changes: Any) -> UUID:
        job_id = self.submit(**changes)
        assert self.finish(job_id) == status
        self.settle()
        return job_id

    def topics(self, job_id: UUID) -> list[str]:
        events = [recorded.event for recorded in self.log.read(0, 100_000)]
        return [event.TOPIC for event in events if event.job_id == job_id]


@pytest.fixture
def open_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Opens the store, each time anew, as a process would that is started again."""
    opened: list[System] = []

    def open_(**settings: Any) -> Studio:
        own = load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0, **settings)
        shipped = ModelDirectory(functools.partial(Catalogue, None, date(2026, 11, 22)))
        system = open_system(own, provider="emulator", models=shipped)
        system.projector.start()
        opened.append(system)
        return Studio(system)

    yield open_
    for system in opened:
        system.close()


@pytest.fixture
def studio(open_studio: Callable[..., Studio]) -> Studio:
    return open_studio()
