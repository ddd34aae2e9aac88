"""Does an answer do justice to the script? A well-formed answer that does not is a failed attempt.

The reader (``gemini/reader.py``) judges whether an answer is whole; here it is judged whether it is right:
the scenes hold every sentence once and in order, pictures have the asked shape and size, speech is as long as
its text takes. Thresholds are wide enough for an honest answer; what a voice leaves out is seen where it is a
third of a scene, by the pace of the film's others.
"""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, cast

from actors.media.errors import PictureError
from actors.media.reading import spoken
from actors.stages.checks.compared_words import words_of
from actors.stages.checks.languages import primary, systems_of, why_not_in
from domain.failures import AttemptFailedError, Code, Failure
from domain.numbered_script import NumberedScript
from domain.script import ScriptAnnotation, ShotList
from domain.sound_direction import NOBODY, SoundDirection
from domain.spoken import sentences

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "check_annotation",
    "check_image",
    "check_picture",
    "check_shot_list",
    "check_sound",
    "check_speech",
    "longest_speech_s",
    "speech_rate",
    "words_of",
]

SLOWEST = 2.0
FASTEST = 2.0
"""How many times slower or faster than an unhurried reader speech may be; narrators lie within 1.6."""
FILM_SLOWEST = 1.5
FILM_FASTEST = 0.65
"""The same voice keeps its pace in a film: a scene may take so much more or less time than by the median of
the others."""
FEWEST_SCENES = 3
"""So many other scenes make a pace to compare with."""
SLACK_S = 0.5
"""A breath, a word held long."""
SENTENCE_PAUSE_S = 1.0
EDGES_S = 5.0
"""Pauses that are plausible: after each sentence, and in all besides. A single word may take as long."""
COMPARABLE_S = 2.0
COMPARABLE_RANGE = 1.3
"""A text that takes less time, or of which nobody knows how its figures are read out, tells no pace."""
PIXELS = {"512": 512**2, "1K": 1024**2, "2K": 2048**2, "4K": 4096**2}
"""How many a picture of a size has, whatever its shape."""
SMALLEST_SHARE = 0.5
"""Models round their sizes by a few percent; the next smaller size has a quarter."""
ASPECT_TOLERANCE = 0.06
"""Image models round their sizes: 1344x768 is 1.6 % off 16:9."""
ONE_COLOUR = 4
"""Levels of 256 by which a picture of one colour may vary: what JPEG and WebP add by themselves."""


def check_annotation(
    annotation: ScriptAnnotation, numbered: NumberedScript, *, max_scenes: int, language: str | None
) -> None:
    """Raise AttemptFailedError unless the scenes' pictures hold each sentence once, in its language."""
    count = len(annotation.scenes)
    if count > max_scenes:
        raise _failed(
            Code.WRONG_SCENE_COUNT, f"{count} scenes where at most {max_scenes} were asked for", scenes=count
        )
    sentences = len(numbered.sentences)
    expected = 1
    beats = [
        (n, b, beat) for n, scene in enumerate(annotation.scenes, 1) for b, beat in enumerate(scene.beats, 1)
    ]
    for number, place, beat in beats:
        if beat.first != expected or not beat.first <= beat.last <= sentences:
            raise _failed(
                Code.SCRIPT_NOT_COVERED,
                f"Scene {number}, picture {place} holds sentences {beat.first} to {beat.last}; it must begin "
                f"with {expected} and end at {sentences} at the latest",
                scene=number,
                beat=place,
                expected_first=expected,
                sentences=sentences,
            )
        expected = beat.last + 1
    if expected <= sentences:
        raise _failed(
            Code.SCRIPT_NOT_COVERED,
            f"No picture holds the sentences from {expected} to {sentences}",
            expected_first=expected,
            sentences=sentences,
        )
    described = range(1, len(annotation.characters) + 1)
    unknown = sorted({n for _, _, beat in beats for n in beat.characters if n not in described})
    if unknown:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"A picture shows character {unknown[0]}, and {len(annotation.characters)} are described",
            characters=unknown,
        )
    _check_language(annotation, numbered.text(1, sentences), language)


