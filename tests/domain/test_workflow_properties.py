"""Whatever the order of events and accidents: the film is made or the job says why not; money is kept.

Chance comes from a seed rather than from Hypothesis itself: one life asks for thousands of choices.
"""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.asset import Asset, AssetKey
from domain.film import Film
from domain.film_graph import Graph, guessed_scenes
from domain.job import Job
from domain.revise import PROVIDABLE
from domain.script import PROVIDER_KINDS, Kind, Stage
from domain.submission import Options
from tests.domain.film_reference import expected_of, found, inputs_of
from tests.domain.simulation import BEATS, Order, World, stages_of

ENDS = (Asset.Generated, Asset.AttemptFailed, Asset.AttemptLost)
ABOUT_ATTEMPTS = (Asset.AttemptStarted, Asset.CallAccepted, Asset.AttemptResumed, *ENDS)
TERMINAL = (Job.Completed, Job.Failed, Job.Cancelled)
SEEDS = st.integers(0, 2**32 - 1)
OPTIONS = st.fixed_dictionaries(
    {
        "include_audio": st.booleans(),
        "narration": st.booleans(),
        "music": st.booleans(),
        "on_lost_call": st.sampled_from(["retry", "stop"]),
    }
)
WORLDS = st.fixed_dictionaries({"options": OPTIONS, "scenes": st.integers(1, 5)})
RETRYING = {"on_lost_call": "retry"}

REFERENCES = dict.fromkeys(range(3, 100, 3), (1,))
"""As ``World.found`` tells of its scenes."""

films = settings(max_examples=10, deadline=None)
lives = settings(max_examples=20, deadline=None)  # raise it to search longer; a life takes some 50 ms


def chance(seed: int) -> Any:
    random = Random(seed)  # noqa: S311 - chance in a test, not a secret
    return lambda _question, answers: random.choice(answers)


def keys_of(world: World, scenes: int | None = None) -> list[AssetKey]:
    return expected_of(world.job.options, scenes or world.scenes, BEATS)


def made(world: World) -> dict[str, str]:
    return {k.name: a.product.digest for k, a in world.assets.items() if a.product is not None}


def dependents(world: World, key: AssetKey) -> set[str]:
    """The asset and all that is made from it, directly or not."""
    touched = {key}
    for other in keys_of(world):
        if touched & set(inputs_of(other, world.job.options, world.scenes, REFERENCES, BEATS)):
            touched.add(other)
    return {k.name for k in touched}


# ---- the shape ----------------------------------------------------------------------------------------


@given(WORLDS)
def test_every_asset_comes_after_its_inputs_and_all_but_the_last_lead_to_the_film(world: Any) -> None:
    options, scenes = Options.model_validate(world["options"]), world["scenes"]
    graph = Graph.of(options, guessed_scenes(scenes))
    keys = graph.keys
    assert keys == expected_of(options, scenes)
    used = set()
    for index, key in enumerate(keys):
        inputs = graph.inputs(key)
        assert inputs == inputs_of(key, options, scenes)
        assert set(inputs) <= set(keys[:index]), key
        assert len(inputs) == len(set(inputs))
        used |= set(inputs)
    assert set(keys) - used == {AssetKey(Kind.MANIFEST)}


@given(WORLDS)
def test_the_film_is_joined_from_its_scenes_in_order(world: Any) -> None:
    options, scenes = Options.model_validate(world["options"]), world["scenes"]
    inputs = Graph.of(options, guessed_scenes(scenes)).inputs(AssetKey(Kind.VIDEO))
    for kind in (Kind.CLIP, Kind.TRANSITION, Kind.NARRATION):
        numbers = [k.scene for k in inputs if k.kind is kind]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len([k for k in inputs if k.kind is Kind.CLIP]) == scenes
    assert len([k for k in inputs if k.kind is Kind.TRANSITION]) == scenes - 1


# ---- the film ---------------------------------------------------------------------------------------


def asked_of(film: Film) -> dict[str, Any]:
    """What ``film_reference.found`` works out, as the film answers."""
    return {
        "status": film.job.status,
        "expected": film.expected,
        "inputs": {key: film.inputs(key) for key in film.expected},
        "current": film.current,
        "ready": film.ready,
        "open": film.open,
        "unstarted": film.unstarted,
        "waiting": film.waiting,
        "failed": {asset.key for asset in film.failed},
        "complete": film.is_complete,
        "done": {stage: film.tally(stage).done for stage in Stage},
        "requests": {stage: film.tally(stage).requests for stage in Stage},
        "money": [round(usd, 9) for usd in (film.spent_usd, film.unknown_usd, film.reserved_usd)],
    }


