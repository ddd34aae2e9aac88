"""Does an answer do justice to the script? A well-formed answer that does not is a failed attempt.

The reader (``gemini/reader.py``) judges whether an answer is whole; here it is judged whether it is right:
the scenes hold the whole script in order, pictures have the asked shape, speech is as long as its text could
take. Thresholds are wide enough for an honest answer and too narrow for a lost sentence.
"""

import re
import unicodedata
from difflib import SequenceMatcher

from actors.media.errors import MusicError
from actors.media.music import check_plan
from actors.media.reading import SHORTEST_S, reading_s
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import AudioPlan, ScriptAnalysis, Storyboard

DIRECTION = re.compile(r"\[\[.*?\]\]", re.DOTALL)
"""Text in double brackets is a direction to whoever makes the film; it is not spoken."""

_WORD = re.compile(
    # One character is a word where words are not set apart: CJK, kana, Thai, Khmer.
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1780-\u17ff]|[^\W_]+"
)

LOST_RUN_WORDS = 4
"""So many words missing in a row are a lost sentence, not a slip."""
CHANGED_SHARE = 0.03
"""Share of words that may be missing or added in all (numbers written out, hyphens, quotes)."""
SLOWEST = 4.0
FASTEST = 4.0
"""How many times slower or faster than an unhurried reader speech may be; narrators lie within 1.6."""
ASPECT_TOLERANCE = 0.06
"""Image models round their sizes: 1344x768 is 1.6 % off 16:9."""


def spoken_text(script: str) -> str:
    """The script without directions, whitespace made even."""
    return " ".join(DIRECTION.sub(" ", script).split())


def words_of(text: str) -> list[str]:
    """Words as they count for coverage: case, punctuation and compatibility forms set aside."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def check_analysis(analysis: ScriptAnalysis, script: str, *, max_scenes: int, language: str | None) -> None:
    """Raise AttemptFailedError unless the scenes hold the whole script, in order, in its language."""
    count = len(analysis.scenes)
    if count > max_scenes:
        raise _failed(
            Code.WRONG_SCENE_COUNT, f"{count} scenes where at most {max_scenes} were asked for", scenes=count
        )
    if language is not None and _primary(analysis.language) != _primary(language):
        raise _failed(
            Code.WRONG_LANGUAGE, f"The analysis is in {analysis.language}; {language} was asked for"
        )
    wanted = words_of(spoken_text(script))
    given = words_of(" ".join(scene.narration for scene in analysis.scenes))
    missing, added = _differences(wanted, given)
    lost = [run for run in missing if len(run) >= LOST_RUN_WORDS]
    changed = sum(map(len, missing)) + sum(map(len, added))
    if lost or changed > max(2, CHANGED_SHARE * len(wanted)):
        shown = " … ".join(" ".join(run[:12]) for run in (lost or missing or added)[:3])
        what = "leave out" if missing else "add"
        raise _failed(
            Code.SCRIPT_NOT_COVERED,
            f"The scenes {what} words of the script: {shown}",
            missing_words=sum(map(len, missing)),
            added_words=sum(map(len, added)),
            script_words=len(wanted),
        )


def _differences(wanted: list[str], given: list[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Runs of words that are missing, and runs that were added."""
    if wanted == given:
        return [], []
    missing, added = [], []
    for _, a, b, c, d in SequenceMatcher(None, wanted, given, autojunk=False).get_opcodes():
        if wanted[a:b] == given[c:d]:
            continue
        # What is written in another way ("twenty one", "twenty-one", "3" for "three") is no loss.
        if "".join(wanted[a:b]) == "".join(given[c:d]):
            continue
        if b > a:
            missing.append(wanted[a:b])
        if d > c:
            added.append(given[c:d])
    return missing, added


def check_storyboard(storyboard: Storyboard, scenes: int) -> None:
    numbers = [frame.scene for frame in storyboard.frames]
    if numbers != list(range(1, scenes + 1)):
        raise _failed(
            Code.WRONG_SCENE_COUNT,
            f"Frames for scenes {numbers} where 1 to {scenes} were asked for, one each and in order",
        )


def check_audio_plan(plan: AudioPlan, scenes: int, voices: tuple[str, ...]) -> None:
    numbers = [delivery.scene for delivery in plan.deliveries]
    if numbers != list(range(1, scenes + 1)):
        raise _failed(
            Code.WRONG_SCENE_COUNT,
            f"Deliveries for scenes {numbers} where 1 to {scenes} were asked for, one each and in order",
        )
    if plan.voice not in voices:
        raise _failed(
            Code.INCONSISTENT_ANSWER,
            f"The plan names the voice {plan.voice!r}; offered were {', '.join(voices)}",
        )
    try:
        check_plan(plan.music)
    except MusicError as error:
        raise _failed(Code.INCONSISTENT_ANSWER, error.message, media_code=error.code) from error


def check_image(width: int, height: int, aspect_ratio: str) -> None:
    across, down = map(int, aspect_ratio.split(":"))
    asked, got = across / down, width / height
    if abs(got / asked - 1) > ASPECT_TOLERANCE:
        raise _failed(
            Code.WRONG_ASPECT, f"The image is {width}x{height}; {aspect_ratio} was asked for", ratio=got
        )


def check_speech(duration_s: float, text: str) -> None:
    """Raise AttemptFailedError when so much speech cannot be this text."""
    reading = reading_s(text)
    shortest = reading / FASTEST if reading > SHORTEST_S else 0.1
    longest = reading * SLOWEST + 5
    if not shortest <= duration_s <= longest:
        raise _failed(
            Code.IMPLAUSIBLE_LENGTH,
            f"{duration_s:.1f} s of speech for {len(words_of(text))} words; "
            f"between {shortest:.1f} and {longest:.1f} s is plausible",
        )


def _primary(tag: str) -> str:
    return tag.replace("_", "-").split("-")[0].casefold()


def _failed(code: Code, message: str, **details: object) -> AttemptFailedError:
    return AttemptFailedError(Failure.of(code, message, details=details))
