"""What the Director does next, decision by decision; ``test_workflow_properties.py`` tries every life."""

from datetime import timedelta
from typing import Any

import pytest

from domain.asset import Asset, AssetKey, InputRef
from domain.failures import Code
from domain.film import Film
from domain.job import Job
from domain.script import Kind, Stage
from domain.workflow import (
    MAX_LOST_ATTEMPTS,
    CancelJob,
    CompleteJob,
    CompleteStage,
    FailAsset,
    FailJob,
    OrderAttempt,
    RequestAsset,
    StartStage,
    WaitUntil,
    workflow,
)
from tests.domain.language import (
    JOB_ID,
    NOW,
    START,
    Fact,
    accepted,
    attempt_failed,
    build,
    fact,
    failed,
    generated,
    lost,
    requested,
    stage_started,
    started,
    submitted,
)
from tests.domain.simulation import World

ANALYSIS, STORYBOARD = AssetKey(Kind.ANALYSIS), AssetKey(Kind.STORYBOARD)
SILENT = {"include_audio": False}
ANALYSING = (submitted(options=SILENT), stage_started(Stage.SCRIPT_ANALYSIS))
REOPENED = (
    fact(Job.Failed, failure=failed().fields["failure"]),
    fact(Job.Reopened, run=2, reason="retry", max_cost_usd=None),
)


def asked(key: AssetKey = ANALYSIS, inputs: Any = (), **about: Any) -> Fact:
    request = requested(key=key, **about)
    return fact(Asset.Requested, **{**request.fields, "inputs": list(inputs)})


def made(attempt: int = 1, *, scenes: int = 1, cost: float | None = 0.03, revision: int = 1) -> Fact:
    made = generated(attempt, revision=revision, cost=cost)
    return fact(Asset.Generated, **{**made.fields, "facts": {"scenes": [{}] * scenes}})


FROM_ANALYSIS = {"name": "analysis", "digest": "sha256:i"}
FROM_BOARD = {"name": "storyboard", "digest": "sha256:storyboard"}


def made_of(inputs: list[tuple[str, str]], key: AssetKey) -> tuple[Fact, ...]:
    """The history of an asset that was made at the first attempt, for nothing."""
    request = asked(key, [{"name": name, "digest": digest} for name, digest in inputs])
    return (request, started(), generated(cost=0.0, digest=f"sha256:{key.name}"))


def next_for(job: tuple[Fact, ...], *assets: tuple[Fact, ...], **more: Any) -> list[Any]:
    built = [build(Asset, facts) for facts in assets]
    return workflow(Film.of(build(Job, job), built), NOW, **more)


def kinds(decisions: list[Any]) -> list[type]:
    return [type(d) for d in decisions]


# ---- beginning ----------------------------------------------------------------------------------------


def test_a_job_begins_with_its_analysis() -> None:
    assert next_for((submitted(),)) == [
        StartStage(Stage.SCRIPT_ANALYSIS),
        RequestAsset(ANALYSIS, 1, ()),
    ]


def test_what_was_asked_for_is_ordered() -> None:
    assert next_for(ANALYSING, (asked(),)) == [OrderAttempt(ANALYSIS, 1, 1, 0.04)]


def test_an_order_that_is_on_its_way_is_not_given_again() -> None:
    assert next_for(ANALYSING, (asked(),), ordered={ANALYSIS: 0.04}) == []


def test_nothing_is_decided_while_an_attempt_is_open() -> None:
    assert next_for(ANALYSING, (asked(), started())) == []


def test_what_is_ready_is_asked_for_with_the_digests_it_is_made_from() -> None:
    decisions = next_for(ANALYSING, (asked(), started(), made()))
    completed, begun, request, *others = decisions
    assert isinstance(completed, CompleteStage)
    assert (completed.assets, completed.requests, completed.tokens) == (1, 1, 1500)
    assert completed.elapsed_s == (NOW - START).total_seconds() - 2
    assert begun == StartStage(Stage.PROMPT_GENERATION)
    assert request == RequestAsset(
        STORYBOARD,
        1,
        (InputRef(ANALYSIS.id_in(JOB_ID), "analysis", 1, "sha256:i"),),
    )
    assert others[0] == StartStage(Stage.COMPOSITION)
    assert [o.key.name for o in others[1:]] == ["captions"], "captions of a silent film need the script alone"


# ---- another attempt ----------------------------------------------------------------------------------


def test_a_retry_waits_for_its_time_and_then_is_ordered() -> None:
    later = NOW + timedelta(seconds=30)
    history = (asked(), started(), attempt_failed(retry_at=later))
    assert next_for(ANALYSING, history) == [WaitUntil(ANALYSIS, later)]
    history = (asked(), started(), attempt_failed(retry_at=NOW))
    assert next_for(ANALYSING, history) == [OrderAttempt(ANALYSIS, 1, 2, 0.04)]


