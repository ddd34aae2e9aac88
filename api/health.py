"""Is it alive, is it ready: what a supervisor, a load balancer and a person ask first.

``/healthz`` touches nothing. ``/readyz`` says whether jobs can be accepted, and who does what: the store, the
provider, the projector and how far it is behind, the actors and where they sit. Neither needs a key.
"""

from typing import Any

from anyio import move_on_after, to_thread
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_response
from api.composition import System
from domain.event_store import StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.wire import encode

ACTORS_TIMEOUT_S = 3.0


async def alive(_: Request) -> Response:
    """GET /healthz."""
    return json_response(b'{"status":"alive"}')


async def ready(request: Request) -> Response:
    """GET /readyz."""
    system: System = request.app.state.system
    told = await to_thread.run_sync(_stores, system)
    crew = await _crew(system)
    draining = request.app.state.tail.drained.is_set()
    reasons = [*told.pop("reasons"), *_actor_faults(crew), *(["the server is ending"] if draining else [])]
    body = {
        "status": "not ready" if reasons else "ready",
        "reasons": reasons,
        "provider": system.provider,
        "actors": crew.pop("state"),
        **told,
        "crew": crew,
    }
    return json_response(encode(body), 503 if reasons else 200)


def _stores(system: System) -> dict[str, Any]:
    """The store and the projector; ``reasons`` says what keeps jobs from being accepted."""
    database = system.store.url.partition(":")[0]
    projector = system.projector.status
    try:
        store, head, projected = system.store.id, system.log.head(), system.readers.projected()
        aside = system.readers.set_aside()
    except (StoreUnavailableError, ReadModelsUnavailableError) as error:
        return {"store": None, "database": database, "projector": None, "reasons": [str(error)]}
    stopped = projector.reason if projector.state == "stopped" else projected.stopped
    return {
        "store": store,
        "database": database,
        "projector": {
            "state": projector.state,
            "position": projected.position,
            "lag_events": max(0, head - projected.position),
            "reason": stopped or projector.reason,
            "set_aside": [{"job_id": one.job_id} | one.told() for one in aside],
        },
        "reasons": [f"the projector has stopped: {stopped}"] if stopped else [],
    }


async def _crew(system: System) -> dict[str, Any]:
    actors = system.actors
    if actors is None:
        return {"state": "none"}
    with move_on_after(ACTORS_TIMEOUT_S):
        return dict(await to_thread.run_sync(actors.status, abandon_on_cancel=True))
    return {"state": "starting", "error": f"no answer within {ACTORS_TIMEOUT_S:g} s"}


def _actor_faults(crew: dict[str, Any]) -> list[str]:
    return [f"the actors have failed: {crew.get('error')}"] if crew["state"] == "failed" else []
