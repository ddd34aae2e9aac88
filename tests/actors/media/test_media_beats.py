"""A picture comes with the first word of its words, in the frame in which its first caption does."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.media.beats import beat_frames, scene_words
from actors.media.captions import caption_scene
from actors.media.formats import film_format
from actors.media.timeline import scene_shape
from tests.actors.media.test_media_captions import TEXTS

WIDE = film_format()
FILM = scene_shape(12.0, 0.6, 30, first=False, last=False)


def letters(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(
    "beats",
    [
        ("Short.", "Also short."),
        ("The sea is grey. It is cold.", "A ship comes near!", "Nobody waves."),
        ("He said:", "— Yes. “Well?” he said", "… and left. ☂ Then 5 € were gone."),
        ("灯塔立在海边。", "“谁在那里？”他问。", "没有回答。"),
        (TEXTS["th"], TEXTS["th"]),
        (TEXTS["ar"], TEXTS["ar"], TEXTS["hi"]),
        ("Cafe\u0301 noir.", "Cafe\u0301 au lait."),
    ],
    ids=["short", "three", "dashes", "Chinese", "Thai", "Arabic", "not composed"],
)
def test_no_caption_stands_across_two_pictures_and_each_begins_with_its_own(beats: tuple[str, ...]) -> None:
    spaced = "" if beats[0][-1] == "。" else " "
    text = spaced.join(beats)
    seen = beat_frames(text, beats, FILM)
    cues = caption_scene(text, FILM, WIDE, beats=beats)
    assert [n for frames in seen for n in frames] == list(range(FILM.length))
    first_captions = [
        next(cue for cue in cues if cue.frames(30).start >= frames.start) for frames in seen[1:]
    ]
    assert [cue.frames(30).start for cue in first_captions] == [frames.start for frames in seen[1:]]
    for cue in cues:
        assert any(set(cue.frames(30)) <= set(frames) for frames in seen), cue
    for beat, cue in zip(beats[1:], first_captions, strict=True):
        # A dash or a bracket that stands alone clings to the word before it.
        assert letters(beat).lstrip("—…“☂").startswith(letters("".join(cue.lines))[:3].lstrip("—…“☂"))


def test_a_scene_of_one_picture_shows_it_all_the_time() -> None:
    assert beat_frames("The sea.", ("The sea.",), FILM) == [range(FILM.length)]
    assert caption_scene("A. B.", FILM, WIDE, beats=("A. B.",)) == caption_scene("A. B.", FILM, WIDE)


def test_what_cannot_be_spoken_has_no_time_of_its_own() -> None:
    seen = beat_frames("The sea. * * *", ("The sea.", "* * *"), FILM)
    assert seen == [range(FILM.length), range(FILM.length, FILM.length)]


SENTENCES = st.lists(
    st.text(alphabet="abcdef 灯塔的海 ", min_size=1, max_size=40).map(lambda t: f"{t.strip() or 'x'}."),
    min_size=1,
    max_size=6,
)


@given(SENTENCES, st.sampled_from(["", " "]))
def test_whatever_the_words_the_pictures_follow_each_other_without_a_gap(beats: list[str], gap: str) -> None:
    text = gap.join(beats)
    seen = beat_frames(text, beats, FILM)
    assert len(seen) == len(beats)
    assert (seen[0].start, seen[-1].stop) == (0, FILM.length)
    assert all(one.stop == two.start for one, two in pairwise(seen))
    assert sum(word.word.opens for word in scene_words(text, beats, FILM)) <= len(beats) - 1