def test_an_attempt_that_no_other_will_follow_fails_the_asset_with_its_own_failure() -> None:
    (decision,) = next_for(ANALYSING, (asked(), started(), attempt_failed(code=Code.SAFETY)))
    assert isinstance(decision, FailAsset)
    assert (decision.key, decision.failure.code) == (ANALYSIS, "safety")


def test_a_lost_call_is_repeated_when_the_job_wants_it() -> None:
    assert next_for(ANALYSING, (asked(), started(), lost())) == [OrderAttempt(ANALYSIS, 1, 2, 0.04)]


def test_a_lost_call_is_not_repeated_when_the_job_does_not_want_it() -> None:
    job = (submitted(options={"on_lost_call": "stop"}), stage_started(Stage.SCRIPT_ANALYSIS))
    (decision,) = next_for(job, (asked(), started(), lost()))
    assert isinstance(decision, FailAsset)
    assert (decision.failure.code, decision.failure.may_have_been_billed) == ("lost_call_not_repeated", True)


def test_an_asset_that_kills_every_worker_is_given_up() -> None:
    deaths = [f(n) for n in range(1, MAX_LOST_ATTEMPTS + 1) for f in (started, lost)]
    assert next_for(ANALYSING, (asked(), *deaths[:-2])) == [
        OrderAttempt(ANALYSIS, 1, MAX_LOST_ATTEMPTS, 0.04)
    ]
    (decision,) = next_for(ANALYSING, (asked(), *deaths))
    assert isinstance(decision, FailAsset)
    assert decision.failure.code == "attempts_exhausted"


def test_what_is_known_of_a_call_that_nobody_answered_stands_in_its_failure() -> None:
    job = (submitted(options={"on_lost_call": "stop"}), stage_started(Stage.SCRIPT_ANALYSIS))
    (decision,) = next_for(job, (asked(), started(worker="w7"), accepted(worker="w7"), lost(worker="w7")))
    assert isinstance(decision, FailAsset)
    failure = decision.failure
    assert (failure.asset, failure.attempt, failure.model) == ("analysis", 1, "gemini-image")
    assert failure.prompt_digest == "sha256:p"
    assert (failure.response_id, failure.details) == ("call-1", {"worker": "w7"})
    assert failure.elapsed_s == 2.0


# ---- money --------------------------------------------------------------------------------------------

CAPPED = (submitted(options=SILENT, max_cost_usd=0.10), stage_started(Stage.SCRIPT_ANALYSIS))


def test_a_step_that_cannot_be_afforded_fails_with_what_is_spent_and_what_it_would_cost() -> None:
    spent = (asked(), started(), attempt_failed(retry_at=NOW, cost=0.07))
    (decision,) = next_for(CAPPED, spent)
    assert isinstance(decision, FailAsset)
    assert decision.failure.code == "over_budget"
    assert decision.failure.details == {"spent_usd": 0.07, "step_usd": 0.04, "max_cost_usd": 0.10}
    assert decision.failure.prompt_digest == "sha256:p"


def test_a_lost_call_counts_against_the_budget_at_its_reservation() -> None:
    history = (asked(reserve=0.06), started(reserve=0.06), lost())
    (decision,) = next_for(CAPPED, history)
    assert isinstance(decision, FailAsset)
    assert decision.failure.details["spent_usd"] == pytest.approx(0.06)


@pytest.mark.parametrize("outcome", [made(cost=None), attempt_failed(retry_at=NOW, cost=None)])
def test_a_call_of_unknown_cost_counts_against_the_budget_at_its_reservation(outcome: Fact) -> None:
    """As where an answer tells no usage, or a model answered that has no price."""
    history = (asked(reserve=0.06), started(reserve=0.06), outcome)
    board = (asked(STORYBOARD, [FROM_ANALYSIS], reserve=0.05),)
    refused = [d for d in next_for(CAPPED, history, board) if isinstance(d, FailAsset)]
    assert [d.failure.details["spent_usd"] for d in refused] == [pytest.approx(0.06)]


def test_orders_given_together_are_afforded_together() -> None:
    board = made_of([("analysis", "sha256:i")], STORYBOARD)
    images = [(asked(AssetKey(Kind.IMAGE, n), [FROM_BOARD]),) for n in (1, 2, 3)]
    decisions = next_for(CAPPED, (asked(), started(), made(scenes=3, cost=0.0)), board, *images)
    assert [d.key.name for d in decisions if isinstance(d, OrderAttempt)] == ["image:1", "image:2"]


