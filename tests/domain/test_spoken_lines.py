"""Who speaks which words of a scene."""

import pytest

from domain.numbered_script import number_sentences
from domain.script_forms.reading import read_script
from domain.spoken_lines import SpokenLine, cast_of, lines_of_scenes, turns_of

SCRIPT = """NARRATOR: The bridge was old.

Ingrid: You came. I was not sure.

TOMAS: I said I would.

INGRID: You did. You came.

NARRATOR: And the river went on.
"""
READING = read_script(SCRIPT, "dialogue")


def test_the_cast_is_who_speaks_beside_the_narrator_whatever_the_case_of_letters() -> None:
    assert cast_of(READING) == ("INGRID", "TOMAS")
    assert turns_of(READING) == 4
    assert cast_of(read_script("Nobody speaks here. It is told.", "auto")) == ()


@pytest.mark.parametrize("cuts", [(7,), (2, 7), (1, 3, 5, 7), (4, 6, 7), (1, 2, 3, 4, 5, 6, 7)])
def test_joined_lines_are_exactly_the_words_of_their_scene(cuts: tuple[int, ...]) -> None:
    script = number_sentences(READING)
    scenes = [script.text(a + 1, b) for a, b in zip((0, *cuts), cuts, strict=False)]
    lines = lines_of_scenes(READING, scenes)
    assert [" ".join(line.text for line in each) for each in lines] == scenes
    told = [line.speaker for each in lines for line in each]
    assert [s for n, s in enumerate(told) if n == 0 or s != told[n - 1]] == [
        None, "INGRID", "TOMAS", "INGRID", None,
    ]  # fmt: skip


def test_words_that_stand_there_twice_are_those_after_the_scene_before() -> None:
    script = read_script("ANN: Go.\n\nBOB: No.\n\nANN: No.\n\nBOB: Go.\n", "dialogue")
    lines = lines_of_scenes(script, ["Go.", "No.", "No.", "Go."])
    assert [each[0].speaker for each in lines] == ["ANN", "BOB", "ANN", "BOB"]


def test_a_scene_whose_words_are_not_the_scripts_any_more_is_the_narrators() -> None:
    lines = lines_of_scenes(READING, ["The bridge was new.", "You came. I was not sure. I said I would."])
    assert lines[0] == (SpokenLine("The bridge was new."),)
    assert [line.speaker for line in lines[1]] == ["INGRID", "TOMAS"]
