"""A model that answers 429: it is left alone for as long as it asks, and nobody else pays for it."""

from datetime import datetime

import pytest

from actors.director.throttle import Limit, Throttle
from domain.asset import Asset
from domain.job import Job
from domain.script import Kind
from tests.matrix.ai_crew import AICrew, assert_nothing_is_faked
from tests.matrix.conftest import Emulator

STORMY, CALM = "gemini-nano-banana-2.1", "gemini-3-pro-image"
THREE_SCENES = (
    "A lighthouse stands above the grey sea, on a rock where nothing grows and where nobody else has lived "
    "for years. Its keeper climbs the winding stairs and lights the lamp at dusk, as she has done every day. "
    "In the morning a ship comes home from the south, and the keeper waves to its crew from the gallery."
)


def at(call: dict[str, str]) -> datetime:
    return datetime.fromisoformat(call["at"])


@pytest.mark.slow
async def test_a_storm_on_one_model_starves_no_other_and_loses_nothing(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "429", "model": STORMY, "times": "always", "seconds": 3})
    async with film.directing():
        struck = film.submit(script=THREE_SCENES, options={"max_scenes": 3, "patience_s": 600})
        await film.until(
            lambda r: isinstance(r.event, Asset.AttemptFailed) and r.event.failure["model"] == STORMY
        )
        other = film.submit(models={"image": CALM})
        await film.until_ended(other)
        assert film.studio.job(other.id).status == "completed", "while the storm lasts"
        assert film.studio.job(struck.id).status == "running"
        emulator.turn()
        await film.until_ended(struck)

    assert film.studio.job(struck.id).status == "completed"
    made = [event.originator_id for event in film.events(Asset.Generated)]
    assert len(made) == len(set(made)), "nothing was made twice"
    refused = [e for e in film.events(Asset.AttemptFailed) if e.failure["code"] == "rate_limited"]
    assert refused
    for event in refused:
        assert event.failure["retry_after_s"] == 3
        assert 3 <= (event.retry_at - event.timestamp).total_seconds() < 4, "the wait, and no more"
    assert_nothing_is_faked(film)


@pytest.mark.slow
async def test_a_model_that_asks_for_a_wait_gets_no_call_before_it_is_over(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "429", "model": STORMY, "times": 1, "seconds": 1})
    # One place: the other scenes' orders wait behind the one that is refused.
    async with film.directing(throttle=Throttle(Limit(concurrency=1))):
        job = film.submit(script=THREE_SCENES, options={"max_scenes": 3, "patience_s": 600})
        await film.until_ended(job)

    assert film.studio.job(job.id).status == "completed"
    calls = [call for call in emulator.calls() if call["model"] == STORMY]
    assert [call["status"] for call in calls] == [429, 200, 200, 200]
    assert (at(calls[1]) - at(calls[0])).total_seconds() >= 1
    waits = [
        event.provenance.get("throttled_s", 0)
        for event in film.events(Asset.Generated)
        if film.kind_of(event) is Kind.IMAGE
    ]
    assert max(waits) >= 1, "the wait of those that were held up is on record"


@pytest.mark.slow
async def test_a_quota_of_today_is_not_waited_for_although_the_provider_says_seconds(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "429_per_day", "model": STORMY, "times": "always", "seconds": 0.01})
    job = await film.make()
    assert job.failure is not None
    assert (job.status, job.failure.code) == ("failed", "quota_exhausted_today")
    assert len([call for call in emulator.calls() if call["model"] == STORMY]) == 1
    assert isinstance([r.event for r in film.log.read(0, 1000)][-1], Job.Failed)
