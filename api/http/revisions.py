"""Doing work again: the rest of a failed job, or one asset and all that is made from it.

Both may cost money. What regenerating costs is told first (``dry_run``), from the decision that would be
made, not from a second reckoning.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.composition import BlobError, System
from api.http import bodies
from api.http.acceptance import kinds_of, refuse, unpriced
from api.http.answers import json_response
from api.http.bodies import read_body
from api.http.jobs import job_body, refuse_when_aside, refuse_when_stopped
from api.http.problems import FieldError, Problem
from api.http.reading import path_id
from api.threads import threads_of
from domain.asset import Asset, AssetKey, Recipe
from domain.expectation import SAMPLES, Sample
from domain.film import Film
from domain.job import Job
from domain.revise import NotRevisableError
from domain.revise import regenerate as decide_regenerate
from domain.script import Kind
from projections.wire import encode

T = TypeVar("T")

# ---- retry ------------------------------------------------------------------------------------------


async def retry(request: Request) -> Response:
    """POST /v1/jobs/{id}/retry."""
    system: System = request.app.state.system
    job_id = path_id(request, "job_not_found")
    asked = await read_body(request, bodies.Retry)
    refuse_when_draining(request)
    return json_response(await threads_of(request).wait(_retry, system, job_id, asked.max_cost_usd), 202)


def _retry(system: System, job_id: UUID, max_cost_usd: float | None) -> bytes:
    refuse_when_aside(system, job_id)
    refuse_when_stopped(system)

    def decide(job: Job) -> None:
        # What failed in an earlier run is work that is missing: the workflow asks for it again.
        if job.status not in ("failed", "cancelled"):
            raise Problem(
                "job_not_retryable",
                f"The job is {job.status}; only a failed or cancelled job can be retried.",
            )
        job.require_content()
        refuse_other_provider(system, job)
        if max_cost_usd is not None:
            refuse(unpriced(system, max_cost_usd, job.models, kinds_of(job.options)))
        job.reopen("retry", now=system.clock(), max_cost_usd=max_cost_usd)

    _, saved = system.studio.change_job(job_id, decide)
    return job_body(system, job_id, saved.position)


def refuse_other_provider(system: System, job: Job) -> None:
    """A real job is never finished by the emulator, nor the other way round."""
    if job.provider != system.provider:
        raise Problem(
            "other_provider",
            f"The job was made with {job.provider}, and this server works with {system.provider}; "
            f"ask a server that works with {job.provider}.",
        )


# ---- regenerate -------------------------------------------------------------------------------------


async def regenerate(request: Request) -> Response:
    """POST /v1/assets/{id}/regenerate."""
    system: System = request.app.state.system
    asset_id = path_id(request, "asset_not_found")
    asked = await read_body(request, bodies.Regenerate)
    if not asked.dry_run:
        refuse_when_draining(request)
    status, body = await threads_of(request).wait(_regenerate, system, asset_id, asked)
    return json_response(body, status)


def _regenerate(system: System, asset_id: UUID, asked: bodies.Regenerate) -> tuple[int, bytes]:
    found = system.readers.asset(asset_id)
    if found is None:
        raise Problem("asset_not_found", f"There is no asset {asset_id}.")
    page = json.loads(found[0])
    job_id, key = UUID(page["job_id"]), AssetKey.parse(page["name"])
    refuse_when_aside(system, job_id)
    if asked.dry_run:
        film, recipe = _revise(system, job_id, key, asked.prompt)
        redone = [key, *film.dependents(key)]
        kept = [other for other in film.assets if other not in redone]
        calls = calls_of(system, film.job.provider)
        settled = {key: recipe.reservation_usd}
        price = system.planning.price(redone, film.job, film.assets, settled=settled, calls=calls)
        told = {"job_id": str(job_id), "asset_id": str(asset_id), **told_first(kept, redone, price.to_dict())}
        return 200, encode(told)
    refuse_when_stopped(system)

    def decide() -> Sequence[Job | Asset]:
        film, _ = _revise(system, job_id, key, asked.prompt)
        return [film.job, film.assets[key]]

    saved = system.studio.change_together(decide)
    return 202, job_body(system, job_id, saved.position)


def _revise(system: System, job_id: UUID, key: AssetKey, prompt: str | None) -> tuple[Film, Recipe]:
    """Ask for the next revision, unsaved; gives what it is made by."""
    job = system.studio.job(job_id)
    job.require_content()
    refuse_other_provider(system, job)
    film = system.studio.film(job)
    asset = film.assets[key]
    if prompt is not None and asset.recipe.prompt_digest is None:
        message = f"{key.name} is made here and has no prompt; leave prompt out"
        raise Problem("invalid_submission", message, errors=[FieldError("/prompt", message)])
    recipe = from_stored(lambda: system.planning.edited(asset.recipe, prompt))
    try:
        decide_regenerate(film, key, recipe, now=system.clock())
    except NotRevisableError as error:
        said = str(error)
        raise Problem("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error
    return film, recipe


# ---- shared with forks ------------------------------------------------------------------------------


def refuse_when_draining(request: Request) -> None:
    if request.app.state.tail.drained.is_set():
        raise Problem("draining", "Ask again in a moment.", headers={"Retry-After": "2"})


def from_stored(read: Callable[[], T]) -> T:
    """What ``read`` makes of stored prompts and documents; a problem says that they are gone."""
    try:
        return read()
    except BlobError as error:
        raise Problem("content_damaged", f"What this was made from cannot be read: {error}") from error


def calls_of(system: System, provider: str) -> Callable[[Kind, str], list[Sample]]:
    """The newest successful calls on record, of a kind of asset by a model."""

    def calls(kind: Kind, model: str) -> list[Sample]:
        found = system.readers.calls(provider, model, kind, SAMPLES)
        return [call.sample for call in found if call.error is None]

    return calls


def told_first(kept: Iterable[AssetKey], redone: Iterable[AssetKey], cost: dict[str, Any]) -> dict[str, Any]:
    """What a dry run tells."""
    return {
        "dry_run": True,
        "reused": [key.name for key in kept],
        "redone": [key.name for key in redone],
        "cost": cost,
    }
