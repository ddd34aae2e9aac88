"""The job board: where one job stands, as one page.

A function of the film, without a clock: time that still runs is left to whoever reads
(``started_at`` is told, a running stage has no ``elapsed_s``), so that the same events give the same bytes on
any day, on any machine, and in a rebuild.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.asset import AssetKey
from domain.film import Film
from domain.film_graph import SCRIPT, Graph, Scene, guessed_scenes, words_in
from domain.job import Job
from domain.progress import Progress
from domain.script import Kind, Stage
from domain.statuses import JobStatus, StageStatus
from domain.topic import Topic
from projections.asset_library import shown_status
from projections.job_filter import first_words
from projections.wire import iso, text_of

_ONE_PER_JOB = {
    Stage.SCRIPT_WRITING: Kind.SCRIPT,
    Stage.SCRIPT_ANALYSIS: Kind.ANALYSIS,
    Stage.PROMPT_GENERATION: Kind.STORYBOARD,
    Stage.AUDIO_PLANNING: Kind.AUDIO_PLAN,
    Stage.MUSIC: Kind.MUSIC,
}
_ONLY_WHERE_ASKED = frozenset({Stage.SCRIPT_WRITING, Stage.VIDEO_GENERATION})
"""Left out of a film that has none, as no option leaves them out of a usual one."""
_PER_SCENE = (Kind.IMAGE, Kind.SHOT, Kind.NARRATION, Kind.CLIP)


def job_page(
    film: Film,
    progress: Progress,
    *,
    position: int,
    ended_at: datetime | None,
    elapsed: dict[str, Any],
    stage_elapsed: Mapping[Stage, float],
) -> dict[str, Any]:
    """The job as the public sees it, but for its scenes.

    ``stage_elapsed`` holds the seconds of the stages that completed.
    """
    job = film.job
    shape = Graph.of(job.options, guessed_scenes(1), job.graph, script=job.script_origin)
    shape = film.graph if film.scenes is not None else shape  # a single scene may move, or none
    stages = [
        _stage(stage, film, shape, ended_at, stage_elapsed.get(stage))
        for stage in Stage
        if stage not in _ONLY_WHERE_ASKED or stage in shape.members
    ]
    return {
        "id": str(job.id),
        "status": job.status.value,
        "run": job.run,
        "title": film.title,
        "text": first_words(job),
        "stage": next((s["name"] for s in stages if s["status"] in ("running", "failed")), None),
        "progress": progress.shown,
        "eta_s": progress.eta_s,
        "position": position,
        "created_at": iso(job.created_on),
        "started_at": iso(job.started_at),
        "finished_at": iso(ended_at),
        "elapsed": elapsed,
        "pruned_at": iso(job.pruned_at),
        "caller": job.caller,
        "trace": _trace(job),
        "provider": job.provider,
        "priority": job.priority,
        "language": job.language or _learnt(film, "language"),
        "models": job.models,
        "options": job.options.model_dump(mode="json", warnings=False),
        "metadata": job.metadata,
        "stages": stages,
        "cost": _cost(film),
        "notices": job.notices,
        "topic": _topic(job),
        "translated_from": job.given.translated_from,
        "sources": _sources(film),
        "failure": job.failure.to_dict() if job.failure else None,
        "cancel_requested": job.cancel_requested,
        "review": job.review if job.awaits_review else None,
        "links": _links(film),
    }


def _trace(job: Job) -> dict[str, str | None]:
    origin = job.trace
    return {"trace_id": origin.trace_id, "parent_span_id": origin.parent_span_id}


def _topic(job: Job) -> dict[str, Any] | None:
    """On what the script was to be written."""
    topic = job.given.topic
    return None if topic is None else {name: getattr(topic, name, None) for name in Topic.model_fields}


def _sources(film: Film) -> list[dict[str, Any]]:
    """Where the writer of the script says that its facts are from; nobody has looked."""
    script = film.assets.get(SCRIPT)
    named: list[dict[str, Any]] = script.product.facts.get("sources", []) if script and script.product else []
    return named


def _learnt(film: Film, name: str) -> str | None:
    """What the analysis found out about the script, in the film's words."""
    learnt = words_in(film.assets)
    value = learnt.get(name) if learnt is not None else None
    return None if value is None else str(value)


# ---- stages -----------------------------------------------------------------------------------------


