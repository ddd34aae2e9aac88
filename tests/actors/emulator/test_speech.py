"""How the emulator speaks: audibly, unclipped, in many voices and languages, and only what is to be said."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from actors.emulator import speech
from actors.emulator.answers import spoken_text
from actors.emulator.generate_request import GenerateRequest
from actors.emulator.models import MODELS
from actors.emulator.tongues import tongues
from tests.actors.emulator.calling import OLD_SPEECH, SPEECH, Caller, pcm_of

SENTENCE = "The sea was calm, and the light was still burning."
IN_LANGUAGES = {
    "en-US": SENTENCE,
    "es": "El mar estaba en calma y la luz seguía encendida.",
    "fr-FR": "La mer était calme et la lumière brillait encore.",
    "de": "Das Meer war ruhig, und das Licht brannte noch.",
    "pt-BR": "O mar estava calmo e a luz ainda ardia.",
    "ja": "海は静かで、灯台の光はまだ燃えていた。",
    "zh": "海很平静，灯还亮着。",
    "hi": "समुद्र शांत था और रोशनी जल रही थी।",
    "ar": "كان البحر هادئا والنور ما زال مضاء.",
    "he": "הים היה שקט והאור עדיין דלק.",
    "yi": "דער ים איז געווען שטיל, און דאָס ליכט האָט נאָך געברענט.",
    "mn": "Далай тайван байсан бөгөөд гэрэл асаалттай хэвээр байв.",
    "xx": SENTENCE,
}


def test_there_are_the_thirty_prebuilt_voices_and_no_two_sound_alike() -> None:
    assert len(speech.VOICES) == 30
    sounds = {speech.speak("Good evening to you all.", name).tobytes() for name in speech.VOICES}
    assert len(sounds) == 30


@pytest.mark.parametrize("language", IN_LANGUAGES)
def test_every_language_is_spoken_at_a_plausible_pace_and_never_clips(language: str) -> None:
    samples = speech.speak(IN_LANGUAGES[language], "Kore", language)
    assert 1.0 < samples.size / speech.RATE < 12.0
    assert samples.dtype == np.int16
    assert 0.6 < np.abs(samples.astype(np.int32)).max() / 32767 < 0.75
    assert np.sqrt((samples.astype(float) ** 2).mean()) > 700


@pytest.mark.parametrize(
    ("pointed", "plain"),
    [
        ("הַיָּם הָיָה שָׁקֵט וְהָאוֹר עֲדַיִן דָּלַק.", "הים היה שקט והאור עדין דלק."),
        ("\ufb2aקט \ufb35היה בבית־ספר׀ הזה.", "שקט והיה בבית ספר הזה."),
    ],
)
def test_hebrew_with_points_takes_as_long_as_without(pointed: str, plain: str) -> None:
    lengths = [speech.speak(text, "Kore", "he").size for text in (pointed, plain)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.05)


def test_arabic_with_vowel_signs_takes_about_as_long_as_without() -> None:
    signed, plain = "كَانَ الْبَحْرُ هَادِئًا وَالنُّورُ مَا زَالَ مُضَاءً.", "كان البحر هادئا والنور ما زال مضاء."
    lengths = [speech.speak(text, "Kore", "ar").size for text in (signed, plain)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.3)


@pytest.mark.parametrize(
    "foreign",
    [
        "สวัสดีชาวโลก วันนี้อากาศดีมาก",
        "كان البحر هادئا",
        "הים היה שקט",
        "Жил-был старик у моря",
        "Μια φορά κι έναν καιρό",
        "むかしむかし、山で",
        "海很平静",
        "በአንድ ወቅት አንድ ዓሣ አጥማጅ ነበር",
        "ఒకప్పుడు ఒక జాలరి ఉండేవాడు",
        "တစ်ခါက တံငါသည်",
    ],
)
def test_what_is_quoted_in_other_letters_is_spoken_in_a_language_that_has_them(foreign: str) -> None:
    """Spelled, each took two to ten times as long, and a film was told that its speech is too long."""
    quoted = f"She said: “{foreign}” and left."
    alone = speech.speak(foreign, "Kore", tongues(foreign, "en")[0][1]).size
    around = speech.speak("She said: and left.").size
    assert alone < speech.speak(quoted).size < 1.5 * (alone + around)
    assert alone / speech.RATE < 7


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("A boat, 3 oars.", "en", [("A boat, 3 oars.", "en")]),
        ("“Да”, he said: да!", "en-US", [("“Да”, ", "ru"), ("he said: ", "en-US"), ("да!", "ru")]),
        ("Море спокійне", "uk", [("Море спокійне", "uk")]),
        ("山川は海へ。", "ja", [("山川", "zh"), ("は", "ja"), ("海", "zh"), ("へ。", "ja")]),
        ("La mer été", "fr", [("La mer été", "fr")]),
        ("1, 2 …", "de", [("1, 2 …", "de")]),
        ("  ", "en", []),
    ],
)
def test_each_part_of_a_text_is_spoken_by_who_can_read_it(
    text: str, language: str, pieces: list[tuple[str, str]]
) -> None:
    assert tongues(text, language) == pieces


def test_speech_from_many_threads_is_each_its_own() -> None:
    texts = ["word " * n for n in range(1, 13)]
    alone = [speech.speak(text).size for text in texts]
    with ThreadPoolExecutor(6) as pool:
        together = [samples.size for samples in pool.map(speech.speak, texts)]
    # A voice wavers by some samples from one time to the next; a word is thousands.
    assert together == pytest.approx(alone, abs=200)
    assert sorted(together) == together


def test_text_that_has_no_sound_is_an_error_and_not_silence() -> None:
    with pytest.raises(speech.SpeechError):
        speech.speak("   ")


def ask(model: str, text: str) -> GenerateRequest:
    return GenerateRequest(MODELS[model], {"contents": [{"parts": [{"text": text}]}]})


def test_a_directing_line_is_not_spoken_by_older_models_and_is_by_the_newest() -> None:
    directed = f"Read this warmly, at an easy pace:\n{SENTENCE}"
    assert spoken_text(ask(OLD_SPEECH, directed)) == SENTENCE
    assert spoken_text(ask(SPEECH, directed)) == directed
    assert spoken_text(ask(OLD_SPEECH, "She said: come in.")) == "She said: come in."


def test_tags_and_directions_are_not_spoken(emulator: Caller) -> None:
    plain = pcm_of(emulator.post(SPEECH, SENTENCE).json())
    tagged = pcm_of(emulator.post(SPEECH, f"<sigh> {SENTENCE} [[fault: 503 text]]").json())
    assert abs(len(tagged) - len(plain)) < len(plain) * 0.06


def test_a_style_on_the_part_is_taken_and_not_spoken(emulator: Caller) -> None:
    part = {"text": SENTENCE, "speechMetadata": {"style": "warm and slow"}}
    styled = emulator.post(SPEECH, body={"contents": [{"parts": [part]}]})
    plain = emulator.post(SPEECH, SENTENCE)
    assert len(pcm_of(styled.json())) == pytest.approx(len(pcm_of(plain.json())), abs=400)


def test_two_speakers_have_two_voices(emulator: Caller) -> None:
    def speaker(name: str, voice: str) -> dict[str, object]:
        return {"speaker": name, "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}

    def dialogue(second: str) -> bytes:
        several = {"speakerVoiceConfigs": [speaker("Mara", "Leda"), speaker("Keeper", second)]}
        config = {"speechConfig": {"multiSpeakerVoiceConfig": several}}
        return pcm_of(
            emulator.post(OLD_SPEECH, "Mara: Are you awake?\nKeeper: I am now.", config=config).json()
        )

    assert dialogue("Charon") != dialogue("Leda")


def test_without_its_extra_the_emulator_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(speech.SpeechError, match=r"espeakng-loader is not installed.*reelog\[emulator\]"):
        speech._loader.__wrapped__()


def test_a_request_for_speech_without_the_extra_is_answered_with_what_is_missing(
    emulator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise speech.VoiceMissingError("the emulator has no voice")

    monkeypatch.setattr(speech, "speak", missing)
    answer = emulator.post(SPEECH, SENTENCE)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "the emulator has no voice"
