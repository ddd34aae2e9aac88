"""What is to move in a shot: by the subject that its words name, the weather, and what they say of motion."""

import re
from dataclasses import dataclass

from actors.emulator.vocabulary.matching import hour_of, ranked, weather_of

SUBJECT_MOTIONS: dict[str, str] = {
    "sea": "water birds clouds",
    "lighthouse": "water twinkle glow",
    "ship": "water bob birds clouds",
    "island": "water sway birds clouds",
    "underwater": "swim bubbles",
    "lake": "water clouds birds",
    "river": "water clouds sway",
    "mountains": "clouds mist",
    "hills": "sway clouds birds",
    "forest": "sway leaves dust",
    "field": "sway clouds birds",
    "garden": "sway leaves",
    "desert": "dust heat",
    "village": "twinkle smoke clouds",
    "castle": "clouds birds twinkle",
    "skyline": "twinkle shimmer",
    "towers": "clouds twinkle",
    "bridge": "water twinkle clouds",
    "train": "smoke clouds",
    "stars": "twinkle mist",
    "planet": "twinkle",
    "balloons": "clouds bob",
    "rocket": "fire billow shake",
    "campfire": "fire sparks smoke billow twinkle",
    "street": "twinkle shimmer people",
    "market": "twinkle people lanterns",
    "library": "dust glow",
    "table": "dust glow people",
    "workspace": "dust glow",
    "workshop": "dust glow sparks",
    "stage": "dust glow people",
    "network": "twinkle",
}
WORD_MOTIONS: tuple[tuple[str, str], ...] = (
    (r"\b(?:rain|raining|rainy|downpour|drizzle)", "rain shimmer"),
    (r"\b(?:snow|snowing|snowflakes?|blizzard)\b", "snow"),
    (r"\b(?:embers?|sparks?)\b", "sparks"),
    (r"\b(?:fire|flames?|bonfire|campfire)\b", "fire"),
    (r"\b(?:smoke|steam|chimneys?|exhaust)\b", "smoke"),
    (r"\b(?:birds?|gulls?|seagulls?|swallows?)\b", "birds"),
    (r"\b(?:lanterns?|lamps?|windows?|neon|candles?)\b", "twinkle"),
    (r"\b(?:leaves|petals|blossoms?)\b", "leaves"),
    (r"\b(?:dust|motes)\b", "dust"),
    (r"\b(?:mist|misty|fog|foggy|haze)\b", "mist"),
    (r"\b(?:waves?|water|ripples?|surf|tide|ocean|sea)\b", "water"),
    (r"\b(?:clouds?)\b", "clouds"),
    (r"\b(?:wind|breeze|sways?|swaying|grass|wheat|reeds)\b", "sway"),
    (r"\b(?:people|crowd|figures?|walks?|walking|passers?-?by)\b", "people"),
    (r"\b(?:stars?|starry|starlight)\b", "twinkle"),
)
_FORBIDS = re.compile(r"\b(?:no|nobody|nothing|never|without|avoid|do not|must not|keep)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Motions:
    """The names of what moves, and what the words say of hour and weather."""

    names: frozenset[str]
    subject: str | None
    night: bool
    weather: str | None

    def __contains__(self, name: str) -> bool:
        return name in self.names


def called_for(prompt: str) -> str:
    """The prompt without the sentences that say what must not be seen."""
    return ". ".join(each for each in re.split(r"[.!?\n]+", prompt) if not _FORBIDS.search(each))


def motions_of(prompt: str) -> Motions:
    prompt = called_for(prompt)
    words = prompt.lower()
    subject = next(iter(ranked(prompt)), None)
    found = set(SUBJECT_MOTIONS.get(subject or "", "clouds").split())
    for pattern, names in WORD_MOTIONS:
        if re.search(pattern, words):
            found |= set(names.split())
    weather, night = weather_of(prompt), hour_of(prompt) == "night"
    found |= {"rain": {"rain", "shimmer"}, "snow": {"snow"}, "mist": {"mist"}}.get(weather or "", set())
    if subject == "rocket":
        # Its fire is below: what rises from it would hide it.
        found -= {"smoke", "sparks"}
    if night:
        # Birds sleep, and what drifts across the stars would take them along.
        found -= {"birds", "clouds"}
        found.add("twinkle")
    return Motions(frozenset(found), subject, night, weather)
