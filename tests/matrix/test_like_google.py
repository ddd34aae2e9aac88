"""What real models do that no error tells: the film is finished rightly, or ends with a clear failure.

Each fault of an emulator that is like Google strikes alone, wherever it can. Whatever the product makes of
it, this must hold: what is stored is what was answered, the script is whole, every call stands on record and
is paid once, and no more is spent than the job allows.
"""

from typing import Any

import pytest

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import PROVIDER_KINDS, Kind, ScriptAnalysis, Storyboard
from tests.matrix.ai_crew import AICrew, assert_nothing_is_faked
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

SCRIPT = (
    "Mara was the keeper of the lighthouse. Every evening Mara lit the lamp. "
    "The sea was grey and the wind was cold. One night a ship came out of the fog."
)
BUDGET_USD = 5.0
OPTIONS = {"max_scenes": 2, "music": True, "patience_s": 60}
DOCUMENTS = ("script_analysis", "prompt_generation", "audio_planning")


def in_each_document(fault: str, **more: Any) -> list[dict[str, Any]]:
    return [{"fault": fault, "stage": stage, **more} for stage in DOCUMENTS]


FAULTS: dict[str, list[dict[str, Any]]] = {
    "thoughts that leave no room": in_each_document("max_tokens_on_thoughts"),
    "an answer cut off": in_each_document("finish", reason="MAX_TOKENS"),
    "missing optional fields": in_each_document("missing_optional", times="always"),
    "dropped names": in_each_document("dropped_name", times="always"),
    "misspelt names": in_each_document("misspelt_name"),
    "one too few": in_each_document("one_too_few"),
    "one too many": in_each_document("one_too_many"),
    "chords in other spellings": in_each_document("other_chords", times="always"),
    "a recitation": in_each_document("finish", reason="RECITATION"),
    "speech that writes": [{"fault": "400_tts_wrote", "kind": "speech"}],
    "speech that ends for nothing": [{"fault": "finish", "reason": "OTHER", "kind": "speech"}],
    "a swallowed sentence": [{"fault": "swallowed_sentence", "kind": "speech"}],
    "lettering": [{"fault": "lettering", "kind": "image", "times": "always"}],
    "borders": [{"fault": "border", "kind": "image", "times": "always"}],
    "a copied reference": [{"fault": "copied_reference", "kind": "image", "times": "always"}],
    "a spell of 503": [{"fault": "503_spell", "seconds": 0.5}],
    "a limit a minute": [{"fault": "429_per_minute", "limit": 1, "seconds": 0.3}],
}
MUST_FINISH = {
    "missing optional fields",
    "dropped names",
    "speech that writes",
    "speech that ends for nothing",
    "lettering",
    "borders",
    "a copied reference",
    "a spell of 503",
    "a limit a minute",
}
"""What is no failure, or passes by itself."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_ends_in_a_right_film_or_a_clear_failure(
    film: AICrew, emulator: Emulator, fault: str
) -> None:
    emulator.spoil(*FAULTS[fault])

    job = await film.make(script=SCRIPT, options=OPTIONS, max_cost_usd=BUDGET_USD)

    assert emulator.calls()
    if job.status == "completed":
        the_film_is_right(film, job)
    else:
        assert fault not in MUST_FINISH, job.failure
        the_failure_is_clear(job)
    every_call_is_on_record_and_paid_once(film, emulator, job)
    assert_nothing_is_faked(film)


def the_film_is_right(film: AICrew, job: Job) -> None:
    """Nothing of the script is lost; each picture has its frame, and each scene its pictures and voice."""
    products = {name: film.asset(job, name).product for name in ("analysis", "storyboard")}
    stored = {name: film.blobs.get(product.digest) for name, product in products.items() if product}
    analysis = ScriptAnalysis.model_validate_json(stored["analysis"])
    assert " ".join(" ".join(scene.narration for scene in analysis.scenes).split()) == SCRIPT
    frames = Storyboard.model_validate_json(stored["storyboard"]).frames
    beats = [(n, beat) for n, s in enumerate(analysis.scenes, 1) for beat, _ in enumerate(s.pictures, 1)]
    assert [(frame.scene, frame.beat) for frame in frames] == beats
    for number, beat in beats:
        assert film.asset(job, AssetKey(Kind.IMAGE, number, beat).name).product
        assert film.asset(job, f"narration:{number}").product


def the_failure_is_clear(job: Job) -> None:
    failure = job.failure
    assert job.status == "failed"
    assert failure is not None
    assert failure.message
    assert failure.hint
    assert failure.retryable, failure


def every_call_is_on_record_and_paid_once(film: AICrew, emulator: Emulator, job: Job) -> None:
    assets = [each for each in film.studio.assets(job).values() if each.key.kind in PROVIDER_KINDS]
    paid = {asset.id for asset in assets}
    started = [event for event in film.events(Asset.AttemptStarted) if event.originator_id in paid]
    assert len(started) == len(emulator.calls())
    generated = [event.originator_id for event in film.events(Asset.Generated) if event.originator_id in paid]
    assert len(generated) == len(set(generated)), "no asset was made twice"
    spent = sum(asset.spent_usd for asset in assets)
    assert 0 < spent <= BUDGET_USD


MARA_TWICE = (
    "Mara was the keeper of the lighthouse. Every evening Mara lit the lamp.\n\n"
    "One night a ship came out of the fog. Mara waved to it from the gallery."
)
THREE_SENTENCES = (
    "The sea is old and grey today. Its keeper lights the lamp at dusk. Nobody has come for many years."
)


async def test_a_swallowed_sentence_is_spoken_again(film: AICrew, emulator: Emulator) -> None:
    emulator.spoil({"fault": "swallowed_sentence", "kind": "speech", "times": 1})

    job = await film.make(script=THREE_SENTENCES, options={"max_scenes": 1}, max_cost_usd=BUDGET_USD)

    assert job.status == "completed"
    [refused] = film.events(Asset.AttemptFailed)
    assert refused.failure["code"] == "swallowed_sentence"
    assert refused.cost_usd > 0
    spoken = film.asset(job, "narration:1").product
    assert spoken is not None
    assert spoken.facts["duration_s"] > refused.failure["details"]["voiced_s"]
    assert "remarks" not in spoken.facts


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("border", "bordered_image", "Let it reach all four edges"),
        ("copied_reference", "copied_reference", "compose this scene anew"),
    ],
)
async def test_a_picture_with_a_flaw_that_numbers_tell_is_drawn_again(
    film: AICrew, emulator: Emulator, fault: str, code: str, said: str
) -> None:
    emulator.spoil({"fault": fault, "kind": "image", "scene": 2, "times": 1})

    job = await film.make(script=MARA_TWICE, options=OPTIONS, max_cost_usd=BUDGET_USD)

    assert job.status == "completed"
    [refused] = film.events(Asset.AttemptFailed)
    assert refused.failure["code"] == code
    drawn = film.asset(job, "image:2").product
    assert drawn is not None
    assert "remarks" not in drawn.facts
    sent = film.blobs.get(drawn.provenance["request_digest"]).decode()
    assert said in " ".join(sent.split())


async def test_a_flaw_that_stays_ends_no_film_and_is_remarked(film: AICrew, emulator: Emulator) -> None:
    emulator.spoil({"fault": "border", "kind": "image", "scene": 1, "times": "always"})

    job = await film.make(script=SCRIPT, options={**OPTIONS, "max_images": 1}, max_cost_usd=BUDGET_USD)

    assert job.status == "completed"
    assert [refused.failure["code"] for refused in film.events(Asset.AttemptFailed)] == ["bordered_image"] * 2
    drawn = film.asset(job, "image:1").product
    assert drawn is not None
    assert [remark["code"] for remark in drawn.facts["remarks"]] == ["bordered_image"]


async def test_the_limit_of_cost_holds_where_thoughts_cost(film: AICrew, emulator: Emulator) -> None:
    emulator.spoil(*in_each_document("max_tokens_on_thoughts", times="always"))

    job = await film.make(script=SCRIPT, options=OPTIONS, max_cost_usd=0.05)

    assert job.status == "failed"
    assert job.failure is not None
    spent = sum(asset.spent_usd for asset in film.studio.assets(job).values())
    assert spent <= 0.05
    analysis = film.asset(job, "analysis")
    assert analysis.spent_usd > 0 or not analysis.attempts, "thoughts without an answer are paid for"
