"""Files that people bring: events of their own, of no job."""

from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.utils import resolve_topic

from domain.file import File, FileKind, file_id

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
DIGEST = "sha256:" + "12" * 32
TOPICS: dict[str, type] = {"file.added": File.Added, "file.removed": File.Removed}


def added() -> File:
    return File.add(
        "local",
        DIGEST,
        FileKind.IMAGE,
        now=NOW,
        media_type="image/jpeg",
        size=10,
        facts={"width": 4, "height": 3},
        notes=["turned upright"],
    )


@pytest.mark.parametrize(("topic", "event"), TOPICS.items())
def test_each_event_has_a_topic_of_its_own_and_names_no_job(topic: str, event: type) -> None:
    assert vars(event)["TOPIC"] == topic
    assert resolve_topic(topic) is event
    assert "job_id" not in get_type_hints(event)


def test_the_table_names_every_event_there_is() -> None:
    nested = {c for c in vars(File).values() if isinstance(c, type) and issubclass(c, CanMutateAggregate)}
    assert nested - {File.Event, File.Created} == set(TOPICS.values())


def test_what_is_stored_reads_back_equal() -> None:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DatetimeAsISO()):
        transcoder.register(transcoding)
    mapper: Mapper[UUID] = Mapper(transcoder)
    file = added()
    file.remove(10, now=NOW)
    events: list[Any] = list(file.collect_events())
    stored = [mapper.to_stored_event(event) for event in events]
    assert [one.topic for one in stored] == ["file.added", "file.removed"]
    assert not any(b"domain." in one.state for one in stored)
    assert [mapper.to_domain_event(one) for one in stored] == events


def test_a_file_is_its_callers() -> None:
    assert added().id == file_id("local", DIGEST) != file_id("somebody", DIGEST)


def test_it_can_come_again_once_it_was_removed() -> None:
    file = added()
    assert not file.add_again(now=NOW)
    assert file.remove(10, now=NOW)
    assert not file.remove(10, now=NOW)
    assert not file.is_kept
    assert file.add_again(now=NOW)
    assert (file.is_kept, file.version, file.facts["width"]) == (True, 3, 4)
