"""How long something takes, in words; that the page says the same is tested with the page."""

import pytest

from api.durations import duration, roughly


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "–"), (-1, "0.0 s"), (4.24, "4.2 s"), (0.25, "0.3 s"), (9.949, "9.9 s"), (9.95, "10 s"),
        (30.5, "31 s"), (30.6, "31 s"), (59.49, "59 s"), (59.5, "1 min 00 s"), (63, "1 min 03 s"),
        (3599.6, "1 h 00 min"), (7500, "2 h 05 min"), (86_399, "23 h 59 min"),
        (3 * 86_400 + 4 * 3600, "3 d 4 h"),
    ],
)  # fmt: skip
def test_a_time_has_as_many_digits_as_matter(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "about 1 s"), (9.2, "about 10 s"), (41, "about 45 s"), (89.9, "about 90 s"),
        (90, "about 2 min"), (750, "about 13 min"), (5400, "about 1.5 h"),
    ],
)  # fmt: skip
def test_what_is_expected_is_told_no_closer_than_it_is_known(seconds: float, told: str) -> None:
    assert roughly(seconds) == told