def _stage(
    stage: Stage, film: Film, shape: Graph, ended_at: datetime | None, completed_s: float | None
) -> dict[str, Any]:
    job, tally = film.job, film.tally(stage)
    started_at = job.stage_started_at.get(stage)
    status = _stage_status(stage, job, shape)
    elapsed = completed_s if status == "completed" else None
    if status in ("failed", "stopped") and started_at and ended_at:
        elapsed = (ended_at - started_at).total_seconds()
    return {
        "name": stage.value,
        "status": status,
        "assets": _expected(stage, film, shape),
        "done": film.made(stage),
        "started_at": iso(started_at),
        "elapsed_s": None if elapsed is None else round(elapsed, 3),
        "requests": tally.requests,
        "tokens": tally.tokens,
        "cost_usd": _usd(tally.spent_usd),
        "unpriced": tally.unpriced,
    }


def _stage_status(stage: Stage, job: Job, shape: Graph) -> str:
    """pending, running, completed, skipped (the options leave it out); of an ended job failed or stopped."""
    if stage not in shape.members:
        return "skipped"
    state = job.stages.get(stage)
    if state is None and job.status == JobStatus.COMPLETED:
        return "skipped"  # nobody needed what it makes
    if state == StageStatus.STARTED and job.ended:
        failed_here = job.failure is not None and job.failure.stage == stage.value
        return "failed" if failed_here else "stopped"
    return {None: "pending", StageStatus.STARTED: "running", StageStatus.COMPLETED: "completed"}[state]


def _expected(stage: Stage, film: Film, shape: Graph) -> int | None:
    """How many assets the stage makes; None while the number of scenes is not known."""
    if film.scenes is not None or stage not in shape.members:
        return len(film.graph.members.get(stage, ()))
    return 1 if stage in _ONE_PER_JOB else None


# ---- scenes, cost, links ----------------------------------------------------------------------------


def scene_page(film: Film, scene: Scene) -> dict[str, Any]:
    """One scene and its parts. It changes only with the analysis and with the assets of this scene.

    ``image`` is the first of its ``images``, ``shot`` of its ``shots``; a scene over which only the camera
    moves has none.
    """
    facts = film.scene_facts(scene.number)
    assert facts is not None
    parts = {kind: AssetKey(kind, scene.number) for kind in _PER_SCENE}
    shown = {kind.value: _part(film, key) if key in film.graph.nodes else None for kind, key in parts.items()}
    images = [{"beat": key.beat, **_part(film, key)} for key in scene.images]
    shots = [{"beat": key.beat, **_part(film, key)} for key in scene.shots if key in film.graph.nodes]
    return {"scene": scene.number, "text": facts["text"], **shown, "images": images, "shots": shots}


def _part(film: Film, key: AssetKey) -> dict[str, Any]:
    asset = film.assets.get(key)
    return {
        "id": text_of(asset.id if asset else key.id_in(film.job.id)),
        "status": shown_status(asset) if asset else "pending",
        "revision": asset.revision if asset else 0,
    }


def _cost(film: Film) -> dict[str, Any]:
    every = film.tallies.values()
    return {
        "usd": _usd(film.spent_usd),
        "unknown_usd": _usd(film.unknown_usd),
        "reserved_usd": _usd(film.reserved_usd),
        "max_usd": film.job.max_cost_usd,
        "tokens": sum(tally.tokens for tally in every),
        "requests": sum(tally.requests for tally in every),
        "unpriced": sum(tally.unpriced for tally in every),
        "lost_calls": sum(tally.lost_calls for tally in every),
    }


def _usd(value: float) -> float:
    # What is taken back may leave a little less than nothing.
    return round(value, 6) + 0.0


def _links(film: Film) -> dict[str, str | None]:
    job = film.job
    own = f"/v1/jobs/{job.id}"

    def content(kind: Kind) -> str | None:
        asset = film.assets.get(AssetKey(kind))
        made = asset is not None and asset.product is not None and job.pruned_at is None
        return f"/v1/assets/{asset.id}/content" if asset and made else None

    return {
        "self": own,
        "events": f"{own}/events",
        "assets": f"{own}/assets",
        "cancel": f"{own}/cancel",
        "retry": f"{own}/retry",
        "video": content(Kind.VIDEO),
        "poster": content(Kind.POSTER),
        "captions": content(Kind.CAPTIONS),
        "manifest": content(Kind.MANIFEST),
    }
