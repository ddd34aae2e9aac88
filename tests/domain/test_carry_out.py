"""Decisions carried out: what they add, in which order it is saved, and what it is caused by."""

from typing import Any

import pytest

from domain.asset import Asset, AssetKey, Recipe
from domain.carry_out import carry_out
from domain.failures import AttemptFailedError, Code, Failure
from domain.film import Film
from domain.job import Job
from domain.script import Kind, Stage
from domain.workflow import CancelJob, FailJob, OrderAttempt, RequestAsset, workflow
from tests.domain.language import (
    JOB_ID,
    NOW,
    Fact,
    attempt_failed,
    build,
    fact,
    generated,
    requested,
    stage_started,
    started,
    submitted,
)

ANALYSIS, STORYBOARD = AssetKey(Kind.ANALYSIS), AssetKey(Kind.STORYBOARD)
SILENT = (submitted(options={"include_audio": False}), stage_started(Stage.SCRIPT_ANALYSIS))
RECIPE = Recipe(model="m", reservation_usd=0.01)


def film_of(job: tuple[Fact, ...], *assets: tuple[Fact, ...]) -> Film:
    return Film.of(build(Job, job), [build(Asset, facts) for facts in assets])


def made(scenes: int = 1) -> tuple[Fact, ...]:
    request = fact(Asset.Requested, **{**requested(key=ANALYSIS).fields, "inputs": []})
    told = fact(Asset.Generated, **{**generated().fields, "facts": {"scenes": [{}] * scenes}})
    return request, started(), told


def carried(film: Film, recipe_of: Any = lambda _asked: RECIPE) -> list[tuple[str, Any]]:
    """Topics and causes, in the order in which they are saved."""
    changed = carry_out(film, workflow(film, NOW), recipe_of, NOW)
    return [(e.TOPIC, e.causation) for aggregate in changed for e in aggregate.pending_events]


def test_a_stage_starts_before_what_is_asked_of_it() -> None:
    film = film_of((submitted(),))
    assert carried(film) == [("job.stage_started", None), ("asset.requested", None)]
    assert film.job.status == "running"
    assert film.unstarted == {ANALYSIS}


def test_a_request_is_caused_by_the_last_of_its_inputs_and_all_else_by_what_happened_last() -> None:
    film = film_of(SILENT, made())
    film.happened(ANALYSIS.id_in(JOB_ID), 5)
    film.happened(JOB_ID, 9)
    told = carried(film)
    assert ("job.stage_completed", 9) in told
    assert ("asset.requested", 5) in told


def test_nothing_follows_the_end_of_a_job_and_what_was_not_begun_is_withdrawn_before() -> None:
    waiting = (requested(key=ANALYSIS), started(), attempt_failed(retry_at=NOW))
    film = film_of((*SILENT, fact(Job.CancelRequested)), waiting)
    assert [topic for topic, _ in carried(film)] == ["asset.failed", "job.cancelled"]
    assert film.job.ended
    assert (film.unstarted, film.waiting) == (set(), set())
    assert isinstance(film.assets[ANALYSIS].failure, Failure)
    assert film.assets[ANALYSIS].failure.code == Code.WITHDRAWN


def test_orders_and_waiting_are_no_facts() -> None:
    film = film_of(SILENT, made()[:1])
    [order] = workflow(film, NOW)
    assert isinstance(order, OrderAttempt)
    assert carry_out(film, [order], lambda _: pytest.fail("nothing is planned"), NOW) == []


def test_what_cannot_be_planned_stops_the_rest_and_the_job_fails_with_it() -> None:
    film = film_of(SILENT, made(scenes=1))

    def recipe_of(asked: RequestAsset) -> Recipe:
        raise AttemptFailedError(Failure.of(Code.INTERNAL_ERROR, f"no plan for {asked.key.name}"))

    told = [topic for topic, _ in carried(film, recipe_of)]
    assert "asset.requested" not in told
    assert told[-1] == "job.stage_started", "what was decided before it stands"
    assert film.obstacle is not None
    assert (film.obstacle.stage, film.obstacle.asset) == ("prompt_generation", "storyboard")
    [decision] = workflow(film, NOW)
    assert decision == FailJob(film.obstacle, ())
    carry_out(film, [decision], recipe_of, NOW)
    assert film.job.failure == film.obstacle


def test_with_an_obstacle_what_is_in_flight_is_finished_first() -> None:
    film = film_of(SILENT, made(), (requested(key=STORYBOARD), started()))
    film.obstacle = Failure.of(Code.INTERNAL_ERROR, "as told")
    assert workflow(film, NOW) == []


def test_a_decision_that_is_carried_out_twice_adds_nothing() -> None:
    film = film_of((*SILENT, fact(Job.CancelRequested)), (requested(key=ANALYSIS),))
    [decision] = workflow(film, NOW)
    assert isinstance(decision, CancelJob)
    first = carry_out(film, [decision], lambda _: RECIPE, NOW)
    for aggregate in first:
        aggregate.collect_events()
    assert carry_out(film, [decision], lambda _: RECIPE, NOW) == []
