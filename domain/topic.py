"""A topic in place of a script: what the film is to be about, and the script that is written on it.

A script that is written here is an asset (``script``) from which the analysis is made. What it says stands in
the facts of that asset, as a scene's words stand in those of the analysis; the job's own script is empty.
"""

from collections.abc import Sequence
from math import ceil
from typing import Annotated, Any, Final, Literal, TypedDict

from pydantic import BeforeValidator, Field, field_validator

from domain.characters import cleaned
from domain.request import Request
from domain.script import WORDS_PER_MINUTE, Document, Text

USUAL_LENGTH_S: Final = 60
"""How long the film is to be where nobody says."""
LONGEST_LENGTH_S: Final = 1800
"""So much one answer holds, and a reader of the script reads."""
MOST_TOPIC_CHARACTERS: Final = 4_000
SPOKEN: Final = 0.9
"""The share of a film in which words are spoken."""
WORDS_A_SENTENCE: Final = 14
"""Spoken English, on the short side."""

ScriptOrigin = Literal["submitted", "topic", "translation"]
"""Where a film's words come from: its author submitted them, they are written on a topic, or translated from
those of an analysis that was made before."""

Few = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class Topic(Request):
    """What a script is to be written about, for whom, and how."""

    about: Annotated[str, Field(min_length=1, max_length=MOST_TOPIC_CHARACTERS)] = Field(
        description="What the film is to be about; points that must occur may be named"
    )
    audience: Few | None = Field(default=None, description="For whom it is, such as: children of ten")
    tone: Few | None = Field(default=None, description="How it is to sound, such as: warm and a little funny")

    @field_validator("about")
    @classmethod
    def _says_something(cls, about: str) -> str:
        if any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in about):
            raise ValueError("it holds characters that are not text (NUL or lone surrogates); remove them")
        about = cleaned(about).strip()
        if not any(ch.isalnum() for ch in about):
            raise ValueError("it names nothing; say in a few words what the film is to be about")
        return about


def _from_text(value: Any) -> Any:
    """A topic may be no more than a text."""
    return {"about": value} if isinstance(value, str) else value


AnyTopic = Annotated[Topic, BeforeValidator(_from_text, json_schema_input_type=str | Topic)]
"""As it is submitted: text, or what is known of it."""


class ScriptSource(Document):
    """Where a model says that it has a fact from. Nobody has looked."""

    fact: Text = Field(description="The fact as the script tells it, in a few words")
    source: Text = Field(description="Where it can be looked up: title and author, or institution; no links")


class WrittenScript(Document):
    """A script on a topic, as a model answers and as it is stored."""

    paragraphs: list[Text] = Field(
        min_length=1, description="The script, spoken word for word: plain sentences, nothing else"
    )
    sources: list[ScriptSource] = Field(
        default_factory=list,
        description="Where the facts it tells can be looked up, if any",
    )

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


class SourceFacts(TypedDict):
    fact: str
    source: str
    checked: bool
    """Always false: a model named it, and nothing here has looked."""


class ScriptFacts(TypedDict):
    """What stands of a written script in its event."""

    text: str
    sources: list[SourceFacts]


def script_facts(text: str, sources: Sequence[ScriptSource] = ()) -> ScriptFacts:
    named: list[SourceFacts] = [{"fact": s.fact, "source": s.source, "checked": False} for s in sources]
    return {"text": text, "sources": named}


def asked_words(length_s: float | None) -> int:
    """How many words a narrator speaks in a film of this length, between breaths and pauses."""
    return max(6, round((length_s or USUAL_LENGTH_S) * SPOKEN * WORDS_PER_MINUTE / 60))


def asked_sentences(length_s: float | None) -> int:
    return max(1, ceil(asked_words(length_s) / WORDS_A_SENTENCE))


def expected_script(script: str, topic: Topic | None, length_s: float | None) -> str:
    """The script; where one is to be written, a text as long as that is to be.

    By it everything is reckoned that goes by length.
    """
    if topic is None:
        return script
    words, sentences = asked_words(length_s), asked_sentences(length_s)
    lengths = (words * (n + 1) // sentences - words * n // sentences for n in range(sentences))
    return " ".join(" ".join(["words"] * count) + "." for count in lengths)
