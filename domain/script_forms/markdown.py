"""Markdown: its words without its signs. Headings and pictures direct; code and addresses are left out.

A parser is not used: it gives a tree without the places in the text that each sign came from, and what is not
spoken has to be shown to its author.
"""

import re
from itertools import pairwise
from typing import Final

from domain.script_forms.parts import LINE, Line, Marking, PartKind, plain

_FRONT_MATTER: Final = re.compile(
    r"\A---[ \t]*\n(?:[\w-]+[ \t]*:[^\n]*\n|[ \t]+[^\n]*\n|#[^\n]*\n|-[ \t][^\n]*\n){1,60}"
    r"(?:---|\.\.\.)[ \t]*$",
    re.MULTILINE,
)
_FENCE: Final = re.compile(
    r"^[ \t]{0,3}(`{3,20}|~{3,20})[^\n`~]*\n(?:(?![ \t]{0,3}\1)[^\n]*\n)*?"
    r"(?:[ \t]{0,3}\1[`~]*[ \t]*$|(?![ \t]{0,3}\1)[^\n]*\Z)",
    re.MULTILINE,
)
_HEADING: Final = re.compile(r"^[ \t]{0,3}(#{1,6}[ \t]+)(\S[^\n]*?)([ \t]+#+)?[ \t]*$", re.MULTILINE)
_UNDERLINED: Final = re.compile(r"^(?=\S)([^\n|]{1,200})(\n[ \t]{0,3}(?:={3,}|-{3,})[ \t]*)$", re.MULTILINE)
_RULE: Final = re.compile(r"^[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE)
_TABLE_RULE: Final = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*){0,60}\|?[ \t]*$")
_ROW: Final = re.compile(r"[ \t]*\|[^\n]*\|[ \t]*")
_SEEN: Final = re.compile(
    r"(?:visuals?|video|images?|pictures?|on[- ]screen|shots?|footage|b-?roll|graphics?|sfx|music|"
    r"sound effects|time(?:code|stamp)?|duration|length|scene|no\.?|#|notes?|bild|imagen|画面|映像)"
    r"(?: (?:text|description|notes?))?",
    re.IGNORECASE,
)
_HEARD: Final = re.compile(
    r"(?:audio|narration|narrator|voice-? ?over|v\.?o\.?|dialogue|script|spoken|words|ton|旁白|音声|"
    r"ナレーション)"
    r"(?: (?:text|script))?",
    re.IGNORECASE,
)
_PIPES: Final = re.compile(r"[ \t]{0,99}(?<!\\)\|(?:[ \t]{0,99}\|){0,99}[ \t]{0,99}")
_QUOTE: Final = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_ITEM: Final = re.compile(r"^[ \t]*[-*+•‣▪][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)", re.MULTILINE)
_NOTE: Final = re.compile(r"^[ \t]{0,3}\[\^[^\]\s]{1,60}\]:[^\n]*(?:\n(?:[ \t]{2,}\S[^\n]*))*", re.MULTILINE)
_MARK: Final = re.compile(r"\[\^[^\]\s]{1,60}\]")
_DEFINITION: Final = re.compile(
    r"^[ \t]{0,3}\[([^\]^\n]{1,100})\]:[ \t]+<?(?:https?:|mailto:|[./#]|www\.)\S*[^\n]*$", re.MULTILINE
)
_TARGET: Final = (
    r"\([ \t]*<?(?:[^()\s]|\([^()\s]{0,200}\)){0,2000}>?(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)"
)
_PICTURE: Final = re.compile(rf"!\[([^\]\n]{{0,300}})\](?:{_TARGET}|\[[^\]\n]{{0,100}}\])")
_LINK: Final = re.compile(rf"(?<!!)(\[)(?!\^)[^\[\]\n]{{1,300}}(\]{_TARGET})")
_REFERENCE: Final = re.compile(r"(?<!!)(\[)(?!\^)([^\[\]\n]{1,300})(\](?:[ ]?\[([^\[\]\n]{0,100})\])?)")
_ADDRESS: Final = re.compile(r"(<)(?:https?://|mailto:)?[^\s<>@]{1,200}[@.][^\s<>]{1,2000}(>)")
_CODE: Final = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]{1,300}(?<!`)(\1)(?!`)")
_EMPHASIS: Final = tuple(
    re.compile(
        rf"(?<![\w\\])({sign})(?=[^\s*_~])(?:(?!\n[ \t]*\n|\1).){{1,500}}?(?<=[^\s*_~\\])({sign})(?!\w)",
        re.DOTALL,
    )
    for sign in (r"\*\*\*", "___", r"\*\*", "__", "~~")
) + tuple(
    re.compile(
        rf"(?<![\w\\*_])({sign})(?=[^\s*_])(?:(?!\n[ \t]*\n)[^*_]){{1,300}}?(?<=[^\s*_\\])({sign})(?![\w*_])"
    )
    for sign in (r"\*", "_")
)
_JOINED_BOLD: Final = re.compile(
    r"(?<![*\\])(\*\*)(?=[^\s*])(?:(?!\n[ \t]*\n)[^*]){1,300}?(?<=[^\s*])(\*\*)(?!\*)"
)
"""Bold that touches letters, as where no spaces part words: ``これは**海**です``."""
_ESCAPE: Final = re.compile(r"\\(?=[\\`*_{}\[\]()#+.!>|~-])")

