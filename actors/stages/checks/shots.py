"""Is a shot what was asked for? Broken, empty, still or short ones are failed attempts, at their cost.

What may be an honest shot all the same (a cut inside, a beginning unlike the given picture) is a doubt: asked
for once more and then taken, as ``doubts.py`` says.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from actors.media.errors import PictureError
from actors.stages.checks.answers import ASPECT_TOLERANCE
from domain.failures import AttemptFailedError, Code, Failure

if TYPE_CHECKING:
    from PIL import Image

    from actors.media.shots import ShotLooks

SHORTEST_SHARE: Final = 0.9
SLACK_S: Final = 0.25
"""A shot may lack a tenth and a moment: it is slowed by more than that without being noticed."""
SMALLEST_SHARE: Final = 0.9
"""Of the short side that was asked for."""
MOST_EMPTY: Final = 0.5
MOST_STILL: Final = 0.8
"""Of its time: it may begin in the dark, or come to rest."""
FIRST_FRAME: Final = 0.5
"""Of the cells of the given picture, that a shot's first frame has: 0.9 is usual, another picture has 0.2."""


def check_shot(path: Path, *, seconds: float, aspect_ratio: str, resolution: str) -> "ShotLooks":
    """What is seen in a shot. AttemptFailedError unless it plays, moves, and has the shape and the length."""
    from actors.media.shots import look_at  # noqa: PLC0415 - loads what the Director has no use for

    try:
        seen = look_at(path)
    except PictureError as error:
        raise _failed(Code.MALFORMED_SHOT, error.message) from error
    size = f"{seen.width}x{seen.height}"
    across, down = map(int, aspect_ratio.split(":"))
    if abs(seen.width / seen.height * down / across - 1) > ASPECT_TOLERANCE:
        raise _failed(Code.WRONG_ASPECT, f"The shot is {size}; {aspect_ratio} was asked for")
    if min(seen.width, seen.height) < SMALLEST_SHARE * int(resolution.removesuffix("p")):
        raise _failed(Code.IMAGE_TOO_SMALL, f"The shot is {size}; {resolution} was asked for")
    if seen.duration_s < SHORTEST_SHARE * seconds - SLACK_S:
        message = f"The shot is {seen.duration_s:.1f} s long; {seconds:g} s were asked for"
        raise _failed(Code.SHOT_TOO_SHORT, message, duration_s=round(seen.duration_s, 3))
    if seen.empty > MOST_EMPTY:
        raise _failed(Code.EMPTY_SHOT, f"Nothing is to be seen in {seen.empty:.0%} of the shot")
    if seen.still > MOST_STILL:
        raise _failed(Code.STILL_SHOT, f"Nothing moves in {seen.still:.0%} of the shot")
    return seen


def shot_doubts(seen: "ShotLooks", given: "Image.Image") -> list[Failure]:
    """A beginning unlike the picture that was given, and cuts."""
    from actors.media.likeness import likeness  # noqa: PLC0415

    found = []
    alike = likeness(given, seen.first)
    if alike < FIRST_FRAME:
        message = f"The shot begins with another picture than the given one ({alike:.0%} of it is the same)"
        found.append(Failure.of(Code.OTHER_FIRST_FRAME, message, details={"likeness": round(alike, 3)}))
    if seen.cuts_s:
        at = ", ".join(f"{cut:.1f} s" for cut in seen.cuts_s)
        message = f"The shot is not continuous: another one begins at {at}"
        found.append(Failure.of(Code.CUT_IN_SHOT, message, details={"cuts_s": list(seen.cuts_s)}))
    return found


def _failed(code: Code, message: str, **details: Any) -> AttemptFailedError:
    return AttemptFailedError(Failure.of(code, message, details=details))
