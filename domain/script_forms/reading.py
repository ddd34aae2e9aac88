"""How a script is understood: in which form it is written, what of it is spoken, and what is not.

All that asks for a script's words asks here, so that captions, prices, sentences and notices agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, Literal

from domain.characters import cleaned, is_spoken
from domain.script_forms import dialogue, directions, double_brackets, markdown, screenplay, subtitles, tags
from domain.script_forms.parts import Marking, Part, PartKind
from domain.sentences import sentence_ends

Form = Literal["prose", "narration", "dialogue", "screenplay", "markdown", "subtitles", "html"]
ScriptForm = Literal["auto", "prose", "narration", "dialogue", "screenplay", "markdown", "subtitles", "html"]
"""What may be asked for: ``auto`` finds out, ``prose`` speaks all but directions in double brackets."""

_BY_RANK: Final[tuple[Form, ...]] = ("subtitles", "screenplay", "markdown", "html", "dialogue", "narration")
"""A script may be written in several; the first of these names it."""
_KEPT: Final = 16
"""Readings in memory: a request and a stage ask for the same one several times."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text without a direction in it, by one speaker."""

    text: str
    speaker: str | None = None


@dataclass(frozen=True)
class ScriptReading:
    form: Form
    also: tuple[Form, ...]
    """What else is in it: speakers in Markdown, tags in subtitles."""
    parts: tuple[Part, ...]

    @cached_property
    def spoken_text(self) -> str:
        """The words alone, whitespace made even."""
        runs = (" ".join(run.text.split()) for run in self.runs() if isinstance(run, Words))
        return " ".join(run for run in runs if run)

    @property
    def says_something(self) -> bool:
        """Whether a letter or a digit of any script is left to be spoken."""
        return any(map(is_spoken, self.spoken_text))

    @cached_property
    def speakers(self) -> dict[str, int]:
        """Who speaks, and how often, in the order of their first words."""
        counts: dict[str, int] = {}
        for part in self.parts:
            if part.kind is PartKind.SPEAKER:
                counts[part.text] = counts.get(part.text, 0) + 1
        return counts

    def of(self, *kinds: PartKind) -> list[Part]:
        return [part for part in self.parts if part.kind in kinds]

    def runs(self) -> Iterator[Words | str]:
        """What is spoken, piece by piece, and between the pieces each direction as a model reads it."""
        words: list[str] = []
        speaker: str | None = None
        for part in self.parts:
            if part.kind in (PartKind.SPOKEN, PartKind.MARKUP, PartKind.LEFT_OUT):
                if part.kind is PartKind.SPOKEN and part.speaker != speaker and part.text.strip():
                    yield Words("".join(words), speaker)
                    words, speaker = [], part.speaker
                words.append(part.text)
                continue
            said = "".join(words)
            # A direction inside a sentence stands before it, so that the sentence stays whole.
            end = max(sentence_ends(said), default=0) if part.label == directions.INSIDE else len(said)
            yield Words(said[:end], speaker)
            words = [said[end:]]
            if part.kind is not PartKind.SPEAKER:
                yield part.text if part.label == double_brackets.LABEL else f"[[{part.text}]]"
        yield Words("".join(words), speaker)


@lru_cache(maxsize=_KEPT)
def read_script(script: str, form: ScriptForm) -> ScriptReading:
    """Read a script in the form that is asked for, or in the one that it is found to have.

    Empty lines around it, such as the one after the last newline of a file, say nothing of its form.
    """
    text = cleaned(script).replace("\r\n", "\n").replace("\r", "\n")
    end = len(text.rstrip())
    begin = text.rfind("\n", 0, len(text) - len(text.lstrip())) + 1 if end else 0
    reading = _read(text[begin:end], form)
    before, after = (
        (Part(PartKind.SPOKEN, around, around),) if around else () for around in (text[:begin], text[end:])
    )
    return replace(reading, parts=(*before, *reading.parts, *after))


def _read(text: str, form: ScriptForm) -> ScriptReading:
    if form == "prose":
        return ScriptReading("prose", (), _claimed(text, frozenset(), form, headings=True))
    found = frozenset(_forms_in(text))
    ranked = [each for each in _BY_RANK if each in found]
    chosen: Form = form if form != "auto" else ranked[0] if ranked else "prose"
    reading = ScriptReading(
        chosen,
        tuple(each for each in ranked if each != chosen),
        _claimed(text, found | {chosen}, form, headings=True),
    )
    if not reading.says_something and reading.of(PartKind.HEADING):
        # Where there is nothing else to say, headings are said.
        return ScriptReading(chosen, reading.also, _claimed(text, found | {chosen}, form, headings=False))
    return reading


def _forms_in(text: str) -> list[Form]:
    """All the forms of which a script has clear signs."""
    found: list[Form] = []
    if "\n" in text and subtitles.is_subtitles(text):
        found.append("subtitles")
    if screenplay.is_screenplay(text):
        found.append("screenplay")
    if "subtitles" not in found and markdown.is_markdown(text):
        found.append("markdown")
    if tags.is_html(text):
        found.append("html")
    if dialogue.has_speakers(text):
        found.append("dialogue")
    if directions.has_directions(text):
        found.append("narration")
    return found


def _claimed(text: str, forms: frozenset[Form], asked: ScriptForm, *, headings: bool) -> tuple[Part, ...]:
    """The parts of a text with the signs of these forms; what holds others comes before what it holds."""
    marking = Marking(text)
    double_brackets.claim(marking)
    if "markdown" in forms:
        markdown.claim_blocks(marking, headings=headings)
    if "subtitles" in forms:
        subtitles.claim(marking)
    if "html" in forms or "markdown" in forms:
        tags.claim(marking, headings=headings)
    if "dialogue" in forms:
        dialogue.claim(marking, all_names=asked == "dialogue")
    if "screenplay" in forms:
        screenplay.claim(marking)
    if forms & {"narration", "dialogue", "markdown"}:
        directions.claim(marking, dialogue="dialogue" in forms)
    if "markdown" in forms:
        markdown.claim(marking)
    if "html" in forms or "markdown" in forms:
        tags.claim_references(marking)
    if "subtitles" in forms:
        subtitles.join_lines(marking)
    return marking.parts(screenplay.SILENCING)
