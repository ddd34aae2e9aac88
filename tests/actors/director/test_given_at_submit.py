"""What an author gave is known to whichever Director makes the film, also one that comes later."""

from typing import Any

from domain.asset import Asset, AssetKey, Provision
from domain.given_scenes import Given, GivenScene
from domain.script import Kind
from tests.actors.conftest import Board, now


async def test_a_director_that_starts_after_the_submission_pays_for_no_storyboard_that_nobody_needs(
    crew: Any,
) -> None:
    digest = crew.blobs.put(b"a picture")
    given = Given(scenes=tuple(GivenScene(text=f"Scene {n}.", image=digest) for n in (1, 2)))
    job = crew.submit(given=given)
    mine = Provision(digest, "image/png", 9, {}, {"file": digest, "changes": []}, "local")
    pictures = [AssetKey(Kind.IMAGE, scene) for scene in (1, 2)]
    crew.studio.append(*(Asset.provide(job.id, key, mine, run=1, now=now()) for key in pictures))

    async with crew.directing(board=Board(job.id, position=crew.log.head())):
        await crew.until_ended(job)

    assert crew.studio.job(job.id).status == "completed"
    asked = {event.kind for event in crew.events(Asset.Requested)}
    assert {"storyboard", "image"}.isdisjoint(asked)
