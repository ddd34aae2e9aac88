"""The types are those of the API as it is; ``python -m api.http.openapi.client_types`` writes them."""

import typing

import pytest
from reelog_client import documents

from api.http.app import ENDPOINTS
from api.http.openapi.client_types import client_types, type_of
from api.http.openapi.document import document
from tests.modules import CLIENT


def test_the_types_are_those_of_the_api() -> None:
    schemas = document(ENDPOINTS)["components"]["schemas"]
    committed = (CLIENT / "reelog_client" / "documents.py").read_text("utf-8")
    assert committed == "".join(client_types(schemas)), "python -m api.http.openapi.client_types > that file"


def test_every_type_can_be_read() -> None:
    told = typing.get_type_hints(documents.JobDocument)
    assert told["title"] == typing.Optional[str]  # noqa: UP045 - as it is written for Python 3.10
    assert "completed" in typing.get_args(told["status"])
    assert documents.Submission.__required_keys__ == frozenset()


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"$ref": "#/components/schemas/Job"}, "Job"),
        ({"const": True}, "Literal[True]"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "Union[str, None]"),
        ({"type": "array", "items": {"type": "integer"}}, "list[int]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "dict[str, float]"),
        ({"type": "object", "patternProperties": {"^1$": {"$ref": "#/x/Edit"}}}, "dict[str, Edit]"),
        ({}, "Any"),
    ],
)
def test_a_schema_is_a_type(schema: dict[str, object], type_: str) -> None:
    assert type_of(schema) == type_
