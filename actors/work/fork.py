"""A fork: a new job that keeps of another one all that the changes do not touch.

An asset is kept if it was made, everything it is made from is kept, and its stage would ask for the same
thing as before: the same model, prompt and parameters. Both recipes are planned now, one by the old brief and
one by the new, so that a fork after an upgrade does not pay for wordings that changed meanwhile. A person's
own prompt is kept too, and goes along where something else (a model, a shape) makes the asset anew.

Pure planning; whoever calls saves the new job and these assets in one transaction. The source is not touched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from actors.work.briefing import brief_of, edited, plan_of, recipe_of, sources_of
from actors.work.stage import Brief, Plan, Source, StageActor
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError
from domain.film_plan import Assets, expected_assets, inputs_of, references, scene_count
from domain.history import History
from domain.job import Job
from domain.ports import BlobStore
from domain.script import Kind, Stage
from domain.submission import Submission

EDITED = "edited"
TIMED = frozenset({Kind.MUSIC, Kind.CLIP, Kind.TRANSITION, Kind.CAPTIONS, Kind.VIDEO})
TIMING_OPTIONS = ("fps", "target_duration_s", "include_audio", "narration")
"""They move scenes in time, which the recipes of what is timed by them do not tell."""

Reserve = Callable[[str, str, Mapping[str, Any]], float | None]
"""The worst case (USD) of one call: of a model, a prompt, and a recipe's parameters."""


class NotForkableError(ValueError):
    """The changes cannot be made; ``faults`` are (JSON pointer into the changes, message)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = faults


@dataclass(frozen=True)
class Fork:
    """What becomes of each expected asset, as far as the scenes are known."""

    kept: dict[AssetKey, Asset] = field(default_factory=dict)
    """Assets of the source, taken over as they are."""
    asked: dict[AssetKey, Plan] = field(default_factory=dict)
    """What is asked for at once, with a person's prompt."""
    redone: tuple[AssetKey, ...] = ()
    """What is made anew, these included."""
    inputs: dict[AssetKey, list[AssetKey]] = field(default_factory=dict)

    def assets(self, job: Job, now: datetime, blobs: BlobStore) -> list[Asset]:
        """The events of the new job's assets, not yet saved; prompts are stored."""
        about: dict[str, Any] = {"run": job.run, "now": now}
        made = [
            Asset.reuse(job.id, asset, inputs=self._references(job, key), **about)
            for key, asset in self.kept.items()
        ]
        asked = [
            Asset.request(job.id, key, recipe_of(plan, blobs), self._references(job, key), **about)
            for key, plan in self.asked.items()
        ]
        return made + asked

    def _references(self, job: Job, key: AssetKey) -> list[dict[str, Any]]:
        references = []
        for needed in self.inputs[key]:
            product = self.kept[needed].product
            assert product is not None
            references.append(
                {
                    "id": str(needed.id_in(job.id)),
                    "name": needed.name,
                    "revision": 1,
                    "digest": product.digest,
                }
            )
        return references


def fork(
    source: History,
    submission: Submission,
    prompts: Mapping[AssetKey, str],
    *,
    stages: Mapping[Stage, StageActor],
    blobs: BlobStore,
    reserve: Reserve,
) -> Fork:
    """Plan what a job with this submission keeps of ``source``; ``prompts`` are a person's own.

    Raises NotForkableError, and BlobError where the source's inputs are gone.
    """
    assert source.job is not None
    old = brief_of(source.job)
    new = replace(
        old,
        script=submission.script,
        language=submission.language,
        models=submission.models.model_dump(),
        options=submission.options,
    )
    return _Planner(old, new, source.assets, prompts, stages, blobs, reserve).plan()


@dataclass
class _Planner:
    old: Brief
    new: Brief
    made: Assets
    prompts: Mapping[AssetKey, str]
    stages: Mapping[Stage, StageActor]
    blobs: BlobStore
    reserve: Reserve
    kept: dict[AssetKey, Asset] = field(default_factory=dict)
    asked: dict[AssetKey, Plan] = field(default_factory=dict)
    inputs: dict[AssetKey, list[AssetKey]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def plan(self) -> Fork:
        scenes = scene_count(self.made)
        expected = expected_assets(self.new.options, scenes)
        seen = references(self.made)
        for key in expected:
            inputs = inputs_of(key, self.new.options, scenes or 0, seen)
            if all(needed in self.kept for needed in inputs):
                self.inputs[key] = inputs
                self._decide(key, inputs)
            elif key in self.prompts:
                self._fault(key, "what it is made from is made anew, and asks for another prompt then")
        for key in self.prompts:
            if key not in expected:
                self._fault(key, "the film has no such asset")
        if self.faults:
            raise NotForkableError(self.faults)
        redone = tuple(key for key in expected if key not in self.kept)
        return Fork(self.kept, self.asked, redone, self.inputs)

    def _fault(self, key: AssetKey, message: str) -> None:
        self.faults.append((f"/prompts/{key.name}", f"{key.name}: {message}"))

    def _decide(self, key: AssetKey, inputs: list[AssetKey]) -> None:
        """Take the asset over if nothing touches it; else see whether a person's prompt goes along."""
        asset = self.made.get(key)
        sources = sources_of(self.made, [needed.name for needed in inputs])
        plan = self._new_plan(key, sources)
        if plan is None:
            return
        if key in self.prompts and plan.prompt is None:
            self._fault(key, "it is made here and has no prompt")
            return
        untouched = (
            asset is not None
            and asset.product is not None
            and asset.inputs == {s.name: s.digest for s in sources}
            and key.kind is not Kind.MANIFEST  # it tells of its own job
            and self._same_timing(key.kind)
            and _alike(plan, self._old_plan(key, sources))
        )
        if untouched and not self._says_otherwise(key):
            assert asset is not None
            self.kept[key] = asset
            return
        prompt = self.prompts.get(key) or self._edited_before(asset)
        if prompt is not None and plan.model is not None:
            self.asked[key] = edited(plan, prompt, self.reserve(plan.model, prompt, plan.parameters))

    def _says_otherwise(self, key: AssetKey) -> bool:
        """Whether a prompt is given that is not the one on record."""
        given = self.prompts.get(key)
        return given is not None and digest_of(given) != self.made[key].recipe.prompt_digest

    def _edited_before(self, asset: Asset | None) -> str | None:
        digest = asset.recipe.prompt_digest if asset else None
        if asset is None or digest is None or asset.recipe.prompt_version != EDITED:
            return None
        return self.blobs.get(digest).decode()

    def _new_plan(self, key: AssetKey, sources: tuple[Source, ...]) -> Plan | None:
        try:
            return plan_of(self.stages, self.new, key, sources, self.blobs)
        except AttemptFailedError as error:
            self.faults.append(("", f"{key.name}: {error.failure.message} {error.failure.hint}"))
            return None

    def _old_plan(self, key: AssetKey, sources: tuple[Source, ...]) -> Plan | None:
        try:
            return plan_of(self.stages, self.old, key, sources, self.blobs)
        except AttemptFailedError:
            return None  # it could not be asked for today as it was

    def _same_timing(self, kind: Kind) -> bool:
        old, new = self.old.options, self.new.options
        return kind not in TIMED or all(getattr(old, n) == getattr(new, n) for n in TIMING_OPTIONS)


def _alike(plan: Plan, other: Plan | None) -> bool:
    return other is not None and (plan.model, plan.prompt, plan.parameters) == (
        other.model,
        other.prompt,
        other.parameters,
    )


def digest_of(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()
