"""Captions as files: WebVTT and SubRip, from integer milliseconds."""

from collections.abc import Sequence
from html import escape

from actors.media.cues import Cue


def to_vtt(cues: Sequence[Cue], language: str = "") -> str:
    """A WebVTT file, as browsers show beside the film."""
    head = "WEBVTT" + (f"\nLanguage: {language}" if language else "")
    blocks = [
        f"{number}\n{_stamp(cue.start_ms, '.')} --> {_stamp(cue.end_ms, '.')}\n"
        + "\n".join(escape(line, quote=False) for line in cue.lines)
        for number, cue in enumerate(cues, 1)
    ]
    return "\n\n".join([head, *blocks]) + "\n"


def to_srt(cues: Sequence[Cue]) -> str:
    """A SubRip file, as players and platforms take."""
    blocks = [
        f"{number}\n{_stamp(cue.start_ms, ',')} --> {_stamp(cue.end_ms, ',')}\n" + "\n".join(cue.lines)
        for number, cue in enumerate(cues, 1)
    ]
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def _stamp(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"
