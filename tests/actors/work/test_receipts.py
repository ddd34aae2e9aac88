"""Accepted calls in a worker: nothing is asked for before the receipt is durable, and none is made twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError

from actors.work import workshop
from actors.work.asking import Asking
from actors.work.attempt import Attempts
from actors.work.provider_call import Provider
from actors.work.stage import Made, Order, Resume, StageActor, Task
from domain.asset import Asset
from domain.failures import Code, Failure
from domain.job import Job
from tests.accepted_calls import LaterPictures, LaterProvider
from tests.actors.conftest import Crew, now
from tests.actors.work.test_accepted_call import ID, PRICES, VIDEO, Api, done, request, standing
from tests.actors.work.test_attempt import first_order


@pytest.fixture
def provider(tmp_path: Path) -> LaterProvider:
    return LaterProvider(tmp_path / "provider")


def asking(crew: Crew, provider: LaterProvider, **changes: Any) -> LaterPictures:
    """Everything is made by calls that are accepted first; here an analysis may be a picture as well."""
    stage = LaterPictures(provider, crew.stage, **changes)
    crew.stages = dict.fromkeys(crew.stages, stage)
    return stage


async def die_after_acceptance(crew: Crew, order: Order) -> None:
    """A worker that is killed once the receipt is on record: it writes nothing more."""
    task = asyncio.ensure_future(Attempts(crew.workshop("worker:dead")).perform(order))
    await crew.until(lambda recorded: isinstance(recorded.event, Asset.CallAccepted))
    task.cancel()
    await asyncio.wait([task])


def go_on(order: Order, *, resumes: int = 0, cancel: bool = False) -> Order:
    return replace(order, resume=Resume(resumes, cancel=cancel))


async def test_a_call_is_asked_for_only_when_its_receipt_is_durable(
    crew: Crew, provider: LaterProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where ``accept`` returns before the append has."""
    asking(crew, provider)
    seen: list[int] = []
    poll = provider.poll

    def looking(call_id: str) -> bool:
        seen.append(len(crew.events(Asset.CallAccepted)))
        return poll(call_id)

    monkeypatch.setattr(provider, "poll", looking)
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"
    assert seen == [1, 1]
    [accepted] = crew.events(Asset.CallAccepted)
    assert (accepted.call_id, accepted.worker, accepted.attempt) == ("analysis-1", "worker:test", 1)
    assert accepted.expires_at - accepted.accepted_at == timedelta(days=1)
    assert provider.count("request") == 1


async def test_each_event_of_an_accepted_call_is_caused_by_the_one_before(
    crew: Crew, provider: LaterProvider
) -> None:
    asking(crew, provider)
    await Attempts(crew.workshop()).perform(first_order(crew))
    wanted = (Asset.AttemptStarted, Asset.CallAccepted, Asset.Generated)
    started, accepted, generated = [r for r in crew.log.read(0, 100) if isinstance(r.event, wanted)]
    assert accepted.event.causation == started.position
    assert generated.event.causation == accepted.position


async def test_a_receipt_waits_for_a_store_that_is_away_and_nothing_is_asked_meanwhile(
    crew: Crew, provider: LaterProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking(crew, provider)
    monkeypatch.setattr(workshop, "APPEND_RETRY_S", 0.01)
    accept, tries, polled = Asset.accept_call, iter(range(3)), []

    def refused(asset: Asset, *about: Any, **more: Any) -> bool:
        polled.append(provider.count("poll"))
        if next(tries, None) is not None:
            raise OperationalError("disk full")
        return accept(asset, *about, **more)

    monkeypatch.setattr(Asset, "accept_call", refused)
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"
    assert polled == [0, 0, 0, 0]
    assert len(crew.events(Asset.CallAccepted)) == 1


async def test_another_worker_goes_on_with_the_call_and_makes_no_new_request(
    crew: Crew, provider: LaterProvider
) -> None:
    asking(crew, LaterProvider(provider._asked.parent, polls=None))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    asking(crew, provider)

    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order)) == "generated"

    assert provider.count("request") == 1
    asset = crew.studio.find_asset(order.brief.job_id, order.key)
    assert asset is not None
    [attempt] = asset.attempts
    assert (attempt.status, attempt.worker, attempt.resumes) == ("succeeded", "worker:next", 1)
    assert (asset.requests, asset.spent_usd) == (1, 0.01)
    [generated] = crew.events(Asset.Generated)
    assert generated.latency_s >= (generated.timestamp - attempt.started_at).total_seconds() - 1


