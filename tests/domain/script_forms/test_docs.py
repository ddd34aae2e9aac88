"""The page on scripts shows what is made of them."""

import re
from pathlib import Path

import pytest

from domain.numbered_script import number_sentences
from domain.script_forms.reading import read_script

PAGE = (Path(__file__).parents[3] / "docs" / "SCRIPTS.md").read_text("utf-8")
BLOCKS = re.findall(r"^(```|~~~)script\n(.*?)\n\1\n\n```read\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)


def test_what_is_made_of_each_script_is_shown() -> None:
    assert len(BLOCKS) == len(re.findall(r"^(?:```|~~~)script$", PAGE, re.MULTILINE)) > 6


@pytest.mark.parametrize(("script", "read"), [block[1:] for block in BLOCKS])
def test_a_script_is_read_as_the_page_says(script: str, read: str) -> None:
    assert number_sentences(read_script(script, "auto")).listing() == read


@pytest.mark.parametrize(("script", "read"), [block[1:] for block in BLOCKS])
def test_it_is_read_so_from_a_file(script: str, read: str) -> None:
    """A file ends with a newline; those of Windows have two characters for one."""
    for file in (f"{script}\n", f"{script}\n".replace("\n", "\r\n")):
        assert number_sentences(read_script(file, "auto")).listing() == read
