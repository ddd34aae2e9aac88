"""One asset: revisions, attempts, what it cost, and every order of answers that a broken world produces."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from eventsourcing.domain import CanInitAggregate

from domain.asset import Asset, AssetKey, Attempt, InputRef, Recipe
from domain.asset_parts import Receipt
from domain.failures import Code
from domain.script import Kind
from tests.domain.language import (
    IMAGE,
    JOB_ID,
    NOW,
    attempt_failed,
    fact,
    failed,
    failure,
    generated,
    given_asset,
    lost,
    requested,
    started,
)

LATER = NOW + timedelta(seconds=30)
ABOUT: dict[str, Any] = {"run": 1, "now": NOW}
RECIPE = Recipe("gemini-image", "sha256:p2", "image@1", {"seed": 7}, 0.04)


def start(asset: Asset, attempt: int = 1, revision: int = 1, worker: str = "w1") -> bool:
    return asset.start_attempt(revision, attempt, worker, reserved_usd=0.04, **ABOUT)


def make(asset: Asset, attempt: int = 1, revision: int = 1, cost: float | None = 0.03) -> bool:
    return asset.generate(
        revision,
        attempt,
        digest=f"sha256:made-by-{attempt}",
        media_type="image/png",
        size=9,
        facts={},
        provenance={},
        usage={"total_tokens": 1500},
        cost_usd=cost,
        **ABOUT,
    )


def supersede(asset: Asset, attempt: int, cost: float | None = 0.03) -> bool:
    return asset.fail_attempt(1, attempt, failure(Code.SUPERSEDED), cost_usd=cost, **ABOUT)


# ---- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["analysis", "image:1", "transition:11", "video"])
def test_an_asset_is_found_by_its_name(name: str) -> None:
    assert AssetKey.parse(name).name == name


@pytest.mark.parametrize(
    "name",
    ["", "picture", "image", "image:", "image:0", "image:-1", "image:02", "image:x", "video:1", "image:²"],
)
def test_what_names_no_asset_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"no asset is named {name!r}"):
        AssetKey.parse(name)


def test_the_same_asset_of_the_same_job_has_the_same_id_everywhere() -> None:
    assert str(AssetKey(Kind.IMAGE, 2).id_in(JOB_ID)) == "249895e8-e318-5f8d-a715-c9a75e2e8a1b"


# ---- asking -------------------------------------------------------------------------------------------


def test_a_request_names_all_that_the_asset_is_made_from() -> None:
    board = AssetKey(Kind.STORYBOARD)
    inputs = [InputRef(board.id_in(JOB_ID), board.name, 1, "sha256:s")]
    asset = Asset.request(JOB_ID, IMAGE, RECIPE, inputs, **ABOUT)
    assert asset.id == IMAGE.id_in(JOB_ID)
    assert (asset.key, asset.revision, asset.status) == (IMAGE, 1, "requested")
    assert asset.inputs == {"storyboard": "sha256:s"}
    assert asset.recipe == RECIPE
    assert asset.product is None


def test_a_new_revision_is_unmade_and_keeps_what_was_made_before() -> None:
    asset = (
        given_asset(requested(), started(), generated())
        .when(lambda a: a.request_again(2, RECIPE, [], **ABOUT))
        .then(fact(Asset.Requested, revision=2, scene=2, kind="image", prompt_digest="sha256:p2"))
    )
    assert (asset.status, asset.product, asset.attempts) == ("requested", None, [])
    assert asset.products[1].digest == "sha256:i"
    assert asset.spent_usd == pytest.approx(0.03)


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_only_the_next_revision_can_be_asked_for(revision: int) -> None:
    given_asset(requested(), started(), generated()).when(
        lambda a: a.request_again(revision, RECIPE, [], **ABOUT)
    ).then()


def test_no_revision_is_asked_for_while_an_attempt_is_open_and_the_caller_is_told() -> None:
    case = given_asset(requested(), started()).when(lambda a: a.request_again(2, RECIPE, [], **ABOUT))
    assert case.answer is False
    case.then()


def test_what_another_job_made_is_taken_over_by_digest_at_no_cost() -> None:
    source = given_asset(requested(), started(), generated()).aggregate
    other = JOB_ID.__class__(int=1)
    asset = Asset.reuse(other, source, inputs=[], **ABOUT)
    assert asset.product is not None
    assert (asset.id, asset.status, asset.product.digest) == (IMAGE.id_in(other), "generated", "sha256:i")
    assert (asset.spent_usd, asset.requests, asset.product.reused) == (0.0, 0, True)


def test_nothing_can_be_taken_over_from_an_asset_that_is_unmade() -> None:
    with pytest.raises(ValueError, match="has nothing to reuse"):
        Asset.reuse(JOB_ID, given_asset(requested()).aggregate, inputs=[], **ABOUT)


# ---- attempts -----------------------------------------------------------------------------------------


def test_an_order_starts_an_attempt_and_reserves_its_worst_case() -> None:
    asset = given_asset(requested()).when(start).then(started())
    assert (asset.status, asset.reserved_usd) == ("running", 0.04)


def test_an_order_delivered_to_two_workers_starts_one_attempt() -> None:
    case = given_asset(requested(), started(worker="w1")).when(lambda a: start(a, worker="w2"))
    assert case.answer is False
    case.then()


@pytest.mark.parametrize(("revision", "attempt"), [(1, 2), (2, 1), (0, 1), (1, 0)])
def test_an_order_out_of_date_starts_nothing(revision: int, attempt: int) -> None:
    given_asset(requested()).when(lambda a: start(a, attempt, revision)).then()


def test_a_made_asset_is_not_made_again_by_a_late_order() -> None:
    given_asset(requested(), started(), lost(), generated()).when(lambda a: start(a, 2)).then()


def test_a_withdrawn_asset_is_not_begun_by_an_order_on_its_way() -> None:
    given_asset(requested(), failed(code=Code.WITHDRAWN)).when(start).then()


def test_a_failed_attempt_frees_its_reservation_and_counts_what_it_cost() -> None:
    asset = (
        given_asset(requested(), started())
        .when(lambda a: a.fail_attempt(1, 1, failure(), retry_at=LATER, cost_usd=0.01, **ABOUT))
        .then(fact(Asset.AttemptFailed, attempt=1, retry_at=LATER, cost_usd=0.01))
    )
    assert (asset.status, asset.reserved_usd, asset.requests) == ("waiting", 0.0, 1)
    assert asset.spent_usd == pytest.approx(0.01)
    assert asset.last_attempt is not None
    assert asset.last_attempt.retry_at == LATER


def test_the_next_attempt_follows_a_failed_one() -> None:
    given_asset(requested(), started(), attempt_failed(retry_at=LATER)).when(lambda a: start(a, 2)).then(
        started(2)
    )


def test_a_generated_asset_knows_what_it_is_and_what_it_cost() -> None:
    asset = given_asset(requested(), started()).when(make).then(fact(Asset.Generated, attempt=1, bytes=9))
    assert (asset.status, asset.tokens, asset.requests, asset.reserved_usd) == ("generated", 1500, 1, 0.0)
    assert asset.spent_usd == pytest.approx(0.03)


def test_a_call_whose_price_is_not_known_is_counted_as_unpriced_and_not_as_free() -> None:
    asset = given_asset(requested(), started(), generated(cost=None)).aggregate
    assert (asset.spent_usd, asset.unpriced, asset.unknown_usd) == (0.0, 1, 0.04)


def test_work_done_here_is_no_request_and_costs_nothing() -> None:
    clip = AssetKey(Kind.CLIP, 2)
    asset = given_asset(
        requested(key=clip, reserve=0.0), started(reserve=0.0), generated(cost=None)
    ).aggregate
    assert (asset.requests, asset.unpriced, asset.tokens, asset.spent_usd) == (0, 0, 0, 0.0)


def test_a_lost_song_counts_as_paid_and_what_was_synthesised_costs_nothing() -> None:
    music = AssetKey(Kind.MUSIC)
    song = given_asset(
        requested(key=music, model="lyria-3.5", reserve=0.08), started(reserve=0.08), lost()
    ).aggregate
    assert (song.is_paid, song.requests, song.lost_calls, song.spent_usd) == (True, 1, 1, 0.08)
    synthesised = given_asset(
        requested(key=music, model=None, reserve=0.0), started(reserve=0.0), lost()
    ).aggregate
    assert (synthesised.is_paid, synthesised.requests, synthesised.spent_usd) == (False, 0, 0.0)


@pytest.mark.parametrize("attempt", [0, 2])
def test_nobody_speaks_for_an_attempt_that_was_not_made(attempt: int) -> None:
    for decision in (
        lambda a: make(a, attempt),
        lambda a: a.fail_attempt(1, attempt, failure(), **ABOUT),
        lambda a: a.lose_attempt(1, attempt, **ABOUT),
    ):
        given_asset(requested(), started()).when(decision).then()


# ---- the end of an asset ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [(requested(),), (requested(), started(), attempt_failed()), (requested(), started(), lost())],
    ids=["requested", "after a failure", "after a loss"],
)
def test_an_asset_fails_for_good_while_nothing_is_open(history: Any) -> None:
    asset = (
        given_asset(*history)
        .when(lambda a: a.fail(failure(Code.SAFETY), **ABOUT))
        .then(fact(Asset.Failed, revision=1, run=1))
    )
    assert (asset.status, asset.failed_in_run) == ("failed", 1)


@pytest.mark.parametrize(
    "history",
    [(requested(), started()), (requested(), started(), generated()), (requested(), failed())],
    ids=["open", "made", "failed"],
)
def test_an_asset_does_not_fail_while_open_or_once_it_has_ended(history: Any) -> None:
    given_asset(*history).when(lambda a: a.fail(failure(Code.SAFETY), **ABOUT)).then()


def test_a_failed_asset_can_be_asked_for_anew() -> None:
    asset = (
        given_asset(requested(), failed())
        .when(lambda a: a.request_again(2, RECIPE, [], run=2, now=NOW))
        .then(fact(Asset.Requested, revision=2, run=2))
    )
    assert (asset.status, asset.failure) == ("requested", None)


# ---- who wins the race --------------------------------------------------------------------------------


def test_a_lost_call_is_assumed_to_have_cost_what_was_reserved_for_it() -> None:
    asset = given_asset(requested(), started()).when(lambda a: a.lose_attempt(1, 1, **ABOUT)).then(lost())
    assert (asset.status, asset.lost_calls, asset.requests, asset.reserved_usd) == ("waiting", 1, 1, 0.0)
    assert asset.spent_usd == pytest.approx(0.04)


def test_a_lost_rendering_cost_nothing() -> None:
    clip = AssetKey(Kind.CLIP, 2)
    asset = (
        given_asset(requested(key=clip, reserve=0.0), started(reserve=0.0))
        .when(lambda a: a.lose_attempt(1, 1, **ABOUT))
        .then(lost(billed=False))
    )
    assert (asset.status, asset.lost_calls, asset.spent_usd) == ("waiting", 0, 0.0)


def test_a_late_answer_of_a_lost_attempt_counts_and_its_true_cost_replaces_the_assumed_one() -> None:
    asset = given_asset(requested(), started(), lost()).when(make).then(fact(Asset.Generated, attempt=1))
    assert (asset.status, asset.lost_calls, asset.requests) == ("generated", 0, 1)
    assert asset.spent_usd == pytest.approx(0.03)


def test_a_late_answer_of_an_unpriced_lost_attempt_is_counted_once() -> None:
    asset = given_asset(
        requested(reserve=None), started(reserve=None), lost(), generated(cost=None)
    ).aggregate
    assert (asset.unpriced, asset.requests, asset.spent_usd) == (1, 1, 0.0)


def test_a_late_answer_is_accepted_while_the_second_attempt_is_open() -> None:
    asset = (
        given_asset(requested(), started(), lost(), started(2, worker="w2"))
        .when(make)
        .then(fact(Asset.Generated, attempt=1))
    )
    assert asset.status == "generated"
    assert asset.open_attempt is not None
    assert asset.reserved_usd == pytest.approx(0.04), "the second call is still under way"


def test_the_second_attempt_that_came_too_late_is_recorded_with_its_cost() -> None:
    case = given_asset(requested(), started(), lost(), started(2), generated(1, cost=0.03))
    assert make(case.aggregate, 2) is False
    asset = case.when(lambda a: supersede(a, 2)).then(fact(Asset.AttemptFailed, attempt=2, cost_usd=0.03))
    assert (asset.status, asset.open_attempt, asset.requests) == ("generated", None, 2)
    assert asset.product is not None
    assert asset.product.digest == "sha256:i", "the first answer stays"
    assert asset.spent_usd == pytest.approx(0.06)


def test_the_second_attempt_may_also_be_lost_after_the_asset_was_made() -> None:
    asset = (
        given_asset(requested(), started(), lost(), started(2), generated(1, cost=0.03))
        .when(lambda a: a.lose_attempt(1, 2, **ABOUT))
        .then(lost(2))
    )
    assert (asset.status, asset.lost_calls) == ("generated", 1)
    assert asset.spent_usd == pytest.approx(0.07)


def test_after_the_second_attempt_made_it_the_first_one_has_nothing_to_add() -> None:
    case = given_asset(requested(), started(), lost(), started(2), generated(2))
    assert make(case.aggregate, 1) is False
    asset = case.when(lambda a: supersede(a, 1)).then()
    assert asset.spent_usd == pytest.approx(0.07), "the lost call stays at what was reserved for it"


def test_a_late_answer_for_an_earlier_revision_is_refused() -> None:
    given_asset(requested(), started(), lost(), requested(2)).when(make).then()


def test_a_late_answer_for_an_asset_that_failed_for_good_is_refused() -> None:
    given_asset(requested(), started(), lost(), failed()).when(make).then()


def test_a_live_attempt_of_another_worker_is_not_declared_lost_twice() -> None:
    given_asset(requested(), started(), lost(), started(2, worker="w2")).when(
        lambda a: a.lose_attempt(1, 1, **ABOUT)
    ).then()


class Counted(list[Attempt]):
    """How many attempts were looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Attempt]:
        for attempt in super().__iter__():
            self.looks += 1
            yield attempt

    def __getitem__(self, place: Any) -> Any:
        self.looks += 1
        return super().__getitem__(place)

    def index(self, *asked: Any) -> int:
        found = super().index(*asked)
        self.looks += found + 1
        return found


