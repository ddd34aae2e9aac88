"""Whether a script can become the film that is asked for, as far as lengths tell: known beforehand.

The same is told here of a submission as ``gemini/sdk_limits.py`` tells of models and SDKs: (JSON pointer,
what is wrong and what would do).
"""

from collections.abc import Iterator, Sequence
from math import ceil

from actors.media.errors import TimelineError
from actors.media.word_budget import check_words, most_scenes
from domain.given_scenes import GivenScene, script_of
from domain.script_forms.reading import read_script
from domain.spoken import SPOKEN_AT_ONCE_S, reading_s, too_long_at_once
from domain.submission import Options


def words_to_speak(script: str, options: Options, scenes: Sequence[GivenScene] = ()) -> str:
    """What a model is to speak of a script, or of an author's own scenes: not what has its own voice-over."""
    if scenes:
        script = script_of([scene.text for scene in scenes if scene.narration is None])
    return read_script(script, options.script_form).spoken_text if options.has_narration else ""


def unfit(script: str, options: Options, scenes: Sequence[GivenScene] = ()) -> Iterator[tuple[str, str]]:
    """Why no film with these options can be made of the script, or of the scenes that its author brings."""
    text = words_to_speak(script, options, scenes)
    if not text:
        return
    target_s = options.target_duration_s
    if target_s is not None:
        try:
            check_words(text, target_s)
        except TimelineError as error:
            message = f"options.target_duration_s is {target_s:g}; {error.message}. {error.hint}"
            yield "/options/target_duration_s", message
    if scenes:  # how many there are their author says, and what is in each
        for number, scene in enumerate(scenes):
            told = too_long_at_once(read_script(scene.text, options.script_form).spoken_text)
            if told is not None and scene.narration is None:
                yield f"/scenes/{number}/text", told
        return
    reading = reading_s(text)
    fewest = ceil(reading / SPOKEN_AT_ONCE_S)
    for name, most in (("max_scenes", options.max_scenes), ("max_images", options.max_images)):
        if most is not None and fewest > most:
            message = (
                f"options.{name} is {most}; the script takes about {reading:.0f} s to read, and a scene"
                f" is spoken in one piece of at most {SPOKEN_AT_ONCE_S} s: ask for {fewest} or more, or for"
                " a film without narration"
            )
            yield f"/options/{name}", message


def scenes_at_most(script: str, options: Options) -> int:
    """How many scenes to ask for: no more than pictures, and than fit into the length that is asked for."""
    target_s = options.target_duration_s
    most = min(options.max_scenes, options.max_images or options.max_scenes)
    if target_s is None:
        return most
    spoken = read_script(script, options.script_form).spoken_text if options.has_narration else None
    return min(most, most_scenes(spoken, target_s, options.fps))
