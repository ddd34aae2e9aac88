"""What attempts record at one time is saved together; each of them as if it were alone."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import OperationalError

from actors.work.asset_changes import AssetChanges
from actors.work.threads import Threads
from domain import checkpoints
from domain.asset import Asset, AssetKey, Recipe
from tests.actors.conftest import Crew, now


@pytest.fixture
def transactions() -> Iterator[list[int]]:
    """Of each, how many appends it had."""
    found: list[int] = []
    end = checkpoints.watch(
        lambda point, about: found.append(int(about)) if point == "after:commit" else None
    )
    yield found
    end()


def requested(crew: Crew, *names: str) -> list[Asset]:
    job = crew.submit()
    assets = [Asset.request(job.id, AssetKey.parse(name), Recipe(), [], run=1, now=now()) for name in names]
    crew.studio.append(*assets)
    return assets


def start(worker: str = "w") -> Any:
    return lambda asset: asset.start_attempt(1, 1, worker, run=1, now=now())


async def test_what_comes_at_one_time_is_read_and_saved_once(
    crew: Crew, transactions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = requested(crew, "image:1", "image:2", "image:3")
    changes, looks = AssetChanges(crew.studio, Threads()), []
    select = type(crew.studio.recorder).select_streams  # type: ignore[attr-defined]

    def noted(recorder: Any, ids: Any) -> Any:
        looks.append(len(ids))
        return select(recorder, ids)

    monkeypatch.setattr(type(crew.studio.recorder), "select_streams", noted)
    transactions.clear()
    changed = await asyncio.gather(*(changes.change(asset.id, start()) for asset in assets))
    assert (transactions, looks) == ([3], [3])
    assert [asset.open_attempt is not None for asset, _ in changed] == [True] * 3
    assert len({saved.position for _, saved in changed}) == 3


async def test_changes_of_one_asset_are_made_one_after_the_other(crew: Crew) -> None:
    [asset] = requested(crew, "image:1")
    changes = AssetChanges(crew.studio, Threads())
    first, second = await asyncio.gather(*(changes.change(asset.id, start(name)) for name in ("w1", "w2")))
    assert first[1].position is not None
    assert second[1].position is None
    assert [event.worker for event in crew.events(Asset.AttemptStarted)] == ["w1"]


async def test_what_is_wrong_with_one_concerns_no_other(crew: Crew) -> None:
    one, other = requested(crew, "image:1", "image:2")
    unknown = AssetKey.parse("image:3").id_in(one.job_id)

    def refuse(_: Asset) -> None:
        raise ValueError("not this one")

    def keep_what_is_no_json(asset: Asset) -> None:
        asset.trigger_event(
            Asset.AttemptStarted, job_id=one.job_id, run=1, causation=None, revision=1, attempt=1,
            worker="w", reserved_usd=Ellipsis,
        )  # fmt: skip
        vars(asset.pending_events[0])["worker"] = object()

    changes = AssetChanges(crew.studio, Threads())
    found = await asyncio.gather(
        changes.change(one.id, refuse),
        changes.change(unknown, start()),
        changes.change(other.id, start()),
        return_exceptions=True,
    )
    assert isinstance(found[0], ValueError)
    assert isinstance(found[1], AggregateNotFoundError)
    assert isinstance(found[2], tuple)
    with pytest.raises(TypeError):
        await changes.change(one.id, keep_what_is_no_json)
    assert len(crew.events(Asset.AttemptStarted)) == 1


async def test_a_store_that_is_away_is_told_to_all_and_asked_again_by_the_next(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = requested(crew, "image:1", "image:2")
    changes = AssetChanges(crew.studio, Threads())

    def away(_: Any) -> Any:
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(crew.studio, "change_assets", away)
        found = await asyncio.gather(
            *(changes.change(asset.id, start()) for asset in (one, other)), return_exceptions=True
        )
        assert [type(error) for error in found] == [OperationalError] * 2
    assert (await changes.change(one.id, start()))[1].position is not None


async def test_who_no_longer_waits_keeps_nobody_from_an_answer(crew: Crew) -> None:
    one, other = requested(crew, "image:1", "image:2")
    changes = AssetChanges(crew.studio, Threads())
    gone = asyncio.ensure_future(changes.change(one.id, start()))
    stays = asyncio.ensure_future(changes.change(other.id, start()))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays)[1].position is not None
    assert len(crew.events(Asset.AttemptStarted)) == 2, "what was asked for is done all the same"
