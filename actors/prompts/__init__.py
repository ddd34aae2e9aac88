"""Prompts as files, so that they can be read, reviewed, replaced, and told apart in the log.

A prompt's *version* is its name and the digest of its file; it goes into ``asset.requested``, so that two
answers can be told to come from different wordings. Placeholders are ``$name`` (``string.Template``): values
are put in once and never looked at again, so a script that holds ``$title`` stays as it was written; only the
tags of the prompt itself cannot be closed from within.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from string import Template

NAMES = (
    "script_writing",
    "script_analysis",
    "translation",
    "storyboard",
    "motion",
    "image",
    "shot",
    "audio_plan",
    "cast",
    "music",
)
"""In the order in which a film comes about."""
MATERIAL: dict[str, set[str]] = {
    "script_writing": {"topic"},
    "script_analysis": {"script"},
    "translation": {"parts", "language"},
    "storyboard": {"analysis"},
    "motion": set(),
    "image": {"frame"},
    "shot": {"motion"},
    "audio_plan": {"analysis", "voices"},
    "cast": {"speakers"},
    "music": {"sections"},
}
"""The placeholders without which a prompt says nothing of the film; others may be left out of one's own."""
_LONGEST = 50_000


@dataclass(frozen=True)
class Prompt:
    name: str
    text: str

    @property
    def version(self) -> str:
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    @property
    def placeholders(self) -> set[str]:
        return set(Template(self.text).get_identifiers())

    def render(self, **values: str) -> str:
        """Fill every placeholder; KeyError names one that was forgotten."""
        harmless = {name: self._tags.sub(r"‹\1", value) for name, value in values.items()}
        return Template(self.text).substitute(harmless).strip() + "\n"

    @cached_property
    def _tags(self) -> re.Pattern[str]:
        """The beginning of a tag of this prompt in what is put in: it would end the material early."""
        names = "|".join(sorted(set(re.findall(r"</(\w+)>", self.text)))) or "(?!)"
        return re.compile(rf"<(\s*/?\s*(?:{names})\b)", re.IGNORECASE)


@cache
def load(name: str) -> Prompt:
    """The shipped prompt of this name, from the file beside this module."""
    return Prompt(name, (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8"))


def load_own(folder: Path) -> tuple[Prompt, ...]:
    """The prompts that a folder has in place of shipped ones, as files of the same names.

    ValueError names what is wrong with one; OSError where it cannot be read.
    """
    files = sorted(folder.glob("*.md"))
    if not files:
        raise ValueError(f"no prompt is in it; name one {NAMES[0]}.md, or as `reelog prompts` lists them")
    return tuple(read_own(file) for file in files)


def read_own(file: Path) -> Prompt:
    """The prompt in a file, which is named as the prompt is. Raises as `load_own` does."""
    if file.stem not in NAMES:
        raise ValueError(f"{file.name} is no prompt's name; there are {', '.join(NAMES)}")
    try:
        prompt = Prompt(file.stem, file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} is not UTF-8 text") from None
    if not Template(prompt.text).is_valid():
        raise ValueError(f"{file.name} has a $ that begins no placeholder; write $$ for the sign itself")
    if len(prompt.text) > _LONGEST:
        raise ValueError(f"{file.name} has {len(prompt.text)} characters; at most {_LONGEST} are taken")
    known = load(prompt.name).placeholders
    if unknown := prompt.placeholders - known:
        offered = ", ".join(f"${name}" for name in sorted(known))
        raise ValueError(f"{file.name} has the placeholder ${min(unknown)}; there are {offered}")
    if missing := MATERIAL[prompt.name] - prompt.placeholders:
        raise ValueError(f"{file.name} lacks ${min(missing)}, without which it says nothing of the film")
    return prompt
