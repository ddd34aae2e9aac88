"""How long each kind of asset takes, measured from what was made; the weights of new jobs come from here.

What is measured is keyed by who makes it: a provider's asset by provider and model, an asset made here by
the film's size, rate and quality. The median of the latest fifty is taken, so one slow call does not count.
"""

from collections.abc import Callable, Mapping
from statistics import median

from domain import asset_events
from domain.asset import AssetKey
from domain.beats import expected_images, expected_scenes
from domain.expectation import model_of
from domain.film_graph import Graph, guessed_scenes
from domain.job import Job
from domain.script import Kind
from domain.submission import Options, Weights
from domain.topic import ScriptOrigin

SAMPLES = 50

PROPORTIONS: Mapping[Kind, float] = {
    Kind.SCRIPT: 10.0,
    Kind.ANALYSIS: 8.0,
    Kind.STORYBOARD: 8.0,
    Kind.IMAGE: 10.0,
    Kind.SHOT: 70.0,
    Kind.AUDIO_PLAN: 6.0,
    Kind.NARRATION: 5.0,
    Kind.MUSIC: 3.0,
    Kind.CLIP: 3.0,
    Kind.TRANSITION: 1.0,
    Kind.SOUNDTRACK: 2.0,
    Kind.CAPTIONS: 0.2,
    Kind.VIDEO: 1.0,
    Kind.POSTER: 0.3,
    Kind.MANIFEST: 0.1,
}
"""How the work is divided while nothing is measured: proportions only, never shown as seconds."""

SONG = 30.0
"""The proportion of music that a model composes: tens of seconds, whatever the film's length."""

Sample = tuple[int, str, str, str, float]


def sample(position: int, event: asset_events.Generated, job: Job, key: AssetKey) -> Sample:
    """The row that an ``asset.generated`` adds: position, provider, kind, maker, seconds."""
    return (position, job.provider, key.kind.value, maker(key.kind, job.models, job.options), event.latency_s)


def maker(kind: Kind, models: Mapping[str, str], options: Options) -> str:
    """Who makes assets of this kind: the model, or the size of the film."""
    return (
        model_of(kind, models)
        or f"{options.aspect_ratio} {options.resolution} {options.quality} {options.fps}"
    )


def weights(
    script: str,
    models: Mapping[str, str],
    options: Options,
    latest: Callable[[Kind, str], list[float]],
    origin: ScriptOrigin = "submitted",
) -> Weights:
    """The weights that a new job is accepted with.

    ``script`` is that of a film whose words are still to be written, as long as it is to be (``origin``).
    ``latest`` gives the latest measured seconds of a kind by its maker. ``measured`` is true when every kind
    that the film needs has been measured; only then will the job tell how long it still takes.
    """
    scenes, images = expected_scenes(script, options), expected_images(script, options)
    needed = {key.kind for key in Graph.of(options, guessed_scenes(scenes), script=origin).nodes}
    # Two scenes have a transition; should there be more scenes than expected, it has its weight.
    kinds = needed | {key.kind for key in Graph.of(options, guessed_scenes(2), script=origin).nodes}
    samples = {kind: latest(kind, maker(kind, models, options)) for kind in Kind if kind in kinds}
    measured = {kind: median(found) for kind, found in samples.items() if found}
    scale = _scale(measured, models)
    seconds = {
        kind.value: round(measured.get(kind, proportion(kind, models) * scale), 3)
        for kind in Kind
        if kind in kinds
    }
    return {"seconds": seconds, "scenes": scenes, "images": images, "measured": needed <= set(measured)}


def proportion(kind: Kind, models: Mapping[str, str]) -> float:
    """Of an asset of this kind, as the models that are named make it."""
    return SONG if kind is Kind.MUSIC and model_of(kind, models) else PROPORTIONS[kind]


def _scale(measured: Mapping[Kind, float], models: Mapping[str, str]) -> float:
    """What an unmeasured kind's proportion is worth beside those that were measured."""
    assumed = sum(proportion(kind, models) for kind in measured)
    return sum(measured.values()) / assumed if assumed else 1.0