def compare(world: World) -> None:
    anew = found(world.log)
    assert asked_of(world.reader) == anew
    assert asked_of(world.film) == anew


@pytest.mark.slow
@films
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60), st.integers(1, 7), st.data())
def test_after_every_event_a_film_is_what_all_events_make_of_it(
    world: Any, seed: int, cancel_after: int | None, scenes: int, data: st.DataObject
) -> None:
    life = World(**world, choose=chance(seed), watch=compare).run(cancel_after=cancel_after)
    life.accidents = False
    life.reopen()
    life.run()
    life.regenerate(data.draw(st.sampled_from(keys_of(life))))
    life.run()
    life.provide(data.draw(st.sampled_from(keys_given(life))), "sha256:mine")
    life.run()
    life.scenes = scenes
    life.regenerate(AssetKey(Kind.ANALYSIS))
    life.accidents = True
    life.run()


def keys_given(life: World) -> list[AssetKey]:
    """What a person may give of this film."""
    return [key for key in keys_of(life) if key.kind in PROVIDABLE]


# ---- one run ------------------------------------------------------------------------------------------


@lives
@given(WORLDS, SEEDS)
def test_without_accidents_every_job_completes_and_asks_for_each_asset_once(world: Any, seed: int) -> None:
    life = World(**world, choose=chance(seed), accidents=False).run()
    assert life.job.status == "completed"
    requests = [e for e in life.log if isinstance(e, Asset.Requested)]
    asked = [AssetKey(Kind(e.kind), e.scene, e.beat) for e in requests]
    assert len(asked) == len(set(asked)) >= 7, "a film has at least seven parts, each asked for once"
    assert set(asked) == set(keys_of(life))
    assert all(e.revision == 1 for e in requests)
    assert len([e for e in life.log if isinstance(e, Asset.AttemptStarted)]) == len(keys_of(life))


@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60))
def test_every_run_ends_and_nothing_follows_its_end(world: Any, seed: int, cancel_after: int | None) -> None:
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    assert life.job.ended, life.describe()
    assert [e for e in life.log if isinstance(e, TERMINAL)] == [life.log[-1]]


@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60))
def test_a_run_ends_only_when_no_attempt_is_open(world: Any, seed: int, cancel_after: int | None) -> None:
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    open_attempts = set()
    for event in life.log:
        if isinstance(event, Asset.AttemptStarted):
            open_attempts.add((event.originator_id, event.revision, event.attempt))
        elif isinstance(event, Asset.AttemptFailed | Asset.AttemptLost | Asset.Generated):
            open_attempts.discard((event.originator_id, event.revision, event.attempt))
    assert not open_attempts


@lives
@given(WORLDS, SEEDS)
def test_an_asset_never_has_two_attempts_open_or_two_products_of_a_revision(world: Any, seed: int) -> None:
    life = World(**world, choose=chance(seed)).run()
    products = [(e.originator_id, e.revision) for e in life.log if isinstance(e, Asset.Generated)]
    assert len(products) == len(set(products))
    starts = [
        (e.originator_id, e.revision, e.attempt) for e in life.log if isinstance(e, Asset.AttemptStarted)
    ]
    assert len(starts) == len(set(starts))
    under_way: dict[UUID, int] = {}
    for event in life.log:
        if isinstance(event, Asset.AttemptStarted):
            assert event.originator_id not in under_way, "one is still open"
            under_way[event.originator_id] = event.attempt
        # A late answer is of an attempt that was given up for lost: another may be open meanwhile.
        elif isinstance(event, ENDS) and under_way.get(event.originator_id) == event.attempt:
            del under_way[event.originator_id]


@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60))
def test_an_accepted_call_is_never_made_again_while_it_can_be_asked_for(
    world: Any, seed: int, cancel_after: int | None
) -> None:
    """Fails where the attempt of a dead worker is told as lost whatever its provider said."""
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    asked_for: set[tuple[UUID, int, int]] = set()
    """Accepted attempts. An answer that comes late, of one before, ends none of them."""
    for event in life.log:
        if not isinstance(event, ABOUT_ATTEMPTS):
            continue
        attempt = event.originator_id, event.revision, event.attempt
        if isinstance(event, Asset.CallAccepted):
            asked_for.add(attempt)
        elif isinstance(event, Asset.AttemptResumed):
            assert attempt in asked_for
        elif isinstance(event, Asset.AttemptStarted):
            assert event.originator_id not in {asset for asset, *_ in asked_for}
        elif isinstance(event, Asset.AttemptLost):
            assert attempt not in asked_for
        else:
            asked_for.discard(attempt)
    assert not asked_for


