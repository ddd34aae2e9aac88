"""When a delivery is tried again."""

from api.webhooks.schedule import MOST_TRIES, PAUSES_S, SPREAD, pause_s

DAY_S = 86_400


def test_it_is_tried_for_a_day_soon_at_first_and_then_rarely() -> None:
    pauses = [pause for tries in range(1, MOST_TRIES + 1) if (pause := pause_s(tries)) is not None]
    assert len(pauses) == MOST_TRIES - 1
    assert DAY_S <= sum(pauses) <= 1.2 * DAY_S
    assert pauses[0] < 10
    assert pauses == sorted(pauses)
    for pause, least in zip(pauses, PAUSES_S, strict=True):
        assert least <= pause <= least * (1 + SPREAD)


def test_who_asks_for_more_time_gets_it_within_reason() -> None:
    assert 300 <= (pause_s(1, 300) or 0) <= 330
    assert (pause_s(1, 10**9) or 0) <= PAUSES_S[-1] * (1 + SPREAD)
    assert (pause_s(MOST_TRIES - 1, 1) or 0) >= PAUSES_S[-1]
    assert pause_s(MOST_TRIES, 1) is None
