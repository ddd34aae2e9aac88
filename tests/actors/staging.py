"""The inputs of stage actors, stored as they would be, without a job around them."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from actors.blobs.opening import open_blobs
from actors.work.stage import Brief, Inputs, Order, Plan, Source, Task
from domain.asset import AssetKey, Recipe
from domain.script import AudioPlan, Document, ScriptAnalysis, ShotList, Storyboard
from domain.store import Studio
from domain.submission import Models, Options

SCRIPT = "A lighthouse stands above the sea.\n[[slow zoom]]\nMara lights the lamp at dusk."
SCENES = ("A lighthouse stands above the sea.", "Mara lights the lamp at dusk.")
STYLE = "Ink and wash, low light."
LOOK = "sixty, grey plait, yellow coat"
JOB = UUID("11111111-2222-4333-8444-555555555555")


def analysis() -> ScriptAnalysis:
    return ScriptAnalysis.model_validate(
        {
            "title": "The lamp",
            "language": "en-GB",
            "themes": ["duty"],
            "mood": "calm",
            "setting": "a coast",
            "palette": ["#102030"],
            "characters": [{"name": "Mara", "look": LOOK}],
            "scenes": [
                {"narration": SCENES[0], "visual": "A lighthouse", "mood": "calm", "characters": []},
                {"narration": SCENES[1], "visual": "A lamp room", "mood": "warm", "characters": ["Mara"]},
            ],
        }
    )


def storyboard() -> Storyboard:
    frames = [
        {"scene": 1, "prompt": f"A lighthouse, dusk. {STYLE}"},
        {"scene": 2, "prompt": f"Mara at the lamp. {LOOK}. {STYLE}"},
    ]
    return Storyboard.model_validate({"style": STYLE, "frames": frames})


def shot_list(*pictures: str, style: str = STYLE) -> ShotList:
    """What a model answers when it is asked for a storyboard of scenes with one picture each."""
    said = pictures or ("A lighthouse, dusk.", "#1 at the lamp.")
    shot = {"size": "wide shot", "angle": "from below", "movement": "upwards"}
    frames = [
        {"scene": number, "beat": 1, "picture": picture, **shot} for number, picture in enumerate(said, 1)
    ]
    return ShotList.model_validate({"style": style, "frames": frames})


def audio_plan() -> AudioPlan:
    return AudioPlan.model_validate(
        {
            "voice": "Kore",
            "deliveries": [
                {"scene": 1, "style": "quietly", "pause_after_s": 0.6},
                {"scene": 2, "style": "warmly, with wonder", "pause_after_s": 1.0},
            ],
            "music": {
                "mood": "calm",
                "tempo_bpm": 80,
                "key": "A minor",
                "instruments": ["piano"],
                "sections": [{"name": "intro", "bars": 4, "chords": ["Am"], "intensity": 0.3}],
            },
        }
    )


def facts() -> dict[str, Any]:
    scenes = [{"scene": n, "text": text, "mood": "calm"} for n, text in enumerate(SCENES, 1)]
    return {"title": "The lamp", "language": "en-GB", "mood": "calm", "scenes": scenes}


EMPTY_STUDIO = cast("Studio", SimpleNamespace(job=lambda _: None, assets=lambda _: {}))
"""For an editor whose films have no history."""


class Staging:
    """Gives briefs, inputs and tasks; bytes are in a real blob store in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.blobs = open_blobs(f"file://{folder}/blobs")

    def brief(self, **changes: Any) -> Brief:
        options = Options.model_validate(changes.pop("options", {}))
        models = {**Models().model_dump(exclude_none=True), **changes.pop("models", {})}
        return Brief(
            job_id=JOB,
            run=1,
            script=changes.pop("script", SCRIPT),
            language=changes.pop("language", None),
            models=models,
            options=options,
            provider="emulator",
            **changes,
        )

    def source(self, name: str, document: Document, **learnt: Any) -> Source:
        digest = self.blobs.put(document.model_dump_json().encode())
        return Source(name, digest, "application/json", learnt)

    def sources(self) -> tuple[Source, ...]:
        return (
            self.source("analysis", analysis(), **facts()),
            self.source("storyboard", storyboard(), style=STYLE),
            self.source("audio_plan", audio_plan(), voice="Kore"),
        )

    def inputs(self, *more: Source) -> Inputs:
        return Inputs({s.name: s for s in (*self.sources(), *more)}, self.blobs)

    def task(self, name: str, plan: Plan, brief: Brief) -> Task:
        """What a worker gets for the first attempt at this plan."""
        digest = self.blobs.put(plan.prompt.encode()) if plan.prompt is not None else None
        recipe = Recipe(plan.model, digest, plan.prompt_version, plan.parameters, plan.reservation_usd)
        order = Order(brief, AssetKey.parse(name), 1, 1, recipe, self.sources())
        return Task(order, self.inputs(), plan.prompt, self.never_cancelled())

    @staticmethod
    def never_cancelled() -> threading.Event:
        return threading.Event()
