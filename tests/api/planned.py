"""Films whose recipes come from the real stages, and whose documents can be read: what a fork compares."""

import json
from typing import Any
from uuid import UUID

from actors.work.briefing import brief_of, plan_of, recipe_of, sources_of
from actors.work.crew import stage_actors
from actors.work.provider_call import Provider
from api.composition import System
from domain.asset import Asset, AssetKey
from domain.script import AudioPlan, Kind, ScriptAnalysis, Storyboard
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
    {"style": "Ink.", "frames": [{"scene": n, "prompt": f"Boat {n}. Ink."} for n in (1, 2)]}
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

    def submit(self, *, job_id: UUID | None = None, **changes: Any) -> UUID:
        return super().submit(job_id=job_id, **{"models": Models().model_dump(), **changes})

    def _request(self, job_id: UUID, decision: RequestAsset, run: int) -> None:
        assert self.blobs is not None
        job = self.studio.job(job_id)
        sources = sources_of(self.studio.assets(job), [i["name"] for i in decision.inputs])
        plan = plan_of(self.stages, brief_of(job), decision.key, sources, self.blobs)
        recipe = recipe_of(plan, self.blobs)
        asset = self.studio.find_asset(job_id, decision.key)
        about: dict[str, Any] = {"run": run, "now": self.tick(0.01), "causation": 1}
        if asset is None:
            asset = Asset.request(job_id, decision.key, recipe, decision.inputs, **about)
        else:
            asset.request_again(decision.revision, recipe, decision.inputs, **about)
        self.studio.append(asset)

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        document = DOCUMENTS.get(key.kind)
        if document is not None:
            return json.dumps(document.model_dump() | {"revision": revision}).encode(), "application/json"
        return super().content(key, revision)


def _never() -> Any:
    raise AssertionError("planning calls no provider")
