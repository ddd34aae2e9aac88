"""How this installation asks its models: by which settings, the same for every process that plans a call."""

from dataclasses import dataclass

from actors import prompts
from actors.gemini import thinking
from actors.gemini.thinking import Level
from actors.prompts import Prompt


@dataclass(frozen=True)
class Asking:
    """Picklable. What of it decides an answer is recorded with each request."""

    thinking: Level | None = thinking.DEFAULT
    """How much text models think; None: they are not asked, because the SDK has no words for it."""
    own: tuple[Prompt, ...] = ()
    """Prompts in place of the shipped ones."""
    poll_s: float = 2.0
    """How long after its acceptance a call is asked for that is answered later; later pauses are a share of
    the time waited, up to five times this."""

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name: one's own, else the shipped one."""
        return next((prompt for prompt in self.own if prompt.name == name), prompts.load(name))
