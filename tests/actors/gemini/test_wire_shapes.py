"""Shapes of the wire that no recording here holds, sent over HTTP through both SDKs and read as they mean.

What is expected stands beside each case (``shapes/``), never computed by the reader's own code.
"""

import asyncio
import io
import json
import wave
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import RootModel

from actors.gemini.gateway import Gateway, WireAnswer
from actors.gemini.reader import (
    ImageAnswer,
    JsonAnswer,
    SpeechAnswer,
    TextAnswer,
    read_image,
    read_json,
    read_speech,
    read_text,
)
from domain.failures import AttemptFailedError, Failure
from tests.actors.gemini.shapes.blocks import KEY, Case, Kind
from tests.actors.gemini.shapes.media import IMAGES, SPEECHES
from tests.actors.gemini.shapes.refusals import REFUSALS
from tests.actors.gemini.shapes.words import DOCUMENTS, TEXTS

MODEL = "gemini-shaped"
CONTENTS = [{"role": "user", "parts": [{"text": "Hello"}]}]


class AnyJson(RootModel[Any]):
    pass


READERS: dict[Kind, Callable[[WireAnswer], Any]] = {
    "text": lambda answer: read_text(answer, MODEL),
    "json": lambda answer: read_json(answer, MODEL, AnyJson),
    "image": lambda answer: read_image(answer, MODEL),
    "speech": lambda answer: read_speech(answer, MODEL),
}
CASES = [*TEXTS, *DOCUMENTS, *IMAGES, *SPEECHES, *REFUSALS]


def of(read: Any) -> dict[str, Any]:
    """What was read, under the names that the cases use."""
    where = read.provenance
    told: dict[str, Any] = {
        "finish": where.finish_reason,
        "output": where.usage.output_tokens,
        "response_id": where.response_id,
        "tokens": where.usage.by_modality,
        "version": where.model_version,
    }
    match read:
        case TextAnswer():
            return told | {"text": read.text}
        case JsonAnswer():
            return told | {"value": read.document.root}
        case ImageAnswer():
            size = (read.width, read.height)
            return told | {
                "size": size,
                "media_type": read.media_type,
                "data": read.data,
                "text": read.text,
            }
        case SpeechAnswer():
            with wave.open(io.BytesIO(read.wav)) as file:
                assert file.getnframes() / file.getframerate() == pytest.approx(read.duration_s)
            return told | {"seconds": pytest.approx(read.duration_s), "rate": read.sample_rate}
    raise AssertionError(read)


def of_failure(failure: Failure) -> dict[str, Any]:
    return {
        "http": failure.http_status,
        "message": failure.message,
        "provider_status": failure.provider_status,
        "retry_after": failure.retry_after_s,
        "retryable": failure.retryable,
        "used": failure.details.get("usage", {}).get("output_tokens"),
    }


@pytest.mark.parametrize("case", CASES, ids=[f"{case.kind}: {case.words}" for case in CASES])
def test_each_shape_is_read_for_what_it_means(
    case: Case, gateway: Gateway, runner: asyncio.Runner, scripted: Any
) -> None:
    scripted.default = scripted.script(case.status, case.sent, case.headers)
    answered = runner.run(gateway.generate(MODEL, CONTENTS, {}, 30))
    assert len(scripted.asked) == 1, "one call is one request"
    if case.cause is None:
        read = of(READERS[case.kind](answered))
        assert {name: read[name] for name in case.read} == case.read
        return
    with pytest.raises(AttemptFailedError) as raised:
        READERS[case.kind](answered)
    failure = raised.value.failure
    found = of_failure(failure)
    said = case.read.get("message", "")
    assert failure.code == case.cause
    assert said in failure.message
    assert {name: found[name] for name in case.read if name != "message"} == {
        name: value for name, value in case.read.items() if name != "message"
    }
    assert failure.hint
    assert KEY not in json.dumps(failure.to_dict())
