"""Every class of failure at every AI stage: told in full, retried where that may help, never papered over."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from actors.director.throttle import Limit, Throttle
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
from domain.asset import Asset
from domain.causes import CAUSES, Code
from domain.failures import Failure, passes_by_itself
from domain.job import Job
from domain.script import PROVIDER_KINDS, Stage
from tests.matrix.ai_crew import AI_STAGES, KEY, AICrew, assert_nothing_is_faked
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow

DOCUMENT_STAGES = (Stage.SCRIPT_ANALYSIS, Stage.PROMPT_GENERATION, Stage.AUDIO_PLANNING)
IMAGES, SPEECH = (Stage.IMAGE_GENERATION,), (Stage.NARRATION,)
FIRST_ASSET = {
    Stage.SCRIPT_ANALYSIS: "analysis",
    Stage.PROMPT_GENERATION: "storyboard",
    Stage.IMAGE_GENERATION: "image:1",
    Stage.AUDIO_PLANNING: "audio_plan",
    Stage.NARRATION: "narration:1",
}
WAIT_S = 0.02
"""What the provider asks for in a RetryInfo."""


@dataclass(frozen=True)
class Case:
    """A fault, in words; the code it must be told by; where it can happen."""

    words: str
    fault: str
    code: Code
    stages: tuple[Stage, ...] = AI_STAGES
    more: dict[str, Any] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)
    """What the job asks for, where that matters."""
    quick: bool = False

    @property
    def answered(self) -> bool:
        """Whether an HTTP answer came."""
        return self.fault not in ("disconnect", "disconnect_after_headers", "hang")

    @property
    def refused(self) -> bool:
        return self.fault[:3].isdigit()


def _finish(reason: str, code: Code, stages: tuple[Stage, ...] = AI_STAGES) -> Case:
    return Case(f"an end for {reason}", "finish", code, stages, {"reason": reason})


CASES = [
    Case("a refused request", "400", Code.BAD_REQUEST, (*DOCUMENT_STAGES, *IMAGES)),
    Case("a speech model that refuses without a word", "400", Code.SPEECH_REFUSED, SPEECH, quick=True),
    Case("a speech model that wrote", "400_tts_wrote", Code.SPEECH_REFUSED, SPEECH),
    Case("an unknown field told in a list", "400_unknown_field_list", Code.BAD_REQUEST),
    Case("an invalid key", "400_api_key_invalid", Code.INVALID_API_KEY, quick=True),
    Case("an expired key", "400_api_key_expired", Code.INVALID_API_KEY),
    Case("a country that is not served", "400_location", Code.REGION_NOT_SUPPORTED),
    Case("a prompt that is too long", "400_too_long", Code.PROMPT_TOO_LONG),
    Case("a model that cannot answer so", "400_modalities", Code.UNSUPPORTED_MODALITY),
    Case("a project without access", "403", Code.ACCESS_DENIED),
    Case("a leaked key", "403_leaked", Code.API_KEY_LEAKED),
    Case("an API that is switched off", "403_disabled", Code.API_NOT_ENABLED),
    Case("a suspended account", "403_suspended", Code.ACCOUNT_SUSPENDED),
    Case("a model that is gone", "404", Code.MODEL_NOT_FOUND),
    Case("an error of an unknown status", "409", Code.UNKNOWN_ERROR),
    Case("too many requests a minute", "429", Code.RATE_LIMITED, more={"seconds": WAIT_S}),
    Case("a 429 without details", "429_bare", Code.RATE_LIMITED),
    Case("a day's quota used up", "429_per_day", Code.QUOTA_EXHAUSTED_TODAY, more={"seconds": 28}),
    Case("a quota of zero", "429_limit_0", Code.QUOTA_ZERO, more={"seconds": 28}),
    Case("credits used up", "429_credits", Code.BILLING_REQUIRED),
    Case("a month's spending cap", "429_spending_cap", Code.BILLING_REQUIRED),
    Case("an inner error", "500", Code.PROVIDER_ERROR),
    Case("an overloaded model", "503", Code.OVERLOADED),
    Case("an overloaded model told in a list", "503_list", Code.OVERLOADED),
    Case("a deadline of the provider's own", "504", Code.PROVIDER_TIMEOUT),
    Case(
        "a blocked prompt", "blocked", Code.PROMPT_BLOCKED, more={"reason": "PROHIBITED_CONTENT"}, quick=True
    ),
    Case(
        "a prompt blocked for an unknown reason", "blocked", Code.PROMPT_BLOCKED, more={"reason": "JAILBREAK"}
    ),
    _finish("SAFETY", Code.SAFETY),
    _finish("RECITATION", Code.RECITATION),
    _finish("PROHIBITED_CONTENT", Code.PROHIBITED_CONTENT),
    _finish("BLOCKLIST", Code.BLOCKLIST),
    _finish("SPII", Code.SPII),
    _finish("LANGUAGE", Code.LANGUAGE),
    _finish("OTHER", Code.STOPPED_FOR_OTHER_REASON),
    _finish("MODEL_ARMOR", Code.MODEL_ARMOR),
    _finish("MALFORMED_RESPONSE", Code.MALFORMED_RESPONSE),
    _finish("UNEXPECTED_TOOL_CALL", Code.UNUSABLE_TOOL_CALL),
    _finish("MAX_TOKENS", Code.ANSWER_TRUNCATED),
    _finish("ESCALATION", Code.UNKNOWN_FINISH_REASON),
    _finish("IMAGE_SAFETY", Code.IMAGE_SAFETY, IMAGES),
    _finish("IMAGE_PROHIBITED_CONTENT", Code.IMAGE_PROHIBITED_CONTENT, IMAGES),
    _finish("IMAGE_RECITATION", Code.IMAGE_RECITATION, IMAGES),
    _finish("IMAGE_OTHER", Code.IMAGE_OTHER, IMAGES),
    _finish("NO_IMAGE", Code.NO_IMAGE, IMAGES),
    Case("no candidates", "no_candidates", Code.EMPTY_ANSWER, DOCUMENT_STAGES),
    Case("no candidates", "no_candidates", Code.NO_IMAGE, IMAGES),
    Case("no candidates", "no_candidates", Code.NO_SPEECH, SPEECH),
    Case("an empty list of candidates", "empty_candidates", Code.EMPTY_ANSWER, DOCUMENT_STAGES),
    Case("an empty list of candidates", "empty_candidates", Code.NO_IMAGE, IMAGES),
    Case("an empty list of candidates", "empty_candidates", Code.NO_SPEECH, SPEECH),
    Case("an empty body", "empty_body", Code.EMPTY_ANSWER),
    Case("a page of a proxy", "not_json", Code.MALFORMED_BODY),
    Case("plain words", "text_only", Code.MALFORMED_ANSWER, DOCUMENT_STAGES),
    Case("words in place of a picture", "text_only", Code.NO_IMAGE, IMAGES, quick=True),
    Case("words in place of speech", "text_only", Code.NO_SPEECH, SPEECH),
    Case("thoughts alone", "thoughts_only", Code.EMPTY_ANSWER, DOCUMENT_STAGES),
    Case("thoughts alone", "thoughts_only", Code.NO_IMAGE, IMAGES),
    Case("thoughts alone", "thoughts_only", Code.NO_SPEECH, SPEECH),
    Case("JSON cut short", "truncated_json", Code.MALFORMED_ANSWER, DOCUMENT_STAGES, quick=True),
    Case("JSON of another shape", "schema_mismatch", Code.SCHEMA_MISMATCH, DOCUMENT_STAGES),
    Case("a lost sentence", "missing_sentence", Code.SCRIPT_NOT_COVERED, (Stage.SCRIPT_ANALYSIS,)),
    Case(
        "another language than was asked for",
        "wrong_language",
        Code.WRONG_LANGUAGE,
        (Stage.SCRIPT_ANALYSIS,),
        job={"language": "en"},
    ),
    Case("a scene too many", "wrong_scene_count", Code.WRONG_SCENE_COUNT, DOCUMENT_STAGES[1:]),
    Case("a voice that was not offered", "unknown_voice", Code.INCONSISTENT_ANSWER, (Stage.AUDIO_PLANNING,)),
    Case("bad base64", "bad_base64", Code.MALFORMED_IMAGE, IMAGES),
    Case("bad base64", "bad_base64", Code.MALFORMED_SPEECH, SPEECH),
    Case("a picture of the wrong shape", "wrong_aspect", Code.WRONG_ASPECT, IMAGES),
    Case("a picture of half the size", "small_image", Code.IMAGE_TOO_SMALL, IMAGES),
    Case("silence", "silent_audio", Code.SILENT_SPEECH, SPEECH, quick=True),
    Case("a tenth of a second, before the first word", "short_audio", Code.SILENT_SPEECH, SPEECH),
    Case("the same over and over", "rambling_audio", Code.IMPLAUSIBLE_LENGTH, SPEECH),
    Case("a connection that is cut", "disconnect", Code.CONNECTION_LOST),
    Case("a connection cut in mid-answer", "disconnect_after_headers", Code.CONNECTION_LOST),
    Case("no answer in time", "hang", Code.TIMEOUT, more={"seconds": 20}),
]
ELSEWHERE = {
    Code.CONNECTION_FAILED: "below",
    Code.LOST_CALL_NOT_REPEATED: "below",
    Code.CAPABILITY_MISSING: "test_two_sdks.py",
    Code.OVER_BUDGET: "tests/domain, tests/actors: no call is made",
    Code.UNPRICED_MODEL: "as above",
    Code.CALL_LOST: "tests/crash: a worker dies",
    Code.SCHEMA_REFUSED: "tests/actors/gemini/test_reader.py, tests/actors/work/test_next_attempt.py",
    Code.BORDERED_IMAGE: "test_like_google.py: asked for again, and no film ends for it",
    Code.COPIED_REFERENCE: "as above",
    Code.SWALLOWED_SENTENCE: "as above",
    Code.MALFORMED_SHOT: "tests/actors/stages/test_animator.py",
    Code.EMPTY_SHOT: "as above",
    Code.STILL_SHOT: "as above",
    Code.SHOT_TOO_SHORT: "as above",
    Code.OTHER_FIRST_FRAME: "as above",
    Code.CUT_IN_SHOT: "as above",
    Code.NO_MUSIC: "tests/actors/stages/test_song.py",
    Code.MALFORMED_MUSIC: "as above",
    Code.SILENT_MUSIC: "as above",
    Code.MUSIC_TOO_SHORT: "as above",
    Code.DISTORTED_MUSIC: "as above",
    Code.NO_SHOT: "tests/actors/work/test_accepted_call_emulated.py",
}
"""What a model or its provider can cause, and no fault of the emulator shows."""
NO_MODEL_AT_WORK = {
    Code.BLOB_STORE_FULL,
    Code.BLOB_STORE_UNAVAILABLE,
    Code.BLOB_MISSING,
    Code.RENDER_FAILED,
    Code.MISSING_GLYPHS,
    Code.QUALITY_CHECK_FAILED,
    Code.LENGTH_NOT_MET,
    Code.INTERNAL_ERROR,
    Code.ATTEMPTS_EXHAUSTED,
    Code.DEPENDENCY_FAILED,
    Code.CANCELLED,
    Code.WITHDRAWN,
    Code.SUPERSEDED,
    Code.OUTDATED_REQUEST,
}
EVERY = [(case, stage) for case in CASES for stage in case.stages]
PASSING = [(case, stage) for case, stage in EVERY if CAUSES[case.code].attempts > 1]


def _named(pairs: list[tuple[Case, Stage]], outcome: str) -> list[Any]:
    return [
        pytest.param(
            case,
            stage,
            id=f"{case.words} at {stage.value} {outcome.format(code=case.code.value)}",
            marks=() if case.quick else pytest.mark.slow,
        )
        for case, stage in pairs
    ]


def test_every_cause_that_a_model_can_give_is_in_the_matrix() -> None:
    """A cause that is added to the table must be shown here, or be said to be shown elsewhere."""
    shown = {case.code for case in CASES}
    assert not shown & (ELSEWHERE.keys() | NO_MODEL_AT_WORK)
    assert shown | ELSEWHERE.keys() | NO_MODEL_AT_WORK == set(Code)


@pytest.mark.parametrize(("case", "stage"), _named(EVERY, "fails the job as {code}"))
async def test_for_good(
    film: AICrew, emulator: Emulator, impatient: Callable[[], None], case: Case, stage: Stage
) -> None:
    emulator.spoil({"fault": case.fault, "stage": stage.value, "times": "always", **case.more})
    if case.fault == "hang":
        impatient()

    job = await film.make(**case.job)

    attempts = film.asset(job, FIRST_ASSET[stage]).attempts
    assert job.status == "failed"
    assert job.failure is not None
    if passes_by_itself(job.failure):
        assert len(attempts) > 1, "tried again for as long as the job is patient"
    else:
        assert len(attempts) == CAUSES[case.code].attempts
    _is_told_in_full(film, job.failure, case, stage, attempt=len(attempts))
    for attempt in attempts:
        assert attempt.failure is not None
        _is_told_in_full(film, attempt.failure, case, stage, attempt=attempt.number)
    _nothing_follows_the_failure(film, job, stage)
    _every_call_is_on_record(film, emulator)
    assert_nothing_is_faked(film)


@pytest.mark.parametrize(("case", "stage"), _named(PASSING, "is tried again and the film goes on"))
async def test_once(
    film: AICrew, emulator: Emulator, impatient: Callable[[], None], case: Case, stage: Stage
) -> None:
    emulator.spoil({"fault": case.fault, "stage": stage.value, "times": 1, **case.more})
    if case.fault == "hang":
        impatient()

    job = await film.make(**case.job)

    asset = film.asset(job, FIRST_ASSET[stage])
    assert job.status == "completed", job.failure
    assert [attempt.status for attempt in asset.attempts] == ["failed", "succeeded"]
    first = asset.attempts[0]
    assert first.failure is not None
    _is_told_in_full(film, first.failure, case, stage, attempt=1)
    assert first.retry_at is not None
    assert first.ended_at is not None
    assert asset.attempts[1].started_at >= first.retry_at, "the wait was decided, recorded and kept"
    if first.failure.retry_after_s is not None:
        assert (first.retry_at - first.ended_at).total_seconds() >= first.failure.retry_after_s
    _every_call_is_on_record(film, emulator)
    assert_nothing_is_faked(film)


# ---- what must hold of every failure ----------------------------------------------------------------


def _is_told_in_full(film: AICrew, failure: Failure, case: Case, stage: Stage, *, attempt: int) -> None:
    """Every field that can be known is filled."""
    told = (failure.code, failure.stage, failure.asset, failure.attempt)
    assert told == (case.code, stage.value, FIRST_ASSET[stage], attempt)
    assert failure.message
    assert failure.hint
    assert failure.model is not None
    assert failure.model.startswith("gemini-")
    assert failure.elapsed_s is not None
    assert failure.retryable == (CAUSES[case.code].attempts > 1)
    assert failure.prompt_digest is not None
    request = film.blobs.get(failure.details["request_digest"]).decode()
    assert failure.model in request
    if not case.answered:
        assert (failure.http_status, failure.raw_digest) == (None, None)
        assert failure.may_have_been_billed
        return
    assert failure.raw_digest or case.fault == "empty_body"
    if case.refused:
        assert failure.http_status == int(case.fault[:3])
        assert failure.provider_status
        assert failure.may_have_been_billed == CAUSES[case.code].billed
        if "seconds" in case.more:
            assert failure.retry_after_s == case.more["seconds"]
        return
    assert failure.http_status == 200
    if case.fault in ("empty_body", "not_json"):
        return
    assert failure.response_id
    assert failure.details["model_version"]
    assert failure.details["usage"]["prompt_tokens"] > 0
    assert failure.may_have_been_billed, "its tokens were counted"
    if "reason" in case.more:
        assert failure.finish_reason == case.more["reason"]


def _nothing_follows_the_failure(film: AICrew, job: Job, stage: Stage) -> None:
    """No asset is begun that needs what failed; what was made is kept; the end comes last."""
    assets = film.studio.assets(job)
    failed = film.asset(job, FIRST_ASSET[stage])
    assert failed.product is None
    assert not any(asset.open_attempt for asset in assets.values())
    assert not [asset.key.name for asset in assets.values() if failed.key.name in asset.inputs]
    history = [r.event for r in film.log.read(0, 10_000)]
    assert isinstance(history[-1], Job.Failed)
    end = next(n for n, event in enumerate(history) if isinstance(event, Asset.Failed))
    assert not any(isinstance(event, Asset.Requested) for event in history[end:])


def _every_call_is_on_record(film: AICrew, emulator: Emulator) -> None:
    """As many attempts of AI assets were begun as the emulator was sent requests."""
    paid = {
        asset.id
        for job in film.jobs()
        for asset in film.studio.assets(job).values()
        if asset.key.kind in PROVIDER_KINDS
    }
    started = [event for event in film.events(Asset.AttemptStarted) if event.originator_id in paid]
    assert len(started) == len(emulator.calls()) == len(film.gateway.asked)


# ---- what no fault of the emulator can show ---------------------------------------------------------


async def test_a_provider_that_cannot_be_reached_fails_the_job_unbilled(film: AICrew) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and nobody listens
        unreachable = open_gateway(
            GatewaySettings(SecretStr(KEY), f"http://127.0.0.1:{held.getsockname()[1]}")
        )
        film.gateway.send_through(unreachable)
        job = await film.make()
        await unreachable.close()

    assert job.failure is not None
    assert (job.status, job.failure.code) == ("failed", "connection_failed")
    assert len(film.asset(job, "analysis").attempts) > 1
    assert not job.failure.may_have_been_billed
    assert film.asset(job, "analysis").spent_usd == 0
    assert_nothing_is_faked(film)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hang", "disconnect"])
async def test_a_job_that_asks_not_to_repeat_lost_calls_pays_for_one(
    film: AICrew, emulator: Emulator, impatient: Callable[[], None], fault: str
) -> None:
    emulator.spoil({"fault": fault, "stage": "image_generation", "times": "always"})
    if fault == "hang":
        impatient()
    job = await film.make(options={"on_lost_call": "stop"})

    image = film.asset(job, "image:1")
    assert job.status == "failed"
    assert [attempt.status for attempt in image.attempts] == ["failed"]
    assert image.spent_usd == image.recipe.reservation_usd, "what it may have cost"
    assert job.failure is not None
    assert job.failure.hint == CAUSES[Code.LOST_CALL_NOT_REPEATED].hint
    assert_nothing_is_faked(film)


FIVE_SCENES = (
    "A lighthouse stands above the grey sea, on a rock where nothing grows and nobody else has lived.\n\n"
    "Its keeper climbs the winding stairs and lights the lamp at dusk, as she has done every single day.\n\n"
    "In the morning a ship comes home from the south, and the keeper waves to its crew from the gallery.\n\n"
    "The captain lifts his cap and blows the horn three times, so that all the gulls rise from the rock.\n\n"
    "Then the sea is quiet again, and the keeper goes down to make tea and to write in her old book."
)


async def test_a_voice_that_swallows_half_of_a_scene_is_heard_by_the_films_pace(
    film: AICrew, emulator: Emulator
) -> None:
    emulator.spoil({"fault": "swallowed_audio", "stage": "narration", "nth": 4, "times": 1})
    # One at a time: there must be other narrations by which the pace is known.
    async with film.directing(throttle=Throttle(Limit(concurrency=1))):
        job = film.submit(script=FIVE_SCENES, options={"max_scenes": 5})
        await film.until_ended(job)

    assert film.studio.job(job.id).status == "completed"
    [refused] = film.events(Asset.AttemptFailed)
    assert refused.failure["code"] == "implausible_length"
    assert "the film's other narrations (3 compared)" in refused.failure["message"]
    assert refused.cost_usd > 0
    rates = [
        event.facts["speech_rate"] for event in film.events(Asset.Generated) if "duration_s" in event.facts
    ]
    assert len(rates) == 5
    assert max(rates) < 1.3 * min(rates)
    assert_nothing_is_faked(film)


async def test_json_in_a_fence_is_read_at_once(film: AICrew, emulator: Emulator) -> None:
    emulator.spoil({"fault": "fenced_json", "kind": "text", "times": "always"})
    job = await film.make()
    assert job.status == "completed"
    assert film.events(Asset.AttemptFailed) == []
    assert_nothing_is_faked(film)
