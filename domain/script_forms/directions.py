"""What authors of narrations put between their sentences: ``[Cut to the sea]``, ``(pause)``, times, sources.

Brackets inside a sentence are its words, unless they hold nothing but a word that nobody says aloud.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, takewhile
from typing import Final

from domain.script_forms.addresses import address
from domain.script_forms.dialogue import claim as claim_speakers
from domain.script_forms.parts import Line, Marking, PartKind, plain
from domain.sentences import STOPPED

_VOCABULARY: Final = re.compile(
    r"(?:\w+[ -]){0,2}(?:music|sound|sfx|vfx|pause|beat|silence|cut|fade|dissolve|b-?roll|visuals?|"
    r"on[- ]screen|voice-?over|v\.?o\.?|laugh\w*|chuckl\w*|applause|camera|shot|close[- ]?up|zoom\w*|pan|"
    r"pans|panning|transition|intro|outro|montage|footage|clip|graphic|animation|whisper\w*|sigh\w*|enters?|"
    r"exits?|softly|quietly|loudly|sings?|singing|time-?lapse|overlay|drone|bgm|ambient|narrator|scene|image|"
    r"picture|show|shows|musik|pausa|musique|música|音乐|音楽)\b",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(
    r"[ \t]{0,9}[(\[{<（【](?:(?:short|long|brief|dramatic) )?"
    r"(?:pause|beat|silence|laughs?|laughing|laughter|"
    r"chuckles?|sighs?|sighing|whispers?|whispering|softly|quietly|applause|cheering|coughs?|gasps?|"
    r"music|music (?:fades?|swells?|stops?|plays?)(?: (?:in|out))?|clears throat|inaudible|crosstalk|pausa|"
    r"pause\s?\d{0,2}s?|停顿|停頓|暂停|沉默|笑|大笑|叹气|音乐|間|沈黙|笑い|ため息|音楽|침묵|웃음)[)\]}>）】]",
    re.IGNORECASE,
)
INSIDE: Final = "stage direction in a sentence"
_ON_ITS_LINE: Final = re.compile(
    r"^[ \t]*[*_]{0,3}\[(?!\[)((?:(?!\n[ \t]*\n)[^\[\]]){1,500})\][*_]{0,3}[.,]?[ \t]*$", re.MULTILINE
)
_IN_PARENS: Final = re.compile(r"^[ \t]*[*_]{0,3}\(([^()\n]{1,160})\)[*_]{0,3}[ \t]*$", re.MULTILINE)
_IN_WIDE_BRACKETS: Final = re.compile(
    r"^[ \t]*(?:【([^【】\n]{1,120})】|［([^［］\n]{1,120})］)[ \t]*$", re.MULTILINE
)
_IN_WIDE_PARENS: Final = re.compile(r"^[ \t]*（([^（）\n]{1,120})）[ \t]*$", re.MULTILINE)
_ABOUT_THE_FILM: Final = re.compile(
    r"(title|duration|length|runtime|tone|style|format|audience|target audience|author|date|version|draft|"
    r"platform|topic|language|word count|aspect ratio)[ \t]*:[ \t]*\S.*",
    re.IGNORECASE,
)
_ABOUT_THE_SOUND: Final = re.compile(r"(voice|narrator|music)[ \t]*:[ \t]*\S.*", re.IGNORECASE)
"""Among the others about the film, too; by itself it may be somebody who speaks."""
_STOPPED_IN_PARENS: Final = re.compile(
    r"^[ \t]*\(((?:(?:smash|hard|jump|match) )?(?:cut|fade|fades|dissolve|dissolves|pan|zoom|music|sound|sfx|"
    r"pause|beat|silence|intro|outro)\b(?:[ ][^()\s]{1,20}){0,5}[.!…])\)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_IN_BRACES: Final = re.compile(r"^[ \t]*\{([^{}\n]{2,120})\}[ \t]*$", re.MULTILINE)
_IN_STARS: Final = re.compile(r"^[ \t]*\*([a-z][^*\n]{2,80}[^*.!?…\n])\*[ \t]*$", re.MULTILINE)
_B_ROLL: Final = re.compile(r"^[ \t]*b-?roll\b[^\n:.!?…。！？]{0,120}$", re.MULTILINE | re.IGNORECASE)
_AT_AN_EDGE: Final = re.compile(
    r"(?:^[ \t]*[*_]{0,3}|(?<=[.!?…\"”’])[ \t]+)\[([^\[\]\n]{2,80})\][*_]{0,3}(?=[ \t]+[^\W\d_a-z(]|[ \t]*$)",
    re.MULTILINE,
)
_AFTER_A_SPEAKER: Final = re.compile(r"[ \t]*[*_]{0,3}\(([^()\n]{1,80})\)[*_]{0,3}(?=[ \t])")

_SCENE: Final = re.compile(
    r"^[ \t]*[*_]{0,3}(?:scene|szene|scène|escena|scena|shot)[ \t]+\d{1,3}\b(?:[^\n]{0,80}[^\n.!?…。！？])?$",
    re.MULTILINE | re.IGNORECASE,
)
_MOMENT: Final = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3})?"
_RANGE: Final = rf"{_MOMENT}(?:[ \t]*(?:-|–|—|to)[ \t]*{_MOMENT})?"
_LEAD: Final = r"^[ \t]*[*_]{0,3}"
_TAIL: Final = r"[*_]{0,3}[ \t]*(?:[-–—:|][ \t]+)?"
_SQUARE_TIME: Final = re.compile(
    rf"{_LEAD}\[[ \t]*{_RANGE}[ \t]*\]{_TAIL}|\[[ \t]*{_MOMENT}[ \t]*\]", re.MULTILINE
)
_ROUND_TIME: Final = re.compile(rf"{_LEAD}\([ \t]*{_RANGE}[ \t]*\){_TAIL}", re.MULTILINE)
_ROUND_RANGE: Final = re.compile(rf"[ \t]?\([ \t]*{_MOMENT}[ \t]*[-–—][ \t]*{_MOMENT}[ \t]*\)")
_BARE_TIME: Final = re.compile(rf"{_LEAD}({_RANGE}){_TAIL}(?=\s|[^\W\d]|$)", re.MULTILINE)

_RULE: Final = re.compile(r"[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t]*$")
_ADDRESS: Final = re.compile(rf"^[ \t]*<?{address()}。?[ \t]*$", re.MULTILINE)
_MARK: Final = re.compile(
    r"(?:(?<=[^\W\d_]{3})|(?<=[.,;!?\"”’)\]]))"
    r"\[(?:\d{1,3}(?:[ ]?[,–-][ ]?\d{1,3}){0,5}|citation needed|note \d{1,3})\]"
)
_SUPERSCRIPT: Final = re.compile(r"(?<=[^\W\d_]{3})[¹²³⁰⁴-⁹]{1,3}(?!\w)")
_SOURCES: Final = re.compile(
    r"^[ \t]{0,9}[*_#]{0,3}[ \t]?(?:sources?|references|footnotes|endnotes|bibliography|works cited|"
    r"further reading|citations|quellen(?:angaben)?|fußnoten|fuentes|referencias|références|"
    r"bibliographie|fonti|fontes|источники|примечания|参考文献|出典|脚注)[*_]{0,3}[:：]?[*_]{0,3}[ \t]{0,9}$",
    re.MULTILINE | re.IGNORECASE,
)
"""Over a list at the end."""
_SOURCE: Final = re.compile(r"[ \t]{0,9}(?:\[\d{1,3}\]|\d{1,3}[.)]|[-*•–^†]|<?https?://)")
_NOTE: Final = re.compile(r"^[ \t]*\[\d{1,3}\]:?[ \t]+\S.*$", re.MULTILINE)


def has_directions(text: str) -> bool:
    marking = Marking(text)
    claim_speakers(marking, all_names=False)  # what somebody says is no fact about the film
    directed = any(True for _ in _directions(marking, parens=False)) or _INSIDE.search(text)
    return bool(directed or _scenes(marking)) or any(True for _ in _left_out(marking))


def claim(marking: Marking, *, dialogue: bool) -> None:
    """``dialogue``: whether there are speakers, whose manner stands in parentheses."""
    for (start, end), label, text in list(_left_out(marking)):
        marking.claim_rest(start, end, PartKind.LEFT_OUT, label, text)
    for (start, end), words in list(_directions(marking, parens=dialogue)):
        marking.direct(start, end, "stage direction", plain(words))
    for found in _INSIDE.finditer(marking.text):
        begin = found.end() - len(found[0].lstrip())  # a speaker's name takes the space behind it
        if marking.is_free(begin, found.end()):
            marking.direct(*found.span(), INSIDE, found[0].strip()[1:-1])
    for pattern in (_IN_STARS, _B_ROLL):  # signs of nothing by themselves
        for found in marking.found(pattern):
            marking.direct(*found.span(), "stage direction", plain(found[0]))
    for found in _scenes(marking):
        marking.claim_rest(*found.span(), PartKind.HEADING, "scene heading", plain(found[0]))
    if dialogue:
        for line in marking.lines:
            _claim_manner(marking, line.start, line.end)


def _scenes(marking: Marking) -> list[re.Match[str]]:
    """``Scene 2: The hive``: lines that number the scenes, where there are several."""
    found = list(_SCENE.finditer(marking.text))
    return found if len(found) > 1 else []


def _directions(marking: Marking, *, parens: bool) -> Iterator[tuple[tuple[int, int], str]]:
    for found in _ON_ITS_LINE.finditer(marking.text):
        if any(c.isalpha() for c in found[1]) and not found[1].startswith("^"):
            yield found.span(), found[1]
    for found in _IN_PARENS.finditer(marking.text):
        if found[1].rstrip()[-1:] not in ".!?…" and (parens or _is_a_note(found[1])):
            yield found.span(), found[1]
    for found in _AT_AN_EDGE.finditer(marking.text):
        if parens or _is_a_note(found[1]):
            yield found.span(), found[1]
    yield from _in_other_brackets(marking.text, parens=parens)
    for line in _first_lines_about_the_film(marking):
        yield (line.start, line.end), line.text


def _in_other_brackets(text: str, *, parens: bool) -> Iterator[tuple[tuple[int, int], str]]:
    for pattern in (_STOPPED_IN_PARENS, _IN_WIDE_BRACKETS, *((_IN_WIDE_PARENS,) if parens else ())):
        for found in pattern.finditer(text):
            yield found.span(), next(filter(None, found.groups()))
    for found in _IN_BRACES.finditer(text):
        if _VOCABULARY.match(found[1]):
            yield found.span(), found[1]


def _is_a_note(words: str) -> bool:
    return bool(_VOCABULARY.match(words)) or _is_shouted(words)


def _first_lines_about_the_film(marking: Marking) -> list[Line]:
    """The first lines, where several of them say what kind of film it is to be, up to one that is spoken."""
    block = list(takewhile(lambda line: not line.blank and not _RULE.match(line.text), marking.lines))
    sounds = Counter(found[1].casefold() for line in block if (found := _match(_ABOUT_THE_SOUND, line)))
    about: list[Line] = []
    keys: set[str] = set()
    for line in block:
        speaks = marking.speaker_end(line.start) is not None
        stopped = STOPPED.search(line.text.rstrip("*_ \t")) is not None
        if found := _match(_ABOUT_THE_FILM, line):
            keys.add(found[1].casefold())
        elif found := _match(_ABOUT_THE_SOUND, line):
            if sounds[found[1].casefold()] > 1 or (speaks and stopped):
                break
        elif speaks or stopped or (keys and ":" not in line.text):
            break
        about.append(line)
    if len(keys) < 2 or len(about) == len(marking.lines):  # noqa: PLR2004 - one may be of a sentence
        return []
    # Where the text goes on at once, sentences are as likely to be of it.
    alone = len(about) == len(block)
    return about if alone or not any(STOPPED.search(line.text) for line in about) else []


def _match(pattern: re.Pattern[str], line: Line) -> re.Match[str] | None:
    return pattern.fullmatch(line.text.strip("*_ \t"))


def _is_shouted(words: str) -> bool:
    return " " in words.strip() and words == words.upper() and any(c.isupper() for c in words)


def _claim_manner(marking: Marking, start: int, end: int) -> None:
    """``ANNA: (softly) Hello.``: the first brackets after a speaker's name."""
    name = marking.speaker_end(start)
    found = _AFTER_A_SPEAKER.match(marking.text, name, end) if name is not None else None
    if found and found[1].rstrip()[-1:] not in ".!?":
        marking.direct(*found.span(), "parenthetical", plain(found[1]))


