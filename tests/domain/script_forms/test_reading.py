"""A script in any form: its words are spoken, all else is a direction or told; prose stays as it is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.characters import cleaned
from domain.notices import describe, notices
from domain.numbered_script import number_sentences
from domain.script_forms.parts import PartKind
from domain.script_forms.reading import ScriptForm, read_script
from domain.submission import Options, Submission
from tests.domain.script_forms.prose import PROSE
from tests.domain.script_forms.scripts import FORMS, Sample

EVERY_FORM: tuple[ScriptForm, ...] = (
    "auto", "prose", "narration", "dialogue", "screenplay", "markdown", "subtitles", "html",
)  # fmt: skip


@pytest.mark.parametrize("script", PROSE)
def test_plain_prose_is_read_as_it_stands(script: str) -> None:
    reading = read_script(script, "auto")
    assert reading.form == "prose"
    assert reading.spoken_text == " ".join(script.split())
    assert [part.kind for part in reading.parts] == [PartKind.SPOKEN]
    told = [notice.code for notice in notices(script, "auto")]
    assert told == (["addresses_spoken"] if "https://" in script else [])


@pytest.mark.parametrize("sample", FORMS, ids=lambda sample: sample.name)
def test_a_form_is_recognised_and_nothing_of_it_is_read_aloud(sample: Sample) -> None:
    reading = read_script(sample.script, "auto")
    assert reading.form == sample.form
    assert number_sentences(reading).listing() == sample.listing
    left_out = [part.source.strip() for part in reading.of(PartKind.LEFT_OUT)]
    assert left_out == sample.left_out


@pytest.mark.parametrize("sample", FORMS, ids=lambda sample: sample.name)
def test_what_is_not_spoken_is_told(sample: Sample) -> None:
    told = {notice.code: notice.message for notice in notices(sample.script, "auto")}
    assert told["read_as"].startswith(f"Read as {sample.read_as}")
    assert "set script_form to prose" in told["read_as"]
    assert ("left_out" in told) == sample.tells_of_signs
    if sample.left_out:
        assert " ".join(sample.left_out[0].split())[:40] in told["left_out"]


@pytest.mark.parametrize("sample", FORMS, ids=lambda sample: sample.name)
def test_prose_may_be_asked_for_where_the_reading_is_wrong(sample: Sample) -> None:
    reading = read_script(sample.script, "prose")
    assert reading.form == "prose"
    assert reading.spoken_text == " ".join(sample.script.split())
    assert [notice.code for notice in notices(sample.script, "prose")] == ["markup_spoken"]


def test_speakers_are_kept_with_their_sentences_and_are_not_spoken() -> None:
    script = "ANNA: Who is it? Say so.\nBEN: Me.\n\nAnna: Come in.\n"
    reading = read_script(script, "auto")
    said = [(s.speaker, s.text) for s in number_sentences(reading).sentences]
    assert said == [("ANNA", "Who is it?"), ("ANNA", "Say so."), ("BEN", "Me."), ("ANNA", "Come in.")]
    assert reading.speakers == {"ANNA": 2, "BEN": 1}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("ANNA:Hello.\nBEN:Hi: so.\nANNA:Bye.", [("ANNA", "Hello."), ("BEN", "Hi: so."), ("ANNA", "Bye.")]),
        ("Anna: Hello.\nBen:Hi.\nAnna:Bye.", [("Anna", "Hello."), ("Ben", "Hi."), ("Anna", "Bye.")]),
        (
            "ANNA (softly):Who?\n**BEN**:3 of us.\nBEN:So.",
            [("ANNA", "Who?"), ("BEN", "3 of us."), ("BEN", "So.")],
        ),
        ("VISUAL:a sea\nNarrator:The sea.", [("Narrator", "The sea.")]),
        (
            "1\n00:01.0 --> 00:02.0\nMAN: So.\n\n2\n00:03.0 --> 00:04.0\nMAN:No.",
            [("MAN", "So."), ("MAN", "No.")],
        ),
    ],
)
def test_a_speakers_name_may_stand_without_a_space_behind_its_colon(
    script: str, said: list[tuple[str, str]]
) -> None:
    numbered = number_sentences(read_script(script, "auto"))
    assert [(s.speaker, s.text) for s in numbered.sentences] == said


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        (
            "NARRATOR: The sea is old.\nANNA: Who is there?\nNARRATOR: It was Ben.\n\nNARRATOR: They left.\n",
            "The sea is old. Who is there? It was Ben. They left.",
        ),
        ("MUSIC: soft piano\nNARRATOR: The sea.\nANNA: Hi.\n\nNARRATOR: Home.\n", "The sea. Hi. Home."),
        ("MUSIC: soft piano\nNARRATOR: The sea is old\n\nANNA: Hi\n", "The sea is old Hi"),
        ("VOICE: The sea.\nVOICE: Who?\n\nIt slept.", "The sea. Who? It slept."),
        ("Title: Sea\nDuration: 60 s\nNARRATOR: Old\nANNA: Who\nNARRATOR: Ben\n\nANNA: So", "Old Who Ben So"),
        ("Title: Sea\nTone: calm\nNARRATOR: It is old.\nANNA: Is it?\n\nANNA: So.", "It is old. Is it? So."),
        ("Duration: 60 seconds\nTone: calm\nThe sea is old.\n\nIt sleeps.", "The sea is old. It sleeps."),
    ],
)
def test_first_lines_about_the_film_end_where_somebody_speaks(script: str, spoken: str) -> None:
    assert read_script(script, "auto").spoken_text == spoken


@pytest.mark.parametrize(
    "about",
    [
        "Duration: 60 seconds\nTone: calm.",
        "Title: Sea\nDuration: 60 s\nNarrator: a calm voice\nMusic: Strings, softly.",
        "The Sea\n**Title:** Sea\n**Key message:** it is old\n**Voice:** Warm and calm.\n**Tone:** calm",
    ],
)
def test_first_lines_about_the_film_are_not_spoken(about: str) -> None:
    assert read_script(f"{about}\n\nThe sea is old.\n", "auto").spoken_text == "The sea is old."
    assert read_script(f"{about}\n\nNarrator: The sea.\n", "auto").spoken_text == "The sea."


@pytest.mark.parametrize(
    "script",
    ["Title: Sea\nDuration: 60 s\n", "Style: it matters.\nTone: it does, too.\nBoth: do.\n\nThe end."],
)
def test_lines_that_may_be_the_text_itself_are_spoken(script: str) -> None:
    assert read_script(script, "auto").spoken_text == " ".join(script.split())


def test_a_title_page_ends_where_a_scene_begins_or_somebody_speaks() -> None:
    for scene in ("INT. SEA - DAY\n", "FADE IN:\n", ""):
        script = f"Title: Sea\nAuthor: A\n{scene}ANNA (V.O.)\nHello.\n\nBEN (V.O.)\nHi.\n"
        reading = read_script(script, "auto")
        assert (reading.form, reading.spoken_text) == ("screenplay", "Hello. Hi.")


def test_code_that_does_not_end_is_left_out() -> None:
    for script in ("The sea.\n```\ncode", "The sea.\n```\ncode\n", "The sea.\n```\ncode\n```"):
        assert read_script(script, "auto").spoken_text == "The sea."


ADDRESSES = [
    *("https://example.com/a?b=c#d", "www.example.com", "https://de.wikipedia.org/wiki/Meer_(Film)"),
    *("https://пример.рф/путь", "https://الموقع.مصر/مسار", "https://例え.jp/パス", "http://ไทย.com/ทะเล"),
    *("https://zh.wikipedia.org/wiki/北京", "https://ja.wikipedia.org/wiki/佐々木?q=海&l=ja#空"),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_on_its_line_is_left_out_whatever_its_script(address: str) -> None:
    for line in (address, f"<{address}>", f" {address}  ", f"{address}。"):
        assert read_script(f"Salt.\n{line}\nSand.", "auto").spoken_text == "Salt. Sand."


@pytest.mark.parametrize(
    "sentence",
    [
        "https://www.example.com是一个很好的网站，欢迎大家访问。",
        "https://www.example.com是一个很好的网站",
        "https://www.example.com/海を見てください、きれいです。",
        "www.example.comเป็นเว็บไซต์ที่ดี",
        "https://www.example.com에서",
    ],
)
def test_a_line_that_begins_with_an_address_is_spoken_where_no_space_parts_words(sentence: str) -> None:
    reading = read_script(f"你好，世界。\n{sentence}\n再见。", "auto")
    assert reading.spoken_text == f"你好，世界。 {sentence} 再见。"


@pytest.mark.parametrize("address", ["www.example.com", *ADDRESSES[3:]])
def test_an_address_in_a_sentence_is_told_without_the_words_behind_it(address: str) -> None:
    for after in ("。今年增长了2.5%，好。", "，见。", " is one."):
        told = {notice.code: notice.message for notice in notices(f"请看{address}{after}", "auto")}
        assert f"“{address}”" in told["addresses_spoken"]
    told = {n.code: n.message for n in notices("请访问www.example.com了解详情。今年增长了2.5%。", "auto")}
    assert "“www.example.com”" in told["addresses_spoken"]


def test_a_direction_inside_a_sentence_leaves_it_whole() -> None:
    numbered = number_sentences(read_script("It rained. Well (laughs) it poured. It stopped.", "auto"))
    assert numbered.listing() == "1 It rained.\n[[laughs]]\n2 Well it poured.\n3 It stopped."


def test_a_screenplay_in_which_nobody_speaks_is_narrated() -> None:
    script = "INT. LIGHTHOUSE - NIGHT\n\nThe lamp turns slowly.\n\nCUT TO:\n\nA ship answers."
    reading = read_script(script, "auto")
    assert (reading.form, reading.spoken_text) == ("screenplay", "The lamp turns slowly. A ship answers.")


def test_headings_alone_are_said() -> None:
    for script in ("# The sea\n\n## The sky", "<h1>The sea</h1> <h2>The sky</h2>"):
        assert read_script(script, "auto").spoken_text == "The sea The sky"


def test_a_form_may_be_asked_for_where_it_is_not_recognised() -> None:
    once = "Anna: Hello there.\nIt is late."
    assert read_script(once, "auto").form == "prose"
    assert read_script(once, "dialogue").spoken_text == "Hello there. It is late."
    lone = "- Salt, they say.\n- Sand, they say."
    assert read_script(lone, "auto").spoken_text == lone.replace("\n", " ")
    assert read_script(lone, "markdown").spoken_text == "Salt, they say. Sand, they say."


def test_a_fault_for_the_emulator_stays_a_direction_in_every_form() -> None:
    script = (
        "INT. SEA - DAY\n\nA wave [[fault: 503 image]] rolls.\n\nANNA\nLook [[fault: 429 speech]] there.\n"
    )
    numbered = number_sentences(read_script(script, "auto"))
    assert "[[fault: 503 image]]" in numbered.listing()
    assert "[[fault: 429 speech]]" in numbered.listing()
    assert numbered.text(1, len(numbered.sentences)) == "Look there."


def test_how_it_was_understood_is_given_as_data() -> None:
    told = describe(read_script("ANNA: Hi.\n[Rain]\nBEN: Hi.\nANNA: [00:10] So.", "auto"))
    assert (told["form"], told["directions"]) == ("dialogue", 1)
    assert told["speakers"] == [{"name": "ANNA", "turns": 2}, {"name": "BEN", "turns": 1}]
    assert told["not_spoken"] == [
        {"what": "stage direction", "count": 1, "examples": ["[Rain]"]},
        {"what": "timestamp", "count": 1, "examples": ["[00:10]"]},
    ]


@pytest.mark.parametrize(
    "script", ["```\ncode\n```", "![](sea.jpg)\n\n---", "1\n00:00:01,000 --> 00:00:02,000\n"]
)
def test_a_script_of_which_nothing_is_spoken_is_refused_with_the_way_out(script: str) -> None:
    with pytest.raises(ValidationError, match="set script_form to prose") as refused:
        Submission(script=script)
    assert [error["loc"] for error in refused.value.errors()] == [("script",)]
    assert Submission(script=script, options=Options(script_form="prose")).script == script


pieces = st.one_of(
    st.text(max_size=30),
    st.text("[](){}<>*_`#-|:&;~!\\/ \nab1.A", max_size=30),
    st.sampled_from([sample.script for sample in FORMS]),
    st.sampled_from(PROSE),
    st.sampled_from(
        [
            *(
                "\n",
                "\n\n",
                "# A ",
                "**b** ",
                "ANNA: ",
                "ANNA:",
                "BEN:Hi.\n",
                "ANNA\n",
                "(beat) ",
                "[Rain]\n",
                "INT. SEA - DAY\n",
            ),
            *("<p>", "</p>", "&amp;", "[[x]]", "\n[[y]]\n", "[[a|b]]", "[^1]", "> ", "- ", "CUT TO:\n"),
            *("00:01 --> 00:02\n", "0:00 ", "```\n", "---\n", "[a](http://b.c)", "&#x1f;"),
            "| a | b |\n|---|---|\n",
        ]
    ),
)
scripts = st.lists(pieces, max_size=8).map("".join)


@given(scripts, st.sampled_from(EVERY_FORM))
def test_every_character_stands_in_one_part_and_all_that_is_spoken_in_the_sentences(
    script: str, form: ScriptForm
) -> None:
    reading = read_script(script, form)
    text = cleaned(script).replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(part.source for part in reading.parts) == text
    numbered = number_sentences(reading)
    count = len(numbered.sentences)
    assert (numbered.text(1, count) if count else "") == reading.spoken_text
    letters = [c for part in reading.of(PartKind.SPOKEN) for c in part.text if c.isalnum()]
    assert [c for c in reading.spoken_text if c.isalnum()] == letters


@settings(deadline=None)  # a busy machine takes its time
@given(scripts, st.sampled_from(EVERY_FORM), st.sampled_from([("", "\n"), ("\n \n", ""), ("", " \n\n")]))
def test_empty_lines_around_a_script_and_the_kind_of_its_line_ends_change_nothing(
    script: str, form: ScriptForm, around: tuple[str, str]
) -> None:
    script = cleaned(script).replace("\r", "\n")
    other = script.join(around).replace("\n", "\r\n")
    before, after = (read_script(text, form) for text in (script, other))
    assert (after.form, after.also, after.speakers) == (before.form, before.also, before.speakers)
    assert number_sentences(after).listing() == number_sentences(before).listing()


@pytest.mark.parametrize("sample", FORMS, ids=lambda sample: sample.name)
def test_the_same_is_told_of_a_file_with_two_characters_at_line_ends(sample: Sample) -> None:
    file = f"{sample.script}\n".replace("\n", "\r\n")
    for form in EVERY_FORM:
        assert notices(file, form) == notices(sample.script, form)


def letters_in(texts: list[str]) -> int:
    return sum(c.isalnum() for c in "".join(texts))


@given(scripts)
def test_whatever_goes_is_told_of(script: str) -> None:
    reading = read_script(script, "auto")
    kept = [part.source for part in reading.of(PartKind.SPOKEN)]
    if sum(c.isalnum() for c in "".join(kept)) < sum(
        c.isalnum() for part in reading.parts for c in part.source
    ):
        codes = {notice.code for notice in notices(script, "auto")}
        assert codes & {"read_as", "left_out", "directions_not_spoken", "links_shortened"}


@given(st.sampled_from(FORMS))
def test_a_script_within_a_script_of_the_same_form_is_read_twice(sample: Sample) -> None:
    once, twice = (
        read_script(text, "auto") for text in (sample.script, f"{sample.script}\n\n{sample.script}")
    )
    assert len(twice.of(PartKind.DIRECTION)) >= len(once.of(PartKind.DIRECTION))


LONG = [
    *[
        "[[",
        "]]",
        "[[a",
        "<a",
        "<!--",
        "**",
        "*a",
        "`",
        "[a",
        "[a](",
        "&a",
        "_a",
        "[[fault:",
        "\x1b]",
        "(a",
        "[1]",
        "a|",
        "![",
        "/*",
        "<h1>",
        "<script>",
        "~~",
        "\\",
    ],
    *(
        "| ",
        "- ",
        "1. ",
        "A ",
        "(a) ",
        " ",
        "\t",
        "\n",
        "a\n ",
        "ANNA: a\n",
        "ANNA:a",
        "ANNA:a\n",
        "ANNA\na\n\n",
        "0:00 a\n",
    ),
    *("---\n", "```\n", "INT. A - B\n", "[^a]: b\n"),
]


@pytest.mark.slow
@pytest.mark.parametrize("part", LONG)
def test_the_longest_script_is_looked_through_at_once(part: str) -> None:
    script = (part * 50_000)[:50_000]
    begun = time.thread_time()
    notices(script, "auto")
    number_sentences(read_script(script, "markdown"))
    number_sentences(read_script(script, "screenplay"))
    assert time.thread_time() - begun < 8
