"""Fork a job: a new one from any moment of it, keeping all that its changes do not touch.

What is kept and what is asked for is planned by the stages (``actors/work/planning/fork.py``); here the
changes are laid over the source's own submission, checked as any other, and saved in one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from pydantic import Field

from api.cases.acceptance import job_of, kinds_of, unacceptable, within
from api.cases.accepted import Accepted
from api.cases.budgets import submit_job
from api.cases.callers import LOCAL
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.errors import Faults, FieldError, Refusal, refuse
from api.cases.fork_changes import Changes, in_the_body, unknown_members
from api.cases.idempotency import FORKS, digest_of_json, new_job_id, same_job, sha256_of
from api.cases.own_files import given_at_submit, given_larger, larger_files, named_files
from api.cases.positions import MAX_POSITION, require_happened, wait_until_projected
from api.cases.preview import Preview, cost_of, forecast_of, from_stored
from api.cases.validation import read_submission
from api.cases.webhooks import endpoint_of, refuse_uncallable, with_endpoint
from api.composition import BlobMissingError, NotForkableError, System
from api.composition import Fork as ForkPlan
from domain.asset import Asset, AssetKey
from domain.default_models import ModelKind
from domain.expectation import MODEL_KIND
from domain.film import Film
from domain.film_graph import ANALYSIS, AUDIO_PLAN, MUSIC
from domain.given_scenes import CastMember
from domain.job import Job
from domain.script import AudioPlan, ScriptAnalysis
from domain.script_forms.reading import read_script
from domain.spoken_lines import cast_of
from domain.store import JobNotFoundError, Saveable
from domain.submission import Request, Submission
from domain.webhook_request import WebhookRequest

_PLAIN_FIELDS = ("script", "language", "max_cost_usd", "priority", "metadata")


class Fork(Request):
    """A new job from a moment of another one."""

    at: int | None = Field(
        default=None, ge=1, le=MAX_POSITION, description="A position of the log; null is now"
    )
    changes: Changes = Changes()
    webhook: WebhookRequest | None = Field(
        default=None,
        description="An endpoint for the new job alone; that of its source is not told of it",
    )
    dry_run: bool = Field(default=False, description="Only tell what would be kept and redone, and the price")


@dataclass(frozen=True)
class ForkRequest:
    source_id: UUID
    asked: Fork = field(default_factory=Fork)
    idempotency_key: str | None = None
    caller: str = LOCAL
    traceparent: str | None = None
    """The span of the caller that the new job is part of: its source's is another story."""
    may_open: bool = True
    """Whether files of one's own may be opened meanwhile; see `given_at_submit`."""


def fork(system: System, request: ForkRequest) -> Preview | Accepted:
    """Record the new job, or tell what it would keep, make and cost (``dry_run``). Blocks."""
    source_id, asked, key = request.source_id, request.asked, request.idempotency_key
    if asked.dry_run:
        return _preview(system, request)
    fingerprint = _fingerprint(source_id, asked) if key else None
    new_id = new_job_id(FORKS, key if request.caller == LOCAL or not key else f"{request.caller}\n{key}")
    if key:
        try:
            known = system.studio.job(new_id)
            same = same_job(system, known, fingerprint, _former_fingerprint(source_id, asked))
            return _told(system, same, request.caller)
        except JobNotFoundError:
            pass
    refuse_stopped(system)
    source, position = _source(system, source_id, asked.at)

    def make(left: float | None) -> tuple[list[Job], list[Saveable]]:
        try:
            job, plan, submission = _planned(system, source, position, request, new_id, fingerprint, left)
            told = list(filter(None, [endpoint_of(system, job, asked.webhook, request.caller)]))
            system.queue.enter()
            assets = from_stored(lambda: plan.assets(job, system.clock(), system.blobs))
            from_stored(lambda: _keep(system, plan))
            assets += _given_again(system, source, request, job, plan, submission)
        finally:
            # Pruning begins with an event and then spares what was kept before: one of the two is seen here.
            # What it has taken meanwhile is not damaged but pruned, whatever was said of it.
            system.studio.job(source_id).require_content()
        return [job], [*told, job, *assets]

    return _told(system, submit_job(system, request.caller, new_id, fingerprint, make), request.caller)


def _fingerprint(source_id: UUID, asked: Fork) -> str:
    """Of a change, null is another value than none: it takes away what the source has."""
    changes = asked.changes.model_dump(mode="json", exclude_unset=True)
    webhook = asked.webhook.model_dump(mode="json") if asked.webhook else None
    return digest_of_json({"fork": str(source_id), "at": asked.at, "changes": changes, "webhook": webhook})


def _former_fingerprint(source_id: UUID, asked: Fork) -> str:
    """As forks of older versions are on record, for which both were one."""
    return sha256_of(f"{source_id} {asked.model_dump_json()}")


