"""Presets and batches: events of their own, of no job."""

from datetime import UTC, datetime
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper, UUIDAsHex
from eventsourcing.utils import resolve_topic

from domain.batch import Batch, job_id_in
from domain.preset import Preset, PresetKind, preset_id

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
TOPICS: dict[str, type] = {
    "preset.stored": Preset.Stored,
    "preset.removed": Preset.Removed,
    "batch.submitted": Batch.Submitted,
}


@pytest.mark.parametrize(("topic", "event"), TOPICS.items())
def test_each_event_has_a_topic_of_its_own_and_names_no_job(topic: str, event: type) -> None:
    assert vars(event)["TOPIC"] == topic
    assert resolve_topic(topic) is event
    assert "job_id" not in get_type_hints(event)


def test_the_table_names_every_event_there_is() -> None:
    nested = {
        event
        for aggregate in (Preset, Batch)
        for event in vars(aggregate).values()
        if isinstance(event, type) and issubclass(event, CanMutateAggregate)
    }
    bases = {Preset.Event, Preset.Created, Batch.Event, Batch.Created}
    assert nested - bases == set(TOPICS.values())


def test_what_is_stored_reads_back_equal() -> None:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DatetimeAsISO()):
        transcoder.register(transcoding)
    mapper: Mapper[UUID] = Mapper(transcoder)
    preset = Preset.store("local", PresetKind.PRESET, "serial", {"options": {"fps": 24}}, now=NOW)
    preset.remove(now=NOW)
    batch = Batch.submit(uuid4(), "local", [uuid4()], now=NOW, max_cost_usd=1.5, fingerprint=None)
    events: list[Any] = [*preset.collect_events(), *batch.collect_events()]
    stored = [mapper.to_stored_event(event) for event in events]
    assert [one.topic for one in stored] == list(TOPICS)
    assert not any(b"domain." in one.state for one in stored)
    assert [mapper.to_domain_event(one) for one in stored] == events


def test_other_values_are_the_next_version_also_after_it_was_removed() -> None:
    preset = Preset.store("local", PresetKind.CAST, "crew", [{"name": "Ada"}], now=NOW)
    assert not preset.store_again([{"name": "Ada"}], now=NOW)
    assert preset.store_again([{"name": "Bo"}], now=NOW)
    assert (preset.edition, preset.values) == (2, [{"name": "Bo"}])
    assert preset.remove(now=NOW)
    assert not preset.remove(now=NOW)
    assert not preset.is_kept
    assert preset.store_again([{"name": "Bo"}], now=NOW)
    assert (preset.edition, preset.is_kept) == (3, True)


def test_values_are_the_same_as_they_are_written() -> None:
    preset = Preset.store("local", PresetKind.PRESET, "mine", {"metadata": {"a": 1, "b": "x"}}, now=NOW)
    assert not preset.store_again({"metadata": {"b": "x", "a": 1}}, now=NOW)
    assert preset.store_again({"metadata": {"a": True, "b": "x"}}, now=NOW)


def test_a_name_is_its_callers_and_its_kinds() -> None:
    ids = {preset_id(caller, kind, "x") for caller in ("local", "ada") for kind in PresetKind}
    assert len(ids) == 4


def test_a_batch_decides_the_ids_of_its_jobs() -> None:
    batch = uuid4()
    assert job_id_in(batch, 0) == job_id_in(batch, 0) != job_id_in(batch, 1)
