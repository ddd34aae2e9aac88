r"""WebVTT, as Reelog writes it, as SubRip, which older players and editing programs read.

SubRip has no way to write its own signs as text, and players guess: a zero-width space parts what they would
take for markup. Where another speaks than before, the caption begins with the name. Reelog's tests hold this
to be, letter for letter, what `reelog make` writes.
"""

import re
from html import unescape

_TIME = re.compile(r"(\d\d+:\d\d:\d\d)\.(\d{3})")
_SPOKEN_BY = re.compile(r"<v ([^>]*)>")
_GUARDED = re.compile(r"<(?=[a-zA-Z/!?])|\{|\\(?=[Nnh{}\\])|&(?=[a-zA-Z#])|--(?=>)")
_GUARD = "\u200b"
_MARKS = "\u200e\u200f"
"""What says in which direction a line is written that begins in the other."""


def srt_of(vtt: str) -> str:
    """The same captions."""
    _head, *blocks = vtt.strip("\n").split("\n\n")
    captions: list[str] = []
    speaker: str | None = None
    for block in blocks:
        number, times, *lines = block.split("\n")
        before, speaker = speaker, None
        voice = _SPOKEN_BY.match(lines[0]) if lines else None
        if voice is not None:
            lines[0] = lines[0][voice.end() :]
            speaker = unescape(voice[1])
        words = [unescape(line) for line in lines]
        if speaker is not None and speaker != before:
            first = words[0].lstrip(_MARKS)
            mark = words[0].removesuffix(first)
            words[0] = f"{mark}{speaker}: {first}"
        shown = [_GUARDED.sub(lambda sign: sign[0] + _GUARD, line) for line in words if line.strip()]
        captions.append("\n".join([number, _TIME.sub(r"\1,\2", times), *shown]))
    return "\n\n".join(captions) + ("\n" if captions else "")
