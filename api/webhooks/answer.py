"""What came of one message to an endpoint."""

from dataclasses import dataclass

GONE = 410
"""The endpoint wants to hear nothing any more."""


@dataclass(frozen=True)
class Answer:
    """``status`` is None where none came; ``error`` says why it counts as failed, None where it does not."""

    status: int | None
    error: str | None
    elapsed_s: float
    retry_after_s: float | None = None
