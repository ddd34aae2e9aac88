"""The models that the emulator serves, with the behaviours that differ between their generations.

States are those published up to 2026-11: what is deprecated but routed elsewhere answers with the
``modelVersion`` it is routed to, as the real service does silently. Models that are shut down are absent and
answer 404, but for ``gemini-2.5-flash-image``, kept as the one that still answers with PNG.
"""

from dataclasses import dataclass
from typing import Any, Literal

ModelKind = Literal["text", "image", "speech", "video", "music", "transcription"]

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
EXTREME_RATIOS = ("1:4", "4:1", "1:8", "8:1")


@dataclass(frozen=True, kw_only=True)
class Model:
    """One model: its limits, and what it does with a request."""

    name: str
    display_name: str
    kind: ModelKind
    description: str
    input_tokens: int = 1_048_576
    output_tokens: int = 65_536
    preview: bool = False
    """Previews and ``-latest`` aliases exist on v1beta alone."""
    answers_as: str | None = None
    """The model that really answers, where requests are routed."""
    thinking: bool = True
    thinking_levels: tuple[str, ...] = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
    """The values of thinkingLevel that it takes; none: it takes budgets alone."""
    thinking_budgets: tuple[int, int] | None = (0, 24_576)
    """Least and most tokens of thinkingBudget; None: it takes levels alone."""
    can_skip_thinking: bool = True
    """Whether a budget of 0 is taken."""
    thinking_default: str = "MEDIUM"
    """How hard it thinks unless asked otherwise."""
    sampling: bool = True
    """Whether temperature, topP and topK are taken; 3.8 speech models reject them."""
    prefill: bool = False
    """Whether a request may end with the model's turn."""
    whole_wav: bool = False
    """Speech: a complete WAV file (3.8) instead of raw L16 (before)."""
    image_type: str = "image/jpeg"
    image_sizes: tuple[tuple[str, int], ...] = ()
    """Sizes on offer, each with the IMAGE tokens that one picture costs."""
    ratios: tuple[str, ...] = RATIOS
    seconds: tuple[float, float] = (0, 0)
    """Video: least and most seconds of a shot."""
    resolutions: tuple[tuple[str, int], ...] = ()
    """Video: resolutions on offer, each with the VIDEO tokens that a second costs."""
    song_seconds: float | None = None
    """Music: how long every song is; None: as its prompt says."""

    @property
    def version(self) -> str:
        """What ``modelVersion`` says."""
        return self.answers_as or self.name

    def public(self) -> dict[str, Any]:
        """The entry in ListModels."""
        entry: dict[str, Any] = {
            "name": f"models/{self.name}",
            "version": self.name.removeprefix("gemini-"),
            "displayName": self.display_name,
            "description": self.description,
            "inputTokenLimit": self.input_tokens,
            "outputTokenLimit": self.output_tokens,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
            "temperature": 1,
            "topP": 0.95,
            "topK": 64,
            "maxTemperature": 2,
        }
        if self.thinking:
            entry["thinking"] = True
        return entry


def _text(name: str, display: str, **more: Any) -> Model:
    return Model(name=name, display_name=display, kind="text", description=f"{display}: text, JSON", **more)


def _image(name: str, display: str, sizes: dict[str, int], **more: Any) -> Model:
    return Model(
        name=name,
        display_name=display,
        kind="image",
        description=f"{display}: images",
        input_tokens=131_072,
        output_tokens=32_768,
        image_sizes=tuple(sizes.items()),
        thinking_default="LOW",
        **more,
    )


def _speech(name: str, display: str, **more: Any) -> Model:
    return Model(
        name=name,
        display_name=display,
        kind="speech",
        description=f"{display}: speech",
        input_tokens=8_192,
        output_tokens=16_384,
        thinking=False,
        **more,
    )


def _video(name: str, display: str, most_s: float, resolutions: dict[str, int]) -> Model:
    return Model(
        name=name,
        display_name=display,
        kind="video",
        description=f"{display}: video with sound, by the Interactions API",
        input_tokens=131_072,
        output_tokens=260_640,
        ratios=("16:9", "9:16"),
        seconds=(3, most_s),
        resolutions=tuple(resolutions.items()),
    )


def _music(name: str, display: str, **more: Any) -> Model:
    return Model(
        name=name,
        display_name=display,
        kind="music",
        description=f"{display}: music",
        input_tokens=131_072,
        output_tokens=65_536,
        thinking=False,
        **more,
    )


