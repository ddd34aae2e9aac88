"""How ``reelog models`` shows voices: by who they sound like, or all of them, one a line."""

from typing import Any

from actors.gemini.voices import VOICES, offered_voices
from api.cli.text import Theme
from api.cli.voices import voices_summary, voices_table

PLAIN = Theme(colour=False)
LIBRARY = [{"id": f"voice_{n}", "description": "A young woman."} for n in range(150)]


def listed(library: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        voice._asdict() | {"models": ["gemini-3.8-flash-tts"] if voice.library else ["any-tts"]}
        for voice in offered_voices(library)
    ]


def test_all_prebuilt_voices_are_named_by_gender_and_age_and_the_library_is_counted() -> None:
    told = "\n".join(voices_summary(listed(LIBRARY), PLAIN))
    assert all(f"{voice} (" in told for voice in VOICES)
    assert "  female old    Gacrux (mature)" in told
    assert "150 more are in the provider's library, for gemini-3.8-flash-tts: reelog models --voices" in told
    assert "library" not in "\n".join(voices_summary(listed([]), PLAIN))


def test_each_voice_has_a_line() -> None:
    lines = list(voices_table(listed(LIBRARY), PLAIN))
    assert len(lines) == len(VOICES) + 150 + 2
    assert lines[0] == "Prebuilt: any-tts"
    assert "  voice_149      female, young, A young woman." in lines
