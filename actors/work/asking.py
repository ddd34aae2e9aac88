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

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name: one's own, else the shipped one."""
        return next((prompt for prompt in self.own if prompt.name == name), prompts.load(name))
