"""Webhooks: who is told of jobs, what was told, and what of it failed.

An endpoint's secret is shown when it is made and when it is made anew, and at no other time.
"""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from api.cases.callers import LOCAL
from api.cases.errors import Faults, FieldError, Refusal
from api.cases.positions import require_happened
from api.cases.validation import validated
from api.composition import System
from api.webhooks.deliveries import DeliveryRow, milliseconds_to_iso
from api.webhooks.signing import SigningKey, SigningKeyError, signed_headers
from domain.job import Job
from domain.webhook import Endpoint, job_endpoint_id
from domain.webhook_request import WebhookChange, WebhookRequest
from projections.wire import encode, iso

MOST_KEPT = 100
"""Of one caller, for all of its jobs."""
PING = "webhook.ping"


@dataclass(frozen=True)
class EndpointRequest:
    endpoint_id: UUID
    caller: str = LOCAL


@dataclass(frozen=True)
class DeliveryRequest:
    endpoint_id: UUID
    delivery_id: UUID
    caller: str = LOCAL


@dataclass(frozen=True)
class ListDeliveriesRequest:
    """Newest first; ``after`` is the ``next`` of the page before."""

    endpoint_id: UUID
    status: str | None = None
    job_id: UUID | None = None
    after: int | None = None
    limit: int = 100
    caller: str = LOCAL


@dataclass(frozen=True)
class DeliveryPage:
    items: list[bytes]
    next: int | None


# ---- endpoints --------------------------------------------------------------------------------------


def create_endpoint(system: System, value: Any, caller: str = LOCAL) -> tuple[UUID, bytes]:
    """Its id, and it as JSON with its secret. Faults name all that is wrong; blocks."""
    asked = validated(value, WebhookRequest)
    _refuse_address(system, asked.url)
    if len(system.webhooks.endpoints.all(caller)) >= MOST_KEPT:
        message = f"there are {MOST_KEPT} endpoints already, and no more may be; remove one first"
        raise Faults.of_one("invalid_submission", "", message)
    key = signing_key(system)
    endpoint = Endpoint.create(
        uuid4(), caller, asked.url, asked.events, now=system.clock(), key=key.fingerprint
    )
    system.webhooks.endpoints.add(endpoint)
    return endpoint.id, encode(_page(endpoint) | {"secret": key.secret_of(endpoint)})


def list_endpoints(system: System, limit: int, caller: str = LOCAL) -> tuple[list[bytes], bool]:
    """Those of a caller, each as JSON, in the order in which they were added; whether there are more."""
    kept = system.webhooks.endpoints.all(caller)
    return [encode(_page(one)) for one in kept[:limit]], len(kept) > limit


def get_endpoint(system: System, request: EndpointRequest) -> bytes:
    """One as JSON. Refusal ``webhook_not_found``. Blocks."""
    return encode(_page(_require(system, request.endpoint_id, request.caller)))


def change_endpoint(system: System, request: EndpointRequest, value: Any) -> bytes:
    """Change, disable or enable it. Faults, and refusal ``webhook_not_found``. Blocks."""
    asked = validated(value, WebhookChange)
    _require(system, request.endpoint_id, request.caller)
    if asked.url is not None:
        _refuse_address(system, asked.url)
    now = system.clock()

    def decide(endpoint: Endpoint) -> None:
        endpoint.change(asked.url, asked.events, now=now)
        if asked.enabled is True:
            endpoint.enable(now=now)
        elif asked.enabled is False:
            endpoint.disable("asked", now=now)

    return encode(_page(system.webhooks.endpoints.change(request.endpoint_id, decide)))


