"""Finds a title among the script's own words: the phrase that carries most of what it is about."""

import re
from collections import Counter

from actors.emulator.vocabulary.word_patterns import SPOKEN
from actors.emulator.vocabulary.word_patterns import words as listed
from actors.emulator.writing.language import STOP_SETS, is_unspaced
from actors.emulator.writing.sentences import content_words

INSIDE = frozenset(
    listed(
        "of the and in to for a an on de la le les des du del el los las y et und der die das von e "
        "di da do dos das o a il"
    )
)
LONGEST_TITLE = 60
COUNTS = frozenset(listed("one two three four five six seven eight nine ten twelve twenty hundred thousand"))
"""Numbers return often without being what a text is about."""


def title_of(text: str, sentences: list[str], language: str) -> str:
    """A title of two to six words where words are spaced, else the first clause."""
    if is_unspaced(language):
        clause = re.split(r"[、。，！？\s]", text, maxsplit=1)[0]
        return clause[:16] or text[:16]
    weights = Counter(content_words(text, language))
    best, best_score = "", 0.0
    for place, sentence in enumerate(sentences):
        for phrase in _phrases(sentence, language):
            words = [word.lower() for word in phrase]
            # Words that return are what it is about; the beginning says so more often than the end.
            score = sum(weights[word] + 0.5 for word in words if word in weights)
            score *= (1 + 2 / (2 + place)) * (1.25 if "of" in words or "de" in words else 1.0)
            score /= 1 + 0.15 * max(0, len(words) - 4)
            if any(word.endswith(("ing", "ed")) for word in (words[0], words[-1])):
                score *= 0.6  # a title that starts or stops at a verb sounds cut out of a sentence
            if (
                len(words)
                - 1
                - max((i for i, word in enumerate(words) if word in INSIDE), default=len(words))
                > 2
            ):
                score *= 0.6  # three words after the last small one: the third is likely the sentence's verb
            if any(word in COUNTS for word in words):
                score *= 0.6
            if score > best_score:
                best, best_score = " ".join(phrase), score
    return _as_title(best or " ".join(text.split()[:5]).rstrip(",.;:!?"))


def _phrases(sentence: str, language: str) -> list[list[str]]:
    """Runs of two to six words within one clause that begin and end with a word that carries meaning."""
    stops = STOP_SETS.get(language.split("-", maxsplit=1)[0], frozenset())
    found = []
    for clause in re.split(r"[,.;:!?…—–()\"“”«»]|\s-\s", sentence):
        words = SPOKEN.findall(clause)
        for first in range(len(words)):
            for last in range(first + 1, min(first + 6, len(words))):
                run = words[first : last + 1]
                inner = [word.lower() for word in run[1:-1]]
                ends = (run[0].lower(), run[-1].lower())
                if any(word in stops or len(word) < 3 for word in ends):
                    continue
                if all(word not in stops or word in INSIDE for word in inner):
                    article = first > 0 and words[first - 1].lower() in {
                        "the",
                        "la",
                        "le",
                        "el",
                        "der",
                        "die",
                        "das",
                        "il",
                    }
                    found.append([words[first - 1], *run] if article else run)
    return found


def _as_title(phrase: str) -> str:
    words = phrase[:LONGEST_TITLE].split()
    return " ".join(
        word if n and word.lower() in INSIDE else word[:1].upper() + word[1:] for n, word in enumerate(words)
    )
