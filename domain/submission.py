"""What a person or a program asks for: the script, the models, the options, the budget.

One class checks it for HTTP, the command line and tests alike, so that a wrong field reads the same
everywhere. Names and defaults are the public contract. Models are only named here; whether the provider
has them is checked at the door (``api/``), where the provider can be asked.
"""

import json
import re
from typing import Annotated, Any, Literal, NotRequired, Self, TypedDict

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from domain.characters import cleaned
from domain.default_models import DEFAULT_MODELS
from domain.plain import faults
from domain.script import LANGUAGE_TAG, MAX_SCRIPT_CHARACTERS
from domain.script_forms.reading import ScriptForm, read_script

Priority = Literal["high", "normal", "low"]

MAX_METADATA_BYTES = 16_384
MOST_IMAGES = 150
"""As many as one answer can describe. A film of more than 17 minutes shows them for longer."""
MOST_PATIENCE_S = 86_400
"""A day: what has not passed by then needs a person."""


class Request(BaseModel):
    """A part of a request: an unknown field is an error, because ignoring it would be a silent fallback.

    Types are those of JSON: ``true`` is no number (as a budget it would read as one dollar).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Models(Request):
    """The model for each kind of call; a missing one is filled with the shipped default before acceptance."""

    text: str = Field(
        default=DEFAULT_MODELS["text"], min_length=1, description="Writes analysis, storyboard, audio plan"
    )
    image: str = Field(
        default=DEFAULT_MODELS["image"], min_length=1, description="Draws the pictures of each scene"
    )
    speech: str = Field(default=DEFAULT_MODELS["speech"], min_length=1, description="Speaks the narration")
    video: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Makes shots of the pictures, where options.motion is generated; null is the shipped "
        f"default ({DEFAULT_MODELS['video']}), and it is asked only then",
    )
    music: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Composes the music, for its price a song; null is the synthesiser, which costs nothing",
    )

    def named(self, options: "Options") -> dict[str, str]:
        """Every model that a film with these options may ask, by kind; as it is recorded."""
        models = self.model_dump(exclude_none=True)
        if options.motion == "generated":
            models.setdefault("video", DEFAULT_MODELS["video"])
        return models


class Weights(TypedDict):
    """What progress is counted by, fixed when a job is accepted (``domain/progress.py``)."""

    seconds: dict[str, float]
    """How long one asset takes, by its kind."""
    scenes: int
    """As many as are expected; what the analysis finds takes its place."""
    images: NotRequired[int]
    """So too; as many as scenes where a job was accepted before a scene could have several."""
    measured: bool
    """Whether every kind that the film needs has been measured: only then is a remaining time told."""


class Options(Request):
    """How the film is to be made."""

    aspect_ratio: Literal["16:9", "9:16", "1:1"] = "16:9"
    resolution: Literal["720p", "1080p", "2160p"] = Field(default="720p", description="Names the short side")
    quality: Literal["low", "medium", "high"] = Field(
        default="medium", description="Encoder preset and image size"
    )
    fps: Literal[24, 25, 30, 60] = 30
    target_duration_s: Annotated[float, Field(ge=1, le=3600)] | None = None
    max_scenes: int = Field(default=12, ge=1, le=100)
    max_images: Annotated[int, Field(ge=1, le=MOST_IMAGES)] | None = Field(
        default=None,
        description="The most pictures that are drawn; null is one for about 7 s of film. With fewer than "
        "max_scenes there are no more scenes than pictures",
    )
    motion: Literal["camera", "generated"] = Field(
        default="camera",
        description="What moves: the camera over a still picture, or the picture itself, in a shot that a "
        "video model makes of it. Shots cost many times what all else does; estimate tells how much",
    )
    include_audio: bool = True
    narration: bool = True
    music: bool = True
    captions: Literal["burned", "sidecar", "none"] = "burned"
    captions_highlight: bool = Field(
        default=False, description="Burned captions show the word that is being spoken in an accent colour"
    )
    voice: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="A voice of the speech model; the audio plan picks one if null"
    )
    voices: Literal["narrator", "cast"] = Field(
        default="narrator",
        description="Who speaks: one narrator all words, or the cast its own lines, each character in one "
        "voice over the whole film, where the script names its speakers",
    )
    style: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="The look of the pictures, in words"
    )
    script_form: ScriptForm = Field(
        default="auto",
        description="How the script is read: auto finds out and says so; prose speaks all of it but "
        "[[directions]]; the others leave their own signs, directions and speakers' names unspoken",
    )
    on_lost_call: Literal["retry", "stop"] = Field(
        default="retry",
        description="What to do when a worker died with a call in flight that may have been billed",
    )
    patience_s: Annotated[float, Field(ge=0, le=MOST_PATIENCE_S, allow_inf_nan=False)] | None = Field(
        default=None,
        description="For how many seconds what costs nothing (an overloaded model, a rate limit, no network) "
        "is tried again, from its first failure; null is the server's setting (REELOG_PATIENCE)",
    )

    @field_validator("voice")
    @classmethod
    def _voice_needs_narration(cls, voice: str | None, info: ValidationInfo) -> str | None:
        if voice is not None and not (
            info.data.get("include_audio", True) and info.data.get("narration", True)
        ):
            raise ValueError("there is no narration to speak; set narration and include_audio to true")
        return voice

    @field_validator("voices")
    @classmethod
    def _the_cast_is_heard(cls, voices: str, info: ValidationInfo) -> str:
        if voices == "cast" and not (
            info.data.get("include_audio", True) and info.data.get("narration", True)
        ):
            raise ValueError("there are no lines to speak; set narration and include_audio to true")
        return voices

    @field_validator("motion")
    @classmethod
    def _shots_have_a_shape(cls, motion: str, info: ValidationInfo) -> str:
        if motion == "generated" and info.data.get("aspect_ratio") == "1:1":
            raise ValueError(
                "no video model makes square shots; set aspect_ratio to 16:9 or 9:16, or motion to camera"
            )
        return motion

    @classmethod
    def recorded(cls, options: dict[str, Any]) -> Self:
        """Options as they were accepted once, whatever is accepted today: a log is read for ever.

        Before there were forms, every script was read as prose.
        """
        options = {"script_form": "prose"} | options
        try:
            return cls.model_validate(options)
        except ValidationError:
            return cls.model_construct(**{n: v for n, v in options.items() if n in cls.model_fields})

    @property
    def has_narration(self) -> bool:
        return self.include_audio and self.narration

    @property
    def has_music(self) -> bool:
        return self.include_audio and self.music

    @property
    def has_sound(self) -> bool:
        """Whether the film has an audio track: what is neither spoken nor played needs none."""
        return self.has_narration or self.has_music


class Files(Request):
    """Material of one's own, by the digests of files that were sent before."""

    music: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")] | None = Field(
        default=None, description="The digest of a file that was sent to /v1/files: the film's music"
    )


