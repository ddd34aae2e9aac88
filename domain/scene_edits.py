"""A person's edits of a film's scenes: other words, another picture, another voice, another order.

They are laid over the analysis as it is: a scene keeps its number, its place among the camera's moves and
what was planned for it, so that nothing else becomes another. One that is left out of the order is kept
apart, and comes back when it is named again. Pure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, field_validator

from domain.analysis_facts import AnalysisFacts, SceneFacts, analysis_facts
from domain.asset import AssetKey
from domain.document_parts import ORIGIN, parts_of
from domain.given_scenes import Words, spoken_words
from domain.numbered_script import number_sentences
from domain.request import Request
from domain.script import Beat, Kind, Scene, ScriptAnalysis
from domain.script_forms.reading import read_script

MOST_REFERENCES = 2

SceneNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")]
IsMade = Callable[[AssetKey], bool]


class SceneEdit(Request):
    """What is to be another in one scene; what is left out stays."""

    text: str | None = Field(default=None, min_length=1, description="The words that are spoken in it")
    visual: Words | None = Field(
        default=None, description="What is to be seen; the scene has one picture then, drawn from this"
    )
    voice: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Who speaks this scene, whoever speaks the others"
    )

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str | None) -> str | None:
        return None if text is None else spoken_words(text)


class SceneEdits(Request):
    """Edits of several scenes at once, and the order in which the scenes play."""

    scenes: dict[SceneNumber, SceneEdit] = Field(
        default_factory=dict, description="What is to be another, by the scene's number"
    )
    order: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None,
        min_length=1,
        description="The numbers of the scenes that play, in order; what is left out is removed",
    )

    @field_validator("order")
    @classmethod
    def _names_each_once(cls, order: list[int] | None) -> list[int] | None:
        if order is not None and len(set(order)) != len(order):
            raise ValueError("it names a scene twice; name each that is to play once")
        return order


class UnknownScenesError(ValueError):
    """There are no such scenes: (place in the edits, message) of each."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = faults


@dataclass(frozen=True)
class Edited:
    """The analysis with the edits laid over it, as it is stored."""

    analysis: ScriptAnalysis
    facts: dict[str, Any]
    changes: tuple[str, ...]
    """In words."""


def edit_scenes(
    analysis: ScriptAnalysis, facts: Mapping[str, Any], edits: SceneEdits, is_made: IsMade
) -> Edited:
    """``facts`` are those of the analysis; ``is_made`` tells of which assets there is something.

    UnknownScenesError where the edits name scenes that there are not.
    """
    before, known = analysis_facts(facts), _Scenes.of(analysis, analysis_facts(facts))
    faults = list(_unknown(edits, known))
    if faults:
        raise UnknownScenesError(faults)
    changes = []
    for number in sorted(map(int, edits.scenes)):
        told = known.edit(number, edits.scenes[str(number)])
        if told:
            changes.append(f"scene {number}: {', '.join(told)}")
    order = edits.order or known.playing
    if order != known.playing:
        changes.append(f"order {', '.join(map(str, order))}")
        removed = [number for number in known.playing if number not in order]
        changes += [f"removed {', '.join(map(str, removed))}"] if removed else []
    for number in order:
        if number not in known.playing and not all(map(is_made, known.images(number))):
            known.draw_from_visual(number)  # the storyboard may know nothing of it
    now = analysis.model_copy(
        update={
            "scenes": [known.scenes[number] for number in order],
            "removed": [known.scenes[number] for number in known.scenes if number not in order],
        }
    )
    learnt = known.facts_of(order, is_made)
    apart = [known.facts[number] for number in known.facts if number not in order]
    parts = parts_of(now, before.get("parts", {}).get(ORIGIN))
    rest = {name: value for name, value in facts.items() if name != "removed"}
    removed_facts = {"removed": apart} if apart else {}
    return Edited(now, {**rest, "scenes": learnt, **removed_facts, "parts": parts}, tuple(changes))


def _unknown(edits: SceneEdits, known: "_Scenes") -> Iterator[tuple[str, str]]:
    there = f"the film has the scenes {', '.join(map(str, sorted(known.scenes)))}"
    for number in edits.scenes:
        if int(number) not in known.scenes:
            yield f"/scenes/{number}", f"there is no scene {number}; {there}"
    for place, wanted in enumerate(edits.order or ()):
        if wanted not in known.scenes:
            yield f"/order/{place}", f"there is no scene {wanted}; {there}"


