"""Screenplays, as Hollywood and Fountain set them: who speaks is heard, what happens is seen.

A line of capitals between an empty line and a line of text is a character's cue. Where nobody speaks in it,
the lines of action are the narration.
"""

import re
from collections import Counter
from typing import Final

from domain.script_forms.parts import Line, Marking, PartKind, plain

_PLACE: Final = (
    r"(?:INT\.?[ ]?/[ ]?EXT|EXT\.?[ ]?/[ ]?INT|I/E|INT|EXT|EST|INNEN[ ]?/[ ]?AUSSEN|INNEN|AUSSEN|AUẞEN|AUßEN)"
)
_SCENE: Final = re.compile(rf"(?:\d{{1,4}}[A-Z]?[.)]?[ \t]+)?{_PLACE}[. ][ \t]*\S.{{0,110}}")
_LOOSE_SCENE: Final = re.compile(rf"{_PLACE}\.[ \t]*\S.{{0,110}}", re.IGNORECASE)
_TRANSITION: Final = re.compile(
    r"(?:FADE (?:IN|OUT|UP|TO BLACK|TO WHITE)|(?:(?:SMASH|MATCH|JUMP|HARD) )?CUT TO(?: BLACK)?|"
    r"(?:SMASH|MATCH|JUMP|HARD) CUT|(?:SLOW )?DISSOLVE(?: TO)?|WIPE TO|IRIS (?:IN|OUT))"
    r"(?: ON [A-Z ]{1,40})?[.:]{0,3}"
)
_OTHER_TRANSITION: Final = re.compile(
    r"(?:[A-Z ]{1,40} TO:|THE END\.?|"
    r"(?:BACK TO|INTERCUT|MONTAGE|END OF|END|FREEZE FRAME|TITLE|SUPER|FLASHBACK|CREDITS)\b[^a-z]{0,80})"
)
_CUE: Final = re.compile(
    r"(?P<forced>@?)(?P<name>[^():@][^():]{0,39}?)(?P<manner>(?:[ \t]*\([^()]{1,40}\))*)[ \t]*\^?"
)
_OFF: Final = re.compile(
    r"\((?:V\.?[ ]?O\.?|O\.?[ ]?S\.?|O\.?[ ]?C\.?|CONT[’'`]?D\.?|OFF|PRE-?LAP|INTO PHONE|FILTERED)\)",
    re.IGNORECASE,
)
_AGAIN: Final = re.compile(r"\(CONT[’'`]?D\.?\)", re.IGNORECASE)
_NO_CUE: Final = re.compile(
    r"(?:VERSE|CHORUS|BRIDGE|REFRAIN|INTRO|OUTRO|PART|CHAPTER|ACT|SCENE|STEP|PRE-?CHORUS|HOOK|CONTENTS|NOTES?|"
    r"SOURCES?|SUMMARY|CONCLUSION|INTRODUCTION)\b.*"
)
_PAGE_MARK: Final = re.compile(r"\(?(?:CONTINUED|MORE)\)?:?(?: \(\d+\))?|\d{1,3}\.|={3,}")
_TITLE_PAGE: Final = re.compile(
    r"(?:title|credit|authors?|written by|source|draft date|date|contact|copyright|notes|revision)[ \t]*:.*",
    re.IGNORECASE,
)
_BY_LINE: Final = re.compile(
    r"(?:(?:an? )?(?:original )?(?:screenplay|teleplay|script|story|short film|film|play|written)[ \t]+)?"
    r"(?:by|von|par|por|di)(?:[ \t]+\S.{0,60})?",
    re.IGNORECASE,
)
_TITLE_LINES: Final = 8
"""At most so many lines stand before the author's."""
_BONEYARD: Final = re.compile(r"/\*(?:(?!\*/).){0,5000}\*/", re.DOTALL)
_SECTION: Final = re.compile(r"#{1,6}[ \t]+\S.*|=[ \t]+\S.*")
_PARENTHETICAL: Final = re.compile(r"\((?:(?!\n[ \t]*\n)[^()]){1,300}\)[*_]*")
_MARKS: Final = "*_ \t"
_MOST_WORDS_OF_A_NAME: Final = 5
_ENOUGH: Final = 2
_RECURRING: Final = 3

