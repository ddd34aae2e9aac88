"""Whom a command asks to change something: a server, or the store itself where none runs.

Both take the bodies of the HTTP API and give its JSON. What is asked of the store is checked and recorded as
by a server; nothing is carried out here, so a person is told who must run for that.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol, cast
from uuid import UUID

from api.cases.accepted import Accepted
from api.cases.approve import Approve, ApproveRequest, approve
from api.cases.cancel import CancelRequest, cancel
from api.cases.delete import DeleteRequest, delete
from api.cases.edit_scenes import EditScenes, EditScenesRequest, edit
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.rename import Rename, RenameRequest, rename
from api.cases.retry import Retry, RetryRequest, retry
from api.cases.validation import validated
from api.cli.client import Client
from api.cli.crew import serving_name
from api.cli.errors import UnreachableError
from api.cli.hints import Hints
from api.cli.jobs import client_of
from api.cli.refusals import refusals
from api.cli.source import ServerSource, Source
from api.cli.store import StoreSource, catch_up, cli_errors, nothing_yet, settings_of
from api.composition import Provider, System, open_system, shipped_catalogue
from api.model_directory import ModelDirectory
from domain.asset import AssetKey

Json = dict[str, Any]


class Target(Protocol):
    """``body`` is that of the HTTP API; ``key`` makes the same request again known as such."""

    @property
    def source(self) -> Source:
        """Where the jobs are read that may be changed here."""
        ...

    def retry(self, job_id: UUID, body: Json, key: str) -> Json: ...

    def approve(self, job_id: UUID, body: Json, key: str) -> Json: ...

    def edit_scenes(self, job_id: UUID, body: Json, key: str) -> Json: ...

    def regenerate(self, job_id: UUID, asset: AssetKey, body: Json, key: str) -> Json: ...

    def fork(self, job_id: UUID, body: Json, key: str) -> Json: ...

    def cancel(self, job_id: UUID) -> Json: ...

    def rename(self, job_id: UUID, body: Json) -> Json: ...

    def delete(self, job_id: UUID) -> Json: ...

    def note(self, job: Json) -> str | None:
        """What a person should know of a change that was asked for here."""
        ...

    def is_worked_on(self, job: Json) -> bool:
        """Whether somebody is there who carries it out."""
        ...

    def hints(self, url: str | None, job: Json) -> Hints:
        """How the commands are written that ask the same; ``url`` is the server that was named."""
        ...


class ServerTarget:
    """Asks over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.source: Source = ServerSource(client)

    def retry(self, job_id: UUID, body: Json, key: str) -> Json:
        return self._post(f"/v1/jobs/{job_id}/retry", body, key)

    def approve(self, job_id: UUID, body: Json, key: str) -> Json:
        return self._post(f"/v1/jobs/{job_id}/approve", body, key)

    def edit_scenes(self, job_id: UUID, body: Json, key: str) -> Json:
        return self._post(f"/v1/jobs/{job_id}/scenes", body, key, "PATCH")

    def regenerate(self, job_id: UUID, asset: AssetKey, body: Json, key: str) -> Json:
        return self._post(f"/v1/assets/{asset.id_in(job_id)}/regenerate", body, key)

    def fork(self, job_id: UUID, body: Json, key: str) -> Json:
        return self._post(f"/v1/jobs/{job_id}/fork", body, key)

    def cancel(self, job_id: UUID) -> Json:
        job: Json = self._client.post(f"/v1/jobs/{job_id}/cancel")
        return job

    def rename(self, job_id: UUID, body: Json) -> Json:
        job: Json = self._client.post(f"/v1/jobs/{job_id}", body, method="PATCH")
        return job

    def delete(self, job_id: UUID) -> Json:
        job: Json = self._client.post(f"/v1/jobs/{job_id}", method="DELETE")
        return job

    def provide(self, asset_id: UUID, body: Json, key: str) -> Json:
        return self._post(f"/v1/assets/{asset_id}", body, key, "PUT")

    def note(self, job: Json) -> str | None:  # noqa: ARG002 - the server that was asked carries it out
        return None

    def is_worked_on(self, job: Json) -> bool:  # noqa: ARG002 - as above
        return True

    def hints(self, url: str | None, job: Json) -> Hints:  # noqa: ARG002 - as above
        return Hints.of_server(url)

    def _post(self, path: str, body: Json, key: str, method: str = "POST") -> Json:
        answer: Json
        if body.get("dry_run"):
            # Nothing is begun, so nothing is lost with an answer that is.
            answer = self._client.post(path, body, key, method)
        else:
            answer = self._client.post_once(path, body, key, method)
        return answer


