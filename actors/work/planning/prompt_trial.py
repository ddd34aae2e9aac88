"""Trying a prompt: the one call that a stage would make with it, outside of any job.

Nothing of it is recorded: no event, no asset. What was sent, what came back and what it cost are given to
whoever asked. The recipe is planned as for a job, so that a trial shows what a job would ask for.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from actors.work.briefing import plan_of, recipe_of, sources_of
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Order, Plan, Source, StageActor, Task
from domain.asset import SCENE_KINDS, AssetKey
from domain.asset_parts import Receipt
from domain.default_models import DEFAULT_MODELS
from domain.film_graph import Assets, Graph, scenes_in
from domain.ports import BlobStore
from domain.script import Kind, Stage
from domain.store import Studio
from domain.submission import Options

KIND_OF: Mapping[str, Kind] = {
    "script_writing": Kind.SCRIPT,
    "translation": Kind.SCRIPT,
    "script_analysis": Kind.ANALYSIS,
    "storyboard": Kind.STORYBOARD,
    "motion": Kind.STORYBOARD,
    "image": Kind.IMAGE,
    "shot": Kind.SHOT,
    "audio_plan": Kind.AUDIO_PLAN,
    "cast": Kind.AUDIO_PLAN,
    "music": Kind.MUSIC,
}
"""What each prompt asks for."""

StageActors = Callable[[Provider, Studio, Callable[[], datetime]], Mapping[Stage, StageActor]]


class NotTriableError(Exception):
    """There is nothing to try the prompt on; the message says what is missing."""


@dataclass(frozen=True)
class Trial:
    """One call, planned."""

    brief: Brief
    key: AssetKey
    sources: tuple[Source, ...]
    plan: Plan
    stage: StageActor
    blobs: BlobStore

    async def make(self) -> Made:
        """Make the call; raises as a stage does."""
        recipe = recipe_of(self.plan, self.blobs)
        order = Order(self.brief, self.key, 1, 1, recipe, self.sources)
        inputs = Inputs({source.name: source for source in self.sources}, self.blobs)
        task = Task(order, inputs, self.plan.prompt, threading.Event(), accept=_not_kept)
        try:
            return await self.stage.make(task)
        finally:
            task.clear()


async def _not_kept(receipt: Receipt) -> None:
    """A trial that is broken off is not gone on with."""


def script_brief(script: str, provider: str) -> Brief:
    """A job that is not there, with this script and all else by default."""
    models: dict[str, str] = {str(kind): name for kind, name in DEFAULT_MODELS.items()}
    return Brief(uuid4(), 1, script, None, models, Options(), provider)


def plan_trial(
    name: str, scene: int, brief: Brief, assets: Assets, stages: Mapping[Stage, StageActor], blobs: BlobStore
) -> Trial:
    """The call by which the prompt of this name would be asked; NotTriableError where it cannot be."""
    kind = KIND_OF[name]
    key = AssetKey(kind, scene if kind in SCENE_KINDS else None)
    origin, song = brief.given.script_origin, bool(brief.models.get("music"))
    graph = Graph.of(brief.options, scenes_in(assets), song=song, script=origin)
    if name == "script_writing" and origin != "topic":
        raise NotTriableError("this film's script was not written here: name a job that was given a topic")
    if name == "translation" and origin != "translation":
        raise NotTriableError("this film is in its own language: name a job that was forked into another one")
    if kind not in (Kind.SCRIPT, Kind.ANALYSIS) and scenes_in(assets) is None:
        raise NotTriableError(
            f"{name} is asked about an analysis, and there is none: name a job that has one"
        )
    if name == "motion" and not any(one.kind is Kind.SHOT for one in graph.nodes):
        raise NotTriableError("this film does not move: name a job whose options.motion is generated")
    if key not in graph.keys:
        raise NotTriableError(f"this film has no {key.name}")
    if kind is Kind.MUSIC and not brief.models.get("music"):
        raise NotTriableError(
            "this film's music is synthesised, without a prompt: name a job with models.music"
        )
    needed = graph.inputs(key)
    missing = [one.name for one in needed if one not in assets or assets[one].product is None]
    if missing:
        raise NotTriableError(f"{key.name} is made from {missing[0]}, which this job has not made")
    sources = sources_of(assets, [one.name for one in needed])
    plan = plan_of(stages, brief, key, sources, blobs)
    if name == "cast" and "speakers" not in plan.parameters:
        raise NotTriableError(
            "no character speaks in this film: name a job whose options.voices is cast, and whose script "
            "names its speakers or quotes its characters"
        )
    return Trial(brief, key, sources, plan, stages[key.stage], blobs)
