"""``reelog mcp``: a process that an agent starts, and what it asks a server elsewhere.

Seen to fail with something else on standard output, a server whose refusal ends the process, a wait that sees
nothing, and a store that is opened though a server is there.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from mcp import Client, StdioServerParameters

from api.cli.client import Client as HttpClient
from api.cli.mcp import ServerFilms
from api.composition import System, open_system
from api.mcp.server import build_server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.conftest import SHIPPED
from tests.api.planned import PlannedFilming
from tests.api.serving import serving

T = TypeVar("T")

SCRIPT = "A boat sets out at dawn."
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INSPECTOR = os.environ.get("REELOG_TEST_MCP_INSPECTOR")
"""The folder into which @modelcontextprotocol/inspector was installed."""


@dataclass
class Elsewhere:
    """A server that is asked over HTTP; ``filming`` does what its actors would."""

    url: str
    system: System
    filming: PlannedFilming

    def work(self, work: Callable[[Client], Awaitable[T]], url: str | None = None) -> T:
        async def main() -> T:
            server = HttpClient(url or self.url)
            served = build_server(lambda _, span: ServerFilms(server.within(span)), 2.0)
            async with Client(served) as client:
                return await work(client)

        return asyncio.run(main())

    def call(self, tool: str, **arguments: Any) -> Any:
        return self.work(lambda client: client.call_tool(tool, arguments))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=tmp_path_factory.mktemp("mcp"), PORT=0)
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as url:
        yield Elsewhere(url, system, PlannedFilming(system))


@pytest.mark.slow
def test_each_tool_asks_the_server_what_it_would_ask_the_store(elsewhere: Elsewhere) -> None:
    job_id = elsewhere.filming.submit()
    assert elsewhere.filming.finish(job_id) == "completed"
    assert elsewhere.system.readers.wait_for(elsewhere.system.log.head(), 10)
    job: dict[str, Any] = {"job_id": str(job_id)}

    for tool, arguments in {
        "estimate": {"script": SCRIPT},
        "status": job,
        "scenes": job,
        "wait": job,
        "explain": job,
        "models": {},
    }.items():
        told = elsewhere.call(tool, **arguments)
        assert not told.is_error, (tool, told.content)
    second = elsewhere.call("scenes", **job, scene=2)
    assert [content.type for content in second.content] == ["text", "image", "resource_link", "resource_link"]
    listed = elsewhere.call("status", status="completed", created_from="2026-01-01T00:00:00Z")
    assert listed.structured_content["jobs"][0]["id"] == str(job_id)


def test_what_costs_something_is_begun_at_the_server_with_its_quote(elsewhere: Elsewhere) -> None:
    quote = elsewhere.call("submit", script=SCRIPT).structured_content["quote"]
    begun = [elsewhere.call("submit", script=SCRIPT, quote=quote).structured_content for _ in range(2)]
    job_id = begun[0]["job"]["id"]

    assert begun[0]["job"]["cost"]["max_usd"] == 2
    assert begun[1]["job"]["id"] == job_id
    assert elsewhere.call("cancel", job_id=job_id).structured_content["cancel_requested"]
    assert elsewhere.filming.finish(UUID(job_id)) == "cancelled"
    assert elsewhere.system.readers.wait_for(elsewhere.system.log.head(), 10)
    told = elsewhere.call("retry", job_id=job_id).structured_content
    assert elsewhere.call("retry", job_id=job_id, quote=told["quote"]).structured_content["job"]["run"] == 2


def test_what_is_begun_at_the_server_is_part_of_the_agents_trace(elsewhere: Elsewhere) -> None:
    quote = elsewhere.call("submit", script=SCRIPT).structured_content["quote"]
    asked, meta = {"script": SCRIPT, "quote": quote}, {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    begun = elsewhere.work(lambda client: client.call_tool("submit", asked, meta=meta))  # type: ignore[arg-type]

    job = begun.structured_content["job"]
    assert job["trace"] == {"trace_id": TRACE, "parent_span_id": SPAN}
    assert (
        elsewhere.call("rename", job_id=job["id"], title="Holidays").structured_content["title"] == "Holidays"
    )


def test_a_wait_follows_a_job_at_the_server(elsewhere: Elsewhere) -> None:
    job_id = elsewhere.filming.submit()
    assert elsewhere.system.readers.wait_for(elsewhere.system.log.head(), 10)
    told: list[str] = []

    async def wait(client: Client) -> Any:
        async def note(_at: float, _of: float | None, message: str | None) -> None:
            told.append(message or "")
            if len(told) == 1:
                await asyncio.to_thread(elsewhere.filming.finish, job_id)

        asked = {"job_id": str(job_id), "timeout_s": 30}
        return await client.call_tool("wait", asked, progress_callback=note)

    assert elsewhere.work(wait).structured_content["job"]["status"] == "completed"
    assert any("Scene 1" in message for message in told)


def test_a_wait_ends_where_the_server_sets_the_job_aside(elsewhere: Elsewhere) -> None:
    job_id = elsewhere.filming.submit()
    assert elsewhere.system.readers.wait_for(elsewhere.system.log.head(), 10)
    studio = elsewhere.system.studio

    def set_aside() -> None:
        strange = StoredEvent(job_id, studio.job(job_id).version + 1, "job.from_the_future", b"{}")
        studio.recorder.insert_events([strange])

    async def wait(client: Client) -> Any:
        async def note(*_: Any) -> None:
            await asyncio.to_thread(set_aside)

        asked = {"job_id": str(job_id), "timeout_s": 30}
        return await client.call_tool("wait", asked, progress_callback=note)

    told = elsewhere.work(wait).structured_content
    assert (told["waiting"], told["job"]["set_aside"]["type"]) == (False, "job.from_the_future")


def test_what_the_server_refuses_is_said_to_the_agent(elsewhere: Elsewhere) -> None:
    told = elsewhere.call("status", job_id=str(uuid4()))

    assert told.is_error
    assert "no job" in told.content[0].text


def test_a_server_that_is_gone_is_said_to_the_agent(elsewhere: Elsewhere) -> None:
    told = elsewhere.work(lambda client: client.call_tool("models", {}), url="http://127.0.0.1:1")

    assert told.is_error
    assert "nothing answers at http://127.0.0.1:1" in told.content[0].text


# ---- as a process -------------------------------------------------------------------------------------


def started(folder: Path, *arguments: str, **environ: str) -> StdioServerParameters:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("REELOG_", "GEMINI_"))}
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "api", "mcp", *arguments],
        cwd=folder,
        env={**own, "PYTHONPATH": str(Path(__file__).parents[3]), **environ},
    )


def over_stdio(parameters: StdioServerParameters, work: Callable[[Client], Awaitable[T]], mode: Any) -> T:
    async def main() -> T:
        async with Client(parameters, mode=mode) as client:
            return await work(client)

    return asyncio.run(main())


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_agent_starts_it_and_asks_the_server_that_it_names(
    elsewhere: Elsewhere, tmp_path: Path, mode: str
) -> None:
    async def make(client: Client) -> Any:
        asked = {"script": SCRIPT}
        told = (await client.call_tool("submit", asked)).structured_content
        return (await client.call_tool("submit", {**asked, "quote": told["quote"]})).structured_content

    span = f"00-{TRACE}-{SPAN}-01"
    parameters = started(tmp_path, "--url", elsewhere.url, REELOG_MCP_MAX_USD="1.5", TRACEPARENT=span)

    begun = over_stdio(parameters, make, mode)

    assert begun["job"]["cost"]["max_usd"] == 1.5
    assert begun["job"]["trace"] == {"trace_id": TRACE, "parent_span_id": SPAN}
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_where_no_server_is_the_store_is_asked_and_the_agent_told_who_must_run(tmp_path: Path) -> None:
    async def make(client: Client) -> Any:
        asked = {"script": SCRIPT, "max_cost_usd": 2}
        told = (await client.call_tool("submit", asked)).structured_content
        begun = (await client.call_tool("submit", {**asked, "quote": told["quote"]})).structured_content
        waited = await client.call_tool("wait", {"job_id": begun["job"]["id"], "timeout_s": 0})
        return begun, waited.structured_content

    span = f"00-{TRACE}-{SPAN}-01"
    parameters = started(tmp_path, REELOG_PORT="1", GEMINI_API_KEY="none", TRACEPARENT=span)

    begun, waited = over_stdio(parameters, make, "auto")

    assert begun["job"]["status"] == "queued"
    assert begun["job"]["trace"] == {"trace_id": TRACE, "parent_span_id": SPAN}
    assert "`reelog serve`" in begun["note"]
    assert waited["waiting"]


@pytest.mark.slow
@pytest.mark.skipif(not INSPECTOR, reason="REELOG_TEST_MCP_INSPECTOR names no inspector")
@pytest.mark.parametrize("way", ["stdio", "http"])
def test_the_inspector_lists_the_tools_and_calls_one(elsewhere: Elsewhere, tmp_path: Path, way: str) -> None:
    command = [sys.executable, "-m", "api", "mcp", "--url", elsewhere.url]
    server = [f"{elsewhere.url}/mcp", "--transport", "http"] if way == "http" else command
    environ = started(tmp_path).env

    def inspect(*asked: str) -> Any:
        done = subprocess.run(
            [f"{INSPECTOR}/node_modules/.bin/mcp-inspector", "--cli", *server, *asked],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env=environ,
            check=True,
        )
        return json.loads(done.stdout)

    assert "submit" in [tool["name"] for tool in inspect("--method", "tools/list")["tools"]]
    answer = inspect("--method", "tools/call", "--tool-name", "status")
    assert json.loads(answer["content"][0]["text"])["jobs"] is not None
