"""A script as numbered sentences: nothing is lost or added, and they end where a reader ends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.numbered_script import MOST_CHARACTERS, NumberedScript, number_sentences
from domain.script_forms.reading import ScriptForm, read_script

VERSE = (
    "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame it"
)
LONG_VERSE = (
    "Once upon a midnight dreary, while I pondered, weak and weary,\n"
    "Over many a quaint and curious volume of forgotten lore,\n"
    "While I nodded, nearly napping, suddenly there came a tapping"
)
WRAPPED = (
    "The keeper of the lighthouse had not slept for three nights when the storm\n"
    "came in from the west and took the boats out of the harbour, one by one. He\n"
    "lit the lamp all the same."
)

pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "\n\n",
            "\n",
            " ",
            "[[ a boat ]]",
            "\n[[a boat]]\n",
            "Dr. Who. ",
            "灯台です。海。",
            "***",
            "# Title\n",
        ]
    ),
    st.sampled_from(
        ["x" * 299, "word " * 80, "一" * 400, "- item\n", "1. one\n", "é\u0301" * 200, "\u200f.\u200e"]
    ),
)
scripts = st.lists(pieces, max_size=12).map("".join)


def number(script: str, form: ScriptForm = "prose") -> NumberedScript:
    return number_sentences(read_script(script, form))


def spoken_text(script: str, form: ScriptForm = "prose") -> str:
    return read_script(script, form).spoken_text


def lines(script: str) -> list[str]:
    return [sentence.text for sentence in number(script).sentences]


@given(scripts)
def test_all_sentences_together_are_the_spoken_text(script: str) -> None:
    numbered = number(script)
    count = len(numbered.sentences)
    assert (numbered.text(1, count) if count else "") == spoken_text(script)
    assert [s.number for s in numbered.sentences] == list(range(1, count + 1))
    paragraphs = [s.paragraph for s in numbered.sentences]
    assert paragraphs == sorted(paragraphs)
    assert sorted(set(paragraphs)) == list(range(1, len(set(paragraphs)) + 1))
    assert all(0 <= d.after <= count for d in numbered.directions)


@given(scripts, st.data())
def test_ranges_that_tile_the_numbers_tile_the_text(script: str, data: st.DataObject) -> None:
    numbered = number(script)
    count = len(numbered.sentences)
    if count < 2:
        return
    cut = data.draw(st.integers(1, count - 1))
    parted = [numbered.text(1, cut), numbered.text(cut + 1, count)]
    assert spoken_text(script) in ("".join(parted), " ".join(parted))


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("The sea is wide. The sky is wider!", ["The sea is wide.", "The sky is wider!"]),
        ("Dr. Smith paid $3.5 million. He left.", ["Dr. Smith paid $3.5 million.", "He left."]),
        ("“Stop!” he said… and went. “Why?”", ["“Stop!” he said… and went.", "“Why?”"]),
        (VERSE, VERSE.split("\n")),
        (LONG_VERSE, LONG_VERSE.split("\n")),
        (
            WRAPPED,
            [
                WRAPPED.replace("\n", " ").split(" He ")[0],
                "He lit the lamp all the same.",
            ],
        ),
        (
            "# The Sea\nIt rolls in every day and it goes out every night, and nobody asks it why.",
            [
                "# The Sea",
                "It rolls in every day and it goes out every night, and nobody asks it why.",
            ],
        ),
        (
            "Bring:\n- salt\n- sand and all that you can carry in both of your hands to the shore\n- bread",
            [
                "Bring:",
                "- salt",
                "- sand and all that you can carry in both of your hands to the shore",
                "- bread",
            ],
        ),
        ("1. First wave.\n2. Second wave.", ["1. First wave.", "2. Second wave."]),
        ("灯台です。「海だ。」と言う。広い！", ["灯台です。", "「海だ。」と言う。", "広い！"]),
        ("古池や\n蛙飛び込む\n水の音", ["古池や", "蛙飛び込む", "水の音"]),
        ("समुद्र है। आकाश है।", ["समुद्र है।", "आकाश है।"]),
        ("هل تسمع؟ نعم.", ["هل تسمع؟", "نعم."]),
        ("The end.\n\n* * *\n\nA new day.", ["The end. * * *", "A new day."]),
        ("🎬 Action!", ["🎬 Action!"]),
        ("", []),
        ("[[a boat]]", []),
    ],
)
def test_sentences(script: str, wanted: list[str]) -> None:
    assert lines(script) == wanted


def test_paragraphs_are_parted_by_empty_lines() -> None:
    numbered = number("One. Two.\n\nThree.\n \t\nFour.")
    assert [s.paragraph for s in numbered.sentences] == [1, 1, 2, 3]
    assert numbered.listing() == "1 One.\n2 Two.\n\n3 Three.\n\n4 Four."
    assert numbered.listing(3, 3) == "3 Three."


def test_directions_stand_in_the_listing_and_in_no_text() -> None:
    numbered = number("[[a storm]]\nThe sea.\n[[a calm]]\nThe sky.")
    assert numbered.listing() == "[[a storm]]\n1 The sea.\n[[a calm]]\n2 The sky."
    assert numbered.text(1, 2) == "The sea. The sky."


def test_a_sentence_that_is_too_long_is_cut_at_a_clause() -> None:
    clause = "the water came over the wall and into the street where the children had played that day,"
    sentence = f"First {clause} then {clause} and then {clause} and at last {clause} and it was over."
    cut = lines(sentence)
    assert [piece.endswith(",") for piece in cut] == [True] * (len(cut) - 1) + [False]
    assert all(len(piece) <= MOST_CHARACTERS for piece in cut)


def test_a_sentence_without_clauses_is_cut_between_words_and_one_without_words_between_letters() -> None:
    assert {len(piece.split()[0]) for piece in lines("word " * 200)} == {4}
    cut = lines("e\u0301" * 400)
    assert all(len(piece) <= MOST_CHARACTERS and not piece.startswith("\u0301") for piece in cut)


def test_sentences_that_are_not_there_are_refused() -> None:
    numbered = number("One. Two.")
    for first, last in ((0, 1), (2, 1), (1, 3)):
        with pytest.raises(ValueError, match="of 2"):
            numbered.text(first, last)
