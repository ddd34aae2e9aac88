"""A stored event is read as the library reads it, whatever stands in it, and written as it writes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, UUIDAsHex
from hypothesis import given
from hypothesis import strategies as st

from domain.store.transcoder import Transcoder

NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
texts = st.text() | st.sampled_from(["_type_", "_data_", '"_type_"', "uuid_hex", '{"_type_":"uuid_hex"}'])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.just(NOW)
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def of(kind: type[JSONTranscoder]) -> JSONTranscoder:
    transcoder = kind()
    for transcoding in (UUIDAsHex(), DatetimeAsISO(), DecimalAsStr()):
        transcoder.register(transcoding)
    return transcoder


OURS, THEIRS = of(Transcoder), of(JSONTranscoder)


@given(st.dictionaries(texts, values, max_size=6))
def test_whatever_was_written_is_read_as_the_library_reads_it(event: dict[str, Any]) -> None:
    stored = THEIRS.encode(event)
    assert OURS.encode(event) == stored
    try:
        expected = THEIRS.decode(stored)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is to be the same
        with pytest.raises(type(error)):
            OURS.decode(stored)
        return
    assert OURS.decode(stored) == expected


@pytest.mark.parametrize(
    "stored",
    [
        b'{"a":NaN,"b":Infinity}',
        b'{"a":"\\ud800"}',
        b'{"a":1,"a":2}',
        b"[" * 1000,
        b'{"a":{"_type_":"uuid_hex"}}',
        b'{"a":{"_type_":"?","_data_":1}}',
        b'{"a":{"_type_":"uuid_hex","_data_":"no id"}}',
        b'{"a":{"_type_":"decimal_str","_data_":"1.5"}}',
        b'[{"_type_":"uuid_hex","_data_":"00000000000000000000000000000001"}]',
        b'{"a":' + b"9" * 40 + b"}",
        b"\xff\xfe",
        b"",
    ],
)
def test_what_is_not_as_usual_is_left_to_the_library(stored: bytes) -> None:
    try:
        expected = THEIRS.decode(stored)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is to be the same
        with pytest.raises(type(error)):
            OURS.decode(stored)
    else:
        assert repr(OURS.decode(stored)) == repr(expected)


def test_the_fields_of_an_event_are_read_without_asking_python_about_each_object() -> None:
    """Fails with the library's decoder: it asks about all of a long film's scenes."""
    event = {
        "job_id": uuid4(),
        "timestamp": NOW,
        "facts": {"scenes": [{"text": "x"}] * 100},
        "usd": Decimal(0),
    }
    stored = OURS.encode({name: value for name, value in event.items() if name != "usd"})
    counting = of(Transcoder)
    asked: list[Any] = []
    counting.decoder.object_hook = asked.append
    read = counting.decode(stored)
    assert isinstance(read["job_id"], UUID)
    assert read["timestamp"] == NOW
    assert asked == []
