"""When a scene goes from one picture to the next: with the first word of the next one's first sentence.

Both captions and pictures go by the same clock, so that a picture comes in the very frame in which its first
caption does.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from actors.media.cues import frames_between, speech_ms
from actors.media.speech import Speech
from actors.media.timeline import SceneShape
from actors.media.word_timing import read_words, time_words
from actors.media.words import TimedWord, Word, split_words
from domain.characters import cleaned


def scene_words(
    text: str, beats: Sequence[str], shape: SceneShape, speech: Speech | None = None
) -> list[TimedWord]:
    """The words of a scene, timed from the beginning of its speech, or over its reading time without one.

    ``beats`` are the words of its pictures, which make up ``text``; each but the first opens with a word.
    """
    words = _opened(split_words(cleaned(text)), beats)
    return time_words(words, speech) if speech else read_words(words, shape.speech / shape.fps)


def beat_frames(
    text: str, beats: Sequence[str], shape: SceneShape, speech: Speech | None = None
) -> list[range]:
    """When each picture of a scene is seen, on the scene's clock: one after the other, all frames."""
    timed = scene_words(text, beats, shape, speech) if len(beats) > 1 else []
    opens = speech_ms(shape)
    starts = [
        frames_between(opens + round(word.start_s * 1000), 0, shape.fps).start
        for word in timed
        if word.word.opens
    ]
    # A beat without a word of its own has no time either.
    starts += [shape.length] * (len(beats) - 1 - len(starts))
    return [range(start, stop) for start, stop in pairwise([0, *starts, shape.length])]


def _opened(words: Sequence[Word], beats: Sequence[str]) -> list[Word]:
    """The same words; those with which a beat begins are marked. Spaces are not counted: they are folded."""
    borders = list(accumulate(count_letters(beat) for beat in beats[:-1]))
    marked: list[Word] = []
    at = 0
    for word in words:
        opens = bool(borders) and at >= borders[0]
        while borders and at >= borders[0]:
            borders.pop(0)
        marked.append(replace(word, opens=True) if opens else word)
        at += count_letters(word.text)
    return marked


def count_letters(text: str) -> int:
    """Without spaces, which are folded."""
    return len("".join(unicodedata.normalize("NFC", cleaned(text)).split()))
