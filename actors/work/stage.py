"""What a stage actor is: a plain class that plans a recipe and makes an asset.

Two halves, because two processes do them. ``plan`` runs in the Director, which records the recipe in
``asset.requested`` before anything is spent; it is a pure function of the job's brief and the inputs.
``make`` runs in a worker and sees only what was recorded, so what the log says was asked for is what was
asked for. Ray is not known here: ``cluster.py`` alone puts these classes into actors.
"""

import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from actors.gemini.voices import MOST_VOICES
from actors.media.errors import RenderCancelled
from domain.asset import AssetKey, Recipe
from domain.asset_parts import Receipt, is_paid
from domain.failures import Code, Failure
from domain.given_scenes import NOTHING_GIVEN, Given
from domain.ports import BlobStore
from domain.script import Document
from domain.script_forms.reading import ScriptReading, read_script
from domain.submission import Options

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Brief:
    """What is the same for every asset of a job."""

    job_id: UUID
    run: int
    script: str
    language: str | None
    models: dict[str, str]
    options: Options
    provider: str
    priority: str = "normal"
    given: Given = NOTHING_GIVEN

    @property
    def analysed_language(self) -> str | None:
        """The language of the script, as far as its author says so; the film may be in another one."""
        return self.given.translated_from or self.language

    @property
    def reading(self) -> ScriptReading:
        """What of the script is spoken, and by whom."""
        return read_script(self.script, self.options.script_form)


@dataclass(frozen=True)
class Source:
    """An input: a finished asset by name, its bytes by digest, and what was learnt of it."""

    name: str
    digest: str
    media_type: str
    facts: dict[str, Any]


class Inputs:
    """The finished assets that something is made from, by asset name; bytes are fetched when asked for."""

    def __init__(self, sources: Mapping[str, Source], blobs: BlobStore) -> None:
        self._sources = sources
        self._blobs = blobs

    def __contains__(self, name: str) -> bool:
        return name in self._sources

    def names(self) -> list[str]:
        return list(self._sources)

    def source(self, name: str) -> Source:
        return self._sources[name]

    def facts(self, name: str) -> dict[str, Any]:
        return self._sources[name].facts

    def read(self, name: str) -> bytes:
        return self._blobs.get(self._sources[name].digest)

    def blob(self, digest: str) -> bytes:
        """Any stored bytes by digest, such as a prompt that an input was made from."""
        return self._blobs.get(digest)

    def path(self, name: str) -> Path:
        return self._blobs.path(self._sources[name].digest)

    def blob_path(self, digest: str) -> Path:
        """The file of any stored bytes."""
        return self._blobs.path(digest)

    def document(self, name: str, of: type[D]) -> D:
        return of.model_validate_json(self.read(name))

    def new_file(self, suffix: str) -> Path:
        return self._blobs.new_file(suffix)

    def discard(self, path: Path) -> None:
        self._blobs.discard(path)


@dataclass(frozen=True)
class Plan:
    """A recipe with the prompt still as text; the Director stores the text and records its digest."""

    model: str | None = None
    prompt: str | None = None
    prompt_version: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    reservation_usd: float | None = 0.0


def order_name(job_id: UUID, key: AssetKey, revision: int, attempt: int) -> str:
    """By which an attempt is known among the orders given and to the worker that makes it."""
    return f"{job_id}/{key.name}/{revision}/{attempt}"


@dataclass(frozen=True)
class Resume:
    """That an order goes on with an accepted call for which nobody asks."""

    resumes: int
    """How often it was gone on with before; one that was again since then is somebody's."""
    cancel: bool = False
    """Only to have the provider cancel it."""


@dataclass(frozen=True)
class Order:
    """One attempt to be made. Small and picklable: bytes never travel with it.

    The recipe's reservation is that of the order: prices may have changed since the asset was requested.
    """

    brief: Brief
    key: AssetKey
    revision: int
    attempt: int
    recipe: Recipe
    sources: tuple[Source, ...]
    causation: int | None = None
    throttled_s: float = 0.0
    """How long it has waited for its model to take another call."""
    note: str = ""
    """What this attempt says after the recipe's prompt: what was wrong with the answer before."""
    failures: tuple[Failure, ...] = ()
    """What the attempts before at this revision failed with, the latest first."""
    resume: Resume | None = None
    """None: the attempt is to be begun."""

    @property
    def asset_id(self) -> UUID:
        return self.key.id_in(self.brief.job_id)

    @property
    def is_paid(self) -> bool:
        """Whether a provider is asked for it, and paid."""
        return is_paid(self.key, self.recipe)

    def calls(self, voices_at_once: int = MOST_VOICES) -> int:
        """How many requests are made of its model, one after the other.

        More voices than speak in one call have one for each line.
        """
        lines = self.recipe.parameters.get("lines", ())
        return len(lines) if len({line["voice"] for line in lines}) > voices_at_once else 1

    @property
    def name(self) -> str:
        return order_name(self.brief.job_id, self.key, self.revision, self.attempt)


