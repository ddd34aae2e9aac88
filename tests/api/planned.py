"""Films whose recipes come from the real stages, and whose documents can be read: what a fork compares."""

import json
from typing import Any
from uuid import UUID

from actors.work.briefing import brief_of, plan_of, recipe_of, sources_of
from actors.work.crew import stage_actors
from actors.work.provider_call import Provider
from api.composition import System
from domain.asset import AssetKey, Recipe
from domain.film import Film
from domain.script import AudioPlan, Beat, Kind, ScriptAnalysis, Storyboard
from domain.submission import Models
from domain.workflow import RequestAsset
from tests.projections.filming import Filming

ANALYSIS = ScriptAnalysis.model_validate(
    {
        "title": "The Boat",
        "language": "en",
        "themes": ["home"],
        "mood": "calm",
        "setting": "A harbour",
        "palette": ["#102030"],
        "characters": [],
        "scenes": [
            {"narration": f"Words of scene {n}.", "visual": f"Boat {n}", "mood": "calm"} for n in (1, 2)
        ],
    }
)
STORYBOARD = Storyboard.model_validate(
    {
        "style": "Ink.",
        "frames": [{"scene": n, "prompt": f"Boat {n}. Ink.", "motion": f"Boat {n} rocks."} for n in (1, 2)],
    }
)
AUDIO_PLAN = AudioPlan.model_validate(
    {
        "voice": "Kore",
        "deliveries": [{"scene": n, "style": "calm", "pause_after_s": 0.6} for n in (1, 2)],
        "music": {
            "mood": "calm",
            "tempo_bpm": 80,
            "key": "C major",
            "instruments": ["piano"],
            "sections": [{"name": "intro", "bars": 4, "chords": ["C"], "intensity": 0.5}],
        },
    }
)
DOCUMENTS: dict[Kind, Any] = {
    Kind.ANALYSIS: ANALYSIS,
    Kind.STORYBOARD: STORYBOARD,
    Kind.AUDIO_PLAN: AUDIO_PLAN,
}


class PlannedFilming(Filming):
    def __init__(self, system: System) -> None:
        super().__init__(system.store, system.blobs)
        self.stages = stage_actors(Provider(_never, system.prices, system.clock), self.studio, system.clock)
        self.cause = 1

    def submit(self, *, job_id: UUID | None = None, **changes: Any) -> UUID:
        return super().submit(job_id=job_id, **{"models": Models().model_dump(exclude_none=True), **changes})

    def recipe(self, film: Film, asked: RequestAsset) -> Recipe:
        assert self.blobs is not None
        sources = sources_of(film.assets, [one.name for one in asked.inputs])
        return recipe_of(
            plan_of(self.stages, brief_of(film.job, film.assets), asked.key, sources, self.blobs), self.blobs
        )

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        document = DOCUMENTS.get(key.kind)
        if document is not None and self.beats > 1:
            document = _with_beats(document, self.beats)
        if document is not None:
            return json.dumps(document.model_dump() | {"revision": revision}).encode(), "application/json"
        return super().content(key, revision)


def _with_beats(document: Any, count: int) -> Any:
    """The same with so many pictures for each scene, alike but for the prompts."""
    if isinstance(document, ScriptAnalysis):
        scenes = [
            scene.model_copy(update={"beats": [Beat(text=scene.narration, visual=scene.visual)] * count})
            for scene in document.scenes
        ]
        return document.model_copy(update={"scenes": scenes})
    if isinstance(document, Storyboard):
        frames = [
            frame.model_copy(update={"beat": beat, "prompt": f"{frame.prompt} Picture {beat}."})
            for frame in document.frames
            for beat in range(1, count + 1)
        ]
        return document.model_copy(update={"frames": frames})
    return document


def _never() -> Any:
    raise AssertionError("planning calls no provider")
