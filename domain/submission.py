"""What a person or a program asks for: the script, the models, the options, the budget.

One class checks it for HTTP, the command line and tests alike, so that a wrong field reads the same
everywhere. Names and defaults are the public contract. Models are only named here; whether the provider
has them is checked at the door (``api/``), where the provider can be asked.
Longer than other modules, since all that may be asked is read in one place.
"""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired, Self, TypedDict

from pydantic import (
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from domain.characters import cleaned
from domain.default_models import DEFAULT_MODELS
from domain.given_scenes import MOST_CAST, MOST_SCENES, CastMember, Given, GivenScene, fault_at, script_of
from domain.options import MOST_IMAGES, CaptionStyle, Options
from domain.plain import faults
from domain.request import Files, Named, Request, or_a_name
from domain.script import LANGUAGE_TAG, MAX_SCRIPT_CHARACTERS
from domain.script_forms.reading import read_script
from domain.topic import LONGEST_LENGTH_S, AnyTopic, expected_script
from domain.webhook_request import WebhookRequest

__all__ = [
    "MOST_IMAGES",
    "CaptionStyle",
    "Files",
    "Models",
    "Options",
    "Priority",
    "Request",
    "Submission",
    "Weights",
]

Priority = Literal["high", "normal", "low"]

MAX_METADATA_BYTES = 16_384


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

    def named(self, options: "Options", scenes: Sequence[GivenScene] = ()) -> dict[str, str]:
        """Every model that a film with these options may ask, by kind; as it is recorded."""
        models = self.model_dump(exclude_none=True)
        if moves(options, scenes):
            models.setdefault("video", DEFAULT_MODELS["video"])
        return models


def moves(options: "Options", scenes: Sequence[GivenScene] = ()) -> bool:
    """Whether a model makes shots for such a film, of all of its scenes or of some."""
    return options.motion == "generated" or any(
        scene.motion == "generated" and scene.shot is None for scene in scenes
    )


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


def _either(schema: dict[str, Any]) -> None:
    """In place of a script there may be scenes, or a topic.

    A union of the three would be no object to the clients that are generated from it: words say it.
    """
    schema["required"] = [name for name in schema.get("required", ()) if name != "script"]


class Submission(Named):
    """A job as it is submitted; only one of ``script``, ``topic`` and ``scenes`` is required."""

    model_config = ConfigDict(json_schema_extra=_either)

    topic: AnyTopic | None = Field(
        default=None,
        description="What a script is to be written about, in place of one: text, or with its audience and "
        "tone. As long as options.target_duration_s (a minute if null), and in the topic's language if "
        "language is null. Unless options.review says otherwise, the job waits for approval of it",
    )
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
    scenes: Annotated[list[GivenScene], Field(min_length=1, max_length=MOST_SCENES)] | None = Field(
        default=None,
        description="A storyboard of your own in place of a script. Words, order and what is given stay as "
        "they are; the analysis adds what is missing",
    )
    cast: list[CastMember] = Field(
        default_factory=list,
        max_length=MOST_CAST,
        description="Characters as you see them; or the name under which a cast is kept",
        json_schema_extra=or_a_name,
    )
    max_cost_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="The job stops before it would spend more than this"
    )
    priority: Priority = "normal"
    webhook: WebhookRequest | None = Field(
        default=None,
        description="An endpoint for this job alone. Its secret, one for all of your jobs, is in the answer",
    )
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it was")
    allow_fallback: bool = Field(default=False, description="Must be false: nothing falls back here")

    @model_validator(mode="before")
    @classmethod
    def _scenes_are_a_script(cls, value: Any) -> Any:
        """What scenes say is the script; they are read as they are written, and make as many scenes."""
        if not isinstance(value, dict) or value.get("scenes") is None:
            return value
        scenes = value["scenes"] if isinstance(value["scenes"], list) else []
        texts = [scene.get("text") if isinstance(scene, dict) else None for scene in scenes]
        said = [text for text in texts if isinstance(text, str)]
        given, script = value.get("script"), script_of([cleaned(text) for text in said])
        if not read_script(script, "prose").says_something or len(script) > MAX_SCRIPT_CHARACTERS:
            script = "Words."  # what is wrong is said of the scenes, and nothing of a script
        if given is not None and given != script:
            told = "script and scenes are both given; give one of them"
            raise fault_at("Submission", ("scenes",), scenes, told)
        options = value.get("options", {})
        if isinstance(options, dict):
            as_written = {"script_form": "prose"} if options.get("script_form", "auto") == "auto" else {}
            if options.get("max_scenes") is None:
                options = {**options, "max_scenes": min(max(1, len(scenes)), MOST_SCENES)}
            options = {**options, **as_written}
        elif isinstance(options, Options):
            options = options.model_copy(update={"script_form": "prose"})
        return {**value, "script": script, "options": options}

    @model_validator(mode="before")
    @classmethod
    def _a_topic_is_written_about(cls, value: Any) -> Any:
        """Its script is empty until it is written, and then looked at by a person."""
        if not isinstance(value, dict) or value.get("topic") is None:
            return value
        for other in ("scenes", "script"):
            if value.get(other):
                told = f"{other} and topic are both given; give one of them"
                raise fault_at("Submission", ("topic",), value["topic"], told)
        options = value.get("options", {})
        if isinstance(options, Options):
            options = options.model_copy(update={"review": ("script",)} if options.review is None else {})
        elif isinstance(options, dict) and options.get("review") is None:
            options = {**options, "review": ["script"]}
        return {**value, "script": "", "options": options}

    @model_validator(mode="after")
    def _its_topic_fits(self) -> Self:
        length_s = self.options.target_duration_s
        if self.topic is not None and length_s is not None and length_s > LONGEST_LENGTH_S:
            told = f"a script on a topic is written for {LONGEST_LENGTH_S} s at the most; ask for less"
            raise fault_at("Submission", ("options", "target_duration_s"), length_s, told)
        return self

    @field_validator("scenes")
    @classmethod
    def _their_words_fit(cls, scenes: list[GivenScene] | None) -> list[GivenScene] | None:
        characters = len(script_of([scene.text for scene in scenes or ()]))
        if characters > MAX_SCRIPT_CHARACTERS:
            told = (
                f"together they have {characters:,} characters, and {MAX_SCRIPT_CHARACTERS:,} are allowed; "
                "shorten their texts, or make more than one film of them"
            )
            raise fault_at("Submission", (), f"{len(scenes or ())} scenes", told)
        return scenes

    @model_validator(mode="after")
    def _its_scenes_fit(self) -> Self:
        count = len(self.scenes or ())
        for name in ("max_scenes", "max_images"):
            most = getattr(self.options, name)
            if most is not None and most < count:
                told = f"there are {count} scenes; leave it out, or set it to {count} or more"
                raise fault_at("Submission", ("options", name), most, told)
        for place, scene in enumerate(self.scenes or ()):
            if scene.narration is not None and not self.options.has_narration:
                told = "there is no narration in this film; set narration and include_audio to true"
                raise fault_at("Submission", ("scenes", place, "narration"), scene.narration, told)
            if scene.motion == "generated" and scene.shot is None and self.options.aspect_ratio == "1:1":
                told = (
                    "no video model makes square shots; set aspect_ratio to 16:9 or 9:16, or motion to camera"
                )
                raise fault_at("Submission", ("scenes", place, "motion"), scene.motion, told)
        return self

    @model_validator(mode="after")
    def _its_cast_has_names(self) -> Self:
        known: set[str] = set()
        for number, member in enumerate(self.cast):
            name = member.name.strip().casefold()
            if name in known:
                told = "this character is in the cast already; name each once"
                raise fault_at("Submission", ("cast", number, "name"), member.name, told)
            known.add(name)
        return self

    @property
    def given(self) -> Given:
        """What its author brings beside, or in place of, a script."""
        files = self.files.model_dump(exclude_none=True)
        return Given(tuple(self.scenes or ()), tuple(self.cast), files, self.topic)

    @property
    def expected_script(self) -> str:
        """The script; where one is to be written, a text as long as that is to be."""
        return expected_script(self.script, self.topic, self.options.target_duration_s)

    @field_validator("script")
    @classmethod
    def _script_says_something(cls, script: str, info: ValidationInfo) -> str:
        if not script and info.data.get("topic", ...) is not None:
            return ""  # it is to be written
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
        if not reading.says_something and self.topic is None:
            told = (
                f"nothing in it can be said: read as {reading.form} it holds no word that is spoken; write "
                "at least one sentence, or set script_form to prose"
            )
            # The form stands among the options; what is wrong are the words.
            if self.scenes is not None:
                raise fault_at("Submission", ("scenes",), f"{len(self.scenes)} scenes", told)
            raise fault_at("Submission", ("script",), self.script, told)
        return self

    @model_validator(mode="after")
    def _its_music_is_heard(self) -> Self:
        if self.models.music is not None and not self.options.has_music:
            told = "there is no music to compose; set music and include_audio to true, or leave it out"
            raise fault_at("Submission", ("models", "music"), self.models.music, told)
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
