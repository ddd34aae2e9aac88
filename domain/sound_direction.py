"""What a model is asked of a film's sound, and how it answers: who speaks, not in which voice.

It says of every character whether it is a woman or a man, and how old, and who says what is quoted. Voices
are chosen by that (``actors/stages/casting/voices.py``), so that a character has the same one whenever it is
asked anew.
"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from domain.script import Document, Sound, Text, response_schema

Gender = Literal["female", "male", "neither"]
Age = Literal["child", "young", "adult", "old"]

NOBODY = "nobody"
"""Who says what the text gives to no character."""


class SpeakingPart(Document):
    """Who has a voice, as far as it tells how that should sound."""

    speaker: Text = Field(description="The character, as listed")
    gender: Gender = Field(description="As the character's look and the script tell; neither where none does")
    age: Age = Field(description="As the character's look and the script tell; adult where none does")


class QuotedBy(Document):
    quote: int = Field(ge=1, description="The quote's number")
    speaker: Text = Field(description=f"Who says it by the words around it; {NOBODY} where they do not tell")


class SoundDirection(Sound):
    """The narrator's voice, who else speaks, how scenes are spoken, and the music, as a model answers."""

    cast: list[SpeakingPart] = Field(default_factory=list, description="One for each character, in order")
    quotes: list[QuotedBy] = Field(default_factory=list, description="One for each quote, in order")


def sound_schema(
    scenes: int, voices: Sequence[str], speakers: Sequence[str] = (), quotes: int = 0
) -> dict[str, Any]:
    """The schema of a `SoundDirection` of so many scenes, told by one of these voices.

    Only where there are ``speakers`` does it describe them, and only where there are ``quotes`` say whose.
    """
    schema = response_schema(SoundDirection)
    for name, of, count in (("cast", "SpeakingPart", len(speakers)), ("quotes", "QuotedBy", quotes)):
        if count:
            schema["required"] = [*schema["required"], name]
            schema["properties"][name] |= {"minItems": count, "maxItems": count}
        else:
            del schema["properties"][name], schema["$defs"][of]
    if speakers:
        schema["$defs"]["SpeakingPart"]["properties"]["speaker"]["enum"] = list(speakers)
    if quotes:
        said = schema["$defs"]["QuotedBy"]["properties"]
        said["quote"]["maximum"], said["speaker"]["enum"] = quotes, [*speakers, NOBODY]
    schema["properties"]["deliveries"] |= {"minItems": scenes, "maxItems": scenes}
    schema["$defs"]["Delivery"]["properties"]["scene"]["maximum"] = scenes
    schema["properties"]["voice"]["enum"] = list(voices)
    music, cue = schema["$defs"]["MusicPlan"], schema["$defs"]["MusicCue"]
    # What may be left out often is; an empty list says that none is wanted.
    music["required"] = [*music["required"], "cues"]
    music["properties"]["cues"]["maxItems"] = scenes
    cue["properties"]["scene"]["maximum"] = scenes
    return schema
