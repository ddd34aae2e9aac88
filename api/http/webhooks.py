"""Endpoints that are told of jobs, and what was told to them."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.cases import webhooks as cases
from api.cases.webhooks import DeliveryRequest, EndpointRequest, ListDeliveriesRequest
from api.composition import System
from api.http.callers import caller_name
from api.http.draining import refuse_when_draining
from api.http.operations_webhooks import DELIVERY_JOB, DELIVERY_STATUS
from api.http.parameters import LIMIT, PAGE_AFTER, path_id
from api.http.problems import Problem
from api.http.request_body import read_json
from api.http.responses import json_response
from api.http.threads import threads_of
from projections.wire import encode

MISSING = "webhook_not_found"


async def create(request: Request) -> Response:
    """POST /v1/webhooks."""
    system: System = request.app.state.system
    value = await read_json(request)
    refuse_when_draining(request)
    endpoint_id, page = await threads_of(request).wait(
        cases.create_endpoint, system, value, caller_name(request)
    )
    return json_response(page, 201, {"Location": f"/v1/webhooks/{endpoint_id}"})


async def list_all(request: Request) -> Response:
    """GET /v1/webhooks."""
    system: System = request.app.state.system
    items, more = await threads_of(request).wait(
        cases.list_endpoints, system, LIMIT.of(request), caller_name(request)
    )
    return json_response(b'{"data":[' + b",".join(items) + b'],"has_more":' + encode(more) + b"}")


async def show(request: Request) -> Response:
    """GET /v1/webhooks/{id}."""
    system: System = request.app.state.system
    return json_response(await threads_of(request).wait(cases.get_endpoint, system, _endpoint(request)))


async def update(request: Request) -> Response:
    """PATCH /v1/webhooks/{id}."""
    system: System = request.app.state.system
    value = await read_json(request)
    refuse_when_draining(request)
    page = await threads_of(request).wait(cases.change_endpoint, system, _endpoint(request), value)
    return json_response(page)


async def delete(request: Request) -> Response:
    """DELETE /v1/webhooks/{id}."""
    system: System = request.app.state.system
    refuse_when_draining(request)
    await threads_of(request).wait(cases.delete_endpoint, system, _endpoint(request))
    return Response(status_code=204)


async def rotate_secret(request: Request) -> Response:
    """POST /v1/webhooks/{id}/secret."""
    system: System = request.app.state.system
    refuse_when_draining(request)
    return json_response(await threads_of(request).wait(cases.rotate_secret, system, _endpoint(request)))


async def ping(request: Request) -> Response:
    """POST /v1/webhooks/{id}/ping."""
    system: System = request.app.state.system
    refuse_when_draining(request)
    return json_response(await threads_of(request).ping(cases.ping_endpoint, system, _endpoint(request)))


async def list_deliveries(request: Request) -> Response:
    """GET /v1/webhooks/{id}/deliveries."""
    system: System = request.app.state.system
    asked = ListDeliveriesRequest(
        path_id(request, MISSING),
        DELIVERY_STATUS.of(request),
        DELIVERY_JOB.of(request),
        PAGE_AFTER.of(request),
        LIMIT.of(request),
        caller_name(request),
    )
    page = await threads_of(request).wait(cases.list_deliveries, system, asked)
    tail = encode({"has_more": page.next is not None, "next": page.next})
    return json_response(b'{"data":[' + b",".join(page.items) + b"]," + tail[1:])


async def show_delivery(request: Request) -> Response:
    """GET /v1/webhooks/{id}/deliveries/{delivery}."""
    system: System = request.app.state.system
    return json_response(await threads_of(request).wait(cases.get_delivery, system, _delivery(request)))


async def redeliver(request: Request) -> Response:
    """POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver."""
    system: System = request.app.state.system
    refuse_when_draining(request)
    return json_response(await threads_of(request).wait(cases.redeliver, system, _delivery(request)), 202)


def _endpoint(request: Request) -> EndpointRequest:
    return EndpointRequest(path_id(request, MISSING), caller_name(request))


def _delivery(request: Request) -> DeliveryRequest:
    text = request.path_params["delivery"]
    try:
        return DeliveryRequest(path_id(request, MISSING), UUID(text), caller_name(request))
    except ValueError:
        raise Problem("delivery_not_found", f"There is no delivery {text!r}.") from None
