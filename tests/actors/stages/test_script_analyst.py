"""What the analyst stores: the author's own words, at the numbers that the model answered."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
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


def task_of(staging: Staging, stage: ScriptAnalyst, script: str = SCRIPT, **options: Any) -> Task:
    brief = staging.brief(script=script, options=options)
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
    references = [[beat["references"] for beat in scene["beats"]] for scene in stored.facts["scenes"]]
    assert references == [[[]], [["image:1"]]]


async def test_the_model_is_told_how_many_sentences_and_scenes_there_may_be(tmp_path: Path) -> None:
    _, gateway = await made(tmp_path)
    schema = gateway.configs[0]["generationConfig"]["responseJsonSchema"]
    assert schema["properties"]["scenes"]["maxItems"] == 3
    assert schema["$defs"]["AnnotatedBeat"]["properties"]["last"]["maximum"] == 3


LONG = " ".join(f"This is sentence number {n}, with just eleven words in it." for n in range(1, 9))
"""Eight sentences of four to five seconds each."""


async def pictures(folder: Path, *scenes: Any, seen: list[int], **options: Any) -> Made:
    answered = annotation(*scenes, title="Sentence", characters=2, seen=seen)
    stage, staging = analyst(Answering(body(answered.model_dump_json()))), Staging(folder)
    return await stage.make(task_of(staging, stage, LONG, **options))


def texts(made: Made) -> list[list[list[int]]]:
    """Of each scene, the sentences of each of its pictures."""
    assert isinstance(made.data, bytes)
    scenes = json.loads(made.data)["scenes"]
    assert all(" ".join(beat["text"] for beat in scene["beats"]) == scene["narration"] for scene in scenes)
    return [
        [[int(n) for n in re.findall(r"number (\d)", beat["text"])] for beat in scene["beats"]]
        for scene in scenes
    ]


async def test_a_scene_keeps_its_pictures_and_each_of_them_who_is_seen(tmp_path: Path) -> None:
    made = await pictures(tmp_path, [(1, 2), (3, 4)], [(5, 5), (6, 8)], seen=[2])
    assert texts(made)[0] == [[1, 2], [3, 4]]
    references = [[beat["references"] for beat in scene["beats"]] for scene in made.facts["scenes"]]
    assert references[0] == [[], ["image:1"]], "the second picture shows who was seen in the first"
    assert references[1][0] == ["image:1"]


async def test_a_picture_that_would_stand_too_long_is_divided(tmp_path: Path) -> None:
    made = await pictures(tmp_path, (1, 8), seen=[])
    [beats] = texts(made)
    assert list(chain(*beats)) == list(range(1, 9))
    assert len(beats) >= 4


async def test_there_are_no_more_pictures_than_may_be_paid_for(tmp_path: Path) -> None:
    scenes = [[(n, n + 1), (n + 2, n + 3)] for n in (1, 5)]
    one, other = texts(await pictures(tmp_path, *scenes, seen=[], max_images=3))
    assert {len(one), len(other)} == {1, 2}
    assert texts(await pictures(tmp_path, *scenes, seen=[], max_images=2)) == [
        [[1, 2, 3, 4]],
        [[5, 6, 7, 8]],
    ]


async def test_fewer_pictures_than_scenes_ask_for_fewer_scenes(tmp_path: Path) -> None:
    stage, staging = analyst(Answering(b"")), Staging(tmp_path)
    asked = task_of(staging, stage, LONG, max_images=2)
    assert (asked.parameters["max_scenes"], asked.parameters["max_images"]) == (2, 2)
    assert "Do not make more than 2 in all scenes" in str(asked.prompt)
    assert "Do not make more than 2 scenes" in str(asked.prompt)
    usual = task_of(staging, stage, LONG)
    assert (usual.parameters["max_scenes"], usual.parameters["max_images"]) == (8, 8)


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_output_tokens": 9000, "max_scenes": 12},
        {"max_output_tokens": 9000, "max_scenes": 3, "sentences": 3},
    ],
    ids=["before sentences were numbered", "before there were beats"],
)
async def test_what_another_version_asked_for_is_not_sent_and_says_what_to_do(
    tmp_path: Path, parameters: dict[str, Any]
) -> None:
    gateway = Answering(b"")
    stage, staging = analyst(gateway), Staging(tmp_path)
    task = task_of(staging, stage)
    recipe = replace(task.order.recipe, parameters=parameters)
    old = replace(task, order=replace(task.order, recipe=recipe))
    with pytest.raises(AttemptFailedError) as caught:
        await stage.make(old)
    assert caught.value.failure.code == "outdated_request"
    assert not caught.value.failure.retryable
    assert "Retry the job" in caught.value.failure.hint
    assert gateway.asked == []