_LEVELS_ALONE: dict[str, Any] = {
    "thinking_levels": ("LOW", "MEDIUM", "HIGH"),
    "thinking_budgets": None,
    "can_skip_thinking": False,
}
_FOUR_LEVELS: dict[str, Any] = _LEVELS_ALONE | {
    "thinking_levels": ("LOW", "MEDIUM", "HIGH", "XHIGH"),
    "thinking_default": "HIGH",
}
_PRO: dict[str, Any] = {
    "thinking_levels": ("LOW", "MEDIUM", "HIGH"),
    "thinking_budgets": (128, 32_768),
    "can_skip_thinking": False,
    "thinking_default": "HIGH",
}


def _budgets(least: int, most: int, *, skip: bool = True) -> dict[str, Any]:
    """Thinking as generation 2.5 takes it."""
    return {"thinking_levels": (), "thinking_budgets": (least, most), "can_skip_thinking": skip}


_ALL = (
    _text("gemini-4-carbon", "Gemini 4 Carbon", **_LEVELS_ALONE),
    _text("gemini-4-argon", "Gemini 4 Argon", **_LEVELS_ALONE),
    _text("gemini-4-hydrogen", "Gemini 4 Hydrogen", **_FOUR_LEVELS),
    _text("gemini-4-neon", "Gemini 4 Neon", **_LEVELS_ALONE, thinking_default="HIGH"),
    _text("gemini-3.8-flash", "Gemini 3.8 Flash"),
    _text("gemini-3.7-flash", "Gemini 3.7 Flash", answers_as="gemini-3.8-flash"),
    _text("gemini-3.6-flash", "Gemini 3.6 Flash"),
    _text("gemini-3.5-flash", "Gemini 3.5 Flash", answers_as="gemini-3.6-flash"),
    _text("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", prefill=True, thinking_default="MINIMAL"),
    _text("gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", prefill=True, thinking_default="MINIMAL"),
    _text("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", preview=True, prefill=True, **_PRO),
    _text("gemini-3-flash-preview", "Gemini 3 Flash Preview", preview=True, prefill=True),
    _text("gemini-2.5-pro", "Gemini 2.5 Pro", prefill=True, **_budgets(128, 32_768, skip=False)),
    _text("gemini-2.5-flash", "Gemini 2.5 Flash", prefill=True, **_budgets(0, 24_576)),
    _text("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", prefill=True, **_budgets(512, 24_576)),
    _text("gemini-flash-latest", "Gemini Flash Latest", preview=True, answers_as="gemini-3.8-flash"),
    _image(
        "gemini-nano-banana-2.1",
        "Nano Banana 2.1",
        {"1K": 1120, "2K": 1680, "4K": 2520},
        ratios=RATIOS + EXTREME_RATIOS,
    ),
    _image("gemini-3.1-flash-lite-image", "Nano Banana 2 Lite", {"1K": 1120}),
    _image("gemini-3-pro-image", "Nano Banana Pro", {"1K": 1120, "2K": 1120, "4K": 2000}),
    _image("gemini-2.5-flash-image", "Nano Banana", {"1K": 1290}, image_type="image/png", thinking=False),
    _speech("gemini-3.8-flash-tts", "Gemini 3.8 Flash TTS", whole_wav=True, sampling=False),
    _speech("gemini-3.8-flash-lite-tts", "Gemini 3.8 Flash-Lite TTS", whole_wav=True, sampling=False),
    _speech("gemini-3.1-flash-tts-preview", "Gemini 3.1 Flash TTS Preview", preview=True),
    _speech("gemini-2.5-flash-preview-tts", "Gemini 2.5 Flash Preview TTS", preview=True),
    _speech("gemini-2.5-pro-preview-tts", "Gemini 2.5 Pro Preview TTS", preview=True),
    _video(
        "gemini-omni-1.2-flash",
        "Gemini Omni 1.2 Flash",
        15,
        {"360p": 1931, "720p": 5792, "1080p": 8688, "4k": 17_376},
    ),
    # 1.1 counts a shot of 1080p as one of 720p: measured, whatever the price lists of others say.
    _video(
        "gemini-omni-1.1-flash",
        "Gemini Omni 1.1 Flash",
        10,
        {"360p": 1931, "720p": 5792, "1080p": 5792, "4k": 17_376},
    ),
    _music("lyria-3.5", "Lyria 3.5"),
    _music("lyria-3-clip-preview", "Lyria 3 Clip Preview", preview=True, song_seconds=30),
    Model(
        name="gemini-3.5-transcribe",
        display_name="Gemini 3.5 Transcribe",
        kind="transcription",
        description="Gemini 3.5 Transcribe: speech to text, by the Interactions API",
        input_tokens=131_072,
        thinking=False,
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in _ALL}


def served(version: str) -> list[Model]:
    """The models that one API version (``v1`` or ``v1beta``) lists, in their listed order."""
    return [model for model in _ALL if version == "v1beta" or not model.preview]
