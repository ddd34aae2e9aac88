r"""Captions as files: WebVTT and SubRip, from integer milliseconds.

WebVTT has a way to write its own signs as text; SubRip has none, and players guess: they take ``<b>`` for
bold, ``{\an8}`` for a place, ``\N`` for a new line, ``&lt;`` for a sign, and ``-->`` for times. There a
zero-width space parts what they would take for markup; it is not seen, and the words stay as written.

Players know no language and read a line in the direction of its first letter: one that begins with a foreign
name, which runs the other way, has a mark before it that says in which direction it is written.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape, unescape

from actors.media.bidi import base_level
from actors.media.cues import Cue

_SPOKEN_BY = re.compile(r"<v ([^>]*)>")
_MARKS = "\u200e\u200f"
"""Of a line that runs from left to right, and of one from right to left."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_GUARD = "\u200b"
_GUARDED = re.compile(r"<(?=[a-zA-Z/!?])|\{|\\(?=[Nnh{}\\])|&(?=[a-zA-Z#])|--(?=>)")
_TIMES = re.compile(r"(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})")


def to_vtt(cues: Sequence[Cue], language: str = "") -> str:
    """A WebVTT file, as browsers show beside the film."""
    head = "WEBVTT" + (f"\nLanguage: {language}" if language else "")
    blocks = [
        f"{number}\n{_stamp(cue.start_ms, '.')} --> {_stamp(cue.end_ms, '.')}\n"
        + _voice(cue.speaker)
        + "\n".join(escape(line, quote=False) for line in _directed(cue, language))
        for number, cue in enumerate(cues, 1)
    ]
    return "\n\n".join([head, *blocks]) + "\n"


def to_srt(cues: Sequence[Cue]) -> str:
    """A SubRip file, as players and platforms take."""
    blocks = [
        f"{number}\n{_stamp(cue.start_ms, ',')} --> {_stamp(cue.end_ms, ',')}\n"
        + "\n".join(_GUARDED.sub(lambda found: found[0] + _GUARD, line) for line in _lines(cue.lines))
        for number, cue in enumerate(cues, 1)
    ]
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def _voice(speaker: str | None) -> str:
    """What marks a caption's text as somebody's, up to its end."""
    return "" if speaker is None else f"<v {escape(_CONTROLS.sub(' ', speaker), quote=False)}>"


def _directed(cue: Cue, language: str) -> list[str]:
    """Its lines without the name; marked where they, or the first with the name, begin the other way."""
    first, *others = cue.lines
    lines = _lines([first[cue.name :].lstrip() if cue.name else first, *others])
    base = base_level(" ".join(cue.lines), language)
    return [
        line if base_level(line) == base and (number or base_level(first) == base) else _MARKS[base] + line
        for number, line in enumerate(lines)
    ]


def _lines(lines: Iterable[str]) -> list[str]:
    """Without what would end a line or a caption in a file: control characters, and empty lines."""
    clean = (_CONTROLS.sub(" ", line) for line in lines)
    return [line for line in clean if line.strip()]


def vtt_cues(vtt: str) -> list[Cue]:
    """The cues of a file that `to_vtt` wrote; ValueError when it is no WebVTT.

    Where another speaks than before, the caption begins with the name.
    """
    head, *blocks = vtt.strip("\n").split("\n\n")
    if not head.startswith("WEBVTT"):
        raise ValueError("not a WebVTT file")
    cues: list[Cue] = []
    for block in blocks:
        cue = _cue(block)
        if cue.speaker is not None and (not cues or cues[-1].speaker != cue.speaker):
            first = cue.lines[0].lstrip(_MARKS)
            name = f"{cue.lines[0].removesuffix(first)}{cue.speaker}:"
            cue = replace(cue, lines=(f"{name} {first}", *cue.lines[1:]), name=len(name))
        cues.append(cue)
    return cues


def _cue(block: str) -> Cue:
    _number, times, *lines = block.split("\n")
    found = _TIMES.fullmatch(times)
    if found is None:
        raise ValueError(f"not the times of a caption: {times!r}")
    start, end = (_milliseconds(*found.groups()[i : i + 4]) for i in (0, 4))
    voice = _SPOKEN_BY.match(lines[0]) if lines else None
    if voice is not None:
        lines[0] = lines[0][voice.end() :]
    speaker = unescape(voice[1]) if voice else None
    return Cue(start, end, tuple(unescape(line) for line in lines), speaker=speaker)


def _milliseconds(hours: str, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def _stamp(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"
