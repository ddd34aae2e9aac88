import base64
import json
from typing import Any

import jsonschema
import pytest

from actors.gemini.catalogue import MODELS
from actors.gemini.redact import redacted_raw, redacted_request
from actors.gemini.requests import Reference, image_request, speech_request, text_json_request
from actors.gemini.schema_subset import to_subset
from domain.script import AudioPlan, ScriptAnalysis, Storyboard, response_schema

DOCUMENTS = [ScriptAnalysis, Storyboard, AudioPlan]


def settings(request: Any) -> dict[str, Any]:
    found: dict[str, Any] = request.config["generationConfig"]
    return found


def every_request() -> list[Any]:
    requests: list[Any] = []
    for model in MODELS:
        if model.kind == "text":
            requests.append(
                text_json_request(model.name, "p", response_schema(Storyboard), max_output_tokens=9)
            )
        elif model.kind == "image":
            requests.append(
                image_request(model.name, "p", aspect_ratio="16:9", image_size="2K", max_output_tokens=9)
            )
        else:
            requests.append(
                speech_request(
                    model.name, "p", voice="Kore", style="warm", language="en-US", max_output_tokens=9
                )
            )
    return requests


@pytest.mark.parametrize("request_", every_request(), ids=lambda request: request.model)
def test_no_request_asks_for_what_some_model_rejects(request_: Any) -> None:
    sent = json.dumps(request_.config)
    for rejected in ("temperature", "topP", "topK", "systemInstruction", "thinkingBudget"):
        assert rejected not in sent
    assert request_.contents[-1]["role"] == "user"
    assert settings(request_)["maxOutputTokens"] == 9


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_keeps_its_meaning_without_the_words_that_the_api_does_not_take(document: Any) -> None:
    whole = response_schema(document)
    sent = settings(text_json_request("m", "p", whole, max_output_tokens=9))["responseJsonSchema"]
    jsonschema.Draft202012Validator.check_schema(sent)
    assert sent["required"] == whole["required"]
    assert set(sent["properties"]) == set(whole["properties"])
    assert set(sent.get("$defs", {})) == set(whole.get("$defs", {}))
    assert "minLength" not in json.dumps(sent)
    assert "minLength" in json.dumps(whole)


def test_a_property_that_is_called_like_a_word_of_the_schema_language_is_kept() -> None:
    schema = {
        "type": "object",
        "properties": {"pattern": {"type": "string", "minLength": 1}, "default": {"const": 1}},
    }
    sent = settings(text_json_request("m", "p", schema, max_output_tokens=9))["responseJsonSchema"]
    assert sent["properties"] == {"pattern": {"type": "string"}, "default": {"enum": [1]}}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_can_be_said_in_the_smaller_schema_language(document: Any) -> None:
    small = json.dumps(to_subset(response_schema(document)))
    for beyond in ("$ref", "$defs", "anyOf", "minLength", "default", "additionalProperties"):
        assert f'"{beyond}"' not in small


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "alternatives"),
        ({"type": ["string", "integer"]}, "alternatives"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}}, "itself"),
        ({"$ref": "#/$defs/Missing"}, "reference"),
        ({"enum": [1, 2]}, "names"),
        ({"type": "object", "patternProperties": {}}, "patternProperties"),
        ({"description": "anything"}, "type"),
    ],
)
def test_what_the_smaller_schema_language_cannot_say_is_refused(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_subset(schema)


def test_an_optional_text_becomes_a_nullable_one() -> None:
    optional = {"anyOf": [{"type": "string", "minLength": 2}, {"type": "null"}], "description": "A name"}
    assert to_subset(optional) == {
        "type": "STRING",
        "description": "A name (length at least 2)",
        "nullable": True,
    }


def test_references_go_before_the_prompt() -> None:
    request = image_request(
        "gemini-nano-banana-2.1",
        "The fox again",
        aspect_ratio="9:16",
        image_size="2K",
        max_output_tokens=9,
        references=[Reference(b"\x89PNG", "image/png")],
        seed=7,
    )
    picture, text = request.contents[0]["parts"]
    assert base64.b64decode(picture["inlineData"]["data"]) == b"\x89PNG"
    assert text == {"text": "The fox again"}
    assert settings(request)["imageConfig"] == {"aspectRatio": "9:16", "imageSize": "2K"}
    assert settings(request)["seed"] == 7


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("gemini-nano-banana-2.1", "4K", "4K"),
        ("gemini-3.1-flash-lite-image", "4K", "1K"),
        ("gemini-3.1-flash-lite-image", "1K", "1K"),
        ("gemini-2.5-flash-image", "2K", None),
        ("gemini-of-tomorrow-image", "2K", "2K"),
        ("gemini-nano-banana-2.1", None, None),
    ],
)
def test_a_size_is_asked_for_only_where_the_model_offers_it(
    model: str, asked: str | None, sent: str | None
) -> None:
    request = image_request(model, "p", aspect_ratio="1:1", image_size=asked, max_output_tokens=9)
    assert settings(request)["imageConfig"].get("imageSize") == sent


