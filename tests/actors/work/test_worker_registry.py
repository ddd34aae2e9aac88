"""Seats: whoever is gone is replaced after a pause that grows, and what failed is told until one answers."""

import asyncio

import pytest

from actors.work.worker_registry import LONGEST_PAUSE_S, TRIES, Seats, pause_s


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seats(clock: Clock) -> Seats:
    return Seats(["artists", "editors"], clock)


async def test_a_seat_is_asked_for_once_however_many_wait_for_it(seats: Seats) -> None:
    waiting = [asyncio.create_task(seats.worker("artists")) for _ in range(3)]
    assert await seats.wanted() == ("artists", False)
    assert seats.state("artists") == {"state": "starting"}
    assert seats.state("editors") == {"state": "not needed yet"}
    seats.take("artists", "ada")
    assert await asyncio.gather(*waiting) == ["ada"] * 3
    assert seats.workers() == ["ada"]


async def test_one_who_is_gone_is_replaced_after_a_pause(seats: Seats, clock: Clock) -> None:
    seats.take("artists", "ada")
    seats.failed("artists", "ada", "OSError: no space", gone=True)
    assert seats.state("artists") == {"state": "starting again", "failures": 1, "error": "OSError: no space"}
    assert seats.workers() == []
    clock.now += pause_s(1)
    waiting = asyncio.create_task(seats.worker("artists"))
    assert await seats.wanted() == ("artists", True), "the one who is held for it must be replaced"
    seats.take("artists", "bob")
    assert await waiting == "bob"
    assert not seats.proven("artists")
    seats.answered("artists", "bob")
    assert seats.proven("artists")
    assert seats.state("artists") == {"state": "starting"}


async def test_many_who_meet_the_same_dead_one_count_once(seats: Seats) -> None:
    seats.take("artists", "ada")
    for _ in range(16):
        seats.failed("artists", "ada", "killed", gone=False)
    assert seats.state("artists")["failures"] == 1
    for _ in range(16):
        seats.failed("artists", "somebody else", "killed", gone=True)
    assert seats.at("artists") == "ada"


async def test_a_seat_that_is_never_filled_passes_for_one_that_cannot_be(seats: Seats, clock: Clock) -> None:
    pauses = []
    for number in range(TRIES):
        seats.take("artists", number)
        seats.failed("artists", number, "no", gone=True)
        pauses.append(pause_s(number + 1))
        clock.now += pauses[-1]
    assert seats.state("artists") == {"state": "cannot be started", "failures": TRIES, "error": "no"}
    assert pauses == sorted(set(pauses))
    assert pause_s(10_000) == LONGEST_PAUSE_S


async def test_a_request_that_was_lost_is_made_again(seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.work.worker_registry.ASK_AGAIN_S", 0.0)
    waiting = asyncio.create_task(seats.worker("artists"))
    assert await seats.wanted() == ("artists", False)
    assert await seats.wanted() == ("artists", False)
    seats.take("artists", "ada")
    assert await waiting == "ada"