@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60))
def test_each_stage_starts_and_completes_at_most_once_a_run_and_in_this_order(
    world: Any, seed: int, cancel_after: int | None
) -> None:
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    life.reopen()
    life.run()
    for run in (1, 2):
        told = stages_of(life.events(run))
        assert len(told) == len(set(told))
        for index, (name, stage) in enumerate(told):
            if name == "StageCompleted":
                assert ("StageStarted", stage) in told[:index]
    if life.job.status == "completed":
        completed = {stage for name, stage in stages_of(life.log) if name == "StageCompleted"}
        assert completed == {key.stage for key in keys_of(life)}


@lives
@given(WORLDS, SEEDS)
def test_a_stage_is_told_as_done_with_all_that_it_cost(world: Any, seed: int) -> None:
    life = World(**world, choose=chance(seed)).run()
    for event in life.log:
        if isinstance(event, Job.StageCompleted):
            members = [a for k, a in life.assets.items() if k.stage.value == event.stage]
            assert event.assets == len([k for k in keys_of(life) if k.stage.value == event.stage])
            assert event.requests == sum(a.requests for a in members)
            assert abs(event.cost_usd - sum(a.spent_usd for a in members)) < 1e-6


# ---- any order, the same end --------------------------------------------------------------------------


def scripted(fates: int, order: int, doomed: str | None = None) -> Any:
    """How each attempt ends is settled by ``fates``; only the order of events by ``order``."""
    sequence = Random(order)  # noqa: S311 - as above
    tries: dict[str, int] = {}

    def choose(question: str, answers: list[Any]) -> Any:
        if not question.startswith("end "):
            return sequence.choice(answers)
        name = question.removeprefix("end ")
        tries[name] = tries.get(name, 0) + 1
        if name == doomed:
            return "failed"
        fate = Random(f"{fates} {name} {tries[name]}")  # noqa: S311 - as above
        return fate.choice(["made", "made", "failed once", "lost"])

    return choose


@lives
@given(WORLDS, SEEDS, SEEDS, SEEDS)
def test_any_order_of_outcomes_reaches_the_same_film(world: Any, fates: int, one: int, two: int) -> None:
    world["options"] |= RETRYING
    lives = [
        World(**world, choose=scripted(fates, order), content=lambda key, _n: f"sha256:{key.name}").run()
        for order in (one, two)
    ]
    ends = [(w.job.status, w.job.failure and w.job.failure.code) for w in lives]
    if ends[0][0] == ends[1][0] == "completed":
        assert made(lives[0]) == made(lives[1])
        assert [a.inputs for _, a in sorted(lives[0].assets.items(), key=lambda p: p[0].name)] == [
            a.inputs for _, a in sorted(lives[1].assets.items(), key=lambda p: p[0].name)
        ]
    else:  # five losses of one asset end a job, and how many there are depends on who answers late
        assert {code for _, code in ends} <= {"attempts_exhausted", None}


@lives
@given(WORLDS, SEEDS, SEEDS, st.data())
def test_whatever_the_order_a_job_fails_with_what_failed_in_it(
    world: Any, fates: int, order: int, data: st.DataObject
) -> None:
    world["options"] |= RETRYING
    keys = expected_of(Options.model_validate(world["options"]), world["scenes"], BEATS)
    doomed = data.draw(st.sampled_from(keys)).name
    life = World(**world, choose=scripted(fates, order, doomed)).run()
    assert life.job.status == "failed"
    assert life.job.failure is not None
    assert life.job.failure.code in {"overloaded", "attempts_exhausted"}
    assert doomed not in made(life)


# ---- later runs ---------------------------------------------------------------------------------------


@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60))
def test_a_retry_makes_what_is_missing_and_nothing_else(
    world: Any, seed: int, cancel_after: int | None
) -> None:
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    before = made(life)
    life.accidents = False
    life.reopen()
    life.run()
    assert life.job.status == "completed"
    assert life.orders_begun(2) == {key.name for key in keys_of(life)} - set(before)
    assert made(life).items() >= before.items()


@lives
@given(WORLDS, SEEDS, st.data())
def test_a_new_revision_redoes_exactly_what_depends_on_it(world: Any, seed: int, data: st.DataObject) -> None:
    life = World(**world, choose=chance(seed), accidents=False).run()
    key = data.draw(st.sampled_from(keys_of(life)))
    before = made(life)
    life.regenerate(key)
    life.run()
    assert life.job.status == "completed"
    assert life.orders_begun(2) == dependents(life, key)
    untouched = before.keys() - dependents(life, key)
    assert {n: before[n] for n in untouched} == {n: made(life)[n] for n in untouched}


