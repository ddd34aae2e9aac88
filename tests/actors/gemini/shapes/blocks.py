"""What the shapes are built of."""

import base64
import io
import json
import wave
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from PIL import Image

KEY = "AIzaSyA-made-up-key-of-the-usual-length"
Kind = Literal["text", "json", "image", "speech"]


@dataclass(frozen=True)
class Case:
    """What is sent, what it is asked to be, and what must be read of it (or why it must fail)."""

    words: str
    kind: Kind
    body: Any
    read: dict[str, Any] = field(default_factory=dict)
    cause: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def picture(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """Noise, so that the file's base64 holds every character of its alphabet."""
    pixels = np.random.default_rng(7).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def tone(seconds: float, rate: int) -> bytes:
    samples = np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 300 / rate) * 9_000
    return samples.astype("<i2").tobytes()


def wav(seconds: float, rate: int, channels: int = 1, width: int = 2) -> bytes:
    frames = np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 300 / rate) * 0.3
    both = np.repeat(frames, channels)
    data = {1: lambda: ((both + 1) * 127.5).astype(np.uint8), 2: lambda: (both * 32_767).astype("<i2")}
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data[width]().tobytes())
    return out.getvalue()


def inline(data: bytes, media_type: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}}


def answer(*parts: dict[str, Any], finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    one = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}
    return {"candidates": [one], "modelVersion": "gemini-shaped-001", "responseId": "r1", **more}


def events(*chunks: dict[str, Any], end: str = "\r\n\r\n") -> bytes:
    return "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}{end}" for chunk in chunks).encode()


def refused(message: str, code: Any, name: str | None, *details: dict[str, Any]) -> dict[str, Any]:
    error = {"code": code, "message": message, "status": name, "details": list(details)}
    return {"error": {key: value for key, value in error.items() if value not in (None, [])}}


PROXY = b"<!DOCTYPE html><html><title>Error 413 (Request Entity Too Large)!!1</title><p>Too large.</html>"
