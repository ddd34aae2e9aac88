"""Another revision of one asset: made again or given by a person, and everything made from it, nothing else.

Pure decisions; the caller saves the job and the asset in one transaction.
"""

from datetime import datetime

from domain.asking import UNNAMED, Asking
from domain.asset import Asset, AssetKey, Provision, Recipe
from domain.film import Film

PROVIDABLE = frozenset({"script", "image", "shot", "narration", "music"})
"""The kinds of assets that a person may give; all others are made from these, or tell of them."""


class NotRevisableError(ValueError):
    """The asset cannot have another revision now; the message says why."""


def regenerate(
    film: Film,
    key: AssetKey,
    recipe: Recipe,
    *,
    now: datetime,
    max_cost_usd: float | None = None,
    asking: Asking = UNNAMED,
) -> Asset:
    """Reopen the job and ask for the asset's next revision with this recipe; gives the asset.

    ``max_cost_usd`` is the job's new budget, where it is given. A job that waits for review goes on in the
    same run, with the budget that it has.

    Raises NotRevisableError while the job is under way (its workflow decides then), and where the asset or
    what it is made from was never made, or the film has it no longer.
    """
    job = film.job
    if not job.is_changeable:
        raise NotRevisableError(f"the job is {job.status}; wait for its end, or cancel it, then regenerate")
    require_part(film, key)
    asset = film.assets.get(key)
    if asset is None:
        raise NotRevisableError(f"{key.name} was never asked for; retry the job instead")
    missing = [needed for needed in film.inputs(key) if film.digest(needed) is None]
    for needed in missing:
        if not film.is_spared(needed):
            raise NotRevisableError(
                f"{key.name} is made from {needed.name}, which is not made; retry the job"
            )
    # What was spared is made now; then the workflow asks for this anew, from that.
    inputs = () if missing else film.inputs_with_digests(key)
    job.begin_change("regenerate", now=now, max_cost_usd=max_cost_usd, asking=asking)
    if not asset.request_again(asset.revision + 1, recipe, inputs, run=job.run, now=now):
        raise NotRevisableError(f"an attempt at {key.name} is under way")
    film.take_job(job)
    film.take(asset)
    return asset


def require_part(film: Film, key: AssetKey) -> None:
    """NotRevisableError where the film has no such asset, or no longer: its scene may have been left out."""
    if key in film.graph.nodes:
        return
    back = "; a scene that was left out comes back with an order that names it" if key in film.assets else ""
    raise NotRevisableError(f"the film has no {key.name}{' any more' if back else ''}{back}")


def provide(
    film: Film,
    key: AssetKey,
    given: Provision,
    *,
    now: datetime,
    reason: str = "provide",
    asking: Asking = UNNAMED,
) -> Asset:
    """Reopen the job with what a person gives in the asset's place, made before or not; gives the asset.

    One that waits for review goes on in the same run.
    Where that is in its place already, nothing changes. NotRevisableError while the job is under way, and
    where the film has no such asset.
    """
    job, asset = film.job, film.assets.get(key)
    if not job.is_changeable:
        raise NotRevisableError(f"the job is {job.status}; wait for its end, or cancel it, then {reason}")
    require_part(film, key)
    if asset is not None and given.is_in(asset.product):
        return asset
    job.begin_change(reason, now=now, asking=asking)
    if asset is None:
        asset = Asset.provide(job.id, key, given, run=job.run, now=now)
    elif not asset.provide_again(given, run=job.run, now=now):
        raise NotRevisableError(f"an attempt at {key.name} is under way")
    film.take_job(job)
    film.take(asset)
    return asset
