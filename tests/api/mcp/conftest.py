"""An agent in this process, with the library's own client; no transport in between."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from mcp import Client, MCPError

from api.composition import System, open_system
from api.mcp.films import SystemFilms
from api.mcp.server import build_server
from api.model_directory import ModelDirectory
from api.settings import Settings
from api.stream.tail import Tail
from domain.key import ADMINISTRATOR, Caller
from projections.projector import SIGNAL
from tests.api.conftest import SHIPPED
from tests.api.planned import PlannedFilming

T = TypeVar("T")


@dataclass
class Agent:
    system: System
    filming: PlannedFilming
    most_usd: float | None = None
    caller: Caller = ADMINISTRATOR

    def work(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """What comes of working with a client that is connected."""

        async def main() -> T:
            signal = self.system.store.signal(SIGNAL)
            async with Tail(self.system.readers, signal, self.system.owners.of) as tail:

                def films_of(_: Any, span: str | None) -> SystemFilms:
                    return SystemFilms(self.system, tail, self.caller, traceparent=span)

                async with Client(build_server(films_of, self.most_usd)) as client:
                    return await work(client)

        return asyncio.run(main())

    def call(self, tool: str, **arguments: Any) -> Any:
        """What one call of a tool gives, as data."""
        result = self.work(lambda client: client.call_tool(tool, arguments))
        assert not result.is_error, result.content
        return result.structured_content

    def refused(self, tool: str, **arguments: Any) -> Any:
        """Why one call of a tool is refused."""
        result = self.work(lambda client: client.call_tool(tool, arguments))
        assert result.is_error, result.content
        return result.structured_content

    def error(self, work: Callable[[Client], Awaitable[Any]]) -> str:
        """The protocol's error that a request is answered with."""

        async def failing(client: Client) -> str:
            with pytest.raises(MCPError) as raised:
                await work(client)
            return raised.value.message

        return self.work(failing)

    def settle(self) -> None:
        assert self.system.readers.wait_for(self.system.log.head(), 10)

    def set_aside(self, job_id: UUID) -> None:
        """Put an event into a job that nobody here can read."""
        job = self.system.studio.job(job_id)
        strange = StoredEvent(job.id, job.version + 1, "job.from_the_future", b"{}")
        self.system.studio.recorder.insert_events([strange])
        self.settle()

    def head(self) -> int:
        return self.system.log.head()


@pytest.fixture
def agent(settings: Settings) -> Iterator[Agent]:
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    system.projector.start()
    yield Agent(system, PlannedFilming(system))
    system.close()
