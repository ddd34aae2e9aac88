"""A Director as its process opens it knows what the SDK in use can ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from actors.director import opening
from actors.gemini.gateway import GatewaySettings, Sdk
from actors.work.crew_settings import CrewSettings
from actors.work.stage import Brief, Order
from domain.asset import AssetKey, Recipe
from domain.pricing import PriceBook
from domain.submission import Options
from tests.actors.conftest import Board


@pytest.mark.parametrize(("sdk", "calls"), [("google-genai", 1), ("google-generativeai", 3)])
def test_it_counts_the_calls_of_several_voices_as_the_sdk_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sdk: Sdk, calls: int
) -> None:
    def told(*_: object, calls_of: Callable[[Order], int], **__: object) -> Callable[[Order], int]:
        return calls_of

    async def none(*_: object) -> Any:
        """Nobody is asked."""

    monkeypatch.setattr(opening, "Director", told)
    settings = CrewSettings(
        store_url=f"sqlite:///{tmp_path}/events.sqlite3",
        blobs_url=f"file://{tmp_path}/blobs",
        gateway=GatewaySettings(SecretStr("key"), sdk=sdk),
        provider="gemini",
        prices=PriceBook({}, {}),
        active_jobs=Board,
    )
    calls_of: Any = opening.open_director(
        settings, perform=none, cancel=none, at_work=none, withdraw=lambda _: None, of_seat=lambda _: 1
    )
    lines = [{"speaker": voice, "voice": voice, "text": "Ahoy."} for voice in ("Puck", "Kore", "Puck")]
    brief = Brief(uuid4(), 1, "Ahoy.", "en", {}, Options(), "gemini")
    recipe = Recipe("gemini-tts", None, None, {"lines": lines})
    assert calls_of(Order(brief, AssetKey.parse("narration:1"), 1, 1, recipe, ())) == calls
