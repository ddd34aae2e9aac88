"""The record of paid calls: health of models, and what their answers took."""

from uuid import UUID

import pytest

from domain.expectation import expected, reckoned
from domain.failures import Code, Failure
from domain.script import Kind
from projections.calls import health
from projections.projector import Projector
from projections.readers import ReadModels
from tests.projections.filming import SCRIPT, USAGE, Filming, outage, refusal


def settle(filming: Filming, readers: ReadModels) -> None:
    assert readers.wait_for(filming.head(), 10)


def test_every_paid_call_that_ended_is_on_record_with_its_size_and_tokens(
    filming: Filming, readers: ReadModels, projector: Projector
) -> None:
    assert projector
    job_id: UUID = filming.submit()
    filming.finish(job_id)
    settle(filming, readers)

    [analysis] = readers.calls("emulator", "analysis-model", Kind.ANALYSIS)
    assert (analysis.error, analysis.seconds) == (None, filming.latency_s)
    assert (analysis.sample.text_bytes, analysis.sample.scenes) == (len(SCRIPT.encode()), 2)
    assert analysis.sample.tokens.total == USAGE["total_tokens"]
    narrations = readers.calls("emulator", "narration-model", Kind.NARRATION)
    assert [c.sample.text_bytes for c in narrations] == [len(b"Words of scene 2."), len(b"Words of scene 1.")]
    assert readers.calls("gemini", "analysis-model", Kind.ANALYSIS) == []
    assert readers.calls("emulator", "analysis-model", Kind.ANALYSIS, limit=0) == []


def test_failures_count_against_the_model_with_their_codes(
    filming: Filming, readers: ReadModels, projector: Projector
) -> None:
    assert projector
    filming.faults["image:1"] = [outage(), outage(), refusal()]
    assert filming.finish(filming.submit()) == "failed"
    settle(filming, readers)

    told = health(readers.calls("emulator", "image-model", Kind.IMAGE))
    assert told["errors"] == {"overloaded": 2, "safety": 1}
    assert told["calls"] == 3 + (told["last_success_at"] is not None)
    assert told["last_error_at"] is not None


@pytest.mark.parametrize("code", [Code.CANCELLED, Code.SUPERSEDED])
def test_what_we_ended_ourselves_says_nothing_of_the_model(
    filming: Filming, readers: ReadModels, projector: Projector, code: Code
) -> None:
    assert projector
    filming.faults["image:1"] = [Failure.of(code, "Ended here.", retryable=True)]
    filming.finish(filming.submit())
    settle(filming, readers)
    told = health(readers.calls("emulator", "image-model", Kind.IMAGE))
    assert told["errors"] == {}
    assert told["last_error_at"] is None
    assert told["calls"] > 0


def test_a_model_that_was_never_called_has_no_health_to_tell() -> None:
    assert health([]) == {
        "calls": 0,
        "errors": {},
        "last_success_at": None,
        "last_error_at": None,
        "median_latency_s": None,
    }


def test_expectations_are_reckoned_until_calls_are_on_record_and_corrected_by_them_then(
    filming: Filming, readers: ReadModels, projector: Projector
) -> None:
    assert projector
    plain = reckoned(Kind.ANALYSIS, 4000, 5)
    assert expected(Kind.ANALYSIS, 4000, 5, []) == (plain, False)
    filming.finish(filming.submit())
    settle(filming, readers)
    samples = [call.sample for call in readers.calls("emulator", "analysis-model", Kind.ANALYSIS)]

    same, measured = expected(Kind.ANALYSIS, len(SCRIPT.encode()), 2, samples)
    longer, _ = expected(Kind.ANALYSIS, 4000, 5, samples)

    assert measured
    assert (same.prompt, same.output) == (USAGE["prompt_tokens"], USAGE["output_tokens"])
    assert same.output < longer.output < plain.output
