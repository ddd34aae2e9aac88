"""What Prometheus is told, and what the log says of a request."""

import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.cli.log_lines import JsonLines
from api.http.metrics import BUCKETS
from tests.api.conftest import Site
from tests.projections.filming import outage, refusal

NAME = re.compile("(reelog|process)_[a-z0-9_]+")


def scrape(site: Site) -> dict[str, float]:
    """Every sample as it would be asked for, read by Prometheus's own parser."""
    answer = site.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name
        for sample in family.samples:
            assert NAME.fullmatch(sample.name), sample.name
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            name = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert name not in found, f"{name} is told twice"
            found[name] = sample.value
    # What the parser passed over is told in vain.
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert len(found) == len(lines)
    return found


def test_jobs_attempts_costs_and_stages_are_counted_from_the_log(site: Site) -> None:
    site.filming.faults["image:1"] = [outage()]
    done = UUID(site.submit())
    assert site.filming.finish(done) == "completed"
    site.submit()
    site.settle()
    told = scrape(site)
    assert told['reelog_jobs{status="completed"}'] == 1
    assert told['reelog_jobs{status="queued"}'] == told["reelog_queue_depth"] == 1
    image = 'model="image-model",outcome="{}",stage="image_generation"'
    assert told['reelog_attempts_total{code="",' + image.format("succeeded") + "}"] == 2
    assert told['reelog_attempts_total{code="overloaded",' + image.format("failed") + "}"] == 1
    assert told['reelog_cost_usd_total{model="image-model"}'] == pytest.approx(0.02)
    assert told['reelog_stage_seconds_count{stage="image_generation"}'] == 1
    assert told['reelog_stage_seconds_bucket{le="+Inf",stage="image_generation"}'] == 1
    assert told["reelog_log_events"] == site.system.log.head()
    assert told["reelog_projection_lag_events"] == 0


def test_a_histogram_counts_what_is_below_each_bound(site: Site) -> None:
    assert site.filming.finish(UUID(site.submit())) == "completed"
    site.settle()
    told = scrape(site)
    buckets = [
        v
        for name, v in told.items()
        if name.startswith("reelog_stage_seconds_bucket") and 'stage="music"' in name
    ]
    assert len(buckets) == len(BUCKETS) + 1
    assert buckets == sorted(buckets)
    assert buckets[-1] == told['reelog_stage_seconds_count{stage="music"}'] == 1


def test_a_second_scrape_and_a_second_server_tell_the_same(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.filming.faults["image:2"] = [refusal()]
    assert site.filming.finish(UUID(site.submit())) == "failed"
    site.settle()
    process = ("reelog_event_loop_lag_seconds", "reelog_sse_clients", "reelog_http_", "process_")
    first, second, other = (
        {name: value for name, value in scrape(s).items() if not name.startswith(process)}
        for s in (site, site, open_site())
    )
    assert first == second == other
    site.submit()
    site.settle()
    assert scrape(site)['reelog_jobs{status="queued"}'] == 1


def test_the_metrics_tell_of_places_by_node_and_of_those_that_have_none(site: Site) -> None:
    class Crew:
        def start(self) -> None:
            """Nothing to start."""

        def stop(self) -> None:
            """Nothing to stop."""

        def status(self) -> dict[str, Any]:
            places = [
                {"state": "working", "address": "10.0.0.7"},
                {"state": "working", "address": "10.0.0.7"},
                {"state": "pending"},
            ]
            return {"state": "ready", "crew": {"renderers": {"places": places, "waiting": 4}, "artists": {}}}

    assert "reelog_places{" not in site.client.get("/metrics").text
    site.system.actors = Crew()
    told = site.client.get("/metrics").text
    assert 'reelog_places{node="10.0.0.7",seat="renderers",state="working"} 2.0\n' in told
    assert 'reelog_places{node="",seat="renderers",state="pending"} 1.0\n' in told
    assert 'reelog_attempts_waiting{seat="renderers"} 4.0\n' in told
    assert 'reelog_attempts_waiting{seat="artists"} 0.0\n' in told


def test_the_metrics_need_the_key_where_there_is_one(open_site: Callable[..., Site]) -> None:
    site = open_site(API_KEY="secret")
    assert site.client.get("/metrics").status_code == 401
    assert site.client.get("/metrics", headers={"Authorization": "Bearer secret"}).status_code == 200


def test_no_job_is_named(site: Site) -> None:
    job_id = site.submit()
    site.settle()
    assert job_id not in site.client.get("/metrics").text


def test_a_line_says_whose_request_and_which_job_it_is_about(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    access, problems = logging.getLogger("api.access"), logging.getLogger("api.http.problems")
    for logger in (access, problems):
        monkeypatch.setattr(logger, "handlers", [handler])
        monkeypatch.setattr(logger, "level", logging.INFO)
        logger.manager._clear_cache()
    job_id = site.submit()
    monkeypatch.setattr(site.system.readers, "job_with_version", lambda _: 1 / 0)
    site.client.get(f"/v1/jobs/{job_id}", headers={"X-Request-Id": "mine"})
    site.client.get("/v1/jobs")
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert lines[0]["event"].startswith("POST /v1/jobs 201 in ")
    assert lines[0]["job_id"] == job_id
    assert len(lines[0]["request_id"]) == 32
    assert {(line["request_id"], line["job_id"]) for line in lines[1:]} == {("mine", job_id)}
    assert any("division by zero" in line["event"] for line in lines[1:])
    assert len(lines) == 3, "reading that went well is not told"
