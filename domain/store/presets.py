"""Presets and casts as the log has them: found by name, stored, listed, removed.

No read model: one is found by its caller and name.
"""

import threading
from datetime import datetime
from typing import Any, cast

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError

from domain.preset import Preset, PresetKind, preset_id
from domain.store.known import KnownStreams
from domain.store.log import EventLog
from domain.store.studio import CONFLICT_RETRIES, ConflictError, Studio


class Presets:
    def __init__(self, studio: Studio, log: EventLog) -> None:
        self._studio = studio
        self._known = KnownStreams(studio, log, Preset.Stored.TOPIC)
        self._lock = threading.Lock()

    def find(self, caller: str, kind: PresetKind, name: str) -> Preset | None:
        """The caller's preset, while it is kept."""
        preset = self._load(caller, kind, name)
        return preset if preset is not None and preset.is_kept else None

    def _load(self, caller: str, kind: PresetKind, name: str) -> Preset | None:
        try:
            return cast("Preset", self._studio.repository.get(preset_id(caller, kind, name)))
        except AggregateNotFoundError:
            return None

    def put(
        self, caller: str, kind: PresetKind, name: str, values: Any, now: datetime
    ) -> tuple[Preset, bool]:
        """Store it under its name; and whether nothing was there."""
        for _ in range(CONFLICT_RETRIES):
            preset = self._load(caller, kind, name)
            added = preset is None or not preset.is_kept
            if preset is None:
                preset = Preset.store(caller, kind, name, values, now=now)
            elif not preset.store_again(values, now=now):
                return preset, False
            try:
                self._studio.append(preset)
            except IntegrityError:
                continue
            return preset, added
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def remove(self, caller: str, kind: PresetKind, name: str, now: datetime) -> bool:
        """False where there is none of this name."""
        for _ in range(CONFLICT_RETRIES):
            preset = self._load(caller, kind, name)
            if preset is None or not preset.remove(now=now):
                return False
            try:
                self._studio.append(preset)
            except IntegrityError:
                continue
            return True
        raise ConflictError(f"gave up after {CONFLICT_RETRIES} conflicting saves")

    def all(self, caller: str, kind: PresetKind) -> list[Preset]:
        """Every one that the caller keeps, by name."""
        with self._lock:
            known = self._known.ids()
        presets = [cast("Preset", self._studio.repository.get(of)) for of in known]
        mine = [one for one in presets if one.is_kept and (one.caller, one.kind) == (caller, kind)]
        return sorted(mine, key=lambda one: one.name)
