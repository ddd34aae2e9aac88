"""Rows that are made in bulk are those of live projection, whatever is out of the ordinary on the way.

Seen to fail with pages that are not added at the end, with a job that is folded from its middle, with an
event that adds half of its rows before it turns out to be none, and with shares that overlap.
"""

import json
import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from actors.blobs.folder import LocalBlobs
from domain.asset import AssetKey
from domain.store import EventStore, Files, Retention
from projections import bulk
from projections.bulk import Bulk
from projections.database import Database
from projections.projection import Projection
from projections.readers import ReadModels
from projections.rebuild import create_generation, rebuild, verify
from tests.projections.filming import Filming, outage, refusal

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("store_kind", ["sqlite", "postgresql"])]


def lives(filming: Filming) -> None:
    """Jobs side by side: one fails and is retried, one ends, one waits, one has an event nobody can read."""
    filming.faults = {"image:1": [outage()], "image:2": [refusal()]}
    failed, done, bad = filming.submit(), filming.submit(), filming.submit()
    while any([filming.step(failed), filming.step(done)]):
        pass
    filming.until_made(bad, "analysis")
    version = filming.studio.job(bad).version + 1
    filming.studio.recorder.insert_events([StoredEvent(bad, version, "job.from_the_future", b"{}")])
    filming.submit()
    filming.studio.change_job(failed, lambda job: job.reopen("retry", now=filming.tick(9)))
    assert filming.finish(failed) == "completed"


def projected(filming: Filming, database: Database) -> Projection:
    live = create_generation(database, filming.log, live=True)
    live.project(filming.log.read(0, 10_000))
    return live


@pytest.mark.parametrize(("span", "kept"), [(1, 1), (7, 0), (500, 1024)])
def test_bulk_comes_to_the_same_as_live_projection(
    filming: Filming, database: Database, monkeypatch: pytest.MonkeyPatch, span: int, kept: int
) -> None:
    lives(filming)
    projected(filming, database)
    monkeypatch.setattr(bulk, "SPAN", span)
    monkeypatch.setattr(bulk, "ENDED_JOBS", kept)
    monkeypatch.setattr(bulk, "UNENDED_JOBS", kept)
    verified = verify(database, filming.store, filming.log)
    assert verified.equal, verified.differences
    assert verified.events == len(filming.log.read(0, 10_000))


@pytest.mark.parametrize("processes", [1, 3])
def test_shares_of_several_processes_come_to_the_same(
    filming: Filming, database: Database, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    lives(filming)
    projected(filming, database)
    monkeypatch.setattr(bulk, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(bulk, "SPAN", 10)
    verified = verify(database, filming.store, filming.log, processes=processes)
    assert verified.equal, verified.differences
    assert verified.events == len(filming.log.read(0, 10_000))


def test_rows_are_the_same_after_they_were_handed_over(filming: Filming) -> None:
    filming.finish(filming.submit())
    made = Bulk(filming.log).make(0, filming.log.head())
    handed = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    assert handed == made
    assert {type(entry) for entry in handed.rows.entries} == {tuple}


def test_what_bulk_cannot_deal_with_is_built_event_by_event(filming: Filming, database: Database) -> None:
    """An asset's event that does not say whose it is: it is found by the asset's page."""
    job_id = filming.submit()
    filming.until_made(job_id, "analysis")
    analysis = filming.studio.find_asset(job_id, AssetKey.parse("analysis"))
    assert analysis is not None
    filming.studio.recorder.insert_events(
        [StoredEvent(analysis.id, analysis.version + 1, "asset.from_the_future", b"{}")]
    )
    projected(filming, database)
    verified = verify(database, filming.store, filming.log)
    assert verified.equal, verified.differences
    assert verified.events == len(filming.log.read(0, 10_000))


def test_of_a_pruned_job_nothing_is_told_in_bulk_either(
    store: EventStore, database: Database, readers: ReadModels, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    filming = Filming(store, blobs)
    try:
        gone, kept = filming.submit(script="Whoever reads this."), filming.submit()
        assert filming.finish(gone) == filming.finish(kept) == "completed"
        live = projected(filming, database)

        class Uses(ReadModels):
            """As if a projector were at work."""

            def wait_for(self, position: int, timeout_s: float, *, current: bool = False) -> bool:
                live.project(filming.log.read(live.position, 10_000))
                return super().wait_for(position, timeout_s, current=current)

        uses = Uses(store, filming.log, database)
        clock = filming.now + timedelta(days=2)
        retention = Retention(
            filming.studio, filming.log, Files(filming.studio, filming.log), uses, blobs, lambda: clock
        )
        assert list(retention.prune(timedelta(days=1), only=[gone]))
        live.project(filming.log.read(live.position, 10_000))
        assert verify(database, store, filming.log).equal
        rebuild(database, store, filming.log)
        body = readers.job(gone)
        assert body is not None
        assert json.loads(body)["pruned_at"]
    finally:
        filming.studio.close()
