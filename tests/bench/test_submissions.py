"""What the bench of submissions sends is what it says: each kind is checked so, and all are recorded."""

from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.bench.submissions import ADMINISTRATOR, KINDS, Clients, inserted, measure, serving

pytestmark = pytest.mark.slow


def test_each_kind_is_submitted_by_whom_it_says_and_recorded(tmp_path: Path) -> None:
    with serving(tmp_path / "served") as url:
        clients = Clients(url, 2)
        for kind in KINDS:
            assert len(clients.submit(kind, 2)) == 4
        headers = {"Authorization": f"Bearer {ADMINISTRATOR}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
            jobs = client.get("/v1/jobs?limit=100").raise_for_status().json()["data"]
            keys = client.get("/v1/keys?limit=100").raise_for_status().json()["data"]
    by_caller = Counter(job["caller"] for job in jobs)
    # The administrator's are those with and without an idempotency key; of each key two.
    assert by_caller.pop("local") == 8
    assert by_caller == {key["name"]: 2 for key in keys}
    assert len(keys) == 6
    assert [key["reserved_usd"] for key in keys if key["usd_per_day"]] == [1.0] * 4


def test_as_many_are_inserted_raw(tmp_path: Path) -> None:
    assert len(inserted(tmp_path, 3, 2)) == 6


def test_a_quick_run_gives_each_row() -> None:
    rows = measure(quick=True)
    assert len(rows) == 10
    assert all(row.ours > 0 and row.other > 0 for row in rows)
    assert {row.met for row in rows} == {None}