def _givers(system: System, request: ForkRequest) -> Sequence[str]:
    """Whose files it may name: what its source was made with may be others', and so on along the forks."""
    return [*dict.fromkeys([*system.owners.along_forks(request.source_id), request.caller])]


def _told(system: System, accepted: Accepted, caller: str) -> Accepted:
    return replace(accepted, job=with_endpoint(system, accepted.job_id, accepted.job, caller))


def _preview(system: System, request: ForkRequest) -> Preview:
    source_id = request.source_id
    source, position = _source(system, source_id, request.asked.at)
    refuse_uncallable(system, request.asked.webhook)
    job, plan, submission = _planned(system, source, position, request, uuid4(), None, None)
    _given_again(system, source, request, job, plan, submission)
    settled = {**plan.reserved, **{key: asked_for.reservation_usd for key, asked_for in plan.asked.items()}}
    if _scenes_known(plan):
        cost = cost_of(system, job, plan.redone, source.assets, settled=settled)
    else:
        cost = forecast_of(system, job, plan.redone, source.assets, plan.given)["cost"]
    about = {"source": str(source_id), "at": position, "notices": job.notices}
    return Preview(about, (*plan.kept, *plan.given), plan.redone, cost)


def _given_again(
    system: System, source: Film, request: ForkRequest, job: Job, plan: ForkPlan, submission: Submission
) -> list[Asset]:
    """What the author gave, where it could not be kept: it may not fit the new shape, or was too small."""
    asked = request.asked
    larger = {
        key: file
        for key, file in larger_files(system, source, submission.options).items()
        if key in plan.given
    }
    how = {"may_open": request.may_open, "dry_run": asked.dry_run}
    with _told_in_the_body(source.job, asked.changes):
        again = given_larger(system, job, larger, **how)
        return again + given_at_submit(
            system,
            job,
            submission,
            _givers(system, request),
            only=[key for key in plan.given if key not in larger],
            **how,
        )


@contextmanager
def _told_in_the_body(source: Job, changes: Changes) -> Iterator[None]:
    """Faults of the submission that the changes make, at their places in the body."""
    names = [member["name"] for member in _recast(source.given.to_dict()["cast"], changes.cast)]
    try:
        yield
    except Faults as refused:
        raise refused.told(lambda fault: in_the_body(fault, source, changes, names)) from None


def _keep(system: System, plan: ForkPlan) -> None:
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
        require_happened(system, at, "/at")
    refuse_set_aside(system, source_id)
    # Planned from an older state, what is made already would be paid for again.
    wait_until_projected(system, head if at is None else at)
    events = system.readers.events_of(source_id, head if at is None else at)
    if not events:
        if at is None or system.readers.job(source_id) is None:
            raise JobNotFoundError(source_id)
        raise Refusal("job_not_found", f"Job {source_id} did not exist at position {at}.")
    film = Film(recorded.event for recorded in events)
    # A past moment does not know of it.
    system.studio.job(source_id).require_content()
    refuse_other_provider(system, film.job)
    return film, events[-1].position


def _planned(
    system: System,
    source: Film,
    position: int,
    request: ForkRequest,
    new_id: UUID,
    fingerprint: str | None,
    left: float | None,
) -> tuple[Job, ForkPlan, Submission]:
    """The new job, unsaved, what becomes of its assets, and what is asked for; ``left`` of a budget."""
    changes = request.asked.changes
    translated_from = _translated_from(system, source, changes)
    with _told_in_the_body(source.job, changes):
        submission, prompts = _changed(source, changes, translated=translated_from is not None)
        try:
            plan = from_stored(lambda: system.planning.fork(source, submission, prompts, translated_from))
        except NotForkableError as error:
            refuse([FieldError(pointer, message) for pointer, message in error.faults])
            raise
        plan = plan.giving_anew(larger_files(system, source, submission.options))
        _, unusable = named_files(system, submission, _givers(system, request))
        refuse([*unacceptable(system, submission, _kinds(plan, submission, changes)), *unusable])
        submission = within(system, submission, left)
    if changes.cast and _scenes_known(plan):
        refuse(_unknown(system, source, plan, changes))
    job = job_of(
        system,
        new_id,
        submission,
        caller=request.caller,
        fingerprint=fingerprint,
        scenes=source.scenes if _scenes_known(plan) else None,
        forked_from={"job_id": str(source.job.id), "position": position},
        translated_from=translated_from,
        traceparent=request.traceparent,
    )
    return job, plan, submission


def _scenes_known(plan: ForkPlan) -> bool:
    return ANALYSIS in plan.kept


