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
    assert vtt_cues(to_vtt(cues, language)) == cues


def test_a_webvtt_file_becomes_a_subrip_file() -> None:
    vtt = "WEBVTT\nLanguage: en\n\n1\n00:00:01.000 --> 01:02:03.004\nSalt &amp; light\n&lt;at sea&gt;\n"

    assert to_srt(vtt_cues(vtt)) == "1\n00:00:01,000 --> 01:02:03,004\nSalt & light\n<at sea>\n"


def test_what_is_no_webvtt_is_refused() -> None:
    with pytest.raises(ValueError, match="not a WebVTT file"):
        vtt_cues("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n")
    with pytest.raises(ValueError, match="not the times of a caption"):
        vtt_cues("WEBVTT\n\n1\nsoon --> later\nWords\n")
