"""One line stays one line, for every reader of lines; and what an old log holds is still told."""

import json

import pytest

from projections.wire import encode


@pytest.mark.parametrize("end", ["\u0085", "\u2028", "\u2029", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_no_end_of_a_line_stands_raw_in_what_is_told(end: str) -> None:
    said = {f"a{end}b": f"x{end}y Å ö 語"}
    line = encode(said)
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == said
    assert "語".encode() in line, "all else is told as it is"


@pytest.mark.parametrize(
    "odd", [float("inf"), float("nan"), "\ud800", 10**5000], ids=["endless", "none", "half", "digits"]
)
def test_what_an_older_version_let_into_the_log_is_told_as_text(odd: object) -> None:
    assert isinstance(json.loads(encode({"odd": odd}))["odd"], str)
