"""What counts as doing justice to a script: honest answers pass in any writing, and every loss is found."""

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from actors.media.reading import spoken
from actors.stages.checks.answers import (
    check_annotation,
    check_image,
    check_picture,
    check_shot_list,
    check_sound,
    check_speech,
    speech_rate,
)
from domain.failures import AttemptFailedError
from domain.numbered_script import number_sentences
from domain.script import (
    AnnotatedBeat,
    AnnotatedScene,
    Character,
    ScriptAnnotation,
    ShotList,
)
from domain.script_forms.reading import read_script
from domain.sound_direction import SoundDirection
from tests.actors.staging import shot_list

VOICES = ("Kore", "Puck")


def annotation(
    *scenes: tuple[int, int] | list[tuple[int, int]],
    language: str = "en",
    title: str = "x",
    seen: Sequence[int] = (),
    characters: int = 0,
) -> ScriptAnnotation:
    """An answer with these scenes: each the range of its one picture, or those of several."""
    return ScriptAnnotation(
        title=title,
        language=language,
        themes=["a theme"],
        mood="calm",
        setting="somewhere",
        palette=["#102030"],
        characters=[Character(name=f"name {n}", look="tall") for n in range(characters)],
        scenes=[
            AnnotatedScene(
                mood="calm",
                transition="crossfade",
                beats=[
                    AnnotatedBeat(first=first, last=last, visual=f"view {first}", characters=list(seen))
                    for first, last in ([scene] if isinstance(scene, tuple) else scene)
                ],
            )
            for scene in scenes
        ],
    )


def refused(script: str, *ranges: Any, asked: str | None = None, most: int = 12, **about: Any) -> str:
    """The code by which an annotation is refused, by default of one scene; empty when it is taken."""
    numbered = number_sentences(read_script(script, "prose"))
    about.setdefault("title", script.split(maxsplit=1)[0])
    given = annotation(*(ranges or [(1, len(numbered.sentences))]), **about)
    try:
        check_annotation(given, numbered, max_scenes=most, language=asked)
    except AttemptFailedError as error:
        return error.failure.code
    return ""


# ---- scenes -----------------------------------------------------------------------------------------

FOUR = "One is. Two is. Three is. Four is."


@pytest.mark.parametrize(
    "ranges",
    [[(1, 4)], [(1, 1), (2, 4)], [(1, 2), (3, 3), (4, 4)], [[(1, 1), (2, 2)], [(3, 3), (4, 4)]]],
)
def test_ranges_that_hold_each_sentence_once_are_taken(ranges: list[Any]) -> None:
    assert refused(FOUR, *ranges) == ""


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ([(1, 3)], "No picture holds the sentences from 4 to 4"),
        (
            [(2, 4)],
            "Scene 1, picture 1 holds sentences 2 to 4; it must begin with 1 and end at 4 at the latest",
        ),
        ([(1, 2), (4, 4)], "Scene 2, picture 1 holds sentences 4 to 4; it must begin with 3"),
        ([(1, 2), (2, 4)], "Scene 2, picture 1 holds sentences 2 to 4; it must begin with 3"),
        ([(3, 4), (1, 2)], "Scene 1, picture 1 holds sentences 3 to 4; it must begin with 1"),
        ([(1, 5)], "Scene 1, picture 1 holds sentences 1 to 5; it must begin with 1 and end at 4"),
        ([(1, 2), (3, 2), (3, 4)], "Scene 2, picture 1 holds sentences 3 to 2"),
        ([[(1, 1), (3, 4)]], "Scene 1, picture 2 holds sentences 3 to 4; it must begin with 2"),
        ([[(1, 1), (2, 3)], (3, 4)], "Scene 2, picture 1 holds sentences 3 to 4; it must begin with 4"),
        (
            [(1, 1), [(2, 2), (2, 2), (3, 4)]],
            "Scene 2, picture 2 holds sentences 2 to 2; it must begin with 3",
        ),
        ([[(1, 1), (2, 2)], [(3, 3)]], "No picture holds the sentences from 4 to 4"),
    ],
)
def test_ranges_that_lose_move_or_repeat_sentences_are_refused(ranges: list[Any], message: str) -> None:
    with pytest.raises(AttemptFailedError, match="script_not_covered") as caught:
        check_annotation(
            annotation(*ranges), number_sentences(read_script(FOUR, "prose")), max_scenes=12, language=None
        )
    assert caught.value.failure.message.startswith(message)


