"""What one look of ``reelog doctor`` finds."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and what to do if it is not well."""

    name: str
    state: State
    told: str
    hint: str = ""
