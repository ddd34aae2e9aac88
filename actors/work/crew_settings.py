"""What the processes of the crew are built from, each in its own place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from actors.blobs.opening import BucketAccess
from actors.director.throttle import Limit
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import SDK_CAPABILITIES, GatewaySettings
from actors.gemini.sdk_limits import voices_at_once
from actors.work.asking import Asking
from actors.work.crash import Crash
from actors.work.provider_call import Provider
from domain.failures import RetryPolicy
from domain.ports import ActiveJobs
from domain.pricing import PriceBook

if TYPE_CHECKING:
    from actors.media.credentials import Signing


@dataclass(frozen=True)
class CrewSettings:
    """All that an actor needs to build its own clients in its own process. Picklable, keys masked in print.

    ``active_jobs`` is a picklable factory: the board belongs to the projections, which actors do not know.
    ``only`` restricts the Director to these jobs (``reelog make`` runs its own and no other).
    ``limit`` holds for each model that has none of its own in ``limits``.
    """

    store_url: str
    blobs_url: str
    gateway: GatewaySettings
    provider: str
    prices: PriceBook
    active_jobs: Callable[[], ActiveJobs]
    bucket_access: BucketAccess | None = None
    """Where ``blobs_url`` names a bucket."""
    max_active_jobs: int = 4
    only: frozenset[UUID] | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limit: Limit = field(default_factory=Limit)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    places: Mapping[str, int | None] = field(default_factory=dict)
    """How many places each seat's pool may have; None or not named: what the cluster has room for."""
    grace_s: float = 10.0
    """How long attempts under way may take to end when the crew is stopped."""
    start_s: float = 90.0
    """How long a worker may take to start, once it has a node."""
    asking: Asking = field(default_factory=Asking)
    crash: Crash | None = None
    signing: "Signing | None" = None
    """What films are signed with, where they are."""

    @property
    def voices_at_once(self) -> int:
        """How many voices can speak in one call, over the SDK that makes it."""
        return voices_at_once(SDK_CAPABILITIES[self.gateway.sdk])


def clock() -> datetime:
    return datetime.now(UTC)


def provider_of(settings: CrewSettings) -> Provider:
    return Provider(lambda: open_gateway(settings.gateway), settings.prices, clock, settings.asking)
