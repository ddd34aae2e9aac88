"""Speakers' names before what they say, ``ANNA: Hello.``, and labels of what is seen or heard: ``SFX: rain``.

A colon is no label: names must return, or stand before most of the lines, and ``NOTE:`` is nobody's name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.script_forms.parts import Line, Marking, PartKind, plain, table

_LABEL: Final = re.compile(
    r"(?P<time>[ \t]*[*_]{0,3}[(\[]\d{1,2}:\d{2}[\d:.,]{0,9}[)\]][*_]{0,3}[ \t]*)?"
    r"(?P<lead>[ \t]*(?:[-–—][ \t]+)?[*_]{0,3})(?P<name>[^\W\d_][\w .'’&/-]{0,39}?)[*_]{0,3}"
    r"(?P<manner>[ \t]*(?:\([^()\[\]\n]{1,60}\)|\[[^()\[\]\n]{1,60}\]))?"
    r"[*_]{0,3}(?:[ \t]*(?:：|:(?!:?[\w/\\]))[*_]{0,3}[ \t]*|(?<![ \t\d]):(?=\w)(?![a-z\d_+-]{1,40}:))"
)
"""Without a space behind its colon, too, but for times, addresses, paths and ``:smile:``."""
_STOPPED_LABEL: Final = re.compile(
    r"(?P<time>)(?P<lead>[ \t]*[*_]{0,3})(?P<name>[^\W\d_a-zà-ÿ][^a-zà-ÿ\d.:\n]{1,38}?)[*_]{0,3}"
    r"(?P<manner>[ \t]*(?:\([^()\[\]\n]{1,60}\)|\[[^()\[\]\n]{1,60}\]))?"
    r"\.[*_]{0,3}[ \t]+(?=[^\W\d_]|[“\"‘'(\[])"
)
"""As plays are printed: ``FIRST WITCH. When shall we three meet again?``"""
_NARRATOR: Final = re.compile(
    r"narrator|narration|voice-? ?over|v\.?o\.?|speaker \d{1,2}|erzähler(?:in)?|sprecher(?:in)?|"
    r"narrateur|narratrice|narrador|narradora|narratore|narratrice|voz en off|voix off|verteller|lektor|"
    r"диктор|рассказчик|旁白|ナレーター|ナレーション|내레이션|내레이터|الراوي|वाचक",
    re.IGNORECASE,
)
_SURE_CUE: Final = re.compile(
    r"SFX|VFX|GFX|FX|B-?ROLL|VISUALS?|ON[- ]SCREEN(?: TEXT)?|TEXT ON SCREEN|SUPER|LOWER THIRD|VIDEO|BGM"
)
_CUE: Final = re.compile(
    rf"{_SURE_CUE.pattern}|music|sounds?|sound effects?|shots?|camera|images?|pictures?|graphics?|animation|"
    r"footage|cut to|scene|setting|action|transition|audio|ambience|title card|bild|ton|musik|son|musique|"
    r"画面|音乐|音楽",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(
    r"(?:note|notes|nb|n\.b\.|ps|p\.s\.|warning|caution|danger|important|attention|remember|tip|hint|example|"
    r"question|answer|q|a|faq|pro|con|pros|cons|fact|myth|rule|step|part|chapter|section|day|week|month|year|lesson|act|"
    r"episode|figure|table|update|edit|tl;?dr|summary|conclusion|introduction|intro|outro|hook|title|subject|from|to|date|"
    r"author|source|sources|link|links|price|total|result|problem|solution|goal|name|address|phone|email|time|place|"
    r"warnung|achtung|hinweis|beispiel|frage|antwort|schritt|teil|kapitel|tag|remarque|exemple|question|réponse|étape|"
    r"nota|ejemplo|pregunta|respuesta|paso|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"first|second|third|finally|also|but|and|so|then|yes|no|he said|she said)(?:[ ][\w.]{1,4})?",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(
    r"[ \t]*[*_]{0,3}((?:hook|intro|outro|introduction|conclusion|summary|teaser|cold open|cta|"
    r"call to action|(?:act|part|chapter|section|segment)[ ]\w{1,10})(?=[*_]{0,3}[ \t]*:)|"
    r"(?:act|scene)[ ](?:\d{1,2}|[ivx]{1,5})(?=\W*$))[*_]{0,3}[ \t]*[:.]?[*_]{0,3}[ \t]*",
    re.IGNORECASE,
)
"""The name of a part on a line of its own."""
_ENTRANCE: Final = re.compile(
    r"[^\n:\[(]{0,60}\b(?:re-?enters?|enters?|exits?|exeunt)\b[^\n:]{0,80}", re.IGNORECASE
)
_SMALL_IN_NAMES: Final = table("of the de la le von van der and und y et")
_MOST_WORDS_OF_A_NAME: Final = 4
_MOST_IDEOGRAPHS_OF_A_NAME: Final = 6
_RECURRING: Final = 3


@dataclass(frozen=True, slots=True)
class _Label:
    line: Line
    found: re.Match[str]
    kind: str
    """narrator, cue, sure_cue, upper, stopped, title or uncased."""

    @property
    def name(self) -> str:
        return plain(self.found["name"])

    @property
    def may_be_a_ratio(self) -> bool:
        """Whether a figure touches its colon: ``BEN:3 of us are left.``, ``SCORE:2``."""
        return self.found[0].endswith(":") and self.line.text[self.found.end() :][:1].isdigit()


def is_narrator(name: str) -> bool:
    """Whether a speaker's name is that of no character: the narrator, a voice-over. A speaker 1 is one."""
    return _NARRATOR.fullmatch(name) is not None and not name[-1].isdigit()


