"""Batches over HTTP: all or none, one estimate, one cap, one status."""

from typing import Any
from uuid import UUID

import pytest

from api.cases import batch as case
from domain.batch import Batch
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming

ONE, TWO = {"script": "A boat sets out at dawn."}, {"script": "It comes home late. " * 40}
BODY = {
    "common": {"options": {"fps": 24, "quality": "low"}, "metadata": {"serial": "Harbour"}},
    "submissions": [ONE, TWO | {"options": {"fps": 60}}],
}


def post(site: Site, status: int = 201, key: str | None = None, **changes: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = site.client.post("/v1/batches", json=BODY | changes, headers=headers)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def faults(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["message"]) for fault in told["errors"]]


def jobs(site: Site) -> list[Any]:
    site.settle()
    listed: list[Any] = site.client.get("/v1/jobs").json()["data"]
    return listed


def test_all_jobs_are_there_with_what_is_common_and_what_is_their_own(site: Site) -> None:
    told = post(site)
    assert (told["status"], told["counts"], told["cost"]["usd"]) == ("queued", {"queued": 2}, 0)
    first, second = (site.client.get(job["links"]["self"]).json() for job in told["jobs"])
    assert (first["options"]["fps"], second["options"]["fps"]) == (24, 60)
    assert first["options"]["quality"] == second["options"]["quality"] == "low"
    assert first["metadata"] == {"serial": "Harbour"}
    assert site.client.get(told["links"]["self"]).json() == told


