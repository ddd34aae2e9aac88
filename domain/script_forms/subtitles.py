"""Subtitle files, SRT and WebVTT: the words of the cues, joined to sentences; times and settings go."""

import re
from collections import Counter
from typing import Final

from domain.script_forms.parts import LINE, Marking, PartKind

_TIME: Final = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING: Final = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*$", re.MULTILINE)
_CUE: Final = re.compile(
    rf"(?:^[ \t]*\d{{1,6}}[ \t]*\n|(?:(?<=\n\n)|\A)(?![ \t]*{_TIME})[^\n]{{1,80}}\n)?{_TIMING.pattern}\n?",
    re.MULTILINE,
)
"""A cue's number or name, its times and their line's end."""
_HEADER: Final = re.compile(r"\AWEBVTT\b[^\n]*(?:\n[^\n]+)*")
_NOTE: Final = re.compile(r"(?<=\n\n)(?:NOTE|STYLE|REGION)\b[^\n]*(?:\n[^\n]+)*")
_VOICE: Final = re.compile(r"<v(?:\.[\w.]+)?[ \t]+([^<>\n]{1,60})>")
_TAG: Final = re.compile(
    rf"</?(?:[ibuvc]|ruby|rt|lang|font)\b[^<>\n]*>|<{_TIME}>|\{{\\[^{{}}\n]{{1,60}}\}}", re.IGNORECASE
)
_TAGS: Final = r"(?:[ \t]|<[^<>\n]{1,60}>|\{\\[^{}\n]{1,60}\})*"
_SOUND: Final = re.compile(
    rf"(?P<square>\[[^\[\]\n]{{1,120}}\])|^{_TAGS}(?:[-–][ \t]*)?(?P<round>\([^()\n]{{1,120}}\)){_TAGS}$",
    re.MULTILINE,
)
_NAME: Final = re.compile(
    r"^[ \t]*(?:[-–][ \t]*)?(?:>>[ \t]*)?([^\W\d_a-z][^a-z\d\n:]{1,30}):(?:[ \t]+(?=\S)|(?=[^\W\d_]))",
    re.MULTILINE,
)
"""As subtitles for those who cannot hear have it: ``MAN: Sorry.``; ``MAN:Sorry.`` where the name returns."""
_NOTES: Final = re.compile("[♪♫]+")
_DASH: Final = re.compile(r"^[ \t]*[-–][ \t]*(?=\S)", re.MULTILINE)
_BREAK: Final = re.compile(r"\n\s*")


def is_subtitles(text: str) -> bool:
    return bool(_TIMING.search(text))


def claim(marking: Marking) -> None:
    header = _HEADER.search(marking.text)
    if header and not _TIMING.search(header[0]):
        marking.leave_out(*header.span(), "subtitle header")
    for found in marking.found(_NOTE):
        marking.leave_out(*found.span(), "subtitle note")
    for found in marking.found(_CUE):
        marking.leave_out(*found.span(), "timestamp", " ")
    for found in marking.found(_VOICE):
        marking.claim(*found.span(), PartKind.SPEAKER, "speaker", found[1].strip())
    for found in marking.found(_TAG):
        marking.signs(*found.span(), "tag")
    _claim_sounds_and_names(marking)
    for found in marking.found(_NOTES):
        marking.signs(*found.span(), "note sign")


def _claim_sounds_and_names(marking: Marking) -> None:
    for found in _SOUND.finditer(marking.text):
        where = found.lastgroup or 0
        if marking.is_free(*found.span(where)):
            marking.direct(*found.span(where), "sound", found[where].strip("[]()"))
    named = [found for found in marking.found(_NAME) if found[1].isupper()]
    counts = Counter(found[1] for found in named)
    for found in named:
        if not found[0].endswith(":") or counts[found[1]] > 1:
            marking.claim(*found.span(), PartKind.SPEAKER, "speaker", found[1].strip())


def join_lines(marking: Marking) -> None:
    """Cues are cut where the screen is full: what ends a sentence is its stop, or a dash before the next."""
    dashes = {found.start() for found in marking.found(_DASH)}
    for found in list(marking.found(_DASH)):
        marking.signs(*found.span(), "dash", LINE)
    for found in marking.found(_BREAK):
        marking.signs(*found.span(), "line end", " " if found.end() not in dashes else LINE)