@given(st.integers(1, 30), st.data())
def test_any_ranges_are_taken_exactly_where_they_tile_the_sentences(count: int, data: st.DataObject) -> None:
    ends = st.tuples(st.integers(1, count + 1), st.integers(1, count + 1))
    cuts = [*sorted(data.draw(st.sets(st.integers(1, count)))), count]
    tiles = [(a + 1, b) for a, b in pairwise([0, *dict.fromkeys(cuts)])]
    ranges = data.draw(st.one_of(st.just(tiles), st.lists(ends, min_size=1, max_size=6)))
    held = [n for first, last in ranges for n in range(first, last + 1)]
    fair = held == list(range(1, count + 1)) and all(first <= last for first, last in ranges)
    script = " ".join(f"Number {n} is here." for n in range(count))
    assert (refused(script, *ranges, most=50) == "") is fair


def test_more_scenes_than_asked_for_are_refused() -> None:
    assert refused(FOUR, (1, 2), (3, 4), most=1) == "wrong_scene_count"


def test_a_character_that_is_not_described_is_refused() -> None:
    assert refused(FOUR, seen=[1, 2], characters=2) == ""
    assert refused(FOUR, seen=[3], characters=2) == "inconsistent_answer"
    assert refused(FOUR, seen=[0], characters=2) == "inconsistent_answer"


# ---- language ---------------------------------------------------------------------------------------

DICKENS = (
    "It was the best of times, it was the worst of times, and we had everything before us that there was."
)


def test_the_language_asked_for_is_the_language_of_the_answer() -> None:
    assert refused("The sea.", language="de", asked="en") == "wrong_language"
    assert refused("The sea.", language="en-GB", asked="en") == ""
    assert refused("O mar.", language="pt_BR".replace("_", "-"), asked="pt-PT") == ""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (DICKENS, "de"),
        (DICKENS, "ja"),
        ("灯塔立在海边。", "en"),
        ("Маяк стоит у моря.", "en"),
        ("灯台が立っている。", "zh"),
    ],
)
def test_a_language_that_the_script_plainly_is_not_in_is_refused(script: str, said: str) -> None:
    assert refused(script, language=said) == "wrong_language"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (DICKENS, "en-US"),
        ("The sea.", "nl"),  # too short to tell
        ("Ek phool khila hai.", "hi"),  # romanised
        ("灯台", "ja"),
        ("Маяк стоит.", "sr"),
        (DICKENS, "xx"),  # a tag that is not known
        ("2024: 50 %", "en"),
    ],
)
def test_where_nothing_is_certain_the_answer_is_believed(script: str, said: str) -> None:
    assert refused(script, language=said) == ""


def test_a_title_in_other_letters_than_the_script_is_refused_unless_the_script_has_the_words() -> None:
    script = "Маяк стоит у моря. Он светит."
    assert refused(script, language="ru", title="The Lighthouse") == "wrong_language"
    assert refused(script, language="ru", title="Маяк") == ""
    brand = "У меня есть iPhone. Он светит."
    assert refused(brand, language="ru", title="iPhone") == ""


# ---- other documents, pictures, speech ----------------------------------------------------------------


def test_a_storyboard_has_one_frame_for_each_picture_in_order() -> None:
    shots = [
        shot.model_copy(update={"scene": n, "beat": b})
        for n in (1, 2, 3)
        for b in (1, 2)
        for shot in shot_list("a sea").frames
    ]
    frame = {(shot.scene, shot.beat): shot for shot in shots}

    def check(*places: tuple[int, int], named: tuple[int, ...] = ()) -> None:
        check_shot_list(ShotList(style="ink", frames=[frame[place] for place in places]), [1, 2], 1, named)

    check((1, 1), (2, 1), (2, 2), named=(1, 1))
    for wrong in (
        [(1, 1), (2, 1)],
        [(1, 1), (2, 2), (2, 1)],
        [(1, 1), (1, 2), (2, 1)],
        [(1, 1), (2, 1), (2, 2), (3, 1)],
    ):
        with pytest.raises(AttemptFailedError, match="wrong_scene_count"):
            check(*wrong)
    for strange in (0, 2):
        with pytest.raises(AttemptFailedError, match="inconsistent_answer"):
            check((1, 1), (2, 1), (2, 2), named=(strange,))


