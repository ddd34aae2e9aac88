"""A fork: a new job that keeps of another one all that the changes do not touch.

An asset is kept if it was made, everything it is made from is kept, and it would be asked for in the same way
as before. How it would be asked for, the stages know (``actors/work/planning/fork.py``): they judge one asset
at a time, each whose inputs are all kept. The source is not touched.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from domain.asset import Asset, AssetKey, InputRef, Recipe
from domain.asset_parts import is_paid
from domain.film import Film
from domain.film_graph import ANALYSIS, MUSIC, STORYBOARD, Graph
from domain.inputs import Input, is_made_from, references_to
from domain.job import Job
from domain.script import Kind
from domain.submission import Options
from domain.topic import ScriptOrigin

TIMED = frozenset(
    {Kind.SHOT, Kind.MUSIC, Kind.CLIP, Kind.TRANSITION, Kind.SOUNDTRACK, Kind.CAPTIONS, Kind.VIDEO}
)
TIMING_OPTIONS = ("fps", "target_duration_s", "include_audio", "narration")
"""They move scenes in time, which the recipes of what is timed by them do not tell."""

SHAPED = frozenset({Kind.IMAGE, Kind.SHOT})
"""What was cut to the film's shape when a person gave it."""

WORDLESS = frozenset({Kind.ANALYSIS, Kind.STORYBOARD, Kind.IMAGE, Kind.SHOT, Kind.AUDIO_PLAN, Kind.MUSIC})
"""What a film keeps in another language; of music what is not timed by its words."""

P = TypeVar("P")
"""What an asset is asked for with: a stage's plan."""


class NotForkableError(ValueError):
    """The changes cannot be made; ``faults`` are (JSON pointer into the changes, message)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = faults


@dataclass(frozen=True)
class Judgement(Generic[P]):
    """What a stage says of one asset under the changes."""

    alike: bool
    """It would be asked for in the same way as before."""
    asked: Callable[[], P | None]
    """What it is asked for with at once, where a person's prompt goes along."""


class UnplannableError(Exception):
    """An asset cannot be asked for under the changes: a JSON pointer into them, and why."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.fault = pointer, message


@dataclass(frozen=True)
class Fork(Generic[P]):
    """What becomes of each expected asset, as far as the scenes are known."""

    kept: dict[AssetKey, Asset] = field(default_factory=dict)
    """Assets of the source, taken over as they are."""
    asked: dict[AssetKey, P] = field(default_factory=dict)
    """What is asked for at once, with a person's prompt."""
    given: tuple[AssetKey, ...] = ()
    """What its author gave, and gives again, as it could not be kept: nobody makes it."""
    redone: tuple[AssetKey, ...] = ()
    """What is made anew, all that is asked for at once included."""
    inputs: dict[AssetKey, tuple[Input, ...]] = field(default_factory=dict)

    def giving_anew(self, keys: Iterable[AssetKey]) -> Self:
        """With these given again instead of kept, but for those that something of it was drawn by."""
        used = {one.key for key in (*self.kept, *self.asked) for one in self.inputs[key]}
        anew = tuple(key for key in keys if key in self.kept and key not in used)
        kept = {key: asset for key, asset in self.kept.items() if key not in anew}
        return replace(self, kept=kept, given=(*self.given, *anew))

    def events(self, job: Job, now: datetime, recipe_of: Callable[[P], Recipe]) -> list[Asset]:
        """The new job's assets, with events that are not saved yet."""
        about: dict[str, Any] = {"run": job.run, "now": now}
        made = [
            Asset.reuse(job.id, asset, inputs=self._references(job, key), **about)
            for key, asset in self.kept.items()
        ]
        asked = [
            Asset.request(job.id, key, recipe_of(plan), self._references(job, key), **about)
            for key, plan in self.asked.items()
        ]
        return made + asked

    def _references(self, job: Job, key: AssetKey) -> list[InputRef]:
        """Those of the source, by the ids that they have in the new job, where each is the first revision."""
        recorded = references_to(self.inputs[key], self.kept)
        return [replace(one, id=one.key.id_in(job.id), revision=1) for one in recorded]


