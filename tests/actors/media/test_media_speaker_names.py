"""Captions that name who speaks: none stands across two speakers, in the picture and in the files."""

import numpy as np

from actors.media.captions import _NAME, _Drawing, caption_scene, draw_cues, style
from actors.media.cues import Cue, scene_cues
from actors.media.formats import film_format
from actors.media.lettering import measure
from actors.media.speaker_names import Line
from actors.media.subtitles import to_srt, to_vtt, vtt_cues
from actors.media.timeline import scene_shape
from actors.media.words import TimedWord, Word

WIDE = film_format("16:9", fps=25)
SHAPE = scene_shape(9.0, 0.6, WIDE.fps, first=True, last=True)
LINES: list[Line] = [
    (None, "The lamp went out."),
    ("The keeper", "“I am tired,”"),
    (None, "said the keeper."),
    ("MARA", "“Then sleep & let me watch.”"),
]
TEXT = " ".join(words for _, words in LINES)


def captions(lines: list[Line]) -> list[Cue]:
    return caption_scene(TEXT, SHAPE, WIDE, lines=lines)


def test_a_caption_is_of_one_speaker_and_the_first_of_each_turn_names_it() -> None:
    cues = captions(LINES)
    assert [cue.speaker for cue in cues] == [None, "The keeper", None, "MARA"]
    assert [" ".join(cue.lines) for cue in cues] == [
        "The lamp went out.",
        "The keeper: “I am tired,”",
        "said the keeper.",
        "MARA: “Then sleep & let me watch.”",
    ]
    assert [word.line for word in cues[1].words] == [0, 0, 0], "the name is no word that is spoken"
    assert cues[1].start_ms >= cues[0].start_ms + 900


def test_without_speakers_nothing_changes() -> None:
    assert captions([(None, TEXT)]) == captions([])


def test_one_who_speaks_long_is_named_once() -> None:
    long = "I have watched this light for forty years, and never once has it failed me in the night. " * 2
    cues = caption_scene(long, SHAPE, WIDE, lines=[("MARA", long)])
    assert len(cues) > 1
    assert {cue.speaker for cue in cues} == {"MARA"}
    assert [bool(cue.name) for cue in cues] == [True] + [False] * (len(cues) - 1)


def test_a_name_wider_than_a_line_is_shortened_in_the_picture_and_whole_in_the_files() -> None:
    tall = film_format("9:16", fps=25)
    where = style(tall, "social")
    lines: list[Line] = [("PROFESSOR BARTHOLOMEW", "Who is there?"), ("ANNA", "Your neighbour.")]
    cues = caption_scene("Who is there? Your neighbour.", SHAPE, tall, lines=lines, look="social")
    assert [cue.lines[0][: cue.name] for cue in cues if cue.name] == ["PROFESSOR…:", "ANNA:"]
    assert " ".join(cues[0].lines).startswith("PROFESSOR…: Who")
    for line in (line for cue in cues for line in cue.lines):
        assert measure(line, where.size, "", where.weight) <= where.width
    assert to_srt(vtt_cues(to_vtt(cues))).splitlines()[2].startswith("PROFESSOR BARTHOLOMEW: Who")


def test_a_first_word_as_wide_as_a_line_stands_below_its_name() -> None:
    words = [
        TimedWord(Word("PROFESSOR:", spaced=True, speaker="PROFESSOR", name=True), 0, 0),
        TimedWord(Word("Antidisestablishm", spaced=True, speaker="PROFESSOR"), 0, 2),
    ]
    [cue] = scene_cues(words, SHAPE, len, 10)[:1]
    assert cue.lines == ("PROFESS…:", "Antidises")


def test_files_say_it_in_their_own_way() -> None:
    vtt = to_vtt(captions(LINES), "en")
    assert "<v The keeper>“I am tired,”\n" in vtt
    assert "<v MARA>“Then sleep &amp; let me watch.”" in vtt
    assert "The keeper:" not in vtt
    assert vtt_cues(vtt) == captions(LINES)
    assert "\nMARA: “Then sleep & let me watch.”" in to_srt(vtt_cues(vtt))


def test_a_name_that_would_end_its_tag_does_not() -> None:
    cues = caption_scene("Go on.", SHAPE, WIDE, lines=[("A > B & <C>", "Go on.")])
    assert "\n<v A &gt; B &amp; &lt;C&gt;>Go\n" in to_vtt(cues)
    assert vtt_cues(to_vtt(cues)) == cues


def test_a_name_has_a_colour_of_its_own_in_the_picture() -> None:
    def tinted(cue: Cue) -> int:
        """How many points are as blue as a name; white is not, nor the accent of a spoken word."""
        image = np.asarray(_Drawing(cue.lines, WIDE, "en", "plain", cue.name).image()).reshape(-1, 4)
        return int((np.abs(image[:, :3].astype(int) - np.array(_NAME)).max(axis=1) < 3).sum())

    cues = captions(LINES)
    assert tinted(cues[0]) == 0
    assert tinted(cues[1]) > 100
    assert len(draw_cues(cues, WIDE)) == len(cues)