def audio_plan(voice: str = "Kore", scenes: tuple[int, ...] = (1, 2), chord: str = "Am") -> SoundDirection:
    return SoundDirection.model_validate(
        {
            "voice": voice,
            "deliveries": [{"scene": n, "style": "calm", "pause_after_s": 0.6} for n in scenes],
            "music": {
                "mood": "calm",
                "tempo_bpm": 80,
                "key": "A minor",
                "instruments": ["piano"],
                "sections": [{"name": "intro", "bars": 4, "chords": [chord], "intensity": 0.3}],
            },
        }
    )


def test_an_audio_plan_delivers_every_scene_with_a_voice_that_exists() -> None:
    check_sound(audio_plan(), 2, VOICES)
    check_sound(audio_plan(chord="Xyz9"), 2, VOICES)  # a paid plan is not refused for a chord
    for wrong, code in (
        (audio_plan(scenes=(2, 1)), "wrong_scene_count"),
        (audio_plan(voice="Alloy"), "inconsistent_answer"),
    ):
        with pytest.raises(AttemptFailedError, match=code):
            check_sound(wrong, 2, VOICES)


@pytest.mark.parametrize("size", [(1344, 768), (1376, 768), (1280, 720), (2752, 1536)])
def test_the_sizes_of_image_models_are_taken_for_16_to_9(size: tuple[int, int]) -> None:
    check_image(*size, "16:9")


@pytest.mark.parametrize("size", [(1024, 1024), (768, 1344), (1248, 832), (1536, 672)])
def test_another_shape_than_asked_for_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(AttemptFailedError, match="wrong_aspect"):
        check_image(*size, "16:9")


