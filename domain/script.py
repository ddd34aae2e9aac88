"""The values that stages hand on: what was submitted, and what each document stage made of it.

These classes are the schema of the language model's answers (``response_schema``), the check of them, and
the form in which they are stored as blobs. They hold no behaviour beyond their own consistency; whether an
answer does justice to the script is judged where answers are judged (``actors/stages/checks/answers.py``).
They stand together, longer than other modules, since each is made from those before it.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_SCRIPT_CHARACTERS = 50_000
WORDS_PER_MINUTE = 150
"""An unhurried narrator; used to estimate a scene's length before it is spoken."""

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""BCP 47, as far as it is needed to choose voices, fonts and line breaking."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Kind(StrEnum):
    """Every kind of asset, in the order in which a film comes about."""

    SCRIPT = "script"
    ANALYSIS = "analysis"
    STORYBOARD = "storyboard"
    IMAGE = "image"
    SHOT = "shot"
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

    SCRIPT_WRITING = "script_writing"
    SCRIPT_ANALYSIS = "script_analysis"
    PROMPT_GENERATION = "prompt_generation"
    IMAGE_GENERATION = "image_generation"
    VIDEO_GENERATION = "video_generation"
    AUDIO_PLANNING = "audio_planning"
    NARRATION = "narration"
    MUSIC = "music"
    COMPOSITION = "composition"