def has_speakers(text: str) -> bool:
    return bool(_labels(Marking(text).lines))


def claim(marking: Marking, *, all_names: bool) -> None:
    """``all_names``: whether a name that stands there once is one, too."""
    labels = _labels(list(marking.free_lines()), all_names=all_names)
    for label in labels:
        _claim_label(marking, label)
    stopped = any(label.kind == "stopped" for label in labels)
    for line in list(marking.free_lines()):
        if stopped and _ENTRANCE.fullmatch(line.text):
            marking.direct(line.start, line.end, "stage direction", plain(line.text))
        elif found := _SECTION.fullmatch(line.text):
            marking.claim_rest(
                line.start, line.end, PartKind.HEADING, "heading", f"heading: {plain(found[1])}"
            )


def _labels(lines: list[Line], *, all_names: bool = False) -> list[_Label]:
    """The labels that count, judged by all of them together."""
    found = list(_candidates(lines))
    clear = [label for label in found if not label.may_be_a_ratio]
    chosen = clear if all_names else _chosen(clear, lines)
    names = {label.name.casefold() for label in chosen}
    return chosen + [label for label in found if label.may_be_a_ratio and label.name.casefold() in names]


def _chosen(found: list[_Label], lines: list[Line]) -> list[_Label]:
    units = _units(lines)
    counts = Counter(label.name.casefold() for label in found)
    of = {
        kind: [label for label in found if label.kind == kind]
        for kind in ("narrator", "cue", "sure_cue", "upper", "stopped", "title", "uncased")
    }
    share = len(found) / units if units else 0.0

    def recur(labels: list[_Label]) -> bool:
        return any(counts[label.name.casefold()] > 1 for label in labels)

    accepted = {"narrator"}
    if of["narrator"] or (len(of["upper"]) > 1 and (recur(of["upper"]) or share >= 1 / 2)):
        accepted.add("upper")
    if len(of["stopped"]) >= _RECURRING and len(of["stopped"]) >= units / 3:
        accepted.add("stopped")
    of["title"] += of["uncased"]
    if of["narrator"]:
        accepted.add("uncased")
    distinct = {label.name.casefold() for label in of["title"]}
    others = of["narrator"] or (of["upper"] if "upper" in accepted else [])
    if recur(of["title"]) and (
        others or (len(distinct) > 1 and len(of["title"]) >= _RECURRING and share >= 2 / 5)
    ):
        accepted |= {"title", "uncased"}
    chosen = [label for label in found if label.kind in accepted]
    if chosen or of["sure_cue"]:
        chosen = [label for label in found if label.kind in accepted | {"cue", "sure_cue"}]
    return chosen


def _units(lines: list[Line]) -> int:
    """How many lines begin something: not those that go on with a wrapped one."""
    count, before = 0, ""
    for line in lines:
        text = line.text.strip()
        if text and (not before or before[-1] in '.!?…:"”’)]。！？'):
            count += 1
        before = text
    return count


def _candidates(lines: list[Line]) -> Iterator[_Label]:
    for line in lines:
        found = _LABEL.match(line.text)
        kind = _kind_of(plain(found["name"])) if found else None
        if kind is None and (found := _STOPPED_LABEL.match(line.text)):
            kind = "stopped" if _kind_of(plain(found["name"])) == "upper" else None
        if found and kind and (found.end() == len(line.text) or line.text[found.end() - 1] in " \t：:*_"):
            yield _Label(line, found, kind)


def _kind_of(name: str) -> str | None:
    for kind, pattern in (("narrator", _NARRATOR), ("sure_cue", _SURE_CUE), ("cue", _CUE)):
        if pattern.fullmatch(name):
            return kind
    words = name.split()
    if _NO_NAME.fullmatch(name) or not 0 < len(words) <= _MOST_WORDS_OF_A_NAME:
        return None
    if not any(c.isupper() or c.islower() for c in name):
        return "uncased" if len(name) <= _MOST_IDEOGRAPHS_OF_A_NAME else None
    if name == name.upper():
        return "upper"
    titled = all(word[0].isupper() or word[0].isdigit() or word in _SMALL_IN_NAMES for word in words)
    return "title" if titled and words[0][0].isupper() else None


_TIME: Final = re.compile(r"[\[(]\s*\d{1,2}:\d{2}[^\])]*[\])]")


def _claim_label(marking: Marking, label: _Label) -> None:
    line, found = label.line, label.found
    start, end = line.start + len(found["time"] or ""), line.start + found.end()
    marking.leave_out(line.start, start, "timestamp")
    if label.kind in {"cue", "sure_cue"}:
        marking.direct(start, line.end, "visual or sound cue", plain(line.text))
        return
    if found["manner"] is None:
        marking.claim(start, end, PartKind.SPEAKER, "speaker", label.name)
        return
    begin, stop = (line.start + place for place in found.span("manner"))
    marking.claim(start, begin, PartKind.SPEAKER, "speaker", label.name)
    manner = found["manner"].strip()
    if _TIME.fullmatch(manner):
        marking.leave_out(begin, stop, "timestamp")
    else:
        marking.direct(begin, stop, "parenthetical", manner.strip("()[]"))
    marking.signs(stop, end, "colon", " ")
