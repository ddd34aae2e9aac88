"""What an author gave of a film, laid over what a model answers: given words and pictures stay as they are.

The model is asked to follow it, and where it does not, its answer is cut to what was given: nothing is asked
for again, and nothing that was given is changed.
"""

from collections.abc import Sequence
from typing import Any

from actors.gemini.requests import Reference
from actors.work.stage import Inputs
from domain.given_scenes import CastMember, GivenScene
from domain.script import AnnotatedBeat, AnnotatedScene, Character, ScriptAnnotation

Ranges = Sequence[tuple[int, int]]
"""Of each given scene its first and last sentence."""

MOST_REFERENCES = 4
"""Pictures of the cast that go along with one prompt."""


def scenes_advice(scenes: Sequence[GivenScene], ranges: Ranges) -> str:
    """What the prompt says of scenes that the author has made."""
    if not scenes:
        return ""
    begin = ", ".join(str(first) for first, _ in ranges)
    lines = [
        f"\n- The author has made the {len(scenes)} scenes; they begin with the sentences {begin}. Keep all."
    ]
    for number, (scene, (first, last)) in enumerate(zip(scenes, ranges, strict=True), 1):
        if scene.visual is not None:
            lines.append(f'- Scene {number} has one beat, {first} to {last}; its "visual" is: {scene.visual}')
        elif scene.has_one_picture:
            lines.append(f"- Scene {number} has one beat, {first} to {last}; its picture is there already.")
    return "\n".join(lines)


def cast_advice(cast: Sequence[CastMember]) -> str:
    """Of those of whom only the voice is given nothing is said: it changes nothing of what is seen."""
    seen = [member for member in cast if member.look is not None or member.image is not None]
    if not seen:
        return ""
    known = "; ".join(m.name if m.look is None else f"{m.name} ({m.look})" for m in seen)
    return f"\n- The author knows these characters; list them by these names, with these looks: {known}"


def with_cast(annotation: ScriptAnnotation, cast: Sequence[CastMember]) -> ScriptAnnotation:
    """The author's characters as they are given; who the model did not find comes last."""
    if not cast:
        return annotation
    given = {member.name.strip().casefold(): member for member in cast}
    characters = []
    for character in annotation.characters:
        member = given.pop(character.name.strip().casefold(), None)
        if member is not None:
            characters.append(Character(name=member.name, look=member.look or character.look))
        else:
            characters.append(character)
    for member in given.values():
        if member.look is not None or member.image is not None:
            look = member.look or "as in the picture of this character that goes along"
            characters.append(Character(name=member.name, look=look))
    return annotation.model_copy(update={"characters": characters})


def with_scenes(
    annotation: ScriptAnnotation, scenes: Sequence[GivenScene], ranges: Ranges
) -> ScriptAnnotation:
    """The author's scenes, with what the model says of their sentences."""
    if not scenes:
        return annotation
    answered = [(beat, scene) for scene in annotation.scenes for beat in scene.beats]
    kept = []
    for given, (first, last) in zip(scenes, ranges, strict=True):
        within = [(beat, scene) for beat, scene in answered if beat.first <= last and beat.last >= first]
        beats = [_part(beat, max(first, beat.first), min(last, beat.last)) for beat, _ in within]
        if given.has_one_picture:
            beats = [_one(beats, given, annotation)]
        kept.append(AnnotatedScene(mood=within[0][1].mood, beats=beats, transition=within[-1][1].transition))
    return annotation.model_copy(update={"scenes": kept})


def _part(beat: AnnotatedBeat, first: int, last: int) -> AnnotatedBeat:
    return beat.model_copy(update={"first": first, "last": last})


def _one(beats: Sequence[AnnotatedBeat], given: GivenScene, annotation: ScriptAnnotation) -> AnnotatedBeat:
    """One picture for the whole scene: what the author says is seen, else what is seen longest."""
    longest = max(beats, key=lambda beat: beat.last - beat.first)
    changed: dict[str, Any] = {"first": beats[0].first, "last": beats[-1].last}
    seen = list(dict.fromkeys(number for beat in beats for number in beat.characters))
    if given.visual is not None:
        words = given.visual.casefold()
        named = [n for n, who in enumerate(annotation.characters, 1) if who.name.casefold() in words]
        changed |= {"visual": given.visual.strip()}
        seen = list(dict.fromkeys([*named, *seen]))
    return longest.model_copy(update=changed | {"characters": seen})


def references_of(brief_cast: Sequence[CastMember], seen: Sequence[str]) -> list[tuple[str, str]]:
    """Of who is seen in a picture, the names and the digests of the pictures that the author gave."""
    names = {name.strip().casefold() for name in seen}
    return [
        (member.name, member.image)
        for member in brief_cast
        if member.image is not None and member.name.strip().casefold() in names
    ][:MOST_REFERENCES]


def is_file(reference: str) -> bool:
    """Whether a reference is a file of the author's own, and no picture of this film."""
    return reference.startswith("sha256:")


def reference(inputs: Inputs, name: str) -> Reference:
    """A picture that goes along with a prompt: one of this film, or a file by its digest."""
    if not is_file(name):
        return Reference(inputs.read(name), inputs.source(name).media_type)
    data = inputs.blob(name)
    # Files are kept as one or the other.
    return Reference(data, "image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
