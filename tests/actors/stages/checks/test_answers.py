"""What counts as doing justice to a script: honest answers pass in any writing, and every loss is found."""

import re
import time
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from actors.media.reading import spoken
from actors.stages.checks.answers import (
    check_analysis,
    check_audio_plan,
    check_image,
    check_picture,
    check_speech,
    check_storyboard,
    speech_rate,
)
from domain.failures import AttemptFailedError
from domain.script import AudioPlan, Scene, ScriptAnalysis, Storyboard

VOICES = ("Kore", "Puck")


def analysis(*narrations: str, language: str = "en", title: str | None = None) -> ScriptAnalysis:
    return ScriptAnalysis(
        title=title or narrations[0].split()[0],
        language=language,
        themes=["a theme"],
        mood="calm",
        setting="somewhere",
        palette=["#102030"],
        characters=[],
        scenes=[Scene(narration=text, visual="a view", mood="calm") for text in narrations],
    )


def refused(script: str, *narrations: str, asked: str | None = None, most: int = 12, **about: Any) -> str:
    """The code by which the narrations are refused; empty when they are taken."""
    try:
        check_analysis(analysis(*narrations, **about), script, max_scenes=most, language=asked)
    except AttemptFailedError as error:
        return error.failure.code
    return ""


# ---- coverage: each row is a script, and scenes that do it justice -----------------------------------

HONEST = {
    "word for word": ("The sea is grey. It is dusk.", ["The sea is grey.", "It is dusk."], "en"),
    "other quotes and dashes": ('"Stop," he said - twice.', ["“Stop,” he said — twice."], "en"),
    "hyphens set or left out": (
        "A well-known twenty-one year old.",
        ["A well known twenty one year-old."],
        "en",
    ),
    "apostrophes": ("It's John’s. Don't.", ["It’s John's. Dont."], "en"),
    "numbers written out": (
        "In 1984 it cost 1,250 euros, said the old keeper.",
        ["In nineteen eighty four it cost one thousand two hundred fifty euros, said the old keeper."],
        "en",
    ),
    "case and spaces": ("THE END.\n\n\tReally.", ["The end. Really."], "en"),
    "directions left out": ("The sea.\n[[slow zoom]]\nThe sky.", ["The sea.", "The sky."], "en"),
    "a direction over lines": ("The sea. [[fault:\n429 image]] The sky.", ["The sea. The sky."], "en"),
    "a composed letter": ("Cafe\u0301 noir. Il dort.", ["Caf\u00e9 noir.", "Il dort."], "fr"),
    "full-width forms": (
        "ＡＩは２０２４年に来た。そして残った。",
        ["AIは2024年に来た。", "そして残った。"],
        "ja",
    ),
    "Chinese": ("灯塔立在海边。夜里它亮着。", ["灯塔立在海边。", "夜里它亮着。"], "zh"),
    "Arabic with and without vowel points": ("كَتَبَ مُحَمَّدٌ. ثم نام.", ["كتب محمد.", "ثم نام."], "ar"),
    "Hindi": ("यह एक किताब है। वह सोती है।", ["यह एक किताब है।", "वह सोती है।"], "hi"),
    "Thai": ("แมวนอน หมาวิ่ง", ["แมวนอน", "หมาวิ่ง"], "th"),
    "Korean": ("등대가 서 있다. 밤이 온다.", ["등대가 서 있다.", "밤이 온다."], "ko"),
    "Hebrew": ("המגדלור עומד. הלילה בא.", ["המגדלור עומד.", "הלילה בא."], "he"),
}


@pytest.mark.parametrize(("script", "scenes", "language"), HONEST.values(), ids=HONEST.keys())
def test_an_honest_division_is_taken(script: str, scenes: list[str], language: str) -> None:
    assert refused(script, *scenes, language=language) == ""


