"""What of a script is spoken, and what a person should know of it before anything is paid.

Nothing that was written is left out in silence, and nothing is guessed: a direction is what stands in double
brackets on lines of its own, and is not spoken; inside a line, as in notes and wikis, the words in such
brackets are words. Markup is read aloud like everything else. Whatever may surprise is told as a notice with
the estimate and with the job.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

from domain.characters import cleaned, is_spoken, visible
from domain.script import WORDS_PER_MINUTE

BRACKETED: Final = re.compile(r"\[\[(?:(?!\[\[|\]\]|\n[ \t]*\n).)*\]\]", re.DOTALL)
"""Words in double brackets; they may go over lines, and not over paragraphs."""
_FAULT: Final = r"\[\[\s*fault\s*:[^\[\]]*\]\]"
"""For the emulator alone, and wherever it stands; see `reelog emulate`."""
_DIRECTION: Final = re.compile(
    rf"^[ \t]*(?:{BRACKETED.pattern}[ \t]*)+$|{_FAULT}", re.DOTALL | re.MULTILINE | re.IGNORECASE
)
IDEOGRAPHS_PER_MINUTE: Final = 270
LETTERS_PER_MINUTE: Final = 780
"""For scripts written without spaces in which letters are counted: Thai, Lao, Khmer, Burmese."""
_MOST_NESTED: Final = 5
"""Brackets in brackets that are taken apart one by one; deeper ones are nobody's links."""
_SHOWN: Final = 3
_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know of a script; programs match on ``code``, people read ``message``."""

    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


# ---- what is spoken ----------------------------------------------------------------------------------


def as_given(script: str) -> str:
    """The script as it goes to the language model: brackets inside lines are taken off their words."""
    return _replaced(script, lambda direction: direction)


def without_directions(script: str) -> str:
    """The script's words alone, in their lines."""
    return _replaced(script, lambda _: " ")


def spoken_text(script: str) -> str:
    """The script's words alone, whitespace made even."""
    return " ".join(without_directions(script).split())


def says_something(script: str) -> bool:
    """Whether a letter or a digit of any script is left to be spoken."""
    return any(map(is_spoken, spoken_text(script)))


def _replaced(script: str, put: Callable[[str], str]) -> str:
    return "".join(put(text) if is_direction else text for is_direction, text in parts(script))


def parts(script: str) -> Iterator[tuple[bool, str]]:
    """The script piece by piece: whether it is a direction, and its text with the lines as they were."""
    text = cleaned(script)
    if "[[" not in text:
        yield False, text
        return
    text = _with_newlines(text)
    at = 0
    for direction in _DIRECTION.finditer(text):
        yield False, _unwrapped(text[at : direction.start()])
        yield True, direction[0]
        at = direction.end()
    yield False, _unwrapped(text[at:])


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unwrapped(text: str) -> str:
    for _ in range(_MOST_NESTED):
        before, text = text, BRACKETED.sub(lambda found: _label(found[0]), text)
        if before == text:
            return text
    return text.replace("[[", "").replace("]]", "")


def _label(link: str) -> str:
    """What is read of ``[[page|label]]``."""
    parts = link[2:-2].split("|")
    return next((part for part in reversed(parts) if part.strip()), parts[0])


def _is_shortened(link: str) -> bool:
    """Whether words of it are not read: what stands before the last stroke that words follow."""
    parts = [part for part in link[2:-2].split("|") if part.strip()]
    return len(parts) > 1


# ---- how much it is ----------------------------------------------------------------------------------

IDEOGRAPH: Final = re.compile(
    "[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
UNSPACED_LETTER: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER: Final = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff]"
"""Marks that stand on a letter belong to its word: in Indic scripts they are its vowels."""
WORD: Final = re.compile(rf"{_LETTER}+(?:['’\-]{_LETTER}+)*")


def word_count(text: str) -> float:
    """How many words it is to a narrator, in words of a language that sets them apart.

    In Chinese and Japanese characters are counted, in Thai, Lao, Khmer and Burmese letters: they set no words
    apart, and counted as the others a film of five minutes would be one of ten seconds.
    """
    text = visible(text)
    ideographs = len(IDEOGRAPH.findall(text))
    letters = len(UNSPACED_LETTER.findall(text))
    words = len(WORD.findall(UNSPACED_LETTER.sub(" ", IDEOGRAPH.sub(" ", text))))
    return words + WORDS_PER_MINUTE * (ideographs / IDEOGRAPHS_PER_MINUTE + letters / LETTERS_PER_MINUTE)


# ---- what is to be known -----------------------------------------------------------------------------


def notices(script: str) -> list[Notice]:
    """What may surprise whoever wrote it, the most surprising first."""
    text = _with_newlines(cleaned(script))
    return [*_of_brackets(text), *_of_markup(without_directions(text))]


def listed(found: list[str]) -> str:
    """The first few, in quotation marks, and how many more there are."""
    shown = ", ".join(f"“{_cut(text)}”" for text in found[:_SHOWN])
    return shown + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _of_brackets(text: str) -> Iterator[Notice]:
    directions = [direction[0].strip() for direction in _DIRECTION.finditer(text)]
    if directions:
        yield Notice(
            "directions_not_spoken",
            f"Not spoken, as double brackets on a line of their own make a direction: {listed(directions)}. "
            "Inside a line the words in brackets are spoken.",
        )
    links = [link[0] for link in BRACKETED.finditer(_DIRECTION.sub("\n\n", text))]
    if links:
        yield Notice(
            "brackets_spoken",
            f"Spoken, without its double brackets, because it stands inside a line: {listed(links)}. "
            "A direction stands on a line of its own.",
        )
    hidden = [link for link in links if _is_shortened(link)]
    if hidden:
        yield Notice(
            "links_shortened",
            f"Of a link only what stands after its last upright stroke is spoken: {listed(hidden)}.",
        )


