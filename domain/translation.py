"""A film in another language: the words of its analysis, written anew scene by scene.

The analysis stays as it is, so that whatever was made from what it says of scenes, pictures and characters
stays too. What is spoken and read is made from the analysis with the words of the translation in their place.
A scene is translated in parts: one for each of its pictures and, within these, for each speaker, so that a
picture still comes with its words and a line stays with its voice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, NotRequired, TypedDict

from pydantic import Field

from domain.analysis_facts import AnalysisFacts, numbered_scenes
from domain.script import Document, ScriptAnalysis, Text, response_schema
from domain.spoken_lines import SpokenLine

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff00-\uffef\U00020000-\U000323af]"
)
"""Letters and signs of languages that set no words apart."""


class TranslatedText(Document):
    """The words of one part, as a model answers."""

    scene: int = Field(ge=1, description="The scene's number, as listed")
    part: int = Field(ge=1, description="The part's number within its scene, as listed")
    text: str = Field(description="The part's words in the other language, all of them, to be spoken")


class TranslatedName(Document):
    name: Text = Field(description="A name, as listed")
    written: Text = Field(description="How it is written in the translation, wherever it occurs")


class TranslatedWords(Document):
    """What a model answers."""

    title: Text = Field(description="The film's title in the other language")
    names: list[TranslatedName] = Field(default_factory=list, description="One for each name, in order")
    parts: list[TranslatedText] = Field(min_length=1, description="One for each part, in order")


class TranslatedPart(Document):
    beat: int = Field(ge=1)
    speaker: str | None = None
    text: Text


class TranslatedScene(Document):
    scene: int = Field(ge=1, description="Its number, for life")
    parts: list[TranslatedPart] = Field(min_length=1)

    @property
    def text(self) -> str:
        return joined([part.text for part in self.parts])

    def beats(self) -> list[str]:
        return [joined([part.text for part in own]) for _, own in groupby(self.parts, lambda part: part.beat)]

    def lines(self) -> list[SpokenLine]:
        """Who says what: the narrator where nobody is named."""
        return [
            SpokenLine(joined([part.text for part in own]), speaker)
            for speaker, own in groupby(self.parts, lambda part: part.speaker)
        ]


class Translation(Document):
    """As it is stored."""

    language: str
    translated_from: str
    title: Text
    names: list[TranslatedName] = Field(default_factory=list)
    scenes: list[TranslatedScene] = Field(min_length=1)

    @property
    def text(self) -> str:
        return "\n\n".join(scene.text for scene in self.scenes)

    def facts(self) -> "TranslationFacts":
        return {
            "language": self.language,
            "translated_from": self.translated_from,
            "title": self.title,
            "names": {name.name: name.written for name in self.names},
            "scenes": [{"scene": scene.scene, "text": scene.text} for scene in self.scenes],
        }


class TranslatedSceneFacts(TypedDict):
    scene: int
    text: str


class TranslationFacts(TypedDict):
    """What stands of a translation in its event. ``names``: as they were and as they are written now."""

    language: str
    translated_from: str
    title: str
    names: NotRequired[dict[str, str]]
    scenes: list[TranslatedSceneFacts]


@dataclass(frozen=True, slots=True)
class Part:
    """What is translated at once."""

    scene: int
    number: int
    beat: int
    speaker: str | None
    text: str


def parts_of(analysis: ScriptAnalysis, lines: Sequence[Sequence[SpokenLine]] = ()) -> list[Part]:
    """The parts of all scenes; ``lines`` say who speaks what of each scene, where that is of interest."""
    found: list[Part] = []
    for place, (number, scene) in enumerate(analysis.numbered()):
        spoken = lines[place] if lines else ()
        ends = list(accumulate(_letters(line.text) for line in spoken))
        speakers = [line.speaker for line in spoken]
        at, own = 0, 0
        for beat, picture in enumerate(scene.pictures, 1):
            for text in _cut(
                picture.text, [end - at for end in ends if at < end < at + _letters(picture.text)]
            ):
                own += 1
                speaker = next((who for who, end in zip(speakers, ends, strict=True) if at < end), None)
                found.append(Part(number, own, beat, speaker, text))
                at += _letters(text)
    return found


def completed(
    answer: TranslatedWords, analysis: ScriptAnalysis, parts: Sequence[Part], language: str
) -> Translation:
    """The translation as it is stored, from an answer that holds every part."""
    texts = {(one.scene, one.part): one.text for one in answer.parts}
    scenes = [
        TranslatedScene(
            scene=number,
            parts=[
                TranslatedPart(
                    beat=part.beat,
                    speaker=part.speaker,
                    text=" ".join(texts[part.scene, part.number].split()),
                )
                for part in own
            ],
        )
        for number, own in groupby(parts, lambda part: part.scene)
    ]
    return Translation(
        language=language,
        translated_from=analysis.language,
        title=" ".join(answer.title.split()),
        names=answer.names,
        scenes=scenes,
    )


def translated(analysis: ScriptAnalysis, translation: Translation) -> ScriptAnalysis:
    """The analysis with other words: what is seen, and by what names its pictures know whom, stays."""
    scenes = []
    for scene, words in zip(analysis.scenes, translation.scenes, strict=True):
        beats = [
            beat.model_copy(update={"text": text})
            for beat, text in zip(scene.beats, words.beats() if scene.beats else (), strict=True)
        ]
        scenes.append(scene.model_copy(update={"narration": words.text, "beats": beats}))
    about = {"title": translation.title, "language": translation.language}
    return analysis.model_copy(update={**about, "scenes": scenes})


def is_translation(facts: Mapping[str, Any]) -> bool:
    """Whether these are facts of a translation, not of a script on a topic."""
    return "translated_from" in facts


def translated_facts(analysis: AnalysisFacts, facts: Mapping[str, Any]) -> AnalysisFacts:
    """What is learnt of a script, in the words of its translation; a scene that it has not, in its own."""
    texts = {scene["scene"]: scene["text"] for scene in facts["scenes"]}
    own = numbered_scenes(analysis)
    scenes = [{**scene, "text": texts.get(number, scene["text"])} for number, scene in own.items()]
    found: Any = {**analysis, "title": facts["title"], "language": facts["language"], "scenes": scenes}
    told: AnalysisFacts = found
    return told


def translation_schema(parts: Sequence[Part], names: Sequence[str]) -> dict[str, Any]:
    """The schema of `TranslatedWords` with so many parts and these names: each of them once."""
    schema = response_schema(TranslatedWords)
    schema["properties"]["parts"] |= {"minItems": len(parts), "maxItems": len(parts)}
    numbers = schema["$defs"]["TranslatedText"]["properties"]
    numbers["scene"]["maximum"] = max(part.scene for part in parts)
    numbers["part"]["maximum"] = max(part.number for part in parts)
    if names:
        schema["required"] = [*schema["required"], "names"]
        schema["properties"]["names"] |= {"minItems": len(names), "maxItems": len(names)}
        schema["$defs"]["TranslatedName"]["properties"]["name"]["enum"] = list(names)
    else:
        del schema["properties"]["names"], schema["$defs"]["TranslatedName"]
    return schema


def joined(texts: Sequence[str]) -> str:
    """One text of several, with spaces between where their language has them."""
    whole = ""
    for text in texts:
        apart = whole and not (_UNSPACED.match(whole[-1]) or _UNSPACED.match(text[:1]))
        whole += (" " if apart else "") + text
    return whole


def _cut(text: str, borders: Sequence[int]) -> Iterator[str]:
    """The text cut after so many of its letters each."""
    left, at, start = list(borders), 0, 0
    for place, character in enumerate(text):
        if left and at == left[0]:
            yield text[start:place].strip()
            start = place
            left.pop(0)
        at += not character.isspace()
    yield text[start:].strip()


def _letters(text: str) -> int:
    return len("".join(text.split()))
