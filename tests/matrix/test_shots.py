"""Calls that are accepted first and answered later, by the real stages over HTTP: what is asked, and paid."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.gemini.gateway import Gateway
from actors.work import accepted_call
from actors.work.asking import Asking
from actors.work.crew import stage_actors
from domain.asset import Asset
from domain.causes import CAUSES
from domain.default_models import DEFAULT_MODELS
from domain.failures import Code
from domain.job import Job
from domain.script import Stage
from tests.actors.conftest import Board, now
from tests.matrix.ai_crew import AICrew
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

SILENT: dict[str, Any] = {"aspect_ratio": "16:9", "motion": "generated", "include_audio": False}
FILMED = {"video": DEFAULT_MODELS["video"]}
NEVER = {"fault": "stays_in_progress", "stage": "video_generation"}


@pytest.fixture
def film(tmp_path: Path, emulator: Emulator, gateway: Gateway) -> Iterator[AICrew]:
    """Looks follow each other at once, and composing is the real stage's."""
    emulator.spoil()
    crew = AICrew(tmp_path, gateway)  # type: ignore[arg-type] - nobody here looks at answers
    crew.provider.asking = Asking(poll_s=0.05)
    composer = stage_actors(crew.provider, crew.studio, now)[Stage.MUSIC]
    crew.stages |= {Stage.MUSIC: composer}  # type: ignore[dict-item]
    yield crew
    crew.close()


def asked(emulator: Emulator, ending: str) -> int:
    return sum(call["path"].endswith(ending) for call in emulator.calls())


@pytest.mark.parametrize("on_lost_call", ["stop", "retry"])
async def test_a_call_that_expires_is_lost_at_its_reservation_and_repeated_unless_the_job_says_stop(
    film: AICrew, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, on_lost_call: str
) -> None:
    emulator.spoil(NEVER)
    monkeypatch.setattr(accepted_call, "KEPT", timedelta(seconds=0.3))
    async with film.directing():
        job = film.submit(models=FILMED, options={**SILENT, "on_lost_call": on_lost_call})
        await film.until(lambda recorded: isinstance(recorded.event, Asset.AttemptFailed))
        monkeypatch.setattr(accepted_call, "KEPT", timedelta(hours=24))
        await film.until_ended(job)

    job, shot = film.studio.job(job.id), film.asset(job, "shot:1")
    [lost] = film.events(Asset.AttemptFailed)
    assert (lost.failure["code"], lost.failure["may_have_been_billed"]) == (Code.CALL_LOST, True)
    assert lost.cost_usd == shot.recipe.reservation_usd
    assert shot.lost_calls == 1
    if on_lost_call == "stop":
        assert job.status == "failed"
        assert job.failure is not None
        assert job.failure.hint == CAUSES[Code.LOST_CALL_NOT_REPEATED].hint
        assert asked(emulator, "/interactions") == 1
    else:
        assert job.status == "completed"
        assert asked(emulator, "/interactions") == 2
        assert shot.spent_usd > lost.cost_usd


async def test_a_cancelled_film_has_the_provider_cancel_its_shot_once_and_says_what_it_may_cost(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil(NEVER)
    async with film.directing():
        job = film.submit(models=FILMED, options=SILENT)
        await film.until(lambda recorded: isinstance(recorded.event, Asset.CallAccepted))
        film.studio.change_job(job.id, lambda j: j.request_cancel(now=now()))
        await film.until_ended(job)

    assert film.studio.job(job.id).status == "cancelled"
    assert (asked(emulator, "/interactions"), asked(emulator, "/cancel")) == (1, 1)
    [failed] = film.events(Asset.AttemptFailed)
    assert "may have been billed" in failed.failure["message"]
    assert failed.cost_usd == film.asset(job, "shot:1").recipe.reservation_usd


async def test_when_all_that_ran_is_gone_a_shot_keeps_its_reservation_and_is_collected_by_the_next(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "poll_503", "stage": "video_generation", "polls": 12})
    job = await _left_when_accepted(film)
    shot = film.asset(job, "shot:1")
    assert shot.reserved_usd == shot.recipe.reservation_usd
    assert shot.spent_usd == 0
    emulator.turn()
    [receipt] = film.events(Asset.CallAccepted)
    assert (asked(emulator, "/interactions"), asked(emulator, "/cancel")) == (1, 0)

    async with film.directing(Board(job.id)):
        await film.until_ended(job)

    shot = film.asset(job, "shot:1")
    assert film.studio.job(job.id).status == "completed"
    assert asked(emulator, "/interactions") == 1
    [made] = [e for e in film.events(Asset.Generated) if e.originator_id == shot.id]
    assert made.provenance["call_id"] == receipt.call_id
    assert len(film.events(Asset.AttemptResumed)) == 1
    assert (shot.reserved_usd, shot.spent_usd, len(shot.attempts)) == (0, made.cost_usd, 1)


async def _left_when_accepted(film: AICrew) -> Job:
    async with film.directing() as director:
        job = film.submit(models=FILMED, options=SILENT)
        await film.until(lambda recorded: isinstance(recorded.event, Asset.CallAccepted))
        director.stop()
    return job


async def test_a_song_that_is_blocked_fails_the_film_once_at_its_price(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "blocked", "stage": "music", "times": "always"})
    job = await film.make(
        options={"aspect_ratio": "16:9", "narration": False, "music": True}, models={"music": "lyria-3.5"}
    )
    assert job.failure is not None
    assert (job.status, job.failure.code) == ("failed", Code.PROMPT_BLOCKED)
    assert job.failure.may_have_been_billed
    song = film.asset(job, "music")
    assert (len(song.attempts), song.spent_usd) == (1, 0.08)
    assert asked(emulator, "lyria-3.5:generateContent") == 1