def rotate_secret(system: System, request: EndpointRequest) -> bytes:
    """The endpoint with a new secret; for a day both it and the old one sign. Blocks.

    Refusals ``webhook_not_found``, and ``webhook_not_changeable`` where the secret is that of all jobs.
    """
    endpoint = _require(system, request.endpoint_id, request.caller)
    if endpoint.job is not None:
        raise Refusal(
            "webhook_not_changeable",
            "This endpoint came with a job, and all jobs' endpoints share one secret.",
        )
    key = signing_key(system)
    endpoint = system.webhooks.endpoints.change(
        endpoint.id, lambda one: one.rotate_secret(key.fingerprint, now=system.clock())
    )
    return encode(_page(endpoint) | {"secret": key.secret_of(endpoint)})


def delete_endpoint(system: System, request: EndpointRequest) -> None:
    """Nothing more is sent. Refusal ``webhook_not_found``. Blocks."""
    _require(system, request.endpoint_id, request.caller)
    system.webhooks.endpoints.change(request.endpoint_id, lambda one: one.remove(now=system.clock()))


def ping_endpoint(system: System, request: EndpointRequest) -> bytes:
    """Send one signed message now, once, and tell what came of it. Refusal ``webhook_not_found``. Blocks."""
    endpoint = _require(system, request.endpoint_id, request.caller)
    now, key = system.clock(), signing_key(system)
    told = {"type": PING, "timestamp": iso(now), "data": {"webhook": str(endpoint.id)}}
    body = encode(told)
    try:
        secrets = key.secrets_at(endpoint, now)
    except SigningKeyError as error:
        raise Refusal("webhook_key_missing", f"{error}.") from None
    headers = signed_headers(secrets, str(uuid4()), int(now.timestamp()), body)
    answer = asyncio.run(system.webhooks.client.post(endpoint.url, headers, body))
    return encode(
        {
            "delivered": answer.error is None,
            "status": answer.status,
            "error": answer.error,
            "elapsed_s": round(answer.elapsed_s, 3),
        }
    )


# ---- of one job -------------------------------------------------------------------------------------


def endpoint_of(
    system: System, job: Job, asked: WebhookRequest | None, caller: str = LOCAL
) -> Endpoint | None:
    """The endpoint that was asked for with a job, unsaved. Faults where it cannot be called."""
    if asked is None:
        return None
    refuse_uncallable(system, asked)
    return Endpoint.create(
        job_endpoint_id(job.id),
        caller,
        asked.url,
        asked.events,
        now=system.clock(),
        key=signing_key(system).fingerprint,
        job_id=job.id,
    )


def refuse_uncallable(system: System, asked: WebhookRequest | None) -> None:
    """Faults where what is asked for with a job cannot be called."""
    if asked is not None:
        _refuse_address(system, asked.url, "/webhook/url")


def with_endpoint(system: System, job_id: UUID, page: bytes, caller: str = LOCAL) -> bytes:
    """A job's page as its submission or fork is answered: with its endpoint and all jobs' secret."""
    endpoint = system.webhooks.endpoints.get(job_endpoint_id(job_id))
    if endpoint is None or endpoint.caller != caller:
        return page
    told = {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "events": endpoint.events,
        "secret": signing_key(system).secret_of(endpoint),
    }
    return page[:-1] + b',"webhook":' + encode(told) + b"}"


# ---- deliveries -------------------------------------------------------------------------------------


def list_deliveries(system: System, request: ListDeliveriesRequest) -> DeliveryPage:
    """What was and is to be told to an endpoint. Blocks.

    Refusals ``webhook_not_found``, ``position_unknown``.
    """
    _require(system, request.endpoint_id, request.caller)
    if request.after is not None:
        require_happened(system, request.after, "?after")
    rows, more = system.webhooks.deliveries.page(
        request.endpoint_id,
        status=request.status,
        job=request.job_id,
        before=request.after,
        limit=request.limit,
    )
    items = [encode(_delivery(request.endpoint_id, row)) for row in rows]
    return DeliveryPage(items, rows[-1].position if more else None)


