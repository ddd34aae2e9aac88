"""What the log holds besides films, each kept by name or by digest: a part of every open system."""

import functools
from collections.abc import Callable
from datetime import datetime

from domain.store import EventLog, Files, Keys, Owners, Presets, Sessions, Studio


class Records:
    studio: Studio
    log: EventLog
    clock: Callable[[], datetime]

    @functools.cached_property
    def files(self) -> Files:
        """What people brought."""
        return Files(self.studio, self.log)

    @functools.cached_property
    def presets(self) -> Presets:
        """What is kept by name, to be used again."""
        return Presets(self.studio, self.log)

    @functools.cached_property
    def keys(self) -> Keys:
        """Who may ask besides the administrator."""
        return Keys(self.studio)

    @functools.cached_property
    def sessions(self) -> Sessions:
        """Which of browsers' sessions were ended before their time."""
        return Sessions(self.studio, self.clock)

    @functools.cached_property
    def owners(self) -> Owners:
        """Whose each job is."""
        return Owners(self.studio)
