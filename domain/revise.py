"""Making something again: which work follows from it, and what it will cost.

Regenerating one asset makes a new revision of it and of everything that is made from it, and of nothing else.
Pure decisions; the caller saves the job and the asset in one transaction.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.asset import Asset, AssetKey, Recipe
from domain.film_plan import Assets, expected_assets, inputs_of, references, scene_count
from domain.job import Job


class NotRevisableError(ValueError):
    """The asset cannot be made again now; the message says why."""


@dataclass(frozen=True)
class Work:
    """What is to be made again, in order, and what that cost the last time."""

    keys: tuple[AssetKey, ...]
    usd: float
    """What these assets cost when they were made last; what is made here costs nothing."""
    at_most_usd: float | None
    """The worst case of one attempt each; None where a model has no known price."""


def dependents(key: AssetKey, job: Job, assets: Assets) -> list[AssetKey]:
    """``key`` and everything that is made from it, directly or not, each after what it is made from."""
    scenes, seen = scene_count(assets) or 0, references(assets)
    touched = {key}
    ordered = [key]
    for other in expected_assets(job.options, scenes or None):
        if other not in touched and touched & set(inputs_of(other, job.options, scenes, seen)):
            touched.add(other)
            ordered.append(other)
    return ordered


def unmade(job: Job, assets: Assets) -> list[AssetKey]:
    """What another run has to make: all that is not made yet, or not from what is there now, in order."""
    scenes, seen = scene_count(assets), references(assets)
    digests: dict[str, str] = {}
    missing: list[AssetKey] = []
    for key in expected_assets(job.options, scenes):
        asset = assets.get(key)
        inputs = {needed.name for needed in inputs_of(key, job.options, scenes or 0, seen)}
        wanted = {name: digests[name] for name in inputs if name in digests}
        if asset is None or asset.product is None or len(wanted) < len(inputs) or asset.inputs != wanted:
            missing.append(key)
        else:
            digests[key.name] = asset.product.digest
    return missing


def work_of(keys: list[AssetKey], assets: Assets) -> Work:
    """What it takes to make these assets (again), as far as it is known before."""
    known = [assets[key] for key in keys if key in assets]
    paid = [asset for asset in known if asset.is_paid]
    prices = [asset.recipe.reservation_usd for asset in paid]
    worst = None if any(price is None for price in prices) else sum(price or 0.0 for price in prices)
    last = sum(asset.product.cost_usd or 0.0 for asset in paid if asset.product is not None)
    return Work(tuple(keys), round(last, 6), None if worst is None else round(worst, 6))


def regenerate(
    job: Job,
    assets: Assets,
    key: AssetKey,
    recipe: Recipe,
    *,
    now: datetime,
    idempotency_key: str | None = None,
    fingerprint: str | None = None,
) -> Asset:
    """Reopen the job and ask for the asset's next revision with this recipe; gives the asset.

    Raises NotRevisableError while the job is under way (its workflow decides then), and where the asset or
    what it is made from was never made.
    """
    if not job.ended:
        raise NotRevisableError(f"the job is {job.status}; wait for its end, or cancel it, then regenerate")
    asset = assets.get(key)
    if asset is None:
        raise NotRevisableError(f"{key.name} was never asked for; retry the job instead")
    inputs = []
    for needed in inputs_of(key, job.options, scene_count(assets) or 0, references(assets)):
        made = assets.get(needed)
        if made is None or made.product is None:
            raise NotRevisableError(
                f"{key.name} is made from {needed.name}, which is not made; retry the job"
            )
        inputs.append(
            {
                "id": str(made.id),
                "name": needed.name,
                "revision": made.revision,
                "digest": made.product.digest,
            }
        )
    job.reopen("regenerate", now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)
    if not asset.request_again(asset.revision + 1, recipe, inputs, run=job.run, now=now):
        raise NotRevisableError(f"an attempt at {key.name} is under way")
    return asset


def with_prompt(recipe: Recipe, prompt_digest: str) -> Recipe:
    """The same recipe with an edited prompt: no longer a version of ours."""
    return replace(recipe, prompt_digest=prompt_digest, prompt_version="edited")
