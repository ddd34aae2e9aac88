"""What would be done and what it would cost, before anything is begun or paid."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from api.cases.errors import Refusal
from api.composition import BlobError, System
from domain.asset import Asset, AssetKey
from domain.expectation import SAMPLES, Sample
from domain.film import Film
from domain.film_graph import SCRIPT, written_script
from domain.job import Job
from domain.script import Kind

T = TypeVar("T")

NOTHING: dict[str, Any] = {"usd": 0.0, "at_most_usd": 0.0, "unpriced": 0}


@dataclass(frozen=True)
class Preview:
    """``about`` says what was asked about; ``cost`` is a price as JSON."""

    about: dict[str, Any]
    reused: tuple[AssetKey, ...] = ()
    redone: tuple[AssetKey, ...] = ()
    cost: dict[str, Any] = field(default_factory=NOTHING.copy)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.about,
            "dry_run": True,
            "reused": [key.name for key in self.reused],
            "redone": [key.name for key in self.redone],
            "cost": self.cost,
        }


def preview_of_run(
    about: dict[str, Any],
    film: Film,
    redone: Collection[AssetKey],
    cost: dict[str, Any],
) -> Preview:
    """Of another run of the same job: what is not made anew is kept."""
    return Preview(about, tuple(key for key in film.assets if key not in redone), tuple(redone), cost)


def cost_of(
    system: System,
    job: Job,
    redone: Collection[AssetKey],
    assets: Mapping[AssetKey, Asset],
    *,
    settled: Mapping[AssetKey, float | None],
) -> dict[str, Any]:
    """What it takes to make these of a job's assets, as JSON; ``settled`` are reservations known already."""
    calls = calls_of(system, job.provider)
    return system.planning.price(redone, job, assets, settled=settled, calls=calls).to_dict()


def forecast_of(
    system: System,
    job: Job,
    redone: Collection[AssetKey],
    assets: Mapping[AssetKey, Asset],
    there: Collection[AssetKey],
) -> dict[str, Any]:
    """What a whole film takes, as JSON, where its analysis is ``redone``: how many scenes that finds is open.

    Of what is ``there`` nothing is asked.
    """
    anew = SCRIPT in redone
    script = job.expected_script if anew else written_script(assets) or job.expected_script
    return system.planning.forecast(
        script,
        job.models,
        job.options,
        scenes=job.given.scenes,
        there=set(there).difference(redone),
        origin=job.script_origin if anew else "submitted",
        calls=calls_of(system, job.provider),
        seconds={},
    ).to_dict()


def calls_of(system: System, provider: str) -> Callable[[Kind, str], list[Sample]]:
    """The newest successful calls on record, of a kind of asset by a model."""

    def calls(kind: Kind, model: str) -> list[Sample]:
        found = system.readers.calls(provider, model, kind, SAMPLES)
        return [call.sample for call in found if call.error is None]

    return calls


def from_stored(read: Callable[[], T]) -> T:
    """What ``read`` makes of stored prompts and documents; a refusal says that they are gone."""
    try:
        return read()
    except BlobError as error:
        raise Refusal("content_damaged", f"What this was made from cannot be read: {error}") from error
