"""How many words and scenes a film has room for whose length is asked for.

What words cannot be spoken in the time is refused: by their number before anything is paid for, and by their
real length once they are spoken.
"""

from math import ceil
from typing import Final

from actors.media.errors import TimelineError
from actors.media.timeline import LEAD_S, TAIL_S, Joint, Timeline
from domain.spoken import reading_s

TOLERANCE: Final = 0.10
"""How far, as a share, a narrated film may be from the length asked for."""
FASTEST: Final = 1.3
"""How many times as fast as it was spoken speech may be made."""
_SHORT_SCENE_S: Final = 0.4
"""A few words by themselves take longer than the same words in a sentence."""


def check_words(text: str, target_s: float) -> None:
    """Whether so many words can be spoken in the time at all, by the reading time of ``text``.

    Raises:
        TimelineError: ``too_many_words`` with the shortest film that could hold them.

    """
    shortest = reading_s(text) / FASTEST + float(LEAD_S + TAIL_S)
    if shortest > target_s * (1 + TOLERANCE):
        raise TimelineError(
            "too_many_words",
            f"The script takes about {reading_s(text):.0f} s to read, too long for a film of {target_s:g} s",
            f"Ask for {ceil(shortest / (1 + TOLERANCE))} s or more, shorten the script,"
            " or ask for a film without narration",
        )


def most_scenes(text: str | None, target_s: float, fps: int) -> int:
    """How many scenes a film of this length has room for, with ``text`` spoken in it (None: no narration).

    However they are joined, and however the text is divided between them.
    """
    seen = (round(target_s * fps) - 1) // (1 + 2 * Joint.FADE.frames(fps)) + 1
    if text is None:
        return max(1, seen)
    breath = float(LEAD_S + TAIL_S) + _SHORT_SCENE_S
    return max(1, min(seen, int((target_s - reading_s(text) / FASTEST) / breath)))


def check_length(film: Timeline, target_s: float) -> None:
    """Whether a narrated film is as long as was asked, within 10 %.

    Raises:
        TimelineError: ``target_missed`` with the length that its words give it.

    """
    seconds = float(film.duration_s)
    if abs(seconds / target_s - 1) > TOLERANCE:
        raise TimelineError(
            "target_missed",
            f"The narration makes a film of {seconds:.1f} s, and {target_s:g} s were asked for"
            f" (within {TOLERANCE:.0%})",
            f"Fork the job with target_duration_s {seconds:.0f}, or with a shorter script",
        )