STAGE_OF: dict[Kind, Stage] = {
    Kind.SCRIPT: Stage.SCRIPT_WRITING,
    Kind.ANALYSIS: Stage.SCRIPT_ANALYSIS,
    Kind.STORYBOARD: Stage.PROMPT_GENERATION,
    Kind.IMAGE: Stage.IMAGE_GENERATION,
    Kind.SHOT: Stage.VIDEO_GENERATION,
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

PROVIDER_KINDS = frozenset(
    {
        Kind.SCRIPT,
        Kind.ANALYSIS,
        Kind.STORYBOARD,
        Kind.IMAGE,
        Kind.SHOT,
        Kind.AUDIO_PLAN,
        Kind.NARRATION,
    }
)
"""The kinds that are made by a paid provider call; all others are made here, for free."""
EITHER_KINDS = frozenset({Kind.MUSIC})
"""But for these: by a paid call where a job names a model for it, else here."""


class Document(BaseModel):
    """A value that a language model wrote: unknown fields are ignored, missing ones are an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Character(Document):
    name: Text = Field(description="The character's name or role, as the script calls it")
    look: Text = Field(
        description="What the character looks like, in enough detail to draw it the same way twice"
    )


Transition = Literal["crossfade", "cut", "fade"]


class Beat(Document):
    """One picture of a scene, which is seen while its words are spoken."""

    text: Text = Field(description="The words spoken while it is seen: a part of the scene's narration")
    visual: Text = Field(description="What is to be seen")
    characters: list[str] = Field(default_factory=list, description="Names of the characters that are seen")


class Scene(Document):
    narration: Text = Field(description="The words spoken in this scene: the author's own")
    visual: Text = Field(
        description="What is to be seen first: subject, place, light, composition; no text in the picture"
    )
    mood: Text = Field(description="The mood of the scene in one to three words")
    characters: list[str] = Field(default_factory=list, description="Names of the characters that are seen")
    transition: Transition = "crossfade"
    beats: list[Beat] = Field(
        default_factory=list, description="Its pictures in order; their words are its narration"
    )
    number: int | None = Field(
        default=None, description="For life; its place where the film was never edited"
    )
    camera: int | None = Field(
        default=None, description="Which picture of the film its first was: the camera's moves go by it"
    )
    voice: str | None = Field(default=None, description="Who speaks it, where that was chosen for it alone")
    own_visual: bool = Field(
        default=False, description="Whether its pictures are drawn from what is said here, where a person did"
    )

    @property
    def pictures(self) -> list[Beat]:
        """Its beats; one that is the whole scene where it was stored before there were beats."""
        return self.beats or [Beat(text=self.narration, visual=self.visual, characters=self.characters)]


class _Analysis(Document):
    title: Text = Field(description="A short title for the film, in the script's language")
    language: str = Field(
        pattern=LANGUAGE_TAG, description="BCP 47 tag of the script's language, such as en or pt-BR"
    )
    themes: list[Text] = Field(description="Two to five themes")
    mood: Text = Field(description="The mood of the whole, in one to three words")
    setting: Text = Field(description="Where and when it plays")
    palette: list[Text] = Field(description="Three to six colours that suit it, as #rrggbb")
    characters: list[Character] = Field(description="Characters that are seen; empty when there are none")


class ScriptAnalysis(_Analysis):
    """What the script is about, and its division into scenes (first scene first), as it is stored."""

    scenes: list[Scene] = Field(min_length=1, description="The scenes in the order in which they play")
    removed: list[Scene] = Field(default_factory=list, description="Those that a person took out")

    def numbered(self) -> "list[tuple[int, Scene]]":
        """The scenes that play, in order, each with its number."""
        return [(scene.number or place, scene) for place, scene in enumerate(self.scenes, 1)]

    def scene(self, number: int) -> Scene:
        """The scene of this number, which plays."""
        return next(scene for known, scene in self.numbered() if known == number)

    def first_picture(self, number: int) -> int:
        """Which picture of the film the first of this scene is, or was before the film was edited."""
        place = [known for known, _ in self.numbered()].index(number)
        before = sum(len(scene.pictures) for scene in self.scenes[:place]) + 1
        return self.scenes[place].camera or before


class AnnotatedBeat(Document):
    """One picture, as long as its sentences are spoken."""

    first: int = Field(ge=1, description="Number of the first sentence that is spoken while it is seen")
    last: int = Field(ge=1, description="Number of the last one; the next picture goes on with the next")
    visual: Text = Field(
        description="What is to be seen: subject, place, light, composition; no text in the picture"
    )
    characters: list[int] = Field(
        description="Which characters are seen, by their place in the list of characters, counted from 1"
    )


class AnnotatedScene(Document):
    mood: Text = Field(description="The mood of the scene in one to three words")
    beats: list[AnnotatedBeat] = Field(
        min_length=1, description="The scene's pictures in order; their ranges are the scene's sentences"
    )
    transition: Transition = Field(
        description="How the film goes over to the next scene: crossfade as a rule, cut where it startles or "
        "hurries on, fade (through black) where time passes or a chapter ends",
    )


class ScriptAnnotation(_Analysis):
    """What the script is about, and its scenes as ranges of its numbered sentences, as a model answers."""

    scenes: list[AnnotatedScene] = Field(
        min_length=1, description="The scenes in order; the ranges of their pictures hold every sentence once"
    )


class Frame(Document):
    scene: int = Field(ge=1, description="The scene's number, counted from 1")
    beat: int = Field(default=1, ge=1, description="Which of the scene's pictures it is, counted from 1")
    prompt: Text = Field(description="The complete prompt for this image; it stands on its own")
    characters: list[str] = Field(default_factory=list, description="Names of the characters that are seen")
    motion: Text | None = Field(default=None, description="What moves in it, where a shot is made of it")
    visual: Text | None = Field(default=None, description="What it was written from, of the analysis")


class Storyboard(Document):
    """One image prompt for each beat, all carrying one style bible and character sheet, as it is stored."""

    style: Text = Field(description="The style bible: medium, light, colours, lens; the same for every image")
    frames: list[Frame] = Field(min_length=1, description="One frame for each picture, in order")


class Shot(Document):
    """What is special to one picture."""

    scene: int = Field(ge=1, description="The scene's number, counted from 1")
    beat: int = Field(ge=1, description="Which of the scene's pictures it is, counted from 1")
    size: Literal["very wide shot", "wide shot", "medium shot", "close-up", "detail"] = Field(
        description="How near the viewer is"
    )
    angle: Literal[
        "at eye level", "from below", "from above", "straight from above", "from behind", "over a shoulder"
    ] = Field(description="From where the viewer looks")
    movement: Literal[
        "into the depth", "from left to right", "from right to left", "upwards", "downwards", "at rest"
    ] = Field(description="How the eye is led through the picture")
    picture: Text = Field(
        description="What only this picture shows, in flowing prose; characters as #1, #2; no style, no looks"
    )
    motion: Text | None = Field(
        default=None,
        description="What happens in the shot that begins with this picture: the camera's move, then what "
        "moves; characters as #1, #2; null where no shot is made of it",
    )


class ShotList(Document):
    """What all pictures have in common, and what is special to each, as a model answers."""

    style: Text = Field(description="Medium, light, colours, lens or line; the same for every picture")
    frames: list[Shot] = Field(min_length=1, description="One frame for each picture, in order")


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


class CastVoice(Document):
    speaker: Text = Field(description="The speaker, as listed")
    voice: Text = Field(description="The name of one of the voices offered, which speaks nobody else's lines")


class AudioPlan(Document):
    """The voices of the film, how its scenes are spoken, and the music."""

    voice: Text = Field(description="The name of one of the voices offered")
    cast: list[CastVoice] = Field(default_factory=list, description="One voice for each speaker, in order")
    deliveries: list[Delivery] = Field(min_length=1, description="One for each scene, in order")
    music: MusicPlan

    def delivery(self, scene: int) -> Delivery:
        """How the scene of this number is spoken; as the first one is, where the plan knows nothing of it."""
        found = next((one for one in self.deliveries if one.scene == scene), None)
        return found or self.deliveries[0].model_copy(update={"scene": scene})


def response_schema(document: type[Document]) -> dict[str, Any]:
    """The JSON schema to send as ``responseJsonSchema``; references are kept under ``$defs``."""
    return document.model_json_schema()


def shot_list_schema(beats: Sequence[int], moving: Sequence[bool] = ()) -> dict[str, Any]:
    """The schema of a `ShotList` of scenes with so many beats: a frame for each, no more and no less.

    Only where scenes are ``moving`` does it say what happens in a shot.
    """
    schema = response_schema(ShotList)
    shot = schema["$defs"]["Shot"]
    if any(moving):
        shot["required"] = [*shot["required"], "motion"]
    else:
        del shot["properties"]["motion"]
    if all(moving) and moving:
        shot["properties"]["motion"] = {
            "type": "string",
            "minLength": 1,
            "description": shot["properties"]["motion"]["description"],
        }
    schema["properties"]["frames"] |= {"minItems": sum(beats), "maxItems": sum(beats)}
    numbers = schema["$defs"]["Shot"]["properties"]
    numbers["scene"]["maximum"], numbers["beat"]["maximum"] = len(beats), max(beats)
    return schema


def audio_plan_schema(scenes: int, voices: Sequence[str], speakers: Sequence[str] = ()) -> dict[str, Any]:
    """The schema of an `AudioPlan` of so many scenes, spoken by these voices.

    Only where there are ``speakers`` does it give each of them a voice.
    """
    schema = response_schema(AudioPlan)
    if speakers:
        schema["required"] = [*schema["required"], "cast"]
        schema["properties"]["cast"] |= {"minItems": len(speakers), "maxItems": len(speakers)}
        member = schema["$defs"]["CastVoice"]["properties"]
        member["speaker"]["enum"], member["voice"]["enum"] = list(speakers), list(voices)
    else:
        del schema["properties"]["cast"], schema["$defs"]["CastVoice"]
    schema["properties"]["deliveries"] |= {"minItems": scenes, "maxItems": scenes}
    schema["$defs"]["Delivery"]["properties"]["scene"]["maximum"] = scenes
    schema["properties"]["voice"]["enum"] = list(voices)
    music, cue = schema["$defs"]["MusicPlan"], schema["$defs"]["MusicCue"]
    # What may be left out often is; an empty list says that none is wanted.
    music["required"] = [*music["required"], "cues"]
    music["properties"]["cues"]["maxItems"] = scenes
    cue["properties"]["scene"]["maximum"] = scenes
    return schema


_COUNTS_AND_BOUNDS = frozenset({"minItems", "maxItems", "minimum", "maximum"})


def without_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without counts and bounds, which make the most work for whoever holds an answer to it.

    An answer is checked for them all the same.
    """
    return {
        word: {name: without_bounds(each) for name, each in value.items()}
        if word in {"properties", "$defs"}
        else without_bounds(value)
        if isinstance(value, dict)
        else value
        for word, value in schema.items()
        if word not in _COUNTS_AND_BOUNDS
    }


def annotation_schema(sentences: int, scenes: int, images: int) -> dict[str, Any]:
    """The schema of a `ScriptAnnotation` of so many sentences in at most so many scenes and pictures."""
    schema = response_schema(ScriptAnnotation)
    schema["properties"]["scenes"]["maxItems"] = min(scenes, sentences)
    schema["$defs"]["AnnotatedScene"]["properties"]["beats"]["maxItems"] = min(images, sentences)
    for end in ("first", "last"):
        schema["$defs"]["AnnotatedBeat"]["properties"][end]["maximum"] = sentences
    return schema
