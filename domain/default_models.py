"""Which kinds of models a film may ask, and which model is asked where a submission names none."""

from typing import Literal

ModelKind = Literal["text", "image", "speech", "video", "music"]

DEFAULT_MODELS: dict[ModelKind, str] = {
    "text": "gemini-3.8-flash",
    "image": "gemini-nano-banana-2.1",
    "speech": "gemini-3.8-flash-tts",
    "video": "gemini-omni-1.2-flash",
    "music": "lyria-3.5",
}
ALWAYS_ASKED: tuple[ModelKind, ...] = ("text", "image", "speech")
"""Video is asked only where scenes move, music only where a job names its model: else it is synthesised."""
