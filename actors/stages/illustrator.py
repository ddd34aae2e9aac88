"""Stage ``image_generation``: one picture for each beat of a scene, from the storyboard's prompt for it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from actors.gemini.catalogue import find
from actors.gemini.reader import ImageAnswer, read_image
from actors.gemini.requests import Reference, image_request, offered_size
from actors.gemini.sdk_limits import requestable_shape
from actors.media.errors import PictureError
from actors.media.formats import film_format
from actors.prompts.frame_prompt import edited_frame
from actors.stages.checks.answers import check_image, check_picture
from actors.stages.checks.doubts import picture_doubts, settle
from actors.stages.given.author import is_file, reference, references_of
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import Frame, Kind, ScriptAnalysis, Storyboard

TIMEOUT_S = 240.0
MAX_OUTPUT_TOKENS = 4096
"""A 2K image is 2000 tokens, and a few words may stand beside it."""


class Illustrator:
    LIBRARIES = (
        "actors.media.pictures",
        "actors.media.likeness",
    )

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        prompt = self._provider.asking.prompt("image")
        storyboard = inputs.document("storyboard", Storyboard)
        frames = {AssetKey(Kind.IMAGE, frame.scene, frame.beat): frame for frame in storyboard.frames}
        analysis = inputs.document("analysis", ScriptAnalysis) if "analysis" in inputs else None
        if analysis is not None and key.scene is not None and analysis.scene(key.scene).own_visual:
            frames[key] = edited_frame(storyboard, analysis, key.scene, key.beat)
        frame = frames[key]
        drawn_by = find(brief.models["image"])
        most = drawn_by.reference_images if drawn_by is not None else None
        given = references_of(brief.given.cast, frame.characters)
        style = brief.given.files.get("style")
        own = [*([style] if style else []), *(digest for _, digest in given)]
        references = [*own, *(name for name in inputs.names() if name.startswith("image:"))][:most]
        shown = {digest: name for name, digest in given}
        text = prompt.render(frame=frame.prompt, references=_take_from(references, frame, frames, shown))
        options = brief.options
        fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
        model = brief.models["image"]
        parameters = {
            "max_output_tokens": MAX_OUTPUT_TOKENS,
            "aspect_ratio": options.aspect_ratio,
            "image_size": fmt.image_size,
            "references": references,
        }
        return self._provider.plan(model, text, prompt.version, parameters)

    async def make(self, task: Task) -> Made:
        from actors.media import pictures  # noqa: PLC0415 - loads what the Director has no use for

        model, asked = task.order.recipe.model, task.parameters
        assert model is not None
        assert task.prompt is not None

        remarks: dict[str, Any] = {}

        def check(answer: ImageAnswer) -> None:
            try:
                picture = pictures.inspect(answer.data)
            except PictureError as error:  # what no clip could be made of is told here, where it is paid for
                raise AttemptFailedError(Failure.of(Code.MALFORMED_IMAGE, error.message)) from error
            check_image(picture.width, picture.height, asked["aspect_ratio"], size)
            seen = check_picture(answer.data)
            doubts = picture_doubts(seen, [pictures.open_rgb(each.data) for each in references])
            remarks.update(settle(doubts, task.order))

        references = await asyncio.to_thread(_references, task)
        # A model that nobody here knows may take no size at all.
        size = (offered_size(model, asked["image_size"]) if find(model) else None) or "1K"
        can = await self._provider.capabilities()
        aspect_ratio, image_size = requestable_shape(can, asked["aspect_ratio"], asked["image_size"])
        return await self._provider.call(
            image_request(
                model,
                task.prompt,
                aspect_ratio=aspect_ratio,
                image_size=image_size,
                max_output_tokens=asked["max_output_tokens"],
                references=references,
            ),
            timeout_s=TIMEOUT_S,
            read=read_image,
            check=check,
            present=lambda answer: (
                answer.data,
                answer.media_type,
                {"width": answer.width, "height": answer.height, **remarks},
            ),
        )


def _take_from(
    references: list[str], frame: Frame, frames: Mapping[AssetKey, Frame], shown: Mapping[str, str]
) -> str:
    """Of each picture that goes along: whom it shows, what to take from it, and what not.

    ``shown``: the names of characters, by the digests of pictures that the author gave.
    """
    said = []
    for place, name in enumerate(references, 1):
        if is_file(name) and name not in shown:
            said.append(
                f"Picture {place} shows the style: take its medium, colours and light. "
                "Do not copy anything that is seen in it."
            )
            continue
        other = None if is_file(name) else frames.get(AssetKey.parse(name))
        shared = [who for who in frame.characters if other is not None and who in other.characters]
        whom = shown.get(name) or " and ".join(shared) or "the characters of an earlier picture"
        said.append(
            f"Picture {place} shows {whom}: take face, hair and clothes from it. "
            "Do not copy its pose, camera or background."
        )
    return "\n" + "\n".join(said) + "\n" if said else ""


def _references(task: Task) -> list[Reference]:
    """The pictures in which its characters were first seen, so that they look the same; or given ones."""
    return [reference(task.inputs, name) for name in task.parameters["references"]]
