"""Stage ``prompt_generation``: one image prompt for each scene, all in one style."""

from actors import prompts
from actors.stages.checks.answers import check_storyboard
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.script import Frame, ScriptAnalysis, Storyboard, storyboard_schema

HEAD_TOKENS = 1_024
"""The style, in a few sentences."""
FRAME_TOKENS = 400
"""What is said of a picture; a hundred are usual."""


class StoryboardArtist:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:  # noqa: ARG002 - there is one storyboard
        prompt = prompts.load("storyboard")
        style = brief.options.style
        text = prompt.render(
            aspect_ratio=brief.options.aspect_ratio,
            style=f"The style is settled already: <style>{style}</style>" if style else "",
            analysis=inputs.read("analysis").decode(),
        )
        model = brief.models["text"]
        scenes = len(inputs.facts("analysis")["scenes"])
        return self._provider.plan_document(model, text, prompt.version, most_answer_tokens(scenes))

    async def make(self, task: Task) -> Made:
        analysis = task.inputs.document("analysis", ScriptAnalysis)
        return await self._provider.write_document(
            task,
            Storyboard,
            lambda storyboard: check_storyboard(storyboard, len(analysis.scenes)),
            lambda storyboard: (_completed(storyboard, analysis), {"style": storyboard.style}),
            schema=storyboard_schema(len(analysis.scenes)),
        )


def most_answer_tokens(scenes: int) -> int:
    return HEAD_TOKENS + FRAME_TOKENS * scenes


def _completed(storyboard: Storyboard, analysis: ScriptAnalysis) -> Storyboard:
    """Every frame carries its characters' looks and the style bible, also where the model forgot them."""
    sheet = {character.name.casefold(): character for character in analysis.characters}

    def completed(frame: Frame) -> Frame:
        seen = analysis.scenes[frame.scene - 1].characters
        characters = [sheet[name.casefold()] for name in dict.fromkeys(seen) if name.casefold() in sheet]
        said = _plain(frame.prompt)
        looks = [f"{c.name}: {c.look}" for c in characters if _plain(c.look) not in said]
        style = [] if _plain(storyboard.style) in said else [storyboard.style]
        return Frame(scene=frame.scene, prompt="\n\n".join([frame.prompt, *looks, *style]))

    return storyboard.model_copy(update={"frames": [completed(frame) for frame in storyboard.frames]})


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
