"""What to know of a script before anything is paid: how it was understood, and what of it is not spoken.

Nothing that was written is left out in silence. Programs match on a notice's code; people read its message.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from domain.script_forms import double_brackets, tags
from domain.script_forms.addresses import address
from domain.script_forms.parts import REST, Part, PartKind
from domain.script_forms.reading import Form, ScriptForm, ScriptReading, read_script

_SHOWN: Final = 3
_SHOWN_NAMES: Final = 8
_SHOWN_CHARACTERS: Final = 60

_NAMES: Final[dict[Form, str]] = {
    "prose": "prose",
    "narration": "a narration with notes",
    "dialogue": "dialogue",
    "screenplay": "a screenplay",
    "markdown": "Markdown",
    "subtitles": "subtitles",
    "html": "HTML",
}
_ALSO: Final[dict[Form, str]] = {
    "dialogue": "speakers",
    "narration": "notes",
    "html": "tags",
    "markdown": "Markdown",
}
_LATEX: Final = re.compile(
    r"\\(?:begin|section|subsection|chapter|textbf|textit|emph|item)\b\*?(?:\{[^{}\n]*\})?"
)
_ADDRESS: Final = re.compile(address(but='<>()"”’') + r"(?<![.,;:!?])")
_WAY_OUT: Final = "To have all of it spoken, set script_form to prose."


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know of a script; programs match on ``code``, people read ``message``."""

    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


UNCHECKED: Final = Notice(
    "facts_not_checked",
    "A model writes the script. Nobody checks its facts: it names sources, and nothing here looks them up.",
)
"""Of a film on a topic."""
SHIPPED_MODELS: Final = Notice(
    "models_not_listed",
    "The provider's list of models could not be had: the models were checked against the shipped one.",
)


def notices(script: str, form: ScriptForm) -> list[Notice]:
    """What may surprise whoever wrote it, the most surprising first."""
    reading = read_script(script, form)
    marked = list(_of_markup(reading, script))
    # Where all is spoken as it stands, that is told already.
    addresses = [] if form == "prose" and marked else _of_addresses(reading)
    return [*_of_form(reading), *_of_brackets(reading), *marked, *addresses]


def describe(reading: ScriptReading) -> dict[str, Any]:
    """How a script was understood, as JSON."""
    return {
        "form": reading.form,
        "directions": len(_directions(reading)),
        "speakers": [{"name": name, "turns": turns} for name, turns in reading.speakers.items()],
        "not_spoken": [
            {"what": label, "count": len(parts), "examples": [_cut(part.source) for part in parts[:_SHOWN]]}
            for label, parts in _by_label(_not_spoken(reading)).items()
        ],
    }


def listed(found: list[str]) -> str:
    """The first few, in quotation marks, and how many more there are."""
    shown = ", ".join(f"“{_cut(text)}”" for text in found[:_SHOWN])
    return shown + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _of_form(reading: ScriptReading) -> Iterator[Notice]:
    if reading.form == "prose":
        return
    said = [f"Read as {_name(reading)}"]
    directions = [part for part in _directions(reading) if part.label != double_brackets.LABEL]
    facts = []
    if directions:
        verb = "direction is" if len(directions) == 1 else "directions are"
        facts.append(f"{len(directions)} {verb} not spoken ({_counted(directions)})")
    if names := list(reading.speakers):
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        verb = "1 character speaks" if len(names) == 1 else f"{len(names)} characters speak"
        facts.append(f"{verb}: {', '.join(map(_cut, names[:_SHOWN_NAMES]))}{more}")
    said.append(f": {', '.join(facts)}. " if facts else ". ")
    yield Notice("read_as", "".join(said) + _WAY_OUT)
    left_out = [part for part in reading.of(PartKind.LEFT_OUT) if part.label != "link target"]
    signs = [part for part in reading.of(PartKind.MARKUP) if part.label not in _SILENT_SIGNS]
    if left_out or signs:
        written = (part.source.strip() for part in left_out or signs)
        shown = listed(list(dict.fromkeys(filter(None, written))))
        yield Notice("left_out", f"Left out: {_counted(left_out + signs)}, such as {shown}.")


