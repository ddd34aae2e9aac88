"""What the provider lists for a key; its voices are a help, and never keep its models from being known."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini import listing
from actors.gemini.catalogue import Catalogue
from actors.gemini.gateway import GatewaySettings, Sdk
from actors.gemini.listing import list_models_and_voices
from tests.actors.gemini.conftest import KEY

pytestmark = pytest.mark.slow

TTS = {"name": "models/gemini-3.8-flash-tts", "supportedGenerationMethods": ["generateContent"]}
MODELS = {"models": [TTS]}
VOICES = {"voices": [{"id": "Meridian", "type": "prebuilt"}, {"type": "replicated", "key": "voicekey_x"}]}


def listed(runner: asyncio.Runner, scripted: Any, sdk: Sdk = "google-genai") -> tuple[list[Any], list[Any]]:
    settings = GatewaySettings(SecretStr(KEY), scripted.url, sdk=sdk)
    return runner.run(list_models_and_voices(settings))


def answer(scripted: Any, voices: Any) -> None:
    scripted.answers = {
        "/v1beta/voices": voices,
        "/v1beta/models": scripted.script(200, json.dumps(MODELS).encode()),
    }


def test_models_and_voices_are_listed_side_by_side(runner: asyncio.Runner, scripted: Any) -> None:
    answer(scripted, scripted.script(200, json.dumps(VOICES).encode()))
    models, voices = listed(runner, scripted)
    catalogue = Catalogue(models, date(2026, 11, 28), voices)
    assert catalogue.fit("speech") == ["gemini-3.8-flash-tts"]
    assert catalogue.voices == {"Meridian"}


@pytest.mark.parametrize("how", [{"status": 403, "body": b"{}"}, {"hang": True}, {"hang_up": True}])
def test_without_voices_there_are_models(
    how: dict[str, Any], runner: asyncio.Runner, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "VOICES_PATIENCE_S", 0.2)
    answer(scripted, scripted.script(**how))
    models, voices = listed(runner, scripted)
    assert (len(models), voices) == (1, [])


def test_an_sdk_that_has_no_library_is_not_asked_for_it(runner: asyncio.Runner, scripted: Any) -> None:
    answer(scripted, scripted.script(200, json.dumps(VOICES).encode()))
    _, voices = listed(runner, scripted, "google-generativeai")
    assert voices == []
    assert not [asked for asked in scripted.asked if "voices" in asked.path]
