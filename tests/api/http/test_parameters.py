"""Each parameter that is wrong is named, with what was sent and what would do."""

from typing import Any

import pytest
from starlette.requests import Request

from api.http.app import ENDPOINTS
from api.http.list_parameters import METADATA
from api.http.parameters import Parameter

PARAMETERS = {p.name: p for e in ENDPOINTS for p in e.operation.parameters if p is not METADATA}
WRONG = ("", " ", "\0", "a\0b", "x" * 5000, "\ud800", "-1", "1e400", '""')


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_a_fault_names_the_parameter_and_what_was_sent(parameter: Parameter[Any]) -> None:
    for text in WRONG:
        try:
            parameter.parse(text)
        except ValueError as error:
            told = str(error)
            assert told.startswith((f"{parameter.name} is ", f"{parameter.name} has ")), told
            assert repr(text)[:20].strip("'") in told
            assert "; write " in told or "; send " in told
            assert len(told) < 1000


def test_so_does_one_of_metadata() -> None:
    request = Request({"type": "http", "query_string": b"metadata[project]=a%00b", "headers": []})
    with pytest.raises(ValueError, match=r"metadata is .a.x00b.; write it without"):
        METADATA.read(request)
