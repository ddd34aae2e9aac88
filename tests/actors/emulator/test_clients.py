"""Both of Google's SDKs talk to the emulator as they talk to Google."""

import asyncio
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types

from tests.actors.emulator.calling import IMAGE, SPEECH, TEXT, Caller

SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


async def _with_genai(url: str, version: str) -> tuple[Any, Any, Any, int]:
    async with httpx2.AsyncClient() as http:
        client = genai.Client(
            api_key="a-key",
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=url,
                api_version=version,
                httpx_async_client=http,
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )
        models = client.aio.models
        text = await models.generate_content(
            model=TEXT,
            contents="A story of the sea.",
            config={"response_mime_type": "application/json", "response_json_schema": SCHEMA},
        )
        image = await models.generate_content(
            model=IMAGE,
            contents="A lighthouse at dusk",
            config={"response_modalities": ["IMAGE"], "image_config": {"aspect_ratio": "9:16"}, "seed": 7},
        )
        speech = await models.generate_content(
            model=SPEECH,
            contents="Good evening.",
            config={
                "response_modalities": ["AUDIO"],
                "speech_config": {
                    "voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}},
                    "language_code": "en-US",
                },
                "store": False,
            },
        )
        listed = [model async for model in await models.list(config={"page_size": 7})]
        return text, image, speech, len(listed)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v1beta", "v1"])
def test_google_genai_gets_text_picture_and_speech(emulator: Caller, version: str) -> None:
    text, image, speech, models = asyncio.run(_with_genai(emulator.url, version))
    assert text.parsed == {"title": "title"}
    assert image.parts[0].inline_data.data[:3] == b"\xff\xd8\xff"
    assert speech.parts[0].inline_data.mime_type == "audio/wav"
    assert speech.usage_metadata.candidates_tokens_details[0].modality.value == "AUDIO"
    assert models == len(emulator.get(f"/{version}/models").json()["models"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_the_older_sdk_gets_text_picture_and_speech_over_rest(emulator: Caller) -> None:
    from google.ai import generativelanguage as glm  # noqa: PLC0415 - costs seconds, and only this test needs it

    client = glm.GenerativeServiceClient(
        transport="rest", client_options={"api_endpoint": emulator.url, "api_key": "a-key"}
    )

    def ask(model: str, **config: Any) -> Any:
        request = glm.GenerateContentRequest(
            model=f"models/{model}",
            contents=[glm.Content(role="user", parts=[glm.Part(text="The lighthouse by the sea.")])],
            generation_config=glm.GenerationConfig(**config),
        )
        return client.generate_content(request, retry=None, timeout=60)

    schema = glm.Schema(type_=glm.Type.OBJECT, properties={"title": glm.Schema(type_=glm.Type.STRING)})
    text = ask(TEXT, response_mime_type="application/json", response_schema=schema)
    assert text.candidates[0].content.parts[0].text == '{"title": "title"}'
    assert text.candidates[0].finish_reason.name == "STOP"
    image = ask(IMAGE, response_modalities=[glm.GenerationConfig.Modality.IMAGE])
    assert image.candidates[0].content.parts[0].inline_data.data[:3] == b"\xff\xd8\xff"
    speech = ask(SPEECH, response_modalities=[glm.GenerationConfig.Modality.AUDIO])
    assert speech.candidates[0].content.parts[0].inline_data.mime_type == "audio/wav"
    assert speech.usage_metadata.prompt_token_count > 0
