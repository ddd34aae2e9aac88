"""Pictures and speech, whole and not."""

import base64

import numpy as np

from tests.actors.gemini.shapes.blocks import PROXY, Case, answer, events, inline, picture, tone, wav

SQUARE, WIDE = picture((48, 48)), picture((64, 36))
URL_SAFE = base64.urlsafe_b64encode(WIDE).decode()
WRAPPED = base64.encodebytes(WIDE).decode()
HALVES = tone(0.5, 24_000)[:12_001], tone(0.5, 24_000)[12_001:]
SPOKEN = "audio/L16;codec=pcm;rate=24000"
USED = {
    "promptTokenCount": 7,
    "candidatesTokenCount": 1518,
    "thoughtsTokenCount": 20,
    "totalTokenCount": 1545,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
SNAKE = {
    "candidates": [
        {
            "content": {
                "parts": [
                    {"inline_data": {"mime_type": "image/png", "data": base64.b64encode(WIDE).decode()}},
                ]
            },
            "finish_reason": "STOP",
        }
    ],
    "usage_metadata": {
        "prompt_token_count": 7,
        "candidates_token_count": 1518,
        "total_token_count": 1525,
        "candidates_tokens_details": [{"modality": "IMAGE", "token_count": 1120}],
    },
    "model_version": "gemini-shaped-001",
    "response_id": "r1",
}

IMAGES = [
    Case(
        "a PNG",
        "image",
        answer(inline(WIDE, "image/png"), usageMetadata=USED),
        {
            "size": (64, 36),
            "media_type": "image/png",
            "data": WIDE,
            "output": 1518,
            "tokens": {"IMAGE": 1120},
        },
    ),
    Case(
        "a JPEG called PNG",
        "image",
        answer(inline(picture((40, 24), "JPEG"), "image/png")),
        {"size": (40, 24), "media_type": "image/jpeg"},
    ),
    Case(
        "a WebP",
        "image",
        answer(inline(picture((40, 24), "WEBP"), "image/webp")),
        {"size": (40, 24), "media_type": "image/webp"},
    ),
    Case(
        "words, then a picture",
        "image",
        answer({"text": "Here: "}, inline(WIDE, "image/png"), {"text": "there."}),
        {"size": (64, 36), "text": "Here: there."},
    ),
    Case(
        "a draft in a thought, and a thought in words",
        "image",
        answer(
            inline(SQUARE, "image/png") | {"thought": True},
            {"text": "Hm.", "thought": True},
            inline(WIDE, "image/png") | {"thoughtSignature": "x" * 999},
        ),
        {"size": (64, 36), "text": ""},
    ),
    Case(
        "two pictures",
        "image",
        answer(inline(WIDE, "image/png"), inline(SQUARE, "image/png")),
        {"size": (64, 36), "data": WIDE},
    ),
    Case(
        "fields in the other spelling",
        "image",
        SNAKE,
        {"size": (64, 36), "tokens": {"IMAGE": 1120}, "response_id": "r1", "finish": "STOP"},
    ),
    Case(
        "base64 of the URL-safe alphabet, not padded",
        "image",
        answer({"inlineData": {"mimeType": "image/png", "data": URL_SAFE.rstrip("=")}}),
        {"size": (64, 36), "data": WIDE},
    ),
    Case(
        "base64 in lines",
        "image",
        answer({"inlineData": {"mimeType": "image/png", "data": WRAPPED}}),
        {"size": (64, 36), "data": WIDE},
    ),
    Case(
        "a media type in capitals",
        "image",
        answer(inline(WIDE, "IMAGE/PNG")),
        {"size": (64, 36), "media_type": "image/png"},
    ),
    Case(
        "a media type with a parameter", "image", answer(inline(WIDE, "image/png; q=1")), {"size": (64, 36)}
    ),
    Case(
        "no media type",
        "image",
        answer({"inlineData": {"data": base64.b64encode(WIDE).decode()}}),
        {"size": (64, 36), "media_type": "image/png"},
    ),
    Case(
        "bytes of no told kind", "image", answer(inline(WIDE, "application/octet-stream")), {"size": (64, 36)}
    ),
    Case(
        "pieces of a stream",
        "image",
        [answer({"text": "Here."}, finish=None), answer(inline(WIDE, "image/png"), usageMetadata=USED)],
        {"size": (64, 36), "text": "Here.", "tokens": {"IMAGE": 1120}},
    ),
    Case(
        "a picture at the token limit",
        "image",
        answer(inline(WIDE, "image/png"), finish="MAX_TOKENS"),
        cause="answer_truncated",
    ),
    Case(
        "a picture that is refused after all",
        "image",
        answer(inline(WIDE, "image/png"), finish="IMAGE_SAFETY"),
        cause="image_safety",
    ),
    Case(
        "no content, and a reason as a number",
        "image",
        {"candidates": [{"finishReason": 15}], "usageMetadata": {"thoughtsTokenCount": 240}},
        cause="image_other",
    ),
    Case(
        "words alone",
        "image",
        answer({"text": "I would rather not."}),
        {"message": "I would rather not."},
        cause="no_image",
    ),
    Case(
        "a file elsewhere",
        "image",
        answer({"fileData": {"mimeType": "image/png", "fileUri": "gs://b/x.png"}}),
        {"message": "fileData"},
        cause="no_image",
    ),
    Case("no data", "image", answer({"inlineData": {"mimeType": "image/png"}}), cause="malformed_image"),
    Case(
        "data that is no text",
        "image",
        answer({"inlineData": {"mimeType": "Image/PNG", "data": 7}}),
        cause="malformed_image",
    ),
    Case(
        "data that is not base64",
        "image",
        answer({"inlineData": {"mimeType": "image/png", "data": "%%%"}}),
        cause="malformed_image",
    ),
    Case("a picture that is cut", "image", answer(inline(WIDE[:-500], "image/png")), cause="malformed_image"),
    Case("a page called a picture", "image", answer(inline(PROXY, "image/png")), cause="malformed_image"),
]

SPEECHES = [
    Case(
        "raw samples",
        "speech",
        answer(
            inline(tone(0.5, 24_000), SPOKEN),
            usageMetadata={
                "candidatesTokenCount": 13,
                "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 13}],
            },
        ),
        {"seconds": 0.5, "rate": 24_000, "tokens": {"AUDIO": 13}},
    ),
    Case(
        "raw samples of an odd rate",
        "speech",
        answer(inline(tone(0.4, 11_025), "audio/l16; rate=11025; channels=1")),
        {"seconds": 0.4, "rate": 11_025},
    ),
    Case(
        "parameters in quotes and any order",
        "speech",
        answer(inline(tone(0.5, 16_000), 'audio/L16; rate="16000"; codec=pcm')),
        {"seconds": 0.5, "rate": 16_000},
    ),
    Case(
        "raw samples of no told rate",
        "speech",
        answer(inline(tone(0.5, 24_000), "audio/pcm")),
        {"seconds": 0.5, "rate": 24_000},
    ),
    Case(
        "two channels",
        "speech",
        answer(
            inline(
                np.repeat(np.frombuffer(tone(0.5, 24_000), "<i2"), 2).tobytes(),
                "audio/L16;rate=24000;channels=2",
            )
        ),
        {"seconds": 0.5, "rate": 24_000},
    ),
    Case("a WAV", "speech", answer(inline(wav(0.5, 24_000), "audio/wav")), {"seconds": 0.5, "rate": 24_000}),
    Case(
        "a WAV of 48 kHz in two channels",
        "speech",
        answer(inline(wav(0.5, 48_000, 2), "audio/x-wav")),
        {"seconds": 0.5, "rate": 48_000},
    ),
    Case(
        "a WAV of 8 bits",
        "speech",
        answer(inline(wav(0.5, 22_050, 1, 1), "audio/vnd.wave")),
        {"seconds": 0.5, "rate": 22_050},
    ),
    Case(
        "a WAV called raw",
        "speech",
        answer(inline(wav(0.5, 16_000), SPOKEN)),
        {"seconds": 0.5, "rate": 16_000},
    ),
    Case(
        "no media type",
        "speech",
        answer({"inlineData": {"data": base64.b64encode(wav(0.5, 24_000)).decode()}}),
        {"seconds": 0.5, "rate": 24_000},
    ),
    Case(
        "words beside it",
        "speech",
        answer({"text": "[laughs]"}, inline(tone(0.5, 24_000), SPOKEN)),
        {"seconds": 0.5},
    ),
    Case(
        "fields in the other spelling",
        "speech",
        answer({"inline_data": {"mime_type": SPOKEN, "data": base64.b64encode(tone(0.5, 24_000)).decode()}}),
        {"seconds": 0.5, "rate": 24_000},
    ),
    Case(
        "a stream cut within a sample",
        "speech",
        events(answer(inline(HALVES[0], SPOKEN), finish=None), answer(inline(HALVES[1], SPOKEN))),
        {"seconds": 0.5, "rate": 24_000},
    ),
    Case(
        "parts of two rates",
        "speech",
        answer(inline(tone(0.2, 24_000), SPOKEN), inline(tone(0.2, 16_000), "audio/L16;rate=16000")),
        cause="malformed_speech",
    ),
    Case("half a sample", "speech", answer(inline(tone(0.5, 24_000)[:-1], SPOKEN)), cause="malformed_speech"),
    Case(
        "a rate of zero",
        "speech",
        answer(inline(tone(0.5, 24_000), "audio/L16;rate=0")),
        cause="malformed_speech",
    ),
    Case("a picture in its place", "speech", answer(inline(WIDE, "image/png")), cause="no_speech"),
    Case("silence", "speech", answer(inline(bytes(24_000), SPOKEN)), cause="silent_speech"),
    Case(
        "an end for another reason, charged",
        "speech",
        {
            "candidates": [{"content": {}, "finishReason": "OTHER"}],
            "usageMetadata": {"promptTokenCount": 713, "candidatesTokenCount": 5516, "totalTokenCount": 6229},
        },
        {"used": 5516},
        cause="stopped_for_other_reason",
    ),
]