@dataclass
class _Scenes:
    """All scenes by number, those that do not play too."""

    scenes: dict[int, Scene]
    facts: dict[int, SceneFacts]
    playing: list[int]
    characters: list[str]

    @classmethod
    def of(cls, analysis: ScriptAnalysis, facts: AnalysisFacts) -> Self:
        scenes = {
            number: scene.model_copy(update={"number": number, "camera": analysis.first_picture(number)})
            for number, scene in analysis.numbered()
        }
        playing = list(scenes)
        scenes |= {scene.number: scene for scene in analysis.removed if scene.number is not None}
        learnt = {one["scene"]: one.copy() for one in (*facts["scenes"], *facts.get("removed", ()))}
        return cls(scenes, learnt, playing, [character.name for character in analysis.characters])

    def images(self, number: int) -> list[AssetKey]:
        beats = range(1, len(self.scenes[number].pictures) + 1)
        return [AssetKey(Kind.IMAGE, number, beat) for beat in beats]

    def edit(self, number: int, asked: SceneEdit) -> list[str]:
        """Gives what is another now."""
        scene, told = self.scenes[number], []
        if asked.text is not None and asked.text != scene.narration:
            self._say(number, asked.text)
            told.append("text")
        if asked.visual is not None and [asked.visual] != [beat.visual for beat in scene.pictures]:
            self._show(number, asked.visual.strip())
            told.append("visual")
        if asked.voice is not None and asked.voice != scene.voice:
            self._change(number, voice=asked.voice)
            self.facts[number]["voice"] = asked.voice
            told.append("voice")
        return told

    def draw_from_visual(self, number: int) -> None:
        self._change(number, own_visual=True)
        self.facts[number]["own_visual"] = True

    def _change(self, number: int, **values: Any) -> None:
        self.scenes[number] = self.scenes[number].model_copy(update=values)

    def _say(self, number: int, text: str) -> None:
        """The words, shared out between the pictures as they were; fewer sentences see fewer pictures."""
        numbered = number_sentences(read_script(text, "prose"))
        beats = self.scenes[number].pictures
        lengths = [len(sentence.text) for sentence in numbered.sentences]
        ends = shared_out(lengths, [len(beat.text) for beat in beats])
        firsts = [1, *(end + 1 for end in ends[:-1])]
        kept = [
            beat.model_copy(update={"text": numbered.text(first, last)})
            for beat, first, last in zip(beats, firsts, ends, strict=False)
        ]
        self._change(number, narration=numbered.text(1, len(lengths)), beats=kept)
        facts = self.facts[number]
        facts["text"] = self.scenes[number].narration
        if "beats" in facts:
            facts["beats"] = facts["beats"][: len(kept)]

    def _show(self, number: int, visual: str) -> None:
        """One picture for the whole scene. Whom the words name is seen in it; else those who were."""
        scene, said = self.scenes[number], visual.casefold()
        seen = [who for who in self.characters if who.casefold() in said] or scene.characters
        beat = Beat(text=scene.narration, visual=visual, characters=seen)
        self._change(number, visual=visual, characters=seen, beats=[beat])
        self.draw_from_visual(number)
        facts = self.facts[number]
        if "beats" in facts:
            names = dict.fromkeys(name for beat in facts["beats"] for name in beat["references"])
            others = [name for name in names if AssetKey.parse(name).scene != number]
            facts["beats"] = [{"references": others[:MOST_REFERENCES]}]

    def facts_of(self, order: Sequence[int], is_made: IsMade) -> list[SceneFacts]:
        """Of the scenes that play. A picture that does not and was never made can be nobody's reference."""
        drawn = {image for number in order for image in self.images(number)}

        def there(name: str) -> bool:
            key = AssetKey.parse(name)
            return key in drawn or is_made(key)

        for number in order:
            facts = self.facts[number]
            if "beats" in facts:
                facts["beats"] = [
                    {"references": [name for name in beat["references"] if there(name)]}
                    for beat in facts["beats"]
                ]
        return [self.facts[number] for number in order]


def shared_out(lengths: Sequence[int], shares: Sequence[int]) -> list[int]:
    """Runs of so long sentences, one for each of the shares and about as long: where each run ends.

    Fewer runs than shares where there are fewer sentences.
    """
    runs = min(len(lengths), len(shares))
    total, wanted = sum(lengths), sum(shares[:runs]) or 1
    ends: list[int] = []
    for run in range(1, runs):
        aim = total * sum(shares[:run]) / wanted
        least, most = (ends[-1] if ends else 0) + 1, len(lengths) - (runs - run)
        ends.append(min(range(least, most + 1), key=lambda end: abs(sum(lengths[:end]) - aim)))
    return [*ends, len(lengths)]
