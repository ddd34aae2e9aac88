"""delete: it asks, removes, and says so; and `ls` asks by the same conditions of a store and of a server."""

import json
from uuid import UUID

import pytest

from tests.api.cli.conftest import Floor, Run, plain


@pytest.fixture
def job_id(floor: Floor) -> UUID:
    job_id = floor.filming.submit(metadata={"project": "autumn"})
    floor.filming.finish(job_id)
    floor.settle()
    return job_id


@pytest.fixture(autouse=True)
def _nobody_at_the_default_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else runs on this machine: nothing listens at port 1, and it passes for the default."""
    monkeypatch.setenv("REELOG_URL", "")
    monkeypatch.setenv("REELOG_PORT", "1")


@pytest.mark.slow
def test_where_nobody_can_be_asked_nothing_is_deleted(run: Run, job_id: UUID) -> None:
    refused = run("delete", str(job_id))
    assert refused.exit_code == 2
    assert "--yes" in plain(refused)
    deleted = run("delete", str(job_id)[:8], "--yes", "--json")
    assert deleted.exit_code == 0, plain(deleted)
    assert json.loads(deleted.stdout)["pruned_at"] is not None
    assert run("delete", str(job_id)).exit_code == 0  # there is nothing left to ask about


@pytest.mark.slow
def test_what_has_not_ended_is_not_deleted(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.settle()
    refused = run("delete", str(job_id), "--yes")
    assert refused.exit_code == 2
    assert "has not ended" in plain(refused) or "only one that has ended" in plain(refused)


@pytest.mark.slow
def test_jobs_are_listed_by_what_is_asked_for(run: Run, floor: Floor, job_id: UUID) -> None:
    other = floor.filming.submit(script="Something else.")
    floor.settle()

    def listed(*options: str) -> list[str]:
        result = run("ls", "--json", *options)
        assert result.exit_code == 0, plain(result)
        return [json.loads(line)["id"] for line in result.stdout.splitlines()]

    assert listed() == [str(other), str(job_id)]
    assert listed("--metadata", "project=autumn", "--min-cost", "0.01") == [str(job_id)]
    assert listed("--search", "some els", "--max-cost", "0") == [str(other)]
    assert listed("--since", "2000-01-01", "--until", "2001-01-01") == listed("--caller", "web") == []
    assert "like that" in plain(run("ls", "--search", "nothing"))
    assert run("ls", "--metadata", "project").exit_code == run("ls", "--since", "then").exit_code == 2
