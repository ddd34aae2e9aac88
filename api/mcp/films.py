"""What tools ask of Reelog: bodies and answers are those of the HTTP API, whoever answers.

A server answers for itself (``/mcp``), and so does the store where no server runs (``SystemFilms``); a server
elsewhere is asked over HTTP (``api/cli/mcp.py``).
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from anyio import to_thread

from api.cases.accepted import Accepted
from api.cases.approve import Approve, ApproveRequest, approve
from api.cases.assets import GetAssetRequest, get_asset
from api.cases.callers import refuse_anothers_asset, refuse_anothers_job
from api.cases.cancel import CancelRequest, cancel
from api.cases.content import ContentRequest, content_bytes
from api.cases.errors import SOON_S, Refusal
from api.cases.estimate import EstimateRequest, estimate
from api.cases.events import ListEventsRequest, list_events
from api.cases.explain import ExplainRequest, explain
from api.cases.jobs import GetJobRequest, ListJobsRequest, get_job, list_jobs
from api.cases.models import ListModelsRequest, list_models
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.rename import Rename, RenameRequest, rename
from api.cases.retry import Retry, RetryRequest, retry
from api.cases.submit import SubmitRequest, submit
from api.cases.validation import validated
from api.composition import System
from api.stream.tail import Tail
from domain.key import ADMINISTRATOR, Caller, Scope
from projections.job_filter import JobFilter

Json = dict[str, Any]


class ToolRefusedError(Exception):
    """What no case refuses: what a key is not for, and what a server elsewhere does not do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Wait(Protocol):
    """Runs what blocks in a thread."""

    def __call__(self, call: Any, /, *given: Any) -> Awaitable[Any]: ...


class Films(Protocol):
    """``key`` makes the same request again known as such; ``dry_run`` in a body asks for its price."""

    async def estimate(self, body: Json) -> Json: ...

    async def submit(self, body: Json, key: str) -> Json: ...

    async def regenerate(self, asset_id: UUID, body: Json, key: str | None) -> Json: ...

    async def approve(self, job_id: UUID, body: Json, key: str | None) -> Json: ...

    async def retry(self, job_id: UUID, body: Json, key: str | None) -> Json: ...

    async def cancel(self, job_id: UUID) -> Json: ...

    async def rename(self, job_id: UUID, title: str | None) -> Json: ...

    async def jobs(self, wanted: JobFilter, limit: int) -> list[Json]: ...

    async def job(self, job_id: UUID) -> Json: ...

    async def models(self) -> Json: ...

    async def explain(self, job_id: UUID, at: int | None) -> Json: ...

    async def asset(self, asset_id: UUID) -> Json:
        """An asset with all of its revisions."""
        ...

    async def content(self, asset_id: UUID, revision: int) -> bytes: ...

    def events(self, job_id: UUID, after: int) -> AsyncGenerator[Json]:
        """What happens to a job beyond a position, as it happens; without end but where it is set aside."""
        ...

    def note(self, job: Json) -> str | None:
        """What whoever began this should know; None where a server carries it out."""
        ...