def _check_language(analysis: ScriptAnnotation, script: str, language: str | None) -> None:
    """One language throughout: that of the script, as it was said to be or as it plainly is."""
    said = analysis.language
    if language is not None and primary(said) != primary(language):
        raise _failed(Code.WRONG_LANGUAGE, f"The analysis is in {said}; {language} was asked for")
    # What a person said of their own script is not disputed.
    why = None if language is not None else why_not_in(script, said)
    if why is not None:
        raise _failed(Code.WRONG_LANGUAGE, f"The analysis calls the script {said!r}, but {why}")
    title = systems_of(analysis.title)
    foreign = title and not title.keys() & systems_of(script).keys()
    if foreign and not set(words_of(analysis.title)) <= set(words_of(script)):
        raise _failed(
            Code.WRONG_LANGUAGE, f"The title {analysis.title!r} is not in the script's language ({said})"
        )


def check_shot_list(
    shots: ShotList,
    beats: Sequence[int],
    characters: int,
    named: Sequence[int],
    moving: Sequence[bool] = (),
) -> None:
    """Raise AttemptFailedError unless each beat has a frame, and every character named is known.

    ``beats`` are the numbers of beats of the scenes in order; where these are ``moving`` each frame says what
    happens in its shot.
    """
    given = [f"{frame.scene}.{frame.beat}" for frame in shots.frames]
    asked = [f"{scene}.{beat}" for scene, count in enumerate(beats, 1) for beat in range(1, count + 1)]
    if given != asked:
        raise _failed(
            Code.WRONG_SCENE_COUNT,
            f"Frames for the pictures {', '.join(given)} (scene.beat) where {', '.join(asked)} were asked "
            "for, one each and in order",
        )
    still = [f for f in shots.frames if any(moving) and moving[f.scene - 1] and f.motion is None]
    if still:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"The frame of picture {still[0].scene}.{still[0].beat} does not say what moves in its shot",
            still=[f"{frame.scene}.{frame.beat}" for frame in still],
        )
    unknown = sorted({number for number in named if not 1 <= number <= characters})
    if unknown:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"A frame names character #{unknown[0]}, and {characters} are described",
            characters=unknown,
        )


def check_sound(
    answer: SoundDirection,
    scenes: int,
    voices: tuple[str, ...],
    speakers: tuple[str, ...] = (),
    quotes: int = 0,
) -> None:
    numbers = [delivery.scene for delivery in answer.deliveries]
    if numbers != list(range(1, scenes + 1)):
        raise _failed(
            Code.WRONG_SCENE_COUNT,
            f"Deliveries for scenes {numbers} where 1 to {scenes} were asked for, one each and in order",
        )
    if answer.voice not in voices:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"The plan names the voice {answer.voice!r}; offered were {', '.join(voices)}",
        )
    described = [part.speaker for part in answer.cast]
    if speakers and sorted(described) != sorted(speakers):
        raise _failed(
            Code.INCONSISTENT_ANSWER, f"Described are {described} where {list(speakers)} speak, one each"
        )
    named = [said.quote for said in answer.quotes]
    if quotes and sorted(named) != list(range(1, quotes + 1)):
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"Speakers are named for quotes {named}; there are 1 to {quotes}, one each",
        )
    unknown = next((s.speaker for s in answer.quotes if s.speaker not in (*speakers, NOBODY)), None)
    if quotes and unknown is not None:
        raise _failed(
            Code.INCONSISTENT_ANSWER, f"{unknown!r} says a quote; the characters are {', '.join(speakers)}"
        )


