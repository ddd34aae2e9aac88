"""A film that waits for a person: what is made before, what while it waits, and what goes on after."""

from typing import Any

import pytest

from domain.asset import Asset, AssetKey
from domain.asset_parts import Provision, Recipe
from domain.failures import Code, Failure
from domain.film import Film
from domain.history import explain, replay_decisions
from domain.job import Job
from domain.review import pending_review
from domain.revise import NotRevisableError, provide, regenerate
from domain.script import Kind
from tests.domain.simulation import World

SILENT = {"include_audio": False}


def world(*reviews: str, options: dict[str, Any] | None = None) -> World:
    """A film of two scenes, in which everything is made at the first attempt."""
    return World(
        {**(options or {}), "review": list(reviews)},
        2,
        lambda _, answers: answers[0],
        accidents=False,
    )


def go_on(film_world: World) -> None:
    """Until the job ends or waits for a person."""
    while not film_world.job.ended:
        film_world.direct()
        if film_world.job.awaits_review or film_world.job.ended:
            return
        film_world.happen()


def made(film_world: World) -> set[Kind]:
    return {key.kind for key, asset in film_world.assets.items() if asset.product is not None}


def approve(film_world: World) -> None:
    film_world.job.approve(now=film_world.now)
    film_world.append(film_world.job)


def test_it_waits_at_each_review_in_order_and_orders_nothing_beyond_it() -> None:
    one = world("images", "narration", "storyboard", "script")
    seen = []
    while not one.job.ended:
        go_on(one)
        if one.job.awaits_review:
            seen.append((one.job.review, sorted(kind.value for kind in made(one))))
            approve(one)
    assert seen == [
        ("script", ["analysis"]),
        ("storyboard", ["analysis", "storyboard"]),
        ("narration", ["analysis", "audio_plan", "narration", "storyboard"]),
        ("images", ["analysis", "audio_plan", "image", "narration", "storyboard"]),
    ]
    assert one.job.status == "completed"
    assert replay_decisions(list(enumerate(one.log, 1))) == []


def test_without_narration_there_is_none_to_review() -> None:
    one = world("narration", options=SILENT)
    go_on(one)
    assert one.job.status == "completed"


def test_what_waits_holds_no_reservation_and_says_what_it_waits_for() -> None:
    one = world("storyboard")
    go_on(one)
    assert one.film.reserved_usd == 0
    assert not one.film.open
    assert explain(Film(one.log)) == [
        "Wait for a person to approve the storyboard: nothing is ordered before."
    ]


def test_a_change_is_made_in_the_same_run_and_then_it_waits_again() -> None:
    one = world("storyboard")
    go_on(one)
    key = AssetKey(Kind.STORYBOARD)
    asset = regenerate(one.film, key, Recipe(model="text-model", reservation_usd=0.01), now=one.now)
    one.append(one.job, asset)
    assert (one.job.status, one.job.run) == ("running", 1)
    go_on(one)
    assert (one.job.status, one.job.review) == ("awaiting_review", "storyboard")
    assert one.assets[key].revision == 2
    assert made(one) == {Kind.ANALYSIS, Kind.STORYBOARD}
    assert replay_decisions(list(enumerate(one.log, 1))) == []


def test_what_is_provided_while_it_waits_is_never_drawn() -> None:
    one = world("storyboard")
    go_on(one)
    key = AssetKey(Kind.IMAGE, 1)
    given = Provision("sha256:given", "image/png", 9, {}, {"file": "sha256:given"}, "local")
    asset = provide(one.film, key, given, now=one.now)
    one.append(one.job, asset)
    go_on(one)
    assert one.job.review == "storyboard"
    approve(one)
    go_on(one)
    assert one.job.status == "completed"
    assert one.assets[key].requests == 0


def test_nothing_is_changed_while_it_is_under_way() -> None:
    one = world("script")
    one.direct()
    with pytest.raises(NotRevisableError, match="the job is running"):
        regenerate(one.film, AssetKey(Kind.ANALYSIS), Recipe(), now=one.now)


def test_cancelling_ends_it_at_once_and_a_retry_waits_again_for_what_nobody_approved() -> None:
    one = world("script")
    go_on(one)
    one.job.request_cancel(now=one.now)
    one.append(one.job)
    one.job.approve(now=one.now)
    assert not one.job.pending_events
    go_on(one)
    assert one.job.status == "cancelled"
    one.job.reopen("retry", now=one.now)
    one.append(one.job)
    go_on(one)
    assert one.job.review == "script"


def test_what_was_approved_is_not_asked_again_in_a_later_run() -> None:
    one = world("script", "storyboard")
    go_on(one)
    approve(one)
    go_on(one)
    approve(one)
    go_on(one)
    assert one.job.status == "completed"
    key = AssetKey(Kind.STORYBOARD)
    one.append(one.job, regenerate(one.film, key, Recipe(), now=one.now))
    go_on(one)
    assert (one.job.status, one.job.run) == ("completed", 2)
    assert sum(isinstance(event, Job.ReviewRequested) for event in one.log) == 2


def test_a_budget_given_with_the_approval_counts_from_then_on() -> None:
    one = world("script")
    go_on(one)
    one.job.approve(now=one.now, max_cost_usd=0.011)
    one.append(one.job)
    go_on(one)
    assert one.job.status == "failed"
    assert isinstance(one.job.failure, Failure)
    assert one.job.failure.code == Code.OVER_BUDGET


@pytest.mark.parametrize(("kept", "asked"), [(("analysis",), None), ((), "script")])
def test_a_fork_that_takes_over_all_that_would_be_looked_at_is_not_asked(
    kept: tuple[str, ...], asked: str | None
) -> None:
    source = world("script")
    go_on(source)
    job = world("script").job
    film = Film.of(job)
    for name in kept:
        film.take(Asset.reuse(job.id, source.assets[AssetKey.parse(name)], inputs=(), run=1, now=source.now))
    assert pending_review(film) == asked


def test_a_fork_of_a_job_that_waits_is_asked_about_what_it_makes_itself() -> None:
    source = world("script", "storyboard")
    go_on(source)
    job = world("script", "storyboard").job
    film = Film.of(job)
    film.take(Asset.reuse(job.id, source.assets[AssetKey(Kind.ANALYSIS)], inputs=(), run=1, now=source.now))
    assert pending_review(film) == "storyboard"
