"""Stage ``video_generation``: a shot for each beat of a scene that moves, its picture being the first frame.

A video model answers minutes later, for dollars: the call is accepted first, its receipt put on record, and
from then on asked for by whichever worker lives (``actors/work/accepted_call.py``). What is made is the
provider's own file; its sound is never played, and it is fitted to its scene when the clip is cut.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.gemini.catalogue import find
from actors.gemini.interactions import shot_request
from actors.media.formats import film_format
from actors.prompts.frame_prompt import edited_frame
from actors.stages.checks.doubts import settle
from actors.stages.checks.shots import check_shot, shot_doubts
from actors.stages.composition.shot_length import asked_s, shot_s
from actors.stages.given.author import is_file, reference, references_of
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import Frame, Kind, ScriptAnalysis, Storyboard

USUAL_S = (3.0, 10.0)
"""What every video model makes in one call."""
MOST_REFERENCES = 2
"""Pictures that go along beside the first frame; more make the model mix faces."""
MOST_S = 900.0
"""How long an accepted shot is asked for by one worker; 40 to 180 s are usual, and files take 95 s more."""


class Animator:
    LIBRARIES = (
        "actors.media.pictures",
        "actors.media.likeness",
        "actors.media.shots",
    )

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        assert key.scene is not None
        prompt = self._provider.asking.prompt("shot")
        storyboard = inputs.document("storyboard", Storyboard)
        frames = {AssetKey(Kind.SHOT, frame.scene, frame.beat): frame for frame in storyboard.frames}
        analysis = inputs.document("analysis", ScriptAnalysis)
        if analysis.scene(key.scene).own_visual:
            frames[key] = edited_frame(storyboard, analysis, key.scene, key.beat)
        frame = frames.get(key)
        if frame is None or frame.motion is None:
            message = (
                f"The storyboard was written for still pictures: it does not say what moves in {key.name}."
            )
            raise AttemptFailedError(Failure.of(Code.OUTDATED_REQUEST, message))
        options, model = brief.options, brief.models["video"]
        known = find(model)
        seconds = asked_s(
            shot_s(options, inputs, key.scene, key.beat), (known.seconds if known else None) or USUAL_S
        )
        first = AssetKey(Kind.IMAGE, key.scene, key.beat).name
        most = min(MOST_REFERENCES, known.reference_images) if known else 0
        given = references_of(brief.given.cast, frame.characters)
        earlier = [name for name in inputs.names() if name.startswith("image:") and name != first]
        references = [*(digest for _, digest in given), *earlier][:most]
        shown = {digest: name for name, digest in given}
        fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
        text = prompt.render(
            sources=_sources(len(references)),
            seconds=f"{seconds:g}",
            motion=frame.motion,
            references=_take_from(references, frame, frames, shown),
        )
        parameters = {
            "seconds": seconds,
            "resolution": fmt.shot_size,
            "aspect_ratio": options.aspect_ratio,
            "first_frame": first,
            "references": references,
        }
        return self._provider.plan(model, text, prompt.version, parameters)

    async def make(self, task: Task) -> Made:
        from actors.media.pictures import open_rgb  # noqa: PLC0415 - loads what the Director has no use for

        model, asked = task.order.recipe.model, task.parameters
        assert model is not None
        assert task.prompt is not None
        facts: dict[str, Any] = {}

        def check(path: Path) -> None:
            seen = check_shot(
                path,
                seconds=asked["seconds"],
                aspect_ratio=asked["aspect_ratio"],
                resolution=asked["resolution"],
            )
            doubts = shot_doubts(seen, open_rgb(task.inputs.read(asked["first_frame"])))
            facts.update(seen.facts() | settle(doubts, task.order))

        request = shot_request(
            model,
            task.prompt,
            first_frame=reference(task.inputs, asked["first_frame"]),
            references=[reference(task.inputs, name) for name in asked["references"]],
            seconds=asked["seconds"],
            resolution=asked["resolution"],
            aspect_ratio=asked["aspect_ratio"],
        )
        return await self._provider.accepted(
            task, request, most_s=MOST_S, check=check, present=lambda path: (path, "video/mp4", facts)
        )


def _sources(references: int) -> str:
    """Which of the pictures that go along is what: models bind them by such tags, not by their order."""
    looks = " ".join(f"<IMAGE_REF_{n}>@Image{n + 2}" for n in range(references))
    return "[# Sources <FIRST_FRAME>@Image1]" + (f" [# References {looks}]" if references else "")


def _take_from(
    references: list[str], frame: Frame, frames: Mapping[AssetKey, Frame], shown: Mapping[str, str]
) -> str:
    """Of each picture beside the first frame: whom it shows."""
    said = []
    for place, name in enumerate(references):
        image = None if is_file(name) else AssetKey.parse(name)
        other = None if image is None else frames.get(AssetKey(Kind.SHOT, image.scene, image.beat))
        shared = [who for who in frame.characters if other is not None and who in other.characters]
        whom = shown.get(name) or " and ".join(shared) or "the characters"
        said.append(
            f"<IMAGE_REF_{place}> shows {whom}: take face, hair and clothes from it, and nothing else."
        )
    return "\n" + "\n".join(said) + "\n" if said else ""
