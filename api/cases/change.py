"""What all requests that change a job have in common: a price first, and the same one is carried out once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from api.cases.accepted import Accepted, job_page
from api.cases.budgets import within_budget
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.idempotency import Run
from api.cases.preview import Preview, cost_of, forecast_of, preview_of_run
from api.composition import System
from domain.asset import Asset, AssetKey
from domain.film import Film
from domain.film_graph import ANALYSIS
from domain.job import Job
from domain.store import Saveable


@dataclass(frozen=True)
class Change:
    """A change of one job. Both are asked with the job as it is then; refusals say why it cannot be."""

    price: Callable[[Job], Preview]
    """What it would have made again, and cost."""
    decide: Callable[[Job], Sequence[Job | Asset]]
    """Gives what is to be saved in one transaction. Asked again where others changed the job meanwhile."""


def carry_out(
    system: System,
    job_id: UUID,
    run: Run,
    prepare: Callable[[Job], Change],
    *,
    dry_run: bool,
    about: dict[str, Any] | None = None,
) -> Preview | Accepted:
    """Record the change, or tell its price (``dry_run``). Blocks.

    ``run`` makes the request known again: it is then neither prepared nor carried out. ``about`` is said in
    the price of one that comes again, beside the job.
    """
    refuse_set_aside(system, job_id)
    job = system.studio.job(job_id)
    if run.is_on_record(job):
        if dry_run:
            # Asked again with its key it begins nothing more.
            named = {"job_id": str(job_id), **(about or {})}
            return Preview(named, reused=tuple(system.studio.assets(job)))
        return Accepted(job_id, job_page(system, job_id, None), began=False)
    if not dry_run:
        refuse_stopped(system)
    change = prepare(job)
    if dry_run:
        return change.price(job)

    def decide() -> Sequence[Saveable]:
        job = system.studio.job(job_id)
        # Whoever asked at the same moment may have been first, with this very request.
        return [job] if run.is_on_record(job) else within_budget(system, job, change.decide)

    saved = system.studio.change_together(decide)
    return Accepted(job_id, job_page(system, job_id, saved.position), began=saved.position is not None)


def opened_film(system: System, job: Job) -> Film:
    """The film of a job of which something is to be another."""
    job.require_content()
    refuse_other_provider(system, job)
    return system.studio.film(job)


def price_of_rest(system: System, film: Film, about: dict[str, Any]) -> Preview:
    """Of all that is not current."""
    redone = set(film.expected).difference(film.current)
    return price_of_change(system, film, redone, about, reviewed=False)


def price_of_change(
    system: System,
    film: Film,
    redone: Collection[AssetKey],
    about: dict[str, Any],
    *,
    reviewed: bool,
    settled: Mapping[AssetKey, float | None] = MappingProxyType({}),
) -> Preview:
    """Of these, asked for ``settled`` reservations, and of all that follows from another analysis.

    Where the job was ``reviewed``, what was never made is no part of the change: approving it tells what the
    rest costs.
    """
    seen = _as_last_seen(film)
    if seen is not film:
        redone = {*redone, *filter(seen.is_made_here, seen.dependents(ANALYSIS))}
    made = [
        key
        for key in seen.in_order(redone)
        if not reviewed or key in settled or (key in seen.assets and seen.assets[key].products)
    ]
    if ANALYSIS in made:
        cost = _cost_of_scenes(system, seen, made, settled, reviewed=reviewed)
    else:
        cost = cost_of(system, film.job, made, seen.assets, settled=settled)
    return preview_of_run(about, seen, made, cost)


def _as_last_seen(film: Film) -> Film:
    """With the scenes that it had before its analysis was asked for again: it knows none meanwhile."""
    asked = film.assets.get(ANALYSIS)
    if asked is None or not asked.products or asked.product is not None:
        return film
    made = copy(asked)
    made.product = made.products[max(made.products)]
    return Film.of(film.job, {**film.assets, ANALYSIS: made}.values())


def _cost_of_scenes(
    system: System,
    film: Film,
    made: Collection[AssetKey],
    settled: Mapping[AssetKey, float | None],
    *,
    reviewed: bool,
) -> dict[str, Any]:
    """Of these where another analysis decides the scenes, and so what there will be.

    About what they cost before, if that is known; at most what any scenes can, each call once.
    """
    # What is given stays, in scenes only where these are given too: another analysis may find others.
    stays = {
        key
        for key, asset in film.assets.items()
        if asset.is_provided and (key.scene is None or film.job.given.scenes)
    }
    whole = forecast_of(system, film.job, made, film.assets, stays)
    if film.scenes is None:
        return dict(whole["cost"])
    cost = cost_of(system, film.job, made, film.assets, settled=settled)
    begun = {key.stage for key, asset in film.assets.items() if asset.products}
    known = {key.stage.value: usd for key, usd in settled.items()}
    worst = [
        known.get(stage["name"], stage["cost"]["at_most_usd"])
        for stage in whole["stages"]
        if not reviewed or stage["name"] in begun
    ]
    if cost["usd"] is None or None in worst:
        return cost | {"at_most_usd": None}
    most = round(sum(worst), 6)
    return cost | {"usd": min(cost["usd"], most), "at_most_usd": most}