def _unknown(system: System, source: Film, plan: ForkPlan, changes: Changes) -> list[FieldError]:
    """Members of the cast who are none of the film's characters, as its analysis is kept."""
    names = _characters(system, source)
    if AUDIO_PLAN not in plan.kept:  # it may find that somebody says what is quoted
        told = source.script.casefold()
        names += [one.name for one in changes.cast if one.name.strip().casefold() in told]
    return unknown_members(changes.cast, names)


def _characters(system: System, source: Film) -> list[str]:
    """Whom the author gave, whom the analysis found, and who speaks."""

    def stored(key: AssetKey) -> bytes | None:
        product = source.assets[key].product if key in source.assets else None
        return None if product is None else from_stored(lambda: system.blobs.get(product.digest))

    analysis, sound = stored(ANALYSIS), stored(AUDIO_PLAN)
    names = [member.name.strip() for member in source.job.given.cast]
    if analysis is not None:
        names += [one.name for one in ScriptAnalysis.model_validate_json(analysis).characters]
    if sound is not None:
        names += [one.speaker for one in AudioPlan.model_validate_json(sound).cast]
    names += cast_of(read_script(source.script, source.job.options.script_form))
    return list({name.casefold(): name for name in reversed(names)}.values())[::-1]


def _kinds(plan: ForkPlan, submission: Submission, changes: Changes) -> set[ModelKind]:
    """The models that what is redone asks, and whose voices are named; the others may be out of service."""
    asked: set[ModelKind] = {MODEL_KIND[key.kind] for key in plan.redone if key.kind in MODEL_KIND}
    if not _scenes_known(plan):  # what more there will be the analysis tells
        asked |= set(kinds_of(submission.options, submission.scenes or ()))
    return asked | ({"speech"} if any(member.voice for member in changes.cast) else set())


def _translated_from(system: System, source: Film, changes: Changes) -> str | None:
    """The language of the source's words, where the same words are asked for in another one."""
    given = changes.given
    if "script" in given or "topic" in given:
        return None
    language = changes.language if "language" in given else source.job.language
    return system.planning.translated_from(source, language)


def _changed(source: Film, changes: Changes, *, translated: bool) -> tuple[Submission, dict[AssetKey, str]]:
    """The source's own submission with the changes laid over it; and the prompts, by asset.

    Where it is to be ``translated`` its script is the one that is there, and voices of its author's do not go
    along: they say the words in another language.
    """
    job = source.job
    value: dict[str, Any] = {name: getattr(job, name) for name in _PLAIN_FIELDS}
    given = changes.given
    value |= {name: getattr(changes, name) for name in _PLAIN_FIELDS if name in given}
    brought = job.given.to_dict()
    brought.pop("translated_from", None)
    if changes.cast:
        brought["cast"] = _recast(brought["cast"], changes.cast)
    if translated:
        value["script"] = source.script
        brought.pop("topic", None)
        brought["scenes"] = [{**scene, "narration": None} for scene in brought["scenes"]]
    if changes.topic is not None:
        brought["topic"] = changes.topic.model_dump(exclude_none=True)
    elif "script" in given:
        brought.pop("topic", None)
    if not brought["scenes"] or "script" in given or "topic" in brought:
        del brought["scenes"]
    if "scenes" in brought or ("topic" in brought and not changes.script):
        del value["script"]  # it is what they say, or is written
    value |= brought
    value["models"] = job.models | changes.models
    value["options"] = job.options.model_dump(mode="json") | changes.options
    if not _plays_own_song(source, value):
        value["files"] = {use: digest for use, digest in job.given.files.items() if use != "music"}
    submission, faults, unnamed = read_submission(value)
    prompts = {}
    for name, prompt in changes.prompts.items():
        try:
            prompts[AssetKey.parse(name)] = prompt
        except ValueError as error:
            faults.append(FieldError(f"/prompts/{name}", str(error)))
    refuse(faults, unnamed)
    assert submission is not None
    return submission, prompts


def _recast(cast: list[dict[str, Any]], changes: list[CastMember]) -> list[dict[str, Any]]:
    """The cast with what is told of its members laid over it; who is not among them comes last."""
    members = {member["name"].strip().casefold(): member for member in cast}
    for change in changes:
        told = change.model_dump(mode="json", exclude_unset=True)
        name = change.name.strip().casefold()
        members[name] = members.get(name, {}) | told
    return list(members.values())


def _plays_own_song(source: Film, wanted: dict[str, Any]) -> bool:
    """Whether the song that came with the source is still its music, and what is wanted has room for it."""
    options, music = wanted["options"], source.assets.get(MUSIC)
    product = music.product if music is not None else None
    given = product is not None and product.provenance.get("file") == source.job.given.files.get("music")
    return given and not wanted["models"].get("music") and options["music"] and options["include_audio"]
