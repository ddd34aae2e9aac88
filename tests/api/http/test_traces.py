"""A caller's trace over HTTP: taken in, shown, handed on; and how a server says how its spans get on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.traces.collector import Collector
from domain.asset import AssetKey
from domain.submission import Options
from domain.traces import run_span_id
from projections.span import Link
from projections.spans import spans_of
from tests.actors.files.material import photo
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal
from tests.receiver import Receiver, receiving
from tests.span_collector import SpanCollector, collecting

pytestmark = pytest.mark.slow

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"
SENT = {"traceparent": TRACEPARENT}
SUBMISSION = {"script": "A boat sets out at dawn."}
CALLERS_OWN = {"trace_id": TRACE, "parent_span_id": CALLER}
WEBHOOKS = {"REELOG_WEBHOOK_NETWORKS": "127.0.0.1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def collector() -> Iterator[SpanCollector]:
    with collecting() as one:
        yield one


@pytest.fixture
def exporting(open_site: Callable[..., Site], collector: SpanCollector) -> Site:
    return open_site({**WEBHOOKS, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}, traced=True)


def test_a_job_is_part_of_its_callers_trace(site: Site) -> None:
    job = site.client.post("/v1/jobs", json=SUBMISSION, headers=SENT).json()
    assert job["trace"] == CALLERS_OWN
    site.settle()
    assert site.client.get(f"/v1/jobs/{job['id']}").json()["trace"] == CALLERS_OWN
    [submitted] = site.client.get(f"/v1/jobs/{job['id']}/events").json()["data"]
    assert submitted["data"]["traceparent"] == TRACEPARENT


@pytest.mark.parametrize(
    "sent", ["", "nonsense", TRACEPARENT.upper(), f"{TRACEPARENT}-more", "ff" + TRACEPARENT[2:]]
)
def test_one_that_is_not_valid_is_passed_over_and_the_trace_is_the_jobs_own(site: Site, sent: str) -> None:
    answer = site.client.post("/v1/jobs", json=SUBMISSION, headers={"traceparent": sent})
    assert answer.status_code == 201
    job = answer.json()
    assert job["trace"] == {"trace_id": UUID(job["id"]).hex, "parent_span_id": None}


def test_two_of_them_are_none(site: Site) -> None:
    headers = [("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)]
    job = site.client.post("/v1/jobs", json=SUBMISSION, headers=headers).json()
    assert job["trace"]["parent_span_id"] is None


def test_the_same_submission_sent_again_stays_in_its_first_trace(site: Site) -> None:
    key = {"Idempotency-Key": "once"}
    first = site.client.post("/v1/jobs", json=SUBMISSION, headers={**key, **SENT})
    other = TRACEPARENT.replace(CALLER, "1" * 16)
    again = site.client.post("/v1/jobs", json=SUBMISSION, headers={**key, "traceparent": other})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["trace"] == CALLERS_OWN


def test_a_batch_has_all_of_its_jobs_in_its_callers_trace(site: Site) -> None:
    batch = site.client.post("/v1/batches", json={"submissions": [SUBMISSION] * 2}, headers=SENT).json()
    site.settle()
    traces = [site.client.get(job["links"]["self"]).json()["trace"] for job in batch["jobs"]]
    assert traces == [CALLERS_OWN] * 2


def test_a_fork_is_in_the_trace_of_who_forks_and_names_its_source(site: Site) -> None:
    source = site.submit()
    site.settle()
    fork = site.client.post(f"/v1/jobs/{source}/fork", json={}, headers=SENT).json()
    assert fork["trace"] == CALLERS_OWN
    assert site.filming.finish(UUID(fork["id"])) == "completed"
    events = [one.event for one in site.system.log.read(0, 10_000)]
    [root] = [s for s in spans_of(e for e in events if str(e.job_id) == fork["id"]) if s.name == "job"]
    assert root.attributes["reelog.forked_from"] == source


def test_whoever_reopens_a_job_has_the_run_in_its_own_trace(
    site: Site, filming: PlannedFilming, tmp_path: Path
) -> None:
    filming.faults["image:1"] = [refusal()]
    job_id = filming.submit()
    image = f"/v1/assets/{AssetKey.parse('image:1').id_in(job_id)}"
    sent = site.client.post("/v1/files", content=photo(tmp_path / "boat.jpg").read_bytes()).json()
    for status, method, path, body in (
        ("failed", "POST", f"/v1/jobs/{job_id}/retry", {}),
        ("completed", "POST", f"{image}/regenerate", {}),
        ("completed", "PUT", image, {"file": sent["digest"]}),
        ("completed", "PATCH", f"/v1/jobs/{job_id}/scenes", {"scenes": {"1": {"text": "A boat."}}}),
    ):
        assert filming.finish(job_id) == status, path
        site.settle()
        price = site.client.request(method, path, json={**body, "dry_run": True}, headers=SENT)
        assert price.status_code == 200, price.text
        answer = site.client.request(method, path, json=body, headers=SENT)
        assert (answer.status_code, answer.json().get("trace")) == (202, CALLERS_OWN), answer.text
    assert filming.finish(job_id) == "completed"
    site.settle()
    # Where nobody names a span it is the job's own again, and what is no span is none.
    again = site.client.post(f"{image}/regenerate", json={}, headers={"traceparent": "00-1-2-03"}).json()
    assert again["trace"] == {"trace_id": job_id.hex, "parent_span_id": None}
    told = site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
    spans = [event["data"]["traceparent"] for event in told if event["type"] == "job.reopened"]
    assert spans == [TRACEPARENT] * 4 + [None]


def test_many_jobs_that_are_retried_together_go_on_in_one_trace(site: Site) -> None:
    ids = []
    for _ in range(2):
        site.filming.faults["image:1"] = [refusal()]
        ids.append(str(site.filming.submit()))
        assert site.filming.finish(UUID(ids[-1])) == "failed"
    site.settle()
    assert site.client.post("/v1/jobs/retry", json={"ids": ids}, headers=SENT).status_code == 200
    site.settle()
    assert [site.client.get(f"/v1/jobs/{one}").json()["trace"] for one in ids] == [CALLERS_OWN] * 2


def test_whoever_approves_a_job_is_linked_to_it_and_it_stays_in_its_trace(
    site: Site, filming: PlannedFilming
) -> None:
    job_id = filming.submit(options=Options(review=("script",)).model_dump(mode="json"))
    assert filming.finish(job_id) == "awaiting_review"
    site.settle()
    answer = site.client.post(f"/v1/jobs/{job_id}/approve", json={}, headers=SENT)
    assert (answer.status_code, answer.json()["trace"]["trace_id"]) == (202, job_id.hex)
    assert filming.finish(job_id) == "completed"
    [root] = [s for s in spans_of(one.event for one in site.system.log.read(0, 10_000)) if s.name == "job"]
    assert root.links == (Link(TRACE, CALLER),)


def test_a_webhook_is_told_within_the_callers_span_where_nothing_is_exported(
    open_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = open_site(WEBHOOKS)
    assert told(site, receiver, SENT) == TRACEPARENT


def test_a_webhook_of_a_job_without_a_caller_is_told_within_the_jobs_own(
    open_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = open_site(WEBHOOKS)
    traceparent = told(site, receiver, {})
    [job] = site.client.get("/v1/jobs").json()["data"]
    job_id = UUID(job["id"])
    assert traceparent == f"00-{job_id.hex}-{run_span_id(job_id, 1)}-01"


def test_a_webhook_is_told_within_the_span_that_is_exported(
    exporting: Site, receiver: Receiver, collector: SpanCollector
) -> None:
    traceparent = told(exporting, receiver, SENT)
    collector.until(lambda: any(span.name == "job" for span in collector.spans))
    [root] = [span for span in collector.spans if span.name == "job"]
    assert traceparent == f"00-{TRACE}-{root.span_id.hex()}-01"
    assert root.parent_span_id.hex() == CALLER


def told(site: Site, receiver: Receiver, headers: dict[str, str]) -> str:
    """The header that the receiver gets with the end of a job."""
    value = SUBMISSION | {"webhook": {"url": receiver.url}}
    job = site.client.post("/v1/jobs", json=value, headers=headers).json()
    assert site.filming.finish(UUID(job["id"])) == "completed"
    got = receiver.next()
    assert json.loads(got.body)["data"]["trace"] == job["trace"]
    return got.headers["traceparent"]


def test_a_server_that_exports_nothing_says_nothing_of_it(site: Site) -> None:
    assert site.client.get("/readyz").json()["traces"] is None
    assert "reelog_trace" not in site.client.get("/metrics").text


def test_a_server_says_how_its_spans_get_on(exporting: Site, collector: SpanCollector) -> None:
    assert isinstance(exporting.system.collector, Collector)
    site, job = exporting, UUID(exporting.submit())
    assert site.filming.finish(job) == "completed"
    assert site.system.traces.finish(20)
    site.settle()
    ready = site.client.get("/readyz").json()["traces"]
    head = site.system.log.head()
    assert ready == {"state": "exporting", "position": head, "lag_events": 0, "reason": None}
    metrics = site.client.get("/metrics").text
    assert f'reelog_trace_spans_total{{outcome="sent"}} {len(collector.spans)}.0' in metrics
    assert "reelog_trace_lag_events 0.0" in metrics


def test_a_collector_that_is_away_leaves_the_server_ready_and_is_named(
    open_site: Callable[..., Site], collector: SpanCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    collector.close()
    site = open_site({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}, traced=True)
    assert site.filming.finish(UUID(site.submit())) == "completed"
    ready: Any = None
    follower = site.system.store.follower(site.system.log.head())
    while ready is None or ready["traces"]["state"] != "retrying":
        follower.next_batch(0.02)
        answer = site.client.get("/readyz")
        assert answer.status_code == 200
        ready = answer.json()
    follower.close()
    assert ready["traces"]["reason"] == f"the collector at {collector.url} does not answer"
    assert ready["traces"]["lag_events"] > 0
