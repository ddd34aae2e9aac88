"""Scenes and characters that an author brings: what the analysis keeps as it is given.

Who has a storyboard submits it as ``scenes`` in place of a script. Their texts, joined by empty lines, are
the job's script from then on, so that whatever reads a script (titles, notices, captions, estimates) needs to
know of nothing else; where one scene ends, and what its author gave for it, stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from domain.characters import cleaned
from domain.numbered_script import NumberedScript, number_sentences
from domain.request import Digest, Request
from domain.script_forms.reading import ScriptForm, read_script
from domain.topic import ScriptOrigin, Topic

MOST_SCENES = 100
MOST_CAST = 30

Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


def spoken_words(text: str) -> str:
    """The words of a scene, cleaned; ValueError where they cannot be said."""
    if any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in text):
        raise ValueError("it holds characters that are not text (NUL or lone surrogates); remove them")
    text = cleaned(text)
    if not read_script(text, "prose").says_something:
        raise ValueError("nothing in it can be said; write at least one sentence")
    return text


class GivenScene(Request):
    """One scene as its author brings it; what is left out the models add."""

    text: str = Field(min_length=1, description="The words that are spoken in it")
    visual: Words | None = Field(
        default=None,
        description="What is to be seen; such a scene has one picture. The analysis writes it if null",
    )
    image: Digest | None = Field(default=None, description="A picture of your own, by its file's digest")
    shot: Digest | None = Field(default=None, description="A clip of your own, by its file's digest")
    narration: Digest | None = Field(
        default=None, description="A voice-over of your own that says the text, by its file's digest"
    )
    motion: Literal["camera", "generated"] | None = Field(
        default=None, description="How this scene moves; as options.motion says if null"
    )

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        return spoken_words(text)

    @model_validator(mode="after")
    def _a_shot_moves(self) -> Self:
        if self.shot is not None and self.motion == "camera":
            told = "a clip is given for this scene, which moves by itself; leave out motion, or the shot"
            raise fault_at("GivenScene", ("motion",), self.motion, told)
        return self

    @property
    def has_one_picture(self) -> bool:
        """Whether the author says what is seen: once for the whole scene."""
        return any(given is not None for given in (self.visual, self.image, self.shot))

    @property
    def moves(self) -> Literal["camera", "generated"] | None:
        return "generated" if self.shot is not None else self.motion


class CastMember(Request):
    """A character as its author sees it; what is left out the analysis and the audio plan add."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")] = Field(
        description="As the script calls the character"
    )
    look: Words | None = Field(
        default=None, description="What the character looks like; goes before the model's"
    )
    image: Digest | None = Field(
        default=None,
        description="A picture of the character, by its file's digest: a reference for all pictures",
    )
    voice: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The character's voice, where the cast speaks"
    )


def fault_at(title: str, place: tuple[int | str, ...], value: Any, told: str) -> ValidationError:
    """A fault of a whole that is named where it is to be mended."""
    context = {"error": ValueError(told)}
    return ValidationError.from_exception_data(
        title, [{"type": "value_error", "loc": place, "input": value, "ctx": context}]
    )


def script_of(texts: Sequence[str]) -> str:
    """The script that scenes with these texts make."""
    return "\n\n".join(texts)


@dataclass(frozen=True)
class Given:
    """All that an author brought beside, or in place of, a script."""

    scenes: tuple[GivenScene, ...] = ()
    """Their words are the script."""
    cast: tuple[CastMember, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    """Digests of files, by their use."""
    topic: Topic | None = None
    """On which a script is to be written."""
    translated_from: str | None = None
    """The language of the words that were analysed, where the film is in another one."""

    def __bool__(self) -> bool:
        return any((self.scenes, self.cast, self.files, self.topic, self.translated_from))

    @property
    def outro_parameters(self) -> dict[str, str]:
        """What a recipe says of the film's ending: nothing where it has none of its own."""
        return {"outro": self.files["outro"]} if "outro" in self.files else {}

    @property
    def script_origin(self) -> ScriptOrigin:
        """Where the film's words come from."""
        if self.translated_from is not None:
            return "translation"
        return "submitted" if self.topic is None else "topic"

    def to_dict(self) -> dict[str, Any]:
        return {
            "scenes": [scene.model_dump(exclude_none=True) for scene in self.scenes],
            "cast": [member.model_dump(exclude_none=True) for member in self.cast],
            "files": self.files,
            **({"topic": self.topic.model_dump(exclude_none=True)} if self.topic else {}),
            **({"translated_from": self.translated_from} if self.translated_from else {}),
        }

    @classmethod
    def recorded(cls, value: dict[str, Any] | None) -> Self:
        """As it was accepted once, whatever is accepted today: a log is read for ever."""
        value = value or {}
        return cls(
            tuple(GivenScene.model_construct(**scene) for scene in value.get("scenes", ())),
            tuple(CastMember.model_construct(**member) for member in value.get("cast", ())),
            dict(value.get("files", {})),
            Topic.model_construct(**value["topic"]) if value.get("topic") else None,
            value.get("translated_from"),
        )


NOTHING_GIVEN = Given()


def number_scenes(
    scenes: Sequence[GivenScene], form: ScriptForm
) -> tuple[NumberedScript, list[tuple[int, int]]]:
    """The sentences of all scenes, numbered through; and of each scene its first and its last one.

    Scene by scene, so that no sentence goes on in the next one. What an author says of a picture is a
    direction for it.
    """
    numbered, ranges = NumberedScript(()), []
    for scene in scenes:
        before, paragraphs = (
            len(numbered.sentences),
            max((s.paragraph for s in numbered.sentences), default=0),
        )
        own = number_sentences(read_script(scene.text, form))
        sentences = [
            replace(
                sentence,
                number=before + sentence.number,
                paragraph=paragraphs + sentence.paragraph,
                spaced=sentence.spaced or (before > 0 and sentence.number == 1),
            )
            for sentence in own.sentences
        ]
        directions = [replace(direction, after=before + direction.after) for direction in own.directions]
        numbered = NumberedScript((*numbered.sentences, *sentences), (*numbered.directions, *directions))
        ranges.append((before + 1, len(numbered.sentences)))
    return numbered, ranges
