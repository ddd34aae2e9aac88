"""The API's description: complete, true, and committed."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema.validators import Draft202012Validator
from starlette.routing import Route

from api.http.app import ENDPOINTS, build_app
from api.http.middleware import MCP
from api.http.openapi.document import TAGS, described, document, models, rendered
from api.http.problems import ADVICE, TITLES
from api.http.schema.events import EVENT_TYPES
from api.http.schema.jobs import JobDocument
from domain.statuses import JobStatus
from tests.api.conftest import Site
from tests.api.contract import check

COMMITTED = Path(__file__).parents[4] / "docs" / "openapi.json"


def test_the_committed_description_is_the_one_that_is_served(site: Site) -> None:
    served = site.client.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    # How to write it anew: python -m api.http.openapi > docs/openapi.json
    assert COMMITTED.read_text(encoding="utf-8") == served.text == rendered(ENDPOINTS)


def test_every_route_is_described_and_every_description_is_a_route(site: Site) -> None:
    app = build_app(site.system)
    routed = {route.path for route in app.routes if isinstance(route, Route)}
    # What agents say there is described by its own protocol.
    assert routed == {*(endpoint.path for endpoint in ENDPOINTS), MCP}
    pages = routed - {*document(ENDPOINTS)["paths"], MCP}
    assert pages == {"/", "/jobs", "/jobs/{id}", "/docs", "/docs/problems", "/docs.css", "/login", "/logout"}
    # The page's own files are all that is not an operation.
    assert [route.path for route in app.routes if not isinstance(route, Route)] == ["/static"]


FROZEN = """
submit_job        jobs    POST /v1/jobs
list_jobs         jobs    GET  /v1/jobs
get_job           jobs    GET  /v1/jobs/{id}
rename_job        jobs    PATCH /v1/jobs/{id}
cancel_job        jobs    POST /v1/jobs/{id}/cancel
retry_job         jobs    POST /v1/jobs/{id}/retry
cancel_jobs       jobs    POST /v1/jobs/cancel
retry_jobs        jobs    POST /v1/jobs/retry
delete_job        jobs    DELETE /v1/jobs/{id}
approve_job       jobs    POST /v1/jobs/{id}/approve
edit_scenes       jobs    PATCH /v1/jobs/{id}/scenes
fork_job          jobs    POST /v1/jobs/{id}/fork
explain_job       jobs    GET  /v1/jobs/{id}/explain
export_job        jobs    GET  /v1/jobs/{id}/export
estimate_job      jobs    POST /v1/estimate
list_models       models  GET  /v1/models
list_events       events  GET  /v1/events
list_job_events   events  GET  /v1/jobs/{id}/events
list_job_assets   assets  GET  /v1/jobs/{id}/assets
get_asset         assets  GET  /v1/assets/{id}
get_asset_content assets  GET  /v1/assets/{id}/content
get_asset_blob    assets  GET  /v1/assets/{id}/blobs/{digest}
regenerate_asset  assets  POST /v1/assets/{id}/regenerate
provide_asset     assets  PUT  /v1/assets/{id}
add_asset_link    assets  POST /v1/assets/{id}/link
open_link         assets  GET  /links/{id}
add_file          files   POST /v1/files
get_file          files   GET  /v1/files/{digest}
get_file_content  files   GET  /v1/files/{digest}/content
list_presets      presets GET    /v1/presets
get_preset        presets GET    /v1/presets/{name}
put_preset        presets PUT    /v1/presets/{name}
delete_preset     presets DELETE /v1/presets/{name}
list_casts        presets GET    /v1/casts
get_cast          presets GET    /v1/casts/{name}
put_cast          presets PUT    /v1/casts/{name}
delete_cast       presets DELETE /v1/casts/{name}
submit_batch      batches POST /v1/batches
get_batch         batches GET  /v1/batches/{id}
add_key           keys    POST   /v1/keys
list_keys         keys    GET    /v1/keys
get_key           keys    GET    /v1/keys/{name}
revoke_key        keys    DELETE /v1/keys/{name}
get_own_key       keys    GET    /v1/key
create_webhook    webhooks POST  /v1/webhooks
list_webhooks     webhooks GET   /v1/webhooks
get_webhook       webhooks GET   /v1/webhooks/{id}
update_webhook    webhooks PATCH /v1/webhooks/{id}
delete_webhook    webhooks DELETE /v1/webhooks/{id}
rotate_webhook_secret webhooks POST /v1/webhooks/{id}/secret
ping_webhook      webhooks POST  /v1/webhooks/{id}/ping
list_webhook_deliveries webhooks GET /v1/webhooks/{id}/deliveries
get_webhook_delivery webhooks GET /v1/webhooks/{id}/deliveries/{delivery}
redeliver_webhook_delivery webhooks POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver
check_alive       health  GET  /healthz
check_ready       health  GET  /readyz
get_metrics       health  GET  /metrics
get_openapi       docs    GET  /openapi.json
"""


def test_no_operation_is_ever_called_otherwise() -> None:
    """Clients are generated from the description: its ids become their methods, its tags their modules."""
    frozen = {tuple(line.split()) for line in FROZEN.strip().splitlines()}
    served = {(e.operation.id, e.operation.tag, e.method, e.path) for e in described(ENDPOINTS)}
    assert len({e.operation.id for e in ENDPOINTS}) == len(ENDPOINTS)
    gone = sorted(frozen - served)
    assert not gone, f"clients were generated with {gone}: keep each id, tag, method and path as it is"
    assert served == frozen, f"write these down, as clients will be made of them: {sorted(served - frozen)}"
    assert {tag for _, tag, _, _ in served} == set(TAGS)


def test_every_operation_says_what_it_answers() -> None:
    for endpoint in ENDPOINTS:
        assert endpoint.operation.responses, f"{endpoint.operation.id} says nothing of its answers"


@pytest.mark.slow
def test_all_references_lead_somewhere_and_schemas_are_schemas() -> None:
    described = document(ENDPOINTS)
    for reference in re.findall(r'"#/components/([^"]+)"', json.dumps(described)):
        kind, _, name = reference.partition("/")
        assert name in described["components"][kind]
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert len(models(ENDPOINTS)) <= len(described["components"]["schemas"])


def test_every_problem_has_advice_and_every_named_one_exists() -> None:
    assert set(ADVICE) == set(TITLES)
    assert {code for endpoint in ENDPOINTS for code in endpoint.problems} <= set(TITLES)


def test_every_type_of_event_is_described() -> None:
    topics = set()
    for name in ("job_events.py", "asset_events.py"):
        text = (COMMITTED.parents[1] / "domain" / name).read_text(encoding="utf-8")
        topics |= set(re.findall(r'TOPIC: ClassVar\[str\] = "([^"]+)"', text))
    assert len(topics) > 10
    assert topics - {"job.created", "asset.created"} == set(EVENT_TYPES)


def test_every_status_of_a_job_is_described() -> None:
    assert get_args(JobDocument.model_fields["status"].annotation) == tuple(JobStatus)


def test_answers_that_are_not_described_would_be_found(site: Site) -> None:
    answer = site.client.get(f"/v1/jobs/{site.submit()}")
    for changed in (
        answer.text.replace('"status":"queued"', '"status":"paused"'),
        answer.text.replace('"run":1', '"run":"1"'),
        answer.text.replace('"run":1', '"runs":1'),
    ):
        assert changed != answer.text
        answer._content = changed.encode()
        with pytest.raises(ValueError, match="validation error"):
            check(answer)
    answer.status_code = 206
    with pytest.raises(AssertionError, match="206 is not described"):
        check(answer)
