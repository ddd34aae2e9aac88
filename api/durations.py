"""How long something takes, in words.

``duration`` and ``roughly`` of the page (``api/web/static/core.js``) say the same of the same time; a test
holds the two together.
"""

import math

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_ROUGH_S, _ROUGH_MINUTES = 90, 90 * _MINUTE
"""Below the first seconds are told of what is only expected, below the second minutes."""


def duration(seconds: float | None) -> str:
    """``4.2 s``, ``31 s``, ``1 min 03 s``, ``2 h 05 min``, ``3 d 4 h``; ``–`` when it is not known.

    Days too: a film may wait so long for whoever reviews it.
    """
    if seconds is None:
        return "–"
    tenths = max(0, _rounded(seconds * 10))
    if tenths < 100:  # noqa: PLR2004 - ten seconds
        return f"{tenths / 10:.1f} s"
    whole = _rounded(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def roughly(seconds: float) -> str:
    """``about 45 s``, ``about 12 min``, ``about 1.5 h``: of what is only expected."""
    if seconds < _ROUGH_S:
        step = 1 if seconds < 10 else 5  # noqa: PLR2004 - seconds
        return f"about {math.ceil(seconds / step) * step} s"
    if seconds < _ROUGH_MINUTES:
        return f"about {_rounded(seconds / _MINUTE)} min"
    return f"about {_rounded(seconds / _HOUR * 10) / 10:.1f} h"


def _rounded(value: float) -> int:
    """As ``Math.round``; Python's own ``round`` goes to the even neighbour of a half."""
    return math.floor(value + 0.5)