_SIGNS: Final = (
    *(_HEADING, _FENCE, _PICTURE, _CODE, _NOTE, _RULE, _QUOTE),
    *(pattern for pattern in _EMPHASIS if "(__" not in pattern.pattern),
)
"""What makes it Markdown; ``__init__`` is a word elsewhere."""
_WEB: Final = re.compile(r"\]\([ \t]*<?(?:https?:|mailto:|www\.|[./#]|[\w-]+(?:/|\.\w))")


def is_markdown(text: str) -> bool:
    if any(pattern.search(text) for pattern in _SIGNS) or _FRONT_MATTER.match(text):
        return True
    if any(_WEB.search(found[2]) for found in _LINK.finditer(text)):
        return True
    lines = text.split("\n")
    return (
        _has_table(lines)
        or _has_list(lines)
        or any(re.search(r"=", m[2]) for m in _UNDERLINED.finditer(text))
    )


def claim_blocks(marking: Marking, *, headings: bool) -> None:
    """Code, headings and what else is a block of its own, before anything is looked for in it.

    ``headings``: whether they are directions; else they are spoken.
    """
    for found in _FRONT_MATTER.finditer(marking.text):
        marking.leave_out(*found.span(), "front matter")
    for found in marking.found(_FENCE):
        marking.leave_out(*found.span(), "code block")
    _claim_headings(marking, directing=headings)


def claim(marking: Marking) -> None:
    for found in marking.found(_NOTE):
        marking.leave_out(*found.span(), "footnote")
    defined = {found[1].casefold() for found in marking.found(_DEFINITION)}
    for found in marking.found(_DEFINITION):
        marking.leave_out(*found.span(), "link address")
    _claim_tables(marking)
    for found in marking.found(_RULE):
        marking.signs(*found.span(), "rule")
    for found in marking.found(_QUOTE):
        marking.signs(*found.span(), "quote sign")
    for found in marking.found(_ITEM):
        marking.signs(*found.span(), "list sign", LINE)
    _claim_inline(marking, defined)


def _claim_inline(marking: Marking, defined: set[str]) -> None:
    """Signs inside lines; ``defined``: the names of links whose addresses stand elsewhere."""
    for found in marking.found(_CODE):
        _pair(marking, found, "code sign")
    for found in marking.found(_PICTURE):
        if found[1].strip():
            marking.direct(*found.span(), "picture", f"picture: {plain(found[1])}")
        else:
            marking.leave_out(*found.span(), "picture")
    for found in marking.found(_MARK):
        marking.leave_out(*found.span(), "footnote mark")
    _claim_links(marking, defined)
    for found in marking.found(_ADDRESS):
        _pair(marking, found, "link sign")
    for pattern in (*_EMPHASIS, _JOINED_BOLD):
        for found in pattern.finditer(marking.text):
            _pair(marking, found, "emphasis sign")
    for found in marking.found(_ESCAPE):
        marking.signs(*found.span(), "escape sign")


def _claim_links(marking: Marking, defined: set[str]) -> None:
    for found in _LINK.finditer(marking.text):
        if marking.is_free(*found.span(1)) and marking.leave_out(*found.span(2), "link address"):
            marking.signs(*found.span(1), "link sign")
    for found in _REFERENCE.finditer(marking.text) if defined else ():
        if (found[4] or found[2]).casefold() in defined and marking.is_free(*found.span(1)):
            marking.signs(*found.span(1), "link sign")
            marking.signs(*found.span(3), "link sign")


