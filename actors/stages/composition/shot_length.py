"""How long a shot must be to fill its beat: reckoned before it is asked for, without hearing a voice.

The Director plans shots and loads nothing that draws or hears. A scene's length follows from what is on
record of its narration; what of it a beat takes is guessed from its words, to a fraction of a second. What is
asked for too long is cut, and what lacks a moment is slowed by it (``actors/media/footage.py``).
"""

from math import ceil
from typing import Final

from actors.media.timeline import Joint, SceneShape, scene_shape, silent_shapes
from actors.work.stage import Inputs
from domain.script import AudioPlan, ScriptAnalysis
from domain.spoken import reading_s
from domain.submission import Options

DISSOLVE_S: Final = 0.3
"""A later beat comes in so long before its words (see ``film_frames.py``)."""
_GUESS_S: Final = 0.3
"""Words are spoken a little sooner or later than guessed."""
_STEP_S: Final = 0.5
"""What is asked for is a multiple of it: seconds are what is paid for."""


def shot_s(options: Options, inputs: Inputs, scene: int, beat: int) -> float:
    """Seconds in which the picture of this beat is seen, the joints with its neighbours included."""
    analysis = inputs.document("analysis", ScriptAnalysis)
    shape = _shape(options, analysis, inputs, scene)
    beats = analysis.scene(scene).pictures
    if len(beats) == 1:
        return shape.length / shape.fps
    shares = [reading_s(each.text) for each in beats]
    before, mine = sum(shares[: beat - 1]), shares[beat - 1]
    seconds = shape.speech / shape.fps * mine / (before + sum(shares[beat - 1 :]))
    at_ends = (shape.lead if beat == 1 else 0) + (shape.tail if beat == len(beats) else 0)
    return seconds + at_ends / shape.fps + (DISSOLVE_S if beat > 1 else 0.0) + _GUESS_S


def asked_s(needed_s: float, limits: tuple[float, float]) -> float:
    """What is asked of a model that makes shots of so many seconds, at the least and at the most."""
    shortest, longest = limits
    return min(longest, max(shortest, ceil(round(needed_s / _STEP_S, 6)) * _STEP_S))


def _shape(options: Options, analysis: ScriptAnalysis, inputs: Inputs, scene: int) -> SceneShape:
    count = len(analysis.scenes)
    place = [number for number, _ in analysis.numbered()].index(scene) + 1
    joints = [Joint(each.transition) for each in analysis.scenes[:-1]]
    spoken = f"narration:{scene}"
    if not options.has_narration or options.target_duration_s is not None or spoken not in inputs:
        reading = [reading_s(each.narration) / options.pace for each in analysis.scenes]
        return silent_shapes(reading, options.fps, options.target_duration_s, joints)[place - 1]
    plan = inputs.document("audio_plan", AudioPlan)
    return scene_shape(
        inputs.facts(spoken)["duration_s"] / options.pace,
        plan.delivery(scene).pause_after_s,
        options.fps,
        first=place == 1,
        last=place == count,
        arrives=joints[place - 2] if place > 1 else Joint.CROSSFADE,
        leaves=joints[place - 1] if place < count else Joint.CROSSFADE,
    )