def test_nothing_more_is_started_once_a_step_cannot_be_afforded() -> None:
    board = (asked(STORYBOARD, [FROM_ANALYSIS], reserve=0.2),)
    captions = (asked(AssetKey(Kind.CAPTIONS), [FROM_ANALYSIS], reserve=0.0),)
    decisions = next_for(CAPPED, (asked(), started(), made()), board, captions)
    assert kinds(decisions) == [CompleteStage, FailAsset]


def test_a_step_waits_while_reservations_may_still_give_money_back() -> None:
    assert next_for(CAPPED, (asked(),), ordered={STORYBOARD: 0.07}) == []


def test_a_model_without_a_price_is_refused_under_a_budget_and_used_without_one() -> None:
    (decision,) = next_for(CAPPED, (asked(reserve=None),))
    assert isinstance(decision, FailAsset)
    assert decision.failure.code == "unpriced_model"
    assert next_for(ANALYSING, (asked(reserve=None),)) == [OrderAttempt(ANALYSIS, 1, 1, None)]


# ---- ending -------------------------------------------------------------------------------------------


def completed_world(scenes: int = 3) -> World:
    return World(
        options={}, scenes=scenes, choose=lambda _question, answers: answers[0], accidents=False
    ).run()


def test_a_failed_asset_lets_what_is_in_flight_finish_and_then_ends_the_job() -> None:
    analysis = (asked(), started(), made(scenes=2))
    flying = (asked(STORYBOARD, [FROM_ANALYSIS]), started())
    image = (requested(), failed())
    assert kinds(next_for(ANALYSING, analysis, flying, image)) == [CompleteStage]
    landed = (*flying, generated())
    told = next_for(ANALYSING, analysis, landed, image)
    assert kinds(told) == [CompleteStage, StartStage, CompleteStage, FailJob]
    assert told[-1].failure.code == "safety"


def test_a_job_that_ends_withdraws_what_was_asked_for_and_not_begun() -> None:
    waiting = (requested(key=STORYBOARD), started(), attempt_failed(retry_at=NOW))
    image = (requested(), failed())
    (*_, ending) = next_for(ANALYSING, (asked(), started(), made(scenes=2)), waiting, image)
    assert ending.withdraw == (STORYBOARD,)
    cancelled = (*ANALYSING, fact(Job.CancelRequested))
    assert next_for(cancelled, (asked(),)) == [CancelJob((ANALYSIS,))]


def test_a_cancelled_job_waits_for_what_is_in_flight() -> None:
    assert next_for((*ANALYSING, fact(Job.CancelRequested)), (asked(), started())) == []


def test_a_failure_of_an_earlier_run_is_work_to_do_in_the_next() -> None:
    decisions = next_for((*ANALYSING, *REOPENED), (asked(), failed(run=1)))
    assert decisions == [StartStage(Stage.SCRIPT_ANALYSIS), RequestAsset(ANALYSIS, 2, ())]


def test_nothing_is_decided_for_a_job_that_has_ended() -> None:
    assert next_for((*ANALYSING, fact(Job.Cancelled)), (asked(),)) == []


def test_a_finished_film_completes_its_job_only_when_a_superseded_attempt_has_ended_too() -> None:
    world = completed_world()
    world.reopen()
    assert workflow(world.film, NOW) == [CompleteJob()]
    manifest = world.assets[AssetKey(Kind.MANIFEST)]
    manifest.attempts.append(build(Asset, (requested(), started(2))).attempts[0])
    world.film.take(manifest)
    assert workflow(world.film, NOW) == []


def test_a_stage_is_not_done_while_a_superseded_attempt_may_still_cost_something() -> None:
    history = (asked(), started(), lost(), started(2), made(1))
    assert CompleteStage not in kinds(next_for(ANALYSING, history))
    assert CompleteStage in kinds(next_for(ANALYSING, (*history, attempt_failed(2, code=Code.SUPERSEDED))))


# ---- doing again --------------------------------------------------------------------------------------


def test_a_new_image_redoes_the_clip_and_transitions_it_is_seen_in_and_the_film() -> None:
    world = completed_world(scenes=4)
    world.regenerate(AssetKey(Kind.IMAGE, 3))
    world.run()
    assert world.orders_begun(2) == {"image:3", "clip:3", "transition:2", "transition:3", "video", "manifest"}


def test_a_new_image_of_a_later_beat_redoes_only_what_it_is_seen_in() -> None:
    world = completed_world(scenes=4)
    world.regenerate(AssetKey(Kind.IMAGE, 2, 2))
    world.run()
    assert world.orders_begun(2) == {"image:2.2", "clip:2", "video", "manifest"}


