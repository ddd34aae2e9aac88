"""What an asset is made of: its key in the job, its recipe, its attempts, its product. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

from domain.failures import Failure
from domain.script import EITHER_KINDS, PROVIDER_KINDS, STAGE_OF, Kind, Stage
from domain.statuses import AttemptStatus

SCENE_KINDS = frozenset({Kind.IMAGE, Kind.SHOT, Kind.NARRATION, Kind.CLIP, Kind.TRANSITION})
"""The kinds of which there is one for each scene (a transition: for each scene but the last)."""
BEAT_KINDS = frozenset({Kind.IMAGE, Kind.SHOT})
"""Those of which a scene may have several, one for each beat."""
KEPT_KEYS = 4096


class AssetKey(NamedTuple):
    """Which asset of a job: its kind, its scene (from 1) where it has one, and the beat of that scene.

    A tuple, since whatever asks a film compares keys by the thousand.
    """

    kind: Kind
    scene: int | None = None
    beat: int = 1

    @property
    def name(self) -> str:
        """``analysis``, ``image:3``, and of a later beat ``image:3.2``."""
        return _name(self)

    @classmethod
    def parse(cls, name: str) -> "AssetKey":
        """The key of such a name; ValueError says that there is none."""
        return _parse(name)

    def id_in(self, job_id: UUID) -> UUID:
        return _id(job_id, self.name)

    @property
    def stage(self) -> Stage:
        return STAGE_OF[self.kind]


# A film's events name the same few hundred keys by the thousand.
@lru_cache(KEPT_KEYS)
def _name(key: AssetKey) -> str:
    if key.scene is None:
        return key.kind.value
    beat = f".{key.beat}" if key.beat > 1 else ""
    return f"{key.kind.value}:{key.scene}{beat}"


_id = lru_cache(KEPT_KEYS)(uuid5)


@lru_cache(KEPT_KEYS)
def _parse(name: str) -> AssetKey:
    kind, _, place = name.partition(":")
    scene, _, beat = place.partition(".")
    if kind in set(Kind) and (kind in SCENE_KINDS) == scene.isdecimal():
        number = int(beat) if beat.isdecimal() and kind in BEAT_KINDS else 1
        key = AssetKey(Kind(kind), int(scene) if scene else None, number)
        if key.name == name and key.scene != 0:
            return key
    raise ValueError(f"no asset is named {name!r}; names are such as analysis, image:2, video")


@dataclass(frozen=True)
class Recipe:
    """All that decides what a provider or a renderer is asked for, besides the inputs.

    ``prompt_digest`` names a blob; ``parameters`` are plain JSON values; ``reservation_usd`` is the worst
    case of one call (None: the model has no known price; 0.0: made here for free).
    """

    model: str | None = None
    prompt_digest: str | None = None
    prompt_version: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    reservation_usd: float | None = 0.0


def is_paid(key: AssetKey, recipe: Recipe) -> bool:
    """Whether a provider is paid for it: for some kinds always, for music where a model is asked for it."""
    return key.kind in PROVIDER_KINDS or (key.kind in EITHER_KINDS and recipe.model is not None)


@dataclass(frozen=True)
class InputRef:
    """An asset that another one is made from, as it was then."""

    id: UUID
    name: str
    revision: int
    digest: str
    parts: Mapping[str, str] | None = None
    """The digests of the parts that are used of it; None: the whole is."""

    @property
    def key(self) -> AssetKey:
        return AssetKey.parse(self.name)

    @classmethod
    def from_dict(cls, recorded: Mapping[str, Any]) -> Self:
        named = recorded["name"], recorded["revision"], recorded["digest"]
        return cls(UUID(recorded["id"]), *named, recorded.get("parts"))

    def to_dict(self) -> dict[str, Any]:
        """As it stands in events."""
        whole = {"id": str(self.id), "name": self.name, "revision": self.revision, "digest": self.digest}
        return whole if self.parts is None else whole | {"parts": dict(self.parts)}


@dataclass(frozen=True)
class Receipt:
    """What a provider gave for a call that it accepted and answers later.

    From then on the call may be billed, and is asked for by this id, free, until ``expires_at``.
    """

    call_id: str
    accepted_at: datetime
    expires_at: datetime


MAX_RESUMES = 20
"""So often an accepted call is gone on with; one whose worker dies each time is taken to be what kills it."""


class Attempt(NamedTuple):
    """A tuple, since it changes with most events of an asset: it is made in a fourth of the time."""

    number: int
    worker: str
    started_at: datetime
    reserved_usd: float | None
    status: AttemptStatus = AttemptStatus.OPEN
    ended_at: datetime | None = None
    retry_at: datetime | None = None
    failure: Failure | None = None
    receipt: Receipt | None = None
    resumed_at: datetime | None = None
    """When the last worker, which ``worker`` names, went on with the accepted call of another."""
    resumes: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether it is under way as a call that the provider has accepted."""
        return self.status == AttemptStatus.OPEN and self.receipt is not None

    @property
    def is_resumable(self) -> bool:
        """Whether another worker may ask for its call; once it has expired, one more and no other."""
        asked_last = (
            self.receipt is not None
            and self.resumed_at is not None
            and self.resumed_at >= self.receipt.expires_at
        )
        return self.is_accepted and not asked_last and self.resumes < MAX_RESUMES


class Product(NamedTuple):
    """What was made: its bytes by digest, and what was learnt while it was made."""

    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]
    revision: int
    provenance: dict[str, Any]
    cost_usd: float | None = 0.0
    reused: bool = False
    provided: bool = False
    """A person gave it: it is made from nothing here, so nothing can make it out of date."""

    @property
    def parts(self) -> Mapping[str, str]:
        """The digests of the parts of a document, by name."""
        parts: Mapping[str, str] = self.facts.get("parts", {})
        return parts

    def part(self, name: str | None) -> str | None:
        """The digest of a named part of a document, by default of the whole; None: it has no such part."""
        return self.digest if name is None else self.parts.get(name)


@dataclass(frozen=True)
class Provision:
    """What a person gives in the place of an asset."""

    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]
    source: dict[str, Any]
    """``file``: the digest of what was given; ``changes``: how that was fitted to its place, in words."""
    caller: str

    def is_in(self, product: Product | None) -> bool:
        """Whether the product is this very thing already."""
        return product is not None and product.provided and product.digest == self.digest

    def about(self, key: AssetKey, revision: int) -> dict[str, Any]:
        """The fields of its event."""
        return {
            "kind": key.kind.value,
            "scene": key.scene,
            "beat": key.beat,
            "revision": revision,
            **vars(self),
        }
