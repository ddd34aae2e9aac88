"""Every answer parses strictly into the newest published protobufs.

They cannot be installed beside google-generativeai, which pins an old release; so they live in an environment
of their own, with google-ai-generativelanguage 0.12 or newer. REELOG_TEST_PROTOBUF_PYTHON names its python;
without it these tests are skipped, and say so.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.actors.emulator.calling import IMAGE, KEEPER, OLD_SPEECH, SPEECH, TEXT, Caller

PYTHON = os.environ.get("REELOG_TEST_PROTOBUF_PYTHON")
PARSER = Path(__file__).with_name("parse_strictly.py")

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="REELOG_TEST_PROTOBUF_PYTHON names no interpreter with the newest protobufs"
)


def parse(messages: list[tuple[str, Any]]) -> list[str]:
    """Errors of a strict parse of (message name, JSON body) pairs, by the other environment's protobufs."""
    lines = "\n".join(json.dumps({"message": name, "body": body}) for name, body in messages)
    assert PYTHON is not None
    done = subprocess.run(
        [PYTHON, str(PARSER)], input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_answers_and_models_parse_strictly(emulator: Caller) -> None:
    answers = [
        emulator.post(TEXT, KEEPER).json(),
        emulator.post(IMAGE).json(),
        emulator.post(SPEECH).json(),
        emulator.post(OLD_SPEECH).json(),
        emulator.post("lyria-3.5", "A 6 second song.").json(),
        emulator.post(TEXT, query="?$alt=json;enum-encoding=int").json(),
        emulator.post(TEXT, config={"thinkingConfig": {"includeThoughts": True}}).json(),
    ]
    for name in ("finish", "blocked", "no_candidates", "thoughts_only"):
        emulator.set_faults({"fault": name})
        answers.append(emulator.post(IMAGE).json())
    emulator.set_faults({"fault": "max_tokens_on_thoughts"})
    answers.append(emulator.post(TEXT).json())
    messages = [("GenerateContentResponse", answer) for answer in answers]
    messages.append(("ListModelsResponse", emulator.get("/v1beta/models").json()))
    assert parse(messages) == []


def test_the_strict_parse_would_notice_an_unknown_field() -> None:
    [error] = parse([("GenerateContentResponse", {"usageMetadata": {"serviceTier": "standard"}})])
    assert "serviceTier" in error