UNFAIR = {
    "a sentence of one word": ("Stop. The sea is grey and wide.", ["The sea is grey and wide."], "en"),
    "one of two alike": ("Stop. Stop. Go on now.", ["Stop. Go on now."], "en"),
    "a sentence that begins as the next": ("It is dark. It is cold.", ["It is cold."], "en"),
    "a sentence whose words meet in the next": ("Go now. Now run.", ["Now run."], "en"),
    "the end of a sentence": (
        "He lit the lamp and waited for the long night to pass.",
        ["He lit the lamp."],
        "en",
    ),
    "scenes in another order": ("Yes. No. Maybe.", ["No.", "Yes.", "Maybe."], "en"),
    "two words exchanged": ("The cat chased the dog.", ["The dog chased the cat."], "en"),
    "a translation": ("The sea is grey tonight.", ["Das Meer ist heute Nacht grau."], "en"),
    "an invented sentence": (
        "The sea is grey.",
        ["The sea is grey. And so the keeper lived happily ever after."],
        "en",
    ),
    "everything twice": (
        "The sea is grey and wide.",
        ["The sea is grey and wide. The sea is grey and wide."],
        "en",
    ),
    "a summary": (
        "The keeper climbs the stairs, lights the lamp, and writes in her book until morning.",
        ["The keeper works at night."],
        "en",
    ),
    "a Chinese sentence": ("灯塔立在海边。夜里它亮着。", ["灯塔立在海边。"], "zh"),
    "a Japanese sentence among long ones": (
        "灯台が立っている。雨。そして夜が来た。",
        ["灯台が立っている。そして夜が来た。"],
        "ja",
    ),
    "a Hindi sentence": ("वह आई। यह एक किताब है।", ["यह एक किताब है।"], "hi"),
    "an Arabic sentence": ("جاء الليل. البحر رمادي.", ["البحر رمادي."], "ar"),
    "Hindi words with other vowels": (
        "किताब मेज़ पर है और चाबी किताब पर है।",
        ["कताब मेज पर हो ओर चाबी किताब पर ह।"],
        "hi",
    ),
}


@pytest.mark.parametrize(("script", "scenes", "language"), UNFAIR.values(), ids=UNFAIR.keys())
def test_a_division_that_loses_moves_or_adds_is_refused(
    script: str, scenes: list[str], language: str
) -> None:
    assert refused(script, *scenes, language=language) == "script_not_covered"


def test_the_failure_shows_the_lost_sentence() -> None:
    script = "The sea is grey. Nobody comes here any more. The lamp burns."
    with pytest.raises(AttemptFailedError) as caught:
        check_analysis(analysis("The sea is grey.", "The lamp burns."), script, max_scenes=12, language=None)
    assert "nobody comes here any more" in caught.value.failure.message
    assert caught.value.failure.details["lost_sentences"] == ["nobody comes here any more"]


SENTENCE = st.lists(st.text("abcdefgh", min_size=1, max_size=4), min_size=1, max_size=8).map(
    lambda words: " ".join(words).capitalize() + "."
)
SCRIPTS = st.lists(SENTENCE, min_size=2, max_size=12)


@given(SCRIPTS, st.data())
def test_any_division_of_a_script_at_its_sentences_is_taken(
    sentences: list[str], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sentences) - 1))))
    parts = [sentences[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentences)], strict=True)]
    scenes = [" ".join(part) for part in parts]
    assert refused(" ".join(sentences), *scenes, language="xx") == ""


@given(SCRIPTS, st.data())
def test_a_division_without_any_one_of_the_sentences_is_refused(
    sentences: list[str], data: st.DataObject
) -> None:
    lost = data.draw(st.integers(0, len(sentences) - 1))
    rest = " ".join(sentence for n, sentence in enumerate(sentences) if n != lost)
    assert refused(" ".join(sentences), rest, language="xx") == "script_not_covered"


@given(SCRIPTS, st.data())
def test_sentences_that_change_places_are_refused(sentences: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(sentences) - 2))
    moved = [*sentences[:n], sentences[n + 1], sentences[n], *sentences[n + 2 :]]
    words = [re.findall(r"\w+", " ".join(each).lower()) for each in (sentences, moved)]
    expected = "" if words[0] == words[1] else "script_not_covered"
    assert refused(" ".join(sentences), " ".join(moved), language="xx") == expected


@given(st.text(max_size=60), st.text(min_size=1, max_size=60).filter(str.strip))
def test_whatever_the_texts_the_answer_is_judged_and_nothing_breaks(script: str, narration: str) -> None:
    assert refused(script, narration, language="xx") in (
        "",
        "script_not_covered",
        "inconsistent_answer",
        "wrong_language",
    )


LONG = {
    "English": (
        "The keeper of light {n} climbs the stairs and writes what she has seen. ",
        "stairs",
        "steps",
        "en",
    ),
    "Chinese": ("第{n}盏灯的守望者登上楼梯并写下她所看到的一切。", "楼梯", "台阶", "zh"),
}