_SILENT_SIGNS: Final = frozenset({"double bracket", "line end", "colon", REST})
"""A notice of its own tells of brackets; the others leave a space behind."""


def _name(reading: ScriptReading) -> str:
    name = _NAMES[reading.form]
    if reading.form == "html" and any(tags.is_ssml(part.source) for part in reading.of(PartKind.MARKUP)):
        name = "SSML"
    if reading.form in ("screenplay", "subtitles"):
        return name
    also = [_ALSO[form] for form in reading.also if form in _ALSO]
    return f"{name} with {' and '.join(also)}" if also else name


def _directions(reading: ScriptReading) -> list[Part]:
    return reading.of(PartKind.DIRECTION, PartKind.HEADING)


def _not_spoken(reading: ScriptReading) -> list[Part]:
    parts = reading.of(PartKind.DIRECTION, PartKind.HEADING, PartKind.LEFT_OUT, PartKind.MARKUP)
    return [part for part in parts if part.label not in _SILENT_SIGNS]


def _by_label(parts: Iterable[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.label, []).append(part)
    return found


def _counted(parts: Iterable[Part]) -> str:
    """``2 scene headings, 1 line of action``."""
    return ", ".join(f"{len(each)} {_plural(label, len(each))}" for label, each in _by_label(parts).items())


def _plural(label: str, count: int) -> str:
    if count == 1:
        return label
    noun, of, rest = label.partition(" of ") if " of " in label else label.partition(" in ")
    return f"{noun}{'es' if noun.endswith(('s', 'sh')) else 's'}{of}{rest}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _of_brackets(reading: ScriptReading) -> Iterator[Notice]:
    text = "".join(part.source for part in reading.parts)
    directions = [part.source.strip() for part in _directions(reading) if part.label == double_brackets.LABEL]
    if directions:
        yield Notice(
            "directions_not_spoken",
            f"Not spoken, as double brackets on a line of their own make a direction: {listed(directions)}. "
            "Inside a line the words in brackets are spoken.",
        )
    links = [
        link[0] for link in double_brackets.BRACKETED.finditer(double_brackets.DIRECTION.sub("\n\n", text))
    ]
    if links:
        yield Notice(
            "brackets_spoken",
            f"Spoken, without its double brackets, because it stands inside a line: {listed(links)}. "
            "A direction stands on a line of its own.",
        )
    hidden = [link for link in links if double_brackets.is_shortened(link)]
    if hidden:
        yield Notice(
            "links_shortened",
            f"Of a link only what stands after its last upright stroke is spoken: {listed(hidden)}.",
        )


def _of_markup(reading: ScriptReading, script: str) -> Iterator[Notice]:
    """What looks like markup and is read aloud all the same."""
    found = read_script(script, "auto")
    forms = [found.form, *found.also] if reading.form == "prose" != found.form else []
    if forms:
        names = " and ".join(_NAMES[form] for form in forms)
        yield Notice(
            "markup_spoken",
            f"The script looks like {names}, and is read aloud as it stands because script_form is prose; "
            "with auto what is not meant to be heard is left out.",
        )
    elif latex := list(dict.fromkeys(found[0] for found in _LATEX.finditer(reading.spoken_text))):
        yield Notice(
            "markup_spoken",
            f"The script looks like LaTeX: {listed(latex)}. Such signs are part of what is read aloud and "
            "shown in captions; take out what is not meant to be heard.",
        )


def _of_addresses(reading: ScriptReading) -> Iterator[Notice]:
    """An address inside a sentence is its word, and hardly ever meant to be heard."""
    if addresses := list(dict.fromkeys(_ADDRESS.findall(reading.spoken_text))):
        yield Notice(
            "addresses_spoken",
            f"Spoken letter by letter, as it stands inside a sentence: {listed(addresses)}. Write a name in "
            "its place; on a line of its own an address is left out.",
        )
