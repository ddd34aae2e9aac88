"""What all requests that change a job have in common: a price first, and the same one is carried out once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cases.accepted import Accepted, job_page
from api.cases.budgets import within_budget
from api.cases.checks import refuse_other_provider, refuse_set_aside, refuse_stopped
from api.cases.idempotency import Run
from api.cases.preview import Preview, cost_of, preview_of_run
from api.composition import System
from domain.asset import Asset, AssetKey
from domain.film import Film
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
    redone = [key for key in film.expected if not film.is_current(key)]
    known = AssetKey.parse("analysis") not in redone
    cost = cost_of(system, film.job, redone, film.assets, settled={}, scenes_known=known)
    return preview_of_run(about, film, redone, cost)


def price_of_change(
    system: System,
    film: Film,
    redone: Iterable[AssetKey],
    about: dict[str, Any],
    *,
    reviewed: bool,
    settled: dict[AssetKey, float | None] | None = None,
) -> Preview:
    """Of these, asked for ``settled`` reservations.

    Where the job was ``reviewed``, what was never made is no part of the change: approving it tells what the
    rest costs.
    """
    made = [
        key
        for key in film.in_order(redone)
        if not reviewed or key in (settled or {}) or (key in film.assets and film.assets[key].products)
    ]
    cost = cost_of(system, film.job, made, film.assets, settled=settled or {}, scenes_known=True)
    return preview_of_run(about, film, made, cost)
