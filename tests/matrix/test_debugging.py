"""Of every attempt, what was sent and what came back can be had; and no key is in it, nor anywhere else."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
from actors.work.attempt import Attempts
from domain.asset import Asset
from domain.failures import Failure
from domain.script import PROVIDER_KINDS
from tests.matrix.ai_crew import KEY, AICrew, Recorder
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow


def document(film: AICrew, digest: str | None) -> Any:
    assert digest is not None
    return json.loads(film.blobs.get(digest))


def sent_text(request: dict[str, Any]) -> str:
    return "".join(part["text"] for turn in request["contents"] for part in turn["parts"] if "text" in part)


async def test_every_asset_names_its_prompt_the_exact_request_and_the_raw_answer(film: AICrew) -> None:
    job = await film.make()

    assert job.status == "completed"
    assets = film.studio.assets(job)
    asked = {(model, json.dumps(config, sort_keys=True)) for model, _, config in film.gateway.asked}
    for event in film.events(Asset.Generated):
        kind = film.kind_of(event)
        if kind not in PROVIDER_KINDS:
            continue
        asset = next(a for a in assets.values() if a.id == event.originator_id)
        request = document(film, event.provenance["request_digest"])
        raw = document(film, event.provenance["raw_digest"])
        prompt = film.blobs.get(asset.recipe.prompt_digest or "").decode()
        assert request["model"] == event.provenance["model"] == asset.recipe.model
        assert prompt in sent_text(request), "the prompt on record is the one that was sent"
        assert asset.recipe.prompt_version
        config = {key: value for key, value in request.items() if key not in ("model", "contents")}
        assert (request["model"], json.dumps(config, sort_keys=True)) in asked, "the exact settings"
        assert raw["responseId"] == event.provenance["response_id"]
        assert raw["usageMetadata"]["totalTokenCount"] == event.usage["total_tokens"]
        assert raw["candidates"][0]["finishReason"] == event.provenance["finish_reason"] == "STOP"
        assert event.provenance["call_s"] <= event.latency_s + 0.05
        assert len(film.blobs.get(event.provenance["raw_digest"])) < 100_000, "media stand as digests"


async def test_the_digest_in_a_raw_answer_is_that_of_the_picture_it_brought(film: AICrew) -> None:
    await film.make()
    image = next(e for e in film.events(Asset.Generated) if film.kind_of(e) == "image")
    raw = document(film, image.provenance["raw_digest"])
    [part] = raw["candidates"][0]["content"]["parts"]
    assert part["inlineData"]["data"]["digest"] == image.digest
    assert "thoughtSignature" not in part


async def test_a_failed_attempt_keeps_its_own_papers_beside_the_next_ones(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "truncated_json", "stage": "prompt_generation", "times": 1})
    job = await film.make()

    storyboard = film.asset(job, "storyboard")
    failure = storyboard.attempts[0].failure
    assert failure is not None
    assert storyboard.product is not None
    broken, whole = (
        document(film, failure.raw_digest),
        document(film, storyboard.product.provenance["raw_digest"]),
    )
    assert broken["responseId"] == failure.response_id != whole["responseId"]
    text = broken["candidates"][0]["content"]["parts"][0]["text"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert document(film, failure.details["request_digest"])["model"] == failure.model
    assert failure.prompt_digest == storyboard.recipe.prompt_digest


async def test_an_answer_that_breaks_the_reader_is_kept_and_its_cost_counts(
    film: AICrew, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("in the check")

    monkeypatch.setattr("actors.stages.storyboard_artist.check_shot_list", broken)
    job = await film.make()

    assert job.failure is not None
    assert (job.failure.code, job.failure.asset) == ("internal_error", "storyboard")
    assert "ZeroDivisionError: in the check" in job.failure.message
    assert any("test_debugging" in line for line in job.failure.details["traceback"])
    [event] = film.events(Asset.AttemptFailed)
    assert event.cost_usd > 0
    assert event.usage["total_tokens"] > 0
    assert document(film, job.failure.raw_digest)["responseId"] == job.failure.response_id


ECHOES = [
    {"fault": "403_suspended", "stage": "image_generation", "times": "always"},  # its message holds the key
    {"fault": "400_api_key_invalid", "stage": "script_analysis", "times": "always"},
    {"fault": "not_json", "stage": "narration", "times": 1},
    {"fault": "disconnect", "stage": "narration", "times": 1},
]


@pytest.mark.parametrize("fault", ECHOES, ids=lambda fault: str(fault["fault"]))
async def test_the_key_is_in_no_table_no_blob_and_no_failure(
    film: AICrew, emulator: Emulator, fault: dict[str, Any]
) -> None:
    emulator.spoil(fault)
    job = await film.make()

    failures = [Failure.from_dict(event.failure) for event in film.events(Asset.AttemptFailed)]
    assert failures
    assert not any(KEY in str(failure.to_dict()) for failure in failures)
    assert not any(KEY.encode() in data for data in film.blobs_stored().values())
    connection = sqlite3.connect(film.folder / "events.db")
    try:
        assert KEY not in "\n".join(connection.iterdump())
    finally:
        connection.close()
    for file in film.folder.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file.name
    assert job.ended


async def test_a_key_of_a_shape_that_nobody_knows_is_kept_out_as_well(
    tmp_path: Path, emulator: Emulator
) -> None:
    odd = "zz_not-a-google-key_0123456789"
    gateway = open_gateway(GatewaySettings(SecretStr(odd), emulator.url))
    film = AICrew(tmp_path, Recorder(gateway))
    emulator.spoil({"fault": "403_suspended", "times": "always"})
    try:
        job = await film.make()
        assert job.failure is not None
        assert job.failure.code == "account_suspended"
        assert odd not in str(job.failure.to_dict())
        assert not any(odd.encode() in data for data in film.blobs_stored().values())
    finally:
        film.close()
        await gateway.close()


async def test_the_canary_would_be_found(film: AICrew) -> None:
    job = film.submit(script=f"The sea. {KEY} is spoken.")
    desk = film.desk()
    desk.fold(film.log.read(0, 100))
    [order] = desk.step(job.id, {}).orders
    await Attempts(film.workshop()).perform(order)
    assert any(KEY.encode() in data for data in film.blobs_stored().values()), (
        "a script is kept as it was written"
    )