def get_delivery(system: System, request: DeliveryRequest) -> bytes:
    """A delivery and its tries. Refusals ``webhook_not_found``, ``delivery_not_found``. Blocks."""
    row = _require_delivery(system, request)
    return encode(_delivery(request.endpoint_id, row) | {"tries": _tries(system, row.id)})


def redeliver(system: System, request: DeliveryRequest) -> bytes:
    """Have a delivery tried again, now. Refusals as above, and ``webhook_disabled``. Blocks."""
    endpoint = _require(system, request.endpoint_id, request.caller)
    row = _require_delivery(system, request)
    if not endpoint.is_enabled:
        raise Refusal("webhook_disabled", f"Endpoint {endpoint.id} is disabled; enable it first.")
    system.webhooks.deliveries.redeliver(UUID(row.id), system.clock())
    if system.webhooks.sender is not None:
        system.webhooks.sender.wake()
    return get_delivery(system, request)


# ---- shared -----------------------------------------------------------------------------------------


def signing_key(system: System) -> SigningKey:
    """What secrets are made from. Refusal ``webhook_key_missing``."""
    try:
        return system.webhooks.key()
    except SigningKeyError as error:
        text = str(error)
        raise Refusal("webhook_key_missing", f"{text[0].upper()}{text[1:]}.") from None


def _refuse_address(system: System, url: str, pointer: str = "/url") -> None:
    fault = system.webhooks.addresses.fault(url)
    if fault is not None:
        raise Faults("invalid_submission", [FieldError(pointer, f"{pointer[1:].replace('/', '.')}: {fault}")])


def _require(system: System, endpoint_id: UUID, caller: str) -> Endpoint:
    found = system.webhooks.endpoints.find(caller, endpoint_id)
    if found is None:
        raise Refusal("webhook_not_found", f"There is no webhook {endpoint_id}.")
    return found


def _require_delivery(system: System, request: DeliveryRequest) -> DeliveryRow:
    _require(system, request.endpoint_id, request.caller)
    row = system.webhooks.deliveries.find(request.endpoint_id, request.delivery_id)
    if row is None:
        raise Refusal(
            "delivery_not_found", f"Webhook {request.endpoint_id} has no delivery {request.delivery_id}."
        )
    return row


def _page(endpoint: Endpoint) -> dict[str, Any]:
    own = f"/v1/webhooks/{endpoint.id}"
    return {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "events": endpoint.events,
        "job_id": str(endpoint.job) if endpoint.job else None,
        "enabled": endpoint.is_enabled,
        "disabled_for": endpoint.disabled_for,
        "created_at": iso(endpoint.created_on),
        "links": {"self": own, "deliveries": f"{own}/deliveries"},
    }


def _delivery(endpoint_id: UUID, row: DeliveryRow) -> dict[str, Any]:
    own = f"/v1/webhooks/{endpoint_id}/deliveries/{row.id}"
    return {
        "id": row.id,
        "position": row.position,
        "type": row.type,
        "job_id": row.job,
        "status": row.status,
        "turn": row.turn,
        "tried": row.tries,
        "next_try_at": None if row.due is None else milliseconds_to_iso(row.due),
        "last_try": _last_try(row),
        "created_at": row.created,
        "ended_at": row.ended,
        "links": {"self": own, "job": f"/v1/jobs/{row.job}"},
    }


def _last_try(row: DeliveryRow) -> dict[str, Any] | None:
    if row.tried_at is None or row.elapsed_ms is None:
        return None
    return _try(row.turn, row.tries, row.tried_at, row.answer, row.error, row.elapsed_ms)


def _tries(system: System, of: str) -> list[dict[str, Any]]:
    return [_try(*one) for one in system.webhooks.deliveries.tries(of)]


def _try(
    turn: int, number: int, at: str, status: int | None, error: str | None, elapsed_ms: int
) -> dict[str, Any]:
    return {
        "turn": turn,
        "number": number,
        "at": at,
        "status": status,
        "error": error,
        "elapsed_s": elapsed_ms / 1000,
    }
