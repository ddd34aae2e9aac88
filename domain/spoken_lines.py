"""Who speaks which words of a scene: its text, cut into lines, where the script names its speakers.

The lines of a scene, joined, are its words, whatever became of the script's division into scenes: a scene is
found again by its text. One whose words are not the script's any more is the narrator's as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.numbered_script import NumberedScript, Sentence, number_sentences
from domain.script_forms.dialogue import is_narrator
from domain.script_forms.reading import ScriptReading


@dataclass(frozen=True, slots=True)
class SpokenLine:
    text: str
    speaker: str | None = None
    """None is the narrator."""


def cast_of(reading: ScriptReading) -> tuple[str, ...]:
    """The characters that speak, in the order of their first words; the narrator is none of them."""
    speakers = (_speaker(sentence) for sentence in number_sentences(reading).sentences)
    return tuple(dict.fromkeys(speaker for speaker in speakers if speaker is not None))


def lines_of_scenes(reading: ScriptReading, scenes: Sequence[str]) -> list[tuple[SpokenLine, ...]]:
    """The lines of each scene, from the texts of all scenes in order.

    Where the same words stand in the script twice, a scene's are those that follow the scene before it.
    """
    script = number_sentences(reading)
    found: list[tuple[SpokenLine, ...]] = []
    after = 0
    for text in scenes:
        span = _span(script, text, after)
        if span is None:
            found.append((SpokenLine(text),))
            continue
        after = span[1]
        found.append(_lines(script, *span))
    return found


def _span(script: NumberedScript, text: str, after: int) -> tuple[int, int] | None:
    """The first and last sentence that are this text: those next after a sentence, else any."""
    count = len(script.sentences)
    for first in (*range(after + 1, count + 1), *range(1, after + 1)):
        if not text.startswith(script.sentences[first - 1].text):
            continue
        for last in range(first, count + 1):
            words = script.text(first, last)
            if words == text:
                return first, last
            if not text.startswith(words):
                break
    return None


def _lines(script: NumberedScript, first: int, last: int) -> tuple[SpokenLine, ...]:
    lines: list[SpokenLine] = []
    begun = first
    for number in range(first, last + 1):
        speaker = _speaker(script.sentences[number - 1])
        if number == last or _speaker(script.sentences[number]) != speaker:
            lines.append(SpokenLine(script.text(begun, number), speaker))
            begun = number + 1
    return tuple(lines)


def _speaker(sentence: Sentence) -> str | None:
    """By name; letters of another case are the same person."""
    name = sentence.speaker
    return None if name is None or is_narrator(name) else name.upper()


def turns_of(reading: ScriptReading) -> int:
    """How often the word goes over from one speaker to another: so many lines more than scenes, at most."""
    speakers = [_speaker(sentence) for sentence in number_sentences(reading).sentences]
    return sum(one != other for one, other in pairwise(speakers))