@lives
@given(WORLDS, SEEDS, st.data())
def test_what_a_person_gives_redoes_what_depends_on_it_and_is_never_made_over(
    world: Any, seed: int, data: st.DataObject
) -> None:
    life = World(**world, choose=chance(seed), accidents=False).run()
    key = data.draw(st.sampled_from(keys_given(life)))
    spent = life.assets[key].spent_usd
    life.provide(key, "sha256:mine")
    life.run()
    assert life.job.status == "completed"
    assert life.orders_begun(2) == dependents(life, key) - {key.name}
    life.regenerate(AssetKey(Kind.STORYBOARD))
    life.run()
    assert life.job.status == "completed"
    assert key.name not in life.orders_begun(3)
    asset = life.assets[key]
    assert (asset.is_provided, asset.spent_usd) == (True, spent)
    shown = [value for _, value in life.progress()]
    assert shown[-1] == 1.0


@lives
@given(WORLDS, SEEDS, st.data())
def test_a_new_revision_that_turns_out_the_same_redoes_nothing_else(
    world: Any, seed: int, data: st.DataObject
) -> None:
    life = World(
        **world, choose=chance(seed), accidents=False, content=lambda key, _n: f"sha256:{key.name}"
    ).run()
    key = data.draw(st.sampled_from(keys_of(life)))
    life.regenerate(key)
    life.run()
    assert life.job.status == "completed"
    assert life.orders_begun(2) == {key.name}


@lives
@given(WORLDS, SEEDS, st.integers(1, 7))
def test_a_new_analysis_with_another_number_of_scenes_leads_to_its_film(
    world: Any, seed: int, scenes: int
) -> None:
    life = World(**world, choose=chance(seed)).run()
    life.accidents = False
    life.reopen()
    life.run()
    life.scenes = scenes
    life.regenerate(AssetKey(Kind.ANALYSIS))
    life.run()
    assert life.job.status == "completed"
    video = life.assets[AssetKey(Kind.VIDEO)]
    assert sum(name.startswith("clip:") for name in video.inputs) == scenes
    assert life.orders_begun(3) == {key.name for key in keys_of(life)}


# ---- money --------------------------------------------------------------------------------------------


@lives
@given(WORLDS, SEEDS, st.floats(0.05, 1.2), st.booleans())
def test_a_budget_is_never_passed_by_what_is_spent_reserved_or_lost(
    world: Any, seed: int, share: float, accidents: bool
) -> None:
    random = Random(seed)  # noqa: S311 - chance in a test, not a secret
    prices = {kind: random.choice([0.001, 0.01, 0.04, 0.1, random.random() / 5]) for kind in Kind}

    keys = expected_of(Options.model_validate(world["options"]), world["scenes"], BEATS)
    limit = share * sum(prices[key.kind] for key in keys if key.kind in PROVIDER_KINDS)

    def cost(order: Order) -> float:
        return (order.recipe.reservation_usd or 0.0) * random.choice([0.0, 0.3, 1.0])

    life = World(
        **world,
        choose=chance(seed),
        accidents=accidents,
        max_cost_usd=limit,
        price=lambda key: prices[key.kind],
        cost=cost,
    )
    peak, happen = 0.0, life.happen

    def watched() -> None:
        nonlocal peak
        happen()
        peak = max(peak, life.spent())

    life.happen = watched  # type: ignore[method-assign]
    life.run()
    assert peak <= limit + 1e-6
    if life.job.status == "failed" and not accidents:
        assert life.job.failure is not None
        assert life.job.failure.code == "over_budget"
        step = life.job.failure.details["step_usd"]
        assert life.spent() + step > limit, "it could have been afforded"


@lives
@given(WORLDS, SEEDS)
def test_a_budget_for_exactly_what_it_costs_is_enough(world: Any, seed: int) -> None:
    life = World(**world, choose=chance(seed), accidents=False, price=lambda _: 0.1)
    calls = sum(key.kind in PROVIDER_KINDS for key in keys_of(life))
    life.job.max_cost_usd = float(f"{calls / 10:.1f}")
    assert life.run().job.status == "completed"


# ---- progress -----------------------------------------------------------------------------------------


@pytest.mark.slow
@lives
@given(WORLDS, SEEDS, st.none() | st.integers(0, 60), st.integers(1, 7))
def test_progress_never_falls_within_a_run_and_is_one_at_the_end_only(
    world: Any, seed: int, cancel_after: int | None, scenes: int
) -> None:
    life = World(**world, choose=chance(seed)).run(cancel_after=cancel_after)
    life.accidents = False
    life.reopen()
    life.run()
    life.scenes = scenes
    life.regenerate(AssetKey(Kind.ANALYSIS))
    life.run()
    last: dict[int, float] = {}
    for event, shown in life.progress():
        assert shown >= last.get(event.run, 0.0), event
        assert (shown == 1.0) == isinstance(event, Job.Completed), event
        last[event.run] = shown
