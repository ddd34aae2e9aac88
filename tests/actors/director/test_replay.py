"""The past from its events: equal to what is stored, explained, decided alike; and one thing made again.

Seen to fail with a replayer that tells no divergence.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from actors.work.stage import Task
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.film import Film
from domain.history import explain, replay_decisions
from domain.job import Job
from domain.revise import NotRevisableError, regenerate
from domain.script import Kind
from tests.actors.conftest import Board, now

IMAGE_1 = AssetKey(Kind.IMAGE, 1)


async def eventful(crew: Any) -> Job:
    """A job with a passing failure and a retry on its record."""
    trouble = iter([Code.OVERLOADED, Code.SAFETY])

    async def before(task: Task) -> None:
        if task.key == IMAGE_1 and (code := next(trouble, None)) is not None:
            raise AttemptFailedError(Failure.of(code, "as told"))

    crew.stage.before = before
    async with crew.directing():
        job: Job = crew.submit()
        first = await crew.until_ended(job)
        crew.studio.change_job(job.id, lambda j: j.reopen("retry", now=now()))
        await crew.until_ended(job, after=first[-1].position)
    crew.stage.before = None
    return job


async def test_a_history_folded_from_events_equals_what_is_stored(crew: Any) -> None:
    job = await eventful(crew)

    history = Film(crew.events())

    assert history.job == crew.studio.job(job.id)
    assert history.assets == crew.studio.assets(history.job)


async def test_todays_workflow_would_decide_as_it_did(crew: Any) -> None:
    await eventful(crew)

    assert replay_decisions((r.position, r.event) for r in crew.log.read(0, 1000)) == []


async def test_a_decision_that_would_not_be_made_today_is_told_with_what_would(crew: Any) -> None:
    await eventful(crew)
    events = crew.events()
    storyboard = next(
        i for i, e in enumerate(events) if isinstance(e, Asset.Requested) and e.kind == "storyboard"
    )
    analysis = next(i for i, e in enumerate(events) if isinstance(e, Asset.Generated))
    # As if an older Reelog had asked for the storyboard before the analysis was made.
    hasty = [*events[:analysis], events[storyboard], *events[analysis:storyboard]]

    [divergence, *_] = replay_decisions(enumerate(hasty, 1))

    assert divergence.index == analysis
    assert divergence.recorded == "asset.requested storyboard 1"


async def test_every_moment_can_be_explained(crew: Any) -> None:
    await eventful(crew)
    history = Film()
    said = []
    for event in crew.events():
        history.evolve(event)
        said.append(explain(history))

    assert said[0][:2] == [
        "Start stage script_analysis: its first asset can be made.",
        "Request analysis: all of its inputs are made.",
    ]
    assert all(said)
    lines = [line for moment in said for line in moment]
    assert any("Not yet: video needs clip:1" in line for line in lines)
    assert any(line.startswith("Fail the job with safety") for line in lines)
    assert said[-1] == ["The job is completed; nothing more is decided until it is reopened."]


async def test_regenerating_a_picture_makes_it_and_what_depends_on_it_again_and_nothing_else(
    crew: Any,
) -> None:
    job = await eventful(crew)
    job = crew.studio.job(job.id)
    film = crew.studio.film(job)
    expected = [IMAGE_1, *film.dependents(IMAGE_1)]
    prompt = crew.blobs.put(b"a quieter picture")
    head = crew.log.head()
    before = film.assets[IMAGE_1].revision
    recipe = replace(film.assets[IMAGE_1].recipe, prompt_digest=prompt, prompt_version="edited")

    asset = regenerate(film, IMAGE_1, recipe, now=now())
    crew.studio.append(job, asset)
    crew.stage.calls.clear()
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job, after=head)

    assert sorted(crew.stage.calls) == sorted(key.name for key in expected)
    assert {key.name for key in expected} == {
        "image:1",
        "clip:1",
        "transition:1",
        "poster",
        "video",
        "manifest",
    }
    again = crew.asset(job, "image:1")
    assert (again.revision, again.recipe.prompt_digest) == (before + 1, prompt)
    assert again.products[before].digest != again.products[before + 1].digest
    assert crew.studio.job(job.id).status == "completed"


async def retried_after_an_edit_that_failed(crew: Any, *meanwhile: AssetKey) -> tuple[Job, str]:
    """A film whose picture a person asked for in other words, for which its provider had no time; then
    ``meanwhile`` other assets are made again, and what is left is retried. Gives the person's prompt too.
    """
    job = await eventful(crew)
    prompt = crew.blobs.put(b"a quieter picture")

    async def refuse(task: Task) -> None:
        if task.key == IMAGE_1:
            raise AttemptFailedError(Failure.of(Code.BILLING_REQUIRED, "no credit"))

    crew.stage.before = refuse
    for key in (IMAGE_1, *meanwhile):
        head, job = crew.log.head(), crew.studio.job(job.id)
        film = crew.studio.film(job)
        recipe = film.assets[key].recipe
        if key == IMAGE_1:
            recipe = replace(recipe, prompt_digest=prompt, prompt_version="edited")
        asset = regenerate(film, key, recipe, now=now())
        crew.studio.append(job, asset)
        async with crew.directing(Board(job.id)):
            await crew.until_ended(job, after=head)
        assert crew.studio.job(job.id).failure.code == "billing_required"
    crew.stage.before, head = None, crew.log.head()
    crew.studio.change_job(job.id, lambda j: j.reopen("retry", now=now()))
    async with crew.directing(Board(job.id)):
        await crew.until_ended(job, after=head)
    assert crew.studio.job(job.id).status == "completed"
    return job, prompt


async def test_a_retry_asks_in_the_words_of_a_person_that_were_never_carried_out(crew: Any) -> None:
    job, prompt = await retried_after_an_edit_that_failed(crew)

    recipe = crew.asset(job, "image:1").recipe
    assert (recipe.prompt_digest, recipe.prompt_version) == (prompt, "edited")
    assert recipe.reservation_usd == 0.01


async def test_but_not_where_it_is_made_from_something_else_by_now(crew: Any) -> None:
    job, _ = await retried_after_an_edit_that_failed(crew, AssetKey(Kind.STORYBOARD))

    recipe = crew.asset(job, "image:1").recipe
    assert crew.blobs.get(recipe.prompt_digest) == b"make image:1"


async def test_a_job_under_way_is_not_regenerated(crew: Any) -> None:
    async with crew.directing(places=lambda _: 0):
        job = crew.submit()
        await crew.until(lambda r: isinstance(r.event, Asset.Requested))
        await asyncio.to_thread(crew.studio.job, job.id)
        running = crew.studio.job(job.id)
        film = crew.studio.film(running)
        key = AssetKey(Kind.ANALYSIS)
        with pytest.raises(NotRevisableError, match="cancel it"):
            regenerate(film, key, film.assets[key].recipe, now=now())