@pytest.mark.parametrize(("line", "word", "other", "language"), LONG.values(), ids=LONG.keys())
def test_a_script_of_fifty_thousand_characters_is_judged_in_a_moment(
    line: str, word: str, other: str, language: str
) -> None:
    lines = [line.format(n=n) for n in range(50_000 // len(line))]
    script = "".join(lines)[:50_000]
    slipped = script.replace(word, other, 20)
    halves = script[25_000:] + script[:25_000]
    began = time.process_time()
    assert refused(script, script, language=language) == ""
    assert refused(script, slipped, language=language) == ""
    assert refused(script, "".join(lines[:400] + lines[401:]), language=language) == "script_not_covered"
    assert refused(script, halves, language=language) == "script_not_covered"
    # Bounded by construction; a quadratic comparison of such texts takes minutes.
    assert time.process_time() - began < 20


# ---- language ---------------------------------------------------------------------------------------

DICKENS = (
    "It was the best of times, it was the worst of times, and we had everything before us that there was."
)


def test_the_language_asked_for_is_the_language_of_the_answer() -> None:
    assert refused("The sea.", "The sea.", language="de", asked="en") == "wrong_language"
    assert refused("The sea.", "The sea.", language="en-GB", asked="en") == ""
    assert refused("O mar.", "O mar.", language="pt_BR".replace("_", "-"), asked="pt-PT") == ""


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
    assert refused(script, script, language=said) == "wrong_language"


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
    assert refused(script, script, language=said) == ""


def test_a_title_in_other_letters_than_the_script_is_refused_unless_the_script_has_the_words() -> None:
    script = "Маяк стоит у моря. Он светит."
    assert refused(script, script, language="ru", title="The Lighthouse") == "wrong_language"
    assert refused(script, script, language="ru", title="Маяк") == ""
    brand = "У меня есть iPhone. Он светит."
    assert refused(brand, brand, language="ru", title="iPhone") == ""


# ---- scenes, directions -----------------------------------------------------------------------------


def test_more_scenes_than_asked_for_are_refused() -> None:
    assert refused("One. Two.", "One.", "Two.", most=1) == "wrong_scene_count"


def test_a_direction_that_would_be_spoken_is_refused() -> None:
    assert (
        refused("The sea.\n[[pan left]]\nThe sky.", "The sea. [[pan left]] The sky.") == "inconsistent_answer"
    )


MARKED_UP = (
    "# The Sea\n\n1. The <b>sea</b> is wide and grey &amp; cold.\n2. Ships cross it by night.\n\n"
    "NARRATOR: A lamp burns on the cliff.\n(softly)\nIt answers."
)


def test_a_narrator_who_leaves_out_markup_has_left_out_no_sentence() -> None:
    spoken = "The Sea The sea is wide and grey cold. Ships cross it by night. A lamp burns on the cliff."
    spoken += " It answers."
    assert refused(MARKED_UP, spoken) == ""
    assert refused(MARKED_UP, spoken.replace("Ships cross it by night. ", "")) == "script_not_covered"


def test_a_scene_without_a_word_is_refused() -> None:
    assert refused("The sea. 🚀 … The sky.", "The sea.", "🚀 …", "The sky.") == "inconsistent_answer"
    assert refused("The sea. 🚀 … The sky.", "The sea. 🚀 …", "The sky.") == ""


def test_a_letter_in_another_form_and_marks_of_direction_are_no_other_words() -> None:
    script = "葛\U000e0100飾区の\u200f辻\U000e0100さん。今日は晴れです。"
    assert refused(script, "葛飾区の辻さん。", "今日は晴れです。", language="ja") == ""


def test_a_link_in_double_brackets_is_words_of_the_script() -> None:
    script = "The [[Eiffel Tower]] stands in [[Paris (city)|Paris]] since 1889."
    assert refused(script, "The Eiffel Tower stands in Paris since 1889.") == ""
    assert refused(script, "The stands in since 1889.") == "script_not_covered"


def test_a_storyboard_has_one_frame_for_each_scene_in_order() -> None:
    def board(*scenes: int) -> Storyboard:
        return Storyboard.model_validate(
            {"style": "ink", "frames": [{"scene": n, "prompt": "a sea"} for n in scenes]}
        )

    check_storyboard(board(1, 2), 2)
    for wrong in ((1,), (2, 1), (1, 1), (1, 2, 3)):
        with pytest.raises(AttemptFailedError, match="wrong_scene_count"):
            check_storyboard(board(*wrong), 2)


def audio_plan(voice: str = "Kore", scenes: tuple[int, ...] = (1, 2), chord: str = "Am") -> AudioPlan:
    return AudioPlan.model_validate(
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
    check_audio_plan(audio_plan(), 2, VOICES)
    check_audio_plan(audio_plan(chord="Xyz9"), 2, VOICES)  # a paid plan is not refused for a chord
    for wrong, code in (
        (audio_plan(scenes=(2, 1)), "wrong_scene_count"),
        (audio_plan(voice="Alloy"), "inconsistent_answer"),
    ):
        with pytest.raises(AttemptFailedError, match=code):
            check_audio_plan(wrong, 2, VOICES)


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
