"""What Prometheus is told, and what the log says of a request."""

import io
import json
import logging
import re
from collections.abc import Callable
from uuid import UUID

import pytest

from api.commands.log_lines import JsonLines
from tests.api.conftest import Site
from tests.projections.filming import outage, refusal

LINE = re.compile(r'^[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? -?[0-9.e+-]+$')


def scrape(site: Site) -> dict[str, float]:
    answer = site.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            assert LINE.match(line), line
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
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
    image = 'reelog_attempts_total{stage="image_generation",model="image-model",outcome='
    assert told[image + '"succeeded",code=""}'] == 2
    assert told[image + '"failed",code="overloaded"}'] == 1
    assert told['reelog_cost_usd_total{model="image-model"}'] == pytest.approx(0.02)
    assert told['reelog_stage_seconds_count{stage="image_generation"}'] == 1
    assert told['reelog_stage_seconds_bucket{stage="image_generation",le="+Inf"}'] == 1
    assert told["reelog_log_events"] == site.system.log.head()
    assert told["reelog_projection_lag_events"] == 0


def test_a_second_scrape_and_a_second_server_tell_the_same(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.filming.faults["image:2"] = [refusal()]
    assert site.filming.finish(UUID(site.submit())) == "failed"
    site.settle()
    process = {"reelog_event_loop_lag_seconds", "reelog_sse_clients"}
    first, second, other = (
        {name: value for name, value in scrape(s).items() if name not in process}
        for s in (site, site, open_site())
    )
    assert first == second == other
    site.submit()
    site.settle()
    assert scrape(site)['reelog_jobs{status="queued"}'] == 1


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
    access, problems = logging.getLogger("api.access"), logging.getLogger("api.problems")
    for logger in (access, problems):
        monkeypatch.setattr(logger, "handlers", [handler])
        monkeypatch.setattr(logger, "level", logging.INFO)
        logger.manager._clear_cache()
    job_id = site.submit()
    monkeypatch.setattr(site.system.readers, "job_with_position", lambda _: 1 / 0)
    site.client.get(f"/v1/jobs/{job_id}", headers={"X-Request-Id": "mine"})
    site.client.get("/v1/jobs")
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert lines[0]["event"].startswith("POST /v1/jobs 201 in ")
    assert lines[0]["job_id"] == job_id
    assert len(lines[0]["request_id"]) == 32
    assert {(line["request_id"], line["job_id"]) for line in lines[1:]} == {("mine", job_id)}
    assert any("division by zero" in line["event"] for line in lines[1:])
    assert len(lines) == 3, "reading that went well is not told"
