"""How a person names a job: by the beginning of its id, which is all that anybody wants to type."""

import itertools
import re
from uuid import UUID

SHORTEST = 8
"""As much of an id as lists show; two of a million jobs share so much of one."""
_HYPHENS = (8, 12, 16, 20)
_DIGITS = 32


def beginning_of(text: str) -> str:
    """The beginning of an id as ids are written: ``10EFB3CE-4`` or ``10efb3ce4`` → ``10efb3ce-4``.

    ValueError when no id begins like that.
    """
    digits = text.strip().replace("-", "").lower()
    if not re.fullmatch(f"[0-9a-f]{{1,{_DIGITS}}}", digits):
        raise ValueError(f"{text!r} is no beginning of an id")
    if len(digits) == _DIGITS:
        return str(UUID(digits))
    cuts = [0, *(place for place in _HYPHENS if place < len(digits)), len(digits)]
    return "-".join(digits[start:end] for start, end in itertools.pairwise(cuts))
