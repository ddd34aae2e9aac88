"""A whole crew in this process: real stores, the real Director, the real AI stages, the real gateway over
HTTP to the emulator. Only what would render is left out, and Ray.
"""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from actors.emulator import answers as emulator_answers
from actors.emulator.pictures.draw import draw
from actors.emulator.server import EmulatorThread
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import Gateway, GatewaySettings
from actors.stages import illustrator, narrator
from actors.work import provider_call
from tests.matrix.ai_crew import KEY, AICrew, Recorder

TIMEOUT_S = 0.4


class Emulator:
    """A running emulator, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url)

    def spoil(self, *faults: dict[str, Any]) -> None:
        """Forget what was asked; from now on these faults strike."""
        self._http.delete("/emulator/requests").raise_for_status()
        self.turn(*faults)

    def turn(self, *faults: dict[str, Any]) -> None:
        """From now on these faults strike, and no others."""
        self._http.put("/emulator/faults", json=list(faults)).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = self._http.get("/emulator/requests").json()["data"]
        return [call for call in asked if call["method"] == "POST"]

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Draws and speaks what it has drawn or spoken before from memory: the same film is asked for often."""
    with pytest.MonkeyPatch.context() as patched, EmulatorThread() as thread:
        patched.setattr(emulator_answers, "draw", functools.cache(draw))
        emulator = Emulator(thread.url)
        yield emulator
        emulator.close()


@pytest.fixture(scope="module")
async def gateway(emulator: Emulator) -> AsyncIterator[Gateway]:
    client = open_gateway(GatewaySettings(SecretStr(KEY), emulator.url))
    yield client
    await client.close()


@pytest.fixture
def film(
    tmp_path: Path, emulator: Emulator, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AICrew]:
    """A crew on a folder of its own; the emulator does what it is asked, and waits are short."""
    for module, name in (
        (provider_call, "TEXT_TIMEOUT_S"),
        (illustrator, "TIMEOUT_S"),
        (narrator, "TIMEOUT_S"),
    ):
        monkeypatch.setattr(module, name, 20)
    emulator.spoil()
    crew = AICrew(tmp_path, Recorder(gateway))
    yield crew
    crew.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, film: AICrew) -> Callable[[], None]:  # noqa: ARG001 - after its patches
    """Make every call give up after a moment."""

    def set_timeouts() -> None:
        monkeypatch.setattr(provider_call, "TEXT_TIMEOUT_S", TIMEOUT_S)
        monkeypatch.setattr(illustrator, "TIMEOUT_S", TIMEOUT_S)
        monkeypatch.setattr(narrator, "TIMEOUT_S", TIMEOUT_S)

    return set_timeouts
