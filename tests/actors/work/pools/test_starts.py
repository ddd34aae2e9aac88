"""Starts that fail are tried again after a pause that grows, and are told until one succeeds."""

from actors.work.pools.starts import LONGEST_PAUSE_S, TRIES, Starts, pause_s
from tests.actors.work.pools.conftest import Clock


def test_a_start_that_failed_is_tried_again_after_a_pause_and_is_told_until_one_succeeds(
    clock: Clock,
) -> None:
    starts = Starts("artists", clock)
    assert starts.state() == {}
    starts.failed("OSError: no space")
    assert not starts.may_be_tried
    assert starts.state() == {"state": "starting again", "failures": 1, "error": "OSError: no space"}
    clock.now += pause_s(1)
    assert starts.may_be_tried
    starts.succeeded()
    assert starts.state() == {}


def test_pauses_grow_to_a_limit_and_what_never_succeeds_passes_for_one_that_cannot(clock: Clock) -> None:
    starts = Starts("artists", clock)
    pauses = []
    for number in range(TRIES):
        starts.failed("no")
        pauses.append(pause_s(number + 1))
        clock.now += pauses[-1]
    assert starts.state() == {"state": "cannot be started", "failures": TRIES, "error": "no"}
    assert pauses == sorted(set(pauses))
    assert pause_s(10_000) == LONGEST_PAUSE_S
