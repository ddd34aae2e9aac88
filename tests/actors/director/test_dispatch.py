"""Whose turn it is: priority first, then whoever was served longest ago; and no lane waits for another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.director.dispatch import Dispatch, Lane
from actors.director.throttle import Limit, Throttle
from actors.work.crew import CREW, capacity, lane_of, seat_of
from actors.work.stage import Brief, Order
from domain.asset import AssetKey, Recipe
from domain.script import PROVIDER_KINDS, STAGE_OF, Stage
from domain.submission import Options

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def order(
    job: UUID, name: str, *, priority: str = "normal", model: str | None = "m", usd: float = 0.1
) -> Order:
    brief = Brief(job, 1, "A script.", None, {}, Options(), "emulator", priority)
    return Order(brief, AssetKey.parse(name), 1, 1, Recipe(model=model, reservation_usd=usd), ())


class Floor:
    """Workers that work until they are told to stop, and what they were given, in order."""

    def __init__(self, places: int = 1) -> None:
        self.begun: list[Order] = []
        self.ended: list[tuple[Order, BaseException | None]] = []
        self._working: dict[str, asyncio.Future[str]] = {}
        self.dispatch = Dispatch(
            lambda o: (o.key.stage.value, o.recipe.model),
            lambda _: places,
            self._perform,
            lambda o, error: self.ended.append((o, error)),
        )

    async def _perform(self, order: Order) -> str:
        self.begun.append(order)
        self._working[order.name] = asyncio.get_running_loop().create_future()
        return await self._working[order.name]

    def give(self, orders: Iterable[Order]) -> None:
        for each in orders:
            self.dispatch.give(each)

    async def finish(self, order: Order, error: Exception | None = None) -> None:
        working = self._working.pop(order.name)
        if error is None:
            working.set_result("generated")
        else:
            working.set_exception(error)
        await settle()

    async def finish_all(self) -> list[Order]:
        """Let everything end, one by one, in the order in which it was begun."""
        done = 0
        await settle()
        while done < len(self.begun):
            await self.finish(self.begun[done])
            done += 1
        return self.begun


Floors = Callable[..., Floor]


@pytest.fixture
async def floors() -> AsyncIterator[Floors]:
    """Makes floors, and sends everybody home at the end."""
    opened: list[Floor] = []

    def open_floor(places: int = 1) -> Floor:
        opened.append(Floor(places))
        return opened[-1]

    yield open_floor
    for floor in opened:
        await floor.dispatch.close()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_jobs_take_turns_however_many_orders_one_of_them_has(floors: Floors) -> None:
    floor = floors()
    floor.give(order(A, f"image:{n}") for n in range(1, 5))
    floor.give([order(B, "image:1"), order(B, "image:2"), order(C, "image:1")])

    jobs = [each.brief.job_id for each in await floor.finish_all()]
    assert jobs[:5] == [A, B, C, A, B], "round by round"
    assert jobs[5:] == [A, A]


async def test_whoever_was_served_in_another_lane_meanwhile_waits_for_the_others(floors: Floors) -> None:
    """Fails where a turn is what it was when the order came."""
    floor = floors()
    floor.give([order(C, "image:1"), order(A, "image:2"), order(B, "image:3")])
    await settle()
    floor.give([order(A, "clip:1")])  # begins at once, in a lane of its own
    await settle()
    await floor.finish(floor.begun[0])
    assert [(o.brief.job_id, o.key.name) for o in floor.begun[1:]] == [(A, "clip:1"), (B, "image:3")]


async def test_within_a_job_scenes_keep_their_order(floors: Floors) -> None:
    floor = floors()
    floor.give(order(A, f"image:{n}") for n in range(1, 6))
    assert [each.key.scene for each in await floor.finish_all()] == [1, 2, 3, 4, 5]


async def test_the_sound_of_a_whole_film_does_not_wait_for_its_clips(floors: Floors) -> None:
    floor = floors()
    floor.give(order(A, name) for name in ("clip:1", "clip:2", "transition:1", "soundtrack"))
    floor.give([order(B, "clip:1")])
    begun = [f"{'AB'[each.brief.job_id == B]} {each.key.name}" for each in await floor.finish_all()]
    assert begun == ["A clip:1", "B clip:1", "A soundtrack", "A clip:2", "A transition:1"]


async def test_priority_goes_before_turns_and_interrupts_nobody(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1", priority="low"), order(A, "image:2", priority="low")])
    await settle()
    floor.give(
        [order(B, "image:1"), order(C, "image:1", priority="high"), order(C, "image:2", priority="high")]
    )

    begun = [(each.brief.job_id, each.key.scene) for each in await floor.finish_all()]
    assert begun == [(A, 1), (C, 1), (C, 2), (B, 1), (A, 2)]


async def test_a_model_that_keeps_its_callers_waiting_holds_up_no_other(floors: Floors) -> None:
    floor = floors()
    floor.give(
        [
            order(A, "image:1", model="slow"),
            order(A, "image:2", model="slow"),
            order(B, "image:1", model="fast"),
        ]
    )
    await settle()
    assert [each.recipe.model for each in floor.begun] == ["slow", "fast"]


async def test_an_order_given_twice_is_carried_out_once(floors: Floors) -> None:
    floor = floors(places=4)
    floor.give([order(A, "image:1"), order(A, "image:1")])
    await settle()
    floor.give([order(A, "image:1")])
    assert len(await floor.finish_all()) == 1
    assert floor.dispatch.ordered(A) == {}


async def test_what_is_waiting_or_under_way_is_told_with_what_it_reserves(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1", usd=0.2), order(A, "image:2", usd=0.3), order(B, "image:1")])
    await settle()
    assert floor.dispatch.ordered(A) == {AssetKey.parse("image:1"): 0.2, AssetKey.parse("image:2"): 0.3}


async def test_withdrawing_forgets_what_waits_and_leaves_what_is_under_way(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1"), order(A, "image:2"), order(B, "image:1")])
    await settle()
    floor.dispatch.withdraw(A)
    assert list(floor.dispatch.ordered(A)) == [AssetKey.parse("image:1")]
    assert [(o.brief.job_id, o.key.scene) for o in await floor.finish_all()] == [(A, 1), (B, 1)]
    floor.give([order(A, "image:2")])
    await settle()
    assert floor.begun[-1].key.scene == 2, "it may be ordered again"


async def test_what_is_kept_when_others_are_withdrawn_is_served_as_before(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1"), order(A, "image:2"), order(A, "image:3")])
    await settle()
    [withdrawn] = floor.dispatch.withdraw(A, lambda one: one.key.scene == 3)
    assert withdrawn.key.scene == 2
    assert [o.key.scene for o in await floor.finish_all()] == [1, 3]
    assert floor.dispatch.ordered(A) == {}


async def test_a_worker_that_dies_frees_its_place_and_is_reported(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1"), order(B, "image:1")])
    await settle()
    await floor.finish(floor.begun[0], ConnectionError("gone"))
    assert [each.brief.job_id for each in floor.begun] == [A, B]
    [(ended, error)] = floor.ended
    assert (ended.brief.job_id, type(error)) == (A, ConnectionError)


async def test_closing_ends_what_is_under_way_and_begins_nothing_more(floors: Floors) -> None:
    floor = floors()
    floor.give([order(A, "image:1"), order(A, "image:2")])
    await settle()
    await floor.dispatch.close()
    assert len(floor.begun) == 1


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(1, 3))
def test_no_job_is_served_twice_while_another_waits_for_its_turn(sizes: list[int], places: int) -> None:
    async def story() -> None:
        floor = Floor(places)
        jobs = [uuid4() for _ in sizes]
        floor.give(
            order(job, f"image:{n}")
            for job, size in zip(jobs, sizes, strict=True)
            for n in range(1, size + 1)
        )
        begun = [each.brief.job_id for each in await floor.finish_all()]
        assert len(begun) == sum(sizes)
        # The first job fills the free places before the others arrive; from then on they take turns.
        waiting = dict(zip(jobs, sizes, strict=True))
        for job in begun[:places]:
            waiting[job] -= 1
        for index in range(places, len(begun)):
            before, now = begun[index - 1], begun[index]
            others = [job for job, left in waiting.items() if left and job != before]
            assert now != before or not others
            waiting[now] -= 1

    asyncio.run(story())


# ---- the crew's own lanes ---------------------------------------------------------------------------


def test_every_stage_has_exactly_one_seat_but_music_which_has_two() -> None:
    seated = [stage for seat in CREW for stage in seat.stages]
    assert sorted(seated) == sorted([*Stage, Stage.MUSIC])


def test_a_song_is_waited_for_among_the_artists_and_a_synthesised_piece_is_computed() -> None:
    assert lane_of(order(A, "music", model="lyria-3.5")) == ("artists", "lyria-3.5")
    assert lane_of(order(A, "music", model=None)) == ("renderers", None)


def test_paid_calls_wait_by_model_and_craft_waits_by_seat() -> None:
    throttle = Throttle(Limit(concurrency=9), {"narrow": Limit(concurrency=2)})

    def lane(name: str, model: str | None) -> Lane:
        return lane_of(order(A, name, model=model))

    assert lane("image:1", "x") != lane("image:1", "y")
    assert lane("clip:1", None) == lane("video", None)
    pools = {"artists": 512, "renderers": 7}.__getitem__
    assert capacity(lane("image:1", "x"), throttle, pools) == 9
    assert capacity(lane("image:1", "narrow"), throttle, pools) == 2
    assert capacity(lane("clip:1", None), throttle, pools) == 7, "as many as its pool can hold"
    paid: set[Any] = {STAGE_OF[kind] for kind in PROVIDER_KINDS}
    assert {seat_of(stage).name for stage in paid} == {"artists"}