async def _no_receipts(receipt: Receipt) -> None:
    raise AssertionError(f"nobody keeps the receipt {receipt.call_id}")


@dataclass(frozen=True)
class Task:
    """An order in a worker's hands: the prompt and the inputs can be read, and cancellation is told."""

    order: Order
    inputs: Inputs
    prompt: str | None
    cancelled: threading.Event
    """Set when the job is cancelled: then the provider is asked to cancel an accepted call. Where it is set
    from the beginning and there is a receipt, ``make`` does no more than that and raises CancelledError. A
    ``make`` that is cancelled without it belongs to a worker that ends: its call goes on."""
    receipt: Receipt | None = None
    """Of a call that an earlier worker made: it is asked for, and never made again."""
    last_asking: bool = False
    """The receipt has expired: the provider is asked once more and not waited for."""
    accept: Callable[[Receipt], Awaitable[None]] = field(default=_no_receipts, repr=False)
    """Puts a receipt on record. It returns when that is durable, and not before is the call asked for."""
    _files: list[Path] = field(default_factory=list, init=False, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def new_file(self, suffix: str) -> Path:
        """A file to write into. It belongs to this attempt: what of it is not stored goes with it.

        RenderCancelled where the attempt has ended, as one does that was cancelled and whose thread runs on.
        """
        path = self.inputs.new_file(suffix)
        self._files.append(path)
        if self._ended.is_set():
            self.clear()
            raise RenderCancelled
        return path

    def pause(self, seconds: float) -> None:
        """For a thread that waits; RenderCancelled where the attempt has ended meanwhile."""
        if self._ended.wait(seconds):
            raise RenderCancelled

    def clear(self) -> None:
        """Remove what was written and not stored; called when the attempt has ended, however it has."""
        self._ended.set()
        for path in self._files:
            self.inputs.discard(path)

    @property
    def brief(self) -> Brief:
        return self.order.brief

    @property
    def key(self) -> AssetKey:
        return self.order.key

    @property
    def parameters(self) -> dict[str, Any]:
        return self.order.recipe.parameters


@dataclass(frozen=True)
class Made:
    """What an attempt made: the bytes, what was learnt of them, where they came from, what they cost.

    ``cost_usd`` is None when the provider was paid and the price is not known. ``request`` and ``raw`` are
    what was sent and what came back, made small and safe to keep (no keys, no pictures).
    """

    data: bytes | Path
    media_type: str
    facts: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] | None = None
    cost_usd: float | None = 0.0
    request: bytes | None = None
    raw: bytes | None = None
    extras: Mapping[str, bytes] = field(default_factory=dict)
    """The same thing in another form, such as the music's notes: stored too, the digest told as that fact."""


class MakeFailedError(Exception):
    """A paid call failed: the failure, and what the call cost all the same."""

    def __init__(
        self,
        failure: Failure,
        *,
        usage: dict[str, Any] | None = None,
        cost_usd: float | None = 0.0,
        request: bytes | None = None,
        raw: bytes | None = None,
    ) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.usage = usage
        self.cost_usd = cost_usd
        self.request = request
        self.raw = raw


TRACEBACK_FRAMES = 12


def unforeseen(error: BaseException, **context: Any) -> Failure:
    """The failure of what nobody foresaw, with where it happened."""
    return Failure.of(
        Code.INTERNAL_ERROR,
        f"{type(error).__name__}: {error}",
        details={"traceback": traceback.format_exception(error)[-TRACEBACK_FRAMES:]},
        **context,
    )


class StageActor(Protocol):
    """Makes the assets of one stage."""

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        """Decide what will be asked for; pure."""
        ...

    async def make(self, task: Task) -> Made:
        """Make the asset, or raise AttemptFailedError."""
        ...
