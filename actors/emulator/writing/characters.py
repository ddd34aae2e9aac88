"""Finds who is seen in a script, by name or role ("the keeper"), and gives each a lasting look.

The look is drawn from lists by a digest of the name, so that every prompt, and every later run, draws the
same person.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

HAIR = (
    "short dark hair",
    "long auburn hair",
    "grey hair tied back",
    "curly black hair",
    "braided fair hair",
)
BEARDED = frozenset({"man", "grandfather"})
"""Roles that may also wear a beard."""
COAT = (
    "a long navy coat",
    "a mustard-yellow raincoat",
    "a worn brown jacket",
    "a deep red scarf and grey coat",
    "a green cloak",
)
AGES = {
    "girl": "a girl of about nine",
    "boy": "a boy of about nine",
    "child": "a child of about six",
    "grandmother": "a woman of seventy",
    "grandfather": "a man of seventy",
    "woman": "a woman in her thirties",
    "man": "a man in his forties",
    "keeper": "a weathered figure of sixty",
    "captain": "a weathered figure of fifty",
    "astronaut": "an astronaut in a white suit",
    "robot": "a small robot of brushed steel",
}
MOST = 4


class Cast(NamedTuple):
    """The characters by name, each with its look; ``seen_in`` says who is in a piece of narration."""

    looks: dict[str, str]

    def seen_in(self, narration: str) -> list[str]:
        words = narration.lower()
        return [
            name
            for name in self.looks
            if re.search(rf"\b{re.escape(name.lower().removeprefix('the '))}s?\b", words)
        ]


def find_cast(text: str, language: str, roles: Sequence[str]) -> Cast:
    """At most four characters; recognised in English, as elsewhere a capital tells too little."""
    if not language.startswith("en"):
        return Cast({})
    found: Counter[str] = Counter()
    for role in roles:
        count = len(
            re.findall(rf"\b(?:the|a|an|her|his|old|young|little)\s+(?:\w+\s+)?{role}\b", text, re.IGNORECASE)
        )
        # "A girl named Mara" is one person, known by her name.
        if count and not re.search(rf"\b{role}\s+(?:named|called)\b", text, re.IGNORECASE):
            found[f"the {role}"] = count
    # A capital in mid-sentence, at least twice, and never written small: a name.
    names = Counter(re.findall(r"(?<=[a-z,;] )([A-Z][a-z]{2,})\b", text))
    for name in names:
        total = len(re.findall(rf"\b{name}\b", text))
        if total > 1 and not re.search(rf"\b{name.lower()}\b", text):
            found[name] = total
    cast = [name for name, _ in found.most_common(MOST)]
    return Cast({name: look_of(name, _described(name, text, roles)) for name in cast})


def _described(name: str, text: str, roles: Sequence[str]) -> str | None:
    """What the script says of a name: ``an old woman`` of "an old woman named Ingrid"."""
    role = "|".join(map(re.escape, roles))
    named = rf"\b(an?\s+(?:\w+\s+)?(?:{role}))\s+(?:named|called)\s+{re.escape(name)}\b"
    said = re.search(named, text, re.IGNORECASE)
    return said[1].lower() if said else None


def look_of(name: str, described: str | None = None) -> str:
    """A person's looks, the same every time; ``described`` is what the script tells."""
    digest = hashlib.sha256(name.encode()).digest()
    role = (described or name).lower().split()[-1]
    age = described or AGES.get(role, f"a slender figure of about {20 + digest[2] % 40}")
    hair = (*HAIR, "a white beard") if role in BEARDED else HAIR
    if role in {"robot", "astronaut"}:
        return f"{age}, always with {COAT[digest[1] % len(COAT)].removeprefix('a ')} folded beside"
    return f"{age} with {hair[digest[0] % len(hair)]}, in {COAT[digest[1] % len(COAT)]}"
