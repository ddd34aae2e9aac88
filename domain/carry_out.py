"""Decisions carried out: the events that they add, and the order in which these are saved.

Pure but for ``recipe_of``, which plans what is to be asked for and may read documents that were made. Whoever
calls saves what is given back, in one transaction; where that fails the film is ahead of the log and must be
read anew.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from domain.asset import Asset, AssetKey, Recipe
from domain.failures import AttemptFailedError, Code, Failure
from domain.film import Film
from domain.job import Job
from domain.workflow import (
    CancelCall,
    CancelJob,
    CompleteJob,
    CompleteStage,
    Decision,
    FailAsset,
    FailJob,
    OrderAttempt,
    RequestAsset,
    RequestReview,
    ResumeAttempt,
    StartStage,
    WaitUntil,
)

RecipeOf = Callable[[RequestAsset], Recipe]
"""What an asset is asked for with. AttemptFailedError where it cannot be planned: the job fails with that."""


def carry_out(
    film: Film, decisions: Iterable[Decision], recipe_of: RecipeOf, now: datetime
) -> list[Job | Asset]:
    """Apply the decisions that are facts of the log; gives what has events, in the order to be saved.

    Orders and waiting are no facts: nothing is done about them. What cannot be planned becomes the film's
    ``obstacle``, and nothing after it is carried out.
    """
    changed: dict[AssetKey, Asset] = {}
    for decision in decisions:
        for asset in _apply(film, decision, recipe_of, now):
            film.take(asset)
            changed[asset.key] = asset
        if film.obstacle is not None and isinstance(decision, RequestAsset):
            break
    job = film.job
    assets: list[Job | Asset] = [asset for asset in changed.values() if asset.pending_events]
    if not job.pending_events:
        return assets
    film.take_job(job)
    # A stage starts before what is asked of it; and nothing follows the end of a job.
    return [*assets, job] if job.ended else [job, *assets]


def _apply(film: Film, decision: Decision, recipe_of: RecipeOf, now: datetime) -> list[Asset]:
    """Gives the assets that it changes."""
    job, cause = film.job, film.cause
    match decision:
        case StartStage(stage):
            job.start_stage(stage, now=now, causation=cause)
        case CompleteStage():
            job.complete_stage(**vars(decision), now=now, causation=cause)
        case RequestAsset():
            return _request(film, decision, recipe_of, now)
        case FailAsset(key, failure):
            asset = film.assets[key]
            asset.fail(failure, run=job.run, now=now, causation=film.causes.get(key, cause))
            return [asset]
        case FailJob(failure, keys):
            withdrawn = _withdraw(film, keys, now)
            job.fail(failure, now=now, causation=cause)
            return withdrawn
        case CancelJob(keys):
            withdrawn = _withdraw(film, keys, now)
            job.cancel(now=now, causation=cause)
            return withdrawn
        case RequestReview(review):
            job.request_review(review, now=now, causation=cause)
        case CompleteJob():
            job.complete(now=now, causation=cause)
        case OrderAttempt() | ResumeAttempt() | CancelCall() | WaitUntil():
            pass
    return []


def _withdraw(film: Film, keys: tuple[AssetKey, ...], now: datetime) -> list[Asset]:
    """End what was asked for and not begun: an order still on its way to a worker then comes too late."""
    withdrawn = []
    for key in keys:
        failure = Failure.of(
            Code.WITHDRAWN, "The job ended before this was begun.", stage=key.stage.value, asset=key.name
        )
        asset = film.assets[key]
        asset.fail(failure, run=film.job.run, now=now, causation=film.cause)
        withdrawn.append(asset)
    return withdrawn


def _request(film: Film, decision: RequestAsset, recipe_of: RecipeOf, now: datetime) -> list[Asset]:
    key, job = decision.key, film.job
    try:
        recipe = recipe_of(decision)
    except AttemptFailedError as error:
        film.obstacle = error.failure.within(stage=key.stage.value, asset=key.name)
        return []
    # What was made last of all that it is made from is what it had waited for.
    inputs = [film.causes.get(one.key, 0) for one in decision.inputs]
    about: dict[str, Any] = {
        "run": job.run,
        "now": now,
        "causation": max(inputs, default=0) or film.cause,
    }
    asset = film.assets.get(key)
    if asset is None:
        return [Asset.request(job.id, key, recipe, decision.inputs, **about)]
    asset.request_again(decision.revision, recipe, decision.inputs, **about)
    return [asset]