class Submission(Request):
    """A job as it is submitted; only ``script`` is required."""

    script: str = Field(
        max_length=MAX_SCRIPT_CHARACTERS,
        description="The text the film is made from, spoken word for word. What stands in "
        "[[double brackets]] on a line of its own is a direction and is not spoken; inside a line the words "
        "in such brackets are. Of screenplays, dialogue, Markdown, subtitles and HTML the words are spoken "
        "and the signs are not, unless options.script_form is prose; notices say what was left out. Control "
        "characters are taken out",
    )
    language: str | None = Field(default=None, description="BCP 47 tag; found by the analysis if null")
    models: Models = Models()
    options: Options = Options()
    files: Files = Files()
    max_cost_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="The job stops before it would spend more than this"
    )
    priority: Priority = "normal"
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it was")
    allow_fallback: bool = Field(default=False, description="Must be false: nothing falls back here")

    @field_validator("script")
    @classmethod
    def _script_says_something(cls, script: str) -> str:
        if not script.strip():
            raise ValueError("the script is empty; write at least one sentence")
        if any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in script):
            raise ValueError(
                "the script holds characters that are not text (NUL or lone surrogates); remove them"
            )
        script = cleaned(script)
        if not read_script(script, "prose").says_something:
            raise ValueError(
                "nothing in it can be said: outside of directions it holds no letter and no digit; "
                "write at least one sentence"
            )
        return script

    @model_validator(mode="after")
    def _its_form_says_something(self) -> Self:
        reading = read_script(self.script, self.options.script_form)
        if not reading.says_something:
            told = (
                f"nothing in it can be said: read as {reading.form} it holds no word that is spoken; write "
                "at least one sentence, or set script_form to prose"
            )
            # The form stands among the options; what is wrong is the script.
            context = {"error": ValueError(told)}
            raise ValidationError.from_exception_data(
                "Submission",
                [{"type": "value_error", "loc": ("script",), "input": self.script, "ctx": context}],
            )
        return self

    @model_validator(mode="after")
    def _its_music_is_heard(self) -> Self:
        if self.models.music is not None and not self.options.has_music:
            told = "there is no music to compose; set music and include_audio to true, or leave it out"
            context = {"error": ValueError(told)}
            raise ValidationError.from_exception_data(
                "Submission",
                [
                    {
                        "type": "value_error",
                        "loc": ("models", "music"),
                        "input": self.models.music,
                        "ctx": context,
                    }
                ],
            )
        return self

    @field_validator("language")
    @classmethod
    def _language_is_a_tag(cls, language: str | None) -> str | None:
        if language is not None and not re.fullmatch(LANGUAGE_TAG, language):
            raise ValueError(
                "not a BCP 47 language tag; write one such as en, pt-BR or zh-Hant, or leave it out"
            )
        return language

    @field_validator("allow_fallback")
    @classmethod
    def _nothing_falls_back(cls, allow: bool) -> bool:
        if allow:
            raise ValueError(
                "there is no fallback: a stage that cannot do its work fails and says why; leave it false"
            )
        return allow

    @field_validator("metadata")
    @classmethod
    def _metadata_is_small(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        # It is stored and given back as JSON for ever, so it must be JSON: no NaN, no lone surrogates.
        for pointer, fault in faults(metadata):
            raise ValueError(f"metadata must be plain JSON; at {pointer or '/'}: {fault}")
        try:
            size = len(json.dumps(metadata, allow_nan=False, ensure_ascii=False).encode())
        except (TypeError, ValueError):
            raise ValueError("metadata must be plain JSON: finite numbers, text, lists, objects") from None
        if size > MAX_METADATA_BYTES:
            raise ValueError(f"metadata takes {size} bytes; at most {MAX_METADATA_BYTES} are kept")
        return metadata
