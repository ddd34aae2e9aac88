"""``/mcp`` over a real connection: the library's client, and what stands before it.

Seen to fail with a path that needs no key, a caller who is lost on the way, and a wait that outlives a key.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from api.cases.keys import AddKeyRequest, add_key, revoke_key
from api.cases.submit import submit
from api.composition import System, open_system
from api.http.threads import Threads
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.actors.files.material import sound, tone
from tests.api.conftest import SHIPPED, Site
from tests.api.opened_here import opened_here
from tests.api.serving import serving
from tests.projections.filming import Filming

T = TypeVar("T")

ADMIN = "the-administrators-key"
SCRIPT = "A boat sets out at dawn."
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
SENT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@dataclass
class Server:
    url: str
    system: System

    def key(self, name: str, **asked: Any) -> str:
        told = json.loads(add_key(self.system, AddKeyRequest({"name": name, "scope": "submit"} | asked)))
        return str(told["key"])

    def work(self, key: str, work: Callable[[Client], Awaitable[T]], mode: Any = "auto", **sent: str) -> T:
        async def main() -> T:
            headers = ({"Authorization": f"Bearer {key}"} if key else {}) | sent
            async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
                transport = streamable_http_client(f"{self.url}/mcp", http_client=http)
                async with Client(transport, mode=mode) as client:
                    return await work(client)

        return asyncio.run(main())

    def call(self, key: str, tool: str, **arguments: Any) -> Any:
        return self.work(key, lambda client: client.call_tool(tool, arguments))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mcp")
    settings = load_settings(
        {}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0, API_KEY=ADMIN, MCP_MAX_USD="2"
    )
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as url:
        yield Server(url, system)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_film_is_made_and_looked_at_by_its_key_and_by_no_other(server: Server, mode: str) -> None:
    alice, bob = server.key(f"alice-{mode}"), server.key(f"bob-{mode}")

    async def make(client: Client) -> Any:
        told = await client.call_tool("submit", {"script": SCRIPT})
        quote = told.structured_content["quote"]
        return (await client.call_tool("submit", {"script": SCRIPT, "quote": quote})).structured_content

    begun = server.work(alice, make, mode, traceparent=f"00-{TRACE}-{SPAN}-01")

    assert begun["begun"]
    assert begun["job"]["trace"] == {"trace_id": TRACE, "parent_span_id": SPAN}
    assert begun["job"]["caller"] == f"alice-{mode}"
    job_id = begun["job"]["id"]
    assert server.call(alice, "status", job_id=job_id).structured_content["id"] == job_id
    assert server.call(ADMIN, "status", job_id=job_id).structured_content["id"] == job_id
    assert server.call(bob, "status", job_id=job_id).structured_content["code"] == "job_not_found"
    assert server.call(bob, "status").structured_content == {"jobs": []}


def test_a_film_with_files_begins_where_files_are_opened(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.system, "opening", opened_here())
    admin = {"Authorization": f"Bearer {ADMIN}"}
    song = sound(tmp_path / "s.wav", tone(3)).read_bytes()
    digest = httpx.post(f"{server.url}/v1/files", content=song, headers=admin).json()["digest"]
    kept = httpx.put(f"{server.url}/v1/presets/ours", json={"files": {"music": digest}}, headers=admin)
    assert kept.status_code == 201
    opened, open_ = [], Threads.open

    async def noted(self: Threads, call: Any, *given: Any) -> Any:
        opened.append(call)
        return await open_(self, call, *given)

    monkeypatch.setattr(Threads, "open", noted)
    asked = {"script": SCRIPT, "preset": "ours"}
    quote = server.call(ADMIN, "submit", **asked).structured_content["quote"]

    assert server.call(ADMIN, "submit", **asked, quote=quote).structured_content["begun"]
    assert opened == [submit]


def test_a_wait_is_told_of_what_happens(server: Server) -> None:
    filming = Filming(server.system.store, server.system.blobs)
    job_id = filming.submit()
    assert server.system.readers.wait_for(server.system.log.head(), 10)

    async def wait(client: Client) -> tuple[Any, list[str]]:
        told: list[str] = []

        async def note(_at: float, _of: float | None, message: str | None) -> None:
            told.append(message or "")
            if len(told) == 1:
                await asyncio.to_thread(filming.finish, job_id)

        asked = {"job_id": str(job_id), "timeout_s": 30}
        return await client.call_tool("wait", asked, progress_callback=note), told

    result, told = server.work(ADMIN, wait)

    assert result.structured_content["job"]["status"] == "completed"
    assert any("Scene 1" in message for message in told)


def test_a_wait_ends_when_its_key_is_revoked(server: Server) -> None:
    key = server.key("mallory")
    job_id = Filming(server.system.store).submit(caller="mallory")
    assert server.system.readers.wait_for(server.system.log.head(), 10)

    async def wait(client: Client) -> Any:
        async def revoke(_at: float, _of: float | None, _message: str | None) -> None:
            await asyncio.to_thread(revoke_key, server.system, "mallory")

        asked = {"job_id": str(job_id), "timeout_s": 60}
        return await client.call_tool("wait", asked, progress_callback=revoke)

    assert server.work(key, wait).structured_content["code"] == "not_authenticated"


def test_a_wait_is_answered_when_the_server_ends(tmp_path: Path) -> None:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=tmp_path, PORT=0)
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    waits, told = threading.Event(), Future[Any]()

    async def wait(client: Client) -> Any:
        async def note(_at: float, _of: float | None, _message: str | None) -> None:
            waits.set()

        await client.list_tools()  # the client asks for it with its first answer, when nobody is there to ask
        asked = {"job_id": str(job_id), "timeout_s": 60}
        return await client.call_tool("wait", asked, progress_callback=note)

    with serving(system) as url:
        job_id = Filming(system.store).submit()
        assert system.readers.wait_for(system.log.head(), 10)
        agent = threading.Thread(target=lambda: told.set_result(Server(url, system).work("", wait)))
        agent.start()
        assert waits.wait(10)
    agent.join(10)

    assert told.result(0).structured_content["waiting"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "not_authenticated"),
        ({"Authorization": "Bearer wrong"}, 401, "not_authenticated"),
        ({"Authorization": f"Bearer {ADMIN}", "Origin": "https://elsewhere.example"}, 403, "cross_origin"),
    ],
)
def test_what_stands_before_all_else_stands_before_mcp(
    server: Server, headers: dict[str, str], status: int, code: str
) -> None:
    answer = httpx.post(f"{server.url}/mcp", json=PING, headers=SENT | headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_name_that_is_not_the_servers_is_refused(site: Site) -> None:
    answer = site.client.post("/mcp", json=PING, headers=SENT | {"Host": "rebound.example"})

    assert answer.json()["code"] == "host_not_allowed"


def test_a_rate_holds_for_tools_as_for_all_else(server: Server) -> None:
    key = {"Authorization": f"Bearer {server.key('hasty', rate=1)}"}

    answers = [httpx.post(f"{server.url}/mcp", json=PING, headers=SENT | key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["code"] == "rate_limited"


def test_a_body_has_the_size_of_others(server: Server) -> None:
    key = {"Authorization": f"Bearer {ADMIN}"}

    answer = httpx.post(f"{server.url}/mcp", content=b" " * (1024 * 1024 + 1), headers=SENT | key)

    assert answer.json()["code"] == "content_too_large"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_are_no_sessions_and_so_only_one_method(server: Server, method: str) -> None:
    answer = httpx.request(method, f"{server.url}/mcp", headers={"Authorization": f"Bearer {ADMIN}"})

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
