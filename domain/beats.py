"""How many pictures a film has, and how long each of them is seen.

A picture holds attention for 4 to 10 seconds. How many a film has is limited by what it may cost
(``max_images``), or by its length; which words each is seen with the analysis answers, in whole sentences.
Models do not count seconds well, so what they answer is *paced* here: a flash is joined with its neighbour, a
picture that would stand too long is divided where a sentence ends, and the limit is kept. Rejected: refusing
such an answer, which would pay for another one that counts no better.
"""

from collections.abc import Callable, Sequence
from math import ceil

from domain.script import AnnotatedBeat
from domain.script_forms.reading import read_script
from domain.spoken import reading_s, word_count
from domain.submission import MOST_IMAGES, Options

SECONDS_A_PICTURE = 7
BREATH_S = 1.1
"""Before and after the words of each scene."""
SHORTEST_S = 4.0
LONGEST_S = 10.0

Seconds = Callable[[int, int], float]
"""How long the sentences from one to another, both included, are spoken."""


def film_s(script: str, options: Options) -> float:
    """About how long the film will last."""
    spoken = read_script(script, options.script_form).spoken_text
    return options.target_duration_s or reading_s(spoken) + BREATH_S * expected_scenes(script, options)


def images_at_most(seconds: float, options: Options, scenes: int) -> int:
    """The most pictures that a film of such a length, in at most so many scenes, may have."""
    if options.max_images is not None:
        return options.max_images
    return max(scenes, min(MOST_IMAGES, ceil(seconds / SECONDS_A_PICTURE)))


def expected_scenes(script: str, options: Options) -> int:
    """A guess from the script's length, used only until the analysis is made: about 30 words a scene."""
    words = word_count(read_script(script, options.script_form).spoken_text)
    return max(1, min(options.max_scenes, options.max_images or options.max_scenes, round(words / 30)))


def expected_images(script: str, options: Options) -> int:
    """A guess from the film's length, as that of scenes: each has one picture or more."""
    seconds, scenes = film_s(script, options), expected_scenes(script, options)
    wanted = max(scenes, round(seconds / SECONDS_A_PICTURE))
    return min(wanted, images_at_most(seconds, options, scenes))


def paced(
    scenes: Sequence[Sequence[AnnotatedBeat]], seconds: Seconds, most: int
) -> list[list[AnnotatedBeat]]:
    """The beats of each scene, none of them a flash or a standstill as far as sentences and ``most`` allow.

    ``most`` is a limit on all of them together; a scene keeps at least one.
    """
    kept = [list(scene) for scene in scenes]
    for scene in kept:
        while len(scene) > 1 and min(_lengths(scene, seconds)) < SHORTEST_S:
            _join(scene, _shortest_pair(scene, seconds, around=_shortest(scene, seconds)), seconds)
    while sum(map(len, kept)) > most and (several := [scene for scene in kept if len(scene) > 1]):
        pairs = [(_length(scene, _shortest_pair(scene, seconds), seconds), scene) for scene in several]
        _, scene = min(pairs, key=lambda pair: pair[0])
        _join(scene, _shortest_pair(scene, seconds), seconds)
    for _ in range(most - sum(map(len, kept))):
        too_long = [
            (lasts, scene, place, cut)
            for scene in kept
            for place, lasts in enumerate(_lengths(scene, seconds))
            if lasts > LONGEST_S and (cut := _middle(scene[place], seconds)) is not None
        ]
        if not too_long:
            break
        _, scene, place, cut = max(too_long, key=lambda found: found[0])
        beat = scene[place]
        halves = {"last": cut}, {"first": cut + 1}
        scene[place : place + 1] = [beat.model_copy(update=half) for half in halves]
    return kept


def _lengths(scene: Sequence[AnnotatedBeat], seconds: Seconds) -> list[float]:
    return [seconds(beat.first, beat.last) for beat in scene]


def _length(scene: Sequence[AnnotatedBeat], place: int, seconds: Seconds) -> float:
    """Of a beat and the next one together."""
    return seconds(scene[place].first, scene[place + 1].last)


def _shortest(scene: Sequence[AnnotatedBeat], seconds: Seconds) -> int:
    lengths = _lengths(scene, seconds)
    return lengths.index(min(lengths))


def _shortest_pair(scene: Sequence[AnnotatedBeat], seconds: Seconds, around: int | None = None) -> int:
    """The place of the first of two neighbours that are shortest together; of ``around`` and another."""
    places = range(len(scene) - 1)
    near = [n for n in places if around is None or n in (around - 1, around)]
    return min(near, key=lambda n: _length(scene, n, seconds))


def _join(scene: list[AnnotatedBeat], place: int, seconds: Seconds) -> None:
    """Two neighbours become one: what the longer of them shows is seen."""
    one, two = scene[place : place + 2]
    shown = one if seconds(one.first, one.last) >= seconds(two.first, two.last) else two
    scene[place : place + 2] = [shown.model_copy(update={"first": one.first, "last": two.last})]


def _middle(beat: AnnotatedBeat, seconds: Seconds) -> int | None:
    """The sentence that ends nearest to a beat's middle; None where a part would be a flash."""
    cuts = [
        (abs(before - after), cut)
        for cut in range(beat.first, beat.last)
        if (before := seconds(beat.first, cut)) >= SHORTEST_S
        and (after := seconds(cut + 1, beat.last)) >= SHORTEST_S
    ]
    return min(cuts)[1] if cuts else None