def found(*references: list[int]) -> tuple[Fact, ...]:
    """An analysis whose scenes have characters that were first seen in these scenes."""
    told = generated(cost=0.0)
    scenes = [{"scene": number, "references": seen} for number, seen in enumerate(references, 1)]
    return asked(), started(), fact(Asset.Generated, **{**told.fields, "facts": {"scenes": scenes}})


def test_a_character_that_comes_back_is_drawn_after_its_first_picture_and_again_when_that_changes() -> None:
    board = made_of([("analysis", "sha256:i")], STORYBOARD)
    first, third = AssetKey(Kind.IMAGE, 1), AssetKey(Kind.IMAGE, 3)
    known = (found([], [], [1]), board)
    drawing = [d.key for d in next_for(ANALYSING, *known) if isinstance(d, RequestAsset)]
    assert first in drawing
    assert third not in drawing, "the picture that it takes its character from is not there yet"

    drawn = made_of([("storyboard", "sha256:storyboard")], first)
    [request] = [
        d for d in next_for(ANALYSING, *known, drawn) if isinstance(d, RequestAsset) and d.key == third
    ]
    assert [(i.name, i.digest) for i in request.inputs] == [
        ("storyboard", "sha256:storyboard"),
        ("image:1", "sha256:image:1"),
    ]

    both = made_of([("storyboard", "sha256:storyboard"), ("image:1", "sha256:image:1")], third)
    assert third not in [
        d.key for d in next_for(ANALYSING, *known, drawn, both) if isinstance(d, RequestAsset)
    ]
    anew = (*drawn, asked(first, [FROM_BOARD], revision=2), started(revision=2))
    redrawn = (*anew, generated(revision=2, cost=0.0, digest="sha256:other"))
    again = [d for d in next_for(ANALYSING, *known, redrawn, both) if isinstance(d, RequestAsset)]
    assert [(d.revision, d.inputs[1].digest) for d in again if d.key == third] == [(2, "sha256:other")]


def test_a_new_narration_also_redoes_music_soundtrack_and_captions() -> None:
    world = completed_world(scenes=2)
    world.regenerate(AssetKey(Kind.NARRATION, 1))
    world.run()
    assert world.orders_begun(2) == {
        "narration:1",
        "music",
        "clip:1",
        "transition:1",
        "soundtrack",
        "captions",
        "video",
        "manifest",
    }


def test_what_was_asked_for_from_inputs_that_are_outdated_is_asked_for_anew() -> None:
    board = (asked(STORYBOARD, [{"name": "analysis", "digest": "sha256:older"}]),)
    decisions = next_for(ANALYSING, (asked(), started(), made()), board)
    assert [d.revision for d in decisions if isinstance(d, RequestAsset) and d.key == STORYBOARD] == [2]


def test_an_asset_is_not_up_to_date_while_its_input_is_made_from_something_older() -> None:
    """The image is made from the latest storyboard, but that one is made from an older analysis."""
    analysis = (asked(), started(), made())
    board = made_of([("analysis", "sha256:older")], STORYBOARD)
    image = made_of([("storyboard", "sha256:storyboard")], AssetKey(Kind.IMAGE, 1))
    decisions = next_for((*ANALYSING, *REOPENED), analysis, board, image)
    assert [d.stage for d in decisions if isinstance(d, CompleteStage)] == [Stage.SCRIPT_ANALYSIS]
    assert next(d.key for d in decisions if isinstance(d, RequestAsset)) == STORYBOARD


def test_a_stage_that_was_done_after_its_job_had_failed_is_not_charged_for_the_wait() -> None:
    analysis = (asked(), started(), made())
    told = next_for((*ANALYSING, *REOPENED), analysis)
    assert told[0] == StartStage(Stage.SCRIPT_ANALYSIS)
    assert isinstance(told[1], CompleteStage)
    assert told[1].elapsed_s == 0.0


def test_a_stage_that_another_run_completes_tells_what_it_took_in_that_run_alone() -> None:
    again = [
        fact(each.event, **{**each.fields, "revision": 2, "run": 2})
        for each in (asked(), started(), made(cost=0.02))
    ]
    told = next_for((*ANALYSING, *REOPENED), (asked(), started(), made(), *again))
    assert isinstance(told[1], CompleteStage)
    assert (told[1].assets, told[1].requests, told[1].tokens, told[1].cost_usd) == (1, 1, 1500, 0.02)
    # What an earlier run's call took is that run's, also where its answer came after the end.
    late = next_for((*ANALYSING, *REOPENED), (asked(), started(), made()))
    assert isinstance(late[1], CompleteStage)
    assert (late[1].assets, late[1].requests, late[1].cost_usd) == (1, 0, 0.0)