async def test_an_order_to_go_on_that_is_out_of_date_asks_nobody(crew: Crew, provider: LaterProvider) -> None:
    asking(crew, provider)
    order = first_order(crew)
    assert await Attempts(crew.workshop()).perform(go_on(order)) == "stale", "it was never begun"
    await die_after_acceptance(crew, order)
    assert await Attempts(crew.workshop("worker:a")).perform(go_on(order, resumes=1)) == "stale"
    assert await Attempts(crew.workshop("worker:a")).perform(go_on(order)) == "generated"
    before = provider.asked()
    assert await Attempts(crew.workshop("worker:b")).perform(go_on(order)) == "stale"
    assert provider.asked() == before


async def test_a_call_that_has_expired_is_asked_for_once_more_and_not_waited_for(
    crew: Crew, provider: LaterProvider
) -> None:
    never = LaterProvider(provider._asked.parent, polls=None)
    asking(crew, never, clock=lambda: now() - timedelta(days=2))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    stage = asking(crew, never)
    before = never.count("poll")

    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order)) == "failed"

    assert stage.last_askings == ["analysis-1"]
    assert never.count("poll") == before + 1
    [failed] = crew.events(Asset.AttemptFailed)
    assert (failed.failure["code"], failed.failure["may_have_been_billed"]) == (Code.CALL_LOST, True)
    assert failed.cost_usd == 0.01, "it is lost at what was reserved for it"
    assert failed.retry_at is not None


async def test_a_lost_answer_is_not_asked_for_anew_where_the_job_says_stop(
    crew: Crew, provider: LaterProvider
) -> None:
    never = LaterProvider(provider._asked.parent, polls=None)
    asking(crew, never, clock=lambda: now() - timedelta(days=2))
    order = first_order(crew, options={"on_lost_call": "stop"})
    await die_after_acceptance(crew, order)
    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order)) == "failed"
    [failed] = crew.events(Asset.AttemptFailed)
    assert failed.retry_at is None


async def test_a_call_that_expired_and_is_answered_all_the_same_counts(
    crew: Crew, provider: LaterProvider
) -> None:
    asking(crew, LaterProvider(provider._asked.parent, polls=None), clock=lambda: now() - timedelta(days=2))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    asking(crew, LaterProvider(provider._asked.parent, polls=1))
    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order)) == "generated"


async def test_a_cancelled_call_is_cancelled_at_the_provider_once_and_counts_as_reserved(
    crew: Crew, provider: LaterProvider
) -> None:
    """Fails where a second cancellation interrupts what is said to the provider."""
    asking(crew, LaterProvider(provider._asked.parent, polls=None))
    order = first_order(crew)
    attempts = Attempts(crew.workshop())
    running = asyncio.ensure_future(attempts.perform(order))
    await crew.until(lambda recorded: isinstance(recorded.event, Asset.CallAccepted))
    for _ in range(3):
        attempts.cancel(order.brief.job_id)
    assert await running == "cancelled"
    assert provider.asked()["cancel", "analysis-1"] == 1
    [failed] = crew.events(Asset.AttemptFailed)
    assert (failed.failure["code"], failed.failure["may_have_been_billed"]) == (Code.CANCELLED, True)
    assert "its call may have been billed" in failed.failure["message"]
    assert failed.cost_usd == 0.01


async def test_the_call_of_a_dead_worker_is_cancelled_by_another(crew: Crew, provider: LaterProvider) -> None:
    asking(crew, LaterProvider(provider._asked.parent, polls=None))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    assert provider.count("cancel") == 0, "a worker that ends lets its calls go on"

    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order, cancel=True)) == "cancelled"

    assert provider.count("cancel") == 1
    [failed] = crew.events(Asset.AttemptFailed)
    assert failed.cost_usd == 0.01
    assert provider.count("request") == 1