def _left_out(marking: Marking) -> Iterator[tuple[tuple[int, int], str, str]]:
    text = marking.text
    squares, rounds = list(_SQUARE_TIME.finditer(text)), list(_ROUND_TIME.finditer(text))
    rounds += _ROUND_RANGE.finditer(text)
    times = squares + (rounds if len(rounds) > 1 or squares else [])
    bare = list(_BARE_TIME.finditer(text))
    if _are_times(bare):
        times += bare
    yield from ((found.span(), "timestamp", " ") for found in times)
    yield from ((found.span(), "link address", "") for found in _ADDRESS.finditer(text))
    sources = _list_of_sources(text)
    if sources:
        yield sources, "list of sources", ""
    marks, notes = list(_MARK.finditer(text)), list(_NOTE.finditer(text))
    if len(marks) > 1 or (marks and notes):
        yield from ((found.span(), "footnote mark", "") for found in marks)
        yield from ((found.span(), "footnote", "") for found in notes)
    if notes or sources:
        yield from ((found.span(), "footnote mark", "") for found in _SUPERSCRIPT.finditer(text))


def _list_of_sources(text: str) -> tuple[int, int] | None:
    """The last lines, where a heading says that they are sources, and each of them looks like one."""
    *_, found = [None, *_SOURCES.finditer(text)]
    if found is None:
        return None
    items = [line for line in text[found.end() :].split("\n") if line.strip()]
    return (found.start(), len(text)) if items and all(map(_SOURCE.match, items)) else None


def _are_times(found: list[re.Match[str]]) -> bool:
    """Whether times at the beginnings of lines are a film's and not a day's: ranges, or from nought on."""
    moments = [[int(n) for n in re.split(r"[:.,]", re.split(r"[ \t]*(?:[-–—]|to)", m[1])[0])] for m in found]
    if len(found) < 2:  # noqa: PLR2004 - one time may be any
        return False
    ranges = all(re.search(r"[-–—]|to", m[1]) for m in found)
    return ranges or (not any(moments[0]) and all(a < b for a, b in pairwise(moments)))
