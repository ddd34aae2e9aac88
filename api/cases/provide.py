"""Provide one asset: a file of one's own takes its place, and only what is made from it is made anew."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.cases.accepted import Accepted
from api.cases.callers import LOCAL, shown_to
from api.cases.change import Change, carry_out, opened_film, price_of_change
from api.cases.errors import Faults, Refusal
from api.cases.given_script import given_script
from api.cases.idempotency import Run
from api.cases.own_files import fitted, why_unusable
from api.cases.preview import Preview
from api.composition import Place, System
from domain.asset import Asset, AssetKey, Provision
from domain.file import File
from domain.film import Film
from domain.film_graph import ANALYSIS, MUSIC, SCRIPT
from domain.given_scenes import fault_at
from domain.job import Job
from domain.request import Digest
from domain.revise import PROVIDABLE, NotRevisableError, require_part
from domain.revise import provide as decide_provide
from domain.script import MAX_SCRIPT_CHARACTERS
from domain.submission import Request
from projections.job_filter import JobFilter

SEARCHED = 1000
"""An asset to which nothing has happened is looked for in so many jobs that failed, or were cancelled."""


class Provide(Request):
    """What takes the asset's place."""

    file: Digest | None = Field(
        default=None, description="The digest of a file that was sent to /v1/files; of all but a script"
    )
    text: Annotated[str, Field(max_length=MAX_SCRIPT_CHARACTERS)] | None = Field(
        default=None, description="In place of a file, the words of a script that was written on a topic"
    )
    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.file is None) == (self.text is None):
            raise fault_at("Provide", ("file",), self.file, "give either a file or a text")
        return self


@dataclass(frozen=True)
class ProvideRequest:
    asset_id: UUID
    asked: Provide
    idempotency_key: str | None = None
    caller: str = LOCAL
    traceparent: str | None = None


def provide(system: System, request: ProvideRequest) -> Preview | Accepted:
    """Begin the next run with it, or tell what would be made again and cost (``dry_run``). Blocks."""
    asset_id, asked = request.asset_id, request.asked
    job_id, key = _find(system, asset_id, request.caller)
    run = Run.of(request.idempotency_key, "provide", asset_id, asked, request.traceparent)
    about: dict[str, Any] = {"job_id": str(job_id), "asset_id": str(asset_id)}

    def prepare(job: Job) -> Change:
        film, given = (_words if asked.text is not None else _fitted)(system, request, key, job)

        def price(_job: Job) -> Preview:
            reviewed = film.job.awaits_review
            _decide(system, film, key, given, run)
            redone = ({*film.dependents(key)} | {*film.expected}).difference(film.current, [key])
            told = {**about, "changes": given.source["changes"]}
            return price_of_change(system, film, redone, told, reviewed=reviewed)

        def decide(job: Job) -> list[Job | Asset]:
            film = opened_film(system, job)
            asset = _decide(system, film, key, given, run)
            return [film.job, asset]

        return Change(price, decide)

    told = {**about, "changes": []}
    return carry_out(system, job_id, run, prepare, dry_run=asked.dry_run, about=told)


def _words(system: System, request: ProvideRequest, key: AssetKey, job: Job) -> tuple[Film, Provision]:
    """The script that is given as text, with the film it is for."""
    asked = request.asked
    if key != SCRIPT:
        raise Faults.of_one("invalid_submission", "/text", f"{key.name} is no script; give a file")
    film = opened_film(system, job)
    _refuse_unplaceable(film, key)
    if film.job.script_origin == "translation":
        message = "this script is a translation; regenerate it with a prompt of your own (reelog regenerate)"
        raise Faults.of_one("invalid_submission", "/text", message)
    assert asked.text is not None
    return film, given_script(system, film.job, asked.text, request.caller, dry_run=asked.dry_run)


def _fitted(system: System, request: ProvideRequest, key: AssetKey, job: Job) -> tuple[Film, Provision]:
    """The file that is given, fitted to its place in the film."""
    file = _file(system, request, key)
    film = opened_film(system, job)
    _refuse_unplaceable(film, key)
    width, height = system.film_size(film.job.options)
    place = Place(key.kind.value, width, height, _text(film, key))
    dry_run = request.asked.dry_run
    return film, fitted(system, file, place, pointer="/file", dry_run=dry_run)


def _find(system: System, asset_id: UUID, caller: str) -> tuple[UUID, AssetKey]:
    """The job and the key of an asset, in the caller's jobs also of one that was never begun."""
    found = system.readers.asset(asset_id)
    if found is not None:
        page = json.loads(found[0])
        return UUID(page["job_id"]), AssetKey.parse(page["name"])
    mine = shown_to(caller)
    for status in ("awaiting_review", "failed", "cancelled"):
        for body in system.readers.jobs(JobFilter(status=status, caller=mine), limit=SEARCHED).items:
            job_id = UUID(json.loads(body)["id"])
            if str(asset_id).encode() in body or asset_id in {key.id_in(job_id) for key in (MUSIC, SCRIPT)}:
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
            f"{key.name} is made here from what it shows or tells; what you give can be an image, a shot, "
            "a narration, the music or a script that was written on a topic.",
        )
    if key == SCRIPT:
        raise Faults.of_one(
            "invalid_submission",
            "/file",
            "a script is given as text, not as a file",
        )
    digest = request.asked.file
    assert digest is not None
    file = system.files.find(request.caller, digest)
    why = why_unusable(file, digest, key.kind, key.name)
    if why is not None:
        raise Faults.of_one("invalid_submission", "/file", why)
    assert file is not None
    return file


def _refuse_unplaceable(film: Film, key: AssetKey) -> None:
    """Before a file is opened for nothing."""
    if not film.job.is_changeable:
        raise Refusal(
            "asset_not_revisable",
            f"The job is {film.job.status}; wait for its end, or cancel it, then provide.",
        )
    try:
        require_part(film, key)
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error


def _text(film: Film, key: AssetKey) -> str:
    """The words that a narration speaks."""
    if key.kind != "narration" or key.scene is None:
        return ""
    assert film.assets[ANALYSIS].product is not None
    facts = film.scene_facts(key.scene)
    return facts["text"] if facts is not None else ""


def _decide(system: System, film: Film, key: AssetKey, given: Provision, run: Run) -> Asset:
    try:
        return decide_provide(film, key, given, now=system.clock(), asking=run)
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error
