"""Making one asset again: a new revision of it, and of everything that is made from it, and of nothing else.

A pure decision; the caller saves the job and the asset in one transaction.
"""

from datetime import datetime

from domain.asset import Asset, AssetKey, Recipe
from domain.film import Film


class NotRevisableError(ValueError):
    """The asset cannot be made again now; the message says why."""


def regenerate(
    film: Film,
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
    job = film.job
    if not job.ended:
        raise NotRevisableError(f"the job is {job.status}; wait for its end, or cancel it, then regenerate")
    asset = film.assets.get(key)
    if asset is None:
        raise NotRevisableError(f"{key.name} was never asked for; retry the job instead")
    for needed in film.inputs(key):
        if film.digest(needed) is None:
            raise NotRevisableError(
                f"{key.name} is made from {needed.name}, which is not made; retry the job"
            )
    inputs = film.inputs_with_digests(key)
    job.reopen("regenerate", now=now, idempotency_key=idempotency_key, fingerprint=fingerprint)
    if not asset.request_again(asset.revision + 1, recipe, inputs, run=job.run, now=now):
        raise NotRevisableError(f"an attempt at {key.name} is under way")
    film.take_job(job)
    film.take(asset)
    return asset