@pytest.mark.parametrize("number", [10, 1000])
def test_what_an_attempt_takes_does_not_grow_with_those_before(number: int) -> None:
    """A provider that is overloaded for days is asked thousands of times."""
    asset = given_asset(requested()).aggregate
    attempts = asset.attempts = Counted()
    receipt = Receipt("call-1", NOW, LATER)
    for attempt in range(1, number + 1):
        assert start(asset, attempt)
        assert asset.accept_call(1, attempt, "w1", receipt, **ABOUT)
        assert asset.resume_attempt(1, attempt, "w2", resumes=0, **ABOUT)
        assert asset.open_attempt is not None
        assert asset.open_attempt.number == attempt
        assert asset.reserved_usd == 0.04
        assert asset.fail_attempt(1, attempt, failure(), **ABOUT)
        assert (asset.open_attempt, asset.reserved_usd) == (None, 0.0)
    assert len(attempts) == number
    assert attempts.looks <= 20 * number


@pytest.mark.parametrize("beat", [None, 2])
def test_an_asset_begins_as_the_library_has_it_begin(beat: int | None) -> None:
    key = AssetKey(Kind.IMAGE, 1, beat or 1)
    [event] = Asset.request(JOB_ID, key, RECIPE, (), **ABOUT).pending_events
    if beat is None:
        del vars(event)["beat"]  # as it was stored before there were several to a scene
    expected = CanInitAggregate.mutate(event, None)
    assert vars(event.mutate(None)) == vars(expected)
    assert event.mutate(None).key == key
