"""The examples of the description: requests and answers of a real server, one file for each operation.

They were recorded (``tests/api/http/openapi/record.py``), never written by hand; lists are cut to their first
entries. Whatever of them the description no longer allows, a test names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("examples")
PROBLEMS = "problems"


@dataclass(frozen=True)
class Example:
    """One call of an operation, and each of its answers by status and media type."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    responses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def parameter(self, name: str, where: str) -> str | None:
        given = {"path": self.path, "query": self.query, "header": self.headers}[where]
        return given.get(name)


@cache
def example_of(operation_id: str) -> Example:
    """An empty one where none was recorded: the tests say so."""
    file = FOLDER / f"{operation_id}.json"
    return Example(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else Example()


@cache
def problem_examples() -> dict[str, Any]:
    """An error of each code, as it was answered."""
    file = FOLDER / f"{PROBLEMS}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found
