"""The past, from its events: what would be decided at any moment of it, and whether we still would.

Pure functions of a film, or of a list of events in log order. Nothing here reads a store: the same functions
serve a live log, an exported one on another machine, and the golden logs in the tests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.asset import Asset, AssetKey, Attempt
from domain.film import Film
from domain.film_graph import SCRIPT
from domain.job import Job
from domain.script import Kind
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
    workflow,
)


def decisions(film: Film, now: datetime | None = None) -> list[Decision]:
    """What the workflow decides from here; ``now`` is the last event's time unless given."""
    moment = now or film.at
    if not film.begun or moment is None:
        return []
    return workflow(film, moment)


def explain(film: Film, now: datetime | None = None) -> list[str]:
    """Say in words what the Director would do at this moment, what all else waits for, and who named it."""
    if not film.begun:
        return ["Nothing has happened yet."]
    return [*_decided(film, now), *_named(film.job)]


def _named(job: Job) -> Iterator[str]:
    if job.renamed_at is None or job.pruned_at is not None:
        return
    by = f"{job.renamed_by} at {job.renamed_at.isoformat(timespec='seconds')}"
    if job.title is None:
        yield f"The film is called as its analysis has it, by choice of {by}."
    else:
        yield f"The film is called “{job.title}”, by choice of {by}."


def _decided(film: Film, now: datetime | None) -> list[str]:
    job = film.job
    if job.pruned_at is not None:
        day = job.pruned_at.date().isoformat()
        return [f"The job is {job.status} and was pruned on {day}; it cannot be gone on with."]
    if job.ended:
        return [f"The job is {job.status}; nothing more is decided until it is reopened."]
    if job.awaits_review and not job.cancel_requested:
        return [f"Wait for a person to approve the {job.review}: nothing is ordered before."]
    said = [_in_words(decision) for decision in decisions(film, now)]
    said += [_under_way(asset, attempt) for asset, attempt in film.open_attempts()]
    said += _missing(film)
    return said or ["Wait for something to happen."]


def _under_way(asset: Asset, attempt: Attempt) -> str:
    at, receipt = f"attempt {attempt.number} at {asset.key.name}", attempt.receipt
    if receipt is None:
        return f"Wait: {at} is under way (worker {attempt.worker})."
    since, until = (when.isoformat(timespec="seconds") for when in (receipt.accepted_at, receipt.expires_at))
    return (
        f"Wait: {at} was accepted by the provider at {since} as call {receipt.call_id} (worker "
        f"{attempt.worker}); whichever worker lives asks for it, without a new request, until {until}."
    )


def _missing(film: Film) -> Iterator[str]:
    if film.scenes is None:
        if SCRIPT in film.graph.nodes and film.digest(SCRIPT) is None:
            yield "Not yet: analysis needs script."
        yield "Nothing but the analysis can be planned: it tells how many scenes there are."
        return
    for key in film.expected:
        if key in film.assets:
            continue
        unmade = [needed.name for needed in film.inputs(key) if film.digest(needed) is None]
        if unmade:
            yield f"Not yet: {key.name} needs {', '.join(unmade)}."


