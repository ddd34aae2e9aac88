"""An abbreviation, an initial or a list number is no sentence, in the languages that captions know."""

from itertools import pairwise

import pytest

from actors.media.cues import break_lines
from actors.media.words import split_words
from domain.sentences import ends_sentence, sentence_ends
from domain.spoken import reading_s, word_count


def sentences(text: str) -> list[str]:
    cuts = [0, *sentence_ends(text), len(text)]
    return [text[a:b].strip() for a, b in pairwise(cuts) if text[a:b].strip()]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Smith earned $3.5 million in 2.5 yrs. at 5 p.m. on Jan. 3rd.",
        "Mr. and Mrs. O'Neil moved to St. Louis, i.e. the U.S. Midwest, in 1,000 days.",
        "Rec.709 and v1.2.3 are standards.",
        "J. R. R. Tolkien met C.S. Lewis, e.g. at No. 5, Fig. 3 and Vol. 2.",
        "“Stop!” he said, and went on… slowly… to the U.N. building.",
        "The firm, Acme Inc. of Ohio, etc. was sold at 7:30 a.m. that day.",
        "He asked (why?) and left.",
        "See example.com. and www.reelog.org for more.",
        "Am 3. Oktober traf Hr. Meier z. B. Frau Dr. Schulz, d.h. die Chefin.",
        "Im 19. Jahrhundert, ca. 1850, lebte Prof. Bunsen.",
        "Mme. Curie et M. Dupont, p.ex. à la p. 12, sont là.",
        "El Sr. García vive, p.ej. en la Av. 5, con la Sra. López.",
        "Il Sig. Rossi abita, p.es. al n. 7.",
        "Dhr. Jansen woont, bijv. op nr. 9.",
        "В 1985 г. он жил на ул. Ленина, т.е. в Москве.",
        "2. Second wave of the day.",
    ],
)
def test_one_sentence_is_one(sentence: str) -> None:
    assert sentences(sentence) == [sentence]
    stopped = [word.text for word in split_words(sentence) if word.ends_sentence]
    assert stopped == [split_words(sentence)[-1].text]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The sea. The sky!", ["The sea.", "The sky!"]),
        ("He said no. She left.", ["He said no.", "She left."]),
        ("So do I. Then we went.", ["So do I.", "Then we went."]),
        ("It was made in the U.S. The rest was not.", ["It was made in the U.S.", "The rest was not."]),
        ("We met at 5 p.m. Mary came.", ["We met at 5 p.m. Mary came."]),
        ("We have tea, milk etc. Then we go.", ["We have tea, milk etc.", "Then we go."]),
        ("He came second in 1984. Nobody saw.", ["He came second in 1984.", "Nobody saw."]),
        ("“Go!” She went.", ["“Go!”", "She went."]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("all in small letters. it goes on. and on.", ["all in small letters.", "it goes on.", "and on."]),
        ("1. First wave. 2. Second wave.", ["1. First wave.", "2. Second wave."]),
        ("灯台です。「海だ。」と言う。広い！", ["灯台です。", "「海だ。」と言う。", "広い！"]),
        (
            "「来い！」って言った。「行く。」「いや。」",
            ["「来い！」って言った。", "「行く。」", "「いや。」"],
        ),
        ("他来了。“你好。”我说。", ["他来了。", "“你好。”", "我说。"]),
        ("“是谁？”他问。没有人。", ["“是谁？”", "他问。", "没有人。"]),
        ("«Кто там?» — спросил он. Никто.", ["«Кто там?» — спросил он.", "Никто."]),
        ("—¿Quién? —preguntó él. —Yo. —Ana rió.", ["—¿Quién? —preguntó él.", "—Yo.", "—Ana rió."]),
        ("„Wer da?“ – rief er. „Ich.“ – Niemand kam.", ["„Wer da?“ – rief er.", "„Ich.“", "– Niemand kam."]),
        (
            "»Wer da?« Niemand. Er rief »Halt!« und ging.",
            ["»Wer da?«", "Niemand.", "Er rief »Halt!« und ging."],
        ),
        ("Ποιος είναι; Κανείς. Τίποτα;", ["Ποιος είναι;", "Κανείς.", "Τίποτα;"]),
        ("Red; Blue; then Green.", ["Red; Blue; then Green."]),
        ("Բարեւ։ Ինչպե՞ս ես։", ["Բարեւ։", "Ինչպե՞ս ես։"]),
        ("समुद्र है। आकाश है।", ["समुद्र है।", "आकाश है।"]),
        ("هل تسمع؟ نعم.", ["هل تسمع؟", "نعم."]),
    ],
)
def test_sentences_end_where_they_end(text: str, wanted: list[str]) -> None:
    assert sentences(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "«Кто там?» — спросил он. Никто.",
        "—¿Quién? —preguntó él. —Yo. —Ana rió.",
        "Ποιος είναι; Κανείς. Τίποτα;",
        "灯台です。「海だ。」と言う。広い！",
        "「来い！」って言った。「行く。」「いや。」",
    ],
)
def test_captions_know_as_many_sentences_as_the_analysis(text: str) -> None:
    stopped = [word.text for word in split_words(text) if word.ends_sentence]
    assert len(stopped) == len(sentences(text)), stopped


def test_a_stop_at_the_end_of_a_text_ends_its_sentence_whatever_it_is() -> None:
    assert ends_sentence("etc.")
    assert ends_sentence("Mr.")
    assert not ends_sentence("Mr.", "Smith")


def test_marks_of_direction_do_not_hide_the_end_of_a_sentence() -> None:
    assert sentences("שלום.\u200f עולם!\u200e") == ["שלום.\u200f", "עולם!\u200e"]
    assert [word.ends_sentence for word in split_words("שלום.\u200f עולם!\u200e")] == [True, True]
    assert word_count("Donau\u00addampf\u200bschiff") == 1


def test_a_caption_does_not_break_at_an_abbreviation() -> None:
    text = "They all moved away to St. Louis, the largest town"
    above, _ = break_lines(split_words(text), len, 30)
    assert not above.endswith("St.")


def test_decimals_are_no_pauses() -> None:
    assert reading_s(
        "It is 2.5 or 3.5 or 4.5 metres of sea and of sand by the old mill at last."
    ) == pytest.approx(
        reading_s("It is 25 or 35 or 45 metres of sea and of sand by the old mill at last."), abs=2
    )
    plain = "a b c d e f g h i j k l m n o p"
    assert reading_s(plain + " v1.2.3.4.") == pytest.approx(reading_s(plain + " v1 2 3 4."))