def pictured(array: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    target = BytesIO()
    Image.fromarray(array).save(target, kind)
    return target.getvalue()


def one_colour(*colour: int, size: tuple[int, int] = (192, 108)) -> NDArray[np.uint8]:
    return np.full((size[1], size[0], len(colour)), colour, np.uint8)


def night() -> NDArray[np.uint8]:
    sky = one_colour(3, 3, 3)
    rng = np.random.default_rng(0)
    sky[rng.integers(108, size=40), rng.integers(192, size=40)] = 90
    return sky


def nearly_black() -> NDArray[np.uint8]:
    return np.repeat(np.linspace(0, 6, 108).astype(np.uint8)[:, None, None], 192, 1).repeat(3, 2)


@pytest.mark.parametrize("picture", [night(), nearly_black(), 255 - night(), 255 - nearly_black()])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_dark_and_bright_pictures_are_taken(picture: NDArray[np.uint8], kind: str) -> None:
    check_picture(pictured(picture, kind))


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (250, 250, 250), (17, 99, 180)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_one_colour_is_none(colour: tuple[int, int, int], kind: str) -> None:
    with pytest.raises(AttemptFailedError, match="no_image") as caught:
        check_picture(pictured(one_colour(*colour), kind))
    assert caught.value.failure.retryable
    assert caught.value.failure.may_have_been_billed
    with pytest.raises(AttemptFailedError, match="no_image"):
        check_picture(pictured(one_colour(*colour, 0)))  # nothing of it shows


@pytest.mark.parametrize(
    "data", [pictured(night(), "GIF"), pictured(night(), "BMP"), b"", pictured(night())[:-40]]
)
def test_a_picture_that_no_film_can_be_made_of_is_refused_where_it_is_paid(data: bytes) -> None:
    with pytest.raises(AttemptFailedError, match="malformed_image"):
        check_picture(data)


TEXT = "The keeper climbs the stairs and lights the lamp at dusk, as she has done for twenty years."


@pytest.mark.parametrize("seconds", [3.5, 7, 15])
def test_hurried_and_slow_narrators_are_taken(seconds: float) -> None:
    check_speech(seconds, TEXT, silent_s=seconds / 5)


@pytest.mark.parametrize(("seconds", "silent"), [(0.4, 0), (60, 0), (12, 11)])
def test_speech_far_too_short_or_long_or_mostly_silent_is_refused(seconds: float, silent: float) -> None:
    with pytest.raises(AttemptFailedError, match="implausible_length"):
        check_speech(seconds, TEXT, silent_s=silent)


@settings(max_examples=50)
@given(st.sampled_from(["Oh!", "雨。", "Да.", "No."]), st.floats(0.15, 6))
def test_a_single_word_may_take_its_time(text: str, seconds: float) -> None:
    check_speech(seconds, text)


# ---- the film's own pace ----------------------------------------------------------------------------

SIX = "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk, and the boats come home."
STEADY = [1.0, 1.05, 0.95, 1.1]
"""Rates of other scenes; a text like SIX then takes about 6.5 s."""


@pytest.mark.parametrize("share", [0.75, 1.0, 1.35])
def test_a_scene_that_keeps_the_films_pace_is_taken(share: float) -> None:
    for rate in (0.7, 1.0, 1.4):
        usual = spoken(SIX).in_its_language[0] / rate
        check_speech(usual * share, SIX, film_rates=[rate * r for r in STEADY])


@pytest.mark.parametrize("share", [0.5, 1.65])
def test_a_scene_that_lost_or_repeated_words_is_seen_by_the_films_pace(share: float) -> None:
    usual = spoken(SIX).in_its_language[0]
    check_speech(usual * share, SIX)  # by itself nobody could tell
    with pytest.raises(AttemptFailedError, match="the film's other narrations"):
        check_speech(usual * share, SIX, film_rates=STEADY)


def test_two_scenes_make_no_pace() -> None:
    check_speech(spoken(SIX).in_its_language[0] * 0.5, SIX, film_rates=STEADY[:2])


def test_pauses_are_no_speech() -> None:
    with pytest.raises(AttemptFailedError, match="implausible_length"):
        check_speech(8.0, SIX, silent_s=5.0, film_rates=STEADY)


@pytest.mark.parametrize("text", ["Stop.", "Oh, no!", "雨が降る。", "7"])
def test_a_short_text_is_not_held_to_the_films_pace(text: str) -> None:
    for seconds in (0.2, 0.6, 1.5, 3.0):
        check_speech(seconds, text, film_rates=STEADY)
    assert speech_rate(0.5, text) is None


@pytest.mark.parametrize(
    ("text", "read_short_s", "read_out_s"),
    [
        ("In 1984, 7,777,777 people paid $1,234.56 at www.example.com/a/b on 2026-11-28.", 9.0, 21.0),
        ("Call +1 555 010 9999 now, 24/7!", 3.5, 9.0),
        ("NASA and UNESCO and the IEEE use HTTP and H2SO4 at 10:30 pm.", 4.0, 9.0),
        ("他在1984年出生。", 1.5, 4.0),
    ],
)
def test_figures_and_signs_may_be_read_in_more_than_one_way(
    text: str, read_short_s: float, read_out_s: float
) -> None:
    for seconds in (read_short_s, read_out_s):
        check_speech(seconds, text, film_rates=STEADY)
    assert speech_rate(read_out_s, text) is None, "it tells no pace"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Majakka seisoo harmaan meren yllä. Sen vartija sytyttää lampun iltahämärässä.", 5.5),
        ("تقف المنارة فوق البحر الرمادي. يشعل حارسها المصباح عند الغسق، وتعود القوارب إلى الميناء.", 8.7),
        ("등대가 회색 바다 위에 서 있다. 등대지기는 해 질 녘에 등불을 켜고, 배들은 집으로 돌아온다.", 8.0),
        ("ประภาคารตั้งอยู่เหนือทะเลสีเทา ผู้ดูแลจุดตะเกียงยามพลบค่ำ และเรือก็กลับบ้าน", 6.5),
        ("灯台が灰色の海の上に立っている。番人は夕暮れに明かりをともし、船は港へ帰ってくる。", 9.0),
        ("Donaudampfschifffahrtsgesellschaftskapitäne grüßen Rindfleischetikettierungsbeamte.", 5.9),
    ],
)
def test_languages_with_long_words_or_without_spaces_are_spoken_at_their_own_pace(
    text: str, seconds: float
) -> None:
    for pace in (0.7, 1.0, 1.4):
        check_speech(seconds * pace, text, silent_s=0.3)


def test_half_of_a_long_narration_is_refused_without_any_other_scene() -> None:
    text = " ".join([SIX] * 5)
    with pytest.raises(AttemptFailedError, match="implausible_length"):
        check_speech(spoken(text).least_s * 0.45, text)
