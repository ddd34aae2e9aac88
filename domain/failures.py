"""A failure: everything needed to understand one failed attempt, and the decision whether to make another.

Values only. Who finds a failure fills in what it knows (the reader: the provider's words; the gateway:
whether the request was sent; the actor: stage, asset, attempt), and the whole goes into
``asset.attempt_failed``. The causes themselves are a table in ``causes.py``.

Retries are decided here, from the recorded failure and an explicit random number, and nowhere else: the SDKs'
own retries ignore the provider's ``RetryInfo`` and would pay for calls that no event knows of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from domain.causes import CAUSES, PATIENT, Cause, Code
from domain.plain import of_event

__all__ = ["CAUSES", "AttemptFailedError", "Cause", "Code", "Failure", "RetryPolicy", "decide_retry"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why one attempt failed. JSON-serialisable through `to_dict`; unknown values are ``None``."""

    code: str
    """A name of `Code`; kept as text so that logs of other versions can be read."""
    message: str
    """The provider's own words, or ours where it said nothing; secrets are scrubbed."""
    retryable: bool
    """Whether another attempt of the same request may help at all."""
    may_have_been_billed: bool
    hint: str
    stage: str | None = None
    asset: str | None = None
    attempt: int | None = None
    model: str | None = None
    http_status: int | None = None
    provider_status: str | None = None
    """Google's status name, such as RESOURCE_EXHAUSTED."""
    finish_reason: str | None = None
    """The candidate's finish reason or the prompt's block reason, exactly as it came."""
    response_id: str | None = None
    retry_after_s: float | None = None
    """The wait that the provider asks for."""
    elapsed_s: float | None = None
    prompt_digest: str | None = None
    raw_digest: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    """Whatever else helps: violations, ratings, usage, unknown enum values. JSON values only."""

    @classmethod
    def of(cls, code: Code, message: str, **context: Any) -> Self:
        """Return a failure with the table's defaults for ``code``; ``context`` overrides and adds."""
        cause = CAUSES[code]
        defaults: dict[str, Any] = {
            "retryable": cause.attempts > 1,
            "may_have_been_billed": cause.billed,
            "hint": cause.hint,
        }
        return cls(code=str(code), message=message, **(defaults | context))

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Rebuild a stored failure; fields of newer versions are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """As it goes into an event: what the provider said beside it is kept as text where it must be."""
        return of_event({f.name: getattr(self, f.name) for f in fields(self)})

    def within(self, **context: Any) -> Self:
        """Return the same failure with more known about where it happened."""
        return replace(self, **context)

    def __str__(self) -> str:
        where = f" [{self.model}]" if self.model else ""
        status = f" (HTTP {self.http_status})" if self.http_status else ""
        return f"{self.code}{where}{status}: {self.message}"


class AttemptFailedError(Exception):
    """An attempt failed; ``failure`` says how. Picklable, so that it may cross process borders."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        return str(self.failure)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently to try again. Times are in seconds."""

    max_attempts: int = PATIENT
    base_s: float = 1.0
    cap_s: float = 60.0
    longest_wait_s: float = 600.0
    """When the provider asks for a longer wait than this, the attempt is given up: a person decides."""
    repeat_lost_calls: bool = True
    """Whether a call may be repeated that was sent, never answered, and may have been charged."""


_LOST = frozenset({Code.TIMEOUT, Code.CONNECTION_LOST, Code.CALL_LOST})


def decide_retry(failure: Failure, attempt: int, policy: RetryPolicy, jitter: float) -> float | None:
    """Return the seconds to wait before attempt ``attempt + 1``, or None when there is to be none.

    ``attempt`` counts from 1 and is the one that failed. ``jitter`` is a random number in [0, 1).
    Waits double from ``base_s`` up to ``cap_s``, the upper half of each drawn by chance, and never end before
    the time that the provider asked for; callers told the same time come back spread over a tenth of it.
    """
    if not failure.retryable or attempt >= min(policy.max_attempts, _attempts(failure.code)):
        return None
    if failure.code in _LOST and failure.may_have_been_billed and not policy.repeat_lost_calls:
        return None
    # The exponent is bounded only so that a large attempt number cannot overflow a float.
    backoff = min(policy.cap_s, policy.base_s * 2.0 ** min(attempt - 1, 32)) * (0.5 + 0.5 * jitter)
    asked = failure.retry_after_s
    if asked is None:
        return backoff
    if asked > policy.longest_wait_s:
        return None
    return max(backoff, asked * (1 + 0.1 * jitter))


def _attempts(code: str) -> int:
    try:
        return max(CAUSES[Code(code)].attempts, 2)  # the failure itself says that it is retryable
    except ValueError:
        return PATIENT
