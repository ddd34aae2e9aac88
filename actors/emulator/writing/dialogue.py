"""Who speaks: how each character sounds, by its name and look; whose a quote is, by the words beside it.

Only English is understood; elsewhere a quote is nobody's, as a model that is unsure would say.
"""

import re
from collections.abc import Sequence
from typing import Any

from actors.emulator.writing.prompt_parser import words_of_scene

_FEMALE = (
    r"\b(?:woman|girl|lady|mother|grandmother|daughter|sister|queen|princess|aunt|wife|"
    r"anna|clara|eva|ingrid|lena|maria|mara|mira|nora|sara)\b"
)
_MALE = (
    r"\b(?:man|boy|gentleman|father|grandfather|son|brother|king|prince|uncle|husband|"
    r"ben|david|jonas|karl|leo|noah|paul|peter|tom|tomas)\b"
)
"""Roles, and names that are common and belong to one of both."""
_AGES = {
    "child": r"\b(?:boy|girl|child|of (?:about )?(?:six|nine|ten))\b",
    "old": r"\b(?:old|elderly|grandmother|grandfather|weathered|grey|(?:of )?(?:sixty|seventy|eighty))\b",
    "young": r"\b(?:young|youth|teenager|twenties)\b",
}
_VERBS = (
    r"(?:said|says|asked|asks|answered|answers|replied|replies|whispered|whispers|cried|cries|called|calls|"
    r"shouted|shouts|murmured|murmurs|laughed|laughs|added|adds)"
)
_REACH = 60
"""How many characters on either side name a quote's speaker."""


def speaking_parts(analysis: dict[str, Any], speakers: Sequence[str]) -> list[dict[str, str]]:
    """Each speaker's gender and age."""
    looks = {
        str(character.get("name", "")).casefold(): str(character.get("look", ""))
        for character in analysis.get("characters", ())
        if isinstance(character, dict)
    }
    return [_part(name, f"{name} {looks.get(name.casefold(), '')}".lower()) for name in speakers]


def _part(name: str, about: str) -> dict[str, str]:
    female, male = re.search(_FEMALE, about), re.search(_MALE, about)
    first = (
        min((found.start(), gender) for found, gender in ((female, "female"), (male, "male")) if found)
        if (female or male)
        else (0, "neither")
    )
    age = next((age for age, words in _AGES.items() if re.search(words, about)), "adult")
    return {"speaker": name, "gender": first[1], "age": age}


def quoted_by(
    analysis: dict[str, Any], speakers: Sequence[str], quotes: Sequence[tuple[int, str]]
) -> list[dict[str, Any]]:
    """Who says each quote: whom the words after or before it name with a verb of saying, else nobody."""
    texts = [next(words_of_scene(scene)) for scene in analysis["scenes"]]
    after: dict[int, int] = {}
    said = []
    for number, (scene, quote) in enumerate(quotes, 1):
        text = texts[scene - 1] if scene <= len(texts) else ""
        at = text.find(quote, after.get(scene, 0))
        after[scene] = at + len(quote) if at >= 0 else after.get(scene, 0)
        speaker = _named_beside(text, at, at + len(quote), speakers) if at >= 0 else None
        said.append({"quote": number, "speaker": speaker or "nobody"})
    return said


def _named_beside(text: str, begin: int, end: int, speakers: Sequence[str]) -> str | None:
    following, before = text[end : end + _REACH].lstrip(), text[max(0, begin - _REACH) : begin].rstrip()
    names = {name: rf"(?:the\s+)?{re.escape(name.casefold().removeprefix('the '))}" for name in speakers}
    for name, who in names.items():
        if re.match(rf"(?:{_VERBS}\s+{who}|{who}\s+{_VERBS})\b", following, re.IGNORECASE):
            return name
    if re.match(rf"(?:\w+\s+)?(?:\w+\s+{_VERBS}|{_VERBS}\s+\w+)\b", following, re.IGNORECASE):
        return None  # somebody else
    for name, who in names.items():  # also who has just said something else
        if re.search(rf"(?:{who}\s+{_VERBS}|{_VERBS}\s+{who})[:,.]?$", before, re.IGNORECASE):
            return name
    return None
