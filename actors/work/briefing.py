"""What a stage is told of a job: its brief, its inputs, and the recipe that comes of them.

The Director asks for recipes as work becomes possible; a fork asks what they would be, and a remake what they
were. All three must be told the same, or a fork would redo what it could have kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from actors.work.stage import Brief, Inputs, Plan, Source, StageActor
from domain.asset import Asset, AssetKey, Recipe
from domain.film_graph import Assets, written_script
from domain.job import Job
from domain.ports import BlobStore
from domain.script import Stage

EDITED = "edited"
"""The version of a prompt that a person wrote."""


def brief_of(job: Job, assets: Assets) -> Brief:
    """Its script is the one that was written, where one was."""
    return Brief(
        job_id=job.id,
        run=job.run,
        script=written_script(assets) or job.script,
        language=job.language,
        models=job.models,
        options=job.options,
        provider=job.provider,
        priority=job.priority,
        given=job.given,
    )


def source_of(name: str, asset: Asset) -> Source:
    """A made asset as an input to others."""
    product = asset.product
    assert product is not None, f"{name} is an input and must be made"
    return Source(name, product.digest, product.media_type, product.facts)


def sources_of(assets: Mapping[AssetKey, Asset], names: Iterable[str]) -> tuple[Source, ...]:
    return tuple([source_of(name, assets[AssetKey.parse(name)]) for name in names])


def plan_of(
    stages: Mapping[Stage, StageActor],
    brief: Brief,
    key: AssetKey,
    sources: Iterable[Source],
    blobs: BlobStore,
) -> Plan:
    """What would be asked for. Raises what the planner raises, and BlobError where inputs are gone."""
    return stages[key.stage].plan(brief, key, Inputs({s.name: s for s in sources}, blobs))


class PromptStore(Protocol):
    def put(self, data: bytes) -> str: ...


def recipe_of(plan: Plan, prompts: PromptStore) -> Recipe:
    """The plan as it is recorded; its prompt is stored."""
    digest = prompts.put(plan.prompt.encode()) if plan.prompt is not None else None
    return Recipe(plan.model, digest, plan.prompt_version, plan.parameters, plan.reservation_usd)


def edited(plan: Plan, prompt: str, reservation_usd: float | None) -> Plan:
    """The same plan with a prompt that a person wrote: no longer a version of ours."""
    return replace(plan, prompt=prompt, prompt_version=EDITED, reservation_usd=reservation_usd)