def speech(model: str, **more: Any) -> Any:
    given = {"voice": "Puck", "style": "calm and slow.", "language": None, "max_output_tokens": 9} | more
    return speech_request(model, "Read this: it is the text.", **given)


def test_newer_speech_models_get_the_text_alone_and_the_style_beside_it() -> None:
    [part] = speech("gemini-3.8-flash-tts").contents[0]["parts"]
    assert part == {"text": "Read this: it is the text.", "speechMetadata": {"style": "calm and slow"}}


def test_older_speech_models_get_the_style_as_one_line_before_the_text() -> None:
    [part] = speech("gemini-2.5-flash-preview-tts", style="calm\nand slow").contents[0]["parts"]
    assert part == {"text": "Read the following, calm and slow:\nRead this: it is the text."}


@pytest.mark.parametrize("model", ["gemini-3.8-flash-tts", "gemini-2.5-pro-preview-tts"])
@pytest.mark.parametrize("style", [None, "", "  "])
def test_without_a_style_the_text_stands_alone(model: str, style: str | None) -> None:
    assert speech(model, style=style).contents[0]["parts"] == [{"text": "Read this: it is the text."}]


@pytest.mark.parametrize(
    ("language", "sent"),
    [
        ("en-US", "en-US"),
        ("en-gb", "en-GB"),
        ("pt-BR", "pt-BR"),
        ("en", "en-US"),
        ("fr", "fr-FR"),
        ("de-AT", "de-DE"),
        ("es-MX", "es-US"),
        ("es", "es-ES"),
        ("ar-EG", "ar-XA"),
        ("zh-Hans", "cmn-CN"),
        ("zh", "cmn-CN"),
        ("zh-Hant-HK", None),
        ("sv-SE", None),
        ("fi", None),
        (None, None),
    ],
)
def test_a_language_is_sent_as_the_api_lists_it_and_detected_where_it_does_not(
    language: str | None, sent: str | None
) -> None:
    config = settings(speech("gemini-3.8-flash-tts", language=language))["speechConfig"]
    assert config.get("languageCode") == sent
    assert config["voiceConfig"] == {"prebuiltVoiceConfig": {"voiceName": "Puck"}}


# What is kept ------------------------------------------------------------------------------------------


def test_a_kept_answer_holds_digests_for_media_and_neither_signatures_nor_keys() -> None:
    data = bytes(range(256)) * 20
    body = {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "key AIzaSyA-made-up-key-of-the-usual-length"},
                        {
                            "inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()},
                            "thoughtSignature": "S" * 4000,
                        },
                    ]
                }
            }
        ],
        "brandNew": [1, None, "日本"],
    }
    kept = redacted_raw(json.dumps(body).encode())
    assert b"AIza" not in kept
    assert b"SSSS" not in kept
    value = json.loads(kept)
    assert value["brandNew"] == body["brandNew"]
    blob = value["candidates"][0]["content"]["parts"][1]["inlineData"]
    assert blob["mimeType"] == "image/png"
    assert blob["data"]["bytes"] == len(data)
    assert blob["data"]["digest"].startswith("sha256:")


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 99_999]
)
def test_what_is_no_json_is_kept_as_text(body: bytes) -> None:
    redacted_raw(body).decode()


def test_a_kept_request_tells_model_contents_and_settings() -> None:
    request = image_request(
        "m",
        "A fox",
        aspect_ratio="1:1",
        image_size="1K",
        max_output_tokens=9,
        references=[Reference(b"x" * 9000, "image/png")],
    )
    kept = json.loads(redacted_request(request))
    assert kept["model"] == "m"
    assert kept["generationConfig"] == request.config["generationConfig"]
    picture, text = kept["contents"][0]["parts"]
    assert picture["inlineData"]["data"]["bytes"] == 9000
    assert text == {"text": "A fox"}
