"""What is recorded of a request with what it begins: how it is known again, and whose trace it is part of."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Asking:
    """Nothing of it need be known: then the request is another each time, in no trace but the job's."""

    idempotency_key: str | None = None
    """A UUID made from the one that came with the request."""
    fingerprint: str | None = None
    """Of what was asked for."""
    traceparent: str | None = None
    """The span of its caller, as `read_traceparent` gives it."""

    @property
    def recorded(self) -> dict[str, Any]:
        """The fields of the event."""
        return asdict(self)


UNNAMED = Asking()
