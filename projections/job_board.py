"""The job board: where one job stands, as one page.

A function of the folded job and its assets, without a clock: time that still runs is left to whoever reads
(``started_at`` is told, a running stage has no ``elapsed_s``), so that the same events give the same bytes on
any day, on any machine, and in a rebuild.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.asset import Asset, AssetKey
from domain.film_plan import expected_assets, scene_count
from domain.job import Job
from domain.progress import Progress
from domain.script import STAGE_OF, Kind, Stage
from projections.asset_library import shown_status
from projections.wire import iso

Assets = Mapping[AssetKey, Asset]

_ONE_PER_JOB = {
    Stage.SCRIPT_ANALYSIS: Kind.ANALYSIS,
    Stage.PROMPT_GENERATION: Kind.STORYBOARD,
    Stage.AUDIO_PLANNING: Kind.AUDIO_PLAN,
    Stage.MUSIC: Kind.MUSIC,
}
_PER_SCENE = (Kind.IMAGE, Kind.NARRATION, Kind.CLIP)


def job_page(
    job: Job,
    assets: Assets,
    progress: Progress,
    *,
    position: int,
    ended_at: datetime | None,
    stage_elapsed: Mapping[Stage, float],
) -> dict[str, Any]:
    """The job as the public sees it. ``stage_elapsed`` holds the seconds of the stages that completed."""
    stages = [_stage(stage, job, assets, ended_at, stage_elapsed.get(stage)) for stage in Stage]
    return {
        "id": str(job.id),
        "status": job.status,
        "run": job.run,
        "title": _learnt(assets, "title"),
        "stage": next((s["name"] for s in stages if s["status"] in ("running", "failed")), None),
        "progress": progress.shown,
        "eta_s": progress.eta_s,
        "position": position,
        "created_at": iso(job.created_on),
        "started_at": iso(job.started_at),
        "finished_at": iso(ended_at),
        "pruned_at": iso(job.pruned_at),
        "provider": job.provider,
        "priority": job.priority,
        "language": job.language or _learnt(assets, "language"),
        "models": job.models,
        "options": job.options.model_dump(mode="json", warnings=False),
        "metadata": job.metadata,
        "stages": stages,
        "scenes": _scenes(job, assets),
        "cost": _cost(job, assets),
        "failure": job.failure.to_dict() if job.failure else None,
        "cancel_requested": job.cancel_requested,
        "links": _links(job, assets),
    }


def _learnt(assets: Assets, name: str) -> str | None:
    """What the analysis found out about the script."""
    analysis = assets.get(AssetKey(Kind.ANALYSIS))
    value = analysis.product.facts.get(name) if analysis and analysis.product else None
    return None if value is None else str(value)


# ---- stages -----------------------------------------------------------------------------------------


def _stage(
    stage: Stage, job: Job, assets: Assets, ended_at: datetime | None, completed_s: float | None
) -> dict[str, Any]:
    members = [a for key, a in assets.items() if key.stage is stage]
    started_at = job.stage_started_at.get(stage)
    status = _stage_status(stage, job)
    elapsed = completed_s if status == "completed" else None
    if status in ("failed", "stopped") and started_at and ended_at:
        elapsed = (ended_at - started_at).total_seconds()
    return {
        "name": stage.value,
        "status": status,
        "assets": _expected(stage, job, assets),
        "done": sum(1 for a in members if a.product is not None),
        "started_at": iso(started_at),
        "elapsed_s": None if elapsed is None else round(elapsed, 3),
        "requests": sum(a.requests for a in members),
        "tokens": sum(a.tokens for a in members),
        "cost_usd": round(sum((a.spent_usd for a in members), 0.0), 6),
        "unpriced": sum(a.unpriced for a in members),
    }


def _stage_status(stage: Stage, job: Job) -> str:
    """pending, running, completed, skipped (the options leave it out); of an ended job failed or stopped."""
    if stage not in _stages_of(job):
        return "skipped"
    state = job.stages.get(stage)
    if state == "started" and job.ended:
        failed_here = job.failure is not None and job.failure.stage == stage.value
        return "failed" if failed_here else "stopped"
    return {None: "pending", "started": "running", "completed": "completed"}[state]


def _stages_of(job: Job) -> set[Stage]:
    return {key.stage for key in expected_assets(job.options, 1)}


def _expected(stage: Stage, job: Job, assets: Assets) -> int | None:
    """How many assets the stage makes; None while the number of scenes is not known."""
    if stage not in _stages_of(job):
        return 0
    if stage in _ONE_PER_JOB:
        return 1
    scenes = scene_count(assets)
    if scenes is None:
        return None
    return sum(1 for key in expected_assets(job.options, scenes) if STAGE_OF[key.kind] is stage)


# ---- scenes, cost, links ----------------------------------------------------------------------------


def _scenes(job: Job, assets: Assets) -> list[dict[str, Any]]:
    analysis = assets.get(AssetKey(Kind.ANALYSIS))
    if analysis is None or analysis.product is None:
        return []
    found = analysis.product.facts["scenes"]
    expected = set(expected_assets(job.options, len(found)))
    return [
        {
            "scene": number,
            "text": scene["text"],
            **{
                kind.value: _part(AssetKey(kind, number), job, assets)
                if AssetKey(kind, number) in expected
                else None
                for kind in _PER_SCENE
            },
        }
        for number, scene in enumerate(found, start=1)
    ]


def _part(key: AssetKey, job: Job, assets: Assets) -> dict[str, Any]:
    asset = assets.get(key)
    return {
        "id": str(key.id_in(job.id)),
        "status": shown_status(asset) if asset else "pending",
        "revision": asset.revision if asset else 0,
    }


def _cost(job: Job, assets: Assets) -> dict[str, Any]:
    every = assets.values()
    return {
        "usd": round(sum((a.spent_usd for a in every), 0.0), 6),
        "reserved_usd": round(sum((a.reserved_usd for a in every), 0.0), 6),
        "max_usd": job.max_cost_usd,
        "tokens": sum(a.tokens for a in every),
        "requests": sum(a.requests for a in every),
        "unpriced": sum(a.unpriced for a in every),
        "lost_calls": sum(a.lost_calls for a in every),
    }


def _links(job: Job, assets: Assets) -> dict[str, str | None]:
    own = f"/v1/jobs/{job.id}"

    def content(kind: Kind) -> str | None:
        asset = assets.get(AssetKey(kind))
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
