"""The word that is being spoken has another colour, in any script; nothing else of the caption changes."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.media import speech
from actors.media.captions import _ACCENT, _Drawing, caption_scene, draw_cues
from actors.media.cues import Cue
from actors.media.fonts import runs
from actors.media.formats import Format, film_format
from actors.media.lettering import word_places
from actors.media.overlay import Overlay
from actors.media.subtitles import to_vtt, vtt_cues
from actors.media.timeline import scene_shape

MakeSpeech = Callable[..., bytes]
TEXTS = {
    "en": "The keeper climbs the stairs, and far out a light answers him at last.",
    "ar": "يصعد الحارس الدرج ومعه مصباحه كل مساء",
    "he": "השומר עולה במדרגות עם המנורה שלו",
    "hi": "रखवाला हर शाम अपना दीपक लेकर सीढ़ियाँ चढ़ता है।",
    "ja": "灯台守は毎晩、ランプを持って階段を上ります。",
    "zh": "守塔人每晚提着灯登上楼梯。",
    "ru": "Смотритель поднимается по лестнице с лампой.",
}


def cues_of(text: str, language: str, fmt: Format) -> list[Cue]:
    shape = scene_shape(7.0, 0.6, fmt.fps, first=True, last=True)
    return caption_scene(text, shape, fmt, language=language)


def tinted(image: Image.Image) -> NDArray[np.bool_]:
    """Where the ink has the accent's colour: bright red, hardly any blue."""
    rgb = np.asarray(image.convert("RGB")).astype(int)
    return np.asarray((rgb[..., 0] > 200) & (rgb[..., 2] < rgb[..., 0] / 2))


@pytest.mark.parametrize("language", TEXTS)
def test_words_tell_where_they_stand_and_when_they_are_spoken(language: str) -> None:
    fmt = film_format()
    for cue in cues_of(TEXTS[language], language, fmt):
        told = [cue.lines[word.line][word.begin : word.end] for word in cue.words]
        assert "".join(told) == "".join(cue.lines).replace(" ", "")
        assert cue.words[0].start_ms >= cue.start_ms
        assert cue.words[-1].end_ms <= cue.end_ms
        assert all(a.start_ms < a.end_ms <= b.start_ms for a, b in pairwise(cue.words))


@pytest.mark.parametrize("language", TEXTS)
def test_exactly_one_word_is_tinted_and_words_follow_the_script_s_direction(language: str) -> None:
    fmt = film_format()
    cue = cues_of(TEXTS[language], language, fmt)[0]
    drawing = _Drawing(cue.lines, fmt, language, "plain")
    plain = np.asarray(drawing.image())
    assert not tinted(drawing.image()).any()
    inked = np.asarray(drawing.image().getchannel("R")) > 200
    covered = np.zeros(inked.shape, bool)
    middles = []
    for word in (word for word in cue.words if word.line == 0):
        image = drawing.image(word)
        assert np.array_equal(np.asarray(image)[..., 3], plain[..., 3])
        here = tinted(image)
        assert here.any()
        assert not (covered & here).sum() > 0.06 * here.sum() + 12
        covered |= here
        middles.append(np.flatnonzero(here.any(axis=0)).mean())
    rows = np.flatnonzero(covered.any(axis=1))
    first_line = inked[rows[0] : rows[-1] + 1]
    assert covered[rows[0] : rows[-1] + 1].sum() > 0.97 * first_line.sum()
    assert middles == sorted(middles, reverse=language in {"ar", "he"})


def test_the_accent_moves_from_word_to_word_while_the_caption_stands(make_speech: MakeSpeech) -> None:
    fmt = Format(640, 360, 24)
    spoken = speech.load(make_speech(1.2, 0.9))
    shape = scene_shape(spoken.duration_s, 0.6, 24, first=True, last=True)
    [cue] = caption_scene("One two three, four five.", shape, fmt, speech=spoken)
    drawn = draw_cues([cue], fmt, highlight=True)
    shown = [n for each in drawn for n in each.frames]
    assert shown == list(cue.frames(24))
    yellow = [each for each in drawn if _is_tinted(each.overlay)]
    assert [each.frames.start for each in yellow] == [word.frames(24).start for word in cue.words]
    pause = [each for each in drawn if each not in yellow and yellow[0].frames.start < each.frames.start]
    assert pause  # nobody speaks: no word has the accent
    assert len(draw_cues([cue], fmt)) == 1


def _is_tinted(layer: Overlay) -> bool:
    opacity = 255 - layer.lights[1].astype(int)
    blue = layer.inks[1] * 255.0 / np.maximum(opacity, 1)
    return bool((blue[opacity > 100] < 105).any())


def test_a_word_has_its_place_where_both_directions_share_a_face() -> None:
    mixed = next((line for line in ("בשנת 1984 נולד", "عام 1984 ولد") if len(list(runs(line))) == 1), None)
    assert mixed is not None
    begin = mixed.index("1984")
    [before] = word_places(mixed, 0, begin - 1, 40)
    [year] = word_places(mixed, begin, begin + 4, 40)
    [after] = word_places(mixed, begin + 5, len(mixed), 40)
    assert after[0] < after[1] < year[0] < year[1] < before[0] < before[1]


def test_a_word_that_others_part_is_tinted_in_both_of_its_places() -> None:
    """In an English line the last Hebrew letters go left of the word before, and "-Google" right of it."""
    line = "It is אב גד-Google today"
    begin = line.index("גד")
    left, right = word_places(line, begin, begin + len("גד-Google"), 40)
    [parting] = word_places(line, begin - 3, begin - 1, 40)
    assert left[1] < parting[0] < parting[1] <= right[0] + 0.1


def test_files_do_not_know_of_it() -> None:
    cues = cues_of(TEXTS["en"], "en", film_format())
    assert all(cue.words for cue in cues)
    assert vtt_cues(to_vtt(cues, "en")) == cues


def test_the_accent_is_as_easy_to_read_as_white() -> None:
    luminance = sum(
        share * (level / 255) ** 2.2 for share, level in zip((0.2126, 0.7152, 0.0722), _ACCENT, strict=True)
    )
    assert (1.05) / (luminance + 0.05) < 1.6
