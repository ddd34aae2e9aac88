"""A key: given once, revoked once, and what its jobs may cost a day."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.key import ADMINISTRATOR, Key, KeyList, Scope, key_id

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
TODAY = NOW.date()
TOMORROW = NOW + timedelta(days=1)
ONE, TWO = UUID(int=1), UUID(int=2)


def given(**about: Any) -> Key:
    key = Key.add("web", Scope.SUBMIT, "ab" * 32, now=NOW, **about)
    key.collect_events()
    return key


def topics(key: Key) -> list[str]:
    return [event.TOPIC for event in key.collect_events()]  # type: ignore[attr-defined]


def test_a_name_is_one_key_whatever_its_capitals() -> None:
    assert key_id("Web") == key_id("web") == given().id
    assert key_id("web") != key_id("web2")


def test_each_scope_includes_those_before_it() -> None:
    assert Scope.ALL.includes(Scope.SUBMIT)
    assert Scope.SUBMIT.includes(Scope.SUBMIT)
    assert not Scope.READ.includes(Scope.SUBMIT)
    assert not Scope.ALL.includes(Scope.ADMINISTRATOR)
    assert ADMINISTRATOR.is_administrator
    assert not given().caller.is_administrator


def test_a_key_is_revoked_once() -> None:
    key = given()
    assert key.revoke(now=TOMORROW)
    assert not key.revoke(now=TOMORROW + timedelta(days=1))
    assert (topics(key), key.is_good, key.revoked_at) == (["key.revoked"], False, TOMORROW)


def test_what_is_reserved_is_not_left_and_what_was_not_spent_is_again() -> None:
    key = given(usd_per_day=10.0)
    key.reserve(ONE, 6.0, now=NOW)
    key.reserve(ONE, 6.0, now=NOW)
    key.reserve(TWO, 3.0, now=NOW)
    assert (key.left_usd(TODAY), key.left_usd(TODAY, besides=ONE)) == (1.0, 7.0)
    key.settle({ONE: (2.0, NOW), uuid4(): (5.0, NOW)}, now=NOW)
    assert topics(key) == ["key.reserved", "key.reserved", "key.settled"], (
        "what was never reserved is not its"
    )
    assert (key.spent_usd(TODAY), key.reserved_usd, key.left_usd(TODAY)) == (2.0, 3.0, 5.0)


def test_a_new_day_begins_with_what_is_unfinished() -> None:
    key = given(usd_per_day=10.0)
    key.reserve(ONE, 4.0, now=NOW)
    key.reserve(TWO, 5.0, now=NOW)
    key.settle({ONE: (4.0, NOW)}, now=TOMORROW)
    assert (key.spent_usd(TODAY), key.spent_usd(TOMORROW.date())) == (4.0, 0.0)
    assert key.left_usd(TOMORROW.date()) == 5.0
    key.settle({TWO: (5.0, TOMORROW)}, now=TOMORROW)
    assert key.left_usd(TOMORROW.date()) == 5.0


def test_what_ended_on_an_earlier_day_does_not_count_on_a_later_one() -> None:
    key = given(usd_per_day=10.0)
    for job in (ONE, TWO):
        key.reserve(job, 4.0, now=NOW)
    key.settle({TWO: (1.0, TOMORROW)}, now=TOMORROW)
    key.settle({ONE: (4.0, NOW)}, now=TOMORROW)
    assert key.left_usd(TOMORROW.date()) == 9.0


def test_a_job_that_ends_twice_on_a_day_counts_twice() -> None:
    key = given(usd_per_day=10.0)
    for cost in (1.0, 2.0):
        key.reserve(ONE, 4.0, now=NOW)
        key.settle({ONE: (cost, NOW)}, now=NOW)
    assert key.spent_usd(TODAY) == 3.0


def test_without_a_budget_there_is_no_end_of_it() -> None:
    assert given().left_usd(TODAY) is None


def test_sums_of_fractions_leave_nothing_that_buys_nothing() -> None:
    key = given(usd_per_day=0.3)
    key.reserve(ONE, 0.1, now=NOW)
    key.reserve(TWO, 0.2 - 1e-16, now=NOW)
    assert key.left_usd(TODAY) == 0.0


@pytest.mark.parametrize(
    "event",
    [Key.Added, Key.Revoked, Key.Reserved, Key.Settled, KeyList.Changed],
    ids=lambda event: str(event.TOPIC),
)
def test_topics_are_for_ever_and_no_event_is_of_a_job(event: Any) -> None:
    expected = {"key.added", "key.revoked", "key.reserved", "key.settled", "key.changed"}
    assert event.TOPIC in expected
    assert "job_id" not in event.__dataclass_fields__
