"""Regenerate one asset: its next revision, and all that is made from it, in another run of its job."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.cases.accepted import Accepted, job_page
from api.cases.budgets import for_next_run
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.errors import Faults, Refusal
from api.cases.idempotency import Run
from api.cases.preview import Preview, cost_of, from_stored, preview_of_run
from api.composition import System
from domain.asset import AssetKey, Recipe
from domain.failures import AttemptFailedError
from domain.film import Film
from domain.job import Job
from domain.revise import NotRevisableError
from domain.revise import regenerate as decide_regenerate
from domain.script import MAX_SCRIPT_CHARACTERS
from domain.store import Saveable
from domain.submission import Request

Prompt = Annotated[str, Field(min_length=1, max_length=MAX_SCRIPT_CHARACTERS)]


class Regenerate(Request):
    """What is made again."""

    prompt: Prompt | None = Field(
        default=None, description="Asked for instead of the recorded prompt, which is asked again if null"
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")


@dataclass(frozen=True)
class RegenerateRequest:
    asset_id: UUID
    asked: Regenerate = field(default_factory=Regenerate)
    idempotency_key: str | None = None


def regenerate(system: System, request: RegenerateRequest) -> Preview | Accepted:
    """Begin the next run, or tell what it would make again and cost (``dry_run``). Blocks."""
    asset_id, asked = request.asset_id, request.asked
    found = system.readers.asset(asset_id)
    if found is None:
        raise Refusal("asset_not_found", f"There is no asset {asset_id}.")
    page = json.loads(found[0])
    job_id, key = UUID(page["job_id"]), AssetKey.parse(page["name"])
    refuse_set_aside(system, job_id)
    run = Run.of(request.idempotency_key, "regenerate", asset_id, asked)
    if asked.dry_run:
        return _preview(system, job_id, key, asked, run)
    if not run.is_on_record(system.studio.job(job_id)):
        refuse_stopped(system)

    def decide() -> Sequence[Saveable]:
        job = system.studio.job(job_id)
        # Whoever asked at the same moment may have been first, with this very request.
        if run.is_on_record(job):
            return [job]
        cap, reserved = for_next_run(system, job, None) if job.ended else (None, [])
        film, _ = _revise(system, job, key, asked, run, cap)
        return [film.job, film.assets[key], *reserved]

    saved = system.studio.change_together(decide)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=saved.position is not None)


def _preview(system: System, job_id: UUID, key: AssetKey, asked: Regenerate, run: Run) -> Preview:
    """From the decision that would be made, not from a second reckoning."""
    about = {"job_id": str(job_id), "asset_id": str(key.id_in(job_id))}
    job = system.studio.job(job_id)
    if run.is_on_record(job):
        # Asked again with its key it begins nothing more.
        return Preview(about, reused=tuple(system.studio.assets(job)))
    reviewed = job.awaits_review
    film, recipe = _revise(system, job, key, asked, run)
    # What else is not current is made too, such as what a film of an older version has not.
    redone = film.in_order({key, *film.dependents(key), *set(film.expected).difference(film.current)})
    if reviewed:
        # What was never made is no part of the change: approving the job tells what the rest costs.
        redone = [one for one in redone if one == key or (film.assets.get(one) and film.assets[one].products)]
    settled = {key: recipe.reservation_usd}
    cost = cost_of(system, job, redone, film.assets, settled=settled, scenes_known=True)
    return preview_of_run(about, film, redone, cost)


def _revise(
    system: System, job: Job, key: AssetKey, asked: Regenerate, run: Run, cap: float | None = None
) -> tuple[Film, Recipe]:
    """Ask for the next revision, unsaved; gives the film with it, and what the revision is made by."""
    job.require_content()
    refuse_other_provider(system, job)
    film = system.studio.film(job)
    asset = film.assets[key]
    if asked.prompt is not None and asset.recipe.prompt_digest is None and not asset.is_paid:
        message = f"{key.name} is made here and has no prompt; leave prompt out"
        raise Faults.of_one("invalid_submission", "/prompt", message)
    try:
        recipe = from_stored(lambda: system.planning.again(film, key, asked.prompt))
    except AttemptFailedError as error:
        raise Refusal(
            "asset_not_revisable", f"{key.name} cannot be asked for: {error.failure.message}"
        ) from error
    try:
        decide_regenerate(
            film,
            key,
            recipe,
            now=system.clock(),
            idempotency_key=run.key,
            fingerprint=run.fingerprint,
            max_cost_usd=cap,
        )
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error
    return film, recipe
