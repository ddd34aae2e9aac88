"""Which models there are, what each can do, and why one will not do for a stage.

Two sources: the list shipped here (from Google's changelog and deprecation pages up to 2026-11-28) knows
capabilities and dates, which the API does not tell; the provider's live list knows what this key may use
today. A model that only the live list knows is offered too, its kind read from its name and its actions, but
only for what both of them say: whatever else it may be, it is offered for nothing.

Dates matter because retired models do not fail: requests to them are answered, and charged, by another model.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from actors.gemini.gateway import Json
from actors.gemini.voices import offered_voices
from actors.gemini.wire import whole_number
from domain.default_models import DEFAULT_MODELS, ModelKind

Source = Literal["live", "shipped"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_RATIOS = _words("1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9")
_ALL_RATIOS = (*_RATIOS, "1:4", "4:1", "1:8", "8:1")
_FEWEST_REFERENCES = 3
"""As many as every model takes that takes any."""
_FILMED = ("16:9", "9:16")
_SECONDS = (3.0, 10.0)
"""What every video model makes in one call."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is known of a model. Token limits are None where no source tells."""

    name: str
    kind: ModelKind | None
    """None: it makes nothing that a stage here needs."""
    state: Literal["stable", "preview", "deprecated", "limited", "unknown"] = "stable"
    note: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    json_schema: bool = False
    aspect_ratios: tuple[str, ...] = ()
    image_sizes: tuple[str, ...] = ()
    """The sizes that may be asked for; none where there is no choice."""
    reference_images: int = 0
    """How many pictures may go along."""
    seed: bool = False
    multi_speaker: int = 0
    """How many voices one call may have beside a single one."""
    speech_metadata: bool = False
    """Whether the style goes beside the text; older models read it from a first line."""
    voice_library: bool = False
    """Whether it takes the voices of the provider's library and one's own beside the prebuilt ones."""
    tokens_per_second: Mapping[str, int] = field(default_factory=dict)
    """Of video, by resolution from the lowest up: what one second is charged as, at the most."""
    seconds: tuple[float, float] | None = None
    """The shortest and the longest that one call makes."""
    routed_to: str | None = None
    """The model that answers in its place from ``retires`` on."""
    retires: date | None = None
    """The first day on which it no longer answers itself."""

    @property
    def capabilities(self) -> dict[str, object]:
        """The model's abilities as they are shown to users."""
        shown = {
            "text": ("json_schema",),
            "image": ("aspect_ratios", "image_sizes", "reference_images", "seed"),
            "speech": ("multi_speaker", "speech_metadata", "voice_library"),
            "video": ("aspect_ratios", "resolutions", "seconds", "reference_images", "seed"),
            "music": ("seconds",),
        }
        names = shown.get(self.kind or "", ())
        limits = {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        values = {name: getattr(self, name) for name in names}
        return limits | {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    @property
    def resolutions(self) -> tuple[str, ...]:
        """Of video, the lowest first."""
        return tuple(self.tokens_per_second)

    def video_tokens(self, resolution: str, seconds: float) -> int | None:
        """The most that so many seconds of video are charged as; None where nobody knows."""
        each = self.tokens_per_second.get(resolution)
        return None if each is None else math.ceil(each * seconds)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model as it stands today."""

    model: Model
    available: bool
    why_not: str | None = None
    default: bool = False
    answered_by: str = ""
    """The model that answers a request to it today, and is charged."""

    @property
    def note(self) -> str | None:
        """What a person should know of it."""
        notes = [self.model.note] if self.model.note else []
        if self.model.routed_to and self.model.retires:
            notes.append(f"From {self.model.retires} on {self.model.routed_to} answers, and is charged")
        return ". ".join(notes) or None


class Catalogue:
    """The shipped list, merged with the provider's own where it could be had."""

    def __init__(self, live: Iterable[Json] | None, today: date, voices: Iterable[Json] = ()) -> None:
        """``live`` is what `Gateway.list_models` gives, or None when it could not be had.

        ``voices`` is what `Gateway.list_voices` gives; nothing where that could not be had.
        """
        self.offered_voices = offered_voices(voices)
        self.voices = frozenset(voice.id for voice in self.offered_voices if voice.library)
        self.source: Source = "shipped" if live is None else "live"
        listed = {_bare(str(entry.get("name", ""))): entry for entry in live or ()}
        known = {model.name: model for model in MODELS}
        models = [
            *MODELS,
            *(_from_listing(name, entry) for name, entry in listed.items() if name not in known),
        ]
        self._offers = {m.name: self._offer(m, listed if live is not None else None, today) for m in models}

    @property
    def offers(self) -> list[Offer]:
        """All models, known or listed."""
        return list(self._offers.values())

    def fit(self, kind: ModelKind, *, aspect_ratio: str | None = None) -> list[str]:
        """Return the names of the models that would do for a stage, the default first."""
        names = [
            name for name in self._offers if self.why_unfit(name, kind, aspect_ratio=aspect_ratio) is None
        ]
        return sorted(names, key=lambda name: name != DEFAULT_MODELS[kind])

    def why_unfit(self, name: str, kind: ModelKind, *, aspect_ratio: str | None = None) -> str | None:
        """Return why a model will not do for a stage that needs ``kind``; None when it will."""
        offer = self._offers.get(_bare(name))
        if offer is None:
            seen = (
                "the provider does not list it" if self.source == "live" else "it is not on the shipped list"
            )
            return f"{name} is unknown: {seen}"
        model = offer.model
        if not offer.available:
            return offer.why_not
        if model.kind != kind:
            makes = f"makes {model.kind}" if model.kind else "makes nothing that is needed here"
            return f"{name} {makes}, not {kind}"
        if kind == "text" and not model.json_schema:
            return f"{name} cannot answer in JSON by a schema"
        if aspect_ratio and model.aspect_ratios and aspect_ratio not in model.aspect_ratios:
            verb = "film" if kind == "video" else "draw"
            return f"{name} does not {verb} in {aspect_ratio}, only in {', '.join(model.aspect_ratios)}"
        return None

    def _offer(self, model: Model, listed: dict[str, Json] | None, today: date) -> Offer:
        why = _why_unavailable(model, listed, today)
        # Music is synthesised where no model is named for it.
        default = model.kind not in (None, "music") and DEFAULT_MODELS[model.kind] == model.name
        by = answering(model.name, today)
        return Offer(model=model, available=why is None, why_not=why, default=default, answered_by=by)


def find(name: str) -> Model | None:
    """Return what the shipped list knows of a model."""
    return _BY_NAME.get(_bare(name))


def answering(name: str, today: date) -> str:
    """Return the model that answers a request to this one: itself, or the one it is routed to by then."""
    model = find(name)
    if model is None or model.routed_to is None or model.retires is None or today < model.retires:
        return name
    return model.routed_to


def _why_unavailable(model: Model, listed: dict[str, Json] | None, today: date) -> str | None:
    if listed is not None:
        entry = listed.get(model.name)
        if entry is None:
            return f"{model.name} is not on the list of models that the provider gives this key"
        if not _answers(model.kind, entry):
            return f"{model.name} does not offer generateContent"
        return None
    if model.retires is not None and today >= model.retires and model.routed_to is None:
        return f"{model.name} was shut down on {model.retires}"
    return None


def _answers(kind: ModelKind | None, entry: Json) -> bool:
    """Whether a listed model can be asked as its kind is asked; of interactions the list does not tell."""
    return kind == "video" or "generateContent" in _methods(entry)


def _methods(entry: Json) -> list[str]:
    methods = entry.get("supportedGenerationMethods")
    return [str(method) for method in methods] if isinstance(methods, list) else []


_MAKES: tuple[tuple[ModelKind, str], ...] = (
    ("video", "omni"),
    ("music", "lyria"),
    ("speech", "tts"),
    ("image", "image"),
    ("image", "banana"),
)
"""Words of names that tell what a model makes, the first that fits."""
_OTHER = frozenset(
    _words(
        "embedding embeddings embed aqa live native audio dialog realtime veo imagen robotics er computer "
        "use transcribe transcription asr stt translate translation guard moderation classifier rerank "
        "ranker deep research agent antigravity search"
    )
)
"""Words of names whose models make nothing that a stage here needs."""
_INTERACTIONS = frozenset({"generateContent", "createInteraction", "interactions"})


def _kind_by_listing(name: str, entry: Json) -> ModelKind | None:
    words = set(name.lower().replace(".", "-").replace("_", "-").split("-"))
    family = words & {"gemini", "lyria", "banana"}
    if not family or words & _OTHER:
        return None
    kind: ModelKind = next((kind for kind, word in _MAKES if word in words), "text")
    asked_by = _INTERACTIONS if kind == "video" else frozenset({"generateContent"})
    return kind if asked_by.intersection(_methods(entry)) else None


def _from_listing(name: str, entry: Json) -> Model:
    """Return a model that only the provider knows, by what its name and its actions tell."""
    kind = _kind_by_listing(name, entry)
    return Model(
        name=name,
        kind=kind,
        state="unknown",
        note="Known from the provider's list alone",
        input_tokens=whole_number(entry.get("inputTokenLimit")) or None,
        output_tokens=whole_number(entry.get("outputTokenLimit")) or None,
        json_schema=kind == "text",
        reference_images=_FEWEST_REFERENCES if kind in {"image", "video"} else 0,
        speech_metadata=kind == "speech",
        voice_library=kind == "speech",
        aspect_ratios=_FILMED if kind == "video" else (),
        seconds=_SECONDS if kind == "video" else None,
    )


def _bare(name: str) -> str:
    return name.removeprefix("models/")


def _text(name: str, **more: object) -> Model:
    facts: dict[str, object] = {"input_tokens": 1_048_576, "output_tokens": 65_536, "json_schema": True}
    return Model(name=name, kind="text", **(facts | more))  # type: ignore[arg-type]


def _image(name: str, **more: object) -> Model:
    facts: dict[str, object] = {
        "aspect_ratios": _RATIOS,
        "reference_images": _FEWEST_REFERENCES,
        "seed": True,
    }
    return Model(name=name, kind="image", **(facts | more))  # type: ignore[arg-type]


def _speech(name: str, **more: object) -> Model:
    return Model(name=name, kind="speech", multi_speaker=2, **more)  # type: ignore[arg-type]


def _video(name: str, longest_s: float, **more: object) -> Model:
    facts: dict[str, object] = {
        "aspect_ratios": _FILMED,
        "reference_images": 6,
        "seed": True,
        "seconds": (3.0, longest_s),
        "tokens_per_second": {"360p": 1_931, "720p": 5_792, "1080p": 8_688, "4k": 17_376},
    }
    return Model(name=name, kind="video", **(facts | more))  # type: ignore[arg-type]


_LIMITED = "Only for those who used it before 2026-09-18"
_SPEECH_LIMITS = {
    "input_tokens": 8_192,
    "output_tokens": 16_384,
    "speech_metadata": True,
    "voice_library": True,
}
_SIZES = ("1K", "2K", "4K")

MODELS: tuple[Model, ...] = (
    _text("gemini-3.8-flash"),
    _text("gemini-4-hydrogen", note="The cheapest of the fourth generation"),
    _text("gemini-4-argon", note="Since 2026-10-13"),
    _text("gemini-4-carbon", note="Since 2026-11-10; not in the free tier"),
    _text("gemini-4-neon", note="Since 2026-11-18; not in the free tier"),
    _text("gemini-3.7-flash", state="deprecated", routed_to="gemini-3.8-flash", retires=date(2026, 10, 8)),
    _text("gemini-3.6-flash"),
    _text("gemini-3.5-flash", state="deprecated", routed_to="gemini-3.6-flash", retires=date(2026, 10, 8)),
    _text("gemini-3.5-flash-lite"),
    _text("gemini-3.1-flash-lite"),
    _text("gemini-3.1-pro-preview", state="preview"),
    _text("gemini-3-flash-preview", state="preview"),
    _text("gemini-2.5-pro", state="limited", note=_LIMITED),
    _text("gemini-2.5-flash", state="limited", note=_LIMITED),
    _text("gemini-2.5-flash-lite"),
    _image("gemini-nano-banana-2.1", aspect_ratios=_ALL_RATIOS, image_sizes=_SIZES, reference_images=14),
    _image("gemini-3.1-flash-image", image_sizes=_SIZES, state="deprecated", retires=date(2026, 10, 29)),
    _image("gemini-3.1-flash-lite-image", image_sizes=("1K",)),
    _image("gemini-3-pro-image", image_sizes=_SIZES, reference_images=14),
    _image("gemini-2.5-flash-image", state="deprecated", retires=date(2026, 10, 2)),
    _speech("gemini-3.8-flash-tts", **_SPEECH_LIMITS),
    _speech("gemini-3.8-flash-lite-tts", **_SPEECH_LIMITS),
    _speech("gemini-3.1-flash-tts-preview", state="preview"),
    _speech("gemini-2.5-flash-preview-tts", state="preview"),
    _speech("gemini-2.5-pro-preview-tts", state="preview"),
    _video("gemini-omni-1.2-flash", 15.0, output_tokens=260_640),
    _video("gemini-omni-1.1-flash", 10.0),
    Model(name="gemini-3.5-transcribe", kind=None, note="Speech to text"),
    Model(name="lyria-3.5", kind="music", note="A song's length is asked for in words"),
    Model(name="lyria-3-clip-preview", kind="music", state="preview", seconds=(30.0, 30.0)),
)
_BY_NAME = {model.name: model for model in MODELS}
