"""Holds the examples of the description to its schemas, and names what has none."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema.validators import Draft202012Validator

from api.http.app import ENDPOINTS
from api.http.openapi.document import described, document
from api.http.openapi.examples import example_of
from api.http.routing import Endpoint

BYTES = {"type": "string", "format": "binary"}
RECORD = "call it in tests/api/http/openapi/record.py and run python -m tests.api.http.openapi.record"


@cache
def whole() -> dict[str, Any]:
    return document(ENDPOINTS)


def faults_of(operation_id: str) -> list[str]:
    """What is missing or no longer allowed of the operation's examples, and what to do about it."""
    endpoint = next(e for e in described(ENDPOINTS) if e.operation.id == operation_id)
    return list(_faults(endpoint))


def _faults(endpoint: Endpoint) -> Iterator[str]:
    operation_id = endpoint.operation.id
    operation = whole()["paths"][endpoint.path][endpoint.method.lower()]
    example = example_of(operation_id)
    for parameter in operation.get("parameters", ()):
        given = example.parameter(parameter["name"], parameter["in"])
        if parameter.get("required") and given is None:
            yield f"{operation_id}: no example of a request; {RECORD}"
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if content["schema"] != BYTES and operation["requestBody"]["required"]:
            yield from _held(f"{operation_id}: the request", content["schema"], example.body)
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if media_type == "application/problem+json" or content["schema"] in (BYTES, {}):
                continue
            where = f"{operation_id}: {status} {media_type}"
            found = example.responses.get(status, {}).get(media_type)
            if found is None and not _is_one_of_many(response, operation_id):
                yield f"{where} has no example; {RECORD}"
            elif found is not None:
                yield from _held(where, content["schema"], found)


def _is_one_of_many(response: dict[str, Any], operation_id: str) -> bool:
    """Of bytes in many forms some are text, which one example shows."""
    return any(c.get("schema") == BYTES for c in response["content"].values()) and operation_id.endswith(
        ("content", "link")
    )


def _held(where: str, schema: dict[str, Any], value: Any) -> Iterator[str]:
    validator = Draft202012Validator({**schema, "components": whole()["components"]})
    for error in validator.iter_errors(value):
        yield f"{where}: {error.json_path} {error.message[:300]}; {RECORD}"