SILENCING: Final = frozenset({"scene heading", "line of action", "transition", "heading"})
"""After these the character who spoke speaks no more."""


def is_screenplay(text: str) -> bool:
    lines = text.split("\n")
    score = 0
    cues: Counter[str] = Counter()
    for number, line in enumerate(lines):
        bare = line.strip(_MARKS)
        if _is_scene(bare, strict=True):
            score += _ENOUGH if re.search(r" [-–—] ", bare) else 1
        elif _TRANSITION.fullmatch(bare):
            score += _ENOUGH
        elif number + 1 < len(lines) and lines[number + 1].strip() and (cue := _cue(line)):
            if _OFF.search(cue["manner"]):
                score += _ENOUGH
            elif number == 0 or not lines[number - 1].strip():
                cues[cue["name"].strip()] += 1
        if score >= _ENOUGH:
            return True
    recurring = sum(count for count in cues.values() if count > 1)
    blocks = len(re.findall(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*", text))
    if recurring and (recurring >= _RECURRING or 2 * sum(cues.values()) >= blocks):
        score += _ENOUGH
    return score + bool(recurring) >= _ENOUGH


def claim(marking: Marking) -> None:
    for found in marking.found(_BONEYARD):
        marking.leave_out(*found.span(), "note")
    lines = marking.lines
    start = _claim_title_page(marking)
    cues = {n for n in range(start, len(lines)) if _is_cue(marking, n)}
    for n in cues:
        _claim_cue(marking, lines[n])
    begins = cues | {n for n in range(start, len(lines)) if marking.speaker_end(lines[n].start) is not None}
    speaking = False
    action: list[Line] = []
    for n in range(start, len(lines)):
        line = lines[n]
        speaking = n in begins or (speaking and not line.blank)
        if n in begins or not marking.has_words(line.start, line.end) or _claim_mark(marking, line):
            _claim_action(marking, action)
        elif speaking:
            _claim_speech(marking, n, goes_on=n + 1 not in cues)
        elif begins:
            action.append(line)
        elif line.text.lstrip().startswith("!"):
            at = line.start + line.text.index("!")
            marking.signs(at, at + 1, "sign of action")
    _claim_action(marking, action)


def _is_scene(bare: str, *, strict: bool) -> bool:
    if _SCENE.fullmatch(bare):
        return not any(c.islower() for c in re.sub(r"\([^()]*\)|ß", "", bare))
    return not strict and bool(_LOOSE_SCENE.fullmatch(bare) or re.fullmatch(r"\.\w.{0,110}", bare))


def _cue(line: str) -> re.Match[str] | None:
    """The parts of a character's cue, where the line looks like one."""
    bare = line.strip(" \t").strip("*_")
    found = _CUE.fullmatch(bare.replace("**", ""))
    if found is None:
        return None
    name = found["name"].strip()
    if found["forced"]:
        return found
    cased = any(c.isupper() for c in name) and name == name.upper()
    if not cased or name[-1:] in ".!?,;-–—" or not name[:1].isalpha() or _NO_CUE.fullmatch(name):
        return None
    if len(name.split()) > _MOST_WORDS_OF_A_NAME or _is_transition(bare) or _is_scene(bare, strict=True):
        return None
    return found


def _is_transition(bare: str) -> bool:
    return bool(_TRANSITION.fullmatch(bare) or _OTHER_TRANSITION.fullmatch(bare))


def _is_cue(marking: Marking, n: int) -> bool:
    line, lines = marking.lines[n], marking.lines
    if line.blank or not marking.is_free(line.start, line.end) or n + 1 == len(lines) or lines[n + 1].blank:
        return False
    cue = _cue(line.text)
    if cue is None:
        return False
    before = lines[n - 1].text.strip(_MARKS) if n else ""
    begins = not before or _is_transition(before) or _is_scene(before, strict=False)
    return begins or bool(_OFF.search(cue["manner"]))


def _claim_cue(marking: Marking, line: Line) -> None:
    cue = _cue(line.text)
    assert cue is not None, "only cues come here"
    name = plain(cue["name"])
    manner = [m for m in re.findall(r"\([^()]*\)", cue["manner"]) if not _AGAIN.fullmatch(m)]
    at = line.text.find("(") if manner else -1
    if at < 0:
        marking.claim(line.start, line.end, PartKind.SPEAKER, "speaker", name)
        return
    marking.claim(line.start, line.start + at, PartKind.SPEAKER, "speaker", name)
    marking.direct(line.start + at, line.end, "parenthetical", ", ".join(m.strip("()") for m in manner))


def _claim_mark(marking: Marking, line: Line) -> bool:
    """Whether the line is a heading, a transition or a mark of the page."""
    bare = line.text.strip(_MARKS)
    if _is_scene(bare, strict=False):
        words = plain(bare.removeprefix("."))
        return marking.claim_rest(line.start, line.end, PartKind.HEADING, "scene heading", words)
    if _PAGE_MARK.fullmatch(bare):
        return marking.leave_out(line.start, line.end, "page mark")
    if _is_transition(bare) or re.fullmatch(r">[^<]*", bare):
        return marking.direct(line.start, line.end, "transition", plain(bare.lstrip("> ")))
    if _SECTION.fullmatch(bare):
        words = f"heading: {plain(bare.lstrip('#= '))}"
        return marking.claim_rest(line.start, line.end, PartKind.HEADING, "heading", words)
    return False


def _claim_speech(marking: Marking, n: int, *, goes_on: bool) -> None:
    """What is not spoken of a line of dialogue: brackets at its beginning, which may go over lines."""
    line, lines = marking.lines[n], marking.lines
    at = len(line.text) - len(line.text.lstrip(_MARKS))
    if found := _PARENTHETICAL.match(marking.text, line.start + at):
        marking.direct(line.start, found.end(), "parenthetical", plain(found[0]).strip("()"))
    if goes_on and n + 1 < len(lines) and not lines[n + 1].blank:
        # Columns of dialogue are narrow: a line's end says nothing of a sentence's.
        marking.signs(line.end, line.end + 1, "line end", " ")


def _claim_action(marking: Marking, action: list[Line]) -> None:
    if action:
        start, end = action[0].start, action[-1].end
        words = plain(marking.text[start:end]).lstrip("!")
        if words.startswith("(") and words.endswith(")"):
            words = words[1:-1]
        marking.direct(start, end, "line of action", words)
        action.clear()


def _claim_title_page(marking: Marking) -> int:
    """How many lines at the beginning are the title page's."""
    lines = marking.lines
    end = _title_page_end(lines)
    if end == len(lines):
        return 0
    for line in lines[:end]:
        if not line.blank:
            marking.direct(line.start, line.end, "line of the title page", line.text)
    return end


def _ends_title_page(line: Line) -> bool:
    bare = line.text.strip(_MARKS)
    spoken = (cue := _cue(line.text)) and _OFF.search(cue["manner"])
    return not bare or _is_scene(bare, strict=True) or bool(_TRANSITION.fullmatch(bare) or spoken)


def _title_page_end(lines: list[Line]) -> int:
    """After Fountain's keys, or after the block with the author's line, where no scene stands before it."""
    for n, line in enumerate(lines[:_TITLE_LINES]):
        bare = line.text.strip(_MARKS)
        keyed = n == 0 and _TITLE_PAGE.fullmatch(bare)
        if keyed or (n and _BY_LINE.fullmatch(bare)):
            rest = range(n + 1, len(lines))
            return next((after for after in rest if _ends_title_page(lines[after])), len(lines))
        if bare and (_is_scene(bare, strict=False) or _is_transition(bare)):
            return 0
    return 0
