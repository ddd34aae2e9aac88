"""Pools: a place is asked for when an order waits, is pending until a node has room, and ends when idle."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from actors.work.pools.machines import Whereabouts
from actors.work.pools.place import End, Place, Start
from actors.work.pools.pool import ASK_AGAIN_S, IDLE_S
from domain.asset import AssetKey
from domain.script import Kind
from tests.actors.work.pools.conftest import ARTISTS, RENDERERS, Clock, Room, machines, order

START_S = 90.0


async def settled(*waiting: "asyncio.Task[Place | None]") -> list[bool]:
    """Let the loop run, and tell which of these have a place."""
    for _ in range(3):
        await asyncio.sleep(0)
    return [one.done() for one in waiting]


def taking(room: Room, wanted: Any) -> "asyncio.Task[Place | None]":
    return asyncio.create_task(room.pool.take(wanted))


async def test_a_place_is_asked_for_when_an_order_waits_and_not_before(clock: Clock) -> None:
    room = Room(RENDERERS, machines(8), clock)
    assert room.asked == []
    waiting = taking(room, order())
    assert await settled(waiting) == [False]
    [start] = room.starts
    assert (start.seat, start.cpus) == ("renderers", 2)
    place = room.seat(start)
    assert await waiting is place
    assert room.pool.state()["places"][0] | {"attempts": None} == {
        "place": place.id, "state": "working", "cpus": 2, "node": "a", "address": "10.0.0.1",
        "worker": f"worker:{place.id}", "pid": 1, "attempts": None,
    }  # fmt: skip


async def test_there_are_as_many_places_as_the_nodes_have_cpus_for(clock: Clock) -> None:
    room = Room(RENDERERS, machines(4, 2), clock)
    waiting = [taking(room, order()) for _ in range(5)]
    await settled()
    assert len(room.starts) == 3
    assert room.pool.capacity() == 3
    places = [room.seat(start) for start in room.starts]
    assert await settled(*waiting) == [True, True, True, False, False]
    assert room.pool.state()["waiting"] == 2
    first = waiting[0].result()
    assert first is places[0]


async def test_what_an_autoscaler_could_add_is_asked_for_and_pending_says_why(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2, most=8), clock)
    waiting = [taking(room, order()) for _ in range(3)]
    await settled()
    assert len(room.starts) == 3
    room.seat(room.starts[0])
    pending = room.seat(room.starts[1], node=None)
    room.machines = machines(2, most=8)
    assert await settled(*waiting) == [True, False, False]
    [_, told, asked] = room.pool.state()["places"]
    assert (told["state"], asked["state"]) == ("pending", "starting")
    assert "reason" in told
    room.pool.look({pending.id: Whereabouts("b")}, START_S)
    assert room.pool.state()["places"][1]["state"] == "starting", "it has a node, and does not answer yet"


async def test_a_setting_limits_the_places_and_goes_before_what_there_is(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock, limit=3)
    waiting = [taking(room, order()) for _ in range(9)]
    await settled()
    assert len(room.starts) == 3, "what cannot be placed is what an autoscaler reads"
    for one in waiting:
        one.cancel()


async def test_a_seat_that_reserves_no_cpu_grows_when_its_place_is_full_to_one_on_each_node(
    clock: Clock,
) -> None:
    room = Room(ARTISTS, machines(2, 2), clock)
    waiting = [taking(room, order()) for _ in range(4)]
    await settled()
    assert len(room.starts) == 2, "three fit into one place"
    room.seat(room.starts[0])
    assert (await settled(*waiting)).count(True) == 3
    room.seat(room.starts[1], "b")
    assert all(await settled(*waiting))
    more = [taking(room, order()) for _ in range(3)]
    await settled()
    assert len(room.starts) == 2, "there are two nodes"
    for one in more:
        one.cancel()


async def test_the_highest_priority_is_given_a_place_first_and_equals_in_their_turn(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    low, first, second, high = [
        taking(room, order(priority=name)) for name in ("low", "normal", "normal", "high")
    ]
    await settled()
    place = room.seat(room.starts[0])
    done = []
    for one in (high, first, second, low):
        assert await one is place
        done.append(one)
        room.pool.give_back(place, order_of(place))
    assert len(done) == 4


def order_of(place: Place) -> Any:
    """The one order that is made there, as far as its end needs it."""
    [name] = place.running

    class Named:
        def __init__(self) -> None:
            self.name = name

    return Named()


async def test_a_film_that_needs_a_larger_place_gets_one_and_is_not_overtaken_for_ever(clock: Clock) -> None:
    room = Room(RENDERERS, machines(4), clock)
    small = [taking(room, order()) for _ in range(2)]
    await settled()
    places = [room.seat(start) for start in room.starts]
    assert all(await settled(*small))
    large, behind = taking(room, order(resolution="2160p")), taking(room, order())
    await settled()
    room.pool.give_back(places[0], order_of(places[0]))
    assert await settled(large, behind) == [False, False], "the CPUs of both are needed"
    room.pool.give_back(places[1], order_of(places[1]))
    await settled()
    assert room.ended == {places[0].id, places[1].id}, "idle, and too small"
    start = room.starts[-1]
    assert start.cpus == 4
    place = room.seat(start)
    assert await large is place
    room.pool.give_back(place, order_of(place))
    assert await behind is place, "a larger place serves smaller films"


async def test_no_more_is_reserved_than_the_largest_node_has(clock: Clock) -> None:
    room = Room(RENDERERS, machines(1), clock)
    waiting = taking(room, order(resolution="2160p"))
    await settled(waiting)
    assert [start.cpus for start in room.starts] == [1]
    waiting.cancel()


async def test_who_waits_is_sent_away_with_its_job_and_at_the_end(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    cancelled = uuid4()
    one, other = taking(room, order(cancelled)), taking(room, order())
    await settled()
    room.pool.withdraw(lambda order: order.brief.job_id == cancelled)
    assert await one is None
    assert await settled(other) == [False]
    room.pool.withdraw(lambda _: True)
    assert await other is None


async def test_a_place_given_to_one_who_left_meanwhile_is_free_for_the_next(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    left = taking(room, order())
    await settled()
    place = room.seat(room.starts[0])
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert await room.pool.take(order()) is place


# ---- idle, dead, lost -------------------------------------------------------------------------------


async def idle(room: Room, nodes: str) -> list[Place]:
    waiting = [taking(room, order()) for _ in nodes]
    await settled()
    places = [room.seat(start, node) for start, node in zip(room.starts, nodes, strict=True)]
    await asyncio.gather(*waiting)
    for place in places:
        room.pool.give_back(place, order_of(place))
    return places


def everywhere(places: list[Place]) -> dict[str, Whereabouts]:
    return {place.id: Whereabouts(place.node) for place in places}


async def test_an_idle_place_ends_after_a_while_so_that_its_node_can_go(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2, 2), clock)
    places = await idle(room, "ab")
    clock.now += IDLE_S - 1
    room.pool.look(everywhere(places), START_S)
    assert room.ended == set()
    busy = await room.pool.take(order())
    clock.now += 1
    room.pool.look(everywhere(places), START_S)
    assert busy is not None
    assert room.ended == {place.id for place in places} - {busy.id}


async def test_on_one_machine_the_last_place_stays(clock: Clock) -> None:
    room = Room(RENDERERS, machines(4), clock)
    places = await idle(room, "aa")
    clock.now += IDLE_S
    room.pool.look(everywhere(places), START_S)
    assert len(room.ended) == 1
    clock.now += IDLE_S
    room.pool.look(everywhere(places), START_S)
    assert len(room.ended) == 1


async def test_who_stands_by_keeps_only_places_that_still_work_for_the_director_before(clock: Clock) -> None:
    """Else it would keep the room that the places of the one who directs need."""
    room = Room(RENDERERS, machines(4), clock)
    places = await idle(room, "aa")
    assert room.pool.idle() == []
    assert room.pool.idle(spare=True) == places
    room.pool.look(everywhere(places), START_S, busy={places[0].id}, spare=True)
    assert room.ended == {places[1].id}


async def test_a_pending_place_that_nobody_waits_for_any_more_ends(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2, 2, most=64), clock)
    waiting = taking(room, order())
    await settled()
    pending = room.seat(room.starts[0], node=None)
    clock.now += 10 * IDLE_S
    room.pool.look({pending.id: Whereabouts(None)}, START_S)
    assert room.ended == set(), "somebody waits, however long it takes"
    waiting.cancel()
    await settled()
    room.pool.look({pending.id: Whereabouts(None)}, START_S)
    assert room.ended == {pending.id}


async def test_time_counts_for_a_start_from_when_there_is_a_node(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    waiting = taking(room, order())
    await settled()
    place = room.seat(room.starts[0], node=None)
    clock.now += 1000
    room.pool.look({place.id: Whereabouts(None)}, START_S)
    room.pool.look({place.id: Whereabouts("a")}, START_S)
    assert room.ended == set()
    clock.now += START_S + 1
    room.pool.look({place.id: Whereabouts("a")}, START_S)
    assert room.ended == {place.id}
    assert room.pool.state()["error"] == "it did not start within 90 s"
    assert len(room.starts) == 1, "the next is tried after a pause"
    clock.now += 60
    room.pool.look({}, START_S)
    assert len(room.starts) == 2
    waiting.cancel()


async def test_many_who_meet_the_same_dead_worker_count_once(clock: Clock) -> None:
    room = Room(ARTISTS, machines(2), clock)
    waiting = [taking(room, order()) for _ in range(3)]
    await settled()
    place = room.seat(room.starts[0])
    await asyncio.gather(*waiting)
    for _ in waiting:
        room.pool.has_failed(place, "ActorUnavailableError: killed", gone=False)
    assert room.pool.state()["failures"] == 1
    assert place.id not in room.ended, "Ray starts it again"
    for _ in waiting:
        room.pool.has_failed(place, "ActorDiedError: killed", gone=True)
    assert room.pool.state()["failures"] == 2
    assert room.ended == {place.id}


async def test_a_worker_that_was_started_again_is_asked_again_who_it_is_before_it_is_given_work(
    clock: Clock,
) -> None:
    room = Room(RENDERERS, machines(2), clock)
    [place] = await idle(room, "a")
    restarted = room.pool.look({place.id: Whereabouts("a", incarnation=1)}, START_S)
    assert restarted == [place]
    waiting = taking(room, order())
    assert await settled(waiting) == [False]
    room.pool.has_answered(place, {"worker": "worker:anew", "pid": 2})
    assert await waiting is place


async def test_a_dead_node_takes_its_idle_places_with_it(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2, 2), clock)
    [place] = await idle(room, "a")
    room.pool.look({place.id: Whereabouts(None, gone=True)}, START_S)
    assert room.asked[-1] == End(place.id)
    assert room.pool.places == {}


async def test_a_request_that_was_lost_is_made_again(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    waiting = taking(room, order())
    await settled()
    room.pool.look({}, START_S)
    assert len(room.starts) == 1
    clock.now += ASK_AGAIN_S
    room.pool.look({}, START_S)
    assert room.starts[0] == room.starts[1]
    waiting.cancel()


async def test_a_place_of_the_director_before_is_taken_over(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2), clock)
    place = room.seat(Start("renderers:before", "renderers", 2))
    assert await room.pool.take(order()) is place
    assert room.starts == []


# ---- which place ------------------------------------------------------------------------------------


async def test_clips_of_one_film_are_spread_over_nodes(clock: Clock) -> None:
    room = Room(RENDERERS, machines(4, 4, 4), clock)
    await idle(room, "aabbcc")
    film = uuid4()
    taken = [await room.pool.take(order(film)) for _ in range(3)]
    assert {place.node for place in taken if place} == {"a", "b", "c"}


async def test_an_order_goes_near_to_what_it_is_made_from_where_there_is_a_choice(clock: Clock) -> None:
    room = Room(RENDERERS, machines(2, 2, 2), clock)
    places = await idle(room, "abc")
    film = uuid4()
    for number, place in ((1, places[1]), (2, places[1]), (3, places[2])):
        room.locality.note(order(film, key=AssetKey(Kind.CLIP, number)), place)
    joined = order(film, key=AssetKey(Kind.VIDEO), sources=("clip:1", "clip:2", "clip:3"))
    assert await room.pool.take(joined) is places[1]
    other = order(sources=("clip:1",))
    assert await room.pool.take(other) is not places[1], "of another film nothing is there, and b is busy"
