"""Which picture, mood, hour and weather a text calls for, by the words of the vocabulary.

The analysis chooses a subject for each scene from the script's words; the drawing chooses it again from the
prompt's words alone, as a real image model would. A learnt embedding was rejected: it would weigh more than
the product.
"""

import re
from collections.abc import Mapping

from actors.emulator.vocabulary.moods import HOURS, MOODS, WEATHERS
from actors.emulator.vocabulary.subjects import SUBJECTS
from actors.emulator.vocabulary.word_patterns import WORD, words

_PREFIXES = re.compile("[وفبكل]{0,2}ال|[وفبكل]{1,2}|ו?[הבלמכש]{1,2}|ו")
"""What Arabic and Hebrew write before a word and as part of it: the article, "and", "in", "to"."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def _index(groups: Mapping[str, str]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for name, listed in groups.items():
        for word in dict.fromkeys(words(listed)):
            table.setdefault(word, []).append(name)
    return table


_SUBJECT_WORDS = _index({name: subject.words for name, subject in SUBJECTS.items()})
_MOOD_WORDS = _index(MOODS)
_HOUR_WORDS = _index(HOURS)
_WEATHER_WORDS = _index(WEATHERS)
_COMMON = frozenset(
    words(
        "lantern lanterns cliff cloud clouds friend seed voyage lost wind page time "
        "sky people world time journey night stories story tell future together work light "
        "glass deep letter "
        "wind reflecting "
        "family home earth machine history car sand read write mar bright boot day air"
    )
)
"""Words that are often meant otherwise: they count for less than the name of a thing."""


def _named(token: str, table: Mapping[str, list[str]]) -> list[str]:
    """What a word calls for, as it stands or without its ending or what is written to it."""
    prefix = _PREFIXES.match(token)
    bare = (token[length:] for length in range(1, 1 + (prefix.end() if prefix else 0)))
    forms = (token, token.removesuffix("s"), token.removesuffix("es"), *bare)
    return next((table[form] for form in forms if form in table), [])


def _scores(text: str, table: Mapping[str, list[str]]) -> dict[str, float]:
    """How strongly ``text`` calls for each name; earlier words weigh a little more."""
    scores: dict[str, float] = {}
    tokens = WORD.findall(text.lower())
    for place, token in enumerate(tokens):
        weight = (0.35 if token in _COMMON else 1.0) * (1.0 + 0.6 / (1 + place / 6))
        for name in _named(token, table):
            scores[name] = scores.get(name, 0.0) + weight
    if _UNSPACED.search(text):
        for word, names in table.items():
            if _UNSPACED.search(word) and word in text:
                for name in names:
                    scores[name] = scores.get(name, 0.0) + 1.0 + 0.2 * len(word)
    return scores


def ranked(text: str) -> list[str]:
    """The subjects that the words call for, the strongest first; empty when they call for none."""
    scores = _scores(text, _SUBJECT_WORDS)
    order = list(SUBJECTS)
    return sorted(scores, key=lambda name: (-scores[name], order.index(name)))


def _best(text: str, table: Mapping[str, list[str]]) -> str | None:
    scores = _scores(text, table)
    return max(scores, key=lambda name: scores[name]) if scores else None


def mood_of(text: str) -> str | None:
    return _best(text, _MOOD_WORDS)


def hour_of(text: str) -> str | None:
    return _best(text, _HOUR_WORDS)


def weather_of(text: str) -> str | None:
    return _best(text, _WEATHER_WORDS)
