from pathlib import Path

from api.composition import is_work_waiting
from tests.api.conftest import Site


def test_work_waits_while_a_job_has_not_ended(site: Site) -> None:
    store = site.system.settings.store
    assert not is_work_waiting(store)
    job_id = site.submit()
    site.settle()
    assert is_work_waiting(store)
    site.client.post(f"/v1/jobs/{job_id}/cancel")
    site.settle()
    assert is_work_waiting(store), "the Director has not ended it yet"


def test_a_store_that_is_away_has_no_work_that_anybody_could_begin(tmp_path: Path) -> None:
    (tmp_path / "events.sqlite3").mkdir()
    assert not is_work_waiting(f"sqlite:///{tmp_path}/events.sqlite3")
