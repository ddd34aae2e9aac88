"""Prompts as files, so that they can be read, reviewed and told apart in the log.

A prompt's *version* is its name and the digest of its file; it goes into ``asset.requested``, so that two
answers can be told to come from different wordings. Placeholders are ``$name`` (``string.Template``): values
are put in once and never looked at again, so a script that holds ``$title`` stays as it was written.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template


@dataclass(frozen=True)
class Prompt:
    name: str
    text: str

    @property
    def version(self) -> str:
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def render(self, **values: str) -> str:
        """Fill every placeholder; KeyError names one that was forgotten."""
        return Template(self.text).substitute(values).strip() + "\n"


@cache
def load(name: str) -> Prompt:
    """The prompt of this name, from the file beside this module."""
    return Prompt(name, (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8"))
