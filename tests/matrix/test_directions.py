"""``[[fault: …]]`` in a script shows an error from end to end, for people who want to see one."""

import pytest

from domain.script import Kind
from tests.matrix.ai_crew import SCRIPT, AICrew, assert_nothing_is_faked
from tests.matrix.conftest import Emulator

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("direction", "code", "asset"),
    [
        ("[[fault: 400_api_key_invalid script_analysis]]", "invalid_api_key", "analysis"),
        ("[[fault: blocked prompt_generation reason=SAFETY]]", "prompt_blocked", "storyboard"),
        ("[[fault: finish image_generation reason=IMAGE_SAFETY times=always]]", "image_safety", "image:1"),
        ("[[fault: truncated_json audio_planning times=always]]", "malformed_answer", "audio_plan"),
        ("[[fault: silent_audio narration times=always]]", "silent_speech", "narration:1"),
    ],
)
async def test_a_direction_fails_the_job_with_its_error(
    film: AICrew, direction: str, code: str, asset: str
) -> None:
    job = await film.make(script=f"{direction} {SCRIPT}")

    assert job.failure is not None
    assert (job.status, job.failure.code, job.failure.asset) == ("failed", code, asset)
    assert_nothing_is_faked(film)


async def test_a_direction_that_passes_is_seen_in_the_events_and_never_spoken(
    film: AICrew, emulator: Emulator
) -> None:
    job = await film.make(script=f"{SCRIPT} [[fault: 429 image_generation times=1 seconds=0.02]]")

    assert job.status == "completed"
    image = film.asset(job, "image:1")
    assert [attempt.status for attempt in image.attempts] == ["failed", "succeeded"]
    analysis = film.asset(job, "analysis").product
    assert analysis is not None
    assert "fault" not in str(analysis.facts)
    for key, asset in film.studio.assets(job).items():
        if key.kind in (Kind.IMAGE, Kind.NARRATION):
            prompt = film.blobs.get(asset.recipe.prompt_digest or "")
            assert b"fault" not in prompt
    assert 429 in [call["status"] for call in emulator.calls()]


@pytest.mark.slow
async def test_any_other_direction_is_left_out_of_what_is_spoken(film: AICrew) -> None:
    job = await film.make(script=f"[[slow zoom on the lamp]]\n{SCRIPT}")
    assert job.status == "completed", job.failure
    analysis = film.asset(job, "analysis").product
    assert analysis is not None
    assert "zoom" not in str([scene["text"] for scene in analysis.facts["scenes"]])
