"""The file of the read models may be thrown away at any time; on SQLite it is one beside the log.

Seen to fail with connections that outlive their file, and with what SQLite leaves beside a file that is gone.
"""

import json
from pathlib import Path

import pytest

from domain.store import EventStore
from projections.database import Database, open_database
from projections.readers import ReadModels
from projections.rebuild import verify
from tests.projections.filming import Filming
from tests.projections.projecting import running


@pytest.mark.slow
def test_read_models_that_are_thrown_away_under_a_running_server_are_made_anew(
    store: EventStore,
    filming: Filming,
    database: Database,
    readers: ReadModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projections.projector.IDLE_S", 0.1)
    job_id = filming.submit()
    filming.finish(job_id)
    path = Path(database.url.removeprefix("sqlite:///"))
    with running(store, filming, database):
        assert readers.wait_for(filming.head(), 10)
        whole = readers.job(job_id)
        path.unlink()  # its -wal stays, and would be taken for a part of the new one
        assert readers.wait_for(filming.head(), 10)
        assert readers.job(job_id) == whole
        other = open_database(store.url)
        assert json.loads(ReadModels(store, filming.log, other).job(job_id) or b"{}")["status"] == "completed"
        other.close()
    assert verify(database, store, filming.log).equal
