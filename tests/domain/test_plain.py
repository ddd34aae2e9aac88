"""What goes into an event can be read for ever: by every store, every reader and every later version.

Seen to fail without the passage in ``PlainEvents``, and with the library's plain ``json`` for what a provider
says.
"""

import json
from dataclasses import MISSING, FrozenInstanceError, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.domain import CanMutateAggregate
from pydantic import ValidationError

from domain import plain
from domain.asset import Asset, AssetKey, Recipe
from domain.failures import Failure
from domain.job import Job
from domain.script import Kind
from domain.store import EventLog, Studio, open_event_store
from domain.submission import Options, Submission
from projections.job_fold import JobFold
from projections.wire import encode

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


ODD = {
    "infinite": float("inf"),
    "none": float("nan"),
    "least": -float("inf"),
    "many digits": 10**5000,
    "half": "\ud800",
    "nul": "a\x00b",
    "deep": nested(10_000),
    "ours": {"_type_": "uuid_hex", "_data_": "no id"},
    "unknown": {"_type_": "?", "_data_": 1},
    "half \udfff": "a name",
    "set": {1},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_value_is_kept_as_text(name: str) -> None:
    kept = plain.plain({name: ODD[name], "beside": [1, 0.5, "ö", None, True]})
    assert json.loads(json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()) == kept
    assert kept["beside"] == [1, 0.5, "ö", None, True]


@pytest.mark.parametrize("name", ODD)
def test_an_attempt_with_an_odd_value_is_recorded_read_and_folded(name: str, tmp_path: Path) -> None:
    store = open_event_store(f"sqlite:///{tmp_path}/events.db")
    studio = Studio(store)
    job = Job.submit(
        uuid4(), now=NOW, script="A boat.", models={}, options={}, provider="emulator",
        weights={"seconds": {}, "scenes": 1, "measured": False},
    )  # fmt: skip
    studio.submit(job)
    asset = Asset.request(job.id, AssetKey(Kind.IMAGE, 1), Recipe(model="m"), [], run=1, now=NOW)
    asset.start_attempt(1, 1, "w", run=1, now=NOW, reserved_usd=0.02)
    details = {"of the provider": ODD[name]}
    failure = Failure.of("overloaded", "Later.", details=details, retry_after_s=float("inf"))
    asset.fail_attempt(1, 1, failure, run=1, now=NOW, retry_at=NOW, usage=details)
    asset.start_attempt(1, 2, "w", run=1, now=NOW, reserved_usd=0.02)
    asset.generate(
        1, 2, run=1, now=NOW, digest=f"sha256:{'0' * 64}", media_type="image/png", size=1, facts=details,
        provenance=details, usage={"total_tokens": ODD[name]}, cost_usd=float("nan"), latency_s=1.0,
    )  # fmt: skip
    studio.append(asset)
    fold = JobFold.of(EventLog(studio).read(0, 100))
    assert json.loads(encode(fold.page()))["cost"]["requests"] == 2
    # A cost that nobody can tell is not known, and counts as what was reserved.
    assert (asset.unpriced, asset.unknown_usd, asset.tokens) == (1, 0.02, 0)
    studio.close()
    store.close()


def test_ids_and_times_of_events_stay_what_they_are() -> None:
    values = {"id": uuid4(), "at": NOW, "many": [uuid4()]}
    assert plain.of_event(values) == values


def event_classes(kind: type = CanMutateAggregate) -> set[type]:
    own = {kind} if kind.__module__.startswith("domain.") else set()
    return own.union(*map(event_classes, kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(event_classes(), key=repr), ids=lambda kind: kind.__qualname__)
def test_an_event_is_made_as_its_class_makes_it_with_its_fields_in_the_order_of_storage(kind: Any) -> None:
    values: dict[str, Any] = {field.name: field.name for field in fields(kind)} | {"originator_id": uuid4()}
    expected = kind(**values)
    made = plain._event(kind, dict(reversed(values.items())))
    assert type(made) is kind
    assert list(vars(made).items()) == list(vars(expected).items())
    with pytest.raises(FrozenInstanceError):
        made.originator_version = 2
    with pytest.raises(TypeError, match="unexpected"):
        plain._event(kind, {**values, "of another": 1})
    with pytest.raises(TypeError, match="missing"):
        plain._event(kind, {})


def test_a_field_that_is_left_out_has_its_default() -> None:
    given = {f.name for f in fields(Job.Submitted) if f.default is MISSING and f.default_factory is MISSING}
    values: dict[str, Any] = dict.fromkeys(given, 1) | {"originator_id": uuid4()}
    assert plain._event(Job.Submitted, values) == Job.Submitted(**values)


def test_names_are_kept_as_text_wherever_they_stand() -> None:
    odd = {"a": {"b": 1, 2: {None: 3}, "half \ud800": 4, "line\n": 5}}
    expected = {"a": {"b": 1, "2": {"None": 3}, "half \ufffd": 4, "line\n": 5}}
    assert plain.plain(odd) == plain.of_event(odd) == expected


def test_what_is_nested_as_deeply_as_is_kept_is_left_alone() -> None:
    assert plain.plain(nested(plain.DEEPEST - 1)) == nested(plain.DEEPEST - 1)
    assert list(plain.faults(nested(plain.DEEPEST - 1))) == []
    [(_, fault)] = plain.faults(nested(plain.DEEPEST))
    assert "nested too deeply" in fault


@pytest.mark.parametrize("name", [name for name in ODD if name != "set"])
def test_a_person_is_told_what_cannot_be_kept_and_where(name: str) -> None:
    faults = list(plain.faults({"metadata": {name: ODD[name]}}))
    assert faults
    assert all(pointer.startswith("/metadata") for pointer, _ in faults)
    with pytest.raises(ValidationError, match="metadata must be plain JSON"):
        Submission(script="A boat.", metadata={name: ODD[name]})


def test_a_providers_json_keeps_odd_numbers_and_depths_as_their_own_text() -> None:
    deep = "[" * 10_000 + "]" * 10_000
    read = plain.read(
        f'{{"a": 1e999, "b": -1e999, "c": NaN, "d": {"9" * 5000}, "e": "x[\\"{{", "f": {deep}, "g": 0.5}}'
    )
    assert (read["a"], read["b"], read["c"], read["d"]) == ("1e999", "-1e999", "NaN", "9" * 5000)
    assert (read["e"], read["g"]) == ('x["{', 0.5)
    assert list(plain.faults(plain.plain(read))) == []


@pytest.mark.parametrize("text", ["[" * 10_000, '{"a": ' * 10_000, "[1, 2", ""])
def test_what_is_no_json_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        plain.read(text)


def test_options_that_are_not_accepted_any_more_are_still_read() -> None:
    recorded = {"fps": 12, "style": "x" * 9000, "gone": True, "aspect_ratio": "9:16"}
    options = Options.recorded(recorded)
    assert (options.fps, options.aspect_ratio, options.resolution) == (12, "9:16", "720p")
    assert options.script_form == "prose"
    with pytest.raises(ValidationError):
        Options.model_validate(recorded)
