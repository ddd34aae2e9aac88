"""Interactions, files and voices over the wire: the promises of ``gateway.py``, counted at a server."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini import genai_adapter
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import SDK_CAPABILITIES, Capability, Gateway, GatewaySettings, WireAnswer
from domain.failures import AttemptFailedError, Code, Failure
from tests.actors.gemini.conftest import KEY

pytestmark = pytest.mark.slow

BODY = {"model": "gemini-omni-1.2-flash", "input": "A tram.", "background": True, "unheard_of": {"a_b": 1}}
ID = "v1_abc-123"
Ask = Callable[[Gateway], Awaitable[WireAnswer]]
CALLS: dict[str, tuple[Ask, str, str]] = {
    "interact": (lambda g: g.interact(BODY, 20), "POST", "/v1beta/interactions"),
    "interaction": (
        lambda g: g.interaction(ID, 20),
        "GET",
        f"/v1beta/interactions/{ID}?stream=false",
    ),
    "cancel": (lambda g: g.cancel_interaction(ID, 20), "POST", f"/v1beta/interactions/{ID}/cancel"),
    "delete": (lambda g: g.delete_interaction(ID, 20), "DELETE", f"/v1beta/interactions/{ID}"),
    "file": (
        lambda g: g.file("https://elsewhere.example/v1beta/files/xyz:download?alt=media", 20),
        "GET",
        "/v1beta/files/xyz",
    ),
}


@pytest.fixture(scope="module")
def genai(runner: asyncio.Runner, shared_server: Any) -> Iterator[Gateway]:
    async def opened() -> Gateway:
        return open_gateway(GatewaySettings(SecretStr(KEY), shared_server.url))

    adapter = runner.run(opened())
    yield adapter
    runner.run(adapter.close())


async def sent(ask: Ask, gateway: Gateway) -> WireAnswer:
    return await ask(gateway)


def failed(runner: asyncio.Runner, ask: Ask, gateway: Gateway) -> Failure:
    with pytest.raises(AttemptFailedError) as raised:
        runner.run(sent(ask, gateway))
    return raised.value.failure


@pytest.mark.parametrize("name", CALLS)
def test_each_call_goes_to_its_path_with_the_key_in_a_header_and_its_body_verbatim(
    name: str, runner: asyncio.Runner, genai: Gateway, scripted: Any
) -> None:
    ask, method, path = CALLS[name]
    scripted.answer_json({"id": ID})
    answer = runner.run(sent(ask, genai))
    [asked] = scripted.asked
    assert (answer.status, json.loads(answer.body)) == (200, {"id": ID})
    assert (asked.method, asked.path) == (method, path)
    assert asked.headers["x-goog-api-key"] == KEY
    assert asked.headers["x-goog-api-client"].startswith("google-genai-sdk/")
    assert KEY not in asked.path
    assert asked.body == (BODY if name == "interact" else None)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 408, 409, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("name", CALLS)
def test_an_answer_of_any_status_is_returned_and_the_request_is_sent_once(
    name: str, status: int, runner: asyncio.Runner, genai: Gateway, scripted: Any
) -> None:
    body = json.dumps({"error": {"code": "too_many_requests", "message": f"retry in 0.01s, {KEY}"}}).encode()
    scripted.default = scripted.script(
        status, body, {"location": f"{scripted.url}/elsewhere", "retry-after": "0"}
    )
    answer = runner.run(sent(CALLS[name][0], genai))
    assert answer.status == status
    assert KEY.encode() not in answer.body
    assert len(scripted.asked) == 1


@pytest.mark.parametrize(
    ("how", "code"),
    [("hang_up", Code.CONNECTION_LOST), ("cut", Code.CONNECTION_LOST), ("hang", Code.TIMEOUT)],
)
def test_a_call_that_gets_no_answer_is_not_made_again_and_may_have_been_charged(
    how: str, code: Code, runner: asyncio.Runner, genai: Gateway, scripted: Any
) -> None:
    scripted.default = scripted.script(**{how: True})
    failure = failed(runner, lambda gateway: gateway.interact(BODY, 0.3), genai)
    assert (failure.code, failure.may_have_been_billed, failure.model) == (code, True, BODY["model"])
    assert len(scripted.asked) == 1


def test_an_answer_that_would_be_continued_is_not_continued(
    runner: asyncio.Runner, genai: Gateway, scripted: Any
) -> None:
    scripted.answer_json({"id": ID, "status": "requires_continuation", "continuation_token": "more"})
    runner.run(sent(CALLS["interact"][0], genai))
    assert len(scripted.asked) == 1


def test_where_nothing_listens_nothing_was_sent(runner: asyncio.Runner) -> None:
    async def asked() -> WireAnswer:
        gateway = open_gateway(GatewaySettings(SecretStr(KEY), "http://127.0.0.1:1"))
        try:
            return await gateway.interact(BODY, 5)
        finally:
            await gateway.close()

    with pytest.raises(AttemptFailedError) as raised:
        runner.run(asked())
    assert (raised.value.failure.code, raised.value.failure.may_have_been_billed) == (
        "connection_failed",
        False,
    )


@pytest.mark.parametrize("call_id", ["", "../models", "a/b", "a?b", "a b", ".", ".."])
def test_an_id_never_becomes_another_path(
    call_id: str, runner: asyncio.Runner, genai: Gateway, scripted: Any
) -> None:
    assert failed(runner, lambda gateway: gateway.interaction(call_id, 5), genai).code == "bad_request"
    assert scripted.asked == []


# Files -----------------------------------------------------------------------------------------------------


def test_a_file_is_written_as_it_came_from_the_settings_address_whatever_the_answer_said(
    runner: asyncio.Runner, genai: Gateway, scripted: Any, tmp_path: Path
) -> None:
    film = bytes(range(256)) * 20_000
    scripted.default = scripted.script(200, film, {"content-type": "video/mp4"})
    target = tmp_path / "film.mp4"
    answer = runner.run(
        sent(
            lambda g: g.download("https://evil.example/v1beta/files/xyz:download?alt=media", target, 20),
            genai,
        )
    )
    [asked] = scripted.asked
    assert (answer.status, answer.body) == (200, b"")
    assert target.read_bytes() == film
    assert asked.path == "/v1beta/files/xyz:download?alt=media"
    assert asked.headers["x-goog-api-key"] == KEY


def test_a_redirect_is_not_followed_with_the_key_or_without_it(
    runner: asyncio.Runner, genai: Gateway, scripted: Any, tmp_path: Path
) -> None:
    scripted.default = scripted.script(302, b"", {"location": f"{scripted.url}/signed"})
    answer = runner.run(sent(lambda g: g.download("files/xyz", tmp_path / "film.mp4", 20), genai))
    assert answer.status == 302
    assert len(scripted.asked) == 1
    assert not (tmp_path / "film.mp4").exists()


def test_a_file_that_breaks_off_is_told(
    runner: asyncio.Runner, genai: Gateway, scripted: Any, tmp_path: Path
) -> None:
    scripted.default = scripted.script(200, b"half a film", cut=True)
    failure = failed(runner, lambda g: g.download("files/xyz", tmp_path / "film.mp4", 20), genai)
    assert failure.code == "connection_lost"


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_not_read_to_its_end(
    announced: bool,
    runner: asyncio.Runner,
    genai: Gateway,
    scripted: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(genai_adapter, "MOST_FILE_BYTES", 1000)
    # What breaks off has announced a megabyte more than it holds.
    scripted.default = scripted.script(200, b"x" * (2000 if not announced else 10), cut=announced)
    failure = failed(runner, lambda g: g.download("files/xyz", tmp_path / "film.mp4", 20), genai)
    assert "larger than" in failure.message
    assert (failure.retryable, failure.may_have_been_billed) == (False, True)


# Voices, and the other SDK ----------------------------------------------------------------------------


def test_all_pages_of_the_voices_are_listed(runner: asyncio.Runner, genai: Gateway, scripted: Any) -> None:
    first = {"voices": [{"id": "Kore", "type": "prebuilt"}], "next_page_token": "t2"}
    scripted.answers = {
        "/v1beta/voices?page_size=1000&page_token=t2": scripted.script(
            200, json.dumps({"voices": [{"id": "voice_1"}]}).encode()
        ),
        "/v1beta/voices": scripted.script(200, json.dumps(first).encode()),
    }
    assert [voice["id"] for voice in runner.run(_voices(genai))] == ["Kore", "voice_1"]
    assert len(scripted.asked) == 2


async def _voices(gateway: Gateway) -> list[dict[str, Any]]:
    return await gateway.list_voices()


def test_google_generativeai_refuses_all_of_it_by_name_and_sends_nothing(
    runner: asyncio.Runner, scripted: Any, tmp_path: Path
) -> None:
    can = SDK_CAPABILITIES["google-generativeai"]
    assert not can & {Capability.INTERACTIONS, Capability.VOICE_LIBRARY}
    asks: list[Ask] = [ask for ask, _, _ in CALLS.values()]
    asks.append(lambda g: g.download("files/xyz", tmp_path / "film.mp4", 5))

    async def refused() -> list[Failure]:
        gateway = open_gateway(GatewaySettings(SecretStr(KEY), scripted.url, sdk="google-generativeai"))
        found = []
        for ask in asks:
            with pytest.raises(AttemptFailedError) as raised:
                await ask(gateway)
            found.append(raised.value.failure)
        with pytest.raises(AttemptFailedError) as raised:
            await gateway.list_voices()
        await gateway.close()
        return [*found, raised.value.failure]

    failures = runner.run(refused())
    assert {failure.code for failure in failures} == {"capability_missing"}
    assert {failure.may_have_been_billed for failure in failures} == {False}
    assert all("google-generativeai" in failure.message for failure in failures)
    assert "interactions" in failures[0].message
    assert scripted.asked == []
