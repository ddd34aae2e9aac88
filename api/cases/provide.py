"""Provide one asset: a file of one's own takes its place, and only what is made from it is made anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.cases.accepted import Accepted, job_page
from api.cases.budgets import for_next_run
from api.cases.callers import LOCAL, shown_to
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.errors import Faults, Refusal
from api.cases.idempotency import Run
from api.cases.own_files import fitted, why_unusable
from api.cases.preview import Preview, cost_of, preview_of_run
from api.composition import Place, System
from domain.asset import Asset, AssetKey, Provision
from domain.file import File
from domain.film import Film
from domain.film_graph import ANALYSIS
from domain.job import Job
from domain.revise import PROVIDABLE, NotRevisableError
from domain.revise import provide as decide_provide
from domain.store import Saveable
from domain.submission import Request

SEARCHED = 1000
"""An asset to which nothing has happened is looked for in so many jobs that failed, or were cancelled."""


class Provide(Request):
    """What takes the asset's place."""

    file: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")] = Field(
        description="The digest of a file that was sent to /v1/files"
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")


@dataclass(frozen=True)
class ProvideRequest:
    asset_id: UUID
    asked: Provide
    idempotency_key: str | None = None
    caller: str = LOCAL


def provide(system: System, request: ProvideRequest) -> Preview | Accepted:
    """Begin the next run with it, or tell what would be made again and cost (``dry_run``). Blocks."""
    asset_id, asked = request.asset_id, request.asked
    job_id, key = _find(system, asset_id, request.caller)
    refuse_set_aside(system, job_id)
    run = Run.of(request.idempotency_key, "provide", asset_id, asked)
    job = system.studio.job(job_id)
    about = {"job_id": str(job_id), "asset_id": str(asset_id)}
    if run.is_on_record(job):
        if asked.dry_run:
            return Preview({**about, "changes": []}, reused=tuple(system.studio.assets(job)))
        return Accepted(job_id, job_page(system, job_id, None), began=False)
    if not asked.dry_run:
        refuse_stopped(system)
    file = _file(system, request, key)
    film = _open(system, job)
    _refuse_unplaceable(film, key)
    width, height = system.film_size(film.job.options)
    place = Place(key.kind.value, width, height, _text(film, key))
    given = fitted(system, file, place, request.caller, pointer="/file", dry_run=asked.dry_run)
    if asked.dry_run:
        reviewed = film.job.awaits_review
        made = {one for one, asset in film.assets.items() if asset.product is not None}
        _decide(system, film, key, given, run)
        redone = film.in_order(({*film.dependents(key)} | {*film.expected}).difference(film.current, [key]))
        # What was never made is no part of the change: approving the job tells what the rest costs.
        redone = [one for one in redone if not reviewed or one in made]
        cost = cost_of(system, film.job, redone, film.assets, settled={}, scenes_known=True)
        return preview_of_run({**about, "changes": given.source["changes"]}, film, redone, cost)

    def decide() -> Sequence[Saveable]:
        job = system.studio.job(job_id)
        # Whoever asked at the same moment may have been first, with this very request.
        if run.is_on_record(job):
            return [job]
        cap, reserved = for_next_run(system, job, None) if job.ended else (None, [])
        film = _open(system, job)
        asset = _decide(system, film, key, given, run, cap)
        return [film.job, asset, *(reserved if film.job.pending_events else ())]

    saved = system.studio.change_together(decide)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=saved.position is not None)


def _find(system: System, asset_id: UUID, caller: str) -> tuple[UUID, AssetKey]:
    """The job and the key of an asset, in the caller's jobs also of one that was never begun."""
    found = system.readers.asset(asset_id)
    if found is not None:
        page = json.loads(found[0])
        return UUID(page["job_id"]), AssetKey.parse(page["name"])
    mine = shown_to(caller)
    for status in ("awaiting_review", "failed", "cancelled"):
        for body in system.readers.jobs(status=status, limit=SEARCHED, caller=mine).items:
            job_id = UUID(json.loads(body)["id"])
            if str(asset_id).encode() in body or asset_id == AssetKey.parse("music").id_in(job_id):
                film = system.studio.film(system.studio.job(job_id))
                for key in film.expected:
                    if key.id_in(job_id) == asset_id:
                        return job_id, key
    raise Refusal("asset_not_found", f"There is no asset {asset_id}.")


def _file(system: System, request: ProvideRequest, key: AssetKey) -> File:
    """The file that is asked for, of the kind that the asset takes."""
    if key.kind not in PROVIDABLE:
        raise Refusal(
            "asset_not_revisable",
            f"{key.name} is made here from what it shows or tells; a file of your own can be an image, a "
            "shot, a narration or the music.",
        )
    file = system.files.find(request.caller, request.asked.file)
    why = why_unusable(file, request.asked.file, key.kind, key.name)
    if why is not None:
        raise Faults.of_one("invalid_submission", "/file", why)
    assert file is not None
    return file


def _open(system: System, job: Job) -> Film:
    job.require_content()
    refuse_other_provider(system, job)
    return system.studio.film(job)


def _refuse_unplaceable(film: Film, key: AssetKey) -> None:
    """Before a file is opened for nothing."""
    if not film.job.is_changeable:
        raise Refusal(
            "asset_not_revisable",
            f"The job is {film.job.status}; wait for its end, or cancel it, then provide.",
        )
    if key not in film.graph.nodes:
        raise Refusal("asset_not_revisable", f"The film has no {key.name}.")


def _text(film: Film, key: AssetKey) -> str:
    """The words that a narration speaks."""
    if key.kind != "narration" or key.scene is None:
        return ""
    assert film.assets[ANALYSIS].product is not None
    facts = film.scene_facts(key.scene)
    return facts["text"] if facts is not None else ""


def _decide(
    system: System, film: Film, key: AssetKey, given: Provision, run: Run, cap: float | None = None
) -> Asset:
    try:
        return decide_provide(
            film,
            key,
            given,
            now=system.clock(),
            idempotency_key=run.key,
            fingerprint=run.fingerprint,
            max_cost_usd=cap,
        )
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error
