"""Who speaks which words of a scene."""

from dataclasses import replace

import pytest

from domain.numbered_script import number_sentences
from domain.script_forms.reading import read_script
from domain.spoken_lines import SpokenLine, cast_of, lines_of_scenes, quotes_of_scenes, turns_of

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


def test_changed_words_are_whose_the_words_were_that_stood_there() -> None:
    script = read_script("ANNA: Go now. Please.\n\nBEN: No.\n\nNARRATOR: He stayed.", "auto")
    lines = lines_of_scenes(script, ["Go away, at once!", "No.", "He stayed for years."])
    assert [(line.speaker, line.text) for (line,) in lines] == [
        ("ANNA", "Go away, at once!"), ("BEN", "No."), (None, "He stayed for years."),
    ]  # fmt: skip
    both = lines_of_scenes(script, ["Something else that both of them said.", "He stayed."])
    assert both[0] == (SpokenLine("Something else that both of them said."),), "nobody is guessed"


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ('She said "go" and "stay".', ['"go"', '"stay".']),
        ("“Nested ‘words’ here,” he said.", ["“Nested ‘words’ here,”"]),
        ("‘Don’t go,’ he said. The dogs’ bowls stood by.", ["‘Don’t go,’"]),
        ("„Ich bin müde“, sagte er. »Gut«, sagte sie.", ["„Ich bin müde“,", "»Gut«,"]),
        ("« Je suis là », dit-elle.", ["« Je suis là »,"]),
        ("「行こう」と言った。", ["「行こう」"]),
        ('A 12" record, and no quote. "…" is none.', []),
        ("Rock 'n' roll isn't quoted; it's the boys' own.", []),
    ],
)
def test_quotes_are_found_by_their_marks_in_any_language(text: str, quotes: list[str]) -> None:
    reading = read_script(text, "prose")
    assert [quote.text for quote in quotes_of_scenes(reading, [text])] == quotes
    named = [replace(quote, speaker="X") for quote in quotes_of_scenes(reading, [text])]
    lines = lines_of_scenes(reading, [text], named)[0]
    assert "".join("".join(line.text for line in lines).split()) == "".join(text.split())


def test_a_quote_over_two_scenes_is_one_in_each_and_the_same_words_are_told_apart() -> None:
    text = '"I am tired. I want to go," said Ann. "Yes." Ben said: "Yes."'
    script = number_sentences(read_script(text, "prose"))
    scenes = [script.text(1, 1), script.text(2, len(script.sentences))]
    quotes = quotes_of_scenes(read_script(text, "prose"), scenes)
    assert [quote.text for quote in quotes] == ['"I am tired.', 'I want to go,"', '"Yes."', '"Yes."']
    named = [replace(q, speaker=who) for q, who in zip(quotes, ("Ann", "Ann", None, "Ben"), strict=True)]
    lines = lines_of_scenes(read_script(text, "prose"), scenes, named)
    assert [[line.speaker for line in each] for each in lines] == [["Ann"], ["Ann", None, "Ben"]]
    assert lines[1][1].text == 'said Ann. "Yes." Ben said:'
