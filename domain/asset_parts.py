"""What an asset is made of: its key in the job, its recipe, its attempts, its product. Values only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from domain.failures import Failure
from domain.script import STAGE_OF, Kind, Stage

SCENE_KINDS = frozenset({Kind.IMAGE, Kind.NARRATION, Kind.CLIP, Kind.TRANSITION})
"""The kinds of which there is one for each scene (a transition: for each scene but the last)."""


@dataclass(frozen=True, order=True)
class AssetKey:
    """Which asset of a job: its kind, and its scene (from 1) where it has one."""

    kind: Kind
    scene: int | None = None

    @property
    def name(self) -> str:
        return self.kind.value if self.scene is None else f"{self.kind.value}:{self.scene}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """``image:2`` or ``analysis``; ValueError says that there is no such name."""
        kind, _, scene = name.partition(":")
        if kind in set(Kind) and (kind in SCENE_KINDS) == scene.isdecimal():
            key = cls(Kind(kind), int(scene) if scene else None)
            if key.name == name and key.scene != 0:
                return key
        raise ValueError(f"no asset is named {name!r}; names are such as analysis, image:2, video")

    def id_in(self, job_id: UUID) -> UUID:
        return uuid5(job_id, self.name)

    @property
    def stage(self) -> Stage:
        return STAGE_OF[self.kind]


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


@dataclass(frozen=True)
class Attempt:
    number: int
    worker: str
    started_at: datetime
    reserved_usd: float | None
    status: str = "open"  # open, failed, lost, succeeded
    ended_at: datetime | None = None
    retry_at: datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Product:
    """What was made: its bytes by digest, and what was learnt while it was made."""

    digest: str
    media_type: str
    bytes: int
    facts: dict[str, Any]
    revision: int
    provenance: dict[str, Any] = field(default_factory=dict)
    cost_usd: float | None = 0.0
    reused: bool = False
