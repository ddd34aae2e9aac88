"""Groups sentences into scenes: in order, balanced, and keeping together what shows the same thing.

The best grouping is found by dynamic programming over a cost per scene; a greedy fill was rejected because it
leaves a stump at the end and parts a paragraph's last sentence from it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from actors.emulator.writing.sentences import Sentence

TARGET_WORDS = 36
"""Of a scene: fourteen seconds of speech, two or three pictures."""
BEAT_WORDS = 14
"""Of a picture, six or seven seconds: long enough to look at it, short enough not to tire of it."""
FINEST = 320
"""Units that are weighed one by one; above that neighbours are joined first."""
CROSSING_PARAGRAPH = 1.0
"""A scene hardly ever goes on in the next paragraph."""
CHANGING_SUBJECT = 0.2
"""It may show several things, one in each picture."""


class Unit(NamedTuple):
    """A run of sentences that is not parted, and the subject that it shows (None when it names none)."""

    first: int
    last: int
    words: int
    opens_paragraph: bool
    subject: str | None


def group(
    sentences: Sequence[Sentence], subjects: Sequence[str | None], most: int, exactly: int | None = None
) -> list[tuple[int, int]]:
    """Scenes as inclusive ranges of sentence indices, covering all sentences in order.

    ``most`` is the greatest number of scenes; ``exactly`` is met where there are as many sentences.
    """
    units = [
        Unit(n, n, sentence.words, sentence.opens_paragraph, subject)
        for n, (sentence, subject) in enumerate(zip(sentences, subjects, strict=True))
    ]
    most = max(1, min(most, exactly or most, len(units)))
    units = _coarse(units, max(most, min(16 * most, FINEST)))
    total = sum(unit.words for unit in units)
    if exactly is not None or total / TARGET_WORDS >= most:
        return _partition(units, max(1.0, total / most), most, exact=True)
    return _partition(units, TARGET_WORDS, most, exact=False)


def beats(
    sentences: Sequence[Sentence],
    subjects: Sequence[str | None],
    scenes: Sequence[tuple[int, int]],
    most: int | None,
) -> list[list[tuple[int, int]]]:
    """The pictures of each scene, as ranges of sentences; at most ``most`` of them in all."""
    words = [sum(sentence.words for sentence in sentences[first : last + 1]) for first, last in scenes]
    counts = [
        max(1, min(last - first + 1, round(n / BEAT_WORDS)))
        for n, (first, last) in zip(words, scenes, strict=True)
    ]
    while most is not None and sum(counts) > max(most, len(counts)):
        several = [n for n, count in enumerate(counts) if count > 1]
        counts[min(several, key=lambda n: words[n] / counts[n])] -= 1
    found = []
    for (first, last), count in zip(scenes, counts, strict=True):
        inside = group(sentences[first : last + 1], subjects[first : last + 1], count, count)
        found.append([(first + start, first + end) for start, end in inside])
    return found


def _coarse(units: list[Unit], limit: int) -> list[Unit]:
    """Neighbours joined until at most ``limit`` units are left: a long script stays quick to group."""
    while len(units) > limit:
        pairs = [units[n : n + 2] for n in range(0, len(units), 2)]
        units = [
            Unit(
                pair[0].first,
                pair[-1].last,
                sum(unit.words for unit in pair),
                pair[0].opens_paragraph,
                pair[0].subject or pair[-1].subject,
            )
            for pair in pairs
        ]
    return units


def _partition(units: list[Unit], target: float, most: int, *, exact: bool) -> list[tuple[int, int]]:
    count = len(units)
    infinite = float("inf")
    best = [[infinite] * (count + 1) for _ in range(most + 1)]
    came = [[0] * (count + 1) for _ in range(most + 1)]
    best[0][0] = 0.0
    costs = _costs(units, target)
    for scenes in range(1, most + 1):
        row, before, origin = best[scenes], best[scenes - 1], came[scenes]
        for end in range(scenes, count + 1):
            for start, cost in costs[end]:
                total = before[start] + cost
                if total < row[end]:
                    row[end], origin[end] = total, start
    sizes = [most] if exact and best[most][count] < infinite else range(1, most + 1)
    scenes = min(sizes, key=lambda size: best[size][count])
    ranges, end = [], count
    while end:
        start = came[scenes][end]
        ranges.append((units[start].first, units[end - 1].last))
        scenes, end = scenes - 1, start
    return ranges[::-1]


def _costs(units: list[Unit], target: float) -> list[list[tuple[int, float]]]:
    """For each end (exclusive), the possible starts and what a scene from there would cost."""
    table: list[list[tuple[int, float]]] = [[]]
    for end in range(1, len(units) + 1):
        options, words, breaks = [], 0, 0.0
        subject = None
        for start in range(end - 1, -1, -1):
            unit = units[start]
            words += unit.words
            if unit.subject and subject and unit.subject != subject:
                breaks += CHANGING_SUBJECT
            subject = unit.subject or subject
            options.append((start, ((words - target) / target) ** 2 + breaks))
            if unit.opens_paragraph:
                breaks += CROSSING_PARAGRAPH
        table.append(options)
    return table
