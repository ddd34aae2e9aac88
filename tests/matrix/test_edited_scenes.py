"""A film whose scenes are edited one by one, made by the real stages: no call that nobody needs."""

from collections import Counter
from typing import Any

import pytest

from domain.asset import AssetKey, Provision
from domain.film_graph import ANALYSIS
from domain.given_scenes import CastMember, Given, GivenScene
from domain.job import Job
from domain.revise import provide
from domain.scene_edits import SceneEdits, edit_scenes
from domain.script import ScriptAnalysis
from tests.actors.conftest import now
from tests.matrix.ai_crew import AICrew
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

SCENES = (
    GivenScene(text="Mara lights the lamp, as on every evening.", visual="Mara at the lamp, seen from below"),
    GivenScene(text="The wind rises and the boats turn home.", visual="Small boats under dark clouds"),
    GivenScene(text="Mara counts them from the window.", visual="Mara at a window, from outside"),
)
CAST = (CastMember(name="Mara", look="an old woman in a yellow oilskin"),)


async def edited(film: AICrew, emulator: Emulator, job: Job, **edits: Any) -> Counter[str]:
    """The models that were called for it, in the job's next run."""
    emulator.spoil()
    whole = film.studio.film(film.studio.job(job.id))
    product = whole.assets[ANALYSIS].product
    assert product is not None
    analysis = ScriptAnalysis.model_validate_json(film.blobs.get(product.digest))
    wanted = SceneEdits.model_validate(edits)
    after = edit_scenes(analysis, product.facts, wanted, lambda key: whole.digest(key) is not None)
    document = after.analysis.model_dump_json().encode()
    digest = film.blobs.put(document)
    given = Provision(digest, "application/json", len(document), after.facts, {"changes": []}, "local")
    provide(whole, ANALYSIS, given, now=now(), reason="edit")
    saved = film.studio.append(whole.job, whole.assets[ANALYSIS])
    assert saved.position is not None
    async with film.directing():
        await film.until_ended(job, saved.position)
    ended = film.studio.job(job.id)
    assert ended.status == "completed", ended.failure
    return Counter(call["model"] for call in emulator.calls())


async def test_each_edit_calls_for_what_depends_on_it_alone(film: AICrew, emulator: Emulator) -> None:
    async with film.directing():
        script = "\n\n".join(scene.text for scene in SCENES)
        options = {"max_scenes": 3, "music": False}
        job = film.submit(script=script, options=options, given=Given(SCENES, CAST))
        await film.until_ended(job)
    assert film.studio.job(job.id).status == "completed", film.studio.job(job.id).failure
    text, image, speech = (job.models[kind] for kind in ("text", "image", "speech"))
    assert Counter(call["model"] for call in emulator.calls()) == {text: 3, image: 3, speech: 3}

    assert await edited(film, emulator, job, scenes={"3": {"text": "She counts them. One is missing."}}) == {
        speech: 1
    }
    assert await edited(film, emulator, job, scenes={"2": {"voice": "Puck"}}) == {speech: 1}
    assert film.asset(job, "narration:2").recipe.parameters["voice"] == "Puck"
    assert await edited(film, emulator, job, order=[2, 1, 3]) == {}
    assert await edited(film, emulator, job, order=[3, 2]) == {}
    played = film.studio.film(film.studio.job(job.id))
    assert AssetKey.parse("clip:1") not in played.graph.nodes
    assert await edited(film, emulator, job, scenes={"3": {"visual": "An empty mooring"}}) == {image: 1}
    image_3 = film.asset(job, "image:3")
    prompt = film.blobs.get(image_3.recipe.prompt_digest or "").decode()
    assert "An empty mooring." in prompt
    assert await edited(film, emulator, job, order=[1, 2, 3]) == {}
