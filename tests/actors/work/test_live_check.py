"""The smallest call of each kind: what a library under it dies of is told like any other failure."""

import asyncio
from datetime import date
from typing import Any

from actors.work.live_check import Outcome, Reference, ask_provider
from domain.failures import Code


class Dying:
    capabilities = frozenset[str]()

    async def list_models(self) -> list[dict[str, Any]]:
        raise KeyError("models")


def test_what_the_list_dies_of_is_a_finding() -> None:
    async def outcomes() -> list[Outcome]:
        gateway: Any = Dying()
        return [each async for each in ask_provider(gateway, [], Reference([], {}, {}), date(2026, 11, 30))]

    [outcome] = asyncio.run(outcomes())
    assert outcome.name == "list"
    assert outcome.failure is not None
    assert outcome.failure.code == Code.INTERNAL_ERROR
