"""A film on a topic by the real stages: each step asks for what it needs and for nothing else."""

from collections import Counter

import pytest

from actors.work.briefing import brief_of
from domain.asset import Asset, Provision
from domain.film_graph import ANALYSIS, SCRIPT
from domain.given_scenes import Given
from domain.job import Job
from domain.revise import provide
from domain.script import ScriptAnalysis
from domain.store import Recorded
from domain.topic import Topic, WrittenScript, script_facts
from tests.matrix.ai_crew import AICrew
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

TIDES = Topic(about="Why there are tides", audience="children", tone="warm")
OPTIONS = {"target_duration_s": 12, "max_scenes": 2, "max_images": 2, "review": ["script"]}
OWN = "Nobody lives by the sea and does not know it. Twice a day the water comes, and twice a day it goes."


def calls(emulator: Emulator, job: Job) -> Counter[str]:
    kinds = {model: kind for kind, model in job.models.items()}
    return Counter(kinds[call["model"]] for call in emulator.calls())


def waits(recorded: Recorded) -> bool:
    return isinstance(recorded.event, Job.ReviewRequested)


async def test_script_analysis_review_other_words_and_the_film(film: AICrew, emulator: Emulator) -> None:
    async with film.directing():
        job = film.submit(script="", given=Given(topic=TIDES), options=OPTIONS)
        seen = await film.until(waits)
        assert calls(emulator, job) == {"text": 2}  # script, analysis
        written = film.studio.film(film.studio.job(job.id))
        assert "tides" in written.script

        script = WrittenScript(paragraphs=[OWN])
        data = script.model_dump_json().encode()
        facts = dict(script_facts(script.text))
        digest = film.blobs.put(data)
        given = Provision(digest, "application/json", len(data), facts, {"changes": []}, "local")

        def change() -> list[Job | Asset]:
            fresh = film.studio.film(film.studio.job(job.id))
            asset = provide(fresh, SCRIPT, given, now=job.created_on)
            return [fresh.job, asset]

        film.studio.change_together(change)
        await film.until(waits, after=seen[-1].position)
        assert calls(emulator, job) == {"text": 3}  # the analysis again, and no script
        film.studio.change_job(job.id, lambda waiting: waiting.approve(now=job.created_on))
        await film.until_ended(job)
    ended = film.studio.job(job.id)
    assert ended.status == "completed", ended.failure
    whole = film.studio.film(ended)
    product = whole.assets[ANALYSIS].product
    assert product is not None
    analysis = ScriptAnalysis.model_validate_json(film.blobs.get(product.digest))
    assert " ".join(scene.narration for scene in analysis.scenes) == OWN
    assert brief_of(ended, whole.assets).script == OWN
    assert calls(emulator, job) == {
        "text": 5,  # and storyboard, audio plan
        "image": sum(len(scene.pictures) for scene in analysis.scenes),
        "speech": len(analysis.scenes),
    }