def test_a_batch_is_one_transaction(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    appended = []
    append = site.system.studio.append

    def counted(*aggregates: Any) -> Any:
        appended.append([type(one).__name__ for one in aggregates])
        return append(*aggregates)

    monkeypatch.setattr(site.system.studio, "append", counted)
    post(site)
    assert appended == [["Batch", "Job", "Job"]]


def test_the_same_key_gives_the_same_batch_and_no_more_jobs(site: Site) -> None:
    first = post(site, key="k")
    assert post(site, 200, key="k") == first
    assert len(jobs(site)) == 2
    assert post(site, 422, key="k", submissions=[ONE])["code"] == "idempotency_key_reused"


def test_of_two_twins_one_is_recorded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    find, first = case._find, post(site, key="k")
    looked: list[Batch | None] = []

    def late(*asked: Any) -> Batch | None:
        looked.append(find(*asked))
        return looked[-1] if len(looked) > 1 else None

    monkeypatch.setattr(case, "_find", late)
    assert post(site, 200, key="k") == first
    assert len(looked) == 2
    assert len(jobs(site)) == 2


def test_a_dry_run_tells_the_price_of_all_and_records_nothing(site: Site) -> None:
    head = site.system.log.head()
    told = post(site, 200, dry_run=True, max_cost_usd=0.01)
    assert site.system.log.head() == head
    each = [one["cost"]["usd"] for one in told["submissions"]]
    assert told["cost"]["usd"] == pytest.approx(sum(each))
    assert 0 < each[0] < each[1]
    single = site.client.post("/v1/estimate", json=ONE | BODY["common"]).json()  # type: ignore[operator]
    assert each[0] == pytest.approx(single["cost"]["usd"])


def test_the_cap_is_shared_out_by_what_each_is_expected_to_cost(site: Site) -> None:
    each = [one["cost"]["usd"] for one in post(site, 200, dry_run=True)["submissions"]]
    shares = [job["max_cost_usd"] for job in post(site, max_cost_usd=5.0)["jobs"]]
    assert sum(shares) <= 5.0 + 1e-9
    assert shares == pytest.approx([5 * one / sum(each) for one in each])
    own = post(site, max_cost_usd=5.0, submissions=[ONE | {"max_cost_usd": 0.01}, TWO])
    assert own["jobs"][0]["max_cost_usd"] == 0.01
    assert own["max_cost_usd"] == 5.0


def test_a_cap_that_is_too_small_for_all_is_refused_with_the_figures(site: Site) -> None:
    [(pointer, message)] = faults(post(site, 422, max_cost_usd=0.001))
    assert pointer == "/max_cost_usd"
    assert message.startswith("max_cost_usd is 0.001, and the 2 films cost about ")
    assert jobs(site) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"submissions": []}, "/submissions", "give at least 1"),
        ({"submissions": [ONE] * 101}, "/submissions", "100 are allowed"),
        ({"submissions": [ONE, {}]}, "/submissions/1/script", "missing"),
        ({"submissions": [ONE, ONE | {"options": {"fps": 23}}]}, "/submissions/1/options/fps", "24, 25, 30"),
        ({"submissions": [ONE, ONE | {"preset": "no"}]}, "/submissions/1/preset", "no preset is kept yet"),
        ({"common": {"option": {}}}, "/submissions/0/option", "did you mean options?"),
        ({"submission": []}, "/submission", "did you mean submissions?"),
        ({"max_cost_usd": -1}, "/max_cost_usd", "greater than 0"),
        (
            {"submissions": [ONE | {"files": {"music": "sha256:" + "0" * 64}}]},
            "/submissions/0/files/music",
            "send it to /v1/files first",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_number_and_nothing_is_recorded(
    site: Site, changes: dict[str, Any], pointer: str, said: str
) -> None:
    head = site.system.log.head()
    found = faults(post(site, 422, **changes))
    assert any(at == pointer and said in message for at, message in found), found
    assert site.system.log.head() == head


def test_a_preset_may_be_common(site: Site) -> None:
    assert site.client.put("/v1/presets/serial", json={"options": {"fps": 25}}).status_code == 201
    told = post(site, common={"preset": "serial"}, submissions=[ONE, TWO])
    made = [site.client.get(job["links"]["self"]).json() for job in told["jobs"]]
    assert [job["options"]["fps"] for job in made] == [25, 25]
    assert made[0]["metadata"]["preset"] == {"name": "serial", "version": 1}


def test_a_budget_that_a_preset_gives_holds_under_a_larger_cap(site: Site) -> None:
    assert site.client.put("/v1/presets/serial", json={"max_cost_usd": 0.02}).status_code == 201
    told = post(site, common={"preset": "serial"}, submissions=[ONE, ONE], max_cost_usd=5.0)
    assert [job["max_cost_usd"] for job in told["jobs"]] == [0.02, 0.02]


def test_a_queue_without_room_for_all_takes_none(open_site: Any) -> None:
    site = open_site(QUEUE_LIMIT=2)
    post(site)
    assert post(site, 429)["code"] == "queue_full"
    assert len(jobs(site)) == 2


def test_its_status_is_that_of_its_jobs_and_its_cost_is_theirs(site: Site) -> None:
    told = post(site)
    filming = PlannedFilming(site.system)
    first, second = (UUID(job["id"]) for job in told["jobs"])
    assert filming.finish(first) == "completed"
    site.settle()
    half = site.client.get(told["links"]["self"]).json()
    assert (half["status"], half["counts"]) == ("running", {"completed": 1, "queued": 1})
    assert half["cost"]["usd"] > 0
    site.client.post(f"/v1/jobs/{second}/cancel")
    assert filming.finish(second) == "cancelled"
    site.settle()
    ended = site.client.get(told["links"]["self"]).json()
    assert (ended["status"], ended["counts"]) == ("cancelled", {"cancelled": 1, "completed": 1})
    assert ended["jobs"][0]["links"]["video"]


def test_one_whose_jobs_all_wait_for_a_person_says_so(site: Site) -> None:
    told = post(site)
    filming = PlannedFilming(site.system)
    clock = site.system.clock
    first, second = (UUID(job["id"]) for job in told["jobs"])
    for job_id in (first, second):
        filming.until_made(job_id, "analysis")
    site.system.studio.change_job(first, lambda job: job.request_review("script", now=clock()))
    site.settle()
    half = site.client.get(told["links"]["self"]).json()
    assert (half["status"], half["counts"]) == ("running", {"awaiting_review": 1, "running": 1})
    assert filming.finish(second) == "completed"
    site.settle()
    left = site.client.get(told["links"]["self"]).json()
    assert (left["status"], left["counts"]) == ("awaiting_review", {"awaiting_review": 1, "completed": 1})


@pytest.mark.parametrize("name", ["nothing", "5b1f7a52-3c0e-4c55-9c43-6f3d1f0a7f10"])
def test_there_is_no_batch_of_another_id(site: Site, name: str) -> None:
    answer = site.client.get(f"/v1/batches/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")


def test_a_job_is_no_batch(site: Site) -> None:
    assert site.client.get(f"/v1/batches/{site.submit()}").status_code == 404


def test_it_survives_a_restart(open_site: Any) -> None:
    told = post(open_site())
    second = open_site()
    second.settle()
    assert second.client.get(told["links"]["self"]).json() == told
