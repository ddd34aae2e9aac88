"""What is found in a film: defects of the file, and remarks on what it shows and says.

A defect makes it no film: it is cut short, has another size, no sound. A remark is about its contents: a
picture that hardly changes, a long pause. Somebody may have wanted that, and has paid for it; so it is told,
and nothing is refused for it.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: a stable ``code``, where in the film (seconds), and what was measured."""

    code: str
    message: str
    at_s: float | None = None
    value: float | str | None = None
    remark: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Without saying which of the two it is: that is told by the list it stands in."""
        told = asdict(self)
        del told["remark"]
        return told