_TAG: Final = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s[^<>]*)?/?>|<!--|<!\[?[A-Za-z][^<>]*>")
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#[xX][\da-fA-F]{1,6});")
_LIST_NUMBER: Final = re.compile(r"^[ \t]*(?:\d{1,3}|[a-z])[.)][ \t]+(?=\S)", re.MULTILINE)
_AS_LABEL: Final = r"[ \t]*(?:\([^()\n]{1,30}\))?[ \t]*:(?:\*\*)?(?=\s)"
_NARRATOR: Final = re.compile(
    rf"^[ \t]*(?:\*\*)?(?:narrator|speaker|host|voice-?over|vo)(?: \d{{1,2}})?{_AS_LABEL}",
    re.MULTILINE | re.IGNORECASE,
)
_SPEAKER: Final = re.compile(rf"^[ \t]*(?:\*\*)?[A-Z][A-Z0-9 .'’-]{{1,30}}{_AS_LABEL}", re.MULTILINE)
_SCENE_HEADING: Final = re.compile(
    r"^[ \t]*(?:(?:INT|EXT|EST|INT\.?/EXT|I/E)[. ]+[^a-z\n]{2,60}"
    r"|(?:FADE|CUT|DISSOLVE|SMASH CUT)[ A-Z]*[:.]?)$",
    re.MULTILINE,
)
_CHARACTER_LINE: Final = re.compile(
    r"^[ \t]*[A-Z][A-Z .'’-]{1,30}\((?:V\.?O\.?|O\.?S\.?|CONT'?’?D)[^()\n]*\)[ \t]*$", re.MULTILINE
)
_MANNER: Final = re.compile(r"^[ \t]*\([^()\n]{1,60}\)[ \t]*$", re.MULTILINE)

_MARKUP: Final[tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]] = (
    (
        "SSML",
        (re.compile(r"</?(?:speak|break|prosody|emphasis|say-as|phoneme|audio|mark|amazon:\w+)\b[^<>]*>"),),
    ),
    ("HTML or XML", (_TAG, _ENTITY)),
    (
        "subtitles",
        (
            re.compile(r"^(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->.*$", re.MULTILINE),
            re.compile(r"\AWEBVTT\b"),
        ),
    ),
    ("a screenplay", (_SCENE_HEADING, _CHARACTER_LINE, _NARRATOR, _SPEAKER)),
    (
        "Markdown",
        (
            re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+\S.*$", re.MULTILINE),
            re.compile(r"(?<!\w)(\*\*|__|~~)(?=\S)[^\n]{1,200}?(?<=\S)\1(?!\w)"),
            re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])[^*_\n]{1,200}(?<=\S)\1(?![\w*_])"),
            re.compile(r"!?\[[^\]\n]{1,300}\]\([^()\s]{1,2000}(?:[ \t]\"[^\"\n]*\")?\)"),
            re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE),
            re.compile(r"(?<!`)`[^`\n]+`(?!`)"),
            re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE),
            re.compile(
                r"^[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})$", re.MULTILINE
            ),
            re.compile(r"^[ \t]{0,3}>[ \t]?\S.*$", re.MULTILINE),
            re.compile(r"(?:^[ \t]*[-*+][ \t]+\S.*\n+){2,}", re.MULTILINE),
            re.compile(r"(?:^[ \t]*\d{1,3}[.)][ \t]+\S.*\n+){2,}", re.MULTILINE),
        ),
    ),
    (
        "LaTeX",
        (
            re.compile(
                r"\\(?:begin|section|subsection|chapter|textbf|textit|emph|item)\b\*?(?:\{[^{}\n]*\})?"
            ),
        ),
    ),
)


def _of_markup(text: str) -> Iterator[Notice]:
    for kind, patterns in _MARKUP:
        hits = [[match[0] for match in pattern.finditer(text + "\n")] for pattern in patterns]
        found = [
            hit.strip().split("\n")[0]
            for pattern, each in zip(patterns, hits, strict=True)
            for hit in (each if pattern is not _SPEAKER or len(each) > 1 else ())
        ]
        if found:
            yield Notice(
                "markup_spoken",
                f"The script looks like {kind}: {listed(list(dict.fromkeys(found)))}. "
                "Such signs and labels are part of what is read aloud and shown in captions; take out what "
                "is not meant to be heard.",
            )
            if kind == "SSML":
                break  # its tags are XML, too


def without_markup(script: str) -> str:
    """The spoken text without tags, list numbers, speakers' labels and scene headings.

    A narrator who reads the rest has left out no sentence.
    """
    text = without_directions(script)
    for pattern in (
        _TAG,
        _ENTITY,
        _SCENE_HEADING,
        _CHARACTER_LINE,
        _NARRATOR,
        _SPEAKER,
        _MANNER,
        _LIST_NUMBER,
    ):
        text = pattern.sub(" ", text)
    return " ".join(text.split())
