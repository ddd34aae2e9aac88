"""How this installation asks its models: by which settings, the same for every process that plans a call."""

from dataclasses import dataclass

from actors.gemini import thinking
from actors.gemini.thinking import Level


@dataclass(frozen=True)
class Asking:
    """Picklable. What of it decides an answer is recorded with each request."""

    thinking: Level | None = thinking.DEFAULT
    """How much text models think; None: they are not asked, because the SDK has no words for it."""
