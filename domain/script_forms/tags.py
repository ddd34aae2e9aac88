"""Tags of HTML and SSML, and character references. A tag that nobody knows is text: ``List<T>``."""

import html
import re
from typing import Final

from domain.characters import cleaned
from domain.script_forms.parts import LINE, PARAGRAPH, Marking, PartKind, plain, table

_BLOCKS: Final = table(
    "address article aside blockquote body dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "head header hr html main nav ol p pre section speak table tbody tfoot thead ul voice"
)
_ROWS: Final = table("br li tr")
_INLINE: Final = table(
    "a abbr amazon:effect amazon:domain audio b big break center cite code del dfn em emphasis font i "
    "img ins kbd lang lexicon mark media meta mstts:express-as link par phoneme prosody q s samp "
    "say-as seq small span strike strong sub sup td th time title tt u var video w wbr"
)
_ALONE: Final = table("br hr img wbr break mark")
"""They need no end to be tags."""
_CODES: Final = table("script style svg")
_SSML: Final = table("speak break prosody emphasis say-as phoneme voice")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,20})((?:\s[^<>]{0,500})?)/?>")
_COMMENT: Final = re.compile(
    r"<!--(?:[^>]{0,5000}+>){1,50}?(?<=-->)|<!(?:DOCTYPE|doctype)[^<>]{0,200}>|<\?xml[^<>]{0,200}\?>",
    re.DOTALL,
)
_CODE: Final = re.compile(
    r"<(script|style|svg|head)\b[^<>]{0,500}>.{0,20000}?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_HEADING: Final = re.compile(r"<(h[1-6])\b[^<>\n]{0,300}>(.{1,300}?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_ALT: Final = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][\da-fA-F]{1,6});")


def is_known(name: str) -> bool:
    return name.casefold() in _BLOCKS | _ROWS | _INLINE | _CODES


def is_html(text: str) -> bool:
    """Whether a known tag stands there with its end, one that needs none, or a character reference."""
    if _COMMENT.search(text) or any(html.unescape(m[0]) != m[0] for m in _REFERENCE.finditer(text)):
        return True
    opened: set[str] = set()
    for closing, written, more in _TAG.findall(text):
        name = written.casefold()
        if name in _ALONE or (name in _SSML and (more or closing)):
            return True
        if closing and name in opened and is_known(name):
            return True
        opened.add(name)
    return False


def is_ssml(text: str) -> bool:
    return any(name.casefold() in _SSML for _, name, _ in _TAG.findall(text))


def claim(marking: Marking, *, headings: bool) -> None:
    """``headings``: whether they are directions; else they are spoken."""
    for found in marking.found(_COMMENT):
        marking.leave_out(*found.span(), "comment")
    for found in marking.found(_CODE):
        marking.leave_out(*found.span(), "code block", PARAGRAPH)
    if headings:
        for found in marking.found(_HEADING):
            words = f"heading: {plain(found[2])}"
            marking.claim_rest(*found.span(), PartKind.HEADING, "heading", words)
    for found in marking.found(_TAG):
        _claim_tag(marking, found)


def claim_references(marking: Marking) -> None:
    """Say the character that a reference stands for, where it is part of what is spoken."""
    for found in marking.found(_REFERENCE):
        character = cleaned(html.unescape(found[0]))
        if character != found[0]:
            marking.claim(*found.span(), PartKind.SPOKEN, "character reference", character)


def _claim_tag(marking: Marking, found: re.Match[str]) -> None:
    name = found[2].casefold()
    alt = _ALT.search(found[3])
    words = (alt[1] or alt[2] or "").strip() if alt else ""
    if name == "img" and words:
        marking.direct(*found.span(), "picture", f"picture: {html.unescape(words)}")
    elif name in _BLOCKS:
        marking.signs(*found.span(), "tag", PARAGRAPH)
    elif name in _ROWS:
        marking.signs(*found.span(), "tag", LINE)
    elif name in {"td", "th"}:
        marking.signs(*found.span(), "tag", " ")
    elif is_known(name):
        marking.signs(*found.span(), "tag")