class SystemFilms:
    """Asks the cases of an open system, for a caller, who finds its own jobs alone.

    ``traceparent`` is the span that what is begun is part of; ``begin`` waits for what begins a film.
    """

    def __init__(
        self,
        system: System,
        tail: Tail,
        caller: Caller = ADMINISTRATOR,
        wait: Wait = to_thread.run_sync,
        traceparent: str | None = None,
        begin: Callable[[Any, System, Any], Awaitable[Any]] | None = None,
    ) -> None:
        self._system = system
        self._tail = tail
        self._caller = caller
        self._wait = wait
        self._begin = begin or wait
        self._traceparent = traceparent

    async def estimate(self, body: Json) -> Json:
        asked = EstimateRequest(body, self._caller.name)
        return _json((await self._wait(estimate, self._system, asked)).to_json())

    async def submit(self, body: Json, key: str) -> Json:
        self._require_may_begin()
        asked = SubmitRequest(body, key, self._caller.name, traceparent=self._traceparent)
        return _json(await self._begin(submit, self._system, asked))

    async def regenerate(self, asset_id: UUID, body: Json, key: str | None) -> Json:
        await self._require_own_asset(asset_id, may=self._caller.scope.includes(Scope.SUBMIT))
        self._require_may_begin()
        asked = RegenerateRequest(asset_id, validated(body, Regenerate), key, self._traceparent)
        return _json(await self._wait(regenerate, self._system, asked))

    async def approve(self, job_id: UUID, body: Json, key: str | None) -> Json:
        await self._require_own(job_id)
        self._require_may_begin()
        asked = ApproveRequest(job_id, validated(body, Approve), key, self._traceparent)
        return _json(await self._wait(approve, self._system, asked))

    async def retry(self, job_id: UUID, body: Json, key: str | None) -> Json:
        await self._require_own(job_id)
        self._require_may_begin()
        asked = RetryRequest(job_id, validated(body, Retry), key, self._traceparent)
        return _json(await self._wait(retry, self._system, asked))

    async def cancel(self, job_id: UUID) -> Json:
        await self._require_own(job_id)
        self._require_scope()
        return _json((await self._wait(cancel, self._system, CancelRequest(job_id))).job)

    async def rename(self, job_id: UUID, title: str | None) -> Json:
        await self._require_own(job_id)
        self._require_scope()
        asked = RenameRequest(job_id, validated({"title": title}, Rename), self._caller.name)
        return _json(await self._wait(rename, self._system, asked))

    async def jobs(self, wanted: JobFilter, limit: int) -> list[Json]:
        asked = ListJobsRequest(wanted, limit=limit, caller=self._caller.name)
        return [_json(item) for item in (await self._wait(list_jobs, self._system, asked)).items]

    async def job(self, job_id: UUID) -> Json:
        await self._require_own(job_id)
        return _json((await self._wait(get_job, self._system, GetJobRequest(job_id))).body)

    async def models(self) -> Json:
        return _json(await self._wait(list_models, self._system, ListModelsRequest()))

    async def explain(self, job_id: UUID, at: int | None) -> Json:
        await self._require_own(job_id)
        return _json((await self._wait(explain, self._system, ExplainRequest(job_id, at))).to_json())

    async def asset(self, asset_id: UUID) -> Json:
        await self._require_own_asset(asset_id)
        asked = GetAssetRequest(asset_id, all_revisions=True)
        return _json(await self._wait(get_asset, self._system, asked))

    async def content(self, asset_id: UUID, revision: int) -> bytes:
        await self._require_own_asset(asset_id)
        found: bytes = await self._wait(content_bytes, self._system, ContentRequest(asset_id, revision))
        return found

    async def events(self, job_id: UUID, after: int) -> AsyncGenerator[Json]:
        await self._require_own(job_id)
        async for frames in self._tail.frames(after, [job_id]):
            if not frames:
                if str(job_id) in self._tail.aside:
                    return
                continue
            asked = ListEventsRequest([job_id], after, len(frames), self._caller.name)
            for event in map(_json, (await self._wait(list_events, self._system, asked)).items):
                after = event["position"]
                yield event

    def note(self, job: Json) -> str | None:  # noqa: ARG002 - who serves also works, or knows who does
        return None

    def _require_scope(self) -> None:
        if not self._caller.scope.includes(Scope.SUBMIT):
            raise ToolRefusedError(
                "not_allowed",
                f"The key {self._caller.name} has the scope {self._caller.scope}; this takes one with the "
                "scope submit.",
            )

    def _require_may_begin(self) -> None:
        self._require_scope()
        if self._tail.drained.is_set():
            raise Refusal("unavailable", "The server is ending; ask again in a moment.", retry_after_s=SOON_S)

    async def _require_own(self, job_id: UUID) -> None:
        await self._wait(refuse_anothers_job, self._system, self._caller.name, [job_id])

    async def _require_own_asset(self, asset_id: UUID, *, may: bool = True) -> None:
        asked = partial(refuse_anothers_asset, self._system, self._caller.name, asset_id, may=may)
        await self._wait(asked)


def _json(result: Any) -> Json:
    """An answer of a case as the HTTP API gives it."""
    if isinstance(result, Preview):
        return result.to_json()
    if isinstance(result, Accepted):
        result = result.job
    found: Json = json.loads(result) if isinstance(result, bytes) else result
    return found