async def test_whoever_was_given_up_and_answers_does_not_end_the_attempt_of_the_next(
    crew: Crew, provider: LaterProvider
) -> None:
    """The worker before was cut off, not dead: both ask for the same call, and it is one bill."""
    asking(crew, LaterProvider(provider._asked.parent, polls=None))
    order = first_order(crew)
    before = Attempts(crew.workshop("worker:before"))
    cut_off = asyncio.ensure_future(before.perform(order))
    await crew.until(lambda recorded: isinstance(recorded.event, Asset.CallAccepted))
    after = Attempts(crew.workshop("worker:after"))
    running = asyncio.ensure_future(after.perform(go_on(order)))
    await crew.until(lambda recorded: isinstance(recorded.event, Asset.AttemptResumed))
    before.cancel(order.brief.job_id)
    await cut_off
    assert crew.events(Asset.AttemptFailed) == []
    after.cancel(order.brief.job_id)
    assert await running == "cancelled"
    [failed] = crew.events(Asset.AttemptFailed)
    assert failed.attempt == 1


async def test_a_receipt_that_nobody_needs_any_more_ends_the_attempt(
    crew: Crew, provider: LaterProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking(crew, provider)
    order = first_order(crew)
    request = provider.request

    def meanwhile(name: str) -> str:
        crew.studio.change_asset(order.asset_id, lambda a: a.lose_attempt(1, 1, run=1, now=now()))
        crew.studio.change_asset(
            order.asset_id, lambda a: a.request_again(2, order.recipe, (), run=1, now=now())
        )
        return request(name)

    monkeypatch.setattr(provider, "request", meanwhile)
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    assert provider.count("poll") == 0
    assert crew.events(Asset.CallAccepted, Asset.AttemptFailed) == []


# ---- with the poll loop that stages use ----------------------------------------------------------------


class Shots:
    """A stage that makes everything by one accepted call of this API."""

    def __init__(self, api: Api, like: StageActor) -> None:
        self.plan = like.plan
        self.provider = Provider(lambda: api, PRICES, now, Asking(poll_s=0.001))  # type: ignore[arg-type,return-value]

    async def make(self, task: Task) -> Made:
        return await self.provider.accepted(
            task, request(), most_s=60, check=lambda _: None, present=lambda path: (path, "video/mp4", {})
        )


async def test_a_shot_is_asked_for_once_whoever_polls(crew: Crew) -> None:
    api = Api(polls=[standing("in_progress")])
    crew.stages = dict.fromkeys(crew.stages, Shots(api, crew.stage))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    api.said["poll"] = [standing("in_progress"), done(VIDEO)]

    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order)) == "generated"

    assert (api.calls.count("create"), api.cancelled) == (1, [])
    [made] = crew.events(Asset.Generated)
    [accepted] = crew.events(Asset.CallAccepted)
    assert made.provenance["call_id"] == accepted.call_id == ID


async def test_a_shot_of_a_dead_worker_is_cancelled_and_not_asked_for(crew: Crew) -> None:
    api = Api(polls=[standing("in_progress")])
    crew.stages = dict.fromkeys(crew.stages, Shots(api, crew.stage))
    order = first_order(crew)
    await die_after_acceptance(crew, order)
    polls = api.calls.count("poll")

    assert await Attempts(crew.workshop("worker:next")).perform(go_on(order, cancel=True)) == "cancelled"

    assert (api.cancelled, api.calls.count("poll")) == ([ID], polls)
    [failed] = crew.events(Asset.AttemptFailed)
    assert failed.failure["may_have_been_billed"]


async def test_a_shot_that_is_accepted_after_the_end_of_its_run_is_cancelled_and_not_asked_for(
    crew: Crew,
) -> None:
    """Its worker was cut off while it asked, told as lost, and the job failed with that."""
    api = Api(polls=[standing("in_progress")])
    crew.stages = dict.fromkeys(crew.stages, Shots(api, crew.stage))
    order = first_order(crew, options={"on_lost_call": "stop"})
    lost = Failure.of(Code.LOST_CALL_NOT_REPEATED, "lost")
    job_id = order.brief.job_id

    def meanwhile(what: str) -> None:
        if what == "create":
            for end in (
                lambda a: a.lose_attempt(1, 1, run=1, now=now()),
                lambda a: a.fail(lost, run=1, now=now()),
            ):
                crew.studio.change_asset(order.asset_id, end)
            crew.studio.change_job(job_id, lambda job: job.fail(lost, now=now()))

    api.on_call = meanwhile
    assert await Attempts(crew.workshop()).perform(order) == "failed"
    assert api.calls == ["create", "cancel"]
    assert api.cancelled == [ID]
    assert isinstance(crew.events()[-1], Job.Failed)
