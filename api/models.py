"""Which models may be asked for: the provider's own list, kept for a while, or the shipped one.

The list is fetched in a thread that starts with the server, because the first look loads an SDK and goes over
the network. When the provider cannot be asked, the shipped list answers and says that it is the one that did.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from api.problems import FieldError

ModelKind = Literal["text", "image", "speech"]

FRESH_S = 600.0
RETRY_S = 30.0
PATIENCE_S = 10.0

logger = logging.getLogger(__name__)


class Catalogue(Protocol):
    """What is known of the models at one time; ``source`` is ``live`` or ``shipped``."""

    @property
    def source(self) -> str: ...

    @property
    def offers(self) -> Sequence[Any]:
        """All models: each with ``model``, ``available``, ``why_not`` and ``default``."""
        ...

    def fit(self, kind: ModelKind, *, aspect_ratio: str | None = None) -> list[str]: ...

    def why_unfit(self, name: str, kind: ModelKind, *, aspect_ratio: str | None = None) -> str | None: ...


class ModelDirectory:
    """Answers from the newest catalogue that could be had. ``load`` gives one; it may take seconds."""

    def __init__(self, load: Callable[[], Catalogue]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._loaded_at = 0.0

    def start(self) -> None:
        """Begin to fetch the list, so that the first submission need not wait for all of it."""
        threading.Thread(target=self.catalogue, name="models", daemon=True).start()

    def catalogue(self) -> Catalogue:
        """The list of models, fetched again when it is old. Blocks; call it in a thread."""
        with self._loading:
            age = time.monotonic() - self._loaded_at
            known = self._catalogue
            if known is None or age > (FRESH_S if known.source == "live" else RETRY_S):
                self._catalogue = known = self._load()
                self._loaded_at = time.monotonic()
            return known

    def faults(self, models: Mapping[str, str], aspect_ratio: str | None = None) -> list[FieldError]:
        """What is wrong with the models of a submission, by kind; empty when all will do. Blocks."""
        catalogue = self.catalogue()
        faults = []
        kinds: tuple[ModelKind, ...] = ("text", "image", "speech")
        for kind in kinds:
            if kind not in models:
                continue
            ratio = aspect_ratio if kind == "image" else None
            why = catalogue.why_unfit(models[kind], kind, aspect_ratio=ratio)
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
                        f"models.{kind} is {models[kind]!r}: {why}; these would do: {fit}{listed}",
                    )
                )
        return faults
