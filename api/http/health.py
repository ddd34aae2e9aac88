"""Is it alive, is it ready: what a supervisor, a load balancer and a person ask first.

``/healthz`` touches nothing. ``/readyz`` says whether jobs can be accepted, and who does what: the stores of
events and bytes, the provider, the projector and how far it is behind, the sender of webhooks and what waits
there, the actors and where they sit. Neither needs a key; where one is set, details go only to whoever has
it.

Webhooks never make a server unready: jobs are accepted and made without them, and an endpoint that does not
answer is somebody else's server, which must not take ours out of service.
"""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.composition import STANDING_BY, BlobError, System
from api.http.callers import CALLER
from api.http.responses import json_response
from api.http.threads import SingleFlight
from api.webhooks.deliveries import milliseconds_to_iso
from api.webhooks.sender import SenderStatus
from domain.store import StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.wire import encode

ALIVE = b'{"status":"alive"}'
TIMEOUT_S = 3.0
SILENCE = f"no answer within {TIMEOUT_S:g} s"


async def alive(_: Request) -> Response:
    """GET /healthz."""
    return json_response(ALIVE)


async def ready(request: Request) -> Response:
    """GET /readyz."""
    system: System = request.app.state.system
    asked = request.app.state
    state, blobs, told, at_work = await asyncio.gather(
        _answer(asked.stores, system, _no_store(system)),
        _answer(asked.blobs, system, {"reasons": [f"the blob store: {SILENCE}"]}),
        _answer(asked.webhooks, system, {"state": "unknown", "reason": SILENCE}),
        _answer(asked.crew, system, {"state": "starting", "error": SILENCE}),
    )
    draining = request.app.state.tail.drained.is_set()
    reasons = [
        *state.pop("reasons"),
        *blobs.pop("reasons"),
        *_actor_faults(at_work),
        *(["the server is ending"] if draining else []),
    ]
    body = {
        "status": "not ready" if reasons else "ready",
        "reasons": reasons,
        "provider": system.provider,
        "actors": at_work.pop("state"),
        **state,
        "webhooks": told,
        "blobs": system.settings.blobs.partition(":")[0],
        "crew": at_work,
    }
    caller = request.scope[CALLER]
    if caller is None or not caller.is_administrator:
        # Who works on what is the administrator's; whether jobs can be accepted, anybody may ask.
        body = {name: body[name] for name in ("status", "provider", "store")}
    return json_response(encode(body), 503 if reasons else 200)


def stores(system: System) -> dict[str, Any]:
    """The store and the projector; ``reasons`` says what keeps jobs from being accepted."""
    database = system.store.url.partition(":")[0]
    projector = system.projector.status
    try:
        store, head, projected = system.store.id, system.log.head(), system.readers.projected()
        aside, traces = system.readers.set_aside(), system.traces.status()
    except (StoreUnavailableError, ReadModelsUnavailableError) as error:
        nothing = dict.fromkeys(("store", "projector", "traces"))
        return {**nothing, "database": database, "reasons": [str(error)]}
    stopped = projector.reason if projector.state == "stopped" else projected.stopped
    return {
        "store": store,
        "database": database,
        "projector": {
            "state": projector.state,
            "position": projected.position,
            "lag_events": max(0, head - projected.position),
            "reason": stopped or projector.reason,
            "set_aside": [{"job_id": one.job_id} | one.to_dict() for one in aside],
        },
        "traces": traces,
        "reasons": [f"the projector has stopped: {stopped}"] if stopped else [],
    }


def blobs(system: System) -> dict[str, Any]:
    """``reasons`` says what keeps bytes from being stored. Blocks."""
    try:
        system.blobs.check()
    except BlobError as error:
        return {"reasons": [str(error)]}
    return {"reasons": []}


def webhooks(system: System) -> dict[str, Any]:
    """Who sends them, how far it is behind, what waits, and what failed last. Blocks."""
    sender = system.webhooks.sender
    status = sender.status if sender is not None else SenderStatus("none")
    told = {"state": status.state, "reason": status.reason}
    try:
        head, waiting = system.log.head(), system.webhooks.deliveries.waiting()
    except (StoreUnavailableError, ReadModelsUnavailableError) as error:
        return told | {"reason": status.reason or str(error)}
    failed = waiting.last_failure
    return told | {
        "lag_events": None if status.position is None else max(0, head - status.position),
        "pending": waiting.deliveries,
        "failing": waiting.failing,
        "next_try_at": None if waiting.due is None else milliseconds_to_iso(waiting.due),
        "last_failure": failed
        and {
            "at": failed.at,
            "webhook": failed.endpoint,
            "delivery": failed.delivery,
            "job_id": failed.job,
            "status": failed.status,
            "error": failed.error,
        },
    }


def crew(system: System) -> dict[str, Any]:
    """How the actors are; of a server that has none, how those are that work elsewhere. Blocks."""
    if system.actors is not None:
        return dict(system.actors.status())
    try:
        reports = system.crews.all()
    except ReadModelsUnavailableError:
        return {"state": "none"}
    # Who stands by has nothing to tell while another one works.
    states = [report.status.get("state") for report in reports]
    acting = next((r for r in reports if r.status.get("state") != STANDING_BY), None)
    told = {**acting.status, "process": acting.process} if acting else {}
    return {**told, "state": "none", "at_work": told.get("state"), "standing_by": states.count(STANDING_BY)}


async def _answer(
    call: SingleFlight[dict[str, Any]], system: System, silence: dict[str, Any]
) -> dict[str, Any]:
    """A copy of what is answered in time, else ``silence``."""
    try:
        return dict(await call.answer(TIMEOUT_S, system))
    except TimeoutError:
        return silence


def _no_store(system: System) -> dict[str, Any]:
    scheme = system.store.url.partition(":")[0]
    return {
        "store": None,
        "database": scheme,
        "projector": None,
        "traces": None,
        "reasons": [f"the store: {SILENCE}"],
    }


def _actor_faults(crew: dict[str, Any]) -> list[str]:
    return [f"the actors have failed: {crew.get('error')}"] if crew["state"] == "failed" else []
