"""A worker's own process: when it ends itself."""

import os
import signal
from types import SimpleNamespace
from typing import Any

import pytest

from actors.work.libraries import CodeRemovedError
from actors.work.worker import Worker


async def test_a_worker_whose_code_was_removed_ends_so_that_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))

    async def perform(_: Any) -> str:
        raise CodeRemovedError("clip:1")

    worker: Any = object.__new__(Worker)
    worker._attempts = SimpleNamespace(perform=perform)
    with pytest.raises(CodeRemovedError):
        await worker.perform(None)
    assert sent == [(os.getpid(), signal.SIGKILL)]
