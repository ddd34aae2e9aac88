"""Who is alive is looked at for all workers at once, and no lock of a live one is tried for."""

from collections.abc import Collection
from typing import Any

import pytest

from actors.work.attempt import Attempts

WORKERS = ("worker:1", "worker:2", "worker:3")


async def test_a_look_at_all_live_workers_asks_the_store_once(
    crew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails with a lock that is tried for each worker: on PostgreSQL each such look was a session."""
    desk = crew.desk()
    jobs = [crew.submit() for _ in WORKERS]
    desk.fold(crew.log.read(0, 100))
    held = [crew.store.presence(name) for name in WORKERS]
    assert all(presence.acquire(0) for presence in held)
    for job, name in zip(jobs, WORKERS, strict=True):
        [order] = desk.step(job.id, {}).orders
        assert await Attempts(crew.workshop(name))._start(order) is not None
        desk.refresh(job.id, order.key)
    looks: list[set[str]] = []
    present = crew.store.present

    def noted(names: Collection[str]) -> Any:
        looks.append(set(names))
        return present(names)

    class Untouchable:
        def acquire(self, timeout_s: float = 0) -> bool:
            raise AssertionError(timeout_s)

    monkeypatch.setattr(crew.store, "present", noted)
    monkeypatch.setattr(desk.losses, "presence", lambda _name: Untouchable())
    for _ in range(3):
        assert desk.lose_dead() == set()
    assert looks == [set(WORKERS)] * 3
    for presence in held:
        presence.release()
