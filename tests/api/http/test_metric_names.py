"""The names and labels of metrics: whoever has a dashboard or an alert has written them down.

Seen to fail with a label that is called otherwise, and with a query for a metric that there is not.
"""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import Site
from tests.projections.filming import outage

DASHBOARD = Path("deploy/grafana/reelog.json")
FROZEN = {
    "reelog_attempts_total": {"stage", "model", "outcome", "code"},
    "reelog_attempts_waiting": {"seat"},
    "reelog_build_info": {"version", "provider"},
    "reelog_caller_cost_usd_total": {"caller"},
    "reelog_caller_jobs_total": {"caller"},
    "reelog_cost_usd_total": {"model"},
    "reelog_event_loop_lag_seconds": set(),
    "reelog_http_request_seconds_bucket": {"operation", "le"},
    "reelog_http_request_seconds_count": {"operation"},
    "reelog_http_request_seconds_sum": {"operation"},
    "reelog_http_requests_total": {"operation", "status"},
    "reelog_jobs": {"status"},
    "reelog_jobs_set_aside": set(),
    "reelog_log_events": set(),
    "reelog_places": {"seat", "node", "state"},
    "reelog_projection_lag_events": set(),
    "reelog_queue_depth": set(),
    "reelog_sse_clients": set(),
    "reelog_stage_seconds_bucket": {"stage", "le"},
    "reelog_stage_seconds_count": {"stage"},
    "reelog_stage_seconds_sum": {"stage"},
    "reelog_webhook_deliveries_pending": set(),
    "reelog_webhook_deliveries_total": {"outcome"},
}
"""Names may be added; none is taken away, and none gets other labels."""
_ADDED_BY_PROMETHEUS = {"instance", "job"}
_NAME = re.compile(r"\b(?:reelog|process)_[a-z_]+")
_GROUPED = re.compile(r"\bby \(([a-z_, ]+)\)")
_SELECTED = re.compile(r"\{([^}]*)\}")


class Crew:
    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def status(self) -> dict[str, Any]:
        places = [{"state": "working", "address": "10.0.0.7"}]
        return {"state": "ready", "crew": {"renderers": {"places": places, "waiting": 4}}}


@pytest.fixture
def exported(site: Site) -> dict[str, set[str]]:
    """The labels of each sample that a server tells at whose place all has happened once."""
    site.filming.faults["image:1"] = [outage()]
    assert site.filming.finish(UUID(site.submit())) == "completed"
    site.settle()
    site.system.actors = Crew()
    text = site.client.get("/metrics").text
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return {sample.name: set(sample.labels) for sample in samples}


def test_no_metric_is_ever_called_otherwise(exported: dict[str, set[str]]) -> None:
    ours = {name: labels for name, labels in exported.items() if not name.startswith("process_")}
    assert ours == FROZEN


def test_the_process_is_told_of(exported: dict[str, set[str]]) -> None:
    wanted = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}
    assert wanted <= set(exported)


def test_requests_are_counted_by_operation_and_status(site: Site) -> None:
    for _ in range(2):
        site.client.get("/v1/jobs")
    site.client.get("/v1/jobs?limit=0")
    site.client.get("/nowhere")
    told = site.client.get("/metrics").text
    assert 'reelog_http_requests_total{operation="list_jobs",status="200"} 2.0' in told
    assert 'reelog_http_requests_total{operation="list_jobs",status="422"} 1.0' in told
    assert 'reelog_http_requests_total{operation="none",status="404"} 1.0' in told
    assert 'reelog_http_request_seconds_count{operation="list_jobs"} 3.0' in told
    assert 'le="+Inf",operation="list_jobs"' in told


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_the_dashboard_asks_for_what_there_is(exported: dict[str, set[str]]) -> None:
    assert len(queries()) > 10
    for query in queries():
        names = _NAME.findall(query)
        assert names, query
        assert set(names) <= set(exported), query
        known = set.union(*(exported[name] for name in names)) | _ADDED_BY_PROMETHEUS
        grouped = {label.strip() for group in _GROUPED.findall(query) for label in group.split(",")}
        selected = {re.split("[=!]", part)[0] for one in _SELECTED.findall(query) for part in one.split(",")}
        assert grouped | selected <= known, query


def test_all_that_is_told_of_reelog_is_on_the_dashboard() -> None:
    asked = {name for query in queries() for name in _NAME.findall(query)}
    parts = {name for name in FROZEN if name.endswith(("_count", "_sum"))}
    assert set(FROZEN) - parts - asked == {"reelog_log_events"}
