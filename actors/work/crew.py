"""The crew table: which stages each worker process seats, and what it needs.

The aim is one process per stage. Measured, a Ray actor costs 47 MB and 1.5 s of CPU, and each one that loads
an AI SDK 80 MB and 3 s more: seven would cost a laptop half a gigabyte and half a minute before the first
picture. So the six AI stages share one process, which spends its life waiting for answers, and the two that
compute share another, which has CPUs reserved. Of each kind there may be many: a process is a *place* in the
pool of its seat. The stage classes do not know the difference. Music sits with both: a song is waited for
among the artists, what is synthesised is computed among the renderers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from actors.director.dispatch import Lane
from actors.director.throttle import Throttle
from actors.stages.animator import Animator
from actors.stages.audio_planner import AudioPlanner
from actors.stages.composer import Composer
from actors.stages.editor import Editor
from actors.stages.illustrator import Illustrator
from actors.stages.narrator import Narrator
from actors.stages.script_analyst import ScriptAnalyst
from actors.stages.script_writer import ScriptWriter
from actors.stages.storyboard_artist import StoryboardArtist
from actors.work.provider_call import Provider
from actors.work.stage import Order, StageActor
from domain.script import PROVIDER_KINDS, STAGE_OF, Stage
from domain.store import Studio

if TYPE_CHECKING:
    from actors.media.credentials import Signing


@dataclass(frozen=True)
class Seat:
    """One kind of worker process, and what one place of it reserves.

    ``attempts`` may be under way in one place at a time; a model's own limit goes before it. ``cpus`` are
    reserved, ``large_cpus`` where films are larger than Full HD. ``memory_bytes`` keeps an autoscaler from
    taking a node for idle on which only calls are waited for.
    """

    name: str
    stages: tuple[Stage, ...]
    attempts: int
    cpus: float = 0.0
    large_cpus: float = 0.0
    memory_bytes: int = 0

    def cpus_of(self, order: Order) -> float:
        return self.large_cpus if order.brief.options.resolution == "2160p" else self.cpus


CREW = (
    Seat(
        "artists",
        (
            Stage.SCRIPT_WRITING,
            Stage.SCRIPT_ANALYSIS,
            Stage.PROMPT_GENERATION,
            Stage.IMAGE_GENERATION,
            Stage.VIDEO_GENERATION,
            Stage.AUDIO_PLANNING,
            Stage.NARRATION,
            Stage.MUSIC,
        ),
        attempts=256,
        memory_bytes=128 * 1024 * 1024,
    ),
    # Two at a time: one encoder leaves a good part of two cores idle, also with two threads (measured: two
    # clips at once are 1.5 times as fast as one after the other), and sound is mixed beside the pictures.
    Seat("renderers", (Stage.MUSIC, Stage.COMPOSITION), attempts=2, cpus=2, large_cpus=4),
)


def seat_of(stage: Stage, model: str | None = None) -> Seat:
    """Where a stage's assets are made: music among those who wait for answers, where it asks a ``model``."""
    seats = [seat for seat in CREW if stage in seat.stages]
    return seats[0] if model is not None else seats[-1]


def asks_provider(name: str) -> bool:
    """Whether who sits there calls models."""
    paid = {STAGE_OF[kind] for kind in PROVIDER_KINDS}
    return any(seat.name == name and paid.intersection(seat.stages) for seat in CREW)


def lane_of(order: Order) -> Lane:
    """Which queue an order waits in: its seat, and the model that it asks."""
    return seat_of(order.key.stage, order.recipe.model).name, order.recipe.model


def capacity(lane: Lane, throttle: Throttle, of_seat: Callable[[str], int]) -> int:
    """How many of a lane's orders may be under way at once: as its model allows, else its seat's pool."""
    name, model = lane
    return of_seat(name) if model is None else throttle.limit(model).concurrency


def stage_actors(
    provider: Provider, studio: Studio, clock: Callable[[], datetime], signing: "Signing | None" = None
) -> dict[Stage, StageActor]:
    """One of each stage actor. Cheap: what costs time is loaded at the first call."""
    return {
        Stage.SCRIPT_WRITING: ScriptWriter(provider),
        Stage.SCRIPT_ANALYSIS: ScriptAnalyst(provider),
        Stage.PROMPT_GENERATION: StoryboardArtist(provider),
        Stage.IMAGE_GENERATION: Illustrator(provider),
        Stage.VIDEO_GENERATION: Animator(provider),
        Stage.AUDIO_PLANNING: AudioPlanner(provider),
        Stage.NARRATION: Narrator(provider, studio.find_asset),
        Stage.MUSIC: Composer(provider),
        Stage.COMPOSITION: Editor(studio, clock, signing),
    }