def _pair(marking: Marking, found: re.Match[str], label: str) -> None:
    if marking.is_free(*found.span(1)) and marking.is_free(*found.span(2)):
        marking.signs(*found.span(1), label)
        marking.signs(*found.span(2), label)


def _claim_headings(marking: Marking, *, directing: bool) -> None:
    for found in _UNDERLINED.finditer(marking.text):
        if not marking.is_free(*found.span(2)):
            continue
        if directing:
            marking.claim_rest(*found.span(), PartKind.HEADING, "heading", f"heading: {plain(found[1])}")
        else:
            marking.signs(*found.span(2), "heading sign")
    for found in _HEADING.finditer(marking.text):
        if directing and marking.is_free(*found.span(1)):
            marking.claim_rest(*found.span(), PartKind.HEADING, "heading", f"heading: {plain(found[2])}")
        elif marking.is_free(*found.span(1)):
            marking.signs(*found.span(1), "heading sign")
            marking.signs(*found.span(3), "heading sign")


def _has_table(lines: list[str]) -> bool:
    rows = [bool(_ROW.fullmatch(line)) for line in lines]
    ruled = any("|" in line and _TABLE_RULE.fullmatch(line) for line in lines)
    return ruled or any(a and b for a, b in pairwise(rows))


def _has_list(lines: list[str]) -> bool:
    """Whether items follow each other. Lines of speech begin with a dash, too, and end with a stop."""
    run: list[str] = []
    for line in [*lines, ""]:
        if _ITEM.match(line):
            run.append(line.strip())
        elif line.strip() or not run:
            run = []
        if len(run) > 1 and (run[-1][0] != "-" or not any(item[-1] in '.?!…"”»' for item in run)):
            return True
    return False


def _cells(line: str) -> list[tuple[int, int]]:
    """Where the cells of a row begin and end."""
    pipes = [found.span() for found in re.finditer(r"(?<!\\)\|", line)]
    edges = [(0, 0), *pipes, (len(line), len(line))]
    return [(a[1], b[0]) for a, b in pairwise(edges)][line.lstrip().startswith("|") :]


def _columns_of_a_film(head: str) -> frozenset[int]:
    """Which columns are seen, where a table sets what is seen beside what is heard."""
    names = [plain(head[start:end]).strip() for start, end in _cells(head)]
    seen = frozenset(n for n, name in enumerate(names) if _SEEN.fullmatch(name))
    return seen if any(_HEARD.fullmatch(name) for name in names) else frozenset()


def _claim_seen(marking: Marking, line: Line, seen: frozenset[int]) -> None:
    for n, (start, end) in enumerate(_cells(line.text)):
        cell = line.text[start:end]
        begin = line.start + start + len(cell) - len(cell.lstrip())
        if n in seen and cell.strip():
            marking.direct(begin, begin + len(cell.strip()), "visual or sound cue", plain(cell))


def _claim_tables(marking: Marking) -> None:
    lines = marking.lines
    seen: frozenset[int] = frozenset()
    rules = {n for n, line in enumerate(lines) if "|" in line.text and _TABLE_RULE.fullmatch(line.text)}
    rows = {n for n, line in enumerate(lines) if _ROW.fullmatch(line.text)} - rules
    rows = {n for n in rows if rows & {n - 1, n + 1} or rules & {n - 1, n + 1}}
    for rule in rules:
        marking.signs(lines[rule].start, lines[rule].end, "table sign")
        for way in (-1, 1):
            n = rule + way
            while 0 <= n < len(lines) and "|" in lines[n].text and n not in rules:
                rows.add(n)
                n += way
                if way == -1:
                    break
    for n in sorted(rows):
        line = lines[n]
        if n - 1 not in rows | rules:
            seen = _columns_of_a_film(line.text) if n + 1 in rules else frozenset()
            if seen:
                marking.claim_rest(line.start, line.end, PartKind.LEFT_OUT, "table head", "")
        _claim_seen(marking, line, seen)
        if n and not lines[n - 1].blank:
            marking.signs(line.start - 1, line.start, "table sign", LINE)
        for found in list(_PIPES.finditer(marking.text, line.start, line.end)):
            edge = found.start() == line.start or found.end() == line.end
            marking.signs(*found.span(), "table sign", "" if edge else " " if seen else ", ")
