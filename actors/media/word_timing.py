"""When each word is spoken, without a speech recogniser: the pauses in the sound are pinned to the text.

Between two pauses words follow in proportion to their length; the art is to know which pause belongs to which
gap between words. A dynamic programme matches pauses to gaps in order: a full stop wants a pause, a comma may
have one, any other gap seldom, and the time at which a gap is expected decides between candidates. Counting
characters alone is more than twice as far off, syllables are worse.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from actors.media.speech import Speech
from actors.media.words import TimedWord, Word

_ROUNDS: Final = 2
"""The second matching starts from the times of the first."""
_NO_PAUSE: Final = {"sentence": 2.5, "clause": 0.8, "word": 0.0}
"""Cost of a gap that gets no pause."""
_PAUSE: Final = {"sentence": 0.0, "clause": 0.2, "word": 1.6}
"""Cost of a gap that gets one."""
_SPREAD_S: Final = 0.35
"""How far off the expected time of a gap usually is."""


def time_words(words: Sequence[Word], speech: Speech) -> list[TimedWord]:
    """When each word is spoken, in seconds from the beginning of ``speech``."""
    return _spread(words, speech.duration_s, speech.silences)


def read_words(words: Sequence[Word], duration_s: float) -> list[TimedWord]:
    """When each word is read where nothing is spoken: in proportion to its length."""
    return _spread(words, duration_s, [])


def _spread(
    words: Sequence[Word], duration_s: float, silences: Sequence[tuple[float, float]]
) -> list[TimedWord]:
    if not words:
        return []
    inner = [(start, end) for start, end in silences if start > 0.02 and end < duration_s - 0.02]
    weights = np.array([word.weight + 0.8 for word in words])  # each word takes a moment to begin
    reached = np.concatenate(([0.0], np.cumsum(weights))) / weights.sum()
    first = next((end for start, end in silences if start <= 0.02), 0.0)
    last = next((start for start, end in silences if end >= duration_s - 0.02), duration_s)
    spoken = max(1e-6, last - first - sum(end - start for start, end in inner))
    # Where each gap lies on the clock of sound alone, in which pauses take no time.
    expected = reached[1:-1] * spoken
    anchors: list[tuple[int, int]] = []
    for _ in range(_ROUNDS):
        anchors = _match(words, expected, inner, first)
        expected = _between(words, weights, anchors, inner, first, last)[1]
    starts, _, ends = _between(words, weights, anchors, inner, first, last)
    return [
        TimedWord(word, float(start), float(end))
        for word, start, end in zip(words, starts, ends, strict=True)
    ]


def _match(
    words: Sequence[Word],
    expected: NDArray[np.float64],
    silences: Sequence[tuple[float, float]],
    first: float,
) -> list[tuple[int, int]]:
    """Pairs (gap, silence), rising in both: gap g is the one after word g."""
    gaps, pauses = len(expected), len(silences)
    if not gaps or not pauses:
        return []
    kinds = ["sentence" if w.ends_sentence else "clause" if w.ends_clause else "word" for w in words[:-1]]
    sound_before = np.cumsum([0.0] + [end - start for start, end in silences])[:-1]
    at = np.array([start for start, _ in silences]) - first - sound_before
    lengths = np.array([end - start for start, end in silences])
    unmatched_pause = 0.4 + 4.0 * np.minimum(lengths, 0.8)  # a long pause is hardly ever inside a word
    best = np.zeros((gaps + 1, pauses + 1))
    choice = np.zeros((gaps + 1, pauses + 1), np.int8)
    best[0, 1:] = np.cumsum(unmatched_pause)
    choice[0, 1:] = 2
    for g in range(1, gaps + 1):
        kind = kinds[g - 1]
        best[g, 0] = best[g - 1, 0] + _NO_PAUSE[kind]
        choice[g, 0] = 1
        away = np.abs(expected[g - 1] - at) / _SPREAD_S
        pair = _PAUSE[kind] + np.minimum(away, 1.0) ** 2 + 2.0 * np.maximum(away - 1.0, 0)
        for p in range(1, pauses + 1):
            options = (
                best[g - 1, p - 1] + pair[p - 1],
                best[g - 1, p] + _NO_PAUSE[kind],
                best[g, p - 1] + unmatched_pause[p - 1],
            )
            chosen = min(range(3), key=options.__getitem__)
            best[g, p], choice[g, p] = options[chosen], chosen
    pairs: list[tuple[int, int]] = []
    g, p = gaps, pauses
    while g and p:
        if choice[g, p] == 0:
            pairs.append((g - 1, p - 1))
            g, p = g - 1, p - 1
        elif choice[g, p] == 1:
            g -= 1
        else:
            p -= 1
    return pairs[::-1]


def _between(
    words: Sequence[Word],
    weights: NDArray[np.float64],
    anchors: Sequence[tuple[int, int]],
    silences: Sequence[tuple[float, float]],
    first: float,
    last: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Starts of words, positions of gaps on the clock of sound, and ends of words."""
    starts, ends = np.zeros(len(words)), np.zeros(len(words))
    begin, begin_s = 0, first
    for gap, pause in [*anchors, (len(words) - 1, -1)]:
        until, after = silences[pause] if pause >= 0 else (last, last)
        # Pauses inside the stretch that belong to no gap are jumped over, not stretched across.
        inside = [(s, e) for s, e in silences if s >= begin_s and e <= until and (s, e) != (until, after)]
        quiet = sum(e - s for s, e in inside)
        part = weights[begin : gap + 1]
        along = np.concatenate(([0.0], np.cumsum(part))) / part.sum() * max(0.0, until - begin_s - quiet)
        moments = np.array([_with_pauses(begin_s + step, inside) for step in along])
        starts[begin : gap + 1], ends[begin : gap + 1] = moments[:-1], moments[1:]
        begin, begin_s = gap + 1, after
    sound = np.array([end - first - sum(e - s for s, e in silences if e <= end) for end in ends[:-1]])
    return starts, sound, ends


def _with_pauses(moment: float, inside: Sequence[tuple[float, float]]) -> float:
    for start, end in inside:
        if moment > start:
            moment += end - start
    return moment
