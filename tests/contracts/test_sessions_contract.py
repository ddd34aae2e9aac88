"""Ended sessions on both stores, seen from two processes' views of one log.

Each was seen to fail with its mechanism taken out: the look at the log, the week after this one, the
forgetting, and another try after a conflict.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError

from domain.session import WEEK_S, EndedSessions, ended_sessions_id
from domain.store import EventLog, EventStore, Owners, Saveable, Saved, Sessions, Studio

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


@pytest.fixture
def studio(store: EventStore) -> Studio:
    return Studio(store)


def sessions(studio: Studio, now: datetime = NOW) -> Sessions:
    return Sessions(studio, lambda: now)


def test_what_is_ended_here_is_known_there_with_the_next_look_and_at_once_after_a_start(
    studio: Studio,
) -> None:
    here, there = sessions(studio), sessions(studio)
    there.catch_up()
    here.end("one", NOW_S + 60)
    here.end("two", NOW_S + WEEK_S)
    assert [here.is_ended(name) for name in ("one", "two", "three")] == [True, True, False]
    assert not there.is_ended("one")
    for late in (there, sessions(studio)):
        late.catch_up()
        assert [late.is_ended(name) for name in ("one", "two", "three")] == [True, True, False]


@pytest.mark.parametrize("into_s", [0, 60, WEEK_S // 2, WEEK_S - 60, WEEK_S - 1])
def test_a_session_that_is_ended_at_any_time_of_a_week_is_seen_until_it_expires(
    studio: Studio, into_s: int
) -> None:
    now = datetime.fromtimestamp(NOW_S // WEEK_S * WEEK_S + into_s, UTC)
    expires = now + timedelta(days=7, minutes=5)  # the clock of who made it may be ahead
    sessions(studio, now).end("one", int(expires.timestamp()))
    for later in (now, now + timedelta(days=3), expires - timedelta(seconds=1)):
        there = sessions(studio, later)
        there.catch_up()
        assert there.is_ended("one")


def test_what_has_expired_is_forgotten_and_its_week_is_not_read_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [NOW]
    here = Sessions(studio, lambda: times[-1])
    here.end("one", NOW_S + 60)
    times.append(NOW + timedelta(days=8))
    here.catch_up()
    assert not here.is_ended("one")
    select, asked = studio.recorder.select_events, []

    def noted(originator_id: UUID, **how: Any) -> Any:
        asked.append(originator_id)
        return select(originator_id, **how)

    monkeypatch.setattr(studio.recorder, "select_events", noted)
    here.catch_up()
    assert ended_sessions_id(NOW_S + 60) not in asked != []


def test_two_that_are_ended_at_once_are_both_on_record(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = sessions(studio), sessions(studio)
    append, conflicts = studio.append, []

    def after_another(*aggregates: Saveable) -> Saved:
        if not conflicts:
            conflicts.append("one")
            there.end("two", NOW_S + 60)
            raise IntegrityError
        return append(*aggregates)

    monkeypatch.setattr(studio, "append", after_another)
    here.end("one", NOW_S + 60)
    third = sessions(studio)
    third.catch_up()
    assert (third.is_ended("one"), third.is_ended("two")) == (True, True)


def test_it_is_of_no_job_and_nobodys(studio: Studio) -> None:
    sessions(studio).end("one", NOW_S + 60)
    [recorded] = EventLog(studio).read(0, 10)
    assert isinstance(recorded.event, EndedSessions.Ended)
    assert (recorded.event.TOPIC, recorded.event.occurred_at) == ("session.ended", NOW)
    assert not hasattr(recorded.event, "job_id")
    assert Owners(studio).of(recorded.event.originator_id) is None
