"""What the next attempt at an asset asks for, in the light of those that failed.

The recipe is what was asked for, and stays. What is changed for one attempt is worked out from the events of
the attempts before, so that any process works out the same: an answer that was cut off is asked for again
with more room, one that was found wrong with what was wrong, and one whose form the provider found too
complex without its counts and bounds. All of it stands in the request that is kept with the attempt, and what
is reserved for it covers it.

Speech is asked for again as it was: its prompt is what is spoken, and its limit the longest that is taken.
"""

from collections.abc import Iterator
from dataclasses import replace

from actors.gemini.scrub import scrub
from actors.gemini.thinking import most_answer_tokens
from domain.asset import Asset, Recipe
from domain.expectation import MODALITY
from domain.failures import Code, Failure

MORE_ROOM = 2
"""By how much the limit of an answer is raised each time that one was cut off."""
LONGEST_NOTE = 600
"""Characters of what was wrong: more of it is a list of the same."""

_WRONG_DOCUMENT = frozenset(
    {
        Code.SCRIPT_NOT_COVERED,
        Code.WRONG_SCENE_COUNT,
        Code.WRONG_LANGUAGE,
        Code.INCONSISTENT_ANSWER,
        Code.MALFORMED_ANSWER,
        Code.SCHEMA_MISMATCH,
    }
)
_ADVICE = {
    Code.RECITATION: "It repeated known text too closely. Say it in words of your own.",
    Code.ANSWER_TRUNCATED: "It was cut off before its end. Keep every description short.",
    Code.NO_IMAGE: "It held no picture. Answer with a picture, not with words.",
    Code.IMAGE_RECITATION: "The picture came too close to a known one. Compose this one anew.",
    Code.WRONG_ASPECT: "The picture had another shape. Fill the whole frame in the shape asked for.",
    Code.BORDERED_IMAGE: "The picture had a border or bars. Let it reach all four edges of the frame.",
    Code.COPIED_REFERENCE: (
        "The picture repeated an attached one. Take only faces, hair and clothes from it, and compose this "
        "scene anew: another pose, camera and background."
    ),
    Code.OTHER_FIRST_FRAME: (
        "The shot did not begin with the given picture. Its first frame is <FIRST_FRAME>, exactly as it is."
    ),
    Code.CUT_IN_SHOT: "The shot was cut. Film all of it in one take, with one camera that is never switched.",
    Code.STILL_SHOT: "Nothing moved. Let the camera move throughout, and what is in the picture live.",
}
"""What is said where the failure's own words say nothing to a model."""


def next_recipe(asset: Asset) -> Recipe:
    """The recipe as the next attempt gets it: with more room, or with less said of the answer's form."""
    recipe, codes = asset.recipe, [failure.code for failure in failures_of(asset)]
    if Code.SCHEMA_REFUSED in codes:
        recipe = replace(recipe, parameters={**recipe.parameters, "bounds": False})
    cut_off = codes.count(Code.ANSWER_TRUNCATED)
    limit = recipe.parameters.get("max_output_tokens") if cut_off else None
    if limit is None or recipe.model is None or MODALITY.get(asset.key.kind) == "AUDIO":
        return recipe
    raised = max(limit, min(limit * MORE_ROOM**cut_off, most_answer_tokens(recipe.model)))
    return replace(recipe, parameters={**recipe.parameters, "max_output_tokens": raised})


def note_for_next(asset: Asset) -> str:
    """What is added to the prompt of the next attempt: what was wrong with the last answer; else nothing."""
    if MODALITY.get(asset.key.kind, "AUDIO") == "AUDIO":
        return ""
    wrong = next((said for failure in failures_of(asset) if (said := _said_of(failure, asset))), None)
    return f"\nAn earlier answer to this was refused. {wrong} Answer anew, and whole.\n" if wrong else ""


def failures_of(asset: Asset) -> Iterator[Failure]:
    """What the attempts at this revision failed with, the latest first."""
    return (attempt.failure for attempt in reversed(asset.attempts) if attempt.failure is not None)


def _said_of(failure: Failure, asset: Asset) -> str | None:
    advice = {str(code): said for code, said in _ADVICE.items()}.get(failure.code)
    if advice is not None:
        return advice
    if failure.code not in _WRONG_DOCUMENT or MODALITY[asset.key.kind] != "TEXT":
        return None
    words = " ".join(scrub(failure.message).replace("<", "‹").split())[:LONGEST_NOTE]
    return f"What was wrong: {words.rstrip('.')}."
