"""What the analyst stores: the author's own words, at the numbers that the model answered."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.stages.script_analyst import ScriptAnalyst
from actors.work.provider_call import Provider
from actors.work.stage import Made, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Kind
from tests.actors.stages.checks.test_answers import annotation
from tests.actors.staging import Staging
from tests.actors.work.test_provider_call import Answering, body

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SCRIPT = "Mara lights teh lamp. “It burns,” she says… to nobody.\n\n[[slow]]\nDr. Ito does not answer."


def analyst(gateway: Answering) -> ScriptAnalyst:
    prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    return ScriptAnalyst(Provider(lambda: gateway, prices, lambda: NOW))


def task_of(staging: Staging, stage: ScriptAnalyst) -> Task:
    brief = staging.brief(script=SCRIPT)
    plan = stage.plan(brief, AssetKey(Kind.ANALYSIS), staging.inputs())
    return staging.task("analysis", plan, brief)


async def made(tmp_path: Path, **about: Any) -> tuple[Made, Answering]:
    answered = annotation((1, 2), (3, 3), title="Mara", characters=2, **about)
    gateway = Answering(body(answered.model_dump_json()))
    stage = analyst(gateway)
    return await stage.make(task_of(Staging(tmp_path), stage)), gateway


async def test_a_scene_s_words_are_the_author_s_slips_and_all(tmp_path: Path) -> None:
    stored, _ = await made(tmp_path)
    texts = ["Mara lights teh lamp. “It burns,” she says… to nobody.", "Dr. Ito does not answer."]
    assert isinstance(stored.data, bytes)
    assert [scene["narration"] for scene in json.loads(stored.data)["scenes"]] == texts
    assert [scene["text"] for scene in stored.facts["scenes"]] == texts


async def test_characters_are_stored_by_name_whatever_their_number(tmp_path: Path) -> None:
    stored, _ = await made(tmp_path, seen=[2, 1, 2])
    assert isinstance(stored.data, bytes)
    scenes = json.loads(stored.data)["scenes"]
    assert [scene["characters"] for scene in scenes] == [["name 1", "name 0"]] * 2
    assert [scene["references"] for scene in stored.facts["scenes"]] == [[], [1]]


async def test_the_model_is_told_how_many_sentences_and_scenes_there_may_be(tmp_path: Path) -> None:
    _, gateway = await made(tmp_path)
    schema = gateway.configs[0]["generationConfig"]["responseJsonSchema"]
    assert schema["properties"]["scenes"]["maxItems"] == 3
    assert schema["$defs"]["AnnotatedScene"]["properties"]["last"]["maximum"] == 3


async def test_what_another_version_asked_for_is_not_sent_and_says_what_to_do(tmp_path: Path) -> None:
    gateway = Answering(b"")
    stage, staging = analyst(gateway), Staging(tmp_path)
    task = task_of(staging, stage)
    recipe = replace(task.order.recipe, parameters={"max_output_tokens": 9000, "max_scenes": 12})
    old = replace(task, order=replace(task.order, recipe=recipe))
    with pytest.raises(AttemptFailedError) as caught:
        await stage.make(old)
    assert caught.value.failure.code == "outdated_request"
    assert not caught.value.failure.retryable
    assert "Retry the job" in caught.value.failure.hint
    assert gateway.asked == []
