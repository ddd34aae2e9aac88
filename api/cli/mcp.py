"""``mcp``: the tools of agents over standard input and output, for programs that start their own server.

Standard output is the protocol's; whatever else is said goes to stderr.
"""

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

import anyio
import click
from anyio import to_thread
from mcp.server.stdio import stdio_server

from api.cases.explain import ExplainRequest
from api.cli.client import Client
from api.cli.errors import CliError, UnreachableError
from api.cli.jobs import client_of, target_option
from api.cli.list_options import query_of
from api.cli.live import say
from api.cli.source import ServerSource
from api.cli.store import catch_up, cli_errors, settings_of
from api.cli.target import StoreTarget
from api.composition import System, open_system
from api.mcp.films import Json, SystemFilms, ToolRefusedError
from api.mcp.server import FilmsOf, build_server
from api.settings import Settings
from api.stream.tail import Tail
from projections.job_filter import JobFilter
from projections.projector import SIGNAL

T = TypeVar("T")

LOOK_S = 0.5
"""How often a server is asked what happened, while an agent waits."""
EVENTS = 100


class ServerFilms:
    """Asks a server over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def estimate(self, body: Json) -> Json:
        return await _asked(lambda: self._client.post("/v1/estimate", body))

    async def submit(self, body: Json, key: str) -> Json:
        return await self._change("/v1/jobs", body, key)

    async def regenerate(self, asset_id: UUID, body: Json, key: str | None) -> Json:
        return await self._change(f"/v1/assets/{asset_id}/regenerate", body, key)

    async def approve(self, job_id: UUID, body: Json, key: str | None) -> Json:
        return await self._change(f"/v1/jobs/{job_id}/approve", body, key)

    async def retry(self, job_id: UUID, body: Json, key: str | None) -> Json:
        return await self._change(f"/v1/jobs/{job_id}/retry", body, key)

    async def cancel(self, job_id: UUID) -> Json:
        return await _asked(lambda: self._client.post(f"/v1/jobs/{job_id}/cancel"))

    async def rename(self, job_id: UUID, title: str | None) -> Json:
        return await _asked(lambda: self._client.post(f"/v1/jobs/{job_id}", {"title": title}, method="PATCH"))

    async def jobs(self, wanted: JobFilter, limit: int) -> list[Json]:
        asked = {**query_of(wanted), "limit": limit}
        return await _asked(lambda: self._client.get("/v1/jobs", **asked)["data"])

    async def job(self, job_id: UUID) -> Json:
        return await _asked(lambda: self._client.get(f"/v1/jobs/{job_id}"))

    async def models(self) -> Json:
        return await _asked(lambda: self._client.get("/v1/models"))

    async def explain(self, job_id: UUID, at: int | None) -> Json:
        source = ServerSource(self._client)
        return (await _asked(lambda: source.explain(ExplainRequest(job_id, at)))).to_json()

    async def asset(self, asset_id: UUID) -> Json:
        return await _asked(lambda: self._client.get(f"/v1/assets/{asset_id}", revisions="all"))

    async def content(self, asset_id: UUID, revision: int) -> bytes:
        return await _asked(lambda: self._client.data(f"/v1/assets/{asset_id}/content?revision={revision}"))

    async def events(self, job_id: UUID, after: int) -> AsyncGenerator[Json]:
        # Asked again and again: a stream that nobody reads any more would stay open until something happens.
        while True:
            asked = {"after": after, "limit": EVENTS}
            path = f"/v1/jobs/{job_id}/events"
            told = (await _asked(lambda: self._client.get(path, **asked)))["data"]  # noqa: B023 - at once
            for event in told:
                after = event["position"]
                yield event
            if not told and (await self.job(job_id))["set_aside"]:
                return
            await anyio.sleep(LOOK_S)

    def note(self, job: Json) -> str | None:  # noqa: ARG002 - the server that was asked carries it out
        return None

    async def _change(self, path: str, body: Json, key: str | None) -> Json:
        if body.get("dry_run") or key is None:
            return await _asked(lambda: self._client.post(path, body, key))
        try:
            return await _asked(lambda: self._client.post_once(path, body, key))
        except UnreachableError as error:
            raise ToolRefusedError(
                "unavailable",
                f"{error.message}. It may have been done: call it again with the same quote, and it is done "
                "and paid for once.",
            ) from None


class StoreFilms(SystemFilms):
    """Asks the store itself; whoever works there carries it out."""

    def __init__(self, system: System, tail: Tail, traceparent: str | None) -> None:
        super().__init__(system, tail, traceparent=traceparent or system.settings.traceparent)
        self._target = StoreTarget(system)

    def note(self, job: Json) -> str | None:
        return self._target.note(job)


async def _asked(ask: Callable[[], T]) -> T:
    try:
        return await to_thread.run_sync(ask)
    except CliError as error:
        raise ToolRefusedError("refused", f"{error.message}. {error.hint}".strip()) from None


@click.command()
@target_option
def mcp(url: str | None) -> None:
    """Let an agent make films: an MCP server over standard input and output, to be started by the agent.

    Its tools ask the server at --url or REELOG_URL, else one at the default address if it is there, else the
    store here. A call may cost what it says itself, and no more than REELOG_MCP_MAX_USD.
    """
    settings = settings_of()
    client = client_of(url, settings)
    if url or settings.url_is_given or client.is_there():
        say(f"Reelog for agents: asks {client.url}")
        anyio.run(_serve, lambda _, span: ServerFilms(client.within(span)), settings.mcp_max_usd)
        return
    with _system(settings) as system:
        say(f"Reelog for agents: asks the store in {settings.where}, as nothing answers at {client.url}")
        anyio.run(_serve_store, system, settings.mcp_max_usd)


@contextlib.contextmanager
def _system(settings: Settings) -> Iterator[System]:
    """The store as a server with these settings would open it, without anybody who works."""
    with cli_errors():
        system = open_system(settings)
    try:
        system.projector.start()
        system.models.start()
        catch_up(system)
        yield system
    finally:
        system.close()


async def _serve_store(system: System, most_usd: float | None) -> None:
    async with Tail(system.readers, system.store.signal(SIGNAL), system.owners.of) as tail:
        await _serve(lambda _, span: StoreFilms(system, tail, span), most_usd)


async def _serve(films_of: FilmsOf, most_usd: float | None) -> None:
    server: Any = build_server(films_of, most_usd)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
