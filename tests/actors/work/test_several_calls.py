"""Several calls of one attempt: one cost, and none that nobody was told counts as nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from actors.work.attempt import Attempts
from actors.work.several_calls import Call, one_after_another
from actors.work.stage import Made, MakeFailedError
from domain.failures import AttemptFailedError, Code, Failure
from tests.actors.conftest import Crew
from tests.actors.work.test_attempt import first_order

LOST = Failure.of(Code.CONNECTION_LOST, "gone", may_have_been_billed=True)
REFUSED = Failure.of(Code.RATE_LIMITED, "later")
SILENT = Failure.of(Code.SILENT_SPEECH, "nothing is heard")
USED = {"total_tokens": 10, "by_modality": {"AUDIO": 8}}


def answers(cost_usd: float | None = 0.01) -> Call:
    async def call() -> Made:
        return Made(b"a line", "audio/wav", usage=USED, cost_usd=cost_usd, request=b'"said"', raw=b'"heard"')

    return call


def raises(error: Exception) -> Call:
    async def call() -> Made:
        raise error

    return call


async def failed(*calls: Callable[[], Awaitable[Made]]) -> MakeFailedError:
    with pytest.raises(MakeFailedError) as error:
        await one_after_another(calls)
    return error.value


async def test_all_are_made_in_order() -> None:
    assert [made.cost_usd for made in await one_after_another([answers(0.01), answers(0.02)])] == [0.01, 0.02]


@pytest.mark.parametrize("error", [MakeFailedError(LOST, request=b'"said"'), AttemptFailedError(LOST)])
async def test_where_one_that_may_have_been_billed_tells_no_cost_nobody_knows_that_of_all(
    error: Exception,
) -> None:
    """Fails where it counts as nothing: the next attempt could pass the cap."""
    told = await failed(answers(), answers(), raises(error), answers())
    assert (told.failure.code, told.failure.may_have_been_billed) == ("connection_lost", True)
    assert told.cost_usd is None
    assert told.usage == {"total_tokens": 20, "by_modality": {"AUDIO": 16}}, "what was told is kept"


async def test_one_that_was_not_taken_leaves_what_the_ones_before_cost() -> None:
    told = await failed(answers(0.01), answers(0.02), raises(MakeFailedError(REFUSED)))
    assert (told.cost_usd, told.failure.may_have_been_billed) == (0.03, True)


async def test_one_whose_answer_was_no_good_costs_what_it_tells() -> None:
    told = await failed(answers(0.01), raises(MakeFailedError(SILENT, usage=USED, cost_usd=0.02)))
    assert (told.cost_usd, told.usage and told.usage["total_tokens"]) == (0.03, 20)


async def test_where_one_before_had_no_price_nor_has_the_whole() -> None:
    assert (await failed(answers(None), raises(MakeFailedError(REFUSED)))).cost_usd is None


@pytest.mark.parametrize("error", [MakeFailedError(LOST), AttemptFailedError(REFUSED)])
async def test_the_first_one_fails_as_if_it_were_alone(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        await one_after_another([raises(error), answers()])
    assert raised.value is error


async def test_all_that_was_reserved_counts_as_spent_where_a_line_is_lost(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(_: Any) -> Made:
        made = await one_after_another([answers(0.002), answers(0.002), raises(MakeFailedError(LOST))])
        return made[0]

    monkeypatch.setattr(crew.stage, "make", make)
    order = first_order(crew)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    asset = crew.studio.find_asset(order.brief.job_id, order.key)
    assert asset is not None
    assert asset.spent_usd + asset.unknown_usd == order.recipe.reservation_usd == 0.01
