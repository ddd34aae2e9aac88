"""A fork: a new job from any moment of another one, keeping all that its changes do not touch.

What is kept and what is asked for is planned by the stages themselves (``actors/work/fork.py``); here the
changes are laid over the source's own submission, checked as any other, and saved in one transaction.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

from starlette.requests import Request
from starlette.responses import Response

from api.composition import BlobMissingError, Fork, NotForkableError, System
from api.http import bodies
from api.http.acceptance import job_of, refuse, unacceptable
from api.http.answers import json_response
from api.http.bodies import read_body
from api.http.jobs import job_body, refuse_when_aside, refuse_when_stopped, the_same
from api.http.limits import Queue
from api.http.parameters import IDEMPOTENCY_KEY
from api.http.positions import see_that_it_has_happened, wait_until_projected
from api.http.problems import FieldError, Problem
from api.http.reading import path_id, read_submission
from api.http.revisions import calls_of, from_stored, refuse_other_provider, refuse_when_draining, told_first
from api.model_directory import ModelKind
from api.threads import threads_of
from domain.asset import AssetKey
from domain.expectation import MODEL_KIND
from domain.film import Film
from domain.job import Job
from domain.script import PROVIDER_KINDS, Kind
from domain.store.studio import JobNotFoundError
from domain.submission import Submission
from projections.wire import encode

_KEYS = UUID("0d0f2b1e-6a54-5a39-8f8e-6b1f6a1c7f02")
_PLAIN_FIELDS = ("script", "language", "max_cost_usd", "priority", "metadata")


async def fork(request: Request) -> Response:
    """POST /v1/jobs/{id}/fork."""
    system: System = request.app.state.system
    source_id = path_id(request, "job_not_found")
    key = IDEMPOTENCY_KEY.of(request)
    asked = await read_body(request, bodies.Fork)
    if asked.dry_run:
        return json_response(await threads_of(request).wait(_tell, system, source_id, asked))
    refuse_when_draining(request)
    fingerprint = sha256(f"{source_id} {asked.model_dump_json()}".encode()).hexdigest() if key else None
    new_id = uuid5(_KEYS, key) if key else uuid4()
    queue: Queue = request.app.state.queue
    created, body = await threads_of(request).wait(
        _fork, queue, system, source_id, asked, new_id, fingerprint
    )
    return json_response(body, 201 if created else 200, {"Location": f"/v1/jobs/{new_id}"})


def _tell(system: System, source_id: UUID, asked: bodies.Fork) -> bytes:
    """What would be kept and made, and the price."""
    source, position = _source(system, source_id, asked.at)
    job, plan = _planned(system, source, position, asked.changes, uuid4(), None)
    calls = calls_of(system, job.provider)
    if AssetKey(Kind.ANALYSIS) in plan.redone:
        # How many scenes there will be is not known, so the whole film is reckoned.
        price = system.planning.forecast(job.script, job.models, job.options, calls=calls, seconds={}).price
    else:
        settled = {key: asked_for.reservation_usd for key, asked_for in plan.asked.items()}
        price = system.planning.price(plan.redone, job, source.assets, settled=settled, calls=calls)
    about = {"source": str(source_id), "at": position, "notices": job.notices}
    return encode(about | told_first(plan.kept, plan.redone, price.to_dict()))


def _fork(
    queue: Queue, system: System, source_id: UUID, asked: bodies.Fork, new_id: UUID, fingerprint: str | None
) -> tuple[bool, bytes]:
    """Record the fork; gives whether it is new, and what it is now."""
    if fingerprint is not None:
        try:
            return False, the_same(system, system.studio.job(new_id), fingerprint)
        except JobNotFoundError:
            pass
    refuse_when_stopped(system)
    source, position = _source(system, source_id, asked.at)
    try:
        job, plan = _planned(system, source, position, asked.changes, new_id, fingerprint)
        queue.enter()
        assets = from_stored(lambda: plan.assets(job, system.clock(), system.blobs))
        from_stored(lambda: _keep(system, plan))
    finally:
        # Pruning begins with an event and then spares what was kept before: one of the two is seen here.
        # What it has taken meanwhile is not damaged but pruned, whatever was told of it.
        system.studio.job(source_id).require_content()
    job, saved = system.studio.submit(job, *assets)
    if saved.position is None:
        return False, the_same(system, job, fingerprint)
    return True, job_body(system, new_id, saved.position)


def _keep(system: System, plan: Fork) -> None:
    """Have retention spare the bytes that the new job is about to name."""
    for asset in plan.kept.values():
        assert asset.product is not None
        for digest in filter(None, (asset.product.digest, asset.recipe.prompt_digest)):
            if not system.blobs.keep(digest):
                raise BlobMissingError(digest)


def _source(system: System, source_id: UUID, at: int | None) -> tuple[Film, int]:
    """The source as it was at a position, by default at its latest event; and that position."""
    head = system.log.head()
    if at is not None:
        see_that_it_has_happened(system, at, "/at")
    refuse_when_aside(system, source_id)
    # Planned from an older state, what is made already would be paid for again.
    wait_until_projected(system, head if at is None else at)
    events = system.readers.events_of(source_id, head if at is None else at)
    if not events:
        if at is None or system.readers.job(source_id) is None:
            raise JobNotFoundError(source_id)
        raise Problem("job_not_found", f"Job {source_id} did not exist at position {at}.")
    film = Film(recorded.event for recorded in events)
    # A past moment does not know of it.
    system.studio.job(source_id).require_content()
    refuse_other_provider(system, film.job)
    return film, events[-1].position


def _planned(
    system: System,
    source: Film,
    position: int,
    changes: bodies.Changes,
    new_id: UUID,
    fingerprint: str | None,
) -> tuple[Job, Fork]:
    """The new job, unsaved, and what becomes of its assets."""
    submission, prompts = _changed(source.job, changes)
    try:
        plan = from_stored(lambda: system.planning.fork(source, submission, prompts))
    except NotForkableError as error:
        refuse(_within_changes([FieldError(pointer, message) for pointer, message in error.faults]))
        raise
    refuse(_within_changes(unacceptable(system, submission, _kinds(plan.redone))))
    job = job_of(
        system,
        new_id,
        submission,
        fingerprint=fingerprint,
        scenes=len(source.scenes or ()) if AssetKey(Kind.ANALYSIS) in plan.kept else None,
        forked_from={"job_id": str(source.job.id), "position": position},
    )
    return job, plan


def _kinds(redone: Iterable[AssetKey]) -> set[ModelKind]:
    """The models that what is redone will ask; the others may have gone out of service since."""
    return {MODEL_KIND[key.kind] for key in redone if key.kind in PROVIDER_KINDS}


def _changed(job: Job, changes: bodies.Changes) -> tuple[Submission, dict[AssetKey, str]]:
    """The source's own submission with the changes laid over it; and the prompts, by asset."""
    value: dict[str, Any] = {name: getattr(job, name) for name in _PLAIN_FIELDS}
    given = changes.model_fields_set
    value |= {name: getattr(changes, name) for name in _PLAIN_FIELDS if name in given}
    value["models"] = job.models | changes.models
    value["options"] = job.options.model_dump(mode="json") | changes.options
    submission, faults, unnamed = read_submission(value)
    prompts = {}
    for name, prompt in changes.prompts.items():
        try:
            prompts[AssetKey.parse(name)] = prompt
        except ValueError as error:
            faults.append(FieldError(f"/prompts/{name}", str(error)))
    refuse(_within_changes(faults), unnamed)
    assert submission is not None
    return submission, prompts


def _within_changes(faults: list[FieldError]) -> list[FieldError]:
    return [type(fault)(f"/changes{fault.pointer}", fault.message) for fault in faults]