class StoreTarget:
    """Asks the cases, on an open system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._traceparent = system.settings.traceparent
        self.source: Source = StoreSource(system)

    def retry(self, job_id: UUID, body: Json, key: str) -> Json:
        def ask(system: System) -> Preview | Accepted:
            asked = validated(body, Retry)
            return retry(system, RetryRequest(job_id, asked, key, self._traceparent))

        return self._ask(job_id, ask)

    def approve(self, job_id: UUID, body: Json, key: str) -> Json:
        def ask(system: System) -> Preview | Accepted:
            asked = validated(body, Approve)
            return approve(system, ApproveRequest(job_id, asked, key, self._traceparent))

        return self._ask(job_id, ask)

    def edit_scenes(self, job_id: UUID, body: Json, key: str) -> Json:
        def ask(system: System) -> Preview | Accepted:
            asked = validated(body, EditScenes)
            return edit(system, EditScenesRequest(job_id, asked, key, traceparent=self._traceparent))

        return self._ask(job_id, ask)

    def regenerate(self, job_id: UUID, asset: AssetKey, body: Json, key: str) -> Json:
        def ask(system: System) -> Preview | Accepted:
            asked = validated(body, Regenerate)
            return regenerate(system, RegenerateRequest(asset.id_in(job_id), asked, key, self._traceparent))

        return self._ask(job_id, ask)

    def fork(self, job_id: UUID, body: Json, key: str) -> Json:
        def ask(system: System) -> Preview | Accepted:
            asked = validated(body, Fork)
            return fork(system, ForkRequest(job_id, asked, key, traceparent=self._traceparent))

        return self._ask(job_id, ask)

    def cancel(self, job_id: UUID) -> Json:
        with refusals(self.source.where()):
            job: Json = json.loads(cancel(self._system, CancelRequest(job_id)).job)
        return job

    def rename(self, job_id: UUID, body: Json) -> Json:
        with refusals(self.source.where()):
            asked = RenameRequest(job_id, validated(body, Rename))
            job: Json = json.loads(rename(self._system, asked))
        return job

    def delete(self, job_id: UUID) -> Json:
        with refusals(self.source.where()):
            job: Json = json.loads(delete(self._system, DeleteRequest(job_id)).job)
        return job

    def note(self, job: Json) -> str | None:
        where = self._system.settings.where
        if self.is_worked_on(job):
            return f"Recorded in {where}; the server that works there carries it out."
        emulate = " --emulate" if job["provider"] == "emulator" else ""
        return (
            f"Recorded in {where}. Nobody works there now: `reelog serve{emulate}` or `reelog work` must run "
            "to carry it out."
        )

    def is_worked_on(self, job: Json) -> bool:
        return self._system.store.is_present(serving_name(job["provider"]))

    def hints(self, url: str | None, job: Json) -> Hints:  # noqa: ARG002 - none was named
        return Hints.of_store(self._system.settings, job["provider"])

    def _ask(self, job_id: UUID, ask: Callable[[System], Preview | Accepted]) -> Json:
        with refusals(self.source.where()):
            # Whoever carries it out must work for the job's own provider.
            provider = cast("Provider", self._system.studio.job(job_id).provider)
            if provider != self._system.provider:
                self._system = replace(self._system, provider=provider)
            result = ask(self._system)
        if isinstance(result, Preview):
            return result.to_json()
        job: Json = json.loads(result.job)
        return job


@contextlib.contextmanager
def target_of(url: str | None) -> Iterator[Target]:
    """The server that is named, else the one at the default address if it is there, else the store here."""
    settings = settings_of()
    client = client_of(url, settings)
    if url or settings.url_is_given or client.is_there():
        yield ServerTarget(client)
        return
    if nothing_yet(settings):
        raise UnreachableError(
            f"nothing answers at {client.url}, and there is no event store in {settings.where}",
            "Start a server with `reelog serve`, name one with --url or REELOG_URL, or another folder with "
            "REELOG_DATA_DIR.",
        )
    with cli_errors():
        # No provider is asked for anything: models are judged by the list that came with Reelog.
        system = open_system(settings, provider="gemini", models=ModelDirectory(shipped_catalogue))
    try:
        system.projector.start()
        catch_up(system)
        yield StoreTarget(system)
    finally:
        system.close()
