"""The crew table: which stages each worker process seats, and what it needs.

The aim is one process per stage. Measured, a Ray actor costs 47 MB and 1.5 s of CPU, and each one that loads
an AI SDK 80 MB and 3 s more: seven would cost a laptop half a gigabyte and half a minute before the first
picture. So the five AI stages share one process, which spends its life waiting for answers, and the two that
compute share another, which has a CPU reserved. The stage classes do not know the difference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from actors.director.dispatch import Lane
from actors.director.throttle import Throttle
from actors.media.credentials import Signing
from actors.stages.audio_planner import AudioPlanner
from actors.stages.composer import Composer
from actors.stages.editor import Editor
from actors.stages.illustrator import Illustrator
from actors.stages.narrator import Narrator
from actors.stages.script_analyst import ScriptAnalyst
from actors.stages.storyboard_artist import StoryboardArtist
from actors.work.provider_call import Provider
from actors.work.stage import Order, StageActor
from domain.script import Stage
from domain.store import Studio


@dataclass(frozen=True)
class Seat:
    """One kind of worker process: ``places`` attempts at a time; a model's own limit goes before it."""

    name: str
    stages: tuple[Stage, ...]
    num_cpus: float
    places: int


CREW = (
    Seat(
        "artists",
        (
            Stage.SCRIPT_ANALYSIS,
            Stage.PROMPT_GENERATION,
            Stage.IMAGE_GENERATION,
            Stage.AUDIO_PLANNING,
            Stage.NARRATION,
        ),
        num_cpus=0,
        places=16,
    ),
    # Two at a time: one encoder leaves a good part of two cores idle, also with two threads (measured: two
    # clips at once are 1.5 times as fast as one after the other), and sound is mixed beside the pictures.
    Seat("editors", (Stage.MUSIC, Stage.COMPOSITION), num_cpus=1, places=2),
)


def seat_of(stage: Stage) -> Seat:
    return next(seat for seat in CREW if stage in seat.stages)


def lane_of(order: Order) -> Lane:
    """Which queue an order waits in: its seat, and the model that it asks."""
    return seat_of(order.key.stage).name, order.recipe.model


def places(lane: Lane, throttle: Throttle) -> int:
    """How many of a lane's orders may be under way at once: as its model allows, else as its seat does."""
    name, model = lane
    if model is not None:
        return throttle.limit(model).concurrency
    return next(seat.places for seat in CREW if seat.name == name)


def stage_actors(
    provider: Provider, studio: Studio, clock: Callable[[], datetime], signing: Signing | None = None
) -> dict[Stage, StageActor]:
    """One of each stage actor. Cheap: what costs time is loaded at the first call."""
    return {
        Stage.SCRIPT_ANALYSIS: ScriptAnalyst(provider),
        Stage.PROMPT_GENERATION: StoryboardArtist(provider),
        Stage.IMAGE_GENERATION: Illustrator(provider),
        Stage.AUDIO_PLANNING: AudioPlanner(provider),
        Stage.NARRATION: Narrator(provider, studio.find_asset),
        Stage.MUSIC: Composer(),
        Stage.COMPOSITION: Editor(studio, clock, signing),
    }