def _in_words(decision: Decision) -> str:  # noqa: C901, PLR0911 - one sentence for each kind of decision
    match decision:
        case StartStage(stage):
            return f"Start stage {stage.value}: its first asset can be made."
        case CompleteStage(stage=stage, assets=count):
            made = "its asset is made" if count == 1 else f"all of its {count} assets are made"
            return f"Complete stage {stage.value}: {made}."
        case RequestAsset(key, revision, inputs):
            of = f" from {', '.join(i.name for i in inputs)}" if inputs else ""
            again = f" (revision {revision}: what it was made from has changed)" if revision > 1 else ""
            return f"Request {key.name}{of}: all of its inputs are made{again}."
        case OrderAttempt(key, _, attempt, reserve):
            held = f", reserving USD {reserve:.4f}" if reserve else ""
            return f"Order attempt {attempt} at {key.name}{held}."
        case ResumeAttempt(key, _, attempt, worker, _, receipt):
            whose = f"worker {worker} no longer asks for call {receipt.call_id}"
            return f"Go on with attempt {attempt} at {key.name}, without a new request: {whose}."
        case CancelCall(key, attempt=attempt, receipt=receipt):
            ends = f"attempt {attempt} at {key.name} ends"
            return f"Have the provider cancel call {receipt.call_id}; {ends}."
        case FailAsset(key, failure):
            return f"Give {key.name} up: {failure.code}, and no other attempt would help."
        case WaitUntil(key, at):
            return f"Wait until {at.isoformat(timespec='seconds')} before the next attempt at {key.name}."
        case FailJob(failure, withdraw):
            back = f"; withdraw {', '.join(k.name for k in withdraw)}" if withdraw else ""
            return f"Fail the job with {failure.code}: nothing is in flight any more{back}."
        case CancelJob():
            return "Cancel the job: it was asked for, and nothing is in flight any more."
        case RequestReview(review):
            return f"Wait for review of the {review}: it is made, and nothing is in flight."
        case CompleteJob():
            return "Complete the job: everything is made from the latest of its inputs."


@dataclass(frozen=True)
class Divergence:
    """A decision in a stored history that today's workflow would not make at that place."""

    index: int
    """Which event of the history it is, counted from 0."""
    recorded: str
    decides: list[str]


def replay_decisions(log: Iterable[tuple[int, Any]]) -> list[Divergence]:
    """Run today's workflow over a history of (position, event); tell each decision that it would not make.

    A Director decides from what it has seen, and workers go on meanwhile: a decision stands when the workflow
    would make it at any moment from its cause to its own place in the log.
    """
    film = Film()
    divergences = []
    moments: list[tuple[int, set[Any]]] = []  # after each event: its position, and what would be decided then
    for index, (position, event) in enumerate(log):
        wanted = _decision_of(event)
        if wanted is not None and moments:
            since = event.causation or 0
            seen = [marks for at, marks in moments if at >= since] or [moments[-1][1]]
            # What one transaction decides together, it decides from before its first event.
            if not any(wanted in marks for marks in seen):
                recorded = f"{type(event).TOPIC} {' '.join(str(part) for part in wanted[1:])}".strip()
                would = [_in_words(decision) for decision in decisions(film, event.timestamp)]
                divergences.append(Divergence(index, recorded, would))
        film.evolve(event)
        moments.append((position, {_mark(decision) for decision in decisions(film)}))
    return divergences


def _decision_of(event: Any) -> tuple[Any, ...] | None:  # noqa: PLR0911 - one for each kind
    """What the Director decided, as a comparable mark; None for what others wrote."""
    match event:
        case Job.StageStarted():
            return ("start", event.stage)
        case Job.StageCompleted():
            return ("complete", event.stage)
        case Job.ReviewRequested():
            return ("review", event.review)
        case Job.Completed():
            return ("job completed",)
        case Job.Failed():
            return ("job failed", event.failure["code"])
        case Job.Cancelled():
            return ("job cancelled",)
        case Asset.Requested() if event.causation is not None:
            return ("request", AssetKey(Kind(event.kind), event.scene, event.beat).name, event.revision)
        case Asset.Failed() if event.failure["code"] != "withdrawn":
            return ("give up", event.failure["code"])
        case _:
            return None


def is_decision(event: Any) -> bool:
    """Whether the Director decided it, so that it can be held against what the workflow decides."""
    return _decision_of(event) is not None


def _mark(decision: Decision) -> tuple[Any, ...] | None:  # noqa: PLR0911 - as above
    match decision:
        case StartStage(stage):
            return ("start", stage.value)
        case CompleteStage(stage=stage):
            return ("complete", stage.value)
        case RequestReview(review):
            return ("review", review)
        case CompleteJob():
            return ("job completed",)
        case FailJob(failure, _):
            return ("job failed", failure.code)
        case CancelJob():
            return ("job cancelled",)
        case RequestAsset(key, revision, _):
            return ("request", key.name, revision)
        case FailAsset(_, failure):
            return ("give up", failure.code)
        case OrderAttempt() | ResumeAttempt() | CancelCall() | WaitUntil():
            return None
