"""Which voices may be asked for: the prebuilt ones of all, a library and one's own of the newest."""

import pytest

from actors.gemini.gateway import Sdk
from actors.gemini.requests import speech_request
from actors.gemini.sdk_limits import unsupported
from actors.gemini.voices import VOICES, OfferedVoice, offered_voices
from domain.given_scenes import CastMember
from domain.submission import Options

NEW, OLD = "gemini-3.8-flash-tts", "gemini-2.5-flash-preview-tts"
CAST = [
    CastMember(name="Ann"),
    CastMember(name="Ben", voice="Kore"),
    CastMember(name="Cid", voice="Meridian"),
]
LIBRARY = frozenset({"Kore", "Meridian", "Harbour-2"})


def refused(
    voice: str, model: str = NEW, library: frozenset[str] = LIBRARY, sdk: Sdk = "google-genai"
) -> str | None:
    options = Options(voice=voice)
    found = dict(unsupported(sdk, {"speech": model}, options, None, ["speech"], library))
    return found.get("/options/voice")


@pytest.mark.parametrize(
    "voice", ["Kore", "Meridian", "Harbour-2", "voice_abc123def456", "voicekey_aGVsbG8="]
)
def test_the_newest_models_take_prebuilt_voices_those_of_the_library_and_ones_own(voice: str) -> None:
    assert refused(voice) is None
    assert refused(voice, "gemini-3.8-flash-lite-tts") is None
    assert refused(voice, "gemini-9-tts") is None, "what nobody knows may have a library"


@pytest.mark.parametrize("voice", ["Meridian", "voice_abc123def456", "voicekey_aGVsbG8="])
def test_older_models_and_the_old_sdk_take_the_prebuilt_ones_alone(voice: str) -> None:
    said = refused(voice, OLD)
    assert said is not None
    assert "gemini-3.8-flash-tts, gemini-3.8-flash-lite-tts take voices beside the prebuilt ones" in said
    assert refused("Kore", OLD) is None
    assert "google-genai" in str(refused(voice, OLD, sdk="google-generativeai"))


def test_a_name_that_no_list_has_is_refused_with_the_nearest_and_what_there_is() -> None:
    said = str(refused("meridan"))
    assert "did you mean Meridian?" in said
    assert "3 that the provider lists" in said
    assert "voice_" in said
    assert "did you mean Kore?" in str(refused("kore", library=frozenset()))
    assert "the voices are Zephyr" in str(refused("Nobody", library=frozenset()))
    assert "library" not in str(refused("Nobody", OLD))


@pytest.mark.parametrize("voice", ["voice_", "voicekey_", "voice_a b", "voice_a\nb", "Voice_abc"])
def test_what_only_begins_like_an_id_is_none(voice: str) -> None:
    assert refused(voice) is not None


def test_a_voice_that_is_not_prebuilt_is_named_as_such_on_the_wire() -> None:
    def said(voice: str) -> object:
        request = speech_request(NEW, "Hello.", voice=voice, style=None, language=None, max_output_tokens=9)
        return request.config["generationConfig"]["speechConfig"]["voiceConfig"]

    assert said("Kore") == {"prebuiltVoiceConfig": {"voiceName": "Kore"}}
    assert said("voice_abc") == {"voice": "voice_abc"}
    assert said("Meridian") == {"voice": "Meridian"}


def test_a_characters_voice_is_held_against_the_same_list_as_the_narrators() -> None:
    def faults(model: str, cast: list[CastMember]) -> dict[str, str]:
        options = Options(voices="cast")
        return dict(unsupported("google-genai", {"speech": model}, options, None, ["speech"], LIBRARY, cast))

    assert faults(NEW, CAST) == {}
    [(pointer, said)] = faults(OLD, CAST).items()
    assert pointer == "/cast/2/voice"
    assert said.startswith("cast.2.voice is 'Meridian'; only gemini-3.8-flash-tts")
    wrong = faults(
        NEW, [CastMember(name="Ann", voice="Carusso"), CastMember(name="Ben", voice="voice_mine1")]
    )
    assert list(wrong) == ["/cast/0/voice"]


def test_a_listed_voice_is_described_as_far_as_the_list_tells() -> None:
    listed = [
        {"id": "Kore"},
        {
            "id": "voice_a",
            "display_name": "Harbour",
            "description": "An elderly woman.",
            "language_code": "en-GB",
        },
        {"id": "voice_b", "gender": "male", "description": "Human, warm"},
        {"type": "replicated"},
    ]
    *prebuilt, first, second = offered_voices(listed)
    assert [voice.id for voice in prebuilt] == list(VOICES)
    assert {voice.age for voice in prebuilt} == {"young", "adult", "old"}
    assert first == OfferedVoice("voice_a", True, "Harbour", "female", "old", "en-GB", "An elderly woman.")
    assert (second.gender, second.age) == ("male", None)