def plan_fork(
    source: Film,
    options: Options,
    prompts: Collection[AssetKey],
    judge: Callable[[AssetKey, list[AssetKey]], Judgement[P]],
    *,
    given: Collection[AssetKey] = (),
    song: bool = False,
    script: ScriptOrigin = "submitted",
) -> Fork[P]:
    """Plan what a job with these options keeps of ``source``; ``prompts`` are given for these assets.

    ``given``: what its author brings for the scenes. ``song``: a model composes its music. ``script``: where
    its words come from.

    ``judge`` is asked with an asset and its inputs, and may raise UnplannableError. NotForkableError names
    all that cannot be done.
    """
    graph = Graph.of(options, source.scenes, song=song, script=script)
    translated = script == "translation"
    fork: Fork[P] = Fork()
    faults: list[tuple[str, str]] = []
    # Pictures that do not play, and by which others were drawn, are what they are.
    fork.kept.update({key: source.assets[key] for key in graph.outside})
    fork.inputs.update(dict.fromkeys(graph.outside, ()))
    for key, node in graph.nodes.items():
        inputs = graph.inputs(key)
        # A voice-over of one's own is in the other language.
        foreign = translated and key.kind is Kind.NARRATION
        # Who names a model for the music wants no song of one's own any more.
        composed = key == MUSIC and song and not source.job.models.get("music")
        others = foreign or composed or key in prompts
        if not others and _is_provided(source, key, fork.kept, options):
            fork.kept[key], fork.inputs[key] = source.assets[key], ()
            continue
        if any(needed not in fork.kept for needed in inputs):
            if key in prompts:
                faults.append(_at(key, "what it is made from is made anew, and asks for another prompt then"))
            continue
        fork.inputs[key] = node.inputs
        try:
            judgement = judge(key, inputs)
        except UnplannableError as error:
            faults.append(error.fault)
            continue
        if judgement.alike and _is_untouched(source, key, node.inputs, options, translated=translated):
            fork.kept[key] = source.assets[key]
        elif (asked := judgement.asked()) is not None:
            fork.asked[key] = asked
    faults += [_at(key, "the film has no such asset") for key in prompts if key not in graph.nodes]
    if faults:
        raise NotForkableError(faults)
    scenes_known = ANALYSIS in fork.kept
    # Of scenes that were removed nothing is given; which there will be another analysis tells.
    there = [key for key in given if not scenes_known or key in graph.nodes]
    again = tuple(key for key in there if key not in fork.kept and key not in fork.asked)
    settled = {*fork.kept, *again}
    if STORYBOARD in graph.nodes and STORYBOARD not in fork.asked and _is_spared(graph, fork.kept, again):
        settled.add(STORYBOARD)
    redone = tuple(key for key in graph.nodes if key not in settled)
    return Fork(fork.kept, fork.asked, again, redone, fork.inputs)


def _is_spared(graph: Graph, kept: Mapping[AssetKey, Asset], again: Collection[AssetKey]) -> bool:
    """Whether nobody needs a storyboard, as its author gives all pictures; see `Film.is_spared`."""
    drawn = graph.nodes[STORYBOARD].dependents
    return bool(drawn) and all(key in again or (key in kept and kept[key].is_provided) for key in drawn)


def _at(key: AssetKey, message: str) -> tuple[str, str]:
    return f"/prompts/{key.name}", f"{key.name}: {message}"


def _is_provided(source: Film, key: AssetKey, kept: Collection[AssetKey], options: Options) -> bool:
    """Whether a person gave it for these very scenes, and for a film of this shape."""
    asset = source.assets.get(key)
    fits = source.job.options.aspect_ratio == options.aspect_ratio or key.kind not in SHAPED
    return asset is not None and asset.is_provided and ANALYSIS in kept and fits


def _is_untouched(
    source: Film, key: AssetKey, inputs: Iterable[Input], options: Options, *, translated: bool
) -> bool:
    asset = source.assets.get(key)
    return (
        asset is not None
        and asset.product is not None
        # What is not made of words is kept though it was timed by them.
        and is_made_from(asset, inputs, source.digest, at_least=translated and key.kind in WORDLESS)
        and key.kind is not Kind.MANIFEST  # it tells of its own job
        and (
            key.kind not in TIMED
            # A song has a length of its own, which its prompt tells.
            or (key.kind is Kind.MUSIC and is_paid(key, asset.recipe))
            or all(getattr(source.job.options, name) == getattr(options, name) for name in TIMING_OPTIONS)
        )
    )
