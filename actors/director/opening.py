"""A Director as its process opens it: with a desk, a store and the limits of the models."""

import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from actors.blobs.opening import open_blobs
from actors.director.desk import Desk
from actors.director.director import Director
from actors.director.throttle import Throttle
from actors.work.crew import capacity, lane_of, stage_actors
from actors.work.crew_settings import CrewSettings, clock, provider_of
from actors.work.stage import Order
from domain.store import Studio, open_event_store


def open_director(
    settings: CrewSettings,
    *,
    perform: Callable[[Order], Awaitable[str]],
    cancel: Callable[[UUID], Coroutine[Any, Any, None]],
    at_work: Callable[[], Awaitable[Mapping[str, Iterable[str]]]],
    withdraw: Callable[[Callable[[Order], bool]], None],
    of_seat: Callable[[str], int],
) -> Director:
    """See `Director` for what it is given; ``of_seat`` tells how many attempts a seat's pool can hold."""
    store = open_event_store(settings.store_url)
    studio = Studio(store)
    provider = provider_of(settings)
    desk = Desk(
        studio=studio,
        blobs=open_blobs(settings.blobs_url, settings.bucket_access),
        stages=stage_actors(provider, studio, clock),
        provider=settings.provider,
        boot_id=f"director:{uuid4().hex}",
        clock=clock,
        presence=store.presence,
        only=settings.only,
        reserve=provider.reservation_usd,
    )
    throttle = Throttle(settings.limit, settings.limits)
    return Director(
        desk,
        store,
        settings.active_jobs(),
        perform=perform,
        cancel=cancel,
        at_work=at_work,
        lane_of=lane_of,
        places=functools.partial(capacity, throttle=throttle, of_seat=of_seat),
        withdraw=withdraw,
        max_active_jobs=settings.max_active_jobs,
        throttle=throttle,
        calls_of=functools.partial(Order.calls, voices_at_once=settings.voices_at_once),
    )
