"""Every figure of progress can be explained from the events told up to it, and from nothing else."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey
from domain.film_graph import Graph, guessed_scenes
from domain.submission import Options
from tests.api.conftest import Site
from tests.projections.filming import outage, refusal

LEAST_S = 0.001


class Reckoning:
    """Progress by hand, as its documentation tells it, from public events."""

    def __init__(self, submitted: dict[str, Any]) -> None:
        self.options = Options.model_validate(submitted["options"])
        self.weights = submitted["weights"]
        self.scenes: int | None = None
        self.done: set[str] = set()
        self.value = 0.0
        self.eta_s: float | None = None
        self.begun: datetime | None = None
        self.work_s = 0.0

    def weight(self, name: str) -> float:
        return max(LEAST_S, float(self.weights["seconds"].get(name.partition(":")[0], 0)))

    def left_s(self) -> float:
        needed = Graph.of(self.options, guessed_scenes(self.scenes or self.weights["scenes"])).keys
        return sum(self.weight(key.name) for key in needed if key.name not in self.done)

    def note(self, event: dict[str, Any]) -> None:
        at = datetime.fromisoformat(event["occurred_at"])
        match event["type"]:
            case "job.stage_started":
                self.begun = self.begun or at
            case "asset.generated":
                about = event["asset"]
                name = about["kind"] if about["scene"] is None else f"{about['kind']}:{about['scene']}"
                if name == "analysis":
                    self.scenes = len(event["data"]["scenes"])
                share = self.weight(name) / self.left_s()
                self.value += (1 - self.value) * share
                self.done.add(name)
                self.work_s += self.weight(name)
                if self.weights["measured"] and self.begun:
                    self.eta_s = self.left_s() * (at - self.begun).total_seconds() / self.work_s
            case "job.reopened":
                self.value, self.eta_s, self.begun, self.work_s = 0.0, None, None, 0.0
            case "job.failed":
                self.eta_s = None
            case "job.completed":
                self.eta_s = 0.0


@pytest.mark.slow
@pytest.mark.parametrize("measured", [False, True])
def test_every_figure_follows_from_the_events_before_it(site: Site, measured: bool) -> None:
    if measured:
        assert site.filming.finish(UUID(site.submit())) == "completed"
        site.settle()
    site.filming.scenes = 3
    site.filming.faults = {"image:1": [outage()], "narration:2": [refusal()]}
    job_id = site.submit()
    assert site.filming.finish(UUID(job_id)) == "failed"
    site.settle()
    assert site.client.post(f"/v1/jobs/{job_id}/retry").status_code == 202
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    events = site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
    reckoning = Reckoning(events[0]["data"])
    assert reckoning.weights["measured"] is measured
    figures = set()
    for event in events:
        reckoning.note(event)
        if event["type"] == "job.completed":
            assert event["progress"] == 1.0
        else:
            # Rounded down to a thousandth, and one only at the end.
            assert event["progress"] == pytest.approx(min(reckoning.value, 0.999), abs=0.0011), event
        if reckoning.eta_s is None:
            assert event["eta_s"] is None
        else:
            # Times are told in milliseconds.
            assert event["eta_s"] == pytest.approx(reckoning.eta_s, abs=0.1, rel=0.01), event
        figures.add(event["progress"])
    assert {AssetKey.parse(name) for name in reckoning.done} == set(
        Graph.of(reckoning.options, guessed_scenes(3)).nodes
    )
    assert len(figures) > 10
