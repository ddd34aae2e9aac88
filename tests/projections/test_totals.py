"""What is counted over all jobs is what the log says, however the events came in.

Seen to fail without ``totals.changes`` in the projection, with counts that forget the status that was before,
and, for the rebuild, with rows for those counts alone that a batch has changed.
"""

import json
from collections import Counter

import pytest

from domain.asset import Asset, AssetKey
from domain.job import Job
from projections.database import Database
from projections.projection import Projection
from projections.readers import ReadModels
from projections.rebuild import create_generation, rebuild, verify
from tests.projections.filming import USAGE, Filming, outage, refusal

pytestmark = pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])


@pytest.fixture
def projection(filming: Filming, database: Database) -> Projection:
    """Three films: one with a retry, one that fails, one that waits; projected event by event."""
    filming.latency_s = 1.1
    filming.faults["image:1"] = [outage()]
    filming.finish(filming.submit())
    filming.faults["image:2"] = [refusal()]
    filming.finish(filming.submit())
    filming.submit()
    projection = create_generation(database, filming.log, live=True)
    for recorded in filming.log.read(0, 10_000):
        projection.project([recorded])
    return projection


@pytest.mark.usefixtures("projection")
def test_every_end_of_an_attempt_and_of_a_stage_is_counted(filming: Filming, readers: ReadModels) -> None:
    events = [recorded.event for recorded in filming.log.read(0, 10_000)]
    totals = readers.totals()
    assert {status: n for status, n in totals.jobs.items() if n} == {"completed": 1, "failed": 1, "queued": 1}
    by_outcome: Counter[str] = Counter()
    for (_, _, outcome, _), number in totals.attempts.items():
        by_outcome[outcome] += number
    assert by_outcome == {
        "succeeded": sum(isinstance(event, Asset.Generated) for event in events),
        "failed": sum(isinstance(event, Asset.AttemptFailed) for event in events),
    }
    assert totals.attempts["image_generation", "image-model", "failed", "overloaded"] == 1
    assert totals.attempts["image_generation", "image-model", "failed", "safety"] == 1
    costs = [event.cost_usd for event in events if isinstance(event, Asset.Generated) and event.cost_usd]
    assert sum(totals.cost_usd.values()) == pytest.approx(sum(costs))
    for stage, histogram in totals.stages.items():
        took = [e.elapsed_s for e in events if isinstance(e, Job.StageCompleted) and e.stage == stage]
        assert sum(histogram.counts) == len(took)
        assert histogram.total_s == pytest.approx(sum(took))


@pytest.mark.usefixtures("projection")
def test_a_rebuild_comes_to_the_same_in_other_batches(
    filming: Filming, database: Database, readers: ReadModels
) -> None:
    before = readers.totals()
    assert verify(database, filming.store, filming.log).differences == {}
    rebuild(database, filming.store, filming.log)
    assert readers.totals() == before


@pytest.mark.parametrize("late", [False, True], ids=["lost", "found again"])
def test_a_lost_call_costs_the_same_here_and_on_the_jobs_page(
    filming: Filming, database: Database, readers: ReadModels, late: bool
) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "analysis")
    filming.step(job_id)
    image = AssetKey.parse("storyboard").id_in(job_id)
    asset = filming.studio.repository.get(image)
    if asset.product is not None:
        image = AssetKey.parse("image:1").id_in(job_id)
        while filming.studio.find_asset(job_id, AssetKey.parse("image:1")) is None:
            filming.step(job_id)
    filming.studio.change_asset(
        image, lambda a: a.start_attempt(1, 1, "w", run=1, now=filming.tick(1), reserved_usd=0.02)
    )
    filming.studio.change_asset(image, lambda a: a.lose_attempt(1, 1, run=1, now=filming.tick(1)))
    if late:
        filming.studio.change_asset(
            image,
            lambda a: a.generate(
                1, 1, run=1, now=filming.tick(1), digest=f"sha256:{'0' * 64}", media_type="image/png",
                size=1, facts={}, provenance={}, usage=USAGE, cost_usd=0.005, latency_s=1.0,
            ),
        )  # fmt: skip
    create_generation(database, filming.log, live=True).project(filming.log.read(0, 1000))
    page = json.loads(readers.job(job_id) or b"{}")
    assert page["cost"]["lost_calls"] == (0 if late else 1)
    assert sum(readers.totals().cost_usd.values()) == pytest.approx(page["cost"]["usd"])
    assert page["cost"]["usd"] > 0.01
