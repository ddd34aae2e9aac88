"""Regenerate one asset: its next revision, and all that is made from it, in another run of its job."""

import json
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import kinds_of, unpriced
from api.cases.accepted import Accepted
from api.cases.change import Change, carry_out, opened_film, price_of_change
from api.cases.errors import Faults, Refusal, refuse
from api.cases.idempotency import Run
from api.cases.preview import Preview, from_stored
from api.cases.retry import Budget
from api.composition import System
from domain.asset import Asset, AssetKey, Recipe
from domain.failures import AttemptFailedError
from domain.film import Film
from domain.job import Job
from domain.revise import NotRevisableError, require_part
from domain.revise import regenerate as decide_regenerate
from domain.script import MAX_SCRIPT_CHARACTERS
from domain.submission import Request

Prompt = Annotated[str, Field(min_length=1, max_length=MAX_SCRIPT_CHARACTERS, pattern=r"\S")]


class Regenerate(Request):
    """What is made again."""

    prompt: Prompt | None = Field(
        default=None, description="Asked for instead of the recorded prompt, which is asked again if null"
    )
    max_cost_usd: Budget | None = Field(
        default=None,
        description="A new budget for all runs together; null leaves it as it was. Of a job that waits for "
        "review it is given with the approval",
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")


@dataclass(frozen=True)
class RegenerateRequest:
    asset_id: UUID
    asked: Regenerate = field(default_factory=Regenerate)
    idempotency_key: str | None = None
    traceparent: str | None = None


def regenerate(system: System, request: RegenerateRequest) -> Preview | Accepted:
    """Begin the next run, or tell what it would make again and cost (``dry_run``). Blocks."""
    asset_id, asked = request.asset_id, request.asked
    found = system.readers.asset(asset_id)
    if found is None:
        raise Refusal("asset_not_found", f"There is no asset {asset_id}.")
    page = json.loads(found[0])
    job_id, key = UUID(page["job_id"]), AssetKey.parse(page["name"])
    run = Run.of(request.idempotency_key, "regenerate", asset_id, asked, request.traceparent)
    about = {"job_id": str(job_id), "asset_id": str(asset_id)}

    def price(job: Job) -> Preview:
        reviewed = job.awaits_review
        film, recipe = _revise(system, job, key, asked, run)
        # What else is not current is made too, such as what a film of an older version has not.
        redone = {key, *film.expected}.difference(film.current)
        settled = {key: recipe.reservation_usd} if recipe.model is not None else {}
        return price_of_change(system, film, redone, about, reviewed=reviewed, settled=settled)

    def decide(job: Job) -> list[Job | Asset]:
        film, _ = _revise(system, job, key, asked, run)
        return [film.job, film.assets[key]]

    return carry_out(system, job_id, run, lambda _: Change(price, decide), dry_run=asked.dry_run, about=about)


def _revise(system: System, job: Job, key: AssetKey, asked: Regenerate, run: Run) -> tuple[Film, Recipe]:
    """Ask for the next revision, unsaved; gives the film with it, and what the revision is made by."""
    film = opened_film(system, job)
    if asked.max_cost_usd is not None:
        if job.awaits_review:
            message = "the job waits for review; leave max_cost_usd out, and give it when you approve the job"
            raise Faults.of_one("invalid_submission", "/max_cost_usd", message)
        refuse(unpriced(system, asked.max_cost_usd, job.models, kinds_of(job.options, job.given.scenes)))
    asset = film.assets[key]
    if asked.prompt is not None and asset.recipe.prompt_digest is None and not asset.is_paid:
        message = f"{key.name} is made here and has no prompt; leave prompt out"
        raise Faults.of_one("invalid_submission", "/prompt", message)
    try:
        require_part(film, key)
        recipe = from_stored(lambda: system.planning.again(film, key, asked.prompt))
        budget = asked.max_cost_usd
        decide_regenerate(film, key, recipe, now=system.clock(), max_cost_usd=budget, asking=run)
    except AttemptFailedError as error:
        raise Refusal(
            "asset_not_revisable", f"{key.name} cannot be asked for: {error.failure.message}"
        ) from error
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error
    return film, recipe
