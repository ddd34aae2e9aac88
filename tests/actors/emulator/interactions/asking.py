"""Asks the emulator for interactions over plain HTTP, and waits for what becomes of them."""

import base64
import io
import time
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image

from tests.actors.emulator.calling import Caller

OMNI, LYRIA = "gemini-omni-1.2-flash", "lyria-3.5"
ENDED_WITHIN_S = 60.0


def picture(width: int = 320, height: int = 180, colour: tuple[int, int, int] = (70, 120, 200)) -> str:
    """A small picture with something in it, as base64 PNG."""
    image = Image.new("RGB", (width, height), colour)
    image.paste((20, 40, 30), (0, height // 2, width, height))
    image.paste((250, 240, 200), (width // 3, height // 5, width // 3 + 30, height // 5 + 30))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def shot(**more: Any) -> dict[str, Any]:
    """A request for the shortest and smallest shot, in the background, from a picture."""
    body = {
        "model": OMNI,
        "input": [
            {"type": "image", "data": picture(), "mime_type": "image/png"},
            {"type": "text", "text": "<FIRST_FRAME> One continuous shot of the sea. The camera pushes in."},
        ],
        "response_format": {
            "type": "video",
            "aspect_ratio": "16:9",
            "resolution": "360p",
            "duration": "3s",
            "delivery": "uri",
        },
        "generation_config": {"seed": 7, "video_config": {"task": "image_to_video"}},
        "background": True,
        "store": True,
        "stream": False,
    }
    return body | more


@dataclass
class Asking:
    """Interactions of one emulator."""

    emulator: Caller

    def post(self, body: dict[str, Any], *, key: str | None = "a-key") -> httpx.Response:
        headers = {"x-goog-api-key": key} if key else {}
        return self.emulator.http.post(f"{self.emulator.url}/v1beta/interactions", json=body, headers=headers)

    def accepted(self, body: dict[str, Any]) -> str:
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def look(self, name: str) -> httpx.Response:
        return self.emulator.get(f"/v1beta/interactions/{name}", stream="false")

    def ended(self, name: str) -> dict[str, Any]:
        """The interaction once it is neither queued nor in progress."""
        until = time.monotonic() + ENDED_WITHIN_S
        while time.monotonic() < until:
            answer = self.look(name)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("application/json"):
                found: dict[str, Any] = answer.json() if answer.content else {}
                if found.get("status", "in_progress") not in {"queued", "in_progress"}:
                    return found
        raise AssertionError(f"{name} did not end")

    def made(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.ended(self.accepted(body))

    def cancel(self, name: str) -> httpx.Response:
        return self.emulator.http.post(
            f"{self.emulator.url}/v1beta/interactions/{name}/cancel", headers={"x-goog-api-key": "a-key"}
        )


def file_of(interaction: dict[str, Any]) -> str:
    """The path of the file that a shot left, without what downloads it."""
    uri = interaction["steps"][-1]["content"][0]["uri"]
    return "/v1beta/" + str(uri).split("/v1beta/")[1].removesuffix(":download?alt=media")
