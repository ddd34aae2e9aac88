"""The values that stages hand on: what was submitted, and what each document stage made of it.

These classes are the schema of the language model's answers (``response_schema``), the check of them, and
the form in which they are stored as blobs. They hold no behaviour beyond their own consistency; whether an
answer does justice to the script is judged where answers are judged (``actors/stages/checks/answers.py``).
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_SCRIPT_CHARACTERS = 50_000
WORDS_PER_MINUTE = 150
"""An unhurried narrator; used to estimate a scene's length before it is spoken."""

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""BCP 47, as far as it is needed to choose voices, fonts and line breaking."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Kind(StrEnum):
    """Every kind of asset, in the order in which a film comes about."""

    ANALYSIS = "analysis"
    STORYBOARD = "storyboard"
    IMAGE = "image"
    AUDIO_PLAN = "audio_plan"
    NARRATION = "narration"
    MUSIC = "music"
    CLIP = "clip"
    TRANSITION = "transition"
    SOUNDTRACK = "soundtrack"
    CAPTIONS = "captions"
    VIDEO = "video"
    POSTER = "poster"
    MANIFEST = "manifest"


class Stage(StrEnum):
    """The public names of the stages, in the order in which they are listed."""

    SCRIPT_ANALYSIS = "script_analysis"
    PROMPT_GENERATION = "prompt_generation"
    IMAGE_GENERATION = "image_generation"
    AUDIO_PLANNING = "audio_planning"
    NARRATION = "narration"
    MUSIC = "music"
    COMPOSITION = "composition"


STAGE_OF: dict[Kind, Stage] = {
    Kind.ANALYSIS: Stage.SCRIPT_ANALYSIS,
    Kind.STORYBOARD: Stage.PROMPT_GENERATION,
    Kind.IMAGE: Stage.IMAGE_GENERATION,
    Kind.AUDIO_PLAN: Stage.AUDIO_PLANNING,
    Kind.NARRATION: Stage.NARRATION,
    Kind.MUSIC: Stage.MUSIC,
    Kind.CLIP: Stage.COMPOSITION,
    Kind.TRANSITION: Stage.COMPOSITION,
    Kind.SOUNDTRACK: Stage.COMPOSITION,
    Kind.CAPTIONS: Stage.COMPOSITION,
    Kind.VIDEO: Stage.COMPOSITION,
    Kind.POSTER: Stage.COMPOSITION,
    Kind.MANIFEST: Stage.COMPOSITION,
}

PROVIDER_KINDS = frozenset({Kind.ANALYSIS, Kind.STORYBOARD, Kind.IMAGE, Kind.AUDIO_PLAN, Kind.NARRATION})
"""The kinds that are made by a paid provider call; all others are made here, for free."""


class SceneFacts(TypedDict):
    """What stands of a scene in the facts of an analysis."""

    scene: int
    text: str
    mood: str
    references: NotRequired[list[int]]
    """Earlier scenes whose pictures show characters that are seen here."""


class AnalysisFacts(TypedDict):
    """What is learnt of a script, and stands in the event of its analysis."""

    title: str
    language: str
    mood: str
    scenes: list[SceneFacts]


class Document(BaseModel):
    """A value that a language model wrote: unknown fields are ignored, missing ones are an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Character(Document):
    name: Text = Field(description="The character's name or role, as the script calls it")
    look: Text = Field(
        description="What the character looks like, in enough detail to draw it the same way twice"
    )


class Scene(Document):
    narration: Text = Field(
        description="The words to be spoken in this scene, taken from the script without change, in order"
    )
    visual: Text = Field(
        description="What is to be seen: subject, place, light, composition; no text in the picture"
    )
    mood: Text = Field(description="The mood of the scene in one to three words")
    characters: list[str] = Field(
        default_factory=list, description="Names of the characters that are seen, as listed in characters"
    )
    transition: Literal["crossfade", "cut", "fade"] = Field(
        default="crossfade",
        description="How the film goes over to the next scene: crossfade as a rule, cut where it startles or "
        "hurries on, fade (through black) where time passes or a chapter ends",
    )


class ScriptAnalysis(Document):
    """What the script is about, and its division into scenes (first scene first)."""

    title: Text = Field(description="A short title for the film, in the script's language")
    language: str = Field(
        pattern=LANGUAGE_TAG, description="BCP 47 tag of the script's language, such as en or pt-BR"
    )
    themes: list[Text] = Field(description="Two to five themes")
    mood: Text = Field(description="The mood of the whole, in one to three words")
    setting: Text = Field(description="Where and when it plays")
    palette: list[Text] = Field(description="Three to six colours that suit it, as #rrggbb")
    characters: list[Character] = Field(description="Characters that are seen; empty when there are none")
    scenes: list[Scene] = Field(
        min_length=1, description="The scenes in order; together they hold the whole script"
    )


class Frame(Document):
    scene: int = Field(ge=1, description="The scene's number, counted from 1")
    prompt: Text = Field(description="The complete prompt for this scene's image; it stands on its own")


class Storyboard(Document):
    """One image prompt for each scene, all carrying one style bible and character sheet."""

    style: Text = Field(description="The style bible: medium, light, colours, lens; the same for every image")
    frames: list[Frame] = Field(min_length=1, description="One frame for each scene, in order")


class Delivery(Document):
    scene: int = Field(ge=1, description="The scene's number, counted from 1")
    style: Text = Field(description="How the words are to be spoken: tone, pace, emphasis, in one phrase")
    pause_after_s: float = Field(
        ge=0,
        le=3,
        description="Silence after the last word, in seconds; 0.6 is usual, longer lets a thought sink in",
    )


class MusicSection(Document):
    name: Text = Field(description="intro, verse, build, climax, bridge or ending")
    bars: int = Field(ge=1, le=64, description="Length in bars of four beats")
    chords: list[Text] = Field(min_length=1, description="Chord names in order, such as Am, F, C, Gsus4, Dm7")
    intensity: float = Field(ge=0, le=1, description="0 hardly there, 1 full")


class MusicCue(Document):
    scene: int = Field(ge=1, description="The scene at whose beginning the cue is")
    cue: Literal["swell", "drop", "accent", "silence", "shimmer"] = Field(
        description="What the music does there"
    )


class MusicPlan(Document):
    mood: Text = Field(description="The mood of the music in one to three words")
    tempo_bpm: int = Field(ge=40, le=200, description="Beats a minute")
    key: Text = Field(description="Key, such as C major or A minor")
    instruments: list[Literal["piano", "strings", "pad", "bells", "bass", "plucked", "drums", "flute"]] = (
        Field(min_length=1, description="Two to five instruments")
    )
    sections: list[MusicSection] = Field(
        min_length=1, description="The sections in order, from intro to ending"
    )
    cues: list[MusicCue] = Field(default_factory=list, description="At most one cue for a scene")


class AudioPlan(Document):
    """One voice for the film, its delivery scene by scene, and the music."""

    voice: Text = Field(description="The name of one of the voices offered")
    deliveries: list[Delivery] = Field(min_length=1, description="One for each scene, in order")
    music: MusicPlan


def response_schema(document: type[Document]) -> dict[str, Any]:
    """The JSON schema to send as ``responseJsonSchema``; references are kept under ``$defs``."""
    return document.model_json_schema()
