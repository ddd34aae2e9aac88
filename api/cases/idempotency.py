"""The same request twice is carried out once: what a client's idempotency key and body are on record as.

The record is in the log, so it lasts over restarts and holds for every process on the store. A key that
makes a new job decides the job's id (``job.submitted`` carries the fingerprint of the body); a key that
begins a run of a job stands in its ``job.reopened``, and is looked for among that job's runs.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from uuid import UUID, uuid4, uuid5

from pydantic import BaseModel

from api.cases.accepted import Accepted, job_page
from api.cases.errors import Faults
from api.composition import System
from domain.asking import Asking
from domain.job import Job
from projections.wire import canonical

SUBMISSIONS = UUID("5b9a3c0e-2f0d-5d1c-9e57-0f5f0b6f7a11")
FORKS = UUID("0d0f2b1e-6a54-5a39-8f8e-6b1f6a1c7f02")
BATCHES = UUID("2b0de0a4-8f1c-5c60-93c4-7f4e0a6c5d31")
_RUNS = UUID("6c1d0f83-5f3e-5b0a-9c55-2b8f6f0a4d13")


def new_job_id(namespace: UUID, key: str | None) -> UUID:
    """The id of the job that a key makes: the same key, the same job. Without a key each is another."""
    return uuid5(namespace, key) if key else uuid4()


def sha256_of(text: str | bytes) -> str:
    return sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def digest_of_json(value: Any) -> str:
    """Two bodies that say the same are the same body, whatever the order of their names."""
    return sha256_of(canonical(_sorted(value)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def same_job(system: System, job: Job, *fingerprints: str | None) -> Accepted:
    """The job that came of this key before; Faults where it came with another body.

    Several ``fingerprints`` are of one body, which versions wrote in different ways.
    """
    if job.fingerprint not in fingerprints:
        raise reused("job")
    return Accepted(job.id, job_page(system, job.id, None), began=False)


def reused(what: str) -> Faults:
    """The fault that a key is which came with another body before."""
    message = f"this Idempotency-Key came with another body before; use a new key for a new {what}"
    return Faults.of_one("idempotency_key_reused", "Idempotency-Key", message)


@dataclass(frozen=True)
class Run(Asking):
    """A request to begin another run of a job; without a key it is never known again."""

    @classmethod
    def of(
        cls, key: str | None, what: str, about: UUID, asked: BaseModel, traceparent: str | None = None
    ) -> Self:
        """``what`` is asked for ``about`` a job or an asset. What is left out is the same as its default."""
        if key is None:
            return cls(traceparent=traceparent)
        body = asked.model_dump_json(exclude={"dry_run"}, exclude_defaults=True)
        return cls(str(uuid5(_RUNS, key)), sha256_of(f"{what} {about} {body}"), traceparent)

    def is_on_record(self, job: Job) -> bool:
        """Whether this request has begun a run already; Faults where its key came with another one."""
        key = self.idempotency_key
        known = job.reopened_for.get(key) if key is not None else None
        if known is not None and known != self.fingerprint:
            raise reused("request")
        return known is not None
