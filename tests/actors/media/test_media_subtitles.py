import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.media.cues import Cue
from actors.media.subtitles import to_srt, to_vtt, vtt_cues

LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    str.strip
)
CUES = st.lists(
    st.builds(
        lambda start, length, lines: Cue(start, start + length, tuple(lines)),
        st.integers(0, 400_000_000),
        st.integers(1, 10_000),
        st.lists(LINES, min_size=1, max_size=2),
    ),
    max_size=5,
)


@given(CUES, st.sampled_from(["", "en", "pt-BR"]))
def test_captions_are_read_back_as_they_were_written(cues: list[Cue], language: str) -> None:
    read = vtt_cues(to_vtt(cues, language))
    assert [(cue.start_ms, cue.end_ms) for cue in read] == [(cue.start_ms, cue.end_ms) for cue in cues]
    for before, after in zip(cues, read, strict=True):
        assert [line.lstrip("\u200e\u200f") for line in after.lines] == [
            line.lstrip("\u200e\u200f") for line in before.lines
        ]


def test_players_are_told_which_lines_are_written_from_right_to_left() -> None:
    cues = [
        Cue(0, 1000, ("Instagram هو", "WhatsApp")),
        Cue(1000, 2000, ("هو Instagram", "في مصر.")),
        Cue(2000, 3000, ("John: أنا هنا.",), speaker="John", name=5),
        Cue(3000, 4000, ("Instagram.",)),
        Cue(4000, 5000, ("سارة: WhatsApp", "هنا"), speaker="سارة", name=5),
    ]
    vtt = to_vtt(cues, "ar")
    assert [block.split("\n")[2:] for block in vtt.strip().split("\n\n")[1:]] == [
        ["\u200fInstagram هو", "\u200fWhatsApp"],
        ["هو Instagram", "في مصر."],
        ["<v John>\u200fأنا هنا."],
        ["Instagram."],
        ["<v سارة>\u200fWhatsApp", "هنا"],
    ]
    srt = to_srt(vtt_cues(vtt))
    assert [block.split("\n")[2:] for block in srt.strip().split("\n\n")] == [
        ["\u200fInstagram هو", "\u200fWhatsApp"],
        ["هو Instagram", "في مصر."],
        ["\u200fJohn: أنا هنا."],
        ["Instagram."],
        ["\u200fسارة: WhatsApp", "هنا"],
    ]
    assert "\u200f" not in to_vtt([Cue(0, 1000, ("Salt and light",))], "en")


def test_players_are_told_which_lines_are_written_from_left_to_right() -> None:
    cues = [
        Cue(0, 1000, ("שלום is a word,", "and so is أنا.")),
        Cue(1000, 2000, ("שרה: Hello.",), speaker="שרה", name=4),
        Cue(2000, 3000, ("Sara: שלום, you.",), speaker="Sara", name=5),
        Cue(3000, 4000, ("שלום",)),
        Cue(4000, 5000, ("2009",)),
    ]
    vtt = to_vtt(cues, "en")
    assert [block.split("\n")[2:] for block in vtt.strip().split("\n\n")[1:]] == [
        ["\u200eשלום is a word,", "and so is أنا."],
        ["<v שרה>\u200eHello."],
        ["<v Sara>\u200eשלום, you."],
        ["שלום"],
        ["2009"],
    ]
    srt = to_srt(vtt_cues(vtt))
    assert [block.split("\n")[2:] for block in srt.strip().split("\n\n")[:3]] == [
        ["\u200eשלום is a word,", "and so is أنا."],
        ["\u200eשרה: Hello."],
        ["\u200eSara: שלום, you."],
    ]


def test_a_webvtt_file_becomes_a_subrip_file() -> None:
    vtt = "WEBVTT\nLanguage: en\n\n1\n00:00:01.000 --> 01:02:03.004\nSalt &amp; light\n&lt;at sea&gt;\n"

    assert to_srt(vtt_cues(vtt)) == "1\n00:00:01,000 --> 01:02:03,004\nSalt & light\n<\u200bat sea>\n"


def test_what_is_no_webvtt_is_refused() -> None:
    with pytest.raises(ValueError, match="not a WebVTT file"):
        vtt_cues("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n")
    with pytest.raises(ValueError, match="not the times of a caption"):
        vtt_cues("WEBVTT\n\n1\nsoon --> later\nWords\n")


@pytest.mark.parametrize(
    "line",
    [
        "<b>bold</b>",
        "{\\an8}up",
        "{y:i}",
        "a {scene}",
        "C:\\New",
        "x --> y",
        "&lt;",
        "<!-- a -->",
        "5 < 7 & 3 > 2",
    ],
)
def test_nothing_in_a_subrip_file_is_markup_and_the_words_stay(line: str) -> None:
    written = to_srt([Cue(0, 1000, (line,))]).split("\n")[2]
    assert written.replace("\u200b", "") == line
    for sign in ("<b", "</b", "{\\", "{y", "{s", "\\N", "-->", "&lt", "<!"):
        assert sign not in written


@given(CUES)
def test_a_subrip_file_says_what_its_captions_say(cues: list[Cue]) -> None:
    said = [block.split("\n", 2)[2] for block in to_srt(cues).removesuffix("\n").split("\n\n") if block]
    assert [text.replace("\u200b", "") for text in said] == [
        "\n".join(cue.lines).replace("\u200b", "") for cue in cues
    ]


@pytest.mark.parametrize(
    "end", ["\n", "\r", "\r\n", "\n\n", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_no_sign_in_a_line_ends_a_caption(end: str) -> None:
    cue = Cue(0, 1000, (f"The sea{end}The sky", end, "The end"))
    for file in (to_vtt([cue]), to_srt([cue])):
        [*_, block] = file.strip("\n").split("\n\n")
        assert block.splitlines()[2:] == ["The sea The sky", "The end"]