def check_image(width: int, height: int, aspect_ratio: str, size: str = "1K") -> None:
    """Raise AttemptFailedError unless a picture has about the shape and the size (1K, 2K, 4K) asked for."""
    across, down = map(int, aspect_ratio.split(":"))
    asked, got = across / down, width / height
    if abs(got / asked - 1) > ASPECT_TOLERANCE:
        raise _failed(
            Code.WRONG_ASPECT, f"The image is {width}x{height}; {aspect_ratio} was asked for", ratio=got
        )
    if width * height < SMALLEST_SHARE * PIXELS[size]:
        raise _failed(
            Code.IMAGE_TOO_SMALL,
            f"The image is {width}x{height}; {size} was asked for, {PIXELS[size] / 10**6:.0f} megapixels",
            width=width,
            height=height,
        )


def check_picture(data: bytes) -> "Image.Image":
    """The picture. AttemptFailedError unless something is to be seen in a form that a film can be made of.

    Dark is no fault, and a night sky no blank page: empty is what has one colour from edge to edge.
    """
    from actors.media.pictures import open_rgb  # noqa: PLC0415 - loads what the Director has no use for

    try:
        picture = open_rgb(data)
    except PictureError as error:
        raise _failed(Code.MALFORMED_IMAGE, error.message, media_code=error.code) from error
    extrema = cast("tuple[tuple[int, int], ...]", picture.getextrema())
    if all(brightest - darkest <= ONE_COLOUR for darkest, brightest in extrema):
        colour = "#" + "".join(f"{darkest:02x}" for darkest, _ in extrema)
        raise _failed(Code.NO_IMAGE, f"The image is empty: all of it is {colour}", colour=colour)
    return picture


def speech_rate(voiced_s: float, text: str) -> float | None:
    """How fast a text was spoken, 1.0 being an unhurried reader; None where that cannot be told of it."""
    least, most = spoken(text).in_its_language
    tells = least >= COMPARABLE_S and most <= COMPARABLE_RANGE * least and voiced_s > 0
    return round((least + most) / 2 / voiced_s, 3) if tells else None


def longest_speech_s(text: str) -> float:
    """The longest that a narration of this text may be, pauses included."""
    return spoken(text).most_s * SLOWEST + sentences(text) * SENTENCE_PAUSE_S + EDGES_S


def check_speech(
    spoken_s: float, text: str, *, silent_s: float = 0.0, film_rates: Sequence[float] = ()
) -> None:
    """Raise AttemptFailedError when so much speech cannot be this text.

    ``spoken_s`` is from the first sound to the last, ``silent_s`` what of it is pauses. ``film_rates`` are
    the rates (see `speech_rate`) at which the same voice speaks other scenes in the same language.
    """
    voiced_s, expected, against = spoken_s - silent_s, spoken(text), "an unhurried reader"
    shortest = max(0.1, expected.least_s / FASTEST - SLACK_S)
    longest = with_pauses_s = longest_speech_s(text)
    least, most = expected.in_its_language
    if len(film_rates) >= FEWEST_SCENES and least >= COMPARABLE_S:
        rate, against = median(film_rates), f"the film's other narrations ({len(film_rates)} compared)"
        shortest = max(shortest, least / rate * FILM_FASTEST - SLACK_S)
        longest = min(longest, most / rate * FILM_SLOWEST + SLACK_S)
    if shortest <= voiced_s <= longest and spoken_s <= with_pauses_s:
        return
    pauses = f" and {silent_s:.1f} s of pauses" if silent_s else ""
    raise _failed(
        Code.IMPLAUSIBLE_LENGTH,
        f"{voiced_s:.1f} s of speech{pauses} for {len(words_of(text))} words; by the pace of {against}, "
        f"{shortest:.1f} to {longest:.1f} s of speech are plausible, {with_pauses_s:.1f} s with pauses",
        spoken_s=round(spoken_s, 3),
        silent_s=round(silent_s, 3),
    )


def _failed(code: Code, message: str, **details: object) -> AttemptFailedError:
    return AttemptFailedError(Failure.of(code, message, details=details))
