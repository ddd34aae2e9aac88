"""Stage ``prompt_generation``: one image prompt for each scene, all in one style."""

from actors import prompts
from actors.answers import check_storyboard
from actors.provider_call import Provider
from actors.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.script import Storyboard

MAX_OUTPUT_TOKENS = 32_768


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
        return Plan(
            model=model,
            prompt=text,
            prompt_version=prompt.version,
            parameters={"max_output_tokens": MAX_OUTPUT_TOKENS},
            reservation_usd=self._provider.reservation_usd(model, text, MAX_OUTPUT_TOKENS),
        )

    async def make(self, task: Task) -> Made:
        scenes = len(task.inputs.facts("analysis")["scenes"])
        return await self._provider.write_document(
            task,
            Storyboard,
            lambda storyboard: check_storyboard(storyboard, scenes),
            lambda storyboard: {"style": storyboard.style},
        )
