"""Plain HTTP to talk to the emulator, and readers for what it answers."""

import base64
import io
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

TEXT, IMAGE, SPEECH, OLD_SPEECH = (
    "gemini-3.8-flash",
    "gemini-nano-banana-2.1",
    "gemini-3.8-flash-tts",
    "gemini-3.1-flash-tts-preview",
)
KEEPER = Path(__file__).with_name("keeper.txt").read_text(encoding="utf-8")


@dataclass
class Caller:
    """Calls one emulator as any HTTP client would."""

    url: str
    http: httpx.Client

    def post(
        self,
        model: str,
        text: str = "A lighthouse by the sea.",
        *,
        config: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        version: str = "v1beta",
        query: str = "",
        key: str | None = "a-key",
    ) -> httpx.Response:
        body = body or {
            "contents": [{"role": "user", "parts": [{"text": text}]}],
            "generationConfig": config or {},
        }
        headers = {"x-goog-api-key": key} if key else {}
        return self.http.post(
            f"{self.url}/{version}/models/{model}:generateContent{query}", json=body, headers=headers
        )

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(f"{self.url}{path}", params=params, headers={"x-goog-api-key": "a-key"})

    def set_faults(self, *faults: dict[str, Any]) -> None:
        self.http.put(f"{self.url}/emulator/faults", json=list(faults)).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/emulator/requests").json()["data"]
        return found


def text_of(answer: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in answer["candidates"][0]["content"]["parts"])


def bytes_of(answer: dict[str, Any]) -> tuple[str, bytes]:
    """Media type and bytes of the answer's first inline data."""
    parts = answer["candidates"][0]["content"]["parts"]
    data = next(part["inlineData"] for part in parts if "inlineData" in part)
    return data["mimeType"], base64.b64decode(data["data"])


def pcm_of(answer: dict[str, Any]) -> bytes:
    """The samples of a speech answer, WAV or raw."""
    kind, raw = bytes_of(answer)
    if kind != "audio/wav":
        return raw
    with wave.open(io.BytesIO(raw)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        return file.readframes(file.getnframes())
