"""Edit a film's scenes: their words, pictures, voices and order. Nothing is made anew that need not be."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import Field

from api.cases.acceptance import undrawable
from api.cases.accepted import Accepted
from api.cases.callers import LOCAL
from api.cases.change import Change, carry_out, opened_film, price_of_change
from api.cases.errors import Faults, FieldError, Refusal, refuse
from api.cases.idempotency import Run, sha256_of
from api.cases.preview import Preview, from_stored
from api.composition import System
from domain.asset import Asset, AssetKey, Provision
from domain.film import Film
from domain.film_graph import ANALYSIS
from domain.job import Job
from domain.revise import NotRevisableError
from domain.revise import provide as decide_provide
from domain.scene_edits import Edited, SceneEdits, UnknownScenesError, edit_scenes
from domain.script import Kind, ScriptAnalysis
from domain.script_forms.reading import read_script
from domain.spoken import too_long_at_once

JSON = "application/json"


class EditScenes(SceneEdits):
    """What is to be another in which scenes, and which play in what order."""

    dry_run: bool = Field(default=False, description="Only tell what would be made again, and the price")


@dataclass(frozen=True)
class EditScenesRequest:
    job_id: UUID
    asked: EditScenes = field(default_factory=EditScenes)
    idempotency_key: str | None = None
    caller: str = LOCAL
    traceparent: str | None = None


def edit(system: System, request: EditScenesRequest) -> Preview | Accepted:
    """Begin the next run with them, or tell what would be made again and cost (``dry_run``). Blocks."""
    job_id, asked = request.job_id, request.asked
    if not asked.scenes and asked.order is None:
        raise Faults.of_one("invalid_submission", "", "name scenes to edit, or an order in which they play")
    run = Run.of(request.idempotency_key, "edit", job_id, asked, request.traceparent)

    def price(job: Job) -> Preview:
        reviewed = job.awaits_review
        film, edited = _edited(system, job, request, run)
        redone = set(film.expected).difference(film.current)
        about = {"job_id": str(job_id), "edits": list(edited.changes)}
        return price_of_change(system, film, redone, about, reviewed=reviewed)

    def decide(job: Job) -> list[Job | Asset]:
        film, edited = _edited(system, job, request, run)
        if edited.changes:
            system.blobs.put(_document(edited))
        return [film.job, film.assets[ANALYSIS]]

    about: dict[str, Any] = {"edits": []}
    return carry_out(system, job_id, run, lambda _: Change(price, decide), dry_run=asked.dry_run, about=about)


def _edited(system: System, job: Job, request: EditScenesRequest, run: Run) -> tuple[Film, Edited]:
    """The film with the edits laid over its analysis, unsaved."""
    film = opened_film(system, job)
    if not job.is_changeable:
        raise Refusal(
            "asset_not_revisable", f"The job is {job.status}; wait for its end, or cancel it, then edit."
        )
    product = film.assets[ANALYSIS].product if ANALYSIS in film.assets else None
    if product is None:
        raise Refusal("asset_not_revisable", "The film has no scenes yet: its analysis is not made.")
    stored = from_stored(lambda: system.blobs.get(product.digest))
    analysis = ScriptAnalysis.model_validate_json(stored)
    refuse(_faults(system, film, request.asked, job.language or analysis.language))
    try:
        edited = edit_scenes(analysis, product.facts, request.asked, lambda key: film.digest(key) is not None)
    except UnknownScenesError as error:
        raise Faults("invalid_submission", [FieldError(*fault) for fault in error.faults]) from error
    if edited.changes:
        _provide(system, film, edited, request, run)
    return film, edited


def _provide(system: System, film: Film, edited: Edited, request: EditScenesRequest, run: Run) -> None:
    document = _document(edited)
    digest = f"sha256:{sha256_of(document)}"
    given = Provision(
        digest,
        JSON,
        len(document),
        edited.facts,
        {"file": digest, "changes": list(edited.changes)},
        request.caller,
    )
    try:
        decide_provide(film, ANALYSIS, given, now=system.clock(), reason="edit", asking=run)
    except NotRevisableError as error:
        said = str(error)
        raise Refusal("asset_not_revisable", f"{said[:1].upper()}{said[1:]}.") from error


def _document(edited: Edited) -> bytes:
    return edited.analysis.model_dump_json(indent=1).encode()


def _faults(system: System, film: Film, asked: EditScenes, language: str) -> list[FieldError]:
    """What cannot be said, shown or spoken as it is asked for."""
    options = film.job.options
    faults: list[FieldError] = []
    for number, one in asked.scenes.items():
        at = f"/scenes/{number}"
        if one.text is not None and film.job.script_origin == "translation":
            whose = (
                f"these words are translated from {film.job.given.translated_from}; edit them in the film "
                "that was forked and fork it again, or regenerate script with a prompt of your own"
            )
            faults.append(FieldError(f"{at}/text", whose))
        elif one.text is not None:
            spoken = options.has_narration and not _is_given(film, Kind.NARRATION, number)
            told = [too_long_at_once(read_script(one.text, "prose").spoken_text)] if spoken else []
            told += [undrawable(system, one.text, language)] if options.captions == "burned" else []
            faults += [FieldError(f"{at}/text", message) for message in told if message]
        if one.visual is not None and _is_given(film, Kind.IMAGE, number):
            message = (
                f"scene {number} shows a picture of your own; give another one in its place, or regenerate "
                f"image:{number} to have a model draw it"
            )
            faults.append(FieldError(f"{at}/visual", message))
        if one.voice is not None:
            why = _unspeakable(system, film, number, one.voice)
            faults += [FieldError(f"{at}/voice", message) for message in why]
    return faults


def _is_given(film: Film, kind: Kind, number: str) -> bool:
    asset = film.assets.get(AssetKey(kind, int(number)))
    return asset is not None and asset.is_provided


def _unspeakable(system: System, film: Film, number: str, voice: str) -> list[str]:
    """Why no such voice can speak a scene."""
    job = film.job
    if not job.options.has_narration:
        return ["the film has no narration, so no voice speaks; leave it out"]
    if _is_given(film, Kind.NARRATION, number):
        told = (
            f"scene {number} is spoken by a recording of your own; give another one in its place, or "
            f"regenerate narration:{number} to have a model speak it"
        )
        return [told]
    options = job.options.model_copy(update={"voice": voice})
    found = system.unsupported(job.models, options, job.language, {"speech"})
    return [message.replace("options.voice", "voice") for at, message in found if at == "/options/voice"]
