"""Which models may be asked for: the provider's own list, kept for a while, or the shipped one.

The list is fetched in a thread beside whoever asks, one at a time, because the first look loads an SDK and
goes over the network, which may take a minute. What is known is told meanwhile, so nobody waits for a
provider that hangs. Only a submission waits, and only while nothing is known yet. Where the provider has not
answered, the shipped list does, and says that it is the one that did.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from api.cases.errors import SOON_S, FieldError, Refusal
from domain.default_models import DEFAULT_MODELS, ModelKind

FRESH_S = 600.0
RETRY_S = 30.0
PATIENCE_S = 10.0
"""How long a submission waits for the first list."""
OLDEST_S = 24 * 3600.0
"""The provider's list is told for a day at most while no newer one can be had."""

logger = logging.getLogger(__name__)


class Catalogue(Protocol):
    """What is known of the models at one time; ``source`` is ``live`` or ``shipped``."""

    @property
    def source(self) -> str: ...

    @property
    def offers(self) -> Sequence[Any]:
        """All models: each with ``model``, ``available``, ``why_not`` and ``default``."""
        ...

    @property
    def voices(self) -> Collection[str]:
        """Those of the provider's library; none where that list could not be had."""
        ...

    @property
    def offered_voices(self) -> Sequence[Any]:
        """All voices: each with ``id``, ``library`` and what is known of how it sounds."""
        ...

    def fit(self, kind: ModelKind, *, aspect_ratio: str | None = None) -> list[str]: ...

    def why_unfit(self, name: str, kind: ModelKind, *, aspect_ratio: str | None = None) -> str | None: ...


class ModelDirectory:
    """Answers from the newest catalogue that could be had. ``load`` gives one; it may take a minute.

    ``shipped`` gives the one that answers while nothing else is known; whoever opens a system sets it.
    """

    def __init__(self, load: Callable[[], Catalogue], shipped: Callable[[], Catalogue] | None = None) -> None:
        self._load = load
        self.shipped = shipped
        self._lock = threading.Lock()  # of the fields below; never held while anything is waited for
        self._known: Catalogue | None = None
        self._known_at = -math.inf
        self._looked_at = -math.inf
        self._was_live = False
        self._look: _Look | None = None

    def start(self) -> None:
        """Begin to fetch the list, so that the first submission need not wait for all of it."""
        self._fetched()

    def catalogue(self, patience_s: float = 0.0) -> Catalogue:
        """What is known now, fetched again beside when it is old.

        Where nothing is known yet, blocks until the first look has come to something or has gone on for
        ``patience_s``, then tells the shipped list.
        """
        look = self._fetched()
        if self._known is None and look is not None and patience_s:
            look.ended.wait(max(0.0, look.begun_at + patience_s - time.monotonic()))
        known = self._known
        if known is None and self.shipped is not None:
            known = self.shipped()
        if known is None:
            raise Refusal("unavailable", "The list of models is not known yet.", retry_after_s=SOON_S)
        return known

    def _fetched(self) -> "_Look | None":
        """The look that is under way, begun now if one is due."""
        with self._lock:
            if self._look is None and time.monotonic() - self._looked_at > (
                FRESH_S if self._was_live else RETRY_S
            ):
                self._look = _Look(time.monotonic())
                threading.Thread(target=self._fetch, args=(self._look,), name="models", daemon=True).start()
            return self._look

    def _fetch(self, look: "_Look") -> None:
        found: Catalogue | None = None
        try:
            found = self._load()
        except Exception:
            # The next look may find it; until then there is a list, and the log says why it is not newer.
            logger.exception("the list of models could not be read")
        now = time.monotonic()
        with self._lock:
            self._was_live = found is not None and found.source == "live"
            # What the provider said lately is better than what was shipped.
            if found is not None and (self._was_live or now - self._known_at > OLDEST_S):
                self._known, self._known_at = found, now
            self._looked_at = now
            self._look = None
        look.ended.set()

    def faults(self, models: Mapping[str, str | None], aspect_ratio: str | None = None) -> list[FieldError]:
        """What is wrong with the models of a submission, by kind; empty when all will do. Blocks."""
        catalogue = self.catalogue(PATIENCE_S)
        faults = []
        for kind in DEFAULT_MODELS:
            name = models.get(kind)
            if name is None:
                continue
            ratio = aspect_ratio if kind in {"image", "video"} else None
            why = catalogue.why_unfit(name, kind, aspect_ratio=ratio)
            if why is not None:
                fit = ", ".join(catalogue.fit(kind, aspect_ratio=ratio))
                listed = (
                    ""
                    if catalogue.source == "live"
                    else " (by the shipped list; the provider's could not be had)"
                )
                faults.append(
                    FieldError(
                        f"/models/{kind}",
                        f"models.{kind} is {name!r}: {why}; these would do: {fit}{listed}",
                    )
                )
        return faults


@dataclass
class _Look:
    """One fetching of the list."""

    begun_at: float
    ended: threading.Event = field(default_factory=threading.Event)
