"""How the server says how it is, and what it refuses while its projector has stopped."""

from collections.abc import Callable
from uuid import UUID

import pytest

from projections import tables
from tests.api.conftest import Site


def test_details_of_readiness_are_told_to_whoever_has_the_key(open_site: Callable[..., Site]) -> None:
    site = open_site(API_KEY="a-long-secret")
    site.settle()
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        told = site.client.get("/readyz", headers=headers)
        assert (told.status_code, told.json()) == (
            200,
            {"status": "ready", "provider": "emulator", "store": str(site.system.store.id)},
        )
    allowed = {"Authorization": "Bearer a-long-secret"}
    assert site.client.get("/readyz", headers=allowed).json()["projector"]["state"] == "projecting"
    site.client.post("/login", data={"key": "a-long-secret"})
    assert "crew" in site.client.get("/readyz").json()


def test_ready_tells_store_provider_projector_and_actors(site: Site) -> None:
    site.submit()
    site.settle()
    answer = site.client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["database"], told["provider"]) == ("ready", "sqlite", "emulator")
    assert told["store"] == str(site.system.store.id)
    assert told["actors"] == "none"
    assert told["projector"]["lag_events"] == 0
    assert told["projector"]["state"] == "projecting"


def stop_the_projector(site: Site) -> None:
    """As one does that meets a defect which is no event's fault."""
    with site.system.database.write() as transaction:
        transaction.run(tables.STOP, "a defect", site.system.readers.projected().generation)


def test_a_projector_that_stopped_makes_the_server_not_ready_and_says_why(site: Site) -> None:
    site.submit()
    site.settle()
    stop_the_projector(site)
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert "a defect" in answer.json()["reasons"][0]
    assert site.client.get("/healthz").status_code == 200
    refused = site.client.post("/v1/jobs", json={"script": "Too late."})
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "a defect" in refused.json()["detail"]


def test_a_job_can_be_cancelled_though_the_projector_stopped(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cases.positions.PROJECTION_WAIT_S", 0.05)
    job_id = site.submit()
    site.settle()
    site.system.projector.close()
    stop_the_projector(site)
    assert site.client.post(f"/v1/jobs/{job_id}/cancel").status_code == 202
    assert site.system.studio.job(UUID(job_id)).cancel_requested


def test_a_stop_that_is_cured_is_forgotten_when_projecting_begins_again(
    open_site: Callable[..., Site],
) -> None:
    first = open_site()
    first.submit()
    first.settle()
    stop_the_projector(first)
    assert first.client.get("/readyz").status_code == 503
    first.system.projector.close()
    second = open_site()
    # Nothing is pending: no event comes by that would clear it.
    while second.system.projector.status.state != "projecting":
        pass
    assert second.client.get("/readyz").status_code == 200
    assert second.client.post("/v1/jobs", json={"script": "In time."}).status_code == 201


def test_actors_are_asked_how_they_are(site: Site) -> None:
    class Crew:
        state = "starting"

        def start(self) -> None:
            """Nothing to start."""

        def stop(self) -> None:
            """Nothing to stop."""

        def status(self) -> dict[str, object]:
            return {"state": self.state, "error": "Ray could not be started", "workers": 2}

    crew = Crew()
    site.system.actors = crew
    told = site.client.get("/readyz")
    assert (told.status_code, told.json()["actors"]) == (200, "starting")
    assert told.json()["crew"]["workers"] == 2
    crew.state = "failed"
    told = site.client.get("/readyz")
    assert told.status_code == 503
    assert "Ray could not be started" in told.json()["reasons"][0]


def test_a_server_without_actors_tells_of_those_that_work_elsewhere(site: Site) -> None:
    nobody = site.client.get("/readyz").json()
    assert (nobody["actors"], nobody["crew"]) == ("none", {"at_work": None, "standing_by": 0})
    places = [{"place": "renderers:1", "state": "pending", "cpus": 2, "reason": "there is no node"}]
    working = {
        "state": "ready",
        "director": {"state": "directing"},
        "crew": {"renderers": {"places": places}},
    }
    site.system.crews.report("a:1", {"state": "standing by"})
    site.system.crews.report("b:2", working)
    told = site.client.get("/readyz").json()
    assert told["actors"] == "none", "of this server"
    assert told["crew"] == {
        "process": "b:2", "at_work": "ready", "standing_by": 1,
        "director": working["director"], "crew": working["crew"],
    }  # fmt: skip
    assert 'reelog_places{node="",seat="renderers",state="pending"} 1.0' in site.client.get("/metrics").text
