"""Who sits where, as ``reelog doctor`` tells it: the table of the crew, and what a server at work says."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from api.cli.client import Client
from api.cli.crew import PROVIDERS, serving_name
from api.cli.doctor_findings import Check
from api.cli.store import nothing_yet
from api.durations import duration
from api.settings import Settings
from domain.store import StoreUnavailableError, open_event_store

_SERVER_S = 8.0


def crew(settings: Settings) -> Iterator[Check]:
    """Who sits where: the processes of the crew, and the stages that each of them has."""
    with warnings.catch_warnings():
        # What libraries say when they are loaded is for us, not for whoever looks after this machine.
        warnings.simplefilter("ignore")
        from actors.work.crew import CREW

    where = settings.ray_address or "a Ray of its own on this machine"
    yield Check("crew", "ok", f"Director and {len(CREW)} pools of worker processes, on {where}")
    for seat in CREW:
        stages = ", ".join(stage.value for stage in seat.stages)
        cpus = f", {seat.cpus:g} CPUs reserved" if seat.cpus else ""
        limit = {"artists": settings.artists, "renderers": settings.renderers}[seat.name]
        places = f"at most {limit} places" if limit else "as many places as there is room for"
        yield Check(f"  {seat.name}", "ok", f"{stages} ({places}, {seat.attempts} at a time in each{cpus})")


def _pool(name: str, pool: dict[str, Any]) -> Iterator[Check]:
    """The places of a pool, each on its node, and why one has none."""
    if pool.get("error"):
        failures = f"{pool['failures']} starts in a row failed: {pool['error']}"
        yield Check(f"  {name}", "wrong", f"{pool['state']}; {failures}", "It is tried further.")
    waiting = f", {pool['waiting']} attempts wait" if pool.get("waiting") else ""
    places = pool.get("places") or []
    if not places and not pool.get("error"):
        yield Check(f"  {name}", "ok", f"not needed yet{waiting}")
    for place in places:
        if "pid" in place:
            making = f", making {len(place['attempts'])}" if place["attempts"] else ", idle"
            told = f"process {place['pid']} on {place.get('address') or place.get('node')}{making}{waiting}"
        else:
            told = f"{place['state']} for {duration(place['since_s'])}{waiting}"
        if place.get("reason"):
            hint = "It starts as soon as a node has room: end other work there, or add a node."
            yield Check(f"  {name}", "warning", f"{told}: {place['reason']}", hint)
        else:
            yield Check(f"  {name}", "ok", told)
        waiting = ""


def _webhooks(told: dict[str, Any]) -> Iterator[Check]:
    """Whether webhooks are sent, what waits, and what failed last."""
    if not told:
        return
    said = "another server sends" if told["state"] == "waiting" else told["state"]
    if told.get("lag_events"):
        said = f"{said}, {told['lag_events']} events behind"
    if told.get("pending"):
        said = f"{said}, {told['pending']} to be told, the next at {told['next_try_at']}"
    if told["reason"]:
        yield Check("  webhooks", "wrong", f"{said}: {told['reason']}", "It is tried further.")
    elif told.get("failing") and (last := told.get("last_failure")):
        failing = f"{said}; {told['failing']} tried in vain, last at {last['at']}: {last['error']}"
        hint = f"Each is tried for a day. Look: reelog webhooks deliveries {last['webhook']}"
        yield Check("  webhooks", "warning", failing, hint)
    else:
        yield Check("  webhooks", "ok", said)


def server(settings: Settings) -> Iterator[Check]:
    """What the server that works on this store says of itself: who sits where, and whose start failed."""
    if nothing_yet(settings) or not settings.url:
        return
    try:
        store = open_event_store(settings.store)
    except StoreUnavailableError:
        return  # told above
    with contextlib.closing(store):
        if not any(store.is_present(serving_name(name)) for name in PROVIDERS):
            return
    key = settings.api_key.get_secret_value() if settings.api_key else None
    told = Client(settings.url, key).readiness(_SERVER_S)
    if told is None:
        yield Check("server", "ok", f"one works on this store; it is not at {settings.url} (REELOG_URL)")
        return
    reasons = "; ".join(told.get("reasons") or ())
    if reasons:
        yield Check("server", "wrong", f"{settings.url}: {reasons}", "Its log says more.")
    else:
        yield Check("server", "ok", f"{settings.url}: ready, actors {told['actors']}")
    yield from _webhooks(told.get("webhooks") or {})
    crew = told.get("crew") or {}
    for name, pool in (crew.get("crew") or {}).items():
        yield from _pool(name, pool)
    for job in (crew.get("director") or {}).get("set_aside") or ():
        told_of = f"job {job['job']} is set aside, {job['tries']} times now: {job['reason']}"
        yield Check("  Director", "warning", told_of, "It is tried again; the other jobs go on.")
